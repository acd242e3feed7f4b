package build

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// elfFile is what the loader wants of a program or library.
type elfFile struct {
	machine elf.Machine
	class   elf.Class
	interp  string
	needed  []string
	rpath   []string
	runpath []string
}

// readELF reads what the loader would of a program. Content that is no ELF file
// behind its magic is none; that is no error.
func readELF(r io.Reader, size int64) (*elfFile, error) {
	if size <= 8<<20 {
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		return parseELF(bytes.NewReader(data)), nil
	}
	f, err := os.CreateTemp("", "restow-elf-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Without a name nothing can be left behind; where a system does not
	// remove open files, the name goes at the end.
	if os.Remove(f.Name()) != nil {
		defer os.Remove(f.Name())
	}
	if _, err := io.Copy(f, r); err != nil {
		return nil, err
	}
	return parseELF(f), nil
}

func parseELF(r io.ReaderAt) (out *elfFile) {
	defer func() {
		if recover() != nil {
			out = nil // a broken file that debug/elf is not ready for
		}
	}()
	f, err := elf.NewFile(r)
	if err != nil {
		return nil
	}
	defer f.Close()
	out = &elfFile{machine: f.Machine, class: f.Class}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP && p.Filesz < 4096 {
			b, err := io.ReadAll(p.Open())
			if err == nil {
				out.interp = strings.TrimRight(string(b), "\x00")
			}
		}
	}
	out.needed, _ = f.ImportedLibraries()
	if v, err := f.DynString(elf.DT_RPATH); err == nil {
		out.rpath = splitPath(v)
	}
	if v, err := f.DynString(elf.DT_RUNPATH); err == nil {
		out.runpath = splitPath(v)
	}
	return out
}

func splitPath(values []string) (out []string) {
	for _, v := range values {
		for _, dir := range strings.Split(v, ":") {
			if dir != "" && len(out) < 64 {
				out = append(out, dir)
			}
		}
	}
	return out
}

// libraries finds shared libraries as the loader of an image would.
type libraries struct {
	t     *tree
	own   []string            // LD_LIBRARY_PATH
	cache map[string][]string // of glibc's loader: where a library is
	dirs  []string            // what the loader looks through last
}

func librariesOf(t *tree, env []string) *libraries {
	l := &libraries{t: t, own: splitPath([]string{lookupEnv(env, "LD_LIBRARY_PATH")})}
	// Folders of ld.so.conf count through the cache that ldconfig made of them.
	if n, _ := t.lookup("/etc/ld.so.cache"); n != nil {
		l.cache = loaderCache(n.data)
	}
	if n, _ := t.lookup("/etc"); n != nil {
		for name, child := range n.children {
			if strings.HasPrefix(name, "ld-musl-") && strings.HasSuffix(name, ".path") {
				l.dirs = append(l.dirs, strings.FieldsFunc(string(child.data), func(r rune) bool { return r == ':' || r == '\n' })...)
			}
		}
	}
	for _, dir := range []string{"/lib", "/usr/lib", "/lib64", "/usr/lib64"} {
		l.dirs = append(l.dirs, dir)
		// Debian's folders for an architecture, which its loader has built in.
		if n, _ := t.lookup(dir); n != nil {
			for name, child := range n.children {
				switch {
				case strings.Contains(name, "-linux-"):
					l.dirs = append(l.dirs, dir+"/"+name)
				case strings.HasPrefix(name, "ld-musl-") && child.kind != tar.TypeDir:
					l.dirs = append(l.dirs, "/usr/local/lib") // which musl's has, too
				}
			}
		}
	}
	return l
}

const cacheMagic = "glibc-ld.so.cache1.1"

// loaderCache reads /etc/ld.so.cache, in the form that glibc has written since
// version 2.2, alone or behind an older one.
func loaderCache(data []byte) map[string][]string {
	i := bytes.Index(data, []byte(cacheMagic))
	if i < 0 || len(data)-i < 48 {
		return nil
	}
	data = data[i:] // offsets count from here
	var order binary.ByteOrder = binary.LittleEndian
	if data[28]&3 == 3 {
		order = binary.BigEndian
	}
	text := func(at uint32) string {
		if uint64(at) >= uint64(len(data)) {
			return ""
		}
		s, _, _ := bytes.Cut(data[at:], []byte{0})
		return string(s)
	}
	out := map[string][]string{}
	const size = 24
	for n, at := order.Uint32(data[20:]), 48; n > 0 && at+size <= len(data); n, at = n-1, at+size {
		name := text(order.Uint32(data[at+4:]))
		if p := text(order.Uint32(data[at+8:])); name != "" && len(out[name]) < 16 && len(p) < maxName {
			out[name] = append(out[name], p)
		}
	}
	return out
}

// missing are the libraries that the file at p needs and that do not resolve,
// and its program interpreter where that is not there.
func (l *libraries) missing(p string, f *elfFile) (out []string) {
	for _, name := range f.needed {
		if !l.resolves(p, f, name) {
			out = append(out, name)
		}
	}
	if f.interp != "" {
		if n, _ := l.t.lookup(f.interp); n == nil {
			out = append(out, f.interp)
		}
	}
	return out
}

func (l *libraries) resolves(p string, f *elfFile, name string) bool {
	if strings.Contains(name, "/") {
		return l.fits(name, f)
	}
	var dirs []string
	if len(f.runpath) == 0 { // a RUNPATH turns RPATH off
		dirs = append(dirs, f.rpath...)
	}
	dirs = slices.Concat(dirs, l.own, f.runpath)
	origin := strings.NewReplacer("$ORIGIN", path.Dir(p), "${ORIGIN}", path.Dir(p), "$LIB", "lib", "${LIB}", "lib")
	for _, dir := range dirs {
		if l.fits(origin.Replace(dir)+"/"+name, f) {
			return true
		}
	}
	for _, at := range l.cache[name] {
		if l.fits(at, f) {
			return true
		}
	}
	return slices.ContainsFunc(l.dirs, func(dir string) bool { return l.fits(dir+"/"+name, f) })
}

// fits reports whether a library is there for the machine of f.
func (l *libraries) fits(p string, f *elfFile) bool {
	n, _ := l.t.lookup(p)
	return n != nil && n.elf != nil && n.elf.machine == f.machine && n.elf.class == f.class
}

// compareLibraries reports files whose libraries resolved before and do not
// after. What does not resolve in both is none of the rewrite's doing: plug-ins
// find theirs through the program that loads them.
func compareLibraries(before, after *image) (out []Change) {
	b, a := librariesOf(before.tree, before.config.Config.Env), librariesOf(after.tree, after.config.Config.Env)
	for p, n := range after.tree.all() {
		if n.elf == nil || len(n.elf.needed) == 0 && n.elf.interp == "" {
			continue
		}
		gone := a.missing(p, n.elf)
		if len(gone) == 0 {
			continue
		}
		had := map[string]bool{}
		if old := before.tree.exact(p[1:]); old != nil && old.elf != nil {
			for _, name := range b.missing(p, old.elf) {
				had[name] = true
			}
		}
		for _, name := range gone {
			if !had[name] {
				out = append(out, Change{
					Kind: Library, What: "missing", Path: p, Before: name, Breaks: true,
					Why: fmt.Sprintf("needs %s, which is not in the image any more", name),
				})
			}
		}
	}
	return out
}
