package split

import (
	"slices"
	"strings"
)

// silent are commands that leave no file behind, or none that stays.
var silent = words(`true : [ test echo printf set cd pushd popd ls cat export unset exit exec trap umask ulimit sleep date whoami id uname which type command env pwd
	file sha256sum sha512sum sha1sum md5sum gpg gpgconf wait read grep egrep fgrep awk gawk head tail wc sort uniq cut tr diff cmp  stat du df free nproc hostname basename dirname
	realpath readlink expr seq  dpkg-query dpkg-architecture gofmt golangci-lint staticcheck gotestsum ctest  rustup shellcheck eslint
	 strings nm ldd readelf objdump size tree less more hexdump xxd jq yq bc ps kill killall time source . alias readonly local shift return
	apt-mark apt-cache apt-key locale getconf shasum nl`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(s) {
		out[word] = true
	}
	return out
}

// does takes one command by its name. own is the name as written.
func (w *walk) does(c *cmd, own string) {
	if strings.Contains(own, "/") && !strings.HasPrefix(own, "/bin/") && !strings.HasPrefix(own, "/usr/") && !slices.Contains([]string{"configure", "mvnw", "gradlew"}, c.name) {
		w.ownProgram(c, own)
		return
	}
	switch name := c.name; {
	case name == "cd" || name == "pushd":
		w.cd(c)
	case name == "export":
		w.export(c)
	case name == "git":
		w.git(c)
	case name == "find" || name == "xargs":
		w.find(c)
	case silent[name]:
	case name == "apt-get" || name == "apt" || name == "apk" || name == "aptitude":
		w.system(c)
	case name == "dpkg" && c.has("--print-architecture", "-l", "--add-architecture", "-s", "--version"):
	case slices.Contains([]string{"useradd", "groupadd", "adduser", "addgroup", "usermod", "gpasswd"}, name):
		w.account(c)
	case name == "mkdir":
		w.mkdir(c)
	case name == "rm" || name == "rmdir":
		for _, a := range c.operands() {
			c.known(a)
			if c.always() {
				w.files.remove(w.abs(a.s))
			} else if at := w.abs(a.s); w.files.has(at) && !w.files.within(at, func(e *entry) bool { return e.whole || e.trash }) {
				refuse("`%s` may take a file away, or not", clip(c.text))
			}
		}
	case name == "cp" || name == "mv" || name == "install" || name == "ln":
		w.transfer(c)
	case name == "chmod" || name == "chown" || name == "chgrp":
		w.attributes(c)
	case name == "touch" || name == "tee" || name == "truncate" || name == "gzip" || name == "strip" || name == "upx" || name == "patchelf" || name == "sqlite3" || name == "setcap":
		w.edits(c)
	case name == "sed" || name == "perl":
		w.sed(c)
	case name == "curl" || name == "wget":
		w.download(c)
	case name == "tar" || name == "unzip":
		w.unpack(c)
	case name == "ldconfig":
		w.again("ldconfig")
	case name == "update-ca-certificates":
		if w.files.isDir("/usr/local/share/ca-certificates") && w.certificates() {
			w.again("update-ca-certificates")
			w.needPackage("ca-certificates")
		}
	case w.compile(c):
	default:
		refuse("`%s` may write anything", clip(c.text))
	}
}

// ownProgram is a program of the project or one that the build has made.
func (w *walk) ownProgram(c *cmd, own string) {
	at := w.abs(own)
	dir := w.dir
	if w.files.isSystem(dir) {
		refuse("`%s` may write anything", clip(c.text))
	}
	if e := w.files.at[at]; e != nil && e.from != "" && strings.HasSuffix(at, ".sh") {
		refuse("%s, which RUN runs, may write anything", e.from)
	}
	refuse("`%s` may write anything", clip(c.text))
}

func (w *walk) cd(c *cmd) {
	ops := c.operands()
	if len(ops) == 0 {
		w.dir = "/root"
		return
	}
	c.known(ops[0])
	if ops[0].glob || c.args[0].s == "-" {
		refuse("`%s` goes where only the shell knows", clip(c.text))
	}
	w.dir = w.abs(ops[0].s)
}

func (w *walk) export(c *cmd) {
	for _, a := range c.args {
		if name, value, ok := strings.Cut(a.s, "="); ok && a.ok {
			w.vars[name] = value
		} else if ok {
			w.vars[name] = "\x00"
		}
	}
}

func (w *walk) git(c *cmd) {
	ops := c.operands("-b", "--branch", "--depth", "-C", "-c", "-o")
	if len(ops) == 0 {
		return
	}
	switch ops[0].s {
	case "clone":
		if len(ops) < 2 {
			return
		}
		c.known(ops[1])
		to := strings.TrimSuffix(lastOf(ops[1].s), ".git")
		if len(ops) > 2 {
			c.known(ops[2])
			to = ops[2].s
		}
		w.files.opaque(w.abs(to))
		w.files.at[w.abs(to)].unread = true
	case "config", "version", "rev-parse", "describe", "log", "status", "--version":
	default:
		if w.files.isSystem(w.dir) {
			refuse("`%s` may write anything", clip(c.text))
		}
		w.files.opaque(w.dir)
	}
}

