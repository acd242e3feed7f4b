package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const poetrySource = "python-poetry.org/docs: Commands (install, sync, export), Configuration, Dependency specification (Path dependencies), The pyproject.toml file (package-mode)"

// poetry: poetry install reads pyproject.toml, poetry.lock and poetry.toml of the
// project, the nearest folder upwards with a pyproject.toml. It installs the
// project too, unless --no-root or package-mode = false tell it not to, and
// projects by path, unless --no-directory does: what it fetches before that is
// Fetch, as "Commands" has it for the sake of caches.
func poetry(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "poetry" {
		return Needs{}, false
	}
	verb := verbOf(m)
	switch verb {
	case "install", "sync", "add", "update", "remove", "lock", "export":
	default:
		return Needs{}, false
	}
	l := newLine(s, cmd, m, "poetry", poetrySource)
	dir, ok := l.dir("-C", "-P")
	if !ok {
		return l.Needs, true
	}
	file, ok := l.nearest(dir, "pyproject.toml")
	if !ok {
		l.hazard("there is no pyproject.toml in the build context")
		return l.Needs, true
	}
	root := path.Dir(file)
	lock := path.Join(root, "poetry.lock")
	project, _ := l.pyproject(file)
	l.has(path.Join(root, "poetry.toml"))
	l.pyenv()
	locked := l.has(lock)
	switch verb {
	case "add", "remove":
		l.makes(file, lock)
	case "update", "lock":
		l.makes(lock)
	case "export":
		l.written()
		return l.Needs, true
	}
	l.makes(path.Join(root, ".venv")) // where virtualenvs.in-project says so
	if !locked {
		l.makes(lock)
	}
	folders := l.poetryPaths(project, root)
	rooted := !m.Has("--no-root") && table(project.Tool.Poetry)["package-mode"] != false && verb != "lock"
	switch {
	case m.Has("--only-root"):
		l.hazard("--only-root installs the project itself, which reads its sources")
	case verb != "install" && verb != "sync":
		if folders != "" && verb != "lock" {
			l.hazard("poetry %s installs the project in %s, which reads its sources", verb, folders)
		}
	case rooted || folders != "" && !m.Has("--no-directory"):
		words := append([]string{cmd.Words[0].Value}, l.keep(func(int, command.Role) bool { return true })...)
		if rooted {
			words = append(words, "--no-root")
		}
		if folders != "" && !m.Has("--no-directory") {
			words = append(words, "--no-directory")
		}
		l.fetches(words...)
	}
	return l.Needs, true
}

// poetryPaths notes what dependencies by path read, and gives one that is a
// folder: poetry wants that to be a project.
func (l *line) poetryPaths(project pyproject, root string) (folder string) {
	groups := []map[string]any{table(project.Tool.Poetry, "dependencies"), table(project.Tool.Poetry, "dev-dependencies")}
	all := table(project.Tool.Poetry, "group")
	for _, name := range keys(all) {
		groups = append(groups, table(all, name, "dependencies"))
	}
	for _, deps := range groups {
		for _, name := range keys(deps) {
			several, ok := deps[name].([]any)
			if !ok {
				several = []any{deps[name]}
			}
			for _, d := range several {
				t, _ := d.(map[string]any)
				if where, _ := t["path"].(string); where != "" && l.poetryPath(root, name, where) {
					folder = where
				}
			}
		}
	}
	for _, d := range project.Project.Dependencies {
		if _, where, ok := strings.Cut(d, "file:"); ok {
			l.hazard("pyproject.toml needs a file, %s", strings.TrimLeft(where, "/"))
		}
	}
	return folder
}

func (l *line) poetryPath(root, name, where string) (folder bool) {
	at, ok := l.at(root, where)
	switch {
	case !ok:
		l.hazard("pyproject.toml needs %s from %s, which is outside of what was copied", name, where)
		return false
	case !l.Tree.IsDir(at):
		l.needed(at)
		return false
	}
	for _, manifest := range []string{"setup.py", "setup.cfg"} {
		if l.has(path.Join(at, manifest)) {
			l.hazard("%s is a project whose dependencies its setup.py may tell", at)
		}
	}
	if manifest := path.Join(at, "pyproject.toml"); l.first("poetry", manifest) && l.needed(manifest) {
		if project, ok := l.pyproject(manifest); ok {
			l.poetryPaths(project, at)
		}
	}
	return true
}

const pipenvSource = "pipenv.pypa.io: Commands (install, sync), Specifiers (Local packages), Configuration"

// pipenv: Pipfile and Pipfile.lock of the nearest folder upwards. Packages by path
// are installed from their sources.
func pipenv(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	if m.Program != "pipenv" || !slices.Contains([]string{"install", "sync", "update", "lock"}, verb) {
		return Needs{}, false
	}
	l := newLine(s, cmd, m, "pipenv", pipenvSource)
	if l.env("PIPENV_PIPFILE") != "" {
		l.hazard("PIPENV_PIPFILE names another Pipfile")
	}
	dir, ok := l.dir()
	if !ok {
		return l.Needs, true
	}
	l.pyenv()
	p := &pipInstall{line: l}
	p.run()
	file, ok := l.nearest(dir, "Pipfile")
	if !ok {
		if len(m.Options["-r"]) == 0 {
			l.hazard("there is no Pipfile in the build context")
		}
		l.makes(path.Join(dir, "Pipfile"), path.Join(dir, "Pipfile.lock"))
		return l.Needs, true
	}
	root := path.Dir(file)
	l.pipfile(file)
	lock := path.Join(root, "Pipfile.lock")
	locked := l.has(lock)
	if !m.Has("--system") {
		l.makes(path.Join(root, ".venv"))
	}
	switch {
	case verb == "update", verb == "lock", !locked:
		l.makes(lock)
	case verb == "install" && len(m.Packages) > 0, len(m.Options["-r"]) > 0:
		l.makes(file, lock)
	case verb == "install" && !m.Has("--deploy") && !m.Has("--ignore-pipfile"):
		// It locks anew where Pipfile is not what was locked.
		l.makes(lock)
		words := append([]string{cmd.Words[0].Value}, l.keep(func(int, command.Role) bool { return true })...)
		l.Frozen = strings.Join(append(words, "--deploy"), " ")
	}
	return l.Needs, true
}

func (l *line) pipfile(file string) {
	var tables map[string]any
	if !l.toml(file, &tables) {
		return
	}
	for _, section := range keys(tables) {
		deps := table(tables, section)
		for _, name := range keys(deps) {
			t, _ := deps[name].(map[string]any)
			where, _ := t["path"].(string)
			if where == "" {
				where, _ = t["file"].(string)
			}
			if where == "" || strings.Contains(where, "://") || section == "scripts" {
				continue
			}
			if at, ok := l.at(path.Dir(file), where); ok && archiveName(where) {
				l.needed(at)
				continue
			}
			l.hazard("%s installs the project in %s, which reads its sources", file, where)
		}
	}
}
