package needs

import (
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/shell"
)

// manifestOfNode is the part of package.json that counts here.
type manifestOfNode struct {
	Scripts              map[string]any `json:"scripts"`
	Dependencies         map[string]any `json:"dependencies"`
	DevDependencies      map[string]any `json:"devDependencies"`
	OptionalDependencies map[string]any `json:"optionalDependencies"`
	Main                 any            `json:"main"`
}

// node takes what npm and its like install and run.
func (r *reader) node(m command.Meaning, args []shell.Word) {
	var plain []string
	for _, w := range args[1:] {
		if w.Static && !strings.HasPrefix(w.Value, "-") {
			plain = append(plain, w.Value)
		}
	}
	verb, ignored := "", m.Has("--ignore-scripts")
	if len(plain) > 0 {
		verb = plain[0]
	}
	global := m.Has("-g") || m.Has("--location") || verb == "global"
	switch {
	case m.Program == "npx" || m.Program == "pnpx":
		if len(plain) > 0 && len(m.Packages) > 0 {
			r.npmPackage(plain[0])
		}
	case slices.Contains([]string{"config", "set", "get", "cache", "version", "pkg", "prune", "dedupe", "ls", "list", "root", "bin", "prefix", "help", "audit", "policies", "import", "why", "store", "view", "info", "login", "outdated", "remove", "uninstall", "rm", "licenses", "link", "unlink", "init"}, verb):
	case m.Verb == "install" || m.Verb == "ci" || m.Verb == "clean-install" || m.Verb == "upgrade" || m.Verb == "download" || verb == "fetch" || verb == "rebuild" || verb == "" && m.Program == "yarn":
		if m.Verb == "" && verb == "" && (m.Has("-v") || m.Has("--version")) {
			return
		}
		for _, i := range m.Packages {
			if i < len(args) && args[i].Static {
				r.npmPackage(args[i].Value)
			} else if i < len(args) && args[i].Prefix != "" {
				r.npmPackage(strings.TrimSuffix(args[i].Prefix, "@"))
			}
		}
		if !global && (len(m.Packages) == 0 || m.Program != "yarn" || verb != "add") {
			r.npmProject(ignored)
		}
	case verb == "run", verb == "run-script", verb == "exec", verb == "x", verb == "dlx":
		if len(plain) > 1 {
			r.npmScript(plain[1])
		}
	case verb == "start", verb == "test", verb == "stop", verb == "restart", verb == "t":
		r.npmScript(verb)
	case verb != "" && m.Program != "npm" && verb != "workspace" && verb != "workspaces" && verb != "node":
		r.npmScript(verb)
	}
}

// npmPackage takes one package that a command names.
func (r *reader) npmPackage(word string) {
	switch {
	case strings.Contains(word, "git+") || strings.HasPrefix(word, "git@") || strings.HasPrefix(word, "git:") || strings.HasPrefix(word, "github:"):
		r.need(Command, "git")
		return
	case strings.HasPrefix(word, "."), strings.HasPrefix(word, "/"), strings.HasSuffix(word, ".tgz"), strings.Contains(word, "://"):
		return
	case !strings.HasPrefix(word, "@") && strings.Count(word, "/") == 1:
		r.need(Command, "git") // user/repository, which npm fetches from GitHub
		return
	}
	if at := strings.LastIndex(word, "@"); at > 0 {
		word = word[:at]
	}
	r.dependency(&r.out.Node, word, false)
}

// npmProject takes what package.json and its lock file say.
func (r *reader) npmProject(ignored bool) {
	dir := r.abs(".")
	data, name := r.manifest(path.Join(dir, "package.json"))
	var m manifestOfNode
	if data == nil {
		r.unreadList("npm", "package.json")
		return
	}
	if err := json.Unmarshal(data, &m); err != nil {
		r.unknown(name + " cannot be read")
		return
	}
	by := r.by
	r.by = name
	for _, list := range []map[string]any{m.Dependencies, m.DevDependencies, m.OptionalDependencies} {
		for _, dep := range slices.Sorted(maps.Keys(list)) {
			r.npmSpec(dep, list[dep])
		}
	}
	if !ignored {
		for _, event := range []string{"preinstall", "install", "postinstall", "prepare", "prepublish"} {
			if script, ok := m.Scripts[event].(string); ok {
				r.nested(name+", "+event, script)
			}
		}
		r.npmLock(dir)
	}
	r.by = by
}

func (r *reader) npmSpec(name string, spec any) {
	text, _ := spec.(string)
	switch {
	case strings.HasPrefix(text, "git") || strings.HasPrefix(text, "bitbucket:"):
		r.need(Command, "git")
		if strings.Contains(text, "ssh") {
			r.need(Command, "ssh")
		}
	case !strings.ContainsAny(text, ": @^~>=*") && strings.Count(text, "/") == 1:
		r.need(Command, "git")
	}
	r.dependency(&r.out.Node, name, false)
}

