package split

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// rust is cargo, which writes to its target folder (Cargo Book, "Build Cache"), and
// rustc.
func (w *walk) rust(c *cmd) {
	ops := c.operands("-o", "--crate-type", "--crate-name", "--edition", "-C", "-L", "-l", "--target", "--out-dir", "--cfg", "--bin", "-p", "--package", "--features", "-F", "--profile", "-j", "--manifest-path", "--target-dir", "--path", "--root", "--git", "--version", "--tag", "--branch", "--example", "--jobs")
	w.flags(c.text)
	if c.name == "rustc" {
		if c.has("--version", "-V") {
			return
		}
		w.building(c, "Rust")
		w.project.native = true
		out, given := c.option("-o")
		if !given {
			if len(ops) != 1 {
				refuse("`%s` is not understood", clip(c.text))
			}
			out = strings.TrimSuffix(lastOf(ops[0].s), ".rs")
		}
		w.writes(c, arg{out, true, false})
		return
	}
	if len(ops) == 0 {
		return
	}
	target := path.Join(w.dir, "target")
	if to, ok := c.option("--target-dir"); ok {
		target = w.abs(to)
	} else if to := w.assigned(c, "CARGO_TARGET_DIR"); to != "" {
		target = w.abs(to)
	} else if _, ok := c.option("--manifest-path"); ok {
		refuse("`%s` works in another folder", clip(c.text))
	}
	switch ops[0].s {
	case "build", "b", "test", "check", "clippy", "fetch", "bench", "doc", "fmt", "vendor", "rustc", "clean", "update":
		if w.files.isSystem(w.dir) {
			refuse("`%s` works in %s", clip(c.text), w.dir)
		}
		w.files.trash(target)
		w.files.put(path.Join(w.dir, "Cargo.lock"), w.files.source(path.Join(w.dir, "Cargo.lock"))).trash = true
		if ops[0].s == "build" || ops[0].s == "b" || ops[0].s == "rustc" {
			w.building(c, "Rust")
			w.project.native, w.project.cargo = true, true
		}
	case "install":
		w.building(c, "Rust")
		w.project.native, w.project.cargo = true, true
		root := "/usr/local/cargo"
		if to, ok := c.option("--root"); ok {
			root = w.abs(to)
		}
		if _, ok := c.option("--path"); !ok {
			refuse("`%s` installs a program from elsewhere, whose libraries are not known", clip(c.text))
		}
		dir, _ := c.option("--path")
		w.files.trash(path.Join(w.abs(dir), "target"))
		for _, name := range w.crateBinaries(w.abs(dir)) {
			w.writes(c, arg{path.Join(root, "bin", name), true, false})
		}
	case "new", "init":
		if len(ops) > 1 {
			w.files.opaque(w.abs(ops[1].s))
		} else {
			w.files.opaque(w.dir)
		}
	default:
		refuse("`%s` is not understood", clip(c.text))
	}
}

// source is what a path was copied from.
func (f *files) source(name string) string {
	if e := f.at[name]; e != nil {
		return e.from
	}
	return ""
}

// crateBinaries are the programs of a crate: Cargo Book, "Cargo Targets".
func (w *walk) crateBinaries(dir string) (out []string) {
	data, err := w.tree.Read(w.files.source(path.Join(dir, "Cargo.toml")))
	if err != nil || len(data) > 1<<20 {
		refuse("%s cannot be read", path.Join(dir, "Cargo.toml"))
	}
	var top struct {
		Package struct{ Name string }
		Bin     []struct{ Name string }
	}
	if toml.Unmarshal(data, &top) != nil {
		refuse("%s cannot be read", path.Join(dir, "Cargo.toml"))
	}
	for _, b := range top.Bin {
		out = append(out, b.Name)
	}
	if w.files.at[path.Join(dir, "src/main.rs")] != nil && len(out) == 0 {
		out = append(out, top.Package.Name)
	}
	for p := range w.files.at {
		if path.Dir(p) == path.Join(dir, "src/bin") && strings.HasSuffix(p, ".rs") {
			out = append(out, strings.TrimSuffix(path.Base(p), ".rs"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var lockedCrate = regexp.MustCompile(`(?m)^name = "([^"\n]+)"`)

// bundled are crates of the system's interfaces, and those that compile the library
// in; sysLibraries those that link it where it is found, by pkg-config or else.
var (
	bundled = words(`windows-sys linux-raw-sys js-sys web-sys core-foundation-sys security-framework-sys system-configuration-sys libc-sys ring aws-lc-sys aws-lc-fips-sys
		tikv-jemalloc-sys jemalloc-sys mimalloc-sys libmimalloc-sys inotify-sys schannel-sys secp256k1-sys blst-sys iana-time-zone-sys wasm-bindgen-sys io-kit-sys
		libgit2-sys libssh2-sys tikv-jemalloc-ctl-sys lz4-sys zstd-sys bzip2-sys lzma-sys snappy-sys librocksdb-sys onig_sys rdkafka-sys fsevent-sys`)
	sysLibraries = map[string]string{
		"openssl-sys": "libssl-dev", "libz-sys": "zlib1g-dev", "curl-sys": "libcurl4-openssl-dev", "pq-sys": "libpq-dev", "libsqlite3-sys": "libsqlite3-dev",
		"mysqlclient-sys": "default-libmysqlclient-dev", "zstd-sys": "libzstd-dev", "bzip2-sys": "libbz2-dev", "lzma-sys": "liblzma-dev", "libgit2-sys": "libgit2-dev",
		"libssh2-sys": "libssh2-1-dev", "libnghttp2-sys": "libnghttp2-dev", "libsodium-sys": "libsodium-dev", "onig_sys": "libonig-dev", "alsa-sys": "libasound2-dev",
		"libudev-sys": "libudev-dev", "freetype-sys": "libfreetype-dev", "expat-sys": "libexpat1-dev",
	}
)

// crates looks at what the locked crates link.
func (w *walk) crates() {
	for _, p := range w.files.paths() {
		e := w.files.at[p]
		if path.Base(p) != "Cargo.lock" || e.from == "" {
			continue
		}
		data, err := w.tree.Read(e.from)
		if err != nil || len(data) > 8<<20 {
			refuse("%s cannot be read", e.from)
		}
		names := map[string]bool{}
		for _, m := range lockedCrate.FindAllStringSubmatch(string(data), -1) {
			names[m[1]] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if names["openssl-src"] && name == "openssl-sys" {
				continue
			}
			if dev, ok := sysLibraries[name]; ok {
				// It is linked where the build has its -dev package, and built in else.
				if w.buildHas(dev) {
					w.links = append(w.links, "dev:"+dev)
				}
				continue
			}
			if (strings.HasSuffix(name, "-sys") || strings.HasSuffix(name, "_sys")) && !bundled[name] {
				w.project.unclear = max(w.project.unclear, name)
			}
		}
		w.project.web = w.project.web || names["rustls"] || names["native-tls"] || names["openssl"] || names["reqwest"] || names["hyper-tls"]
		if w.project.unclear != "" {
			refuse("which library the crate %s links is not known", w.project.unclear)
		}
		return
	}
	if w.project.cargo && w.text.has("Cargo.toml", "[dependencies") {
		refuse("there is no Cargo.lock, which would tell what is linked")
	}
}

// buildHas reports whether a package may be in the build.
func (w *walk) buildHas(name string) bool {
	if w.askedFor(name) {
		return true
	}
	list, _ := w.image.Packages()
	return list == nil || slices.Contains(list, name)
}
