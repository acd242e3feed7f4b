package split

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
)

// node is Node.js' package managers and what they run: all of it stays in the folder
// that they are run in, which is kept whole.
func (w *walk) node(c *cmd) {
	ops := c.operands("--prefix", "-C", "--filter", "-w", "--workspace", "--cwd", "--registry")
	verb := ""
	if len(ops) > 0 {
		verb = ops[0].s
	}
	if c.has("-g", "--global") || verb == "global" {
		if len(ops) > 1 && slices.ContainsFunc(ops[1:], func(a arg) bool {
			return !strings.HasPrefix(a.s, "npm") && !strings.HasPrefix(a.s, "yarn") && !strings.HasPrefix(a.s, "pnpm")
		}) {
			refuse("`%s` installs programs for all, which may be needed", clip(c.text))
		}
		if len(ops) > 1 && slices.ContainsFunc(ops[1:], func(a arg) bool { return strings.HasPrefix(a.s, "pnpm") }) {
			w.install["pnpm"] = true
		}
		return
	}
	switch {
	case verb == "config" || verb == "cache" || verb == "set" || c.name == "corepack" || c.has("--version"):
		return
	case w.files.isSystem(w.dir):
		refuse("`%s` works in %s", clip(c.text), w.dir)
	}
	w.project.whole = true
	w.files.opaque(w.dir)
	build := c.name == "npx" || c.name == "tsc" || verb == "run" || verb == "run-script" || c.name != "npm" && slices.Contains([]string{"build", "compile"}, verb)
	if build {
		w.building(c, "Node.js")
	}
}

var nodeLocked = regexp.MustCompile(`"(?:[^"]*/)?node_modules/((?:@[^"/]+/)?[^"/]+)": \{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}`)

// nodePackages looks at what the locked packages compile, and link at run time.
func (w *walk) nodePackages() {
	found := false
	for _, p := range w.files.paths() {
		e := w.files.at[p]
		switch path.Base(p) {
		case "package-lock.json":
			found = true
			data, err := w.tree.Read(e.from)
			if err != nil || len(data) > 16<<20 {
				refuse("%s cannot be read", e.from)
			}
			for _, m := range nodeLocked.FindAllStringSubmatch(string(data), -1) {
				if !strings.Contains(m[2], `"hasInstallScript": true`) {
					continue
				}
				w.nodePackage(m[1])
			}
		case "yarn.lock", "pnpm-lock.yaml":
			found = true
			data, err := w.tree.Read(e.from)
			if err != nil || len(data) > 16<<20 {
				refuse("%s cannot be read", e.from)
			}
			for _, m := range regexp.MustCompile(`(?m)^\s*"?'?/?((?:@[a-z0-9._-]+/)?[a-z0-9._-]+)@`).FindAllStringSubmatch(string(data), -1) {
				if p, ok := base.NodePackage(m[1]); ok && p.Glibc != base.Pure {
					w.nodePackage(m[1])
				}
			}
		}
	}
	if !found && w.text.has("package.json", `"dependencies"`) {
		refuse("there is no lock file, which would tell what is compiled")
	}
}

// builders of front ends and tools whose install script fetches a ready program.
var ready = words(`esbuild fsevents core-js core-js-pure @swc/core @parcel/watcher husky nx protobufjs vue-demi es5-ext postinstall-postinstall @nestjs/core
	sharp unrs-resolver msw less cypress-not @firebase/util bufferutil utf-8-validate bcrypt sqlite3 better-sqlite3 cpu-features ssh2 styled-components @scarf/scarf
	@apollo/protobufjs preact nodemon workerd napi-postinstall @tailwindcss/oxide lmdb msgpackr-extract`)

func (w *walk) nodePackage(name string) {
	if ready[name] {
		return
	}
	p, ok := base.NodePackage(name)
	if !ok {
		refuse("what the package %s does when it is installed is not known", name)
	}
	libs, known := p.Runtime(w.image.Suite)
	if !known {
		refuse("which libraries the package %s needs is not known", name)
	}
	w.links = append(w.links, prefixed("pkg:", libs)...)
}

func prefixed(p string, list []string) (out []string) {
	for _, s := range list {
		out = append(out, p+s)
	}
	return out
}
