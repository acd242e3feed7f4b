package split

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// redirects take the files that a command's output goes to.
func (w *walk) redirects(s *shell.Script, sc *shell.Simple) {
	for _, r := range sc.Redirs {
		if !strings.HasPrefix(r.Op, ">") && r.Op != "&>" && r.Op != "&>>" && r.Op != "<>" || r.Op == ">&" {
			continue
		}
		to := w.arg(s, r.Target)
		if !to.ok {
			refuse("`%s` writes to a file that only the shell knows", clip(s.Text[sc.Lo:sc.Hi]))
		}
		if to.s == "/dev/null" || to.s == "/dev/stdout" || to.s == "/dev/stderr" {
			continue
		}
		w.writes(&cmd{Simple: sc, text: s.Text[sc.Lo:sc.Hi]}, to)
	}
}

// writes notes a file that a command makes or changes.
func (w *walk) writes(c *cmd, to arg) *entry {
	c.known(to)
	at := w.abs(to.s)
	if to.glob {
		// Which files they are does not count where they are the file's own.
		if dir := path.Dir(at); !strings.ContainsAny(dir, "*?[") && !w.files.isSystem(dir) {
			w.files.opaque(dir)
			return w.files.at[dir]
		}
		refuse("`%s` writes files that only the shell knows", clip(c.text))
	}
	if w.files.isSystem(at) {
		refuse("`%s` changes %s, which the base image has", clip(c.text), at)
	}
	if !c.always() && !w.files.has(at) {
		dir := path.Dir(at)
		if w.files.isSystem(dir) {
			refuse("`%s` may write %s, or not", clip(c.text), at)
		}
		w.files.opaque(dir) // it may be there, or not: the folder is kept whole
		return w.files.at[dir]
	}
	if strings.HasPrefix(at, "/etc/") && !strings.HasPrefix(at, "/etc/ssl/") && w.etc(at) {
		refuse("`%s` changes %s, which the base image has", clip(c.text), at)
	}
	e := w.files.put(at, "")
	e.made = true
	return e
}

// etc reports whether base images have a file of that name, so that a copy would
// bring the build's own along.
func (w *walk) etc(at string) bool {
	return slices.Contains([]string{
		"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/hosts", "/etc/resolv.conf", "/etc/profile", "/etc/environment", "/etc/ld.so.conf", "/etc/ld.so.cache",
		"/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/bash.bashrc", "/etc/locale.gen", "/etc/sudoers", "/etc/services", "/etc/ssl/openssl.cnf", "/etc/motd",
	}, at)
}
