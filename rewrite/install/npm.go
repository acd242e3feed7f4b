package install

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const npmSource = "docs.npmjs.com: npm-install, npm-ci, folders, npmrc, package.json, workspaces, scripts (Life Cycle Operation Order)"

// npmKind: npm links the folders behind file:, prepares them, and runs the
// scripts of the project, prepare among them, in production installs too (npm 7
// and later; before, prepare was left out there, so that more is said than read).
var npmKind = nodeKind{
	name:   "npm",
	links:  true,
	own:    []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"},
	member: []string{"preinstall", "install", "postinstall", "prepare"},
}

// npm tells what npm install and npm ci need. What they open of a project was
// looked at with strace as well (npm 11): package.json up to the root of the file
// system, where a parent may be the root of the workspace, the two lock files,
// yarn.lock, .npmrc, binding.gyp and node_modules, and of each member package.json,
// node_modules, binding.gyp and the files that bin names. .nvmrc, .node-version,
// the members' .npmrc and .npmignore are not.
func npm(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	clean := verb == "ci" || verb == "clean-install" || verb == "install-clean"
	if m.Program != "npm" || m.Verb != "install" {
		return Needs{}, false
	}
	g := newGather(s, "npm", npmSource)
	if verb == "install-test" || verb == "it" {
		g.hazard("npm %s runs the tests too", verb)
	}
	m = g.openWords(cmd, m)
	locals := g.packages(cmd, m)
	if global := m.Has("-g") || slices.Contains(m.Options["--location"], "global") || npmEnv(s, "global") == "true"; global {
		// The project's .npmrc is not read (npmrc: "Per-project config file").
		for _, l := range locals {
			if at, ok := s.inContext(l); ok && !s.Tree.IsDir(at) {
				g.has(at)
			} else {
				g.hazard("it installs the folder %s", l)
			}
		}
		if len(m.Packages) == 0 {
			g.hazard("it installs the project itself, as a folder")
		}
		return g.Needs, true
	}
	g.home(".npmrc")
	dir, ok := g.start(m.Options["--prefix"], false)
	if !ok {
		return g.Needs, true
	}
	root := dir
	if !m.Has("--prefix") {
		root = g.nodeRoot(dir)
	}
	rc := g.npmrc(path.Join(root, ".npmrc"), root)
	g.userconfig(m.Options["--userconfig"])
	g.userconfig([]string{npmEnv(s, "userconfig")})
	k := npmKind
	if v := rc["install-links"]; v == "true" || m.Has("--install-links") || npmEnv(s, "install_links") == "true" {
		k.copies, k.packs = true, true
	}
	scripts := !m.Has("--ignore-scripts") && rc["ignore-scripts"] != "true" && npmEnv(s, "ignore_scripts") != "true"
	shrinkwrap := g.has(path.Join(root, "npm-shrinkwrap.json"))
	lock := g.has(path.Join(root, "package-lock.json"))
	yarn := g.has(path.Join(root, "yarn.lock"))
	g.locks(root, "npm-shrinkwrap.json", "package-lock.json")
	adds := len(m.Packages) > len(locals) || slices.ContainsFunc(locals, func(l string) bool { return path.Clean(l) != "." })
	g.nodeProject(&k, root, adds, scripts, locals)
	if clean {
		return g.Needs, true
	}
	writes := !m.Has("--no-package-lock") && !m.Has("--no-shrinkwrap") && rc["package-lock"] != "false" && npmEnv(s, "package_lock") != "false"
	switch {
	case shrinkwrap && writes:
		g.makes(path.Join(root, "npm-shrinkwrap.json"))
	case writes:
		g.makes(path.Join(root, "package-lock.json"))
	}
	if yarn && writes {
		g.makes(path.Join(root, "yarn.lock")) // npm-install(1): it is kept up to date
	}
	if adds && !m.Has("--no-save") {
		g.makes(path.Join(root, "package.json"))
	}
	if writes && (lock || shrinkwrap) && !adds && len(locals) == 0 {
		g.Frozen = s.frozen(cmd, m, "ci", []string{"--no-save", "--save", "-S", "-P", "-D", "--save-dev", "--save-prod", "--package-lock"}, nil)
	}
	return g.Needs, true
}

// verbOf is the subcommand as it is written.
func verbOf(m command.Meaning) string {
	var out []string
	for _, r := range m.Roles {
		if r.Kind == command.Verb {
			out = append(out, r.Value)
		}
	}
	return strings.Join(out, " ")
}

