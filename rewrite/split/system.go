package split

import (
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
)

// system takes a package manager of the system.
func (w *walk) system(c *cmd) {
	manager := "apt"
	if c.name == "apk" {
		manager = "apk"
	}
	switch c.m.Verb {
	case "install":
	case "remove", "purge", "autoremove":
		for _, i := range c.m.Packages {
			if a := w.package_(c, i); a.ok {
				for n := range w.asked {
					w.asked[n].purged = w.asked[n].purged || w.asked[n].name == a.s
				}
			}
		}
		return
	case "source", "build-dep":
		refuse("`%s` is not understood", clip(c.text))
	default:
		return // update, clean and the like leave nothing that the container uses
	}
	if !c.always() {
		refuse("`%s` may install packages, or not", clip(c.text))
	}
	if !c.has("--no-install-recommends") && manager == "apt" {
		w.recs = true
	}
	virtual, _ := c.option("-t", "--virtual")
	for _, i := range c.m.Packages {
		a := w.package_(c, i)
		name, _, _ := strings.Cut(a.s, "=")
		if !a.ok || name == "" || strings.ContainsAny(name, "/$*") {
			refuse("`%s` installs packages that only the shell knows", clip(c.text))
		}
		if name == virtual {
			continue
		}
		w.asked = append(w.asked, asked{name: name, manager: manager})
	}
	if len(c.m.Unknown) > 0 || len(c.m.Open) > 0 {
		refuse("`%s` is not understood", clip(c.text))
	}
	if manager == "apk" && virtual != "" {
		w.asked = append(w.asked, asked{name: virtual, manager: manager, purged: true})
	}
}

// package_ is a word of a package manager; the meaning counts the program's name.
func (w *walk) package_(c *cmd, i int) arg {
	if i < 1 || i > len(c.args) {
		return arg{}
	}
	return c.args[i-1]
}

// forBuilds are packages that only builds use, by name and by beginning.
var forBuilds = words(`build-essential gcc g++ clang llvm lld make cmake ninja-build ninja meson pkg-config pkgconf autoconf automake libtool libtool-bin bison flex m4 gperf
	nasm yasm gfortran patch ccache bear valgrind gdb cppcheck clang-format clang-tidy doxygen swig scons build-base musl-dev libc-dev libc6-dev linux-headers linux-libc-dev
	golang golang-go go cargo rustc rust protobuf-compiler protoc maven gradle ant default-jdk default-jdk-headless devscripts dpkg-dev fakeroot debhelper binutils
	autoconf-archive autopoint gettext-base-not python3-dev python-dev python3-dev nodejs-dev libstdc++-dev abuild alpine-sdk binutils-dev gcc-multilib g++-multilib musl-tools`)

// forFetching are packages of programs that fetch or unpack: they stay in the build
// where nothing that runs speaks of them.
var forFetching = words(`git git-lfs curl wget unzip zip xz-utils bzip2 gnupg gnupg2 openssh-client openssh-client-default subversion mercurial upx upx-ucl apt-utils
	software-properties-common apt-transport-https lsb-release dirmngr file rsync vim nano less jq tree sudo ca-certificates-java xz tar gzip sqlite`)

func buildOnly(name string) bool {
	if forBuilds[name] || strings.HasSuffix(name, "-dev") || strings.HasSuffix(name, "-dbg") || strings.HasSuffix(name, "-doc") || strings.HasSuffix(name, "-headers") {
		return true
	}
	for _, p := range []string{"gcc-", "g++-", "clang-", "llvm-", "cpp-", "openjdk-", "golang-", "lld-"} {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" && (p != "openjdk-" || strings.Contains(rest, "jdk")) {
			return true
		}
	}
	return false
}

// apkLibraries are the run-time packages of Alpine's -dev packages, by their APKBUILDs.
var apkLibraries = map[string]string{
	"sqlite-dev": "sqlite-libs", "postgresql-dev": "libpq", "libpq-dev": "libpq", "zlib-dev": "zlib", "curl-dev": "libcurl", "libxml2-dev": "libxml2",
	"libxslt-dev": "libxslt", "libffi-dev": "libffi", "jpeg-dev": "libjpeg-turbo", "libjpeg-turbo-dev": "libjpeg-turbo", "libpng-dev": "libpng", "ncurses-dev": "ncurses-libs",
	"readline-dev": "readline", "pcre-dev": "pcre", "pcre2-dev": "pcre2", "vips-dev": "vips", "libwebp-dev": "libwebp", "tiff-dev": "tiff", "yaml-dev": "yaml", "gmp-dev": "gmp",
	"mariadb-connector-c-dev": "mariadb-connector-c", "libsodium-dev": "libsodium", "imagemagick-dev": "imagemagick-libs", "librdkafka-dev": "librdkafka", "zeromq-dev": "libzmq",
	"openssl-dev": "openssl", "libressl-dev": "libressl", "libpcap-dev": "libpcap", "libevent-dev": "libevent", "bzip2-dev": "libbz2", "xz-dev": "xz-libs", "expat-dev": "expat",
}

