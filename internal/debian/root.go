package debian

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// root is the file system that packages are put into, by path.
type root struct {
	files    map[string]*file
	replaces map[string][]clause // by package
	packages map[string]*Package
	omitted  map[string]*Omitted // by what it is
	notes    []string
}

// Omitted is a kind of files that was left out of packages.
type Omitted struct {
	What  string
	Files int
	Bytes int64
}

// merged are the folders at the top that are links below /usr since Debian 12
// (https://wiki.debian.org/UsrMerge).
var merged = []string{"bin", "sbin", "lib", "lib32", "lib64", "libo32", "libx32"}

// documents are left out, by path: nothing reads them in a container. Copyright files
// stay, for licences want to be handed on.
var documents = []struct{ under, what string }{
	{"usr/share/doc", "documentation"},
	{"usr/share/man", "manual pages"},
	{"usr/share/info", "manual pages"},
	{"usr/share/groff", "manual pages"},
	{"usr/share/locale", "translations"},
	{"usr/share/help", "documentation"},
	{"usr/share/gtk-doc", "documentation"},
	{"usr/share/doc-base", "documentation"},
	{"usr/share/lintian", "notes for the makers of packages"},
	{"usr/share/linda", "notes for the makers of packages"},
	{"usr/share/bug", "notes for reports of bugs"},
	{"usr/share/apport", "notes for reports of bugs"},
	{"usr/share/bash-completion", "completion for shells"},
	{"usr/share/zsh", "completion for shells"},
	{"usr/share/fish", "completion for shells"},
	{"usr/share/vim", "settings of editors"},
	{"usr/share/emacs", "settings of editors"},
	{"usr/share/gdb", "settings of debuggers"},
	{"usr/lib/debug", "settings of debuggers"},
}

func omit(f *file) string {
	for _, d := range documents {
		rest, ok := strings.CutPrefix(f.path, d.under+"/")
		if !ok || d.under == "usr/share/locale" && rest == "locale.alias" {
			continue
		}
		// A package's folder of documents may be a link to that of another, where the
		// copyright file is.
		if d.under == "usr/share/doc" && (path.Base(f.path) == "copyright" || f.kind == tar.TypeSymlink && !strings.Contains(rest, "/")) {
			continue
		}
		return d.what
	}
	return ""
}

func newRoot() *root {
	return &root{files: map[string]*file{}, replaces: map[string][]clause{}, packages: map[string]*Package{}, omitted: map[string]*Omitted{}}
}

// unpack puts a package's files in.
func (r *root) unpack(p *Package, files []*file) error {
	r.packages[p.Name], r.replaces[p.Name] = p, p.replaces
	for _, f := range files {
		f.pkg = p.Name
		if err := r.own(f); err != nil {
			return err
		}
		mergeUsr(f)
		if slices.Contains(merged, f.path) || f.kind == tar.TypeSymlink && f.link == "/"+f.path {
			continue // the link that is there anyway, or one that stood for it
		}
		if what := omit(f); what != "" {
			if f.kind == tar.TypeDir {
				continue
			}
			o := r.omitted[what]
			if o == nil {
				o = &Omitted{What: what}
				r.omitted[what] = o
			}
			o.Files++
			if f.content != nil {
				o.Bytes += int64(len(f.data))
			}
			continue
		}
		if err := r.put(f); err != nil {
			return err
		}
	}
	return nil
}

// mergeUsr moves a file of /bin, /lib and so on to where it is once these are links.
func mergeUsr(f *file) {
	top, _, below := strings.Cut(f.path, "/")
	if !slices.Contains(merged, top) || !below && f.kind == tar.TypeSymlink {
		return
	}
	old := f.path
	f.path = "usr/" + f.path
	if f.kind != tar.TypeSymlink || path.IsAbs(f.link) {
		return
	}
	// From one folder further down, what leads out of the old one leads elsewhere.
	if to := path.Join(path.Dir(old), f.link); !strings.HasPrefix(to, top+"/") {
		f.link = "/" + strings.TrimPrefix(path.Join("/", path.Dir(old), f.link), "/")
	}
}

