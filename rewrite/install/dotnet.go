package install

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const dotnetSource = "learn.microsoft.com: dotnet restore; Customize your build (Directory.Build.props); MSBuild Import and reserved properties; Central Package Management; nuget.config reference; global.json; Solution files"

// dotnet: dotnet restore reads the project or the solution, the projects that it
// references, what those import, Directory.Build.props and its kin upwards,
// nuget.config of each folder upwards, lock files and global.json. Commands that
// build restore first, unless --no-restore says that it was done.
func dotnet(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "dotnet" {
		return Needs{}, false
	}
	verb := verbOf(m)
	switch verb {
	case "restore", "tool restore", "tool install", "tool update", "workload install":
	case "build", "publish", "pack", "test", "run":
		if m.Has("--no-restore") || m.Has("--no-build") {
			return Needs{}, false
		}
	default:
		return Needs{}, false
	}
	d := &solution{line: newLine(s, cmd, m, "dotnet", dotnetSource)}
	dir, ok := d.dir()
	if !ok {
		return d.Needs, true
	}
	d.nearest(dir, "global.json")
	if config, ok := d.value("--configfile"); ok {
		if at, ok := d.inContext(config); ok {
			d.nuget(at)
		}
	}
	if home := s.env("NUGET_PACKAGES"); home != "" {
		if at, ok := d.inContext(home); ok {
			d.makes(at)
		}
	}
	if strings.Contains(verb, " ") {
		d.sources(dir)
		if verb == "tool restore" {
			d.nearest(dir, ".config/dotnet-tools.json", "dotnet-tools.json")
		}
		d.written()
		return d.Needs, true
	}
	var words []string
	found := false
	for _, i := range d.roots(verb) {
		text, ok := d.word(i)
		if !ok {
			d.hazard("which project it takes is only known when it runs")
		}
		words = append(words, text)
		for _, name := range d.paths(i) {
			if at, ok := d.inContext(name); ok {
				found = true
				d.root(at)
			}
		}
	}
	if len(words) == 0 {
		found = d.root(dir)
	}
	switch {
	case verb == "restore" && !found:
		d.hazard("there is no project in the build context")
	case verb == "restore":
		d.written()
		d.locks()
	case !found:
		return Needs{}, false
	default:
		options := keepOptions("-r", "-p*", "--property*", "--configfile", "--source", "-v")
		words = append(words, d.keep(func(i int, r command.Role) bool {
			return options(i, r) || strings.HasPrefix(cmd.Words[i].Prefix, "/p:") || strings.HasPrefix(cmd.Words[i].Prefix, "/property:")
		})...)
		d.fetches(append([]string{"dotnet", "restore"}, words...)...)
	}
	return d.Needs, true
}

// locks: a restore brings packages.lock.json up to date, unless it is told that it
// has to be ("Package references": Locking dependencies).
func (d *solution) locks() {
	if d.m.Has("--locked-mode") {
		return
	}
	for _, name := range d.Reads {
		if path.Base(name) == "packages.lock.json" {
			d.makes(name)
			words := append([]string{d.cmd.Words[0].Value}, d.keep(func(int, command.Role) bool { return true })...)
			d.Frozen = strings.Join(append(words, "--locked-mode"), " ")
		}
	}
	if d.m.Has("--use-lock-file") {
		for _, obj := range slices.Clone(d.Makes) {
			if path.Base(obj) == "obj" {
				d.makes(path.Join(path.Dir(obj), "packages.lock.json"))
			}
		}
	}
}

// roots are the words that name projects, solutions or their folders. Those of
// dotnet run are the program's own.
func (d *solution) roots(verb string) []int {
	if verb != "run" {
		return slices.DeleteFunc(d.operands(command.Read), d.isSwitch)
	}
	for i, r := range d.m.Roles {
		if r.Option == "--project" && r.Kind == command.Read {
			if r.Value != d.cmd.Words[i].Value {
				d.hazard("--project is written in a way that cannot be repeated")
			}
			return []int{i}
		}
	}
	return nil
}