// packages chooses what the last stage installs.
func (w *walk) packages() {
	var list []string
	libraries := true
	have, exact := w.final.Packages()
	add := func(name string, library bool) {
		if exact != base.Unknown && exact != base.Partial && slices.Contains(have, name) || slices.Contains(list, name) {
			return
		}
		list, libraries = append(list, name), libraries && library
	}
	for _, a := range w.asked {
		switch {
		case a.purged && !strings.HasSuffix(a.name, "-dev"):
			w.left(a.name)
		case strings.HasSuffix(a.name, "-dev") && !forBuilds[a.name]:
			w.left(a.name)
			if !w.native() {
				continue // Go without cgo links nothing
			}
			for _, lib := range w.runtimeOf(a.name) {
				add(lib, true)
			}
		case buildOnly(a.name):
			w.left(a.name)
		case forFetching[a.name] && !w.spoken(a.name):
			w.left(a.name)
		default:
			add(a.name, slices.Contains([]string{"ca-certificates", "tzdata", "netbase"}, a.name))
		}
	}
	for _, lib := range w.linkedPackages() {
		add(lib, true)
	}
	for _, n := range w.needs {
		if pkg := w.provides(n); pkg != "" {
			add(pkg, true)
		}
	}
	if len(list) > 0 && w.final.Variant == "distroless" {
		refuse("it needs %s, which distroless images have not", strings.Join(list, ", "))
	}
	slices.Sort(list)
	w.plan.Packages, w.plan.Recommended = list, w.recs && !libraries
	if len(list) > 0 {
		manager, _ := w.final.Manager()
		switch manager {
		case "apt", "apk":
			w.plan.Manager = manager
		default:
			refuse("nobody knows how %s installs packages", w.plan.Base)
		}
	}
}

func (w *walk) left(name string) {
	if !slices.Contains(w.plan.Left, name) {
		w.plan.Left = append(w.plan.Left, name)
	}
}

// runtimeOf are the libraries that a -dev package stands for.
func (w *walk) runtimeOf(dev string) []string {
	if w.final.Distro == "alpine" {
		lib, ok := apkLibraries[dev]
		if !ok {
			refuse("which library %s stands for is not known", dev)
		}
		return []string{lib}
	}
	libs, _, ok := base.RuntimeOf(dev, w.final.Suite)
	if !ok {
		refuse("which library %s stands for is not known on %s", dev, w.final.Suite)
	}
	return libs
}

// provides is the package that a program comes with, "" where the base has it.
func (w *walk) provides(n need) string {
	name := n.name
	if strings.HasPrefix(name, "/") {
		name = lastOf(name)
	}
	has, known := w.final.Has(name)
	if has {
		return ""
	}
	if essential[name] && (w.final.Distro == "debian" || w.final.Distro == "ubuntu" || w.final.Distro == "alpine" && name != "bash") {
		return ""
	}
	for _, a := range w.asked {
		if a.name == name && !a.purged {
			return name
		}
	}
	// The account programs of images of one family are those of the same system.
	if n.by == "RUN" && !known && (w.final.Distro == "alpine" || w.final.Distro == "ubuntu" && (w.image.Ref() == w.final.Ref() || w.plan.Ecosystem == "Java")) {
		return ""
	}
	if w.final.Distro == "alpine" && (name == "curl" || name == "bash" || name == "git" || name == "tini" || name == "su-exec" || name == "jq") {
		return name
	}
	if p, ok := base.Provides(name, w.final.Suite); ok && known && len(p.Packages) > 0 {
		return p.Packages[0]
	}
	refuse("%s runs %s, which %s has not", n.by, n.name, w.plan.Base)
	return ""
}

// essential are programs of Debian's essential packages, and of busybox as well.
var essential = words(`sh bash cat chmod chown cp date df dd dirname basename echo env expr false find grep egrep fgrep head tail hostname id install kill ln ls mkdir mktemp mv nice
	printf pwd readlink realpath rm rmdir sed seq sleep sort stat stty sync tee test touch tr true tty uname uniq wc which whoami xargs yes awk tar gzip gunzip zcat cut diff cmp su
	timeout nohup expand fold od paste nl split sha256sum md5sum mount umount dash`)

// spoken reports whether what runs speaks of a program.
func (w *walk) spoken(name string) bool {
	word := regexp.MustCompile(`(^|[^A-Za-z0-9_-])` + regexp.QuoteMeta(name) + `($|[^A-Za-z0-9_-])`)
	return slices.ContainsFunc(w.scripts, word.MatchString) || w.text.quoted[name]
}
