package install

import (
	"bytes"
	"encoding/json"
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
	g.openWords(cmd, m)
	locals := g.packages(cmd, m)
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

// notCanonical reports whether yarn 2 and later write a package.json anew, which
// they do where it is not as they would write it, --immutable or not (seen with
// 4.x): indented throughout, dependencies sorted by name, a line break at the end.
func notCanonical(data []byte) bool {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	indent := "  "
	if found := firstIndent.FindSubmatch(data); found != nil {
		indent = string(found[1])
	}
	var compact, again bytes.Buffer
	if json.Compact(&compact, data) != nil || json.Indent(&again, compact.Bytes(), "", indent) != nil {
		return true
	}
	again.WriteByte('\n')
	if !bytes.Equal(again.Bytes(), data) || bytes.Contains(data, []byte(`\u`)) {
		return true
	}
	for _, key := range []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "dependenciesMeta", "peerDependenciesMeta"} {
		if !slices.IsSorted(jsonKeys(jsonObject(data)[key])) {
			return true
		}
	}
	return false
}

var firstIndent = regexp.MustCompile(`(?m)^([ \t]+)\S`)

// jsonKeys are the names of an object's members as they stand.
func jsonKeys(data json.RawMessage) (out []string) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		var skip json.RawMessage
		if err != nil || !ok || dec.Decode(&skip) != nil {
			return out
		}
		out = append(out, name)
	}
	return out
}

// isBerry reports whether the project is one of yarn 2 or later.
func (g *gather) isBerry(root string) bool {
	for _, at := range g.upwards(root) {
		if g.Tree.Has(path.Join(at, ".yarnrc.yml")) {
			return true
		}
	}
	if berryLock.Match(g.read(path.Join(root, "yarn.lock"))) {
		return true
	}
	m := g.packageJSON(root)
	if m == nil {
		return false
	}
	v, ok := strings.CutPrefix(jsonText(m.top["packageManager"]), "yarn@")
	return ok && major(v) >= 2
}

// major is the first number of a version or a range, -1 where it has none.
func major(v string) int {
	v = strings.TrimLeft(v, "^~>=v ")
	n, digits := 0, 0
	for ; digits < len(v) && digits < 6 && '0' <= v[digits] && v[digits] <= '9'; digits++ {
		n = n*10 + int(v[digits]-'0')
	}
	if digits == 0 {
		return -1
	}
	return n
}

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

// berryrc notes .yarnrc.yml of a folder and what it names: the release, plugins,
// certificates, the constraints (yarnpkg.com/configuration/yarnrc).
func (g *gather) berryrc(dir string) {
	name := path.Join(dir, ".yarnrc.yml")
	data := g.read(name)
	top, ok := yamlMap(data)
	if !ok {
		g.hazard("%s is not understood", name)
		return
	}
	for _, key := range []string{"yarnPath", "httpsCaFilePath", "caFilePath", "httpsCertFilePath", "httpsKeyFilePath"} {
		if v := yamlText(top[key]); v != "" {
			g.named(dir, v, name)
		}
	}
	for _, p := range yamlList(top["plugins"]) {
		file := yamlText(p)
		if one, ok := p.(map[string]any); ok {
			file = yamlText(one["path"])
		}
		if file != "" && !strings.HasPrefix(file, "@") {
			g.named(dir, file, name)
		}
	}
	for _, file := range yamlList(top["injectEnvironmentFiles"]) {
		g.has(path.Join(dir, strings.TrimSuffix(yamlText(file), "?")))
	}
	if yamlText(top["enableConstraintsChecks"]) == "true" {
		for _, file := range []string{"yarn.config.cjs", "constraints.pro"} {
			if g.has(path.Join(dir, file)) {
				g.hazard("%s is run at each install, which may read other files", path.Join(dir, file))
			}
		}
	}
	for _, key := range []string{"cacheFolder", "pnpUnpluggedFolder", "installStatePath", "virtualFolder", "patchFolder", "deferredVersionFolder", "lockfileFilename"} {
		if v := yamlText(top[key]); v != "" {
			g.has2(path.Join(dir, v))
			g.makes(path.Join(dir, v))
		}
	}
}

// berry notes what yarn 2 and later keep in .yarn, and what they make.
func (g *gather) berry(root string) {
	g.hasAll(root, ".env.yarn")
	for _, name := range []string{"releases", "plugins", "patches", "cache", "versions"} {
		g.has2(path.Join(root, ".yarn", name))
	}
	for _, name := range []string{".pnp.cjs", ".pnp.js", ".pnp.loader.mjs", ".pnp.data.json", ".yarn/install-state.gz", ".yarn/unplugged", ".yarn/build-state.yml", ".yarn/cache"} {
		g.has2(path.Join(root, name))
		g.makes(path.Join(root, name))
	}
}

// yamlText is a scalar as text.
func yamlText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func yamlList(v any) []any {
	l, _ := v.([]any)
	return l
}

// maxYAML bounds a configuration in YAML, in bytes.
const maxYAML = 1 << 20

// yamlMap reads a mapping with string keys; nothing is an empty one.
func yamlMap(data []byte) (map[string]any, bool) {
	if len(data) > maxYAML {
		return nil, false
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, true
	}
	return yamlDecode(data)
}
