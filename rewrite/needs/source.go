package needs

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

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
	total, count, looked := 0, 0, 0
	for _, file := range r.tree.Files().List {
		expr := spawns[interpreterOf(file.Path)]
		if strings.HasSuffix(file.Path, ".ts") || strings.HasSuffix(file.Path, ".tsx") {
			expr = spawns["node"]
		}
		if expr == nil || aside(file.Path) {
			continue
		}
		if looked++; looked > 10*maxSources {
			r.out.Unread = true
			return
		}
		if !slices.ContainsFunc(roots, func(root string) bool {
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
