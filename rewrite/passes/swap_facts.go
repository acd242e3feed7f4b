package passes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/needs"
)

// difference is what an image has and another lacks.
type difference struct {
	packages map[string]bool
	commands map[string]string // with their packages
	same     bool
	old      bool // the packages are those of another suite: the names hold, the list is a bound
}

// onBuildpack are the official images whose full variant is built on
// buildpack-deps. The slim one is built on debian's, with more.
var onBuildpack = map[string]string{
	"python": "", "node": "", "ruby": "", "perl": "", "rust": "", "pypy": "", "erlang": "", "elixir": "",
	"openjdk": "-scm",
}

// differ compares two images of a suite; nil where too little is known. Where the
// table has no list of an old release, that of the image which the official ones are
// built on stands for it: what the smaller image has more than debian's is then
// taken for missing.
func differ(from, to *base.Image) *difference {
	d := &difference{packages: map[string]bool{}, commands: map[string]string{}}
	name := from.Repository[strings.LastIndexByte(from.Repository, '/')+1:]
	if name == "debian" && from.Repository == "docker.io/library/debian" {
		d.same = true
		return d
	}
	kind, ok := onBuildpack[name]
	if !ok || !strings.HasPrefix(from.Repository, "docker.io/library/") || from.Distro != "debian" {
		return nil // what its managers need to install something is not known here
	}
	if from.Kind == "jre" {
		kind = "-curl"
	}
	fp, exact1 := from.Packages()
	tp, exact2 := to.Packages()
	fc, exact3 := from.Commands()
	tc, exact4 := to.Commands()
	if exact1 == base.Unknown || exact2 == base.Unknown || exact3 == base.Unknown || exact4 == base.Unknown {
		suite := "bullseye"
		if base.Covers(from.Suite) {
			suite = from.Suite
		}
		d.old = suite != from.Suite
		whole, _ := base.Find("buildpack-deps:" + suite + kind)
		small, _ := base.Find("debian:" + suite + "-slim")
		if to.Kind == "jre" && to.Variant == "full" {
			small, _ = base.Find("buildpack-deps:" + suite + "-curl")
		}
		fp, exact1 = whole.Packages()
		tp, exact2 = small.Packages()
		fc, exact3 = whole.Commands()
		tc, exact4 = small.Commands()
		if exact1 == base.Unknown || exact2 == base.Unknown || exact3 == base.Unknown || exact4 == base.Unknown {
			return nil
		}
		fc = append(slices.Clone(fc), base.Command{Name: "python", Package: "python"}, base.Command{Name: "python2", Package: "python"})
		if name == "python" || name == "pypy" {
			fc = slices.DeleteFunc(fc, func(c base.Command) bool { return strings.HasPrefix(c.Name, "python") })
		}
	}
	for _, p := range fp {
		d.packages[p] = true
	}
	for _, p := range tp {
		delete(d.packages, p)
	}
	for _, c := range fc {
		d.commands[c.Name] = c.Package
	}
	for _, c := range tc {
		delete(d.commands, c.Name)
	}
	return d
}

func (d *difference) none() bool { return d.same || len(d.packages) == 0 && len(d.commands) == 0 }

// lacks reports whether a package is gone.
func (d *difference) lacks(pkg string) bool { return d.packages[pkg] }

// command is the package to install for a command that is gone.
func (d *difference) command(name string) (pkg string, lost bool) {
	pkg, lost = d.commands[name]
	if at := alternatives[name]; at != "" && lost && d.packages[at] {
		pkg = at
	}
	return pkg, lost
}

// alternatives are the packages to ask for where the table names the one that the
// file belongs to, which is another for each version: gcc-14.
var alternatives = map[string]string{
	"gcc": "gcc", "cc": "gcc", "c89": "gcc", "c99": "gcc", "g++": "g++", "c++": "g++", "cpp": "cpp", "gcc-ar": "gcc",
	"python3": "python3", "python3-config": "python3-dev", "perl": "perl", "svn": "subversion", "hg": "mercurial", "convert": "imagemagick", "identify": "imagemagick", "mogrify": "imagemagick",
	"gpg": "gnupg", "gpgv": "gnupg", "ssh": "openssh-client", "ssh-keyscan": "openssh-client", "as": "binutils", "ld": "binutils", "strip": "binutils", "ar": "binutils", "objcopy": "binutils", "pkg-config": "pkg-config",
}

// Packages that bring others along.
var brings = map[string]string{
	"build-essential": "gcc g++ cpp make dpkg-dev binutils xz-utils bzip2 patch libc6-dev", "dpkg-dev": "make binutils xz-utils bzip2 patch",
	"gcc": "binutils cpp libc6-dev", "g++": "gcc binutils cpp libc6-dev", "clang": "binutils libc6-dev", "gnupg": "gpg gpgv dirmngr", "gnupg2": "gnupg gpg", "gpg": "gnupg",
	"software-properties-common": "python3 ca-certificates gnupg gpg", "python3-pip": "python3 ca-certificates", "python3-dev": "python3", "python3-venv": "python3", "git-lfs": "git",
	"openssh-server": "openssh-client", "ssh": "openssh-client", "default-jre": "ca-certificates", "default-jre-headless": "ca-certificates", "default-jdk": "ca-certificates",
	"imagemagick": "libmagickwand-dev", "devscripts": "dpkg-dev make xz-utils patch", "autoconf": "automake perl m4", "automake": "autoconf", "libtool": "autotools-dev",
	"r-base-dev": "gcc g++ make", "ruby-dev": "gcc make", "apt-transport-https": "", "pkgconf": "pkg-config", "pkg-config": "pkgconf", "python3-full": "python3",
	"default-libmysqlclient-dev": "libmariadb-dev", "netcat": "netcat-openbsd", "unattended-upgrades": "python3", "certbot": "python3 ca-certificates", "awscli": "python3 ca-certificates",
	"ansible": "python3", "supervisor": "python3", "cmake": "", "npm": "nodejs",
}

// provided reports whether an install before a time brings a package.
func provided(have []needs.Install, name string, at int, suite string) bool {
	for _, i := range have {
		if i.Manager != "apt" && i.Manager != "apt-get" || i.At > at {
			continue
		}
		if i.Name == name || slices.Contains(strings.Fields(brings[i.Name]), name) {
			return true
		}
		if versioned(i.Name, name) {
			return true
		}
		if libraries, _, ok := base.RuntimeOf(i.Name, suite); ok && slices.Contains(libraries, name) {
			return true
		}
		for _, more := range strings.Fields(brings[i.Name]) {
			if slices.Contains(strings.Fields(brings[more]), name) {
				return true
			}
		}
	}
	return false
}

// versioned reports whether a package is one of several versions of another: gcc-12
// gives no gcc, but a file that asks for it says which compiler it wants.
func versioned(have, name string) bool {
	return (name == "gcc" || name == "g++") && versions.ReplaceAllString(have, "") == name
}

var versions = regexp.MustCompile(`-\d+$`)

// provides reports whether an install before a time brings a command.
func provides(have []needs.Install, command string, at int, suite string) bool {
	if !base.Covers(suite) {
		suite = "bookworm" // the names of commands and packages are older than both
	}
	p, _ := base.Provides(command, suite)
	names := append(slices.Concat(p.Packages, p.Alternatives), alternatives[command], command)
	return slices.ContainsFunc(names, func(name string) bool { return name != "" && provided(have, name, at, suite) })
}
