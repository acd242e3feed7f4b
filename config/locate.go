package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// maxFileSize bounds a configuration file. Real ones are below a hundredth.
const maxFileSize = 256 << 10

// Options says what a Loader may not find out by itself.
type Options struct {
	// Dir is the current folder; empty means os.Getwd. Folders given by flags
	// and variables are relative to it and paths are shown relative to it.
	Dir string
	// Known are the names of all passes. If it is empty, names of passes are
	// not checked.
	Known []string
	// Aliases maps rule names to the pass that takes care of the rule.
	Aliases map[string]string
}

// Loader resolves settings. It keeps what it read, so a change of a file is not
// seen by the same Loader. It is safe for concurrent use.
type Loader struct {
	dir     string
	known   map[string]bool
	names   []string // passes and aliases, sorted, for suggestions
	aliases map[string]string

	folders sync.Map // folder → func() folder
	files   sync.Map // file → func() (*file, error)
}

// New returns a Loader.
func New(o Options) (*Loader, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the current folder: %w", err)
	}
	l := &Loader{dir: dir, known: map[string]bool{}, aliases: map[string]string{}}
	if len(o.Known) == 0 {
		return l, nil
	}
	for _, n := range o.Known {
		l.known[n] = true
		l.names = append(l.names, n)
	}
	for alias, n := range o.Aliases {
		l.aliases[alias] = n
		l.names = append(l.names, alias)
	}
	slices.Sort(l.names)
	l.names = slices.Compact(l.names)
	return l, nil
}

// folder is what one folder itself says, whatever its parents hold.
type folder struct {
	config string // path of the configuration file in it, or empty
	root   bool   // it holds .git
	err    error
}

// File returns the path of the file that applies in a folder, or "" if there
// is none. It does not read the file.
func (l *Loader) File(dir string) (string, error) {
	path, _, err := l.nearest(l.abs(dir))
	return path, err
}

// nearest returns the file that applies in dir and the root of its repository,
// which is empty outside of one.
func (l *Loader) nearest(dir string) (path, root string, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		f := l.folder(d)
		if path == "" && f.err != nil {
			return "", "", f.err
		}
		if path == "" {
			path = f.config
		}
		if f.root {
			return path, d, nil
		}
		if filepath.Dir(d) == d {
			return path, "", nil
		}
	}
}

// folder looks into a folder once.
func (l *Loader) folder(dir string) folder {
	if look, ok := l.folders.Load(dir); ok {
		return look.(func() folder)()
	}
	look, _ := l.folders.LoadOrStore(dir, sync.OnceValue(func() folder { return l.look(dir) }))
	return look.(func() folder)()
}

func (l *Loader) look(dir string) folder {
	var f folder
	for _, name := range []string{FileName, AltFileName} {
		path := filepath.Join(dir, name)
		info, err := lstat(path)
		switch {
		case err != nil:
			f.err = fmt.Errorf("%s: cannot be read, check the folder: %w", l.show(path), err)
		case info == nil:
		case f.config != "":
			f.err = &Error{
				File:    l.show(path),
				Message: fmt.Sprintf("%s is in the same folder, keep only one of them", FileName),
			}
		default:
			f.config = path
		}
	}
	// A worktree or a submodule has a file .git, so any kind will do.
	info, err := lstat(filepath.Join(dir, ".git"))
	f.root = err == nil && info != nil
	return f
}

// lstat returns nil for what is not there. A folder that may not be searched
// counts as empty: parents of a checkout may belong to somebody else. A link
// that leads nowhere is there, so that reading it says what is wrong.
func lstat(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return info, err
}

// readFile reads a configuration file, never more than is allowed of it.
func (l *Loader) readFile(path string) ([]byte, error) {
	shown := l.show(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read, check that it is there: %w", shown, err)
	}
	// Opening a pipe would wait for a writer.
	if !info.Mode().IsRegular() {
		return nil, &Error{File: shown, Message: "not a regular file, replace it by one or remove it"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read, check its permissions: %w", shown, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read, try again: %w", shown, err)
	}
	if len(data) > maxFileSize {
		return nil, &Error{File: shown, Message: fmt.Sprintf("larger than %d KiB, make it smaller", maxFileSize>>10)}
	}
	return data, nil
}

// abs makes a folder absolute, starting at the current folder.
func (l *Loader) abs(dir string) string {
	if filepath.IsAbs(dir) {
		return filepath.Clean(dir)
	}
	return filepath.Join(l.dir, dir)
}

// show returns a path as messages name it: relative to the current folder,
// with slashes on every system.
func (l *Loader) show(path string) string {
	rel, err := filepath.Rel(l.dir, path)
	if err != nil {
		rel = path
	}
	return filepath.ToSlash(rel)
}
