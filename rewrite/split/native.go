package split

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
)

// compile takes a tool that builds, and is false for any other program.
func (w *walk) compile(c *cmd) bool {
	switch c.name {
	case "go":
		w.golang(c)
	case "cargo", "rustc":
		w.rust(c)
	case "gcc", "g++", "cc", "c++", "clang", "clang++", "gfortran":
		w.cc(c)
	case "make", "gmake", "ninja", "meson", "cmake", "configure", "autogen.sh", "bootstrap.sh", "autoreconf", "autoconf", "automake", "libtoolize", "aclocal", "ar", "ranlib", "ld", "pkg-config":
		w.make(c)
	case "javac", "jar", "mvn", "mvnw", "gradle", "gradlew", "ant":
		w.java(c)
	case "npm", "yarn", "pnpm", "npx", "tsc", "node", "corepack":
		w.node(c)
	case "pip", "pip3", "python", "python3":
		w.python(c)
	case "dotnet":
		w.dotnet(c)
	default:
		return false
	}
	return true
}

// building notes that an ecosystem's tool builds something here.
func (w *walk) building(c *cmd, eco string) {
	if !slices.Contains(w.ecos, eco) {
		w.ecos = append(w.ecos, eco)
	}
	if w.files.within(w.dir, func(e *entry) bool { return e.unread }) {
		refuse("`%s` builds sources that are fetched or unpacked in the build, and nobody has seen", clip(c.text))
	}
	w.builds = max(w.builds, c.line)
	w.files.touched = true
}

// native reports whether something that is kept may be linked with libraries.
func (w *walk) native() bool { return w.project.native || !w.project.static }

var library = regexp.MustCompile(`(?:^|[\s"'(,])-l([A-Za-z0-9_+.-]+)`)

func (w *walk) flags(text string) {
	if strings.Contains(text, "-fopenmp") {
		w.links = append(w.links, "pkg:libgomp1")
	}
	if strings.Contains(text, "-fsanitize") {
		refuse("a sanitizer's library is linked")
	}
	for _, m := range library.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(w.links, m[1]) {
			w.links = append(w.links, m[1])
		}
	}
}

// cc is a compiler that is called by itself.
func (w *walk) cc(c *cmd) {
	if c.has("--version", "-v") {
		return
	}
	w.building(c, "C")
	w.project.native = true
	w.project.cxx = w.project.cxx || c.name == "g++" || c.name == "c++" || c.name == "clang++"
	w.flags(c.text)
	out, given := c.option("-o")
	switch {
	case given && c.has("-c"):
		w.files.put(w.abs(out), "").trash = true
	case given:
		w.writes(c, arg{out, true, false})
	case c.has("-c"):
		for _, a := range c.operands() {
			if a.ok && !a.glob {
				w.files.put(path.Join(w.dir, strings.TrimSuffix(lastOf(a.s), path.Ext(a.s))+".o"), "").trash = true
			}
		}
	default:
		w.writes(c, arg{"a.out", true, false})
	}
}

// make is a build that reads what it does in a file.
func (w *walk) make(c *cmd) {
	if c.name == "pkg-config" || c.has("--version") {
		return
	}
	w.building(c, "C")
	w.project.native = true
	w.flags(c.text)
	dir := w.dir
	if to, ok := c.option("-C"); ok {
		dir = w.abs(to)
	}
	if w.files.isSystem(dir) {
		refuse("`%s` works in %s", clip(c.text), dir)
	}
	if c.name == "cmake" || c.name == "meson" {
		if to, ok := c.option("-B", "--build", "-C"); ok {
			dir = w.abs(to)
		} else if ops := c.operands("-S", "-G"); c.name == "meson" && len(ops) > 1 && ops[0].s == "setup" {
			c.known(ops[1])
			dir = w.abs(ops[1].s)
		}
		if w.files.isSystem(dir) {
			refuse("`%s` works in %s", clip(c.text), dir)
		}
	}
	if prefix, ok := c.option("--prefix"); ok && c.name != "cmake" && prefix != "/usr/local" {
		w.project.prefix = w.abs(prefix)
		if !w.files.isSystem(w.project.prefix) {
			w.files.opaque(w.project.prefix)
		}
	}
	if strings.Contains(c.text, "DESTDIR") || strings.Contains(c.text, "sysconfdir") || strings.Contains(c.text, "localstatedir") {
		w.project.prefix = "DESTDIR"
	}
	switch {
	case c.name == "cmake" && (c.has("--install") || c.has("--target") && c.has("install")), (c.name == "make" || c.name == "gmake" || c.name == "ninja" || c.name == "meson") && slices.ContainsFunc(c.args, func(a arg) bool { return strings.HasPrefix(a.s, "install") }):
		w.installs(c, dir)
	case c.name == "cmake" || c.name == "meson":
		if _, ok := c.option("-DCMAKE_INSTALL_PREFIX", "--prefix"); ok {
			refuse("`%s` says where it will be installed", clip(c.text))
		}
		w.outOfTree(dir)
	case w.project.trees[dir]:
	case (c.name == "make" || c.name == "gmake") && c.has("clean", "distclean"):
		if !c.always() {
			return
		}
		w.cleaned(c, dir)
	default:
		w.tree_(dir)
	}
}

// tree_ is a folder in which a build leaves what it makes: nobody knows what.
func (w *walk) tree_(dir string) { w.files.opaque(dir) }