var (
	yarnLocked = regexp.MustCompile(`(?m)^"?(@?[^@"\s]+)@`)
	pnpmLocked = regexp.MustCompile(`(?m)^  '?/?(@?[^@'\s(:]+)[@/][0-9][^\n]*:$`)
	gitLocked  = regexp.MustCompile(`(?m)(resolved|resolution:|version) ?"?(git\+|git:|ssh:|https://codeload)|"resolved": "git|tarball: https://codeload`)
)

// npmLock takes the packages of a lock file. Those of package-lock.json say which
// of them run something when they are installed.
func (r *reader) npmLock(dir string) {
	if data, name := r.manifest(path.Join(dir, "package-lock.json")); data != nil {
		r.by = name
		type locked struct {
			Script       bool           `json:"hasInstallScript"`
			Requires     any            `json:"requires"`
			Dependencies map[string]any `json:"dependencies"`
			Resolved     any            `json:"resolved"`
		}
		var lock struct {
			Packages     map[string]locked `json:"packages"`
			Dependencies map[string]locked `json:"dependencies"`
		}
		if err := json.Unmarshal(data, &lock); err != nil {
			r.unknown(name + " cannot be read")
			return
		}
		for _, at := range slices.Sorted(maps.Keys(lock.Packages)) {
			p := lock.Packages[at]
			i := strings.LastIndex(at, "node_modules/")
			if i < 0 {
				continue
			}
			dep := at[i+len("node_modules/"):]
			r.dependency(&r.out.Node, dep, p.Script && compiledNode(p.Dependencies))
		}
		if lock.Packages == nil {
			for _, dep := range slices.Sorted(maps.Keys(lock.Dependencies)) {
				requires, _ := lock.Dependencies[dep].Requires.(map[string]any)
				r.dependency(&r.out.Node, dep, compiledNode(requires) && requires["nan"] != nil)
			}
		}
		if gitLocked.Match(data) {
			r.need(Command, "git")
		}
		return
	}
	for _, lock := range []struct {
		file string
		name *regexp.Regexp
	}{{"yarn.lock", yarnLocked}, {"pnpm-lock.yaml", pnpmLocked}} {
		data, name := r.manifest(path.Join(dir, lock.file))
		if data == nil {
			continue
		}
		r.by = name
		for _, m := range lock.name.FindAllSubmatch(data, -1) {
			if dep := string(m[1]); !strings.HasPrefix(dep, "_") {
				r.dependency(&r.out.Node, dep, false)
			}
		}
		if gitLocked.Match(data) {
			r.need(Command, "git")
		}
	}
}

// compiledNode reports whether a package that runs something when it is installed
// builds an addon and has no way to fetch one that is ready.
func compiledNode(requires map[string]any) bool {
	for _, ready := range []string{"node-gyp-build", "prebuild-install", "node-pre-gyp", "@mapbox/node-pre-gyp", "@npmcli/node-pre-gyp", "detect-libc", "node-gyp-build-optional-packages"} {
		if requires[ready] != nil {
			return false
		}
	}
	return requires["nan"] != nil || requires["node-addon-api"] != nil || requires["node-gyp"] != nil
}

// npmScript takes a script of package.json.
func (r *reader) npmScript(script string) {
	data, name := r.manifest(path.Join(r.abs("."), "package.json"))
	if data == nil {
		switch {
		case r.tree == nil:
			r.unknown(r.by + " runs the script " + script + " of package.json, which cannot be read without the build context")
		default:
			r.unknown(r.by + " runs the script " + script + " of package.json, which is not in the build context")
		}
		return
	}
	var m manifestOfNode
	if json.Unmarshal(data, &m) != nil {
		return
	}
	for _, event := range []string{"pre" + script, script, "post" + script} {
		if text, ok := m.Scripts[event].(string); ok {
			r.nested(name+", "+event, text)
		}
	}
	if script == "start" && m.Scripts["start"] == nil {
		r.program("server.js")
	}
}

// nested reads a command line that a manifest has.
func (r *reader) nested(by, text string) {
	key := by + "\n" + text
	if r.running {
		key += " run"
	}
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	if r.depth >= maxDepth {
		r.unknown(by + " is one script too many of those that call each other")
		return
	}
	was := r.by
	r.by = by
	r.depth++
	r.need(Command, "sh")
	r.text(text, shell.POSIX)
	r.depth--
	r.by = was
}

// NodeScript is the text of a script of the package.json that lies in the working
// directory of a stage at its end; false where that cannot be read, or where another
// script belongs to it.
func (f *File) NodeScript(stage *dockerfile.Stage, name string) (string, bool) {
	r := &reader{File: f, stage: stage, in: stage.From, out: &Stage{}}
	r.env = effect.At(stage, f.tree)
	for _, in := range stage.Instructions {
		r.env = r.env.After(in)
	}
	r.files = r.layoutOf(stage)
	data, _ := r.manifest(path.Join(r.abs("."), "package.json"))
	var m manifestOfNode
	if data == nil || json.Unmarshal(data, &m) != nil || m.Scripts["pre"+name] != nil || m.Scripts["post"+name] != nil {
		return "", false
	}
	text, ok := m.Scripts[name].(string)
	return text, ok
}