// npmEnv is a setting of npm's that the environment gives (docs.npmjs.com,
// config: "Environment Variables").
func npmEnv(s Site, name string) string {
	if v := s.env("npm_config_" + name); v != "" {
		return v
	}
	return s.env("NPM_CONFIG_" + strings.ToUpper(name))
}

// switches are options of the package managers of node that may be given a true or
// false, and change nothing of what is read.
var switches = []string{
	"unsafe-perm", "legacy-peer-deps", "strict-peer-deps", "progress", "audit", "fund", "update-notifier", "optional", "prefer-offline", "prefer-online", "color",
	"strict-ssl", "foreground-scripts", "production", "save", "bin-links", "engine-strict", "strict-peer-dependencies", "shamefully-hoist", "auto-install-peers",
}

// openWords refuses words that were not understood, and notes what options have
// written: a cache, another folder for modules. --name=true is taken for --name,
// --name=false for --no-name.
func (g *gather) openWords(cmd *shell.Simple, m command.Meaning) command.Meaning {
	options := maps.Clone(m.Options)
	for _, i := range m.Unknown {
		if i >= len(cmd.Words) || !cmd.Words[i].Static {
			g.hazard("a word of the command is only known when it runs")
			continue
		}
		word := cmd.Words[i].Value
		name, value, ok := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		switch {
		case !ok || !strings.HasPrefix(word, "--") || value != "true" && value != "false":
			g.hazard("what %s means to %s is not known", word, m.Program)
		case name == "package-lock" && value == "false":
			options["--no-package-lock"] = nil
		case slices.Contains([]string{"ignore-scripts", "frozen-lockfile"}, name):
			if value == "true" {
				options["--"+name] = nil
			} else {
				options["--no-"+name] = nil
			}
		case !slices.Contains(switches, strings.TrimPrefix(name, "no-")):
			g.hazard("what %s means to %s is not known", word, m.Program)
		}
	}
	m.Options = options
	for _, i := range m.Writes {
		if at, ok := g.inContext(m.Roles[i].Value); ok && m.Roles[i].Option != "--prefix" && m.Roles[i].Value != "" {
			g.has2(at)
			g.makes(at)
		}
	}
	return m
}

// packages are those words of a command that name files or folders. What only the
// shell knows may be one, unless it begins as a name does.
func (g *gather) packages(cmd *shell.Simple, m command.Meaning) (locals []string) {
	for _, i := range m.Packages {
		if i >= len(cmd.Words) {
			continue
		}
		w := cmd.Words[i]
		local, is := localPackage(w.Prefix)
		switch {
		case w.Static && is:
			locals = append(locals, local)
		case !w.Static && (is || w.Prefix == ""):
			g.hazard("what it installs is only known when it runs")
		}
	}
	return locals
}

// localPackage tells a file or folder from a name, as npm-package-arg does.
func localPackage(spec string) (string, bool) {
	for _, p := range []string{"file:", "link:", "portal:"} {
		if _, rest, ok := strings.Cut(spec, p); ok && (strings.HasPrefix(spec, p) || strings.Contains(spec, "@"+p)) {
			return rest, true
		}
	}
	for _, end := range []string{".tgz", ".tar.gz", ".tar"} {
		if strings.HasSuffix(spec, end) && !strings.Contains(spec, "://") {
			return spec, true
		}
	}
	return spec, strings.HasPrefix(spec, ".") || strings.HasPrefix(spec, "/") || strings.HasPrefix(spec, "~/")
}

// userconfig notes a configuration file that an option names.
func (g *gather) userconfig(files []string) {
	for _, f := range files {
		if at, ok := g.inContext(f); ok && f != "" {
			g.npmrc(at, path.Dir(at))
		}
	}
}

// frozen is the command with another subcommand, without some options, and with
// words at its end; "" where it cannot be written down.
func (s Site) frozen(cmd *shell.Simple, m command.Meaning, verb string, drop, add []string) string {
	l := line{gather: &gather{Site: s}, cmd: cmd}
	var out []string
	for _, a := range s.assigned {
		value, ok := quoted(a.value)
		if !a.known || !ok && a.value != "" {
			return ""
		}
		out = append(out, a.name+"="+value)
	}
	for i, w := range cmd.Words {
		switch {
		case m.Roles[i].Kind == command.Verb && verb != "":
			out = append(out, verb)
			verb = ""
		case w.Static && slices.Contains(drop, w.Value):
		default:
			text, ok := l.word(i)
			if !ok {
				return ""
			}
			out = append(out, text)
		}
	}
	return strings.Join(append(out, add...), " ")
}
