package effect

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// At is like [Start], but programs are taken for what their manuals say they are,
// and the build context for what tree has, which may be nil. What is trusted then:
//
//   - A package manager of the system keeps to the folders in which a system keeps
//     its programs, its libraries, its configuration and its data.
//   - One of a language keeps to those, to dotted folders of a home, and to what
//     [install.Of] says of the project it is run in. Programs that packages bring
//     along to be run when they are installed keep to that as well.
//   - Neither reads a variable of which the script does not speak, but for those
//     that such programs are known to look at.
//   - An image of which the table of base images knows the whole configuration has
//     the user and the working directory that stand there.
//
// Whatever runs a program of the project's own, or one that is not known, still
// reads and writes everything.
func At(stage *dockerfile.Stage, tree *project.Tree) Env {
	e := start(stage, newSite(tree, nil))
	if tree == nil {
		return e
	}
	// Which folder of the context a folder of the image stands for is told by all
	// copies of the stage and its bases, those behind an install among them.
	for _, in := range stage.Instructions {
		e = e.After(in)
	}
	return start(stage, newSite(tree, e.site.laid))
}

func newSite(tree *project.Tree, known []laid) *site {
	return &site{tree: tree, laid: known, copies: map[*dockerfile.Instruction]taken{}}
}

// site is what is known of a stage beyond its text.
type site struct {
	tree *project.Tree
	// laid are the folders of the context that were copied, and where to.
	laid []laid
	// changed are places written by RUNs, in order, and relaid what was copied when
	// how many of those were written.
	changed []Place
	relaid  []relaid
	copies  map[*dockerfile.Instruction]taken // shared by all that follow each other
}

type laid struct{ root, at string }

type relaid struct {
	files []Laid
	after int
}

// stale reports whether a RUN may have changed a file since it was copied.
func (s *site) stale(file string) bool {
	from := len(s.changed) // what was not copied is not there to be changed
	for _, r := range s.relaid {
		if _, ok := slices.BinarySearchFunc(r.files, file, func(l Laid, name string) int { return strings.Compare(l.Dest, name) }); ok {
			from = r.after
		}
	}
	return slices.ContainsFunc(s.changed[from:], func(p Place) bool { return p.changes(Place{File, file}) })
}

// copiedFrom notes which folder of the context a COPY lays down where.
func (e *Env) copiedFrom(sources []string, dest string) {
	if e.site == nil || e.site.tree == nil {
		return
	}
	next := *e.site
	for _, src := range sources {
		at, ok := e.within(dest)
		if !ok || strings.ContainsAny(src, "*?[\\$") || strings.Contains(src, "://") {
			continue
		}
		src = strings.TrimPrefix(path.Clean("/"+src), "/")
		root := src
		if !next.tree.IsDir(src) {
			// A file, which tells as well what folder stands for what.
			if !next.tree.Has(src) {
				continue
			}
			root = path.Dir(src)
			if !strings.HasSuffix(dest, "/") && !strings.HasSuffix(dest, ".") && !e.folders[at] {
				if path.Base(at) != path.Base(src) {
					continue // it gets another name
				}
				at = path.Dir(at)
			}
		}
		if root == "" {
			root = "."
		}
		if l := (laid{root, at}); !slices.Contains(next.laid, l) {
			next.laid = append(slices.Clip(next.laid), l)
		}
	}
	e.site = &next
}

// ranOver notes what a RUN writes, in case an install later reads it.
func (e *Env) ranOver(writes []Place) {
	if e.site == nil || e.site.tree == nil {
		return
	}
	next := *e.site
	next.changed = append(slices.Clip(next.changed), writes...)
	e.site = &next
}

// laidAnew notes that files are as the context has them.
func (e *Env) laidAnew(files []Laid) {
	next := *e.site
	next.relaid = append(slices.Clip(next.relaid), relaid{files, len(next.changed)})
	e.site = &next
}

// systemFolders are where packages of a system have their files, and the package
// manager its own. Not among them are /app, /code, /work and others that an image
// has for its project, nor /usr/src but for what lies directly in it.
var systemFolders = []string{
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/etc", "/opt", "/run", "/tmp",
	"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/include", "/usr/share", "/usr/games", "/usr/local", "/usr/src/.",
	"/var/lib", "/var/cache", "/var/log", "/var/run", "/var/lock", "/var/spool", "/var/mail", "/var/tmp", "/var/backups", "/var/local", "/var/opt", "/var/www", "/var/games", "/var/.",
	"/go/bin", "/go/pkg",
}

