package split

import (
	"path"
	"slices"
	"strings"
)

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
