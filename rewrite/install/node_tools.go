package install

import (
	"path"
	"regexp"
	"strings"
)

// nodeBuilders are programs that read the sources, each with what it does.
var nodeBuilders = map[string]string{
	"tsc": "reads the sources", "tsup": "reads the sources", "tsdown": "reads the sources", "tsx": "runs a program of the project", "ts-node": "runs a program of the project",
	"webpack": "reads the sources", "rollup": "reads the sources", "vite": "reads the sources", "esbuild": "reads the sources", "swc": "reads the sources",
	"babel": "reads the sources", "parcel": "reads the sources", "ncc": "reads the sources", "microbundle": "reads the sources", "unbuild": "reads the sources",
	"bob": "reads the sources", "gulp": "runs the tasks of the project", "grunt": "runs the tasks of the project", "ng": "reads the sources", "ngc": "reads the sources",
	"next": "reads the sources", "nuxt": "reads the sources", "nuxi": "reads the sources", "svelte-kit": "reads the sources", "astro": "reads the sources",
	"vue-cli-service": "reads the sources", "react-scripts": "reads the sources", "nest": "reads the sources", "lerna": "installs and builds every package",
	"turbo": "runs scripts of every package", "nx": "runs scripts of every package", "node-gyp": "builds the sources", "node-pre-gyp": "builds the sources",
	"prebuild-install": "builds the sources where it finds nothing built", "node-gyp-build": "builds the sources where it finds nothing built", "make": "builds the sources",
	"cmake-js": "builds the sources", "cargo": "builds the sources", "sass": "reads the sources", "tailwindcss": "reads the sources", "graphql-codegen": "reads the sources",
	"eslint": "reads the sources", "prettier": "reads the sources", "bower": "reads bower.json", "typings": "reads typings.json", "jspm": "reads its own manifests",
	"wireit": "runs what its configuration says",
}

// nodeTools are programs that scripts of a package.json run, and of which it is
// known what they read of the project; each after its own documentation.
var nodeTools = map[string]func(r *scriptReader, words []string){
	// typicode.github.io/husky and the tools of its kind set up hooks in .git and
	// do nothing where there is none.
	"husky":            func(r *scriptReader, _ []string) { r.hooks("husky") },
	"simple-git-hooks": func(r *scriptReader, _ []string) { r.hooks("simple-git-hooks") },
	"lefthook":         func(r *scriptReader, _ []string) { r.hooks("lefthook") },
	"git": func(r *scriptReader, words []string) {
		if len(words) > 1 && words[0] == "config" && !strings.HasPrefix(words[1], "-") {
			r.hooks("git config")
			return
		}
		r.refuse("runs git " + strings.Join(words, " "))
	},

	"patch-package": patchPackage,
	"prisma":        prisma,
	// playwright.dev/docs/browsers, docs.cypress.io: browsers go to the home folder.
	"playwright": func(r *scriptReader, words []string) { r.only(words, "playwright", "install", "install-deps") },
	"cypress":    func(r *scriptReader, words []string) { r.only(words, "cypress", "install", "verify") },
	"puppeteer": func(r *scriptReader, words []string) {
		r.only(words, "puppeteer", "browsers")
		r.puppeteer(r.m.dir)
	},
	// angular.io/guide/migration-ngcc: it compiles node_modules, with the paths of
	// tsconfig.json.
	"ngcc": func(r *scriptReader, words []string) {
		for _, w := range words {
			if w == "--use-program-dependencies" || w == "--tsconfig" || w == "-t" {
				r.refuse("runs ngcc, which reads the sources")
			}
		}
		r.hasAll(r.m.dir, "tsconfig.json", "tsconfig.base.json", "tsconfig.app.json", "ngcc.config.js")
	},
	// electron.build: it rebuilds what is in node_modules.
	"electron-builder": func(r *scriptReader, words []string) {
		r.only(words, "electron-builder", "install-app-deps")
		for _, ext := range []string{"yml", "yaml", "json", "json5", "toml"} {
			r.has(path.Join(r.m.dir, "electron-builder."+ext))
		}
		r.hasAll(r.m.dir, "electron-builder.js", "electron-builder.config.js", "app/package.json")
	},
	// These change what is installed, and look at package.json at most.
	"electron-rebuild":  func(r *scriptReader, _ []string) {},
	"next-ws":           func(r *scriptReader, words []string) { r.only(words, "next-ws", "patch") },
	"ts-patch":          func(r *scriptReader, words []string) { r.only(words, "ts-patch", "install", "i") },
	"link-module-alias": func(r *scriptReader, _ []string) {},
	"npm-force-resolutions": func(r *scriptReader, _ []string) {
		r.has(path.Join(r.m.dir, "package-lock.json"))
		r.makes(path.Join(r.m.dir, "package-lock.json"))
	},
	"rimraf": func(r *scriptReader, words []string) {
		for _, w := range words {
			if strings.ContainsAny(w, "*?{[") || strings.HasPrefix(w, "-") || path.IsAbs(w) || !r.within(path.Join(r.m.dir, w)) {
				r.refuse("runs rimraf " + w)
				return
			}
			r.has2(path.Join(r.m.dir, w))
			r.makes(path.Join(r.m.dir, w))
		}
	},
	"check-node-version": func(r *scriptReader, _ []string) {},
	"syncpack":           func(r *scriptReader, _ []string) { r.refuse("runs syncpack, which changes package.json") },
}

