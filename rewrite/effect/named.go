package effect

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// beforePattern is the folder that all files of a pattern are in.
func beforePattern(pattern string) string {
	i := strings.IndexAny(pattern, "*?[\\")
	if i < 0 {
		return pattern
	}
	dir := pattern[:strings.LastIndexByte(pattern[:i], '/')+1]
	if dir == "" {
		return "."
	}
	return dir
}

// chdir takes in a cd. The folders that a script may be in add up, since whether
// and when a cd runs is not looked at.
func (r *reading) chdir(c *shell.Simple) {
	if c.Name() != "cd" || len(c.Words) != 2 || !c.Words[1].Static {
		r.stop("it changes to a folder that only the shell knows")
		return
	}
	to := c.Words[1].Value
	switch {
	case to == "" || to[0] == '-' || !plainPath(to):
		r.stop("it changes to a folder that only the shell knows")
		return
	case absolute(to):
		if r.surely(c) {
			r.dirs = nil
		}
		r.visit(path.Clean(to))
		return
	case c.In&(shell.Loop|shell.Function) != 0 || len(r.dirs) == 0:
		r.stop("it changes to a folder that is not known")
		return
	}
	before := slices.Clone(r.dirs)
	if r.surely(c) {
		r.dirs = nil
	}
	for _, d := range before {
		r.visit(path.Join(d, to))
	}
}

// surely reports whether what follows a cd runs only where it led: it is part of
// the script's own list, and && stands behind it. Where programs are not taken at
// their word, this is not looked at.
func (r *reading) surely(c *shell.Simple) bool {
	return r.env.site != nil && c.In == 0 && c.Op == "&&"
}

func (r *reading) visit(dir string) {
	if !slices.Contains(r.dirs, dir) {
		r.dirs = append(r.dirs, dir)
	}
	if len(r.dirs) > maxForms {
		r.stop("it changes to many folders")
	}
	switch {
	case r.out == nil:
	case r.env.site != nil:
		r.enter(dir)
	default:
		r.file(dir, false)
	}
}

// word takes in a word that names a file, from wherever the script may be.
func (r *reading) word(name string, written bool) {
	switch {
	case !plainPath(name):
		r.stop("a file has an odd name: %s", name)
	case absolute(name):
		r.file(path.Clean(name), written)
	case len(r.dirs) == 0:
		r.stop("the working directory is not known")
	case slices.Contains(strings.Split(name, "/"), ".."):
		r.stop("a file is named by what is above the working directory") // by its links, not by its path
	}
	if absolute(name) {
		return
	}
	for _, d := range r.dirs {
		r.file(path.Join(d, name), written)
	}
}

// file notes that a file is read, and perhaps written. Both depend on the folders
// above: whose they are, and that they are there.
func (r *reading) file(name string, written bool) {
	if outside(name) {
		return
	}
	for _, f := range r.env.files(strings.TrimSuffix(name, "/.")) {
		if f.Name == "*" {
			r.stop("links lead anywhere")
			return
		}
		at := f
		if strings.HasSuffix(name, "/.") {
			at.Name = join(f.Name, ".")
		}
		r.out.reads(at)
		if !written && r.env.site != nil {
			r.out.reads(Place{Folder, path.Dir(f.Name)}, Place{RootFolder, path.Dir(f.Name)})
			continue // it makes no folder
		}
		if written {
			r.out.writes(at)
		}
		r.out.in(r.env, f.Name, false)
	}
}
