package install

import (
	"path"
	"slices"
)

// member notes what a pyproject.toml of the workspace makes uv read.
func (u *uvInstall) member(dir string, project pyproject, members []string, frozen bool) {
	if !frozen {
		u.static(project, path.Join(dir, "pyproject.toml"))
	}
	packaged, said := project.Tool.UV["package"].(bool)
	if !said {
		packaged = project.BuildSystem != nil
	}
	switch {
	case !packaged:
	case dir == members[0]:
		u.skip = append(u.skip, "--no-install-project")
	default:
		u.skip = append(u.skip, "--no-install-workspace")
	}
	u.sources(project, path.Join(dir, "pyproject.toml"), members)
}

// sources notes the archives and projects that [tool.uv.sources] names by path.
func (u *uvInstall) sources(project pyproject, file string, members []string) {
	sources := table(project.Tool.UV, "sources")
	for _, name := range keys(sources) {
		several, ok := sources[name].([]any)
		if !ok {
			several = []any{sources[name]}
		}
		for _, source := range several {
			t, _ := source.(map[string]any)
			where, _ := t["path"].(string)
			if where == "" {
				continue
			}
			at, ok := u.at(path.Dir(file), where)
			switch {
			case !ok:
				u.hazard("%s needs %s from %s, which is outside of what was copied", file, name, where)
			case !u.Tree.IsDir(at):
				u.needed(at)
			case !slices.Contains(members, at):
				u.path(name, at)
			}
		}
	}
}

// path is a project by its folder, which is installed with its sources.
func (u *uvInstall) path(name, dir string) {
	if !simple.MatchString(name) || !u.first("path", dir) {
		return
	}
	u.skip = append(u.skip, "--no-install-package "+name)
	if u.has(path.Join(dir, "setup.py")) || u.has(path.Join(dir, "setup.cfg")) {
		u.hazard("%s is a project whose dependencies its setup.py may tell", dir)
	}
	at := path.Join(dir, "pyproject.toml")
	if !u.needed(at) {
		return
	}
	if project, ok := u.pyproject(at); ok {
		u.static(project, at)
		u.sources(project, at, nil)
	}
}

// root finds the workspace that a project belongs to ("Workspaces"): the nearest
// folder above whose pyproject.toml has [tool.uv.workspace].
func (u *uvInstall) root(dir string, project pyproject) (string, pyproject) {
	if table(project.Tool.UV, "workspace") != nil {
		return dir, project
	}
	for _, d := range u.upwards(dir)[1:] {
		above, ok := u.pyproject(path.Join(d, "pyproject.toml"))
		if ok && table(above.Tool.UV, "workspace") != nil {
			if slices.Contains(u.members(d, above), dir) {
				return d, above
			}
			break
		}
	}
	return dir, project
}

// members are the folders of a workspace, its root first.
func (u *uvInstall) members(root string, project pyproject) []string {
	workspace := table(project.Tool.UV, "workspace")
	out := []string{root}
	for _, dir := range u.globs(root, texts(workspace["members"]), texts(workspace["exclude"])) {
		if !slices.Contains(out, dir) && u.has(path.Join(dir, "pyproject.toml")) {
			out = append(out, dir)
		}
	}
	return out
}