// only takes a program with one of the subcommands alone.
func (r *scriptReader) only(words []string, name string, verbs ...string) {
	for _, v := range verbs {
		if len(words) > 0 && words[0] == v {
			return
		}
	}
	r.refuse("runs " + strings.TrimSpace(name+" "+strings.Join(words, " ")))
}

// hooks: a tool that sets up git hooks changes .git, of whichever folder above
// has one.
func (r *scriptReader) hooks(tool string) {
	for _, dir := range r.upwards(r.m.dir) {
		if git := path.Join(dir, ".git"); r.has(git) {
			r.refuse("runs " + tool + ", which changes " + git)
		}
	}
}

// patchPackage (github.com/ds300/patch-package): the patches lie in patches/, or
// where --patch-dir says.
func patchPackage(r *scriptReader, words []string) {
	dir := "patches"
	for i, w := range words {
		switch {
		case w == "--patch-dir" && i+1 < len(words):
			dir = words[i+1]
		case strings.HasPrefix(w, "--patch-dir="):
			dir = strings.TrimPrefix(w, "--patch-dir=")
		case strings.HasPrefix(w, "-"), i > 0 && words[i-1] == "--patch-dir":
		default:
			r.refuse("runs patch-package " + w + ", which makes a patch")
		}
	}
	r.has(path.Join(r.m.dir, dir))
}

var prismaOutput = regexp.MustCompile(`(?m)^\s*output\s*=\s*"([^"]*)"`)

// prisma generate (prisma.io/docs/orm/reference/prisma-cli-reference) reads the
// schema, and makes a client in node_modules or where the schema says.
func prisma(r *scriptReader, words []string) {
	r.only(words, "prisma", "generate")
	schema := ""
	for i, w := range words {
		if v, ok := strings.CutPrefix(w, "--schema="); ok {
			schema = v
		} else if w == "--schema" && i+1 < len(words) {
			schema = words[i+1]
		}
	}
	r.prisma(r.m, schema)
}

func (p *nodeProject) prisma(m *packageJSON, schema string) {
	if schema == "" {
		schema = jsonText(jsonObject(m.top["prisma"])["schema"])
	}
	names := []string{schema}
	if schema == "" {
		names = []string{"prisma/schema.prisma", "schema.prisma", "prisma/schema"}
	}
	p.hasAll(m.dir, ".env", "prisma/.env")
	for _, ext := range []string{"ts", "mts", "cts", "js", "mjs", "cjs"} {
		for _, name := range []string{"prisma.config." + ext, ".config/prisma." + ext} {
			if p.has(path.Join(m.dir, name)) {
				p.hazard("prisma runs %s, and what that reads is not known", path.Join(m.dir, name))
			}
		}
	}
	for _, name := range names {
		at := path.Join(m.dir, name)
		if p.Tree.IsDir(at) {
			p.has(at)
			p.hazard("prisma reads a folder of schemas, %s", at)
			continue
		}
		for _, out := range prismaOutput.FindAllStringSubmatch(string(p.read(at)), 20) {
			p.makes(path.Join(path.Dir(at), out[1]))
		}
	}
}

