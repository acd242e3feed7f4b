package effect

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

// Laid is one file or folder that a COPY lays down.
type Laid struct {
	Dest string // in the image
	From string // in the build context; of a folder that is made on the way, ""
	Dir  bool
	// Attr is what else the COPY decides: owner and mode.
	Attr string
}

// maxLaid bounds what one COPY is taken apart into.
const maxLaid = 200_000

// LaidBy takes a COPY from the build context apart, sorted by where the files go.
// It is false where that is not known, file by file: no context is known, a source
// has variables or is a link, or a destination may be a file or a folder. What is
// above the destination is made where it is missing, with mode 0755.
func LaidBy(in *dockerfile.Instruction, e Env) ([]Laid, bool) {
	if e.site == nil || e.site.tree == nil || e.loose != "" {
		return nil, false
	}
	if kept, ok := e.site.seen.copies[in]; ok {
		return kept.all, kept.known
	}
	all, known := laidBy(in, e)
	e.site.seen.copies[in] = taken{all, known}
	return all, known
}

// taken is what is known of a COPY.
type taken struct {
	all   []Laid
	known bool
}

func laidBy(in *dockerfile.Instruction, e Env) ([]Laid, bool) {
	var sources []string
	var dest, chown, chmod string
	w := wording{env: e, escape: in.File.Escape, out: &Effect{}}
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		if c.From != "" || c.Link || c.Parents || len(c.ExcludePatterns) > 0 || len(c.SourceContents) > 0 {
			return nil, false
		}
		sources, dest, chown, chmod = c.SourcePaths, c.DestPath, c.Chown, c.Chmod
	case *instructions.AddCommand:
		// ADD unpacks and fetches: what it lays down is not what it is given.
		return nil, false
	default:
		return nil, false
	}
	dest, known := w.expand(dest)
	at, ok := e.within(dest)
	if !known || !ok || len(e.files(at)) != 1 {
		return nil, false // unknown, or links lead from there
	}
	owner, known1 := w.expand(chown)
	mode, known2 := w.expand(chmod)
	if !known1 || !known2 {
		return nil, false
	}
	l := laying{tree: e.site.tree, env: e, attr: owner + " " + mode}
	if mode != "" {
		return nil, false // of folders, it depends on the form of the mode
	}
	inside := strings.HasSuffix(dest, "/") || dest == "." || strings.HasSuffix(dest, "/.") || e.folders.has(at)
	for _, src := range sources {
		name, known := w.expand(src)
		if !known || !l.source(name, at, inside, len(sources)) {
			return nil, false
		}
	}
	return l.sorted(), true
}

type laying struct {
	tree *project.Tree
	env  Env
	attr string
	all  []Laid
}

// source lays down one source, which may be a pattern in its last part.
func (l *laying) source(src, at string, inside bool, sources int) bool {
	src = strings.TrimPrefix(path.Clean("/"+src), "/")
	if src == "" {
		src = "."
	}
	names := []string{src}
	if dir, last := path.Split(src); strings.ContainsAny(src, `*?[\`) {
		if strings.ContainsAny(dir, `*?[\`) {
			return false
		}
		list, err := l.tree.List(path.Clean(dir + "."))
		if err != nil {
			return false
		}
		names = nil
		for _, n := range list {
			if ok, err := path.Match(last, n); err != nil {
				return false
			} else if ok {
				names = append(names, path.Join(dir, n))
			}
		}
		if len(names) == 0 {
			return false
		}
		sources += len(names) - 1
	}
	for _, n := range names {
		kind, ok := l.tree.Kind(n)
		switch {
		case !ok || kind != 0 && kind != fs.ModeDir:
			return false // a link, or nothing
		case kind == fs.ModeDir:
			if !l.folder(n, at) {
				return false
			}
		case inside || sources > 1:
			l.above(at)
			l.put(Laid{Dest: path.Join(at, path.Base(n)), From: n, Attr: l.attr})
		case path.Ext(at) != "" || path.Base(at) == path.Base(n):
			// One file to one name. That the name is no folder is read from its being
			// that of a file.
			l.above(path.Dir(at))
			l.put(Laid{Dest: at, From: n, Attr: l.attr})
		default:
			return false
		}
	}
	return len(l.all) <= maxLaid
}

// folder lays down what is in a folder of the context.
func (l *laying) folder(src, at string) bool {
	l.above(path.Dir(at))
	mode := "made"
	if m, ok := l.tree.Mode(src); ok && m.Perm() != 0o755 {
		// The first who makes the folder gives it its mode: the folder's own.
		mode = m.Perm().String()
	}
	if !l.env.folders.has(at) {
		l.put(Laid{Dest: at, Dir: true, Attr: l.attr + " " + mode})
	}
	dirs := map[string]bool{}
	files := l.tree.Files()
	if files.Partial != "" {
		return false
	}
	for _, file := range files.Below(src) {
		f := file.Path
		rest := f
		if src != "." {
			rest = strings.TrimPrefix(f, src+"/")
		}
		for d := path.Dir(rest); d != "." && !dirs[d]; d = path.Dir(d) {
			dirs[d] = true
			l.put(Laid{Dest: path.Join(at, d), Dir: true, Attr: l.attr})
		}
		l.put(Laid{Dest: path.Join(at, rest), From: f, Attr: l.attr})
		if len(l.all) > maxLaid {
			return false
		}
	}
	return true
}

// above lays down the folders that are made on the way.
func (l *laying) above(dir string) {
	for d := dir; d != "/" && !l.env.folders.has(d); d = path.Dir(d) {
		l.put(Laid{Dest: d, Dir: true, Attr: l.attr + " made"})
	}
}

func (l *laying) put(one Laid) { l.all = append(l.all, one) }

func (l *laying) sorted() []Laid {
	slices.SortStableFunc(l.all, func(a, b Laid) int { return strings.Compare(a.Dest, b.Dest) })
	return slices.CompactFunc(l.all, func(a, b Laid) bool { return a == b })
}

// rootMade is how a folder is made on the way, or by the COPY of one with mode 0755,
// where nothing says whose it is: root's.
const rootMade = "  made"

// Writes are the places that laying one down changes.
func (u Laid) Writes() []Place {
	if u.Dir && u.Attr == rootMade {
		// As WORKDIR makes it for root, and any other COPY: the order does not count
		// (Effect.in).
		return []Place{{RootFolder, u.Dest}}
	}
	if u.Dir {
		return []Place{{File, join(u.Dest, ".")}, {Folder, u.Dest}}
	}
	return []Place{{File, u.Dest}}
}
