package shell

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Apart tells why two scripts that run one after the other in a shell
// each must not run in one shell, or "" when they may. What a script leaves changed
// in the shell itself is in its [Part]; this is about what a new RUN sees
// anew: where programs are, which shell it gets, who it is, and that nothing
// of the RUN before is still running.
func Apart(before, after []Command) string {
	for _, c := range before {
		if why := changesNextRun(c); why != "" {
			return why
		}
	}
	for _, c := range after {
		if strings.Contains(c.Name, "/") || stable[c.Name] {
			continue
		}
		first := slices.IndexFunc(before, func(b Command) bool { return b.Name == c.Name && !b.Sub })
		if first >= 0 && !(settled[c.Name] && keepsInPlace(before[first:], c.Name)) {
			return fmt.Sprintf("`%s` runs in both: a shell remembers where it found it, and the first may put another in front", c.Name)
		}
	}
	return ""
}

// changesNextRun names what a command changes that only a new RUN would see.
func changesNextRun(c Command) string {
	name := path.Base(c.Name)
	if c.Name == "" {
		return fmt.Sprintf("`%s`: what it runs is not known before it runs", c.Text)
	}
	if daemons[name] || strings.HasPrefix(c.Name, "/etc/init.d/") {
		return fmt.Sprintf("`%s` may leave a process running, which ends with its RUN", c.Name)
	}
	if shells[name] != "" {
		return fmt.Sprintf("`%s` %s", c.Name, shells[name])
	}
	for _, s := range startup {
		if mentions(c.Text, s.file) {
			return fmt.Sprintf("`%s` touches %s, which %s", c.Name, s.file, s.why)
		}
	}
	for _, w := range c.Words {
		if w == "root" && strings.HasPrefix(name, "add") {
			return fmt.Sprintf("`%s` may change the groups of root, which the next RUN reads when it starts", c.Name)
		}
		if strings.HasSuffix(w, "-binsh") {
			return fmt.Sprintf("`%s` installs %s, which is another /bin/sh", c.Name, w)
		}
	}
	return ""
}

// startup are files that a RUN is started with: what one does to them the next
// sees, or does not see any more, because it starts anew.
var startup = []struct{ file, why string }{
	{"/bin/ash", "the next RUN may start"},
	{"/bin/bash", "the next RUN may start"},
	{"/bin/dash", "the next RUN may start"},
	{"/bin/sh", "the next RUN may start"},
	{"/dev/shm", "is empty again in the next RUN"},
	{"/etc/group", "the next RUN reads when it starts"},
	{"/etc/hosts", "is as before again in the next RUN"},
	{"/etc/hostname", "is as before again in the next RUN"},
	{"/etc/passwd", "the next RUN reads when it starts"},
	{"/etc/resolv.conf", "is as before again in the next RUN"},
}

// mentions reports whether a command names a file, and not one whose name only
// begins so.
func mentions(text, file string) bool {
	for rest := text; ; {
		i := strings.Index(rest, file)
		if i < 0 {
			return false
		}
		rest = rest[i+len(file):]
		if rest == "" || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", rune(rest[0])) {
			return true
		}
	}
}

// stable are programs of which nothing puts a second copy in front of the first
// in PATH: shell builtins, package managers of distributions, coreutils.
var stable = set("[ : adduser addgroup apk apt apt-get cat chmod chown cp dnf dpkg echo false find grep groupadd " +
	"install ldconfig ln ls microdnf mkdir mv printf rm rmdir rpm sed sleep test touch true useradd yum zypper")

// settled are programs that packages bring along, of which only a command that
// writes to a folder of programs puts a second copy in front.
var settled = set("bzip2 curl git gpg gunzip gzip openssl patch svn tar unzip wget xz")

// keepsInPlace reports whether none of the commands, since the shell found the
// program, can put a program of that
// name into a folder of programs: they are all known, and no word of theirs
// names such a folder, or the program behind a path.
func keepsInPlace(before []Command, name string) bool {
	for _, c := range before {
		if !stable[c.Name] && !settled[c.Name] {
			return false
		}
		for _, w := range append(strings.Fields(c.Text), c.Words...) {
			if strings.Contains(w, "bin") || strings.HasSuffix(strings.Trim(w, `"'`), "/"+name) {
				return false
			}
		}
	}
	return true
}

// daemons are programs whose use is to leave a process running.
var daemons = set("apache2ctl apachectl containerd dockerd gpg-agent httpd initctl invoke-rc.d memcached mongod mysqld " +
	"mysqld_safe nginx nohup pg_ctl pg_ctlcluster postgres rc-service redis-server service setsid " +
	"ssh-agent sshd start-stop-daemon supervisord systemctl Xvfb")

// shells are programs that change which shell, user or groups a RUN starts with.
var shells = map[string]string{
	"chsh":                "changes the login shell",
	"dpkg-divert":         "moves programs aside, the shell perhaps",
	"dpkg-reconfigure":    "may change which shell /bin/sh is",
	"gpasswd":             "changes the groups that the next RUN starts with",
	"update-alternatives": "may change which shell /bin/sh is",
	"usermod":             "changes the user that the next RUN starts as",
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
