package project

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
)

// Bounds of a build context that is listed.
const (
	maxFiles   = 200_000   // files in the list
	maxEntries = 1_000_000 // entries of folders that are looked at, those left out included
	maxDepth   = 256       // folders in folders
	maxReaders = 8         // folders read at the same time
)

// File is a file of the build context.
type File struct {
	Path string // slash path below the context's root
	Size int64  // bytes; of a symbolic link the length of its target, of a folder 0
	// Type is 0 for a regular file, fs.ModeSymlink for a symbolic link, and
	// fs.ModeDir for a repository's .git, which stands for all that is in it.
	Type fs.FileMode
}

// Files are the files of a build context.
type Files struct {
	List    []File // sorted by Path, byte by byte
	Partial string // why these are not all; "" where they are
}

// Files lists every regular file and symbolic link that .dockerignore lets
// through. It reads the context at the first call only, descends into no link and
// no folder that is left out as a whole (by the rules of BuildKit's own walk,
// filterFS of fsutil), and stops at 200,000 files. Sockets, pipes and devices are
// no part of the list. A nil tree has an empty one that says so. The list must
// not be changed.
func (t *Tree) Files() *Files {
	if t == nil {
		return &Files{Partial: "the build context is not known"}
	}
	t.files.once.Do(func() { t.files.all = t.walk(maxFiles, maxEntries) })
	return t.files.all
}

// Below gives the file of that path, or those in the folder of that path; "" and
// "." are the whole context.
func (f *Files) Below(name string) []File {
	name = clean(name)
	if name == "" {
		return f.List
	}
	lo, found := slices.BinarySearchFunc(f.List, name, comparePath)
	if found {
		return f.List[lo : lo+1]
	}
	lo, _ = slices.BinarySearchFunc(f.List, name+"/", comparePath)
	hi, _ := slices.BinarySearchFunc(f.List, name+"0", comparePath) // 0 is what follows / in ASCII
	return f.List[lo:hi]
}

func comparePath(f File, name string) int { return strings.Compare(f.Path, name) }

// fileList is filled at the first need of it.
type fileList struct {
	once sync.Once
	all  *Files
}

// Excluded reports whether .dockerignore keeps a path of the context out,
// exceptions considered, whether or not there is such a file. A folder that is
// excluded may still hold files that are not.
func (t *Tree) Excluded(name string) bool {
	name = clean(name)
	return t != nil && name != "" && t.excluded(name)
}

// folder is one folder of the walk.
type folder struct {
	path    string
	depth   int
	match   patternmatcher.MatchInfo
	entries []entry
	err     error
}

// entry is what a folder holds: a file of the list, or a folder to go into.
type entry struct {
	name string
	size int64
	typ  fs.FileMode
	sub  *folder
}

// order sorts entries so that the paths below them come out sorted: a folder's
// name counts with its slash.
func order(a, b entry) int {
	if !strings.HasPrefix(a.name, b.name) && !strings.HasPrefix(b.name, a.name) {
		return strings.Compare(a.name, b.name)
	}
	full := func(e entry) string {
		if e.sub != nil {
			return e.name + "/"
		}
		return e.name
	}
	return strings.Compare(full(a), full(b))
}

// walk reads the context: several folders at a time, since each costs a few calls
// of the system. Where that meets a bound, it starts again with one at a time, so
// that the same context gives the same part of the list.
func (t *Tree) walk(files, entries int) *Files {
	w := &walk{tree: t, files: files, entries: entries}
	root := w.read(min(runtime.GOMAXPROCS(0), maxReaders))
	if w.full {
		w = &walk{tree: t, files: files, entries: entries}
		root = w.read(1)
	}
	out := &Files{Partial: w.partial, List: make([]File, 0, w.taken)}
	out.add(root)
	return out
}

func (f *Files) add(from *folder) {
	for _, e := range from.entries {
		if e.sub != nil {
			f.add(e.sub)
			continue
		}
		f.List = append(f.List, File{path.Join(from.path, e.name), e.size, e.typ})
	}
}

type walk struct {
	tree           *Tree
	files, entries int
	taken, seen    int
	full           bool
	partial        string
}

