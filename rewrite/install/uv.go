package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const uvSource = "docs.astral.sh/uv: Locking and syncing; Workspaces; Configuration files; Using uv in Docker (Intermediate layers); The pip interface"

// uv: uv sync, lock and export read the project's pyproject.toml and uv.lock,
// those of the workspace, and uv's own configuration. uv sync installs the project
// too, where it is a package: what it fetches before that is Fetch, as "Using uv
// in Docker" has it. uv pip is read like pip.
func uv(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "uv" {
		return Needs{}, false
	}
	u := &uvInstall{line: newLine(s, cmd, m, "uv", uvSource)}
	switch verb := verbOf(m); verb {
	case "pip install", "pip sync":
		u.pip()
	case "tool install":
		p := &pipInstall{line: u.line}
		p.run()
	case "sync", "lock", "export", "add":
		u.sync(verb)
	default:
		return Needs{}, false
	}
	return u.Needs, true
}

type uvInstall struct {
	*line
	skip []string // packages of the project's own
}

// configuration notes uv.toml or pyproject.toml of the folder or the nearest above
// ("Configuration files").
func (u *uvInstall) configuration(dir string) {
	for _, name := range []string{"UV_PROJECT", "UV_WORKING_DIRECTORY", "UV_WORKING_DIR"} {
		if u.env(name) != "" {
			u.hazard("%s moves uv to another folder", name)
		}
	}
	for _, name := range []string{"UV_CONFIG_FILE", "UV_ENV_FILE"} {
		if value := u.env(name); value != "" {
			u.hazard("%s names a configuration of its own", name)
		}
	}
	if u.m.Has("--config-file") {
		u.hazard("--config-file names a configuration of its own")
	}
	for _, d := range u.upwards(dir) {
		if at := path.Join(d, "uv.toml"); u.has(at) {
			if text, _ := u.text(at); strings.Contains(text, "./") || strings.Contains(text, "file:") || strings.Contains(text, "find-links") {
				u.hazard("%s may name folders", at)
			}
			return
		}
		if at := path.Join(d, "pyproject.toml"); u.has(at) {
			if project, _ := u.pyproject(at); project.Tool.UV != nil {
				u.indexes(project.Tool.UV, at)
				return
			}
		}
	}
}

// indexes notes folders in which uv looks for packages.
func (u *uvInstall) indexes(config map[string]any, file string) {
	var places []any
	links, _ := config["find-links"].([]any)
	places = append(places, links...)
	tables, _ := config["index"].([]any)
	for _, t := range tables {
		if t, ok := t.(map[string]any); ok {
			places = append(places, t["url"])
		}
	}
	for _, place := range places {
		name, _ := place.(string)
		name = strings.TrimPrefix(name, "file://")
		if name == "" || strings.Contains(name, "://") {
			continue
		}
		if at, ok := u.at(path.Dir(file), name); ok {
			u.needed(at)
		}
	}
}

func (u *uvInstall) pip() {
	dir, ok := u.dir("--directory", "--project")
	if !ok {
		return
	}
	u.configuration(dir)
	if u.m.Has("--directory") {
		u.hazard("--directory moves uv to another folder")
	}
	p := &pipInstall{line: u.line}
	p.project = func(file string) {
		project, ok := u.pyproject(file)
		if !ok {
			u.needed(file)
			return
		}
		u.static(project, file)
		if len(project.Project.Name) == 0 {
			u.hazard("%s has no [project]", file)
		}
		u.sources(project, file, nil)
		for _, name := range u.skip {
			u.hazard("%s installs the project %s, which reads its sources", file, name)
		}
	}
	p.run()
	p.environment("UV_")
}

// static: what a package needs stands in its pyproject.toml; otherwise uv asks its
// build backend, which reads more.
func (u *uvInstall) static(project pyproject, file string) {
	for _, name := range project.Project.Dynamic {
		if name == "dependencies" || name == "optional-dependencies" || name == "version" {
			u.hazard("%s leaves its %s to the build backend, which reads the sources", file, name)
		}
	}
	if project.Project.Name == "" && project.BuildSystem != nil {
		u.hazard("%s has no [project], so that the build backend is asked", file)
	}
}

func (u *uvInstall) sync(verb string) {
	dir, ok := u.dir("--directory", "--project")
	if !ok {
		return
	}
	u.configuration(dir)
	file, ok := u.nearest(dir, "pyproject.toml")
	if !ok {
		u.hazard("there is no pyproject.toml in the build context")
		return
	}
	project, _ := u.pyproject(file)
	root, top := u.root(path.Dir(file), project)
	for _, d := range u.upwards(dir) {
		u.has(path.Join(d, ".python-version"))
		u.has(path.Join(d, ".python-versions"))
		if d == root {
			break
		}
	}
	u.has(path.Join(root, "uv.lock"))
	frozen := u.given("--frozen", "UV_FROZEN")
	locked := u.given("--locked", "UV_LOCKED")
	members := u.members(root, top)
	u.member(root, top, members, frozen)
	for _, m := range members {
		if m == root {
			continue
		}
		at := path.Join(m, "pyproject.toml")
		if project, ok := u.pyproject(at); ok {
			u.member(m, project, members, frozen)
		}
	}
	lock := path.Join(root, "uv.lock")
	if !frozen && !locked {
		u.makes(lock)
	}
	if verb == "lock" || verb == "export" {
		u.written()
		return
	}
	if environment := u.env("UV_PROJECT_ENVIRONMENT"); environment == "" {
		u.makes(path.Join(root, ".venv"))
	} else if at, ok := u.inContext(environment); ok {
		u.makes(at)
	}
	if verb == "add" {
		u.makes(file, lock)
		return
	}
	u.leave(lock, frozen || locked)
}

func (u *uvInstall) given(option, variable string) bool {
	value := u.env(variable)
	return u.m.Has(option) || value == "1" || strings.EqualFold(value, "true")
}

// leave makes of uv sync what leaves the project's own packages for later: their
// sources change more often than what they need.
func (u *uvInstall) leave(lock string, fixed bool) {
	if u.m.Has("--no-install-workspace") {
		u.skip = slices.DeleteFunc(u.skip, func(s string) bool { return strings.HasPrefix(s, "--no-install-") })
	}
	if u.m.Has("--no-install-project") {
		u.skip = slices.DeleteFunc(u.skip, func(s string) bool { return s == "--no-install-project" })
	}
	for i, r := range u.m.Roles {
		if r.Option == "--no-install-package" && u.cmd.Words[i].Static {
			u.skip = slices.DeleteFunc(u.skip, func(s string) bool { return s == "--no-install-package "+r.Value })
		}
	}
	words := append([]string{u.cmd.Words[0].Value}, u.keep(func(int, command.Role) bool { return true })...)
	if len(u.skip) == 0 {
		if !fixed && u.Tree.Has(lock) {
			u.Frozen = strings.Join(append(words, "--locked"), " ")
		}
		return
	}
	if slices.Contains(u.skip, "--no-install-workspace") {
		u.skip = slices.DeleteFunc(u.skip, func(s string) bool { return s == "--no-install-project" })
	}
	// What it makes of a lock file that the context has, the copy puts right again
	// before the build, which does to it what it always did.
	u.Makes = slices.DeleteFunc(u.Makes, func(m string) bool { return m == lock && u.Tree.Has(lock) })
	slices.Sort(u.skip)
	u.fetches(append(words, slices.Compact(u.skip)...)...)
}
