package split

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// moduleLine is the module directive of a go.mod: go.dev/ref/mod, "module directive".
var moduleLine = regexp.MustCompile(`(?m)^module[ \t]+"?([^\s"]+)`)

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// golang is the go command: cmd/go, "Compile packages and dependencies" and "Compile
// and install packages and dependencies".
func (w *walk) golang(c *cmd) {
	verb := ""
	ops := c.operands("-o", "-ldflags", "-tags", "-gcflags", "-asmflags", "-p", "-mod", "-modfile", "-C", "-installsuffix", "-pkgdir", "-overlay", "-buildmode", "-compiler", "-toolexec", "-run", "-coverprofile", "-timeout", "-w", "-u")
	if len(ops) > 0 {
		verb = ops[0].s
	}
	if _, ok := c.option("-C"); ok {
		refuse("`%s` works in another folder", clip(c.text))
	}
	switch verb {
	case "build":
		w.goBuild(c, ops[1:])
	case "install":
		w.goInstall(c, ops[1:])
	case "get":
		if w.dir == "/go" || w.dir == "/go/src" {
			w.goInstall(c, ops[1:])
		}
		w.files.touched = true
	case "generate", "run":
		refuse("`%s` may write anything", clip(c.text))
	case "mod", "test", "vet", "version", "env", "fmt", "list", "clean", "work", "tool", "":
		w.files.touched = true
	default:
		refuse("`%s` is not understood", clip(c.text))
	}
}

// goBuilt notes a program, and whether it is linked with the C library.
func (w *walk) goBuilt(c *cmd) {
	w.building(c, "Go")
	if w.assigned(c, "CGO_ENABLED") == "0" {
		w.project.static = w.project.static || !w.project.dynamic
	} else {
		w.project.static, w.project.dynamic = false, true
	}
}

func (w *walk) goBuild(c *cmd, ops []arg) {
	for _, a := range ops {
		c.known(a)
	}
	if mode, ok := c.option("-buildmode"); ok && mode != "pie" && mode != "exe" {
		w.goBuilt(c)
		w.project.dynamic, w.project.static = true, false
	}
	out, given := c.option("-o")
	if given {
		w.goBuilt(c)
		at := w.abs(out)
		if strings.HasSuffix(out, "/") || w.files.isDir(at) || len(ops) > 1 || len(ops) == 1 && strings.HasSuffix(ops[0].s, "...") {
			if !w.files.isSystem(at) {
				w.files.opaque(at)
				return
			}
			for _, name := range w.mains(ops) {
				w.writes(c, arg{path.Join(at, name), true, false})
			}
			return
		}
		w.writes(c, arg{at, true, false})
		return
	}
	names := w.mains(ops)
	if len(ops) == 0 {
		names = w.mains([]arg{{".", true, false}})
	}
	if len(names) != 1 || len(ops) > 1 && !strings.HasSuffix(ops[0].s, ".go") {
		return // several packages: compiled, and nothing is written
	}
	w.goBuilt(c)
	w.writes(c, arg{names[0], true, false})
}

func (w *walk) goInstall(c *cmd, ops []arg) {
	w.goBuilt(c)
	bin := w.assigned(c, "GOBIN")
	if bin == "" {
		gopath := w.assigned(c, "GOPATH")
		if gopath == "" {
			gopath = "/go"
		}
		bin = path.Join(strings.Split(gopath, ":")[0], "bin")
	}
	for _, a := range ops {
		c.known(a)
	}
	if len(ops) == 0 {
		ops = []arg{{".", true, false}}
	}
	for _, name := range w.mains(ops) {
		w.writes(c, arg{path.Join(bin, name), true, false})
	}
}

// mains are the names of the programs that packages make.
func (w *walk) mains(ops []arg) (out []string) {
	if len(ops) > 0 && strings.HasSuffix(ops[0].s, ".go") {
		return []string{strings.TrimSuffix(lastOf(ops[0].s), ".go")}
	}
	for _, op := range ops {
		name, _, versioned := strings.Cut(op.s, "@")
		if versioned || !strings.HasPrefix(name, ".") && !path.IsAbs(name) {
			if w.goModule(w.dir) == "" || !strings.HasPrefix(name, w.goModule(w.dir)) {
				out = append(out, goName(name))
				continue
			}
			name = "." + strings.TrimPrefix(name, w.goModule(w.dir))
		}
		dir, all := strings.CutSuffix(name, "...")
		for _, pkg := range w.goMains(w.abs(dir), all) {
			out = append(out, w.goProgram(pkg))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// goName is the name of a program by its import path.
func goName(importPath string) string {
	name := path.Base(importPath)
	if dir := path.Dir(importPath); majorVersion.MatchString(name) && dir != "." {
		name = path.Base(dir)
	}
	return name
}

// goProgram is the name of the program of a folder in the image.
func (w *walk) goProgram(dir string) string {
	module := w.goModule(dir)
	if module == "" {
		return path.Base(dir) // without modules, the folder's name
	}
	for at := dir; at != "/"; at = path.Dir(at) {
		if w.files.at[path.Join(at, "go.mod")] != nil {
			return goName(path.Join(module, strings.TrimPrefix(dir, at)))
		}
	}
	return path.Base(dir)
}

// goModule is the path of the module that a folder of the image belongs to.
func (w *walk) goModule(dir string) string {
	for at := dir; ; at = path.Dir(at) {
		if e := w.files.at[path.Join(at, "go.mod")]; e != nil {
			if e.from == "" {
				return ""
			}
			data, err := w.tree.Read(e.from)
			if err != nil {
				refuse("%s cannot be read", e.from)
			}
			if m := moduleLine.FindSubmatch(data); m != nil {
				return string(m[1])
			}
			return ""
		}
		if at == "/" {
			return ""
		}
	}
}

var packageMain = regexp.MustCompile(`(?m)^package main\b`)

// goMains are the folders with a package main, in one or below it.
func (w *walk) goMains(dir string, below bool) (out []string) {
	for p, e := range w.files.at {
		d := path.Dir(p)
		if e.from == "" || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || d != dir && !(below && strings.HasPrefix(d+"/", dir+"/")) || strings.Contains(d, "/vendor/") {
			continue
		}
		data, err := w.tree.Read(e.from)
		if err != nil {
			refuse("%s cannot be read", e.from)
		}
		if packageMain.Match(data) && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}
