package install

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

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
