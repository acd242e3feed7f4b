package effect

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// ambient are variables that programs look at without being told to: the shell,
// the C library (environ(7)), proxies, package managers and their helpers.
var ambient = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "PWD", "OLDPWD", "IFS", "ENV", "CDPATH", "TZ", "TMPDIR", "TEMP", "TMP", "LANG", "LANGUAGE", "HOSTNAME", "CI", "NO_COLOR", "EDITOR", "PAGER", "DISPLAY", "SOURCE_DATE_EPOCH",
	"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
	"UCF_FORCE_CONFFOLD", "UCF_FORCE_CONFFNEW", "ACCEPT_EULA", "PERL5LIB", "PERL_BADLANG", "PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "DEBUG", "VERBOSE", "CONFIG_SITE",
}

// ambientPrefixes begin families of those.
var ambientPrefixes = []string{"LC_", "LD_", "APT_", "DEBIAN_", "DEBCONF_", "DPKG_", "CURL_", "SSL_", "GIT_", "XDG_", "BASH_", "TAR_", "GZIP", "WGET", "DNF_", "YUM_", "ZYPP", "GLIBC_", "MALLOC_", "OPENSSL_", "NODE_EXTRA_CA", "GNUPG", "RPM_", "MAN_"}

// stamp matches the names of variables that say which build this is.
var stamp = regexp.MustCompile(`(?i)^((ARG_?|APP_?|BUILD_?|GIT_?|VCS_?|SOURCE_?|SRC_?|IMAGE_?|RELEASE_?|CI_?|DOCKER_?|PROJECT_?|SERVICE_?|COMMIT_?|OCI_?|LABEL_?|GITHUB_?|REPO_?)*(SHA|SHA1|HASH|COMMIT|COMMIT_?(SHA|ID|HASH|REF|TAG)|REF|REVISION|REV|BRANCH|TAG|VERSION|DATE|TIME|TIMESTAMP|DATETIME|NUMBER|NUM|ID|STAMP|URL|CREATED))$`)

// Stamp reports whether a variable's name says that it tells one build from the
// next: BUILD_SHA, VCS_REF, APP_VERSION. Names of tools' versions, such as
// NODE_VERSION, do not, nor does CACHEBUST, which stands where it does so that what
// follows runs again.
func Stamp(name string) bool { return stamp.MatchString(name) }

// identifier matches whatever may name a variable in a script.
var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// speaks are the variables of which a script may speak: every name in it.
func speaks(script string) []string {
	names := identifier.FindAllString(script, -1)
	slices.Sort(names)
	return slices.Compact(names)
}

// showers are commands that tell of all variables there are, or do what they hold;
// setters do when they have no words.
var (
	showers = []string{"env", "printenv", "declare", "typeset", "compgen", "envsubst", "eval", "source"}
	setters = []string{"set", "export", "readonly"}
)

// Names of places that stand for many variables at once.
const (
	ambientNames = "~ambient" // those that programs look at without being told to
	allButStamps = "~named"   // all but those that say which build this is
)

// anyOf reports whether a name that stands for many variables holds another one.
func anyOf(many, name string) bool {
	switch many {
	case ambientNames:
		return name == allButStamps || slices.Contains(ambient, name) ||
			!Stamp(name) && slices.ContainsFunc(ambientPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	case allButStamps:
		return name == ambientNames || !Stamp(name)
	}
	return false
}

// environment notes the variables that a script of known programs reads: those it
// speaks of, and those that such programs look at. It is false where it may be any.
func (w *wording) environment(s *shell.Script) bool {
	if strings.Contains(s.Text, "${!") {
		return false
	}
	many := ambientNames
	for _, c := range s.Commands {
		name := path.Base(c.Name())
		switch {
		case len(c.Words) == 0:
		case name == ".", name == "/", slices.Contains(showers, name):
			return false
		case slices.Contains(setters, name) && len(c.Words) < 2:
			return false
		case !system(c, name):
			// What installs a language's packages may run what they bring along, which
			// looks at variables of all kinds, but not at which build this is.
			many = allButStamps
		}
	}
	for _, n := range append(speaks(s.Text), ambientNames, many) {
		w.out.reads(Place{EnvVar, n}, Place{ArgVar, n})
	}
	return true
}

// system reports whether a command is one of the shell or of the system.
func system(c *shell.Simple, name string) bool {
	for _, l := range [][]string{builtins, readers, writers, tellers, accounts, setters, {"cd"}} {
		if slices.Contains(l, name) {
			return true
		}
	}
	return slices.Contains(managers, command.Of(c).Manager)
}
