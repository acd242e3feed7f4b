package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// walk is one folder being searched. Paths in it are slash paths below abs.
type walk struct {
	f      *finder
	dir    *os.Root
	abs    string
	name   string            // how abs is displayed
	prefix []string          // from the top of the ignore files to abs
	rules  map[string]*rules // of every folder visited
	files  []string
	links  []string
	builds []string // compose and bake files
	count  int
	full   bool
	deep   bool
}

func (f *finder) walk(top, abs, name string) {
	dir, err := f.open(abs)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w, make it readable or exclude it", name, reason(err)))
		return
	}
	w := &walk{f: f, dir: dir, abs: abs, name: name, rules: map[string]*rules{}}
	rel, _ := below(top, abs)
	w.prefix = segments(rel)
	rs, err := f.rulesAbove(top, w.prefix)
	if err != nil {
		f.fail(err)
		return
	}
	w.visit(".", 0, rs)
	for _, rel := range w.files {
		w.take(rel, rel, nil)
	}
	// Links and the files that compose and bake name come last: whether their
	// folder was visited tells whether an ignore file hides them.
	for _, rel := range w.links {
		if actual, ok := w.locate(w.join(rel)); ok {
			w.take(actual, rel, nil)
		}
	}
	for _, rel := range w.builds {
		w.takeBuilds(rel)
	}
}

// visit looks at the entries of one folder and goes down into its folders.
func (w *walk) visit(rel string, depth int, rs *rules) {
	entries, err := w.list(rel)
	if err != nil {
		w.f.fail(fmt.Errorf("%s: folder cannot be read: %w, make it readable or exclude it", w.display(rel), reason(err)))
	}
	if !w.f.opt.NoIgnore {
		// With its ignore file unread a folder would give up what it hides, so
		// it is left out as a whole.
		rs, err = rs.read(w.dir, rel, append(slices.Clone(w.prefix), segments(rel)...), w.display)
		if err != nil {
			w.f.fail(err)
			return
		}
	}
	w.rules[rel] = rs
	for _, e := range entries {
		child := path.Join(rel, e.Name())
		if e.IsDir() {
			w.descend(child, depth+1, rs)
			continue
		}
		isBuild := isCompose(e.Name()) || isBake(e.Name())
		if !isBuild && !isDockerfile(e.Name()) || w.ignored(rs, child, false) {
			continue
		}
		switch {
		case isBuild:
			w.builds = append(w.builds, child)
		case e.Type().IsRegular():
			w.files = append(w.files, child)
		case e.Type()&fs.ModeSymlink != 0:
			w.links = append(w.links, child)
		}
	}
}

func (w *walk) descend(rel string, depth int, rs *rules) {
	if slices.Contains(skippedFolders, path.Base(rel)) || w.ignored(rs, rel, true) || w.full {
		return
	}
	if depth > maxDepth {
		if !w.deep {
			w.f.fail(fmt.Errorf("%s: more than %d folders deep, everything this deep was left out; name it as a path of its own", w.display(rel), maxDepth))
		}
		w.deep = true
		return
	}
	w.visit(rel, depth, rs)
}

// list reads a folder in pieces, so that even one huge folder stays within the
// bound on entries.
func (w *walk) list(rel string) ([]fs.DirEntry, error) {
	folder, err := w.dir.Open(filepath.FromSlash(rel))
	if err != nil {
		return nil, err
	}
	defer folder.Close() // only read from
	var entries []fs.DirEntry
	for {
		some, err := folder.ReadDir(1024)
		entries = append(entries, some...)
		w.count += len(some)
		if w.count > w.f.maxEntries {
			if !w.full {
				w.f.fail(fmt.Errorf("%s: more than %d entries, from %s on some were left out; name smaller folders or exclude some", w.name, w.f.maxEntries, w.display(rel)))
			}
			w.full = true
			err = io.EOF
		}
		if err != nil {
			slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return entries, err
		}
	}
}

func (w *walk) ignored(rs *rules, rel string, isDir bool) bool {
	return rs.ignored(append(slices.Clone(w.prefix), segments(rel)...), isDir)
}

// locate gives the symlink-free path below the walked folder of a file that a
// symlink, compose or bake file points at. It must be a regular file in a
// folder the walk has visited and not be ignored: what the user hides from
// restow stays hidden, whoever names it.
func (w *walk) locate(abs string) (string, bool) {
	if _, ok := below(w.abs, abs); !ok {
		return "", false
	}
	actual, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", false
	}
	local, ok := below(w.abs, actual)
	if !ok {
		return "", false
	}
	rel := filepath.ToSlash(local)
	rs, visited := w.rules[path.Dir(rel)]
	if !visited || isLeftover(path.Base(rel)) || w.ignored(rs, rel, false) {
		return "", false
	}
	info, err := w.dir.Lstat(local)
	return rel, err == nil && info.Mode().IsRegular()
}

// take adds the file rel, found under the name shown.
func (w *walk) take(rel, shown string, uses []Use) {
	w.f.add(w.join(rel), candidate{
		Source: Source{Path: w.display(shown), Uses: uses, root: w.dir, rel: filepath.FromSlash(rel)},
		link:   rel != shown,
	})
}

func (w *walk) join(rel string) string { return filepath.Join(w.abs, filepath.FromSlash(rel)) }

func (w *walk) display(rel string) string { return path.Join(w.name, rel) }

func segments(rel string) []string {
	if rel == "." {
		return nil
	}
	return strings.Split(filepath.ToSlash(rel), "/")
}
