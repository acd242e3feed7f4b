// Package install knows what the commands that install a project's dependencies
// read of its build context: manifests, lock files, configuration, members of a
// workspace, whatever the ecosystem's own documentation names. What it cannot
// tell is a hazard with a name, never a guess: who orders a build by what it says
// must refuse there.
package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// Site is where a command runs. All paths have slashes.
type Site struct {
	Tree *project.Tree
	// Root is the folder of the context whose content lies in the folder At of the
	// image; "." is the whole context.
	Root, At string
	// Dir is the working directory in the image; it is At or below it.
	Dir string
	// Env is the value of a variable of the command's environment, and false where
	// it is not set or not known.
	Env func(name string) (string, bool)
	// Text is the script that the command's offsets are of. It may be "": then a
	// word that only the shell knows cannot be repeated in Needs.Fetch.
	Text string

	assigned []assigned // what stands before the command itself
	nested   int        // how many installs run this one by their scripts
	spent    *int       // the work that was done for it and for those
}

// Needs is what an install reads and makes in the build context's place. Its
// paths are those of the context, sorted; a folder stands for all in it.
type Needs struct {
	Ecosystem string   // npm, pip, go, …
	Reads     []string // what has to be there before it runs
	// Absent are paths that it would read if they were there, and they are not:
	// the context must not gain them unnoticed.
	Absent []string
	Makes  []string // what it creates or changes: node_modules, package-lock.json
	// Fetch is a command that installs what the given one fetches on its way, for
	// a build that is not an install itself: `go mod download` for `go build`. It
	// is "" where the command is an install. Where it is given, all else is said of
	// it and not of the build, which stays where it is. It runs in the command's
	// working directory, and may use the variables that the command uses.
	Fetch string
	// Frozen is the command's form that leaves its lock file alone, where the
	// command may write a lock file that the context has; "" otherwise.
	Frozen string
	Hazard string // why it may need more than Reads; "" where it does not
	Source string // the documentation that says what it reads
}

// Of tells what a command needs. It is false for what is no install and fetches
// no dependencies. What sudo, env and the like run counts as run by itself. What
// other commands of the script read is no part of it, those in substitutions
// among the command's own words included; nor is what lies outside of the copied
// files, and the install scripts of packages from a registry are taken to keep to
// their own folder, but for those that are known not to.
func Of(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	var why string
	for range maxWrapped {
		s, why = s.with(cmd, why)
		inner, in, ok := unwrap(cmd, m)
		if !ok {
			break
		}
		if m.Has("-C") || m.Has("--chdir") || m.Program == "chroot" {
			why = m.Program + " runs it in another folder"
		}
		s, why = s.beforeInner(cmd, m, why)
		if m.InnerWords == 0 && m.Script != nil {
			s.Text = m.Script.Text
		}
		cmd, m = inner, in
	}
	for _, e := range ecosystems() {
		n, ok := e(s, cmd, m)
		if !ok {
			continue
		}
		if n.Hazard == "" {
			n.Hazard = why
		}
		if link := s.linked(n.Reads); link != "" && n.Hazard == "" {
			n.Hazard = plainText(link + " is a symbolic link")
		}
		n.Reads, n.Absent, n.Makes = outer(sorted(n.Reads)), sorted(n.Absent), sorted(n.Makes)
		return n, true
	}
	return Needs{}, false
}

// ecosystem tells the needs of its own commands.
type ecosystem func(Site, *shell.Simple, command.Meaning) (Needs, bool)

// ecosystems is a function since installs run each other by their scripts.
func ecosystems() []ecosystem {
	return []ecosystem{
		npm, yarn, pnpm, bun, composer, bundler, mix,
		pip, uv, poetry, pipenv, golang, cargo, maven, gradle, dotnet,
	}
}

func sorted(paths []string) []string {
	slices.Sort(paths)
	return slices.Compact(paths)
}

// outer leaves out of sorted paths those that lie in folders among them.
func outer(paths []string) (out []string) {
	in := map[string]bool{}
	for _, p := range paths {
		under := false
		for dir := path.Dir(p); dir != "." && dir != "/" && !under; dir = path.Dir(dir) {
			under = in[dir]
		}
		if !under && (p == "." || !in["."]) {
			out = append(out, p)
			in[p] = true
		}
	}
	return out
}

// inContext is the path in the context of one that the command names, and false
// where it lies outside of what was copied.
func (s Site) inContext(name string) (string, bool) {
	if !path.IsAbs(name) {
		name = path.Join(s.Dir, name)
	}
	rest, ok := cutFolder(path.Clean(name), path.Clean(s.At))
	if !ok {
		return "", false
	}
	return path.Join(s.Root, rest), true
}

// cutFolder is a path relative to a folder that it is or lies in, "." for itself.
func cutFolder(name, dir string) (string, bool) {
	switch {
	case name == dir:
		return ".", true
	case dir == "/":
		return strings.TrimPrefix(name, "/"), true
	}
	rest, ok := strings.CutPrefix(name, dir+"/")
	return rest, ok
}
