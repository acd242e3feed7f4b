package effect

import (
	"embed"
	"path"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// install takes in a package manager of a language, by what it needs of the
// project that it is run in.
func (r *reading) install(c *shell.Simple, m command.Meaning) bool {
	m.WritesFixed = nil
	r.roles(c, m) // --prefix, --target and the like
	if len(r.dirs) != 1 {
		return r.installAnywhere(c, m)
	}
	s := install.Site{Tree: r.env.site.tree, Root: ".", At: "/", Dir: r.dirs[0], Env: r.env.Var}
	at, found := r.env.site.over(r.dirs[0])
	if found {
		s.Root, s.At = at.root, at.at
	} else {
		s.Tree = nothing // a folder that has nothing of the context
	}
	if s.Tree == nil {
		s.Tree = nothing // whatever it would read counts as read
	}
	n, ok := install.Of(s, c, m)
	if !ok || n.Hazard != "" || n.Fetch != "" {
		if ok && n.Hazard != "" {
			r.stop("%s", n.Hazard)
		}
		return false
	}
	for _, list := range []struct {
		names   []string
		written bool
	}{{n.Reads, false}, {n.Absent, false}, {n.Makes, true}} {
		for _, name := range list.names {
			rest, ok := inFolder(name, s.Root)
			if !ok {
				r.stop("%s reads %s, which is not copied", m.Program, name)
				return true
			}
			file := path.Join(s.At, rest)
			if s.Tree.Has(name) && !list.written && r.env.site.stale(file) {
				r.stop("a RUN before may have changed %s", file)
				return true
			}
			r.file(file, list.written)
		}
	}
	r.system(true)
	return true
}

// nothing is a build context without a file.
var nothing = func() *project.Tree {
	t, err := project.New(embed.FS{}, "")
	if err != nil {
		panic(err) // there is nothing to be wrong
	}
	return t
}()

// installAnywhere takes in an install whose folder is not known, where that does
// not matter: it reads nothing of any project.
func (r *reading) installAnywhere(c *shell.Simple, m command.Meaning) bool {
	n, ok := install.Of(install.Site{Tree: nothing, Root: ".", At: "/", Dir: "/", Env: r.env.Var}, c, m)
	if !ok || n.Hazard != "" || n.Fetch != "" || len(n.Reads)+len(n.Absent)+len(n.Makes) > 0 {
		return false
	}
	r.system(true)
	return true
}
