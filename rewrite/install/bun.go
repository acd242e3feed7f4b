package install

import (
	"path"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const bunSource = "bun.com/docs: pm/cli/install, runtime/bunfig, pm/lockfile, pm/workspaces, pm/lifecycle, pm/npmrc, runtime/env; docs.npmjs.com: scripts"

// bunKind: bun copies the folders behind file:.
var bunKind = nodeKind{
	name: "bun", copies: true,
	own:    []string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"},
	member: []string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"},
}

// bun tells what bun install and bun add need. Without a lock file of its own it
// takes over those of npm, yarn and pnpm.
func bun(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "bun" || m.Verb != "install" {
		return Needs{}, false
	}
	g := newGather(s, "bun", bunSource)
	m = g.openWords(cmd, m)
	locals := g.packages(cmd, m)
	g.home(".npmrc", ".bunfig.toml")
	dir, ok := g.start(m.Options["--cwd"], false)
	if !ok {
		return g.Needs, true
	}
	root := g.nodeRoot(dir)
	g.bunfig(root)
	rc := g.npmrc(path.Join(root, ".npmrc"), root)
	for _, name := range []string{".env", ".env.local", ".env.production", ".env.development", ".env.test"} {
		g.has(path.Join(dir, name))
	}
	if m.Has("-g") {
		for _, l := range locals {
			g.hazard("it installs %s, which lies in the project", l)
		}
		return g.Needs, true
	}
	text, binary := g.has(path.Join(root, "bun.lock")), g.has(path.Join(root, "bun.lockb"))
	g.locks(root, "bun.lock")
	if !text && !binary {
		g.hasAll(root, "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml")
	}
	scripts := !m.Has("--ignore-scripts") && rc["ignore-scripts"] != "true"
	adds := len(m.Packages) > 0
	k := bunKind
	g.nodeProject(&k, root, adds, scripts, locals)
	frozen := m.Has("--frozen-lockfile")
	if !frozen && !m.Has("--no-save") {
		g.makes(path.Join(root, "bun.lock"), path.Join(root, "bun.lockb"))
	}
	if adds && !m.Has("--no-save") {
		g.makes(path.Join(root, "package.json"))
	}
	if (text || binary) && !frozen && !adds {
		g.Frozen = s.frozen(cmd, m, "", []string{"--no-save"}, []string{"--frozen-lockfile"})
	}
	return g.Needs, true
}

// bunfig notes bunfig.toml. Its preload is for bun run; what an install takes from
// it are registries and switches, and files only as certificates.
func (g *gather) bunfig(root string) {
	name := path.Join(root, "bunfig.toml")
	for line := range strings.Lines(string(g.read(name))) {
		key, value, ok := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); !ok || strings.HasPrefix(key, "#") {
			continue
		}
		if value = strings.Trim(strings.TrimSpace(value), `"'`); key == "cafile" {
			g.named(root, value, name)
		}
	}
}
