package install

import (
	"path"
	"slices"
	"strings"
)

// pyproject are the tables of a pyproject.toml that tell what an install reads
// (packaging.python.org, pyproject.toml specification; PEP 735 for the groups).
type pyproject struct {
	BuildSystem map[string]any `toml:"build-system"`
	Project     struct {
		Name         string              `toml:"name"`
		Dynamic      []string            `toml:"dynamic"`
		Dependencies []string            `toml:"dependencies"`
		Optional     map[string][]string `toml:"optional-dependencies"`
	} `toml:"project"`
	Groups map[string][]any `toml:"dependency-groups"`
	Tool   struct {
		UV     map[string]any `toml:"uv"`
		Poetry map[string]any `toml:"poetry"`
	} `toml:"tool"`
}

// pyproject reads a pyproject.toml of the context. It is false where there is
// none, and with a hazard where it says what restow does not understand.
func (l *line) pyproject(file string) (pyproject, bool) {
	var out pyproject
	ok := l.toml(file, &out)
	return out, ok
}

// table is a table in a table, nil where it is none.
func table(in map[string]any, names ...string) map[string]any {
	for _, name := range names {
		in, _ = in[name].(map[string]any)
	}
	return in
}

// group notes what a dependency group makes pip read ("pip install": --group).
func (p *pipInstall) group(value string) {
	file, name, named := strings.Cut(value, ":")
	if !named {
		file, name = "pyproject.toml", value
	}
	at, ok := p.inContext(file)
	if !ok {
		return
	}
	project, ok := p.pyproject(at)
	if !ok {
		p.needed(at)
		return
	}
	if _, ok := project.Groups[name]; !ok {
		p.hazard("%s has no dependency group %s", at, name)
	}
	p.groups(project, at)
}

func (p *pipInstall) groups(project pyproject, file string) {
	for _, name := range keys(project.Groups) {
		for _, r := range project.Groups[name] {
			if text, ok := r.(string); ok {
				p.requirement(text, file)
			}
		}
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// environment notes what settings of the environment make pip read: each option
// has a variable ("Configuration": Environment Variables).
func (p *pipInstall) environment(prefix string) {
	for _, name := range []string{"REQUIREMENT", "CONSTRAINT", "BUILD_CONSTRAINT", "OVERRIDE"} {
		for value := range strings.FieldsSeq(p.env(prefix + name)) {
			p.file(value)
		}
	}
	for value := range strings.FieldsSeq(p.env(prefix + "FIND_LINKS")) {
		p.links(value, "")
	}
	if value := p.env(prefix + "EDITABLE"); value != "" {
		p.editable(value, "")
	}
	for _, name := range []string{"TARGET", "PREFIX", "ROOT", "SRC", "REPORT"} {
		p.made(p.env(prefix + name))
	}
	if file := p.env(prefix + "CONFIG_FILE"); file != "" {
		if at, ok := p.inContext(file); ok {
			p.configFile(at)
		}
	}
}

// configFile is a pip.conf that the environment names. Only settings that name no
// file are understood.
func (p *pipInstall) configFile(file string) {
	text, ok := p.text(file)
	if !ok {
		return
	}
	for l := range strings.Lines(text) {
		name, _, _ := strings.Cut(strings.TrimSpace(l), "=")
		switch name = strings.TrimSpace(name); name {
		case "requirement", "constraint", "build-constraint", "find-links", "editable", "target", "prefix", "root", "src":
			p.hazard("%s sets %s", file, name)
		}
	}
}

// pyenv notes the file by which pyenv's pip and python choose a version, of each
// folder upwards (github.com/pyenv/pyenv: Choosing the Python version). Who has no
// pyenv does not miss it, so that only one that is there counts.
func (l *line) pyenv() {
	dir, ok := l.inContext(".")
	if !ok {
		return
	}
	for _, d := range l.upwards(dir) {
		if at := path.Join(d, ".python-version"); l.Tree.Has(at) {
			l.has(at)
		}
	}
}

// venv notes a virtual environment in the project: the one whose pip it is, or
// the active one, whose programs come first in PATH.
func (l *line) venv() {
	name := l.cmd.Words[0].Value
	bins := []string{path.Dir(name)}
	if !strings.Contains(name, "/") {
		bins = strings.Split(l.env("PATH"), ":")
	}
	if v := l.env("VIRTUAL_ENV"); v != "" {
		bins = append(bins, v+"/bin")
	}
	for _, bin := range bins {
		if strings.ContainsAny(bin, "$\"'") {
			continue // what it stands for is not known here
		}
		if at, ok := l.inContext(bin); ok && path.Base(bin) == "bin" {
			l.makes(path.Dir(at))
		}
	}
}