// outOfTree is a folder that a build tool has for itself: what the container uses of
// it is copied or run by its path.
func (w *walk) outOfTree(dir string) {
	for p, e := range w.files.at {
		if e.from != "" && path.Dir(p) == dir {
			w.tree_(dir) // among the sources
			return
		}
	}
	if w.project.trees == nil {
		w.project.trees = map[string]bool{}
	}
	w.project.trees[dir] = true
	w.files.trash(dir)
}

// cleaned takes away what a build has left, where the makefile says that it is all.
func (w *walk) cleaned(c *cmd, dir string) {
	m := w.makefile(c, dir)
	if m == nil || !m.cleans() {
		return
	}
	if e := w.files.at[dir]; e != nil {
		e.whole = false
	}
}

// installs is `make install`.
func (w *walk) installs(c *cmd, dir string) {
	if c.name == "make" || c.name == "gmake" {
		if m := w.makefile(c, dir); m != nil {
			if list, ok := m.installs(w, c, dir); ok {
				for _, name := range list {
					w.writes(c, arg{name, true, false})
					if strings.Contains(path.Base(name), ".so") {
						w.again("ldconfig")
					}
				}
				return
			}
		}
	}
	if prefix, ok := c.option("--prefix"); ok && !w.files.isSystem(w.abs(prefix)) {
		w.files.opaque(w.abs(prefix))
		return
	}
	if dest, ok := c.option("DESTDIR"); ok && !w.files.isSystem(w.abs(dest)) {
		w.files.opaque(w.abs(dest))
		return
	}
	if w.project.prefix != "" && path.IsAbs(w.project.prefix) && !w.files.isSystem(w.project.prefix) {
		return // into a folder of its own, which is kept
	}
	if repo := path.Base(w.image.Repository); slices.Contains([]string{"debian", "ubuntu", "buildpack-deps", "alpine"}, repo) && w.project.prefix == "" && len(c.operands("-j", "-C")) <= 1 {
		// By default that is /usr/local, of which these images have nothing but folders.
		w.files.local = true
		w.files.touched = true
		w.again("ldconfig")
		return
	}
	refuse("`%s` installs files that its makefile does not tell", clip(c.text))
}

// libraries of the C library, or of the compiler: any image with them has them.
var ofLibc = words("c m pthread dl rt util resolv crypt nsl gcc gcc_s stdc++ stdc++fs anl")

// devOf are the -dev packages of Debian whose library is not called by their name.
var devOf = map[string]string{
	"z": "zlib1g-dev", "ssl": "libssl-dev", "crypto": "libssl-dev", "curl": "libcurl4-openssl-dev", "sqlite3": "libsqlite3-dev", "pq": "libpq-dev", "xml2": "libxml2-dev",
	"xslt": "libxslt1-dev", "png": "libpng-dev", "png16": "libpng-dev", "jpeg": "libjpeg-dev", "ncurses": "libncurses-dev", "ncursesw": "libncurses-dev", "tinfo": "libncurses-dev",
	"readline": "libreadline-dev", "yaml": "libyaml-dev", "gmp": "libgmp-dev", "ffi": "libffi-dev", "event": "libevent-dev", "bz2": "libbz2-dev", "lzma": "liblzma-dev",
	"webp": "libwebp-dev", "tiff": "libtiff-dev", "uuid": "uuid-dev", "glib-2.0": "libglib2.0-dev", "mysqlclient": "default-libmysqlclient-dev", "expat": "libexpat1-dev",
	"pcre": "libpcre3-dev", "pcre2-8": "libpcre2-dev", "db": "libdb-dev", "gdbm": "libgdbm-dev", "magic": "libmagic-dev", "cap": "libcap-dev", "pcap": "libpcap-dev", "archive": "libarchive-dev",
}

// linkedPackages are the packages of the libraries that the project's own build files
// name.
func (w *walk) linkedPackages() (out []string) {
	for _, name := range w.links {
		if pkg, ok := strings.CutPrefix(name, "pkg:"); ok {
			out = append(out, pkg)
			continue
		}
		dev, named := strings.CutPrefix(name, "dev:")
		if named {
			out = append(out, w.runtimeOf(dev)...)
			continue
		}
		if ofLibc[name] || w.files.library(name) {
			continue
		}
		if w.final.Distro == "alpine" {
			if lib, ok := apkLibraries[name+"-dev"]; ok {
				out = append(out, lib)
				continue
			}
			if lib := map[string]string{"z": "zlib", "sqlite3": "sqlite-libs", "pq": "libpq", "xml2": "libxml2", "curl": "libcurl", "yaml": "yaml"}[name]; lib != "" {
				out = append(out, lib)
				continue
			}
			refuse("which package the library %s comes with is not known", name)
		}
		if dev = devOf[name]; dev == "" {
			dev = "lib" + strings.ToLower(name) + "-dev"
		}
		libs, _, ok := base.RuntimeOf(dev, w.final.Suite)
		if !ok && !w.askedFor(dev) {
			refuse("which package the library %s comes with is not known", name)
		}
		out = append(out, libs...)
	}
	return out
}

func (w *walk) askedFor(name string) bool {
	return slices.ContainsFunc(w.asked, func(a asked) bool { return a.name == name })
}

// library reports whether the file makes a library of its own with that name.
func (f *files) library(name string) bool {
	for p := range f.at {
		if base := path.Base(p); base == "lib"+name+".a" || strings.HasPrefix(base, "lib"+name+".so") {
			return true
		}
	}
	return false
}
