package project

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// maxRead bounds a file of the context that is read for what it says, in bytes:
// lock files reach some megabytes.
const maxRead = 16 << 20

// Has reports whether the context has a file or folder by that slash path and
// .dockerignore lets it through. A nil tree has nothing.
func (t *Tree) Has(name string) bool {
	if t == nil {
		return false
	}
	name = clean(name)
	if name == "" {
		return true
	}
	if t.excluded(name) {
		return false
	}
	_, err := fs.Stat(t.fsys, name)
	return err == nil
}

// IsDir reports whether [Tree.Has] holds and the path is a folder.
func (t *Tree) IsDir(name string) bool {
	if !t.Has(name) {
		return false
	}
	info, err := fs.Stat(t.fsys, at(name))
	return err == nil && info.IsDir()
}

// Read gives a file of the context, at most 16 MiB. The error is fs.ErrNotExist
// where the context has none, or .dockerignore leaves it out.
func (t *Tree) Read(name string) ([]byte, error) {
	if !t.Has(name) {
		return nil, fs.ErrNotExist
	}
	info, err := fs.Stat(t.fsys, at(name)) // before opening: a pipe would block
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	return readBounded(t.fsys, at(name), maxRead)
}

// maxList bounds the entries of one folder that are looked at.
const maxList = 10_000

// List gives the names in a folder of the context, sorted, without those that
// .dockerignore leaves out. The error is fs.ErrNotExist where there is none.
func (t *Tree) List(dir string) ([]string, error) {
	if !t.Has(dir) {
		return nil, fs.ErrNotExist
	}
	entries, err := fs.ReadDir(t.fsys, at(dir))
	if err != nil {
		return nil, err
	}
	if len(entries) > maxList {
		return nil, errors.New("the folder has too many entries")
	}
	var out []string
	for _, e := range entries {
		if !t.excluded(path.Join(clean(dir), e.Name())) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// at is a path as io/fs wants it.
func at(name string) string {
	if name = clean(name); name == "" {
		return "."
	}
	return name
}

// Folders gives the names of the folders in a folder, sorted. Those that
// .dockerignore leaves out are among them where it has exceptions (!pattern),
// since an exception may bring back what is in them; ask [Tree.Has] of that. The
// error is fs.ErrNotExist where there is no such folder.
func (t *Tree) Folders(dir string) ([]string, error) {
	if t == nil {
		return nil, fs.ErrNotExist
	}
	entries, err := fs.ReadDir(t.fsys, at(dir))
	if err != nil {
		return nil, err
	}
	if len(entries) > maxList {
		return nil, errors.New("the folder has too many entries")
	}
	back := t.ignore != nil && t.ignore.Exclusions()
	var out []string
	for _, e := range entries {
		if e.IsDir() && (back || !t.excluded(path.Join(clean(dir), e.Name()))) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}
