package build

import (
	"archive/tar"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
)

// tree is an image's root file system, put together from its layers in memory.
type tree struct {
	root *node
}

type node struct {
	entry
	children map[string]*node // of folders
}

func newTree() *tree {
	return &tree{root: &node{entry: entry{kind: tar.TypeDir, mode: 0o755}, children: map[string]*node{}}}
}

// apply puts a layer onto what is there. Whiteouts concern only what lies below
// the layer, so they go first, wherever in the layer they stand.
func (t *tree) apply(l *layer) {
	for _, p := range l.opaque {
		if n := t.exact(p); n != nil && n.children != nil {
			n.children = map[string]*node{}
		}
	}
	for _, p := range l.removed {
		dir, base := path.Split(p)
		if n := t.exact(strings.TrimSuffix(dir, "/")); n != nil {
			delete(n.children, base)
		}
	}
	for _, e := range l.entries {
		t.put(e)
	}
}

func (t *tree) put(e layerEntry) {
	if e.path == "" {
		if e.kind == tar.TypeDir {
			t.root.entry = e.entry
		}
		return
	}
	dir, base := path.Split(e.path)
	parent := t.parent(strings.TrimSuffix(dir, "/"))
	if e.kind == tar.TypeLink {
		to := t.exact(e.hard)
		if to == nil || to.children != nil {
			return // a hard link to nothing: no runtime unpacks such a layer
		}
		e.entry = to.entry
	}
	n := &node{entry: e.entry}
	if old := parent.children[base]; e.kind == tar.TypeDir {
		n.children = map[string]*node{}
		if old != nil && old.children != nil {
			n.children = old.children
		}
	}
	parent.children[base] = n
}

// parent is the folder at p, made where it is missing. Links on the way are
// followed inside the image, as a runtime does when it unpacks a layer.
func (t *tree) parent(p string) *node {
	n, at := t.root, ""
	if p == "" {
		return n
	}
	for part := range strings.SplitSeq(p, "/") {
		next := n.children[part]
		at = path.Join(at, part)
		if next != nil && next.kind == tar.TypeSymlink {
			if to, where := t.lookup("/" + at); to != nil && to.children != nil {
				n, at = to, where[1:]
				continue
			}
		}
		if next == nil || next.children == nil {
			next = &node{entry: entry{kind: tar.TypeDir, mode: 0o755}, children: map[string]*node{}}
			n.children[part] = next
		}
		n = next
	}
	return n
}

// exact is the node at a path, through folders only.
func (t *tree) exact(p string) *node {
	n := t.root
	if p == "" {
		return n
	}
	for part := range strings.SplitSeq(p, "/") {
		if n = n.children[part]; n == nil {
			return nil
		}
	}
	return n
}

// maxLinks bounds the links followed for one path, as Linux does.
const maxLinks = 40

// lookup finds what an absolute path names inside the image, following links,
// and where that is. Links that go in circles name nothing.
func (t *tree) lookup(p string) (*node, string) {
	type step struct {
		n  *node
		at string
	}
	links, rest := 0, strings.Split(path.Clean("/"+p), "/")[1:]
	stack := []step{{t.root, ""}}
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		here := stack[len(stack)-1]
		switch part {
		case "", ".":
			continue
		case "..": // from a link; above the root is the root
			stack = stack[:max(1, len(stack)-1)]
			continue
		}
		next := here.n.children[part]
		if next == nil {
			return nil, ""
		}
		if next.kind == tar.TypeSymlink {
			if links++; links > maxLinks || len(next.link) > maxName {
				return nil, ""
			}
			if strings.HasPrefix(next.link, "/") {
				stack = stack[:1]
			}
			rest = append(strings.Split(next.link, "/"), rest...)
			continue
		}
		stack = append(stack, step{next, here.at + "/" + part})
	}
	last := stack[len(stack)-1]
	if last.at == "" {
		last.at = "/"
	}
	return last.n, last.at
}

// all walks the tree: absolute paths, folders before what is in them, in order.
func (t *tree) all() iter.Seq2[string, *node] {
	return func(yield func(string, *node) bool) {
		var walk func(p string, n *node) bool
		walk = func(p string, n *node) bool {
			for _, name := range slices.Sorted(maps.Keys(n.children)) {
				child := n.children[name]
				if !yield(p+"/"+name, child) || !walk(p+"/"+name, child) {
					return false
				}
			}
			return true
		}
		walk("", t.root)
	}
}

// size is what the files of the tree hold, hard links counted each.
func (t *tree) size() (total int64) {
	for _, n := range t.all() {
		total += n.entry.size
	}
	return total
}
