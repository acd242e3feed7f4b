package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
)

// cacheKind is a manager whose cache nothing but the manager needs: with an empty
// one it does the same, and downloads.
type cacheKind struct {
	name   string // in messages
	system bool   // the cache is no user's
	loads  func(command.Meaning) bool
	cleans func(command.Meaning) bool
	where  func(*cacheRun, string) ([]cacheMount, string) // by the home; or why it is not known
	off    string                                         // options that switch the cache off
	moves  string                                         // options that put it elsewhere, or do without network
	stops  string                                         // variables that switch it off
	vars   string                                         // other variables that decide where it is
	edit   func(*cachePlan, []cmd)                        // what else the manager needs
}

// managed tells commands of a manager by what they do.
func managed(manager string, verbs ...string) func(command.Meaning) bool {
	return func(in command.Meaning) bool {
		return in.Manager == manager && slices.Contains(verbs, in.Verb)
	}
}

// below is a folder in the user's cache folder: $XDG_CACHE_HOME, or ~/.cache.
func (r *cacheRun) below(home, name string) string {
	return r.folder("XDG_CACHE_HOME", path.Join(home, ".cache"), name)
}

// folder is the value of a variable and what stands below it, or the default.
func (r *cacheRun) folder(variable, otherwise string, below ...string) string {
	dir := otherwise
	if v, ok := r.env[variable]; ok && v.value != "" {
		dir = v.value
	}
	return path.Join(append([]string{dir}, below...)...)
}

// builds is the id of a cache in which things are that were built for the image's
// C library.
func (r *cacheRun) builds(name, otherwise string) string {
	if r.base.musl() {
		return name + "-alpine"
	}
	return otherwise
}

