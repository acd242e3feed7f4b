package project

import (
	"path"
	"strings"
)

// Covers reports whether a COPY of a source takes what stands at name as a part of
// a folder: the folder, a pattern that matches it, or all that one holds (dir/*).
// Both are slash paths of the context, src "" for its root. What the source names
// itself is no part of it.
func Covers(src, name string) bool {
	if dir, last := path.Split(src); last == "*" && match(strings.TrimSuffix(dir, "/"), path.Dir(name)) {
		return true
	}
	for at := path.Dir(name); ; at = path.Dir(at) {
		if at == "." || at == "/" {
			return src == ""
		}
		if match(src, at) {
			return true
		}
	}
}

// match reports whether a pattern, or a path with the signs of one in it, is a path.
func match(pattern, name string) bool {
	if name == "." {
		name = ""
	}
	ok, err := path.Match(pattern, name)
	return pattern == name || ok && err == nil
}

// Lost are the files that the tree lists and with does not. It is false where one
// of the lists is not whole.
func (t *Tree) Lost(with *Tree) (lost []File, ok bool) {
	before, after := t.Files(), with.Files()
	have := make(map[string]bool, len(after.List))
	for _, f := range after.List {
		have[f.Path] = true
	}
	for _, f := range before.List {
		if !have[f.Path] {
			lost = append(lost, f)
		}
	}
	return lost, before.Partial == "" && after.Partial == ""
}