// settled are those of them that a language's packages leave alone.
var settled = []string{"/etc", "/boot", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/sbin", "/usr/games", "/var/mail", "/var/spool", "/var/backups", "/var/www", "/var/games", "/usr/src/.", "/var/."}

// system takes in a package manager: one of the system, or of a language.
func (r *reading) system(language bool) {
	for _, f := range systemFolders {
		if language && f == "/opt" {
			continue // see below
		}
		for _, p := range r.env.files(strings.TrimSuffix(f, "/.")) {
			if p.Name == "*" {
				r.stop("links lead anywhere")
				return
			}
			if strings.HasSuffix(f, "/.") {
				p.Name = join(p.Name, ".")
			}
			r.out.reads(p)
			if !language || !slices.Contains(settled, f) {
				r.out.writes(p)
			}
		}
	}
	if language {
		// Where a language may be set up beside the system.
		for _, f := range []string{"/opt/conda", "/opt/venv", "/opt/virtualenv", "/opt/app-root", "/opt/pypoetry"} {
			r.out.reads(Place{File, f})
			r.out.writes(Place{File, f})
		}
		for _, f := range r.env.path {
			if path.Base(f) == "bin" {
				r.file(path.Dir(f), true)
			}
		}
	}
	r.home(true)
}

// home takes in the dotted files of the home folder: settings, caches.
func (r *reading) home(written bool) {
	r.out.reads(Place{Kind: Home})
	if written {
		r.out.writes(Place{Kind: Home})
	}
	if v, known := r.env.Var("HOME"); known {
		if !absolute(v) {
			r.stop("HOME is no whole path")
			return
		}
		if !homeFolder(path.Clean(v)) {
			r.file(path.Clean(v), written)
		}
	} else if slices.Contains(r.env.args, "HOME") {
		r.stop("HOME is not known")
	}
}

// homeFolder reports whether a path is a home that [Home] stands for.
func homeFolder(name string) bool {
	return name == "/root" || name == "/" || path.Dir(name) == "/home"
}

// managers of a system's packages, by the family that the command table gives.
var managers = []string{"apt", "apk", "dnf", "yum", "microdnf", "zypper", "rpm", "dpkg", "pacman"}

// tellers are programs that read and write what their words say and their own
// settings, nothing else.
var tellers = []string{"curl", "wget", "tar", "unzip", "gzip", "gunzip", "sha256sum", "sha512sum", "md5sum", "sed", "grep", "git"}

// accounts are programs that change the system's lists of users, and homes.
var accounts = []string{"useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"}

// trusted takes in a program for what its manual says. It is false for one of
// which nothing is known.
func (r *reading) trusted(c *shell.Simple, name string) bool {
	if r.env.site == nil {
		return false
	}
	m := command.Of(c)
	if m.Inner != nil || !m.Known {
		return false
	}
	switch {
	case slices.Contains(managers, m.Manager):
		m.WritesFixed = nil // "/", of which the folders of a system are meant
		r.roles(c, m)
		r.system(false)
		return true
	case slices.Contains(tellers, name):
		if !m.Whole || len(m.Roles) != len(c.Words) || name == "git" && m.Verb != "clone" && m.Verb != "config" {
			return false
		}
		r.roles(c, m)
		r.home(name == "git" || name == "wget")
		return true
	case slices.Contains(accounts, name):
		if !m.Whole {
			return false
		}
		for _, f := range []string{"/etc", "/var/mail", "/var/spool", "/home"} {
			r.file(f, true)
		}
		r.out.reads(Place{Kind: Accounts})
		r.out.writes(Place{Kind: Accounts})
		r.home(true)
		r.roles(c, m)
		return true
	case m.Manager == "" || m.Verb == "run":
		return false
	}
	if r.keeping(c, m) {
		return true
	}
	return r.install(c, m)
}

// housekeeping are verbs, by family, that act on the manager's own caches and
// settings in a home, and not on a project.
var housekeeping = map[string][]string{
	"npm": {"clean", "config", "query"}, "pnpm": {"clean", "query"}, "yarn": {"clean"}, "bun": {"clean"},
	"pip": {"clean", "config", "query"}, "uv": {"clean"}, "poetry": {"clean"}, "pipenv": {"clean"},
	"composer": {"clean"}, "gem": {"clean", "query"}, "corepack": {"config", "install"},
}

// keeping takes in what a package manager does to itself.
func (r *reading) keeping(c *shell.Simple, m command.Meaning) bool {
	if !slices.Contains(housekeeping[m.Manager], m.Verb) || !m.Whole || len(r.dirs) == 0 && m.Manager != "pip" && m.Manager != "gem" {
		return false
	}
	for _, d := range r.dirs {
		for _, settings := range []string{".npmrc", "package.json", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", "bunfig.toml", "uv.toml", "pyproject.toml", "poetry.toml", "composer.json", "Pipfile"} {
			r.see(path.Join(d, settings)) // where the cache is, may stand there
		}
	}
	m.WritesFixed = nil
	r.roles(c, m)
	r.system(true)
	return true
}

// roles takes in the words that name files.
func (r *reading) roles(c *shell.Simple, m command.Meaning) {
	for i, role := range m.Roles {
		w := c.Words[min(i, len(c.Words)-1)]
		switch role.Kind {
		case command.Unknown:
			r.stop("%s has words that are not understood", m.Program)
			return
		case command.Package:
			// apt-get install ./x.deb, and what a variable may hold
			if strings.Contains(w.Prefix, "/") && m.Manager == "apt" && strings.HasPrefix(w.Prefix, ".") || strings.HasPrefix(w.Prefix, "/") {
				r.word(beforePattern(w.Prefix), false)
			}
			continue
		case command.Read, command.Write, command.Change:
		default:
			continue
		}
		value := role.Value
		switch {
		case strings.Contains(value, "://"):
			continue
		case w.Glob && value == w.Value:
			value = beforePattern(value)
		case !w.Static || value == "":
			r.stop("%s has a word that only the shell knows", m.Program)
			return
		}
		r.word(value, role.Kind != command.Read)
	}
	for _, f := range m.WritesFixed {
		r.word(f, true)
	}
}

// install takes in a package manager of a language, by what it needs of the
// project that it is run in.
func (r *reading) install(c *shell.Simple, m command.Meaning) bool {
	if len(r.dirs) != 1 {
		return r.installAnywhere(c, m)
	}
	s := install.Site{Tree: r.env.site.tree, Root: ".", At: "/", Dir: r.dirs[0], Env: r.env.Var}
	at, found := r.env.site.over(r.dirs[0])
	if found {
		s.Root, s.At = at.root, at.at
	} else {
		s.Tree = nil // a folder that has nothing of the context
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
			if r.env.site.tree.Has(name) && !list.written && r.env.site.stale(file) {
				r.stop("a RUN before may have changed %s", file)
				return true
			}
			if list.written {
				r.file(file, true)
			} else {
				r.see(file)
			}
		}
	}
	r.system(true)
	return true
}