// find changes nothing unless it is told to: then it is in folders of its own.
func (w *walk) find(c *cmd) {
	if c.name == "xargs" {
		refuse("`%s` works on files that only the shell knows", clip(c.text))
	}
	for _, a := range c.args {
		switch a.s {
		case "-delete", "-exec", "-execdir", "-ok", "-fprint":
			refuse("`%s` works on files that only the shell knows", clip(c.text))
		}
	}
}

// account is a command that makes users or groups: it is said again in the last
// stage.
func (w *walk) account(c *cmd) {
	if !c.always() {
		refuse("`%s` may make a user, or not", clip(c.text))
	}
	system := c.has("-r", "--system", "-S") || strings.Contains(" "+c.text, " -rm") || strings.Contains(c.text, " -Sr") || c.has("-DS", "-SD", "-SDH", "-DSH", "-rg", "-mr")
	number := "-u"
	if strings.HasPrefix(c.name, "group") || c.name == "addgroup" {
		number = "-g"
	}
	given := slices.ContainsFunc(c.args, func(a arg) bool {
		return a.s == number || strings.HasPrefix(a.s, number+"1") || strings.HasPrefix(a.s, "--uid") || strings.HasPrefix(a.s, "--gid") && number == "-g"
	})
	if system && !given {
		w.loose = true
	}
	if !slices.ContainsFunc(w.needs, func(n need) bool { return n.name == c.name }) {
		w.needs = append(w.needs, need{c.name, "RUN"})
	}
	if text := w.plan.Before[w.in]; text != "" {
		w.plan.Before[w.in] = text + " && " + c.text
	} else {
		w.plan.Before[w.in] = c.text
	}
	for _, a := range c.operands("-u", "-g", "-G", "-s", "-d", "-c", "--uid", "--gid", "--shell", "--home", "--gecos", "--ingroup", "-h", "--home-dir", "--groups") {
		w.users[a.s] = true
	}
}

// mkdir makes folders for somebody.
func (w *walk) mkdir(c *cmd) {
	for _, a := range c.operands("-m", "--mode", "-Z") {
		c.known(a)
		for _, name := range braces(a.s) {
			at := w.abs(name)
			if w.files.isSystem(at) {
				continue
			}
			if !c.always() && !w.files.has(at) {
				refuse("`%s` may make a folder, or not", clip(c.text))
			}
			w.files.mkdir(at).made = true
		}
	}
}

func braces(s string) []string {
	if strings.ContainsAny(s, "{}*?") {
		refuse("the folder %s is known to the shell only", s)
	}
	return []string{s}
}

// again notes a command that the last stage has to run too.
func (w *walk) again(text string) {
	if !slices.Contains(w.plan.After, text) {
		w.plan.After = append(w.plan.After, text)
	}
}

func (w *walk) download(c *cmd) {
	name, given := c.option("-o", "-O", "--output", "--output-document")
	switch {
	case given && (name == "-" || name == "/dev/null"):
		return
	case given && c.name == "curl" && c.has("-O"), !given && (c.name == "wget" || c.has("-O", "--remote-name", "-LO", "-fLO", "-sLO", "-OL", "-fsSLO", "-sSLO")):
		for _, a := range c.operands("-H", "--header", "-A", "--retry", "-P") {
			c.known(a)
			w.writes(c, arg{lastOf(a.s), true, false})
		}
	case given:
		w.writes(c, arg{name, true, false})
	case c.name == "curl" && slices.ContainsFunc(c.args, func(a arg) bool {
		return strings.HasPrefix(a.s, "-") && !strings.HasPrefix(a.s, "--") && strings.HasSuffix(a.s, "o")
	}):
		for i, a := range c.args {
			if strings.HasPrefix(a.s, "-") && strings.HasSuffix(a.s, "o") && i+1 < len(c.args) {
				w.writes(c, c.args[i+1])
			}
		}
	}
}

func (w *walk) unpack(c *cmd) {
	if c.name == "tar" && len(c.args) > 0 && strings.Contains(strings.SplitN(c.args[0].s, "=", 2)[0], "c") && !strings.Contains(c.args[0].s, "x") {
		if name, ok := c.option("-f"); ok {
			w.writes(c, arg{name, true, false})
			return
		}
		refuse("`%s` is not understood", clip(c.text))
	}
	to, given := c.option("-C", "--directory", "-d")
	if !given {
		to = "."
	}
	at := w.abs(to)
	if w.files.isSystem(at) && !inTemporary(at) {
		refuse("what `%s` unpacks into %s is not known", clip(c.text), at)
	}
	if !w.files.isSystem(at) {
		w.files.opaque(at)
		w.files.at[at].unread = true
	}
}

// certificates reports whether the file brings certificates of its own.
func (w *walk) certificates() bool {
	return slices.ContainsFunc(w.files.paths(), func(p string) bool { return strings.HasPrefix(p, "/usr/local/share/ca-certificates/") })
}
