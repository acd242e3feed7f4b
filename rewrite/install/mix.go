package install

import (
	"path"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const mixSource = "hexdocs.pm/mix: Mix, Mix.Project, Mix.Config, mix deps.get, mix deps.compile, mix do, mix loadconfig"

// mixTasks are the tasks that get or build dependencies; true for those that look
// at the project. local.hex and the like install archives in the home folder.
var mixTasks = map[string]bool{
	"deps.get": true, "deps.compile": true, "deps.loadpaths": true, "deps.update": true, "deps.unlock": true, "deps.clean": true, "deps": true,
	"local.hex": false, "local.rebar": false, "archive.install": false, "escript.install": false, "hex.repo": false, "hex.organization": false, "hex.config": false,
}

// mix tells what mix deps.get, deps.compile and what mix do makes of them need.
// mix.exs and the configuration are Elixir: they are read as far as what they name
// is literal. The configuration is loaded before any task.
func mix(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "mix" {
		return Needs{}, false
	}
	tasks, ok := mixTasksOf(cmd)
	if !ok || len(tasks) == 0 {
		return Needs{}, false
	}
	known, project := false, false
	for _, t := range tasks {
		looks, is := mixTasks[t]
		known, project = known || is, project || looks || !is
	}
	if !known {
		return Needs{}, false
	}
	g := newGather(s, "mix", mixSource)
	g.home(".mix", ".hex")
	x := &mixing{gather: g, seen: map[string]bool{}}
	for _, t := range tasks {
		if _, is := mixTasks[t]; !is {
			g.hazard("mix %s reads the sources", t)
		}
		x.compiles = x.compiles || t == "deps.compile" || t == "deps.loadpaths"
	}
	if !project {
		return g.Needs, true
	}
	dir, ok := g.start(nil, false)
	if !ok {
		return g.Needs, true
	}
	name := "mix.exs"
	if v := s.env("MIX_EXS"); v != "" {
		name = v
	}
	if path.IsAbs(name) {
		g.hazard("MIX_EXS names %s", name)
		return g.Needs, true
	}
	if !g.has(path.Join(dir, name)) {
		g.hazard("%s is not among the copied files", path.Join(dir, name))
		return g.Needs, true
	}
	x.project(dir, name, true)
	lock := path.Join(dir, "mix.lock")
	g.has(lock)
	for _, made := range []string{"deps", "_build"} {
		g.has2(path.Join(dir, made))
		g.makes(path.Join(dir, made))
	}
	writes := false
	for _, t := range tasks {
		writes = writes || t == "deps.get" || t == "deps.update" || t == "deps.unlock" || t == "deps"
	}
	if writes && !mixHas(cmd, "--check-locked") {
		g.makes(lock)
		if len(tasks) == 1 && tasks[0] == "deps.get" && g.Tree.Has(lock) {
			g.Frozen = s.frozen(cmd, m, "", nil, []string{"--check-locked"}) // of Elixir 1.15 and later
		}
	}
	return g.Needs, true
}

// mixTasksOf are the tasks of a command line: that of mix itself, or those that
// mix do has between commas or plus signs. False where a word is open.
func mixTasksOf(cmd *shell.Simple) (tasks []string, ok bool) {
	if len(cmd.Words) < 2 || !cmd.Words[1].Static {
		return nil, false
	}
	if cmd.Words[1].Value != "do" {
		return []string{cmd.Words[1].Value}, true
	}
	first := true
	for _, w := range cmd.Words[2:] {
		if first && !w.Static {
			return nil, false
		}
		name := strings.TrimSuffix(w.Value, ",")
		if first && name != "" && name != "+" && !strings.HasPrefix(name, "-") {
			tasks = append(tasks, name)
			first = false
		}
		first = first || w.Static && (strings.HasSuffix(w.Value, ",") || w.Value == "+")
	}
	return tasks, true
}

func mixHas(cmd *shell.Simple, option string) bool {
	for _, w := range cmd.Words {
		if w.Static && w.Value == option {
			return true
		}
	}
	return false
}

// mixing is a project of mix at work.
type mixing struct {
	*gather
	compiles bool // path dependencies are built
	seen     map[string]bool
}

var (
	elixirText    = `"([^"#\\]*)"`
	elixirApps    = regexp.MustCompile(`\bapps_path:\s*` + elixirText)
	elixirConfig  = regexp.MustCompile(`\bconfig_path:\s*` + elixirText)
	elixirPath    = regexp.MustCompile(`\bpath:\s*` + elixirText)
	elixirOpen    = regexp.MustCompile(`\b(?:apps_path|config_path|path):\s*[^"\s]`)
	elixirRead    = regexp.MustCompile(`\bFile\.(?:read!?|exists\?|regular\?|stream!)\s*\(?\s*(?:Path\.(?:expand|join)\s*\(\s*)?(?:__DIR__\s*,\s*)?` + elixirText + `(?:\s*,\s*__DIR__)?\s*\)*|` + elixirText + `\s*\|>\s*File\.read!?(?:\(\))?`)
	elixirImport  = regexp.MustCompile(`\bimport_config\s*\(?\s*"([^"\n]*)"`)
	elixirEnv     = regexp.MustCompile(`^#\{(?:config_env\(\)|Mix\.env(?:\(\))?)\}\.exs$`)
	elixirAlias   = regexp.MustCompile(`"deps\.(?:get|compile|loadpaths)":|\bdeps\.(?:get|compile)"\s*=>`)
	elixirComment = regexp.MustCompile(`(?m)(^|\s)#[^{\n][^\n]*$|^\s*#$`)
	elixirSafe    = regexp.MustCompile(`System\.(?:get_env|fetch_env!?|otp_release|version|schedulers_online|unique_integer)\b|Path\.(?:expand|join|dirname)\b`)
	elixirReads   = regexp.MustCompile(`\b(?:File|Path|System|Code|IO|Port|Mix\.Shell|Mix\.shell|YamlElixir|Jason|Poison|EEx|Application\.app_dir|Dotenv|Dotenvy)\b|:(?:os|file|filelib|code|init)\b|\bapply\b`)
)

// project reads a mix.exs, its configuration and the projects that it names
// (hexdocs.pm/mix: Mix.Project, "Umbrella projects"; Mix.Tasks.Deps: ":path").
func (x *mixing) project(dir, name string, configured bool) {
	at := path.Join(dir, name)
	if x.seen[at] || len(x.seen) > maxMembers {
		return
	}
	x.seen[at] = true
	src := x.elixir(at)
	if elixirAlias.MatchString(src) {
		x.hazard("%s has an alias for what gets its dependencies", at)
	}
	config := "config/config.exs"
	if m := elixirConfig.FindStringSubmatch(src); m != nil {
		config = m[1]
	}
	src = elixirConfig.ReplaceAllString(src, "")
	if configured {
		x.config(path.Join(dir, config)) // that of a dependency is not loaded, as strace shows (Elixir 1.14)
	}
	if m := elixirApps.FindStringSubmatch(src); m != nil {
		x.umbrella(path.Join(dir, m[1]))
	}
	src = elixirApps.ReplaceAllString(src, "")
	for _, m := range elixirPath.FindAllStringSubmatch(src, -1) {
		dep := path.Join(dir, m[1])
		if strings.HasPrefix(m[1], "deps/") || strings.HasPrefix(m[1], "_build/") {
			continue
		}
		switch {
		case !x.within(dep), path.IsAbs(m[1]):
			x.hazard("%s has a dependency in %s, which the copied files do not hold", at, m[1])
		case x.compiles:
			x.has(dep)
		}
		if x.within(dep) && x.has(path.Join(dep, "mix.exs")) {
			x.project(dep, "mix.exs", false)
		}
	}
	src = elixirPath.ReplaceAllString(src, "")
	if elixirOpen.MatchString(src) {
		x.hazard("%s names a folder that is not a literal", at)
	}
	x.code(at, dir, src)
}

// umbrella notes the projects of an umbrella.
func (x *mixing) umbrella(apps string) {
	names, err := x.Tree.Folders(apps)
	if err != nil {
		x.hazard("the folder %s cannot be listed", apps)
		return
	}
	for _, name := range names {
		if at := path.Join(apps, name); x.has(path.Join(at, "mix.exs")) {
			x.project(at, "mix.exs", true)
			x.has2(path.Join(at, "mix.lock"))
		}
	}
}

// elixir is a file without its comments.
func (x *mixing) elixir(name string) string {
	data := x.read(name)
	if len(data) > rubyLimit {
		x.hazard("%s is too long", name)
		return ""
	}
	return elixirComment.ReplaceAllString(string(data), "$1")
}

// config notes a configuration and what it imports: config/#{config_env()}.exs may
// be any file beside it where MIX_ENV is not known, but for runtime.exs, which only
// a release or a running project loads.
func (x *mixing) config(name string) {
	if x.seen[name] || !x.has(name) {
		return
	}
	x.seen[name] = true
	src, dir := x.elixir(name), path.Dir(name)
	for _, m := range elixirImport.FindAllStringSubmatch(src, -1) {
		target := m[1]
		switch {
		case strings.Contains(path.Dir(target), "#{") || strings.Contains(path.Dir(target), "*") && !strings.HasPrefix(target, "../"):
			x.hazard("%s imports %s", name, target)
		case strings.Contains(target, "*"):
			x.imports(name, dir, target)
		case elixirEnv.MatchString(target) && simple.MatchString(x.env("MIX_ENV")):
			x.config(path.Join(dir, x.env("MIX_ENV")+".exs"))
		case strings.Contains(target, "#{"):
			names, err := x.Tree.List(path.Join(dir, path.Dir(target)))
			if err != nil {
				x.hazard("the folder %s cannot be listed", path.Join(dir, path.Dir(target)))
			}
			for _, file := range names {
				if strings.HasSuffix(file, ".exs") && file != "runtime.exs" {
					x.config(path.Join(dir, path.Dir(target), file))
				}
			}
		case !x.within(path.Join(dir, target)):
			x.hazard("%s imports %s, which the copied files do not hold", name, target)
		default:
			x.config(path.Join(dir, target))
		}
	}
	x.code(name, dir, elixirImport.ReplaceAllString(src, ""))
}

// imports follows import_config "../apps/*/config/config.exs".
func (x *mixing) imports(name, dir, target string) {
	before, after, _ := strings.Cut(target, "*")
	if strings.ContainsAny(after, "*?[{#") || strings.ContainsAny(before, "?[{#") || !strings.HasSuffix(before, "/") || !strings.HasPrefix(after, "/") {
		x.hazard("%s imports %s", name, target)
		return
	}
	base := path.Join(dir, before)
	names, err := x.Tree.Folders(base)
	if err != nil || !x.within(base) {
		x.hazard("the folder %s cannot be listed", base)
		return
	}
	for _, sub := range names {
		x.config(path.Join(base, sub, after))
	}
}

// code notes the files that expressions read by a literal name, and refuses what
// may read others.
func (x *mixing) code(name, dir, src string) {
	for _, m := range elixirRead.FindAllStringSubmatch(src, -1) {
		x.named(dir, m[1]+m[2], name)
	}
	src = elixirSafe.ReplaceAllString(elixirRead.ReplaceAllString(src, ""), "")
	if found := elixirReads.FindString(rubyWords(src)); found != "" {
		x.hazard("%s uses %s, so it may read other files", name, found)
	}
}
