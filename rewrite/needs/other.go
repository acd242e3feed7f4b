package needs

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

var gemLocked = regexp.MustCompile(`(?m)^    ([A-Za-z0-9_.-]+) \(([^)\n]*)\)`)

// ruby takes what gem and bundle install. Of gems that are ready for the platform
// the lock file has the name of the platform behind the version.
func (r *reader) ruby(m command.Meaning, args []shell.Word) {
	if m.Program == "gem" {
		for i, w := range args[1:] {
			if i > 0 && w.Static && !strings.HasPrefix(w.Value, "-") && args[1].Value == "install" && !digits(w.Value) {
				r.dependency(&r.out.Ruby, w.Value, true) // what it depends on is not told
			}
		}
		return
	}
	if len(args) < 2 || args[1].Static && args[1].Value == "exec" || args[1].Value == "config" || args[1].Value == "package" {
		return
	}
	if args[1].Static && args[1].Value != "install" && args[1].Value != "update" && !strings.HasPrefix(args[1].Value, "-") {
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "Gemfile.lock"))
	if data == nil {
		r.unreadList("bundle", "Gemfile.lock")
		return
	}
	by := r.by
	r.by = name
	ready := map[string]bool{}
	all := gemLocked.FindAllStringSubmatch(string(data), -1)
	for _, m := range all {
		if strings.Contains(m[2], "x86_64-linux") || strings.Contains(m[2], "-linux-gnu") {
			ready[m[1]] = true
		}
	}
	for _, m := range all {
		if !ready[m[1]] {
			r.dependency(&r.out.Ruby, m[1], false)
		}
	}
	if strings.Contains(string(data), "\nGIT\n") || strings.HasPrefix(string(data), "GIT\n") {
		r.need(Command, "git")
	}
	if strings.Contains(string(data), `git ls-files`) {
		r.need(Command, "git")
	}
	r.by = by
}

func digits(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// rust takes the crates of Cargo.lock.
func (r *reader) rust(verb string, local bool) {
	if verb == "install" && !local {
		r.unknown(r.by + " builds crates whose dependencies are not known")
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "Cargo.lock"))
	if data == nil {
		r.unreadList("cargo", "Cargo.lock")
		return
	}
	by := r.by
	r.by = name
	for _, m := range lockedName.FindAllStringSubmatch(string(data), -1) {
		r.dependency(&r.out.Rust, m[1], false)
	}
	if strings.Contains(string(data), "\nsource = \"git+") {
		r.need(Command, "git")
	}
	r.by = by
}

// mix takes the lock file of an Elixir project: what is made by elixir_make is
// compiled.
func (r *reader) mix(verb string) {
	if !strings.HasPrefix(verb, "deps") && verb != "compile" && verb != "release" && verb != "do" {
		return
	}
	data, name := r.manifest(path.Join(r.abs("."), "mix.lock"))
	if data == nil {
		r.unreadList("mix", "mix.lock")
		return
	}
	by := r.by
	r.by = name
	if strings.Contains(string(data), "elixir_make") {
		r.need(Command, "make")
		r.need(Command, "gcc")
	}
	if strings.Contains(string(data), "{:git,") {
		r.need(Command, "git")
	}
	r.by = by
}

// golang takes the go command: it records the commit where the build context has
// its history.
func (r *reader) golang(args []shell.Word) {
	if len(args) < 2 || !args[1].Static {
		return
	}
	switch args[1].Value {
	case "build", "install", "test", "run":
		if cgo, _ := r.env.Var("CGO_ENABLED"); cgo == "1" {
			r.need(Command, "gcc")
		}
		if _, _, ok := r.source(r.files, path.Join(r.abs("."), ".git/HEAD"), 0); ok {
			r.need(Command, "git")
		}
	}
	if direct, _ := r.env.Var("GOPROXY"); strings.HasPrefix(direct, "direct") {
		r.need(Command, "git")
	}
	if private, _ := r.env.Var("GOPRIVATE"); private != "" {
		r.need(Command, "git")
	}
}