func (p *nodeProject) puppeteer(dir string) {
	for _, name := range []string{".puppeteerrc", ".puppeteerrc.json", ".puppeteerrc.yaml", ".puppeteerrc.yml"} {
		p.has(path.Join(dir, name))
	}
	for _, name := range []string{".puppeteerrc.js", ".puppeteerrc.cjs", ".puppeteerrc.mjs", ".puppeteerrc.ts", "puppeteer.config.js", "puppeteer.config.cjs", "puppeteer.config.mjs", "puppeteer.config.ts"} {
		p.code(path.Join(dir, name), "puppeteer")
	}
}

// loads finds what a program may read besides itself.
var loads = regexp.MustCompile(`\bimport\b|\brequire\b|\breadFile|\bprocess\s*\.\s*(cwd|chdir)|\bfetch\b|__dirname|__filename|\beval\b`)

// harmless are modules of node that read no files of themselves.
var harmless = regexp.MustCompile(`\brequire\(\s*['"](node:)?(path|os|util|url)['"]\s*\)|\bimport\s+[\w{}\s,*]+\s+from\s+['"](node:)?(path|os|util|url)['"]|__dirname|@type \{import\([^)]*\)[^}]*\}`)

// code notes a program of the project that a tool runs as its configuration.
func (p *nodeProject) code(name, tool string) {
	data := p.read(name)
	if loads.Match(harmless.ReplaceAll(data, nil)) {
		p.hazard("%s runs %s, which may read other files", tool, name)
	}
}

// knownPackages are packages whose own install scripts look into the project that
// they are installed in. Install scripts of all others are taken to keep to their
// own folder and the user's caches, as those of a package from a registry, which
// is unpacked below node_modules, can but.
var knownPackages = []struct {
	name string
	does func(p *nodeProject, m *packageJSON)
}{
	{"@prisma/client", func(p *nodeProject, m *packageJSON) { p.prisma(m, "") }},
	{"puppeteer", func(p *nodeProject, m *packageJSON) { p.puppeteer(m.dir) }},
	{"msw", func(p *nodeProject, m *packageJSON) {
		for _, dir := range jsonList(jsonObject(m.top["msw"])["workerDirectory"]) {
			p.makes(path.Join(m.dir, dir, "mockServiceWorker.js"))
		}
	}},
	{"yorkie", hooking("yorkie")},
	{"ghooks", hooking("ghooks")},
	{"pre-commit", hooking("pre-commit")},
	{"pre-push", hooking("pre-push")},
	{"git-hooks", hooking("git-hooks")},
	{"husky", func(p *nodeProject, m *packageJSON) {
		if major(dependencyOf(m, "husky")) < 5 {
			hooking("husky")(p, m) // those from 5 on have no install script
		}
	}},
	{"lefthook", hooking("lefthook")},
	{"simple-git-hooks", hooking("simple-git-hooks")},
	{"nx", func(p *nodeProject, m *packageJSON) {
		if p.has(path.Join(m.dir, "nx.json")) {
			p.makes(path.Join(m.dir, ".nx"))
		}
	}},
}

func hooking(tool string) func(*nodeProject, *packageJSON) {
	return func(p *nodeProject, m *packageJSON) {
		for _, dir := range p.upwards(m.dir) {
			if git := path.Join(dir, ".git"); p.has(git) {
				p.hazard("%s depends on %s, whose own install changes %s", path.Join(m.dir, "package.json"), tool, git)
			}
		}
	}
}

// known notes what the install scripts of dependencies read of the project.
func (p *nodeProject) known(m *packageJSON) {
	if !p.scripts {
		return
	}
	for _, k := range knownPackages {
		if dependencyOf(m, k.name) != "" {
			k.does(p, m)
		}
	}
}

// dependencyOf is the version that a manifest asks of a package; "" where it does
// not depend on it.
func dependencyOf(m *packageJSON, name string) string {
	for _, key := range []string{"dependencies", "devDependencies", "optionalDependencies"} {
		if v := jsonTexts(m.top[key])[name]; v != "" {
			return v
		}
	}
	return ""
}
