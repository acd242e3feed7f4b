package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// skippedFolders are never walked, and no symlink, compose or bake file may
// point restow into them: they hold a version control system's own data or
// other people's packages.
var skippedFolders = []string{".git", ".hg", ".svn", "node_modules"}

func hasSkipped(name string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		if slices.Contains(skippedFolders, part) {
			return true
		}
	}
	return false
}

// boundary returns the folder, free of symlinks, that a path given by the user
// may not lead out of: the nearest enclosing git repository, else the current
// directory when the path is below it, else the path's own folder.
func (f *finder) boundary(abs string) (string, error) {
	self, err := os.Lstat(abs)
	if err != nil {
		return "", err
	}
	for dir := abs; ; dir = filepath.Dir(dir) {
		// A folder reached through a symlink cannot vouch for itself: a checkout
		// may hold a link to some other repository of the user's.
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
				return filepath.EvalSymlinks(dir)
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, cwd := range []string{f.realCwd, f.cwd} {
		if _, ok := below(cwd, abs); ok {
			return f.realCwd, nil
		}
	}
	if self.IsDir() {
		return filepath.EvalSymlinks(abs)
	}
	return filepath.EvalSymlinks(filepath.Dir(abs))
}

// open returns the one os.Root of a folder. It stays open as long as a Source
// refers to it: a folder swapped for another one between reading and writing
// is then not followed.
func (f *finder) open(dir string) (*os.Root, error) {
	if r := f.roots[dir]; r != nil {
		return r, nil
	}
	r, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f.roots[dir] = r
	return r, nil
}

// below gives name relative to dir when it is dir or lexically inside it.
func below(dir, name string) (string, bool) {
	rel, err := filepath.Rel(dir, name)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return rel, true
}

var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = errors.New("too large")
)

// readRegular reads at most limit bytes of a regular file inside root. The type
// is looked at before opening, since opening a device can act on it, and again
// on what was opened, since the name may have been swapped in between; opening
// does not block, so that a FIFO never hangs.
func readRegular(root *os.Root, rel string, limit int64) ([]byte, fs.FileInfo, error) {
	info, err := root.Stat(rel)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, info, errNotRegular
	}
	file, err := root.OpenFile(rel, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close() // nothing was written, so nothing can be lost
	if info, err = file.Stat(); err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, info, errNotRegular
	}
	if info.Size() > limit {
		return nil, info, errTooLarge
	}
	// The size is not trusted: the file may grow, and some report none.
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(data)) > limit {
		return nil, info, errTooLarge
	}
	return data, info, nil
}

// readError words an error of readRegular for the file shown as name.
func readError(name string, info fs.FileInfo, limit int64, err error) error {
	switch {
	case errors.Is(err, errNotRegular):
		return fmt.Errorf("%s: %w but %s, name a file with the text of a Dockerfile", name, err, kindOf(info.Mode()))
	case errors.Is(err, errTooLarge):
		return fmt.Errorf("%s: %w to read, more than %d bytes; exclude it or split it", name, err, limit)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w, check the path", name, reason(err))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w, make it readable or exclude it", name, reason(err))
	}
	return fmt.Errorf("%s: cannot be read: %w; exclude it if that is expected", name, reason(err))
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// reason drops the operation and the path that the os package puts before an
// error: every message here begins with the displayed path already.
func reason(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	var callErr *os.SyscallError
	if errors.As(err, &callErr) {
		return callErr.Err
	}
	return err
}
