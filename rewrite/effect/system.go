package effect

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// systemFolders are where packages of a system have their files, and the package
// manager its own. Not among them are /app, /code, /work and others that an image
// has for its project, nor /usr/src but for what lies directly in it.
var systemFolders = []string{
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/etc", "/opt", "/run", "/tmp",
	"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/include", "/usr/share", "/usr/games", "/usr/local", "/usr/src/.",
	"/var/lib", "/var/cache", "/var/log", "/var/run", "/var/lock", "/var/spool", "/var/mail", "/var/tmp", "/var/backups", "/var/local", "/var/opt", "/var/www", "/var/games", "/var/.",
	"/go/bin", "/go/pkg",
}

// settled are those of them that a language's packages leave alone.
var settled = []string{"/etc", "/boot", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/sbin", "/usr/games", "/var/mail", "/var/spool", "/var/backups", "/var/www", "/var/games", "/usr/src/.", "/var/."}

// system takes in a package manager: one of the system, or of a language.
func (r *reading) system(language bool) {
	if r.managed[language] {
		return // an install behind another one touches the same
	}
	r.managed[language] = true
	for _, f := range systemFolders {
		if language && f == "/opt" {
			continue // see below
		}
		for _, p := range r.env.files(strings.TrimSuffix(f, "/.")) {
			if p.Name == "*" {
				r.stop("links lead anywhere")
				return
			}
			if strings.HasSuffix(f, "/.") {
				p.Name = join(p.Name, ".")
			}
			r.out.reads(p)
			if !language || !slices.Contains(settled, f) {
				r.out.writes(p)
			}
		}
	}
	if language {
		r.moved()
		// Where a language may be set up beside the system.
		for _, f := range []string{"/opt/conda", "/opt/venv", "/opt/virtualenv", "/opt/app-root", "/opt/pypoetry"} {
			r.out.reads(Place{File, f})
			r.out.writes(Place{File, f})
		}
		for _, f := range r.env.path {
			if path.Base(f) == "bin" {
				r.file(path.Dir(f), true)
			}
		}
	}
	r.home(true)
}

// movers begin the names of variables that tell a language's package manager where
// it has its files; placeNames end them.
var (
	movers     = []string{"NPM_", "npm_", "YARN_", "PNPM_", "BUN_", "PIP_", "PYTHON", "VIRTUAL_ENV", "UV_", "POETRY_", "PIPENV_", "PIPX_", "WORKON_", "GO", "GEM_", "BUNDLE_", "CARGO_", "RUSTUP_", "COMPOSER_", "MIX_", "HEX_", "NUGET_", "DOTNET_", "GRADLE_", "MAVEN_", "M2_", "XDG_", "CONDA_"}
	placeNames = []string{"HOME", "PATH", "PREFIX", "DIR", "FOLDER", "CACHE", "TARGET", "STORE", "PACKAGES", "BIN", "ROOT", "BASE", "prefix", "cache"}
)

// moved takes in the folders that variables give a language's package manager.
func (r *reading) moved() {
	begins := func(name string) bool {
		return slices.ContainsFunc(movers, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	for _, name := range slices.Sorted(maps.Keys(r.env.vars)) {
		if v := r.env.vars[name]; begins(name) && absolute(v) {
			for part := range strings.SplitSeq(v, ":") {
				if absolute(part) {
					r.file(path.Clean(part), true)
				}
			}
		}
	}
	for _, name := range r.env.args {
		if begins(name) && slices.ContainsFunc(placeNames, func(p string) bool { return strings.HasSuffix(name, p) }) {
			r.stop("the build argument %s may say where packages go", name)
		}
	}
}

// home takes in the dotted files of the home folder: settings, caches.
func (r *reading) home(written bool) {
	r.out.reads(Place{Kind: Home})
	if written {
		r.out.writes(Place{Kind: Home})
	}
	if v, known := r.env.Var("HOME"); known {
		if !absolute(v) {
			r.stop("HOME is no whole path")
			return
		}
		if !homeFolder(path.Clean(v)) {
			r.file(path.Clean(v), written)
		}
	} else if slices.Contains(r.env.args, "HOME") {
		r.stop("HOME is not known")
	}
}

// homeFolder reports whether a path is a home that [Home] stands for.
func homeFolder(name string) bool {
	return name == "/root" || name == "/" || path.Dir(name) == "/home"
}