// make reads the rules of a Makefile for the targets that are named.
func (r *reader) make(args []shell.Word) {
	dir, file := r.abs("."), ""
	var targets []string
	for i := 1; i < len(args); i++ {
		w := args[i]
		switch {
		case !w.Static:
		case w.Value == "-C" && i+1 < len(args):
			i++
			dir = r.abs(args[i].Value)
		case w.Value == "-f" && i+1 < len(args):
			i++
			file = args[i].Value
		case strings.HasPrefix(w.Value, "-") || strings.Contains(w.Value, "="):
		default:
			targets = append(targets, w.Value)
		}
	}
	names := []string{"GNUmakefile", "makefile", "Makefile"}
	if file != "" {
		names = []string{file}
	}
	for _, n := range names {
		data, name := r.manifest(path.Join(dir, n))
		if data == nil || len(data) > maxScript {
			continue
		}
		was := r.dir
		r.dir = dir
		r.rules(name, string(data), targets)
		r.dir = was
		return
	}
	r.unknown("make runs what a Makefile says, which cannot be read")
}

var ruleLine = regexp.MustCompile(`^([A-Za-z0-9_./%$(){} -]+?)\s*::?\s*([^=].*)?$`)

// rules runs the recipes of targets and of what they depend on. The first rule is
// that of no target.
func (r *reader) rules(name, text string, targets []string) {
	type rule struct{ needs, recipe []string }
	all, first := map[string]*rule{}, ""
	var now []*rule
	for line := range strings.Lines(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\\\n", " ")) {
		line = strings.TrimRight(line, "\n")
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			for _, one := range now {
				one.recipe = append(one.recipe, recipe)
			}
			continue
		}
		m := ruleLine.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, "#") || strings.Contains(line, ":=") || strings.Contains(line, "?=") {
			continue
		}
		now = nil
		for target := range strings.FieldsSeq(m[1]) {
			if all[target] == nil {
				all[target] = &rule{}
			}
			if first == "" && !strings.HasPrefix(target, ".") {
				first = target
			}
			before, _, _ := strings.Cut(m[2], "#")
			before, recipe, inline := strings.Cut(before, ";")
			all[target].needs = append(all[target].needs, strings.Fields(before)...)
			if inline {
				all[target].recipe = append(all[target].recipe, recipe)
			}
			now = append(now, all[target])
		}
	}
	if len(targets) == 0 && first != "" {
		targets = []string{first}
	}
	var done []string
	for len(targets) > 0 {
		target := targets[0]
		targets = targets[1:]
		if slices.Contains(done, target) || len(done) > maxScripts {
			continue
		}
		done = append(done, target)
		one := all[target]
		if one == nil {
			if strings.ContainsAny(target, "$%") || strings.HasSuffix(target, ".o") {
				r.unknown(name + " builds " + clip(target) + ", which only make knows")
			}
			continue
		}
		targets = append(targets, one.needs...)
		for _, line := range one.recipe {
			line = strings.TrimLeft(line, "@-+ \t")
			if line == "" {
				continue
			}
			r.nested(name+", "+target, makeVariables.ReplaceAllString(strings.ReplaceAll(line, "$$", "$"), `"$$$1"`))
		}
	}
}

var makeVariables = regexp.MustCompile(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)