// isSwitch reports whether a word is one for MSBuild that begins with a slash, or
// the value that --self-contained and its kin may have.
func (d *solution) isSwitch(i int) bool {
	w := d.cmd.Words[i]
	return msbuildSwitch.MatchString(w.Prefix) || w.Static && (w.Value == "true" || w.Value == "false") && d.m.Roles[i-1].Kind == command.Option
}

var msbuildSwitch = regexp.MustCompile(`^/[A-Za-z]+(:|$)`)

// paths are the files that a word stands for.
func (d *solution) paths(i int) []string {
	w := d.cmd.Words[i]
	switch {
	case w.Static:
		return []string{w.Value}
	case !w.Glob || strings.ContainsAny(path.Dir(w.Value), `*?[\`):
		d.hazard("which project it takes is only known when it runs")
		return nil
	}
	at, ok := d.inContext(path.Dir(w.Value))
	if !ok {
		return nil
	}
	var out []string
	names, _ := d.Tree.List(at)
	for _, name := range names {
		if ok, _ := path.Match(path.Base(w.Value), name); ok {
			out = append(out, path.Join(path.Dir(w.Value), name))
		}
	}
	return out
}

// solution reads the projects of one restore.
type solution struct{ *line }

// root reads a project, a solution, or the only one in a folder.
func (d *solution) root(at string) bool {
	if !d.Tree.IsDir(at) {
		d.file(at, 0)
		return true
	}
	names, err := d.Tree.List(at)
	if err != nil {
		d.hazard("%s cannot be read", at)
	}
	var solutions, projects []string
	for _, name := range names {
		switch ext := path.Ext(name); {
		case ext == ".sln" || ext == ".slnx":
			solutions = append(solutions, name)
		case strings.HasSuffix(ext, "proj") && len(ext) > 5 || ext == ".proj":
			projects = append(projects, name)
		}
	}
	// With one of each MSBuild takes the solution, or says that it does not know.
	if len(solutions) > 1 || len(solutions) == 0 && len(projects) > 1 {
		d.hazard("%s has more than one project or solution", at)
	}
	for _, name := range append(solutions, projects...) {
		d.file(path.Join(at, name), 0)
	}
	return len(solutions)+len(projects) > 0
}

// maxReferences bounds how deep projects reference each other.
const maxReferences = 200

func (d *solution) file(at string, depth int) {
	if depth > maxReferences {
		d.hazard("projects reference each other more than %d deep", maxReferences)
		return
	}
	if !d.first("project", at) {
		return
	}
	switch path.Ext(at) {
	case ".sln", ".slnx", ".slnf":
		if d.needed(at) {
			d.solution(at, depth)
		}
	case ".cs":
		d.hazard("%s is a program without a project", at)
	default:
		if d.needed(at) {
			d.project(at, depth)
		}
	}
}

// sources notes nuget.config of each folder upwards, however it is spelled
// ("nuget.config reference": the settings of all are taken together).
func (d *solution) sources(dir string) {
	for _, up := range d.upwards(dir) {
		found := false
		for _, name := range []string{"nuget.config", "NuGet.config", "NuGet.Config"} {
			if at := path.Join(up, name); d.Tree.Has(at) {
				found = true
				d.nuget(at)
			}
		}
		if !found {
			d.has(path.Join(up, "nuget.config"))
		}
	}
}

// nuget reads a nuget.config: sources that are folders, and where packages go.
func (d *solution) nuget(file string) {
	if !d.first("nuget", file) {
		return
	}
	root, ok := d.xml(file)
	if !ok {
		return
	}
	for _, section := range []string{"packageSources", "fallbackPackageFolders"} {
		for _, add := range root.all(section, "add") {
			value := strings.ReplaceAll(add.attr["value"], `\`, "/")
			if strings.Contains(value, "://") || value == "" {
				continue
			}
			if strings.Contains(value, "%") {
				d.hazard("%s names a source by a variable", file)
			}
			if at, ok := d.at(path.Dir(file), value); ok {
				d.has(at)
			}
		}
	}
	for _, add := range root.all("config", "add") {
		if key := strings.ToLower(add.attr["key"]); key == "globalpackagesfolder" || key == "repositorypath" {
			if at, ok := d.at(path.Dir(file), strings.ReplaceAll(add.attr["value"], `\`, "/")); ok {
				d.makes(at)
			}
		}
	}
}
