package project

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
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

// fileList and ruleSet are filled at the first need of them.
type fileList struct {
	once sync.Once
	all  *Files
}

type ruleSet struct {
	once sync.Once
	mu   sync.Mutex // rules are for one at a time
	all  *rules
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
	match   []bool // which patterns of the ignore file match it
	entries []entry
	into    []*folder // those of its folders to go into
	taken   int       // how many entries are files of the list
	partial string
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
	w := newWalk(t, files, entries)
	if w.read(min(runtime.GOMAXPROCS(0), maxReaders)); w.full {
		w = newWalk(t, files, entries)
		w.read(1)
		w.partial = fmt.Sprintf("the build context has more than %d files, those beyond are not among them", files)
	}
	out := &Files{List: make([]File, 0, w.taken)}
	out.add(w.root)
	out.Partial = cmp.Or(w.partial, out.Partial)
	out.List = out.List[:min(len(out.List), files)]
	return out
}

func (f *Files) add(from *folder) {
	f.Partial = cmp.Or(f.Partial, from.partial)
	for _, e := range from.entries {
		if e.sub != nil {
			f.add(e.sub)
			continue
		}
		f.List = append(f.List, File{path.Join(from.path, e.name), e.size, e.typ})
	}
}

// walk is a walk through a context, breadth first.
type walk struct {
	tree           *Tree
	root           *folder
	files, entries int

	mu          sync.Mutex
	more        *sync.Cond
	todo        []*folder
	reading     int
	taken, seen int
	full        bool
	partial     string
}

func newWalk(t *Tree, files, entries int) *walk {
	w := &walk{tree: t, root: &folder{}, files: files, entries: entries}
	w.more = sync.NewCond(&w.mu)
	w.todo = []*folder{w.root}
	return w
}

// read lets so many readers work until there is nothing left, or a bound is met.
func (w *walk) read(readers int) {
	var wg sync.WaitGroup
	for range readers {
		wg.Go(w.reader)
	}
	wg.Wait()
}

func (w *walk) reader() {
	r := newRules(w.tree.ignore)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.todo) == 0 && w.reading > 0 && !w.full {
			w.more.Wait()
		}
		if len(w.todo) == 0 || w.full {
			w.more.Broadcast()
			return
		}
		f := w.todo[0]
		w.todo = w.todo[1:]
		w.reading++
		w.mu.Unlock()
		seen, full := w.tree.readFolder(f, r, w.files)
		w.mu.Lock()
		w.reading--
		w.seen, w.taken = w.seen+seen, w.taken+f.taken
		w.full = w.full || full || w.seen > w.entries || w.taken > w.files
		w.todo = append(w.todo, f.into...)
		if len(w.todo) > 1 || w.reading == 0 {
			w.more.Broadcast()
		}
	}
}

// readFolder reads the entries of a folder in pieces, since it may be huge, and
// keeps those that are not left out, at most so many.
func (t *Tree) readFolder(f *folder, r *rules, most int) (seen int, full bool) {
	dir, err := t.fsys.Open(at(f.path))
	if err != nil {
		f.unreadable()
		return 0, false
	}
	defer dir.Close()
	list, ok := dir.(fs.ReadDirFile)
	if !ok {
		f.unreadable()
		return 0, false
	}
	matched := make([]bool, r.size())
	for err == nil && seen <= most {
		var some []fs.DirEntry
		some, err = list.ReadDir(1024)
		f.entries = slices.Grow(f.entries, len(some))
		for _, d := range some {
			f.take(d, r, matched)
		}
		seen += len(some)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		f.unreadable()
	}
	slices.SortFunc(f.entries, order)
	slices.SortFunc(f.into, func(a, b *folder) int { return strings.Compare(a.path, b.path) })
	return seen, seen > most
}

func (f *folder) unreadable() {
	f.partial = fmt.Sprintf("the folder %s cannot be read whole", cmp.Or(f.path, "."))
}

// take keeps an entry of the folder that is not left out.
func (f *folder) take(d fs.DirEntry, r *rules, matched []bool) {
	name := path.Join(f.path, d.Name())
	out := r.left(name, f.match, matched)
	e := entry{name: d.Name(), typ: d.Type()}
	switch {
	case d.IsDir() && e.name == ".git":
		// Thousands of objects that no rule of an ignore file tells apart.
		if out {
			return
		}
		f.taken++
	case d.IsDir():
		if out && !r.within(name) {
			return
		}
		if f.depth == maxDepth {
			f.partial = fmt.Sprintf("the build context has more than %d folders in each other", maxDepth)
			return
		}
		e.sub = &folder{path: name, depth: f.depth + 1, match: slices.Clone(matched)}
		f.into = append(f.into, e.sub)
	case out, e.typ != 0 && e.typ != fs.ModeSymlink:
		return
	default:
		info, err := d.Info()
		if err != nil {
			return // gone since
		}
		e.size = info.Size()
		f.taken++
	}
	f.entries = append(f.entries, e)
}
