package split

import (
	"path"
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

// transfer is cp, mv, install and ln.
func (w *walk) transfer(c *cmd) {
	ops := c.operands("-m", "--mode", "-o", "--owner", "-g", "--group", "-t", "--target-directory", "-S")
	if c.name == "install" && c.has("-d", "--directory") {
		w.mkdir(c)
		return
	}
	dest, into := c.option("-t", "--target-directory")
	switch {
	case into:
	case len(ops) < 2 && c.name == "ln" && len(ops) == 1:
		c.known(ops[0])
		dest, into = w.dir, true
	case len(ops) < 2:
		refuse("`%s` is not understood", clip(c.text))
	default:
		last := ops[len(ops)-1]
		c.known(last)
		if last.glob {
			refuse("`%s` goes where only the shell knows", clip(c.text))
		}
		dest, ops = last.s, ops[:len(ops)-1]
		into = strings.HasSuffix(dest, "/") || dest == "." || len(ops) > 1 || w.files.isDir(w.abs(dest)) || ops[0].glob
	}
	at := w.abs(dest)
	for _, src := range ops {
		c.known(src)
		from := w.abs(src.s)
		to := at
		if into {
			to = path.Join(at, lastOf(from))
		}
		w.moved(c, from, to, src, at, into)
	}
}

// moved takes one source of cp, mv, install or ln.
func (w *walk) moved(c *cmd, from, to string, src arg, at string, into bool) {
	if c.name == "ln" {
		w.linked(c, src.s, to)
		return
	}
	if src.glob || strings.HasSuffix(src.s, "/.") {
		if w.files.isSystem(at) {
			refuse("`%s` brings files into %s that only the shell knows", clip(c.text), at)
		}
		w.files.opaque(at)
		if c.name == "mv" {
			w.files.remove(from)
		}
		return
	}
	folder := w.files.isDir(from) || strings.HasSuffix(src.s, "/")
	recursive := c.has("-r", "-R", "-a", "--recursive", "--archive", "-rf", "-fr", "-ra", "-rp", "-Rp", "-av", "-rv", "-pr", "-p")
	e := w.writes(c, arg{to, true, false})
	if (folder || recursive) && c.name != "install" {
		e.dir, e.whole = true, true // a COPY to the same path is right for a file as well
	}
	if c.name == "mv" {
		w.files.remove(from)
	}
}

// linked is a symbolic link, which is made again: COPY would follow it.
func (w *walk) linked(c *cmd, target, to string) {
	if strings.HasSuffix(to, ".so") && (strings.HasPrefix(to, "/usr/") || strings.HasPrefix(to, "/lib")) {
		return // for linkers only
	}
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(to), target)
	}
	if w.files.within(path.Dir(to), func(e *entry) bool { return e.dir }) && !w.files.isSystem(path.Dir(to)) {
		w.files.opaque(path.Dir(to))
		return
	}
	if !c.has("-s", "-sf", "-sfn", "-snf", "-fs") {
		w.writes(c, arg{to, true, false})
		return
	}
	if !c.always() {
		refuse("`%s` may make a link, or not", clip(c.text))
	}
	w.again("ln -sf " + target + " " + to)
	e := w.files.put(to, "")
	e.trash = true
	if strings.HasPrefix(target, "/usr/share/zoneinfo/") {
		w.needPackage("tzdata")
		return
	}
	if own := w.files.at[target]; own == nil && !w.files.has(target) {
		w.needs = append(w.needs, need{target, "`" + clip(c.text) + "`"})
	}
}

// again notes a command that the last stage has to run too.
func (w *walk) again(text string) {
	if !slices.Contains(w.plan.After, text) {
		w.plan.After = append(w.plan.After, text)
	}
}

// attributes are chmod, chown and chgrp.
func (w *walk) attributes(c *cmd) {
	ops := c.operands()
	if len(c.args) > 0 && strings.HasPrefix(c.args[0].s, "-") && len(ops) < 2 && c.name == "chmod" {
		refuse("`%s` is not understood", clip(c.text))
	}
	if len(ops) < 2 {
		refuse("`%s` is not understood", clip(c.text))
	}
	for _, a := range ops[1:] {
		c.known(a)
		at := w.abs(a.s)
		if a.glob {
			at = path.Dir(at)
			if strings.ContainsAny(at, "*?[") || w.files.isSystem(at) {
				refuse("`%s` changes files that only the shell knows", clip(c.text))
			}
		}
		if w.files.isSystem(at) || !w.files.has(at) && !w.files.isDir(at) {
			refuse("`%s` changes %s, which is not known to be the file's own", clip(c.text), at)
		}
		again := c.name + " " + w.raw(c, ops[0]) + " "
		if c.name != "chmod" && !a.glob {
			all := again
			if c.has("-R", "--recursive") {
				all = c.name + " -R " + w.raw(c, ops[0]) + " "
			}
			w.owners = append(w.owners, ownership{at, all + at})
		}
		w.files.touched = true
		for p, e := range w.files.at {
			inside := strings.HasPrefix(p, at+"/") && (a.glob || c.has("-R", "--recursive", "-Rf", "-RP", "-Rh"))
			if e.dir && (p == at && !a.glob || inside) && !slices.Contains(e.owner, again+p) {
				e.owner = append(e.owner, again+p)
			}
		}
		if w.files.at[at] == nil {
			w.files.mkdir(at).owner = []string{again + at}
		}
	}
}

// raw is a word that stands for an owner or a mode: its variables are left in it.
func (w *walk) raw(c *cmd, a arg) string {
	if !a.ok && strings.ContainsAny(a.s, "`()'\\ ") || a.glob {
		c.known(arg{})
	}
	return a.s
}

// edits are commands whose operands are the files that they change.
func (w *walk) edits(c *cmd) {
	ops := c.operands("-o", "-d", "-r", "-t", "--set-rpath", "-s")
	if c.name == "sqlite3" || c.name == "setcap" {
		if c.name == "setcap" {
			refuse("`%s` gives a file capabilities, which COPY may not keep", clip(c.text))
		}
		ops = ops[:min(1, len(ops))]
	}
	for _, a := range ops {
		c.known(a)
		if at := w.abs(a.s); c.name != "touch" && c.name != "tee" && w.files.has(at) {
			w.files.touched = true
			if c.name == "gzip" {
				w.files.put(at+".gz", "")
			}
			continue
		}
		w.writes(c, a)
	}
}

// sed changes files in place, or none.
func (w *walk) sed(c *cmd) {
	if !slices.ContainsFunc(c.args, func(a arg) bool {
		return strings.HasPrefix(a.s, "-i") || a.s == "--in-place" || strings.HasPrefix(a.s, "-pi")
	}) {
		return
	}
	ops := c.operands("-e", "-f", "--expression")
	if !c.has("-e", "--expression", "-f") && len(ops) > 0 {
		ops = ops[1:]
	}
	for _, a := range ops {
		c.known(a)
		at := w.abs(a.s)
		if a.glob {
			at = path.Dir(at)
		}
		if isTool(at) {
			continue
		}
		if !w.files.has(at) && !w.files.isDir(at) || w.files.isSystem(at) {
			refuse("`%s` changes %s, which the base image has", clip(c.text), at)
		}
		if e := w.files.at[at]; e != nil && e.from != "" {
			e.made = true
		}
		w.files.touched = true
	}
}

// isTool reports whether a file is for package managers only.
func isTool(at string) bool {
	return strings.HasPrefix(at, "/etc/apt/") || strings.HasPrefix(at, "/etc/apk/")
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