// installAnywhere takes in an install whose folder is not known, where that does
// not matter: it reads nothing of any project.
func (r *reading) installAnywhere(c *shell.Simple, m command.Meaning) bool {
	n, ok := install.Of(install.Site{Root: ".", At: "/", Dir: "/", Env: r.env.Var}, c, m)
	if !ok || n.Hazard != "" || n.Fetch != "" || len(n.Reads)+len(n.Absent)+len(n.Makes) > 0 {
		return false
	}
	r.system(true)
	return true
}

// see notes that a file is read, and nothing made where it is missing.
func (r *reading) see(name string) {
	for _, f := range r.env.files(name) {
		if f.Name == "*" {
			r.stop("links lead anywhere")
			return
		}
		r.out.reads(f, Place{Folder, path.Dir(f.Name)}, Place{RootFolder, path.Dir(f.Name)})
	}
}

// over is the copy that holds a folder of the image: the nearest above it, or one
// around that which has the same files there.
func (s *site) over(dir string) (best laid, found bool) {
	for _, l := range s.laid {
		if below(dir, l.at) && (!found || len(l.at) > len(best.at)) {
			best, found = l, true
		}
	}
	for _, l := range s.laid {
		// Two copies to one place: what is there is told by neither alone.
		if found && l.at == best.at && l.root != best.root {
			return laid{}, false
		}
	}
	for _, l := range s.laid {
		if found && len(l.at) < len(best.at) && below(best.at, l.at) && best.root == path.Join(l.root, strings.TrimPrefix(best.at, l.at)) {
			best = l
		}
	}
	return best, found
}

func inFolder(name, root string) (string, bool) {
	if root == "." {
		return name, true
	}
	if name == root {
		return ".", true
	}
	return strings.CutPrefix(name, root+"/")
}

// enter notes that a folder is gone into: it has to be there, whatever is in it.
func (r *reading) enter(dir string) {
	for _, f := range r.env.files(dir) {
		if f.Name == "*" {
			r.stop("links lead anywhere")
			return
		}
		r.out.reads(Place{Folder, f.Name}, Place{RootFolder, f.Name})
	}
}
