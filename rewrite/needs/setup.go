package needs

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pyproject takes the dependencies that a pyproject.toml or Pipfile names.
func (r *reader) pyproject(data []byte, name string) {
	var p struct {
		BuildSystem struct {
			Requires []string `toml:"requires"`
		} `toml:"build-system"`
		Project struct {
			Dependencies []string            `toml:"dependencies"`
			Optional     map[string][]string `toml:"optional-dependencies"`
		} `toml:"project"`
		Tool struct {
			Poetry struct {
				Dependencies map[string]any `toml:"dependencies"`
			} `toml:"poetry"`
		} `toml:"tool"`
		Packages map[string]any `toml:"packages"`
	}
	if err := toml.Unmarshal(data, &p); err != nil {
		r.unknown(name + " cannot be read")
		return
	}
	for _, d := range p.BuildSystem.Requires {
		switch strings.ToLower(requirement.FindString(d)) {
		case "cython", "pybind11", "maturin", "setuptools-rust", "scikit-build-core", "scikit-build", "meson-python", "cffi", "nanobind":
			r.unknown(name + " builds the project with " + d + ", which compiles")
		case "setuptools-scm", "setuptools-git-versioning", "hatch-vcs", "versioneer", "poetry-dynamic-versioning", "pbr", "setuptools_scm":
			r.need(Command, "git")
		}
		r.requirement(d)
	}
	for _, d := range p.Project.Dependencies {
		r.requirement(d)
	}
	for _, group := range slices.Sorted(maps.Keys(p.Project.Optional)) {
		for _, d := range p.Project.Optional[group] {
			r.requirement(d)
		}
	}
	for _, d := range append(slices.Sorted(maps.Keys(p.Tool.Poetry.Dependencies)), slices.Sorted(maps.Keys(p.Packages))...) {
		if d != "python" {
			r.dependency(&r.out.Python, d, false)
		}
	}
}

var (
	compiles   = regexp.MustCompile(`\bExtension\s*\(|cythonize|pybind11|ext_modules|cffi_modules|CMakeExtension|RustExtension|build_ext`)
	setupNames = regexp.MustCompile(`["']([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^"']*\])?\s*(?:[<>=!~;][^"']*)?["']`)
	setupList  = regexp.MustCompile(`(?s)(?:install_requires|setup_requires|extras_require|requirements?|INSTALL_REQUIRES|REQUIREMENTS)\s*=\s*[\[{(](.*?)[\]})]`)
	setupFile  = regexp.MustCompile(`["']([\w./-]*requirements[\w./-]*\.txt)["']`)
)

// setup reads a project that pip builds: setup.py is at a path of the image, and
// pyproject.toml and setup.cfg are beside it.
func (r *reader) setup(at string) {
	dir := path.Dir(at)
	found := false
	if data, name := r.manifest(path.Join(dir, "pyproject.toml")); data != nil {
		found = true
		by := r.by
		r.by = name
		r.pyproject(data, name)
		r.by = by
	}
	if data, name := r.manifest(at); data != nil {
		found = true
		text := string(data)
		by := r.by
		r.by = name
		if compiles.MatchString(text) {
			r.unknown(name + " compiles")
		}
		for _, list := range setupList.FindAllStringSubmatch(text, -1) {
			for _, m := range setupNames.FindAllStringSubmatch(list[1], -1) {
				r.dependency(&r.out.Python, m[1], false)
			}
		}
		for _, m := range setupFile.FindAllStringSubmatch(text, -1) {
			if _, _, ok := r.source(r.files, path.Join(dir, m[1]), 0); ok {
				r.requirements(path.Join(dir, m[1]), 1)
			}
		}
		if strings.Contains(text, "use_scm_version") || strings.Contains(text, "pbr=True") {
			r.need(Command, "git")
		}
		r.by = by
	}
	if data, name := r.manifest(path.Join(dir, "setup.cfg")); data != nil {
		found = true
		by, in := r.by, false
		r.by = name
		for line := range strings.Lines(string(data)) {
			key, rest, eq := strings.Cut(line, "=")
			if in = in && strings.TrimLeft(line, " \t") != line || eq && strings.HasSuffix(strings.TrimSpace(key), "_requires"); in {
				if eq && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
					line = rest
				}
				r.requirement(line)
			}
		}
		r.by = by
	}
	if !found {
		r.unreadList("pip", path.Join(dir, "setup.py"))
	}
}
