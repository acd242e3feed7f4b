package install

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/project"
)

// npmrc notes a .npmrc and the files that it names, and gives its settings
// (docs.npmjs.com, npmrc and config). cwd is the folder that paths are relative to.
func (g *gather) npmrc(name, cwd string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(g.read(name))) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`)
		if !ok {
			value = "true"
		}
		out[key] = value
		last := key[strings.LastIndexByte(key, ':')+1:]
		switch last {
		case "cafile", "certfile", "keyfile", "cert-file", "key-file":
			g.named(cwd, value, name)
		case "node-options", "onload-script":
			g.hazard("%s sets %s, which may run files of the project", name, last)
		}
	}
	return out
}

// named notes a file that a configuration names: one of the image is no matter.
func (g *gather) named(cwd, file, where string) {
	switch {
	case strings.HasPrefix(file, "~") || file == "":
	case strings.Contains(file, "$"):
		g.hazard("%s names %s, which is only known when it runs", where, file)
	case path.IsAbs(file):
		if at, ok := g.inContext(file); ok {
			g.has(at)
		}
	case !g.within(path.Join(cwd, file)):
		g.hazard("%s names %s, which the copied files do not hold", where, file)
	default:
		g.has(path.Join(cwd, file))
	}
}

// nodeRoot is the folder that npm and its like take for the project of a folder:
// the nearest above with a package.json or node_modules, and of a workspace's
// member the workspace (docs.npmjs.com, npm-prefix, workspaces; npm's own config
// loads package.json of every folder above for that).
func (g *gather) nodeRoot(dir string) string {
	local := ""
	for _, at := range g.upwards(dir) {
		there := g.has(path.Join(at, "package.json"))
		if local == "" {
			if there || g.Tree.Has(path.Join(at, "node_modules")) {
				local = at
			}
			continue
		}
		if !there {
			continue
		}
		if m := g.packageJSON(at); m != nil && slices.Contains(g.workspaces(at, workspacesOf(m)), local) {
			return at
		}
	}
	if local == "" {
		return dir
	}
	return local
}

// workspacesOf are the patterns of a package.json's workspaces.
func workspacesOf(m *packageJSON) []string {
	if obj := jsonObject(m.top["workspaces"]); obj != nil {
		return jsonList(obj["packages"])
	}
	return jsonList(m.top["workspaces"])
}

var localTarball = regexp.MustCompile(`(?:resolved|version|tarball|resolution)"?:?\s*['"]?[^\s'"]*?file:([^"'\s,{}()#:]+\.(?:tgz|tar\.gz|tar))\b`)

var tarballName = regexp.MustCompile(`\.(?:tgz|tar\.gz|tar)$`)

// maxTarballs bounds the archives that one lock file names.
const maxTarballs = 5000

// locks notes the archives of the context that lock files take packages from.
func (g *gather) locks(root string, names ...string) {
	if !slices.ContainsFunc(g.Tree.Files().List, func(f project.File) bool { return tarballName.MatchString(f.Path) }) && g.Tree.Files().Partial == "" {
		g.hasAll(root, names...) // a lock file that is too long to read is no matter then
		return
	}
	for _, name := range names {
		for _, found := range localTarball.FindAllSubmatch(g.read(path.Join(root, name)), maxTarballs) {
			file := strings.TrimPrefix(string(found[1]), "//")
			if at := path.Join(root, file); path.IsAbs(file) {
				g.named(root, file, name)
			} else if g.within(at) {
				g.has(at)
			} else {
				g.hazard("%s takes %s, which the copied files do not hold", name, file)
			}
		}
	}
}