// put adds a file, where the links on its way lead to, as dpkg would.
func (r *root) put(f *file) error {
	dir, err := r.folder(path.Dir(f.path), f)
	if err != nil {
		return err
	}
	f.path = path.Join(dir, path.Base(f.path))
	old := r.files[f.path]
	switch {
	case old == nil:
	case f.kind == tar.TypeDir && old.kind == tar.TypeDir:
		if old.pkg == "" {
			r.files[f.path] = f // it was there because of something in it
		}
		return nil
	case f.kind == tar.TypeDir || old.kind == tar.TypeDir:
		// dpkg leaves a folder where another package has a link to one.
		link := f
		if f.kind == tar.TypeDir {
			link = old
		}
		if link.kind != tar.TypeSymlink {
			return fmt.Errorf("/%s is a folder in %s and none in %s", f.path, folderOf(f, old), folderOf(link, link))
		}
		if to, ok := r.resolve(f.path); f.kind == tar.TypeDir && (!ok || r.files[to] != nil && r.files[to].kind != tar.TypeDir) {
			return fmt.Errorf("/%s is a folder in %s and a link to something else in %s", f.path, f.pkg, old.pkg)
		}
		return nil
	case f.pkg == old.pkg || same(f, old):
		if !same(f, old) {
			return fmt.Errorf("%s has two files for /%s once /usr is merged", f.pkg, f.path)
		}
		return nil
	case r.replacing(f.pkg, old.pkg):
	case r.replacing(old.pkg, f.pkg):
		return nil
	default:
		return fmt.Errorf("%s and %s both have /%s, and neither replaces the other", old.pkg, f.pkg, f.path)
	}
	r.files[f.path] = f
	return nil
}

func folderOf(f, old *file) string {
	if f.kind == tar.TypeDir {
		return f.pkg
	}
	return old.pkg
}

func same(a, b *file) bool {
	if a.kind != b.kind || a.link != b.link {
		return false
	}
	return a.content == nil || a.content == b.content || bytes.Equal(a.data, b.data)
}

// replacing tells whether a package may have files of another.
func (r *root) replacing(by, of string) bool {
	p := r.packages[of]
	return p != nil && slices.ContainsFunc(r.replaces[by], func(c clause) bool { return slices.ContainsFunc(c, p.meets) })
}

// folder is the path of a folder behind the links on its way, made where it is missing.
func (r *root) folder(dir string, for_ *file) (string, error) {
	if dir == "." {
		return "", nil
	}
	to, ok := r.resolve(dir)
	if !ok {
		return "", fmt.Errorf("the way to /%s goes round in links", for_.path)
	}
	for p := to; p != ""; p = parent(p) {
		switch at := r.files[p]; {
		case at == nil:
			r.files[p] = &file{path: p, kind: tar.TypeDir, mode: 0o755, when: for_.when}
		case at.kind != tar.TypeDir:
			return "", fmt.Errorf("/%s of %s is in the way of /%s", p, at.pkg, for_.path)
		}
	}
	return to, nil
}

const maxLinks = 40 // as the kernel has it

// resolve follows the links of a path inside the root, whose top is its own parent as
// it is the kernel's. What is not there resolves to itself.
func (r *root) resolve(p string) (string, bool) {
	done, links := "", 0
	rest := strings.Split(p, "/")
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			done = parent(done)
			continue
		}
		at := path.Join(done, name)
		f := r.files[at]
		if f == nil && slices.Contains(merged, at) {
			f = &file{kind: tar.TypeSymlink, link: "usr/" + at}
		}
		if f == nil || f.kind != tar.TypeSymlink {
			done = at
			continue
		}
		if links++; links > maxLinks || len(rest) > maxPath {
			return "", false
		}
		if path.IsAbs(f.link) {
			done = ""
		}
		rest = append(strings.Split(f.link, "/"), rest...)
	}
	return done, true
}

// at is the file that a path leads to, nil for none.
func (r *root) at(p string) *file {
	to, ok := r.resolve(strings.TrimPrefix(p, "/"))
	if !ok {
		return nil
	}
	return r.files[to]
}

func parent(p string) string {
	if d := path.Dir(p); d != "." {
		return d
	}
	return ""
}

// paths are all of them, in order: a folder before what is in it.
func (r *root) paths() []string { return slices.Sorted(maps.Keys(r.files)) }

// newest is the time of the newest file, which is that of what is made here: a clock
// would make each build another image.
func (r *root) newest() time.Time {
	var t time.Time
	for _, f := range r.files {
		if f.when.After(t) {
			t = f.when
		}
	}
	return t
}
