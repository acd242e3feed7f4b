package needs

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// manifest reads a file of the build context by where it stands in the image.
func (r *reader) manifest(at string) ([]byte, string) {
	name, _, ok := r.source(r.files, at, 0)
	if !ok {
		return nil, ""
	}
	data, err := r.tree.Read(name)
	if err != nil || len(data) > maxLock {
		return nil, ""
	}
	return data, name
}

func (r *reader) dependency(list *[]Dependency, name string, compiled bool) {
	if name == "" {
		return
	}
	key := fmt.Sprintf("%p %s %t %d", list, name, compiled, r.in.Index)
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	*list = append(*list, Dependency{name, compiled, r.by, r.in, r.when()})
}

// unreadList is an install of which the list is not to be had.
func (r *reader) unreadList(program, file string) {
	if r.tree == nil {
		r.unknown(program + " installs what " + file + " says, which cannot be read without the build context")
		return
	}
	r.unknown(program + " installs what " + file + " says, which cannot be read")
}

// python takes what pip and its like install.
func (r *reader) python(m command.Meaning, args []shell.Word) {
	if m.Verb != "install" && m.Verb != "download" && m.Verb != "wheel" {
		return
	}
	switch m.Program {
	case "poetry":
		r.lists(m.Program, "poetry.lock", "pyproject.toml")
	case "pdm":
		r.lists(m.Program, "pdm.lock", "pyproject.toml")
	case "pipenv":
		r.lists(m.Program, "Pipfile.lock", "Pipfile")
	case "uv":
		if len(m.Packages) == 0 && !m.Has("-r") && (len(args) < 2 || args[1].Value != "pip" && args[1].Value != "tool" && args[1].Value != "python") {
			r.lists(m.Program, "uv.lock", "pyproject.toml")
		}
		if len(args) > 2 && args[1].Value == "python" {
			return
		}
		if len(args) > 3 && args[1].Value == "pip" && args[2].Value == "sync" {
			r.requirements(args[3].Value, 0)
		}
	}
	for _, i := range m.Packages {
		if i >= len(args) {
			continue
		}
		w := args[i]
		if !w.Static {
			if name := requirement.FindString(w.Prefix); name != "" && !strings.ContainsAny(w.Prefix, "/") {
				r.dependency(&r.out.Python, name, false)
				continue
			}
			if w.Glob {
				continue // wheels that a stage before has built, or files of its own
			}
			r.unknown(m.Program + " installs what only the shell knows")
			continue
		}
		r.requirement(w.Value)
	}
	for _, file := range append(slices.Clone(m.Options["-r"]), m.Options["--requirement"]...) {
		r.requirements(file, 0)
	}
	for _, local := range m.Options["-e"] {
		r.requirement(local)
	}
}

var (
	requirement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*`)
	lockedName  = regexp.MustCompile(`(?m)^name = "([^"\n]+)"`)
)

// requirement is one word of pip install, or one line of a requirements file.
func (r *reader) requirement(text string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
	case strings.Contains(text, "git+"):
		r.need(Command, "git")
		r.need(Certificates, "ca-certificates")
		if strings.Contains(text, "git+ssh") {
			r.need(Command, "ssh")
		}
		r.fromSource(text)
	case strings.Contains(text, "hg+"):
		r.need(Command, "hg")
		r.fromSource(text)
	case strings.HasSuffix(text, ".whl"):
	case text == ".", strings.HasPrefix(text, "./"), strings.HasPrefix(text, ".["), strings.HasPrefix(text, "../"), strings.HasPrefix(text, "/"):
		dir, _, _ := strings.Cut(text, "[")
		r.setup(path.Join(r.abs(dir), "setup.py"))
	case strings.Contains(text, "://"):
		r.fromSource(text)
	default:
		r.dependency(&r.out.Python, requirement.FindString(text), false)
	}
}

// fromSource is a package that is not from an index: by its name it is looked up as
// any other, without one it is not known.
func (r *reader) fromSource(text string) {
	name, rest, ok := strings.Cut(text, "@")
	if ok && strings.Contains(rest, "://") && !strings.Contains(name, "://") {
		r.dependency(&r.out.Python, requirement.FindString(strings.TrimSpace(name)), true)
		return
	}
	if _, egg, ok := strings.Cut(text, "#egg="); ok {
		r.dependency(&r.out.Python, requirement.FindString(egg), true)
		return
	}
	r.dependency(&r.out.Python, strings.TrimSuffix(path.Base(strings.SplitN(strings.SplitN(text, "#", 2)[0], "@", 2)[0]), ".git"), true)
}

// requirements reads a requirements file and those that it names.
func (r *reader) requirements(file string, depth int) {
	data, name := r.manifest(r.abs(file))
	if data == nil || depth > maxDepth {
		r.unreadList("pip", file)
		return
	}
	key := "requirements " + r.abs(file)
	if r.seen[key] && depth > 0 {
		return
	}
	r.seen[key] = true
	by := r.by
	r.by = name
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", " ")) {
		line, _, _ = strings.Cut(" "+strings.TrimSpace(line), " #")
		line, _, _ = strings.Cut(strings.TrimSpace(line), " --")
		switch fields := strings.Fields(line); {
		case len(fields) == 0:
		case fields[0] == "-r" || fields[0] == "--requirement":
			if len(fields) > 1 {
				r.requirements(path.Join(path.Dir(r.abs(file)), fields[1]), depth+1)
			}
		case strings.HasPrefix(fields[0], "-r") && len(fields[0]) > 2:
			r.requirements(path.Join(path.Dir(r.abs(file)), fields[0][2:]), depth+1)
		case fields[0] == "-e" || fields[0] == "--editable":
			if len(fields) > 1 {
				r.requirement(fields[1])
			}
		case strings.HasPrefix(fields[0], "-"):
		default:
			line, _, _ = strings.Cut(line, ";")
			r.requirement(line)
		}
	}
	r.by = by
}

// lists reads a lock file of Python's managers, or else the manifest.
func (r *reader) lists(program, lock, manifest string) {
	for _, file := range []string{lock, manifest} {
		data, name := r.manifest(r.abs(file))
		if data == nil {
			continue
		}
		by := r.by
		r.by = name
		switch {
		case strings.HasSuffix(file, ".lock") && lock != "Pipfile.lock":
			for _, m := range lockedName.FindAllStringSubmatch(string(data), -1) {
				r.dependency(&r.out.Python, m[1], false)
			}
			if strings.Contains(string(data), "git = \"") || strings.Contains(string(data), `type = "git"`) {
				r.need(Command, "git")
			}
		case file == "Pipfile.lock":
			var locked map[string]map[string]json.RawMessage
			_ = json.Unmarshal(data, &locked)
			for _, group := range []string{"default", "develop"} {
				for _, name := range slices.Sorted(maps.Keys(locked[group])) {
					r.dependency(&r.out.Python, name, false)
					if strings.Contains(string(locked[group][name]), `"git":`) {
						r.need(Command, "git")
					}
				}
			}
		default:
			r.pyproject(data, name)
		}
		r.by = by
		return
	}
	r.unreadList(program, lock)
}