// read walks the folders breadth first. The ignore file is matched here alone:
// its matcher is not safe for several at once.
func (w *walk) read(readers int) *folder {
	root := &folder{}
	todo, reading := []*folder{root}, 0
	jobs, done := make(chan *folder), make(chan *folder)
	for range readers {
		go func() {
			for f := range jobs {
				f.err = w.tree.readFolder(f, w.files)
				done <- f
			}
		}()
	}
	defer close(jobs)
	for len(todo) > 0 || reading > 0 {
		var next *folder
		send := jobs
		if len(todo) == 0 {
			send = nil
		} else {
			next = todo[0]
		}
		if reading == readers {
			send = nil
		}
		select {
		case send <- next:
			todo, reading = todo[1:], reading+1
		case f := <-done:
			reading--
			todo = append(todo, w.sift(f)...)
		}
	}
	return root
}

// stop notes why the list is not whole; the first reason counts.
func (w *walk) stop(format string, args ...any) {
	w.partial = cmp.Or(w.partial, fmt.Sprintf(format, args...))
}

// sift takes out of a folder what is left out, and gives the folders to go into.
func (w *walk) sift(f *folder) (into []*folder) {
	if errors.Is(f.err, errTooMany) {
		w.full = true
	} else if f.err != nil {
		w.stop("the folder %s cannot be read whole", cmp.Or(f.path, "."))
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	kept := f.entries[:0]
	for _, e := range f.entries {
		w.seen++
		if w.full = w.full || w.seen > w.entries || w.taken >= w.files && !e.typ.IsDir(); w.full {
			break
		}
		name := path.Join(f.path, e.name)
		out, match := w.tree.left(name, f.match)
		switch {
		case e.typ.IsDir() && e.name == ".git":
			// Thousands of objects that no rule of an ignore file tells apart.
			if out {
				continue
			}
			e.size = 0
			w.taken++
		case e.typ.IsDir():
			if out && !w.tree.exceptionsBelow(name) {
				continue
			}
			if f.depth == maxDepth {
				w.stop("the build context has more than %d folders in each other", maxDepth)
				continue
			}
			e.sub = &folder{path: name, depth: f.depth + 1, match: match}
			into = append(into, e.sub)
		case out, e.typ != 0 && e.typ != fs.ModeSymlink:
			continue
		default:
			w.taken++
		}
		kept = append(kept, e)
	}
	if w.full {
		w.stop("the build context has more than %d files, those beyond are not among them", w.files)
	}
	f.entries = slices.Clip(kept)
	slices.SortFunc(f.entries, order)
	return into
}

// left is excluded for a walk, which knows what matched the folder above.
func (t *Tree) left(name string, above patternmatcher.MatchInfo) (bool, patternmatcher.MatchInfo) {
	if t.ignore == nil {
		return false, above
	}
	out, match, err := t.ignore.MatchesUsingParentResults(name, above)
	return err != nil || out, match
}

// exceptionsBelow reports whether an exception of the ignore file (!pattern) could
// let something through that is in an excluded folder, as BuildKit's walk decides
// it: any could that has a wildcard.
func (t *Tree) exceptionsBelow(dir string) bool {
	if !t.ignore.Exclusions() {
		return false
	}
	within := false
	for _, p := range t.ignore.Patterns() {
		if !p.Exclusion() {
			continue
		}
		name := filepath.ToSlash(p.String())
		name = strings.TrimSuffix(strings.TrimSuffix(name, "/**"), "/*")
		if strings.ContainsAny(name, `*[]?^\`) {
			return true
		}
		within = within || strings.HasPrefix(name+"/", dir+"/")
	}
	return within
}

// readFolder reads the entries of a folder, at most so many, in pieces: a folder
// may be huge.
func (t *Tree) readFolder(f *folder, most int) error {
	dir, err := t.fsys.Open(at(f.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	list, ok := dir.(fs.ReadDirFile)
	if !ok {
		return errors.New("it is no folder")
	}
	for len(f.entries) <= most {
		some, err := list.ReadDir(1024)
		for _, d := range some {
			info, infoErr := d.Info()
			if infoErr != nil {
				continue // gone since
			}
			f.entries = append(f.entries, entry{name: d.Name(), size: info.Size(), typ: info.Mode().Type()})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errTooMany
}

var errTooMany = errors.New("too many entries")
