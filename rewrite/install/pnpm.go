package install

import (
	"path"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const pnpmSource = "pnpm.io: cli/install, cli/fetch, pnpm-workspace_yaml, npmrc, pnpmfile, package_json, settings; docs.npmjs.com: scripts"

// pnpmKind: pnpm copies the folders behind file: and links those behind link:.
// strace shows (pnpm 9) that it reads a .npmrc in each member, and takes
// package.json5 and package.yaml where there is no package.json.
var pnpmKind = nodeKind{
	name: "pnpm", copies: true, links: true, members: pnpmMembers, also: []string{".npmrc"},
	own:    []string{"pnpm:devPreinstall", "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"},
	member: []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"},
}

// pnpmMembers: only pnpm-workspace.yaml says what the members are.
func pnpmMembers(g *gather, root string, _ []string) (out []string) {
	top, _ := yamlMap(g.read(path.Join(root, "pnpm-workspace.yaml")))
	for _, p := range yamlList(top["packages"]) {
		out = append(out, yamlText(p))
	}
	return out
}

// pnpm tells what pnpm install, add and fetch need. The workspace's root is the
// nearest folder above with a pnpm-workspace.yaml; an install in a member is one
// of the whole workspace (settings: recursiveInstall).
func pnpm(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	if m.Program != "pnpm" || m.Verb != "install" && verb != "fetch" {
		return Needs{}, false
	}
	g := newGather(s, "pnpm", pnpmSource)
	m = g.openWords(cmd, m)
	locals := g.packages(cmd, m)
	g.home(".npmrc", ".config/pnpm/rc")
	if m.Has("-g") {
		for _, l := range locals {
			g.hazard("it installs %s, which lies in the project", l)
		}
		return g.Needs, true
	}
	dir, ok := g.start(m.Options["-C"], false)
	if !ok {
		return g.Needs, true
	}
	root := dir
	if !m.Has("--ignore-workspace") {
		for _, at := range g.upwards(dir) {
			if g.has(path.Join(at, "pnpm-workspace.yaml")) {
				root = at
				break
			}
		}
	}
	rc := map[string]string{}
	for _, at := range []string{root, dir} {
		for key, v := range g.npmrc(path.Join(at, ".npmrc"), at) {
			rc[key] = v
		}
	}
	top, ok := yamlMap(g.read(path.Join(root, "pnpm-workspace.yaml")))
	if !ok {
		g.hazard("%s is not understood", path.Join(root, "pnpm-workspace.yaml"))
	}
	lock := g.has(path.Join(root, "pnpm-lock.yaml"))
	g.locks(root, "pnpm-lock.yaml")
	g.hasAll(root, "package.json", ".corepack.env")
	for _, name := range []string{"package.json5", "package.yaml"} {
		if !g.Tree.Has(path.Join(root, "package.json")) && g.has(path.Join(root, name)) {
			g.hazard("%s stands for package.json", path.Join(root, name))
		}
	}
	g.pnpmSettings(root, top)
	g.pnpmfile(root, rc["pnpmfile"], yamlText(top["pnpmfile"]))
	if verb == "fetch" {
		g.makes(path.Join(root, "node_modules"))
		g.has2(path.Join(root, "node_modules"))
		return g.Needs, true
	}
	scripts := !m.Has("--ignore-scripts") && rc["ignore-scripts"] != "true" && npmEnv(s, "ignore_scripts") != "true" && yamlText(top["ignoreScripts"]) != "true"
	adds := len(m.Packages) > 0
	k := pnpmKind
	g.nodeProject(&k, root, adds, scripts, locals)
	if dir != root && g.packageJSON(dir) == nil {
		g.hazard("%s is not among the copied files", path.Join(dir, "package.json"))
	}
	frozen := m.Has("--frozen-lockfile") || s.env("CI") == "true" && !m.Has("--no-frozen-lockfile")
	if !frozen || adds {
		g.makes(path.Join(root, "pnpm-lock.yaml"))
	}
	if adds {
		g.makes(path.Join(dir, "package.json"))
	}
	if lock && !frozen && !adds && !m.Has("--no-frozen-lockfile") && !m.Has("--lockfile-only") && !m.Has("--fix-lockfile") {
		g.Frozen = s.frozen(cmd, m, "", []string{"--prefer-frozen-lockfile"}, []string{"--frozen-lockfile"})
	}
	return g.Needs, true
}

// pnpmSettings notes what pnpm-workspace.yaml names (pnpm.io/settings).
func (g *gather) pnpmSettings(root string, top map[string]any) {
	p := &nodeProject{gather: g, kind: &pnpmKind, root: root, seen: map[string]bool{root: true}}
	if patches, ok := top["patchedDependencies"].(map[string]any); ok {
		for _, file := range byName(patches) {
			g.has(path.Join(root, yamlText(file)))
		}
	}
	for _, key := range []string{"overrides", "catalog"} {
		specs, _ := top[key].(map[string]any)
		for name, spec := range byName(specs) {
			p.dependency(root, name, yamlText(spec))
		}
	}
	if yamlText(top["injectWorkspacePackages"]) == "true" {
		g.hazard("injectWorkspacePackages copies the members' sources")
	}
}

// pnpmfile notes the hooks that pnpm runs (pnpm.io/pnpmfile).
func (g *gather) pnpmfile(root string, named ...string) {
	p := &nodeProject{gather: g}
	for _, name := range append(named, ".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js") {
		if name != "" && !strings.Contains(name, "$") {
			p.code(path.Join(root, name), "pnpm")
		}
	}
}
