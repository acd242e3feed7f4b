package install

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const (
	yarnSource  = "classic.yarnpkg.com: cli/install, yarnrc, workspaces, package.json; docs.npmjs.com: scripts"
	berrySource = "yarnpkg.com: cli/install, configuration/yarnrc, configuration/manifest, protocols, features/workspaces, advanced/lifecycle-scripts"
)

// yarnKind: yarn 1 copies the folders behind file:, takes only the manifest of what
// link: links, and runs prepublish and prepare but in production installs, which
// may not be seen. strace shows the rest (yarn 1.22.22): .yarn-metadata.json is
// looked for in each folder.
var yarnKind = nodeKind{
	name: "yarn", copies: true, nested: true, also: []string{".yarn-metadata.json"},
	own:    []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"},
	member: []string{"preinstall", "install", "postinstall", "prepublish", "prepare"},
}

// berryKind: yarn 2 and later run no prepare (lifecycle-scripts: "Yarn … will only
// call postinstall" and what leads to it). What portal: links is part of the install.
var berryKind = nodeKind{
	name: "yarn", copies: true, nested: true, writes: notCanonical,
	own:    []string{"preinstall", "install", "postinstall"},
	member: []string{"preinstall", "install", "postinstall"},
}

// yarn tells what yarn install, yarn add and plain yarn need, classic and berry.
// Which of the two it is the context says; where it does not, it may be either.
func yarn(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	switch {
	case m.Program != "yarn":
		return Needs{}, false
	case verb == "" && (m.Has("-v") || m.Has("-h")):
		return Needs{}, false
	case verb != "" && verb != "install" && m.Verb != "install":
		return Needs{}, false
	}
	g := newGather(s, "yarn", yarnSource)
	m = g.openWords(cmd, m)
	locals := g.packages(cmd, m)
	g.home(".npmrc", ".yarnrc", ".yarnrc.yml")
	if m.Has("--use-yarnrc") {
		g.hazard("--use-yarnrc names another configuration")
	}
	if strings.HasPrefix(verb, "global") {
		if len(locals) > 0 {
			g.hazard("it installs %s, which lies in the project", locals[0])
		}
		dir, ok := g.start(nil, false) // the folders' settings count nevertheless
		for _, at := range s.upwards(dir) {
			if ok {
				g.npmrc(path.Join(at, ".npmrc"), at)
				g.yarnrc(at)
			}
		}
		return g.Needs, true
	}
	dir, ok := g.start(m.Options["--cwd"], false)
	if !ok {
		return g.Needs, true
	}
	root := g.nodeRoot(dir)
	berry := g.isBerry(root)
	k, rc := yarnKind, map[string]string{}
	for _, at := range g.upwards(dir) {
		for key, v := range g.npmrc(path.Join(at, ".npmrc"), at) {
			rc[key] = v
		}
		for key, v := range g.yarnrc(at) {
			rc[key] = v
		}
		g.berryrc(at)
	}
	if berry {
		k, g.Source = berryKind, berrySource
		g.berry(root)
	} else if g.has(path.Join(root, ".pnp.js")) {
		g.makes(path.Join(root, ".pnp.js"))
	}
	lock := g.has(path.Join(root, "yarn.lock"))
	g.locks(root, "yarn.lock")
	g.hasAll(root, ".yarnclean", ".corepack.env")
	scripts := !m.Has("--ignore-scripts") && rc["ignore-scripts"] != "true" && rc["--install.ignore-scripts"] != "true" && s.env("YARN_ENABLE_SCRIPTS") != "false" && !slices.Contains(m.Options["--mode"], "skip-build")
	adds := len(m.Packages) > 0 && verb != "workspaces focus"
	g.nodeProject(&k, root, adds && !berry, scripts, locals)
	pure := m.Has("--frozen-lockfile") || m.Has("--pure-lockfile") || m.Has("--immutable") || m.Has("--no-lockfile")
	if !pure || adds {
		g.makes(path.Join(root, "yarn.lock"))
	}
	if adds {
		g.makes(path.Join(root, "package.json"), path.Join(dir, "package.json"))
	}
	if lock && !pure && !adds && verb != "workspaces focus" {
		flag := "--frozen-lockfile"
		if berry {
			flag = "--immutable"
		}
		g.Frozen = s.frozen(cmd, m, "", nil, []string{flag})
		if verb == "" {
			g.Frozen = s.frozen(cmd, m, "", nil, []string{"install", flag})
		}
	}
	return g.Needs, true
}

var berryLock = regexp.MustCompile(`(?m)^"?__metadata"?:`)

// yarnrc notes yarn 1's .yarnrc of a folder, and the release and the folder of
// archives that it names (classic.yarnpkg.com/docs/yarnrc).
func (g *gather) yarnrc(dir string) map[string]string {
	out := map[string]string{}
	name := path.Join(dir, ".yarnrc")
	for line := range strings.Lines(string(g.read(name))) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		key, value = strings.Trim(key, `":`), strings.Trim(strings.TrimSpace(value), `"`)
		if key == "" || key[0] == '#' {
			continue
		}
		out[key] = value
		switch key {
		case "yarn-path", "cafile", "yarn-offline-mirror":
			if key != "yarn-offline-mirror" || value != "false" {
				g.named(dir, value, name)
			}
		case "--modules-folder", "--install.modules-folder", "--cwd":
			g.hazard("%s sets %s", name, key)
		}
	}
	return out
}
