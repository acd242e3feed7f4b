package effect

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// managers of a system's packages, by the family that the command table gives.
var managers = []string{"apt", "apk", "dnf", "yum", "microdnf", "zypper", "rpm", "dpkg", "pacman"}

// managing are the verbs of those that keep to the system; others, such as
// download, leave files where they are run.
var managing = []string{"", "install", "update", "upgrade", "remove", "autoremove", "clean", "key", "mark", "query", "cache", "module", "repository"}

// tellers are programs that read and write what their words say and their own
// settings, nothing else.
var tellers = []string{"curl", "wget", "tar", "unzip", "gzip", "gunzip", "sha256sum", "sha512sum", "md5sum", "sed", "grep", "git"}

// accounts are programs that change the system's lists of users, and homes.
var accounts = []string{"useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"}

// trusted takes in a program for what its manual says. It is false for one of
// which nothing is known.
func (r *reading) trusted(c *shell.Simple, name string) bool {
	if r.env.site == nil {
		return false
	}
	m := command.Of(c)
	if m.Inner != nil || !m.Known {
		return false
	}
	switch {
	case slices.Contains(managers, m.Manager):
		if !slices.Contains(managing, m.Verb) || m.Verb == "" && !m.Whole || slices.ContainsFunc(m.Options["-o"], func(o string) bool { return strings.HasPrefix(o, "Dir") }) {
			return false
		}
		m.WritesFixed = nil // "/", of which the folders of a system are meant
		r.roles(c, m)
		r.system(false)
		return true
	case m.Manager == "php" && strings.HasPrefix(name, "docker-php-"):
		// Scripts of the official image: they unpack PHP's source, compile, and on
		// Alpine let its package manager have a compiler for as long.
		for _, f := range []string{"/bin", "/sbin", "/lib", "/etc", "/tmp", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/include", "/usr/share", "/usr/local", "/usr/src/php", "/var/lib", "/var/cache", "/var/log"} {
			r.file(f, true)
		}
		r.file("/usr/src/php.tar.xz", false)
		r.home(true)
		return true
	case slices.Contains(tellers, name):
		if !m.Whole || len(m.Roles) != len(c.Words) || name == "git" && m.Verb != "clone" && m.Verb != "config" {
			return false
		}
		if m.Verb == "clone" && !slices.ContainsFunc(m.Roles, func(role command.Role) bool { return role.Kind == command.Write }) {
			r.word(".", true) // into a folder that has the repository's name
		}
		r.roles(c, m)
		r.home(name == "git" || name == "wget")
		return true
	case slices.Contains(accounts, name):
		if !m.Whole {
			return false
		}
		for _, f := range []string{"/etc", "/var/mail", "/var/spool", "/home"} {
			r.file(f, true)
		}
		r.out.reads(Place{Kind: Accounts})
		r.out.writes(Place{Kind: Accounts})
		r.home(true)
		r.roles(c, m)
		return true
	case m.Manager == "" || m.Verb == "run":
		return false
	}
	if r.keeping(c, m) {
		return true
	}
	return r.install(c, m)
}

// housekeeping are verbs, by family, that act on the manager's own caches and
// settings in a home, and not on a project.
var housekeeping = map[string][]string{
	"npm": {"clean", "config", "query"}, "pnpm": {"clean", "query"}, "yarn": {"clean"}, "bun": {"clean"},
	"pip": {"clean", "config", "query"}, "uv": {"clean"}, "poetry": {"clean"}, "pipenv": {"clean"},
	"composer": {"clean"}, "gem": {"clean", "query"}, "corepack": {"config", "install"},
}

// keeping takes in what a package manager does to itself.
func (r *reading) keeping(c *shell.Simple, m command.Meaning) bool {
	if !slices.Contains(housekeeping[m.Manager], m.Verb) || !m.Whole || len(r.dirs) == 0 && m.Manager != "pip" && m.Manager != "gem" {
		return false
	}
	for _, d := range r.dirs {
		for _, settings := range []string{".npmrc", "package.json", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", "bunfig.toml", "uv.toml", "pyproject.toml", "poetry.toml", "composer.json", "Pipfile"} {
			r.file(path.Join(d, settings), false) // where the cache is, may stand there
		}
	}
	for _, w := range c.Words {
		if m.Verb == "config" && (strings.HasPrefix(w.Prefix, "prefix") || strings.HasPrefix(w.Prefix, "cache") || strings.Contains(w.Prefix, "target") || strings.Contains(w.Prefix, "dir")) {
			r.stop("it changes where %s has its files", m.Program)
		}
	}
	m.WritesFixed = nil
	r.roles(c, m)
	r.system(true)
	return true
}

// roles takes in the words that name files.
func (r *reading) roles(c *shell.Simple, m command.Meaning) {
	for i, role := range m.Roles {
		w := c.Words[min(i, len(c.Words)-1)]
		switch role.Kind {
		case command.Unknown:
			r.stop("%s has words that are not understood", m.Program)
			return
		case command.Package:
			// apt-get install ./x.deb, rpm -i x.rpm
			ext := path.Ext(w.Prefix)
			if strings.Contains(w.Prefix, "/") && (w.Prefix[0] == '.' || w.Prefix[0] == '/') || ext == ".deb" || ext == ".rpm" || ext == ".apk" {
				r.word(beforePattern(w.Prefix), false)
			}
			continue
		case command.Read, command.Write, command.Change:
		default:
			continue
		}
		value := role.Value
		switch {
		case strings.Contains(value, "://"), value == "-":
			continue
		case w.Glob && value == w.Value:
			value = beforePattern(value)
		case !w.Static || value == "":
			r.stop("%s has a word that only the shell knows", m.Program)
			return
		}
		r.word(value, role.Kind != command.Read)
	}
	for _, f := range m.WritesFixed {
		r.word(f, true)
	}
}