// spawns find where a program of the project calls another one by its name: the
// functions of Python, JavaScript, Ruby, PHP and Perl that start programs, with a
// name that is written there.
var spawns = map[string]*regexp.Regexp{
	"python3": regexp.MustCompile(`(?:subprocess\.\w+|os\.system|os\.popen|os\.exec\w+|os\.spawn\w+|\bPopen|\bcheck_output|\bcheck_call|create_subprocess_exec|create_subprocess_shell|shutil\.which|pexpect\.\w+)\(\s*\[?\s*[rfb]{0,2}["']([A-Za-z0-9_./+-]+)`),
	"node":    regexp.MustCompile("(?:child_process[\"'`]?\\)?\\.\\w+|\\.(?:execSync|execFile|execFileSync|spawn|spawnSync)|(?:^|[^.\\w])(?:exec|execSync|execFile|execFileSync|spawn|spawnSync|execa|execaSync|execaCommand|execAsync|\\$))\\(?\\s*[\"'`]([A-Za-z0-9_./+-]+)"),
	"ruby":    regexp.MustCompile("(?:\\b(?:system|exec|spawn|popen|capture2e?|capture3)[ (]\\s*[\"']|%x[{(\\[]|=\\s*`)([A-Za-z0-9_./+-]+)"),
	"php":     regexp.MustCompile("\\b(?:shell_exec|exec|system|passthru|proc_open|popen)\\(\\s*[\"']([A-Za-z0-9_./+-]+)"),
	"perl":    regexp.MustCompile("\\b(?:system|exec)[ (]\\s*[\"']([A-Za-z0-9_./+-]+)|=\\s*`([A-Za-z0-9_./+-]+)"),
}

// tkinter is the part of Python whose library the slim images leave out.
var tkinter = regexp.MustCompile(`(?m)^\s*(?:import|from) tkinter\b`)

// Limits of the search.
const (
	maxSources = 5000
	maxSource  = 512 << 10
	maxTotal   = 32 << 20
)

// sources looks through the text of the project that the stage holds.
func (r *reader) sources() {
	if r.tree == nil || len(r.out.Programs) == 0 {
		return
	}
	r.by, r.running = "", true
	defer func() { r.running = false }()
	roots := r.roots(r.files, 0)
	total, count := 0, 0
	for _, file := range r.tree.Files().List {
		expr := spawns[interpreterOf(file.Path)]
		if strings.HasSuffix(file.Path, ".ts") || strings.HasSuffix(file.Path, ".tsx") {
			expr = spawns["node"]
		}
		if expr == nil || aside(file.Path) || !slices.ContainsFunc(roots, func(root string) bool {
			return root == "." || root == file.Path || strings.HasPrefix(file.Path, root+"/")
		}) {
			continue
		}
		if count++; count > maxSources || total > maxTotal {
			r.out.Unread = true
			return
		}
		data, err := r.tree.Read(file.Path)
		if err != nil || len(data) > maxSource {
			r.out.Unread = true
			continue
		}
		total += len(data)
		r.by = file.Path
		if tkinter.Match(data) {
			r.need(Package, "libtk8.6")
		}
		for _, m := range expr.FindAllSubmatch(data, -1) {
			for _, name := range m[1:] {
				if base := path.Base(string(name)); len(name) > 1 && base != "." && (path.Base(string(name)) == string(name) || slices.Contains(systemBin, path.Dir(string(name)))) {
					r.need(Command, base)
				}
			}
		}
	}
}

// aside reports whether a file of the project is no part of what runs.
func aside(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "test", "tests", "__tests__", "spec", "docs", "doc", "examples", "example", ".github", "node_modules", "vendor", "e2e", "benchmarks", "setup.py", "conftest.py", "fabfile.py", "tasks.py", "noxfile.py":
			return true
		}
	}
	base := path.Base(name)
	return strings.HasPrefix(base, "test_") || strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasSuffix(base, "_test.py") || strings.HasSuffix(base, ".min.js")
}

// roots are the paths of the build context that a layout holds.
func (r *reader) roots(l *layout, depth int) (out []string) {
	for _, one := range l.laid {
		switch {
		case one.image == "":
			out = append(out, one.src)
		case one.from != nil && depth < maxDepth && one.from.Index < l.stage.Index:
			out = append(out, r.roots(r.layoutOf(one.from), depth+1)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