var cacheKinds = []*cacheKind{
	{ // apk-cache(5): /etc/apk/cache, where it exists, holds packages and indexes
		name: "apk", system: true, cleans: managed("apk", "clean"), moves: "--cache-dir --root -p -s", edit: apkIndex,
		loads: func(in command.Meaning) bool {
			return in.Manager == "apk" && (in.Verb == "install" || in.Verb == "upgrade") && !in.Has("--no-network")
		},
		where: func(*cacheRun, string) ([]cacheMount, string) {
			return []cacheMount{{target: "/etc/apk/cache", sharing: "locked"}}, ""
		},
	},
	{ // dnf.conf(5), yum.conf(5): cachedir, keepcache
		name: "dnf", system: true, loads: func(in command.Meaning) bool { return in.Manager == "dnf" && dnfInstalls(in) }, cleans: managed("dnf", "clean"),
		moves: "--installroot -C --downloaddir", edit: dnfKeep, where: dnfFolder,
	},
	{ // zypper(8): FILES; packages are kept there only for repositories with keeppackages
		name: "zypper", system: true, loads: managed("zypper", "install", "upgrade", "update"), cleans: managed("zypper", "clean"),
		moves: "-R -C --installroot",
		where: func(*cacheRun, string) ([]cacheMount, string) {
			return []cacheMount{{target: "/var/cache/zypp", sharing: "locked"}}, ""
		},
	},
	{ // pip.pypa.io/en/stable/topics/caching
		name: "pip", off: "--no-cache-dir --no-cache", moves: "--cache-dir --no-index", stops: "PIP_NO_CACHE_DIR", vars: "PIP_CACHE_DIR XDG_CACHE_HOME",
		loads: func(in command.Meaning) bool {
			return in.Manager == "pip" && strings.HasPrefix(in.Program, "pip") && in.Program != "pipx" && (in.Verb == "install" || in.Verb == "download" || in.Verb == "wheel")
		},
		cleans: managed("pip", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			return []cacheMount{{name: "pip", target: r.folder("PIP_CACHE_DIR", r.below(home, "pip")), id: r.builds("pip", "")}}, ""
		},
	},
	{ // docs.astral.sh/uv/concepts/cache and /guides/integration/docker
		name: "uv", off: "--no-cache -n", moves: "--cache-dir --offline --no-index", stops: "UV_NO_CACHE", vars: "UV_CACHE_DIR XDG_CACHE_HOME UV_LINK_MODE",
		loads: managed("uv", "install", "run", "build"), cleans: managed("uv", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			if r.env["UV_LINK_MODE"].value == "symlink" || strings.Contains(r.Text, "--link-mode") && strings.Contains(r.Text, "symlink") {
				return nil, "uv makes links into the cache"
			}
			return []cacheMount{{name: "uv", target: r.folder("UV_CACHE_DIR", r.below(home, "uv")), id: r.builds("uv", "")}}, ""
		},
	},
	{ // python-poetry.org/docs/configuration: cache-dir. Environments are made in it, too.
		name: "poetry", off: "--no-cache", vars: "POETRY_CACHE_DIR XDG_CACHE_HOME",
		loads: managed("poetry", "install"), cleans: managed("poetry", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			dir := r.folder("POETRY_CACHE_DIR", r.below(home, "pypoetry"))
			return []cacheMount{
				{name: "poetry-artifacts", target: dir + "/artifacts", id: r.builds("poetry-artifacts", "")},
				{name: "poetry-cache", target: dir + "/cache", id: r.builds("poetry-cache", "")},
			}, ""
		},
	},
	{ // docs.npmjs.com/cli/using-npm/config: cache
		name: "npm", moves: "--cache --offline", vars: "NPM_CONFIG_CACHE npm_config_cache",
		loads: func(in command.Meaning) bool {
			return in.Program == "npm" && (in.Verb == "install" || in.Verb == "upgrade" || in.Verb == "prune" && !in.Has("--offline"))
		},
		cleans: managed("npm", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			return []cacheMount{{name: "npm", target: r.folder("npm_config_cache", r.folder("NPM_CONFIG_CACHE", home+"/.npm"))}}, ""
		},
	},
	{ // classic.yarnpkg.com/lang/en/docs/cli/cache; root's is not below its home
		name: "yarn", moves: "--cache-folder --offline --global-folder --preferred-cache-folder", vars: "YARN_CACHE_FOLDER XDG_CACHE_HOME",
		loads: func(in command.Meaning) bool {
			return in.Manager == "yarn" && (in.Verb == "install" || in.Verb == "upgrade" || in.Verb == "remove" || in.Verb == "" && !in.Has("-v") && !in.Has("-h"))
		},
		cleans: managed("yarn", "clean"), where: yarnFolder,
	},
	{ // pnpm.io/docker, pnpm.io/settings: storeDir
		name: "pnpm", moves: "--store-dir --offline", vars: "PNPM_HOME XDG_DATA_HOME",
		loads: managed("pnpm", "install", "download", "upgrade", "deploy"), cleans: managed("pnpm", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			dir := r.folder("PNPM_HOME", r.folder("XDG_DATA_HOME", home+"/.local/share", "pnpm"), "store")
			return []cacheMount{{name: "pnpm", target: dir, id: r.builds("pnpm", "pnpm")}}, ""
		},
	},
	{ // the official ruby image sets GEM_HOME; RubyGems and Bundler keep archives in its folder cache
		name: "RubyGems", moves: "-i --install-dir --user-install --path --deployment -l --local", stops: "BUNDLE_PATH BUNDLE_DEPLOYMENT", vars: "GEM_HOME",
		loads: func(in command.Meaning) bool {
			return (in.Manager == "gem" || in.Manager == "bundle") && (in.Verb == "install" || in.Verb == "upgrade") && !in.Has("--system")
		},
		cleans: func(command.Meaning) bool { return false }, where: gemFolder, system: true,
	},
	{ // getcomposer.org/doc/06-config.md: cache-dir; where .composer exists it is the home
		name: "Composer", off: "--no-cache", vars: "COMPOSER_HOME COMPOSER_CACHE_DIR XDG_CACHE_HOME",
		loads:  func(in command.Meaning) bool { return in.Manager == "composer" && in.Network && in.Verb != "query" },
		cleans: managed("composer", "clean"),
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			if v, ok := r.env["XDG_CACHE_HOME"]; ok {
				return nil, fmt.Sprintf("%s XDG_CACHE_HOME may put the cache elsewhere", v.by)
			}
			otherwise := home + "/.composer"
			if dir := r.base.folders()["COMPOSER_HOME"]; dir != "" {
				otherwise = dir
			}
			return []cacheMount{{name: "composer", target: r.folder("COMPOSER_CACHE_DIR", r.folder("COMPOSER_HOME", otherwise, "cache"))}}, ""
		},
	},
}

func yarnFolder(r *cacheRun, home string) ([]cacheMount, string) {
	if r.file.yarn != "" {
		return nil, "Yarn 2 and later have another cache, and `" + r.file.yarn + "` speaks for one"
	}
	otherwise := r.below(home, "yarn")
	if _, set := r.env["XDG_CACHE_HOME"]; !set && (r.user == "" || r.user == "root" || r.user == "0") {
		otherwise = "/usr/local/share/.cache/yarn"
	}
	return []cacheMount{{name: "yarn", target: r.folder("YARN_CACHE_FOLDER", otherwise), sharing: "locked"}}, ""
}

func gemFolder(r *cacheRun, _ string) ([]cacheMount, string) {
	home := r.base.folders()["GEM_HOME"]
	if v, ok := r.env["GEM_HOME"]; ok {
		home = v.value
	}
	switch {
	case home == "":
		return nil, "where gems go is known of the official ruby image only"
	case r.user != "" && r.user != "root" && r.user != "0":
		return nil, "gems of USER " + r.user + " may go elsewhere"
	case r.file.bundled:
		return nil, "`bundle config` puts the gems elsewhere"
	}
	return []cacheMount{{target: home + "/cache", sharing: "locked"}}, ""
}

