package install

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const goSource = "go.dev/ref/mod: go mod download, go.mod files (replace), Workspaces, Vendoring, Environment variables"

// golang: go mod download reads go.mod and go.sum of the main module, or go.work
// and those of its members, and the go.mod of each module that a replace takes
// from a folder. Sources play no part in it. Commands that build download the
// same on their way, so it is what they fetch; it may also get modules that the
// build at hand does not need, as in every image that is built so.
func golang(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Manager != "go" || s.env("GO111MODULE") == "off" {
		return Needs{}, false
	}
	verb := verbOf(m)
	switch verb {
	case "build", "install", "get", "run", "test", "vet", "tool", "generate", "mod download", "mod tidy", "mod vendor":
	default:
		return Needs{}, false
	}
	l := newLine(s, cmd, m, "go", goSource)
	operands := l.operands(command.Package, command.Read, command.Text)
	if verb == "install" || verb == "run" {
		if versions(l, operands[:min(len(operands), operandsOf(verb, operands))]) {
			return l.Needs, true // "go install": in module-aware mode, regardless of any go.mod
		}
	}
	dir, ok := l.dir("-C")
	if !ok {
		return l.Needs, true
	}
	if verb == "generate" {
		l.hazard("go generate runs what comments of the sources say")
	}
	if m.Has("-modfile") || m.Has("-overlay") || m.Has("-reuse") {
		l.hazard("-modfile, -overlay and -reuse name files of their own")
	}
	if strings.Contains(s.env("GOFLAGS"), "-modfile") || strings.Contains(s.env("GOFLAGS"), "-overlay") {
		l.hazard("GOFLAGS names files of its own")
	}
	mods := &goModules{line: l}
	root, found := mods.load(dir)
	if verb == "mod download" {
		if !found {
			l.hazard("there is no go.mod in the build context")
		}
		return l.Needs, true
	}
	if verb == "get" && found && versions(l, operands) {
		l.makes(mods.sums...)
		l.makes(path.Join(root, "go.mod"))
		return l.Needs, true
	}
	if !found || !mods.requires || verb != "get" && l.vendored(root, verb) {
		return Needs{}, false
	}
	l.fetches(append([]string{"go", "mod", "download"}, l.keep(keepOptions("-C"))...)...)
	return l.Needs, true
}

// operandsOf is how many operands name packages: go run gives the others to the
// program.
func operandsOf(verb string, operands []int) int {
	if verb == "run" {
		return 1
	}
	return len(operands)
}

// versions reports whether the operands are packages at versions, which come from
// elsewhere.
func versions(l *line, operands []int) bool {
	return len(operands) > 0 && !slices.ContainsFunc(operands, func(i int) bool {
		w := l.cmd.Words[i]
		name, _, ok := strings.Cut(w.Value, "@")
		if !w.Static { // pkg@$VERSION
			name, _, ok = strings.Cut(w.Prefix, "@")
		}
		return !ok || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/")
	})
}

// vendored reports whether a build takes its modules from vendor/ ("Vendoring"):
// it is on by itself where the folder is there, from go 1.14 in go.mod on.
func (l *line) vendored(root, verb string) bool {
	if verb == "mod tidy" || verb == "mod vendor" {
		return false
	}
	mode := ""
	for _, flag := range strings.Fields(l.env("GOFLAGS")) {
		if v, ok := strings.CutPrefix(strings.TrimPrefix(flag, "-"), "-mod="); ok {
			mode = v
		} else if v, ok := strings.CutPrefix(flag, "-mod="); ok {
			mode = v
		}
	}
	if v, ok := l.value("-mod"); ok {
		mode = v
	}
	return mode == "vendor" || mode == "" && l.Tree.IsDir(path.Join(root, "vendor"))
}

// goModules reads the files that tell a build's modules.
type goModules struct {
	*line
	requires bool     // whether any module has to be fetched
	members  []string // paths of the main modules
	wants    []string // paths of the modules that they require and nobody replaces
	sums     []string // go.sum files
}

// load finds the main modules from a folder upwards and notes their files. root is
// the folder of go.work, or of go.mod.
func (g *goModules) load(dir string) (root string, found bool) {
	switch work := g.env("GOWORK"); work {
	case "off":
	case "":
		if file, ok := g.nearest(dir, "go.work"); ok {
			return path.Dir(file), g.work(file)
		}
	default:
		file, ok := g.inContext(work)
		if !ok {
			g.hazard("GOWORK names %s, which is outside of what was copied", work)
			return "", false
		}
		return path.Dir(file), g.work(file)
	}
	file, ok := g.nearest(dir, "go.mod")
	if !ok {
		return "", false
	}
	g.main(path.Dir(file))
	return path.Dir(file), true
}

// work reads a go.work file ("Workspaces").
func (g *goModules) work(file string) bool {
	text, _ := g.text(file)
	work, err := modfile.ParseWork(file, []byte(text), nil)
	if err != nil {
		g.hazard("%s cannot be read: %v", file, reason(err))
		return true
	}
	g.sum(path.Join(path.Dir(file), "go.work.sum"))
	for _, use := range work.Use {
		at, ok := g.at(path.Dir(file), use.Path)
		if !ok {
			g.hazard("%s uses %s, which is outside of what was copied", file, use.Path)
			continue
		}
		g.main(at)
	}
	g.replaced(file, work.Replace)
	for _, w := range g.wants {
		// go build takes the member; go mod download looks for the version.
		if slices.Contains(g.members, w) && !slices.ContainsFunc(work.Replace, func(r *modfile.Replace) bool { return r.Old.Path == w }) {
			g.hazard("a member of %s requires another, %s, of which go mod download looks for the version", file, w)
		}
	}
	return true
}

// main reads the go.mod of a main module.
func (g *goModules) main(dir string) {
	file := path.Join(dir, "go.mod")
	if !g.first("go.mod", file) || !g.needed(file) {
		return
	}
	text, _ := g.text(file)
	mod, err := modfile.Parse(file, []byte(text), nil)
	if err != nil {
		g.hazard("%s cannot be read: %v", file, reason(err))
		return
	}
	if sum := path.Join(dir, "go.sum"); len(mod.Require) > 0 {
		g.sum(sum)
		g.requires = true
	} else {
		g.has(sum)
	}
	g.replaced(file, mod.Replace)
	if mod.Module != nil {
		g.members = append(g.members, mod.Module.Mod.Path)
	}
	for _, r := range mod.Require {
		if !slices.ContainsFunc(mod.Replace, func(p *modfile.Replace) bool { return p.Old.Path == r.Mod.Path }) {
			g.wants = append(g.wants, r.Mod.Path)
		}
	}
}

// sum: a go.sum that is there has what the build needs, or the build fails; one
// that is not is begun by the download.
func (g *goModules) sum(file string) {
	if !g.has(file) {
		g.makes(file)
	}
	g.sums = append(g.sums, file)
}

// replaced notes the go.mod of modules that are folders ("replace directive").
// Their own replacements do not count, nor do their sums.
func (g *goModules) replaced(file string, replace []*modfile.Replace) {
	for _, r := range replace {
		if r.New.Version != "" || r.New.Path == "" {
			continue
		}
		at, ok := g.at(path.Dir(file), r.New.Path)
		if !ok {
			g.hazard("%s replaces %s by %s, which is outside of what was copied", file, r.Old.Path, r.New.Path)
			continue
		}
		g.needed(path.Join(at, "go.mod"))
	}
}

// reason is the first of several errors, which name the file themselves.
func reason(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if _, rest, ok := strings.Cut(text, ": "); ok {
		text = rest
	}
	return text
}
