// Package litter finds what stands in a build context and has no place in an
// image: version control, dependencies and outputs that the build makes itself,
// files of editors and tools, local settings, and secrets. It only names what is
// there and what the marks of its ecosystem prove, and says of each entry why a
// Dockerfile needs it after all.
package litter

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/project"
)

// Entry is something in a build context that a COPY of a folder takes along.
type Entry struct {
	Path    string // a slash path of the context
	Group   Group
	What    string // of a secret: what it is
	Pattern string // the line of the ignore file that leaves it out
	Files   int    // how many it is, in all
	Bytes   int64
	More    bool   // there are more, uncounted
	Refused string // why no line leaves it out
	rule    *rule
}

// maxEntries bounds the entries of one name in different folders, each with a line
// of its own, and maxFound all there are: a context with more is none that people
// made.
const (
	maxEntries = 200
	maxFound   = 20_000
)

// Find gives the entries of a context but for secrets, by path.
func Find(t *project.Tree) []Entry {
	files := t.Files()
	s := &search{t: t, whole: t.Whole(), files: files, seen: map[string]bool{}}
	for _, f := range files.List {
		if s.visit(f); len(s.found) > maxFound {
			return nil
		}
	}
	return s.grouped()
}

type search struct {
	t     *project.Tree
	whole *project.Tree // .gitignore is often left out of the context
	files *project.Files
	seen  map[string]bool // folders and files that were looked at
	skip  string          // below which all is part of an entry, or spared
	found []Entry
}

// visit looks at a file, from its topmost folder on down: what stands in an entry
// is part of it.
func (s *search) visit(f project.File) {
	if s.skip != "" && strings.HasPrefix(f.Path, s.skip) {
		return
	}
	s.skip = ""
	for i := 0; i <= len(f.Path); i++ {
		if i < len(f.Path) && f.Path[i] != '/' {
			continue
		}
		name := f.Path[:i]
		whole := i == len(f.Path)
		if !whole && s.seen[name] {
			continue
		}
		s.seen[name] = true
		kind := fs.ModeDir
		if whole {
			kind = f.Type
		}
		if e, ok := s.entry(name, kind); ok {
			s.found = append(s.found, e)
			if !whole {
				s.skip = name + "/"
			}
			return
		}
		if !whole && spared[path.Base(name)] {
			s.skip = name + "/"
			return
		}
	}
}

func (s *search) entry(name string, kind fs.FileMode) (Entry, bool) {
	dir, base := path.Split(name)
	for i := range rules {
		r := &rules[i]
		if !matches(r.names, base) || !s.marked(r, dir, name) {
			continue
		}
		e := Entry{Path: name, Group: r.group, rule: r}
		switch {
		case kind&fs.ModeSymlink != 0 && !r.file:
			e.Refused = "it is a symlink"
		case kind.IsDir() == r.file && !r.both, kind&fs.ModeSymlink != 0:
			continue
		}
		switch {
		case r.git && !gitIgnores(s.whole, name, kind.IsDir()):
			continue
		case r.notGit && s.whole.Has(".gitignore") && !gitIgnores(s.whole, name, kind.IsDir()):
			e.Refused = "git does not ignore it, so that it may be part of the application"
		}
		if e.Refused == "" {
			e.pattern(s.t)
		}
		s.weigh(&e)
		return e, true
	}
	return Entry{}, false
}

// weigh counts what an entry is, of a repository all that is in it.
func (s *search) weigh(e *Entry) {
	if e.Group == History && s.t.IsDir(e.Path) {
		e.Files, e.Bytes, e.More = s.t.Weigh(e.Path)
		return
	}
	for _, f := range s.files.Below(e.Path) {
		e.Files, e.Bytes = e.Files+1, e.Bytes+f.Size
	}
	e.More = s.files.Partial != ""
}

// pattern gives the entry the line that leaves it out, unless an exception of the
// ignore file speaks of it.
func (e *Entry) pattern(t *project.Tree) {
	file := t.IgnoreFile().Name
	if line, ok := t.Exception(e.Path); ok {
		e.Refused = fmt.Sprintf("%s has the exception %s", file, line)
		return
	}
	p, ok := project.Pattern(e.Path)
	if !ok {
		e.Refused = fmt.Sprintf("no line of %s means just this name", file)
		return
	}
	e.Pattern = p
}

// marked reports whether what a rule asks for besides the name is there.
func (s *search) marked(r *rule, dir, name string) bool {
	if len(r.beside) > 0 && !s.hasFile(dir, r.beside) {
		return false
	}
	if r.holds != "" && !s.hasFile(name+"/", []string{r.holds}) {
		return false
	}
	if len(r.only) > 0 {
		if s.files.Partial != "" {
			return false // there may be something else
		}
		for _, f := range s.files.Below(name) {
			top, _, _ := strings.Cut(strings.TrimPrefix(f.Path, name+"/"), "/")
			if !slices.Contains(r.only, top) {
				return false
			}
		}
	}
	return true
}

// hasFile reports whether a folder, with its slash or "" for the root, has a file
// of one of these names.
func (s *search) hasFile(dir string, names []string) bool {
	for _, n := range names {
		if !strings.Contains(n, "*") {
			if f := s.files.Below(dir + n); len(f) == 1 && f[0].Path == dir+n {
				return true
			}
			continue
		}
		all, err := s.t.List(dir)
		if err == nil && slices.ContainsFunc(all, func(f string) bool { return matches(names, f) }) {
			return true
		}
	}
	return false
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}

// grouped gives entries with one name that means the same anywhere one pattern
// for all, and refuses what would be too many lines.
func (s *search) grouped() []Entry {
	byName := map[string]int{}
	excepted := map[string]bool{}
	for _, e := range s.found {
		base := path.Base(e.Path)
		byName[base]++
		excepted[base] = excepted[base] || e.Refused != ""
	}
	for i := range s.found {
		e := &s.found[i]
		base := path.Base(e.Path)
		switch {
		case e.Refused != "":
		case e.rule.anywhere && !excepted[base]:
			if p, ok := project.Pattern(base); ok {
				e.Pattern = "**/" + p
			}
		case byName[base] > maxEntries:
			e.Refused = fmt.Sprintf("there are %d of the name %s, and each would need a line", byName[base], base)
		}
	}
	return s.found
}

// gitIgnores reports whether the .gitignore files of the context plainly name a
// path: its name, or its path below the file's folder, and no exception after.
func gitIgnores(t *project.Tree, name string, isDir bool) bool {
	ignored := false
	for dir := ""; ; {
		ignored = gitLines(t, dir, name, isDir, ignored)
		rest := strings.TrimPrefix(name, dir)
		next, _, more := strings.Cut(rest, "/")
		if !more {
			return ignored
		}
		dir += next + "/"
	}
}

func gitLines(t *project.Tree, dir, name string, isDir, ignored bool) bool {
	data, err := t.Read(dir + ".gitignore")
	if err != nil || len(data) > 1<<20 {
		return ignored
	}
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line = strings.TrimRight(line, " \r\n")
		body, not := strings.CutPrefix(line, "!")
		body, folder := strings.CutSuffix(body, "/")
		if body == "" || line[0] == '#' || folder && !isDir {
			continue
		}
		against := path.Base(name)
		if b, ok := strings.CutPrefix(body, "**/"); ok && !strings.Contains(b, "/") {
			body = b
		} else if strings.Contains(body, "/") {
			body, against = strings.TrimPrefix(body, "/"), strings.TrimPrefix(name, dir)
		}
		if ok, err := path.Match(body, against); ok && err == nil {
			ignored = !not
		}
	}
	return ignored
}