// dnfFolder: which dnf it is, the base image tells.
func dnfFolder(r *cacheRun, _ string) ([]cacheMount, string) {
	dir := ""
	major, _, _ := strings.Cut(r.base.tag, ".")
	version := 0
	for _, digit := range major {
		if digit < '0' || digit > '9' {
			break
		}
		version = version*10 + int(digit-'0')
	}
	switch name := r.base.name; {
	case strings.ContainsAny(r.base.tag, "$"):
	case name == "fedora" && version > 0 && version <= 40, name == "amazonlinux" && version == 2023:
		dir = "dnf"
	case name == "fedora" && (version > 40 || r.base.tag == "" || r.base.tag == "latest" || r.base.tag == "rawhide"):
		dir = "libdnf5"
	case name == "amazonlinux" && (version == 1 || version == 2), (name == "centos" || name == "oraclelinux") && (version == 6 || version == 7), name == "ubi7":
		dir = "yum"
	case wordSet("centos oraclelinux rockylinux almalinux stream ubi8 ubi9 ubi")[name] && (version >= 8 || strings.Contains(r.base.full, "ubi8") || strings.Contains(r.base.full, "ubi9") || strings.HasPrefix(r.base.tag, "stream")):
		dir = "dnf"
	}
	for _, m := range r.cmds {
		switch {
		case m.in.Manager != "dnf":
		case m.in.Program == "microdnf", m.in.Program == "tdnf":
			return nil, "not every version of " + m.in.Program + " can keep packages"
		case dir == "yum" && m.in.Program == "dnf", dir == "libdnf5" && m.in.Program == "yum":
			dir = ""
		}
	}
	if dir == "" {
		return nil, "which version of dnf or yum it is " + r.base.full + " does not tell"
	}
	return []cacheMount{{target: "/var/cache/" + dir, sharing: "locked"}}, ""
}

// dnfKeep has packages kept where they were downloaded to.
func dnfKeep(p *cachePlan, loads []cmd) {
	for _, m := range loads {
		if slices.ContainsFunc(m.in.Options["--setopt"], func(v string) bool { return strings.Contains(v, "keepcache") }) {
			continue
		}
		edit, ok := p.run.behindVerb(m.meant, m.in, m.from, " --setopt=keepcache=1")
		if !ok {
			p.why = "`" + p.short(m) + "` has no place for --setopt=keepcache=1"
			return
		}
		p.edits = append(p.edits, edit)
		p.note("add --setopt=keepcache=1")
	}
}

// apkIndex has apk look for a newer index, which --no-cache did, and use the cache,
// which it did not.
func apkIndex(p *cachePlan, loads []cmd) {
	if len(p.also) == 0 { // nothing reads the folder any more
		var items []int
		for i, item := range p.run.Top {
			if apkCleans(item) {
				items = append(items, i)
			}
		}
		if edits, ok := p.run.dropItems(items); ok && len(items) > 0 {
			p.edits = append(p.edits, edits...)
			p.note("take away rm")
		}
	}
	fresh := slices.ContainsFunc(p.run.cmds, func(m cmd) bool {
		return m.in.Manager == "apk" && m.in.Verb == "update" && m.Lo < loads[0].Lo
	})
	for _, m := range p.run.cmds {
		if m.in.Manager != "apk" || m.in.Has("--no-network") || m.in.Verb != "install" && m.in.Verb != "upgrade" && m.in.Verb != "update" {
			continue
		}
		update := m.in.Has("-U") || m.in.Has("--update") || m.in.Verb == "update"
		done := false
		for i := m.from; i < len(m.Words); i++ {
			if m.value(i) != "--no-cache" {
				continue
			}
			edit, ok := p.run.removeOption(m.Words[i])
			if !update && !fresh {
				edit, ok = p.run.replace(m.Words[i].Lo, m.Words[i].Hi, "--update-cache")
				p.note("--no-cache → --update-cache")
			} else {
				p.note("take away --no-cache")
			}
			if !ok {
				p.why = "a line continuation cuts the words of `" + p.short(m) + "`"
				return
			}
			p.edits, done = append(p.edits, edit), true
			break
		}
		if !done && !update && !fresh {
			edit, ok := p.run.behindVerb(m.meant, m.in, m.from, " --update-cache")
			if !ok {
				p.why = "`" + p.short(m) + "` has no place for --update-cache"
				return
			}
			p.edits = append(p.edits, edit)
			p.note("add --update-cache")
		}
		fresh = true
	}
}

// note says for the title what is done besides.
func (p *cachePlan) note(what string) {
	if !slices.Contains(p.also, what) {
		p.also = append(p.also, what)
	}
}
