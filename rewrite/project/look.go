package project

import (
	"io/fs"
	"path"
)

// Kind is what a path of the context is: fs.ModeDir, 0 for a regular file, or
// another type's bits. A link is a link, wherever it leads. It is false where the
// context has no such path, .dockerignore leaves it out, or the way there leads
// through a link.
func (t *Tree) Kind(name string) (fs.FileMode, bool) {
	info, ok := t.lstat(name)
	if !ok {
		return 0, false
	}
	return info.Mode().Type(), true
}

// Mode is the mode of a path of the context, with its permissions.
func (t *Tree) Mode(name string) (fs.FileMode, bool) {
	info, ok := t.lstat(name)
	if !ok {
		return 0, false
	}
	return info.Mode(), true
}

func (t *Tree) lstat(name string) (fs.FileInfo, bool) {
	if t == nil {
		return nil, false
	}
	name = at(name)
	if name != "." && t.excluded(name) {
		return nil, false
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		info, err := fs.Lstat(t.fsys, dir)
		if err != nil || !info.IsDir() {
			return nil, false
		}
	}
	info, err := fs.Lstat(t.fsys, name)
	return info, err == nil
}
