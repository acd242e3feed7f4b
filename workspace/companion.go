package workspace

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Companion is a file that belongs to a Dockerfile's build and may not be there
// yet, such as the ignore file of its context.
type Companion struct {
	file Source
	// Path is what to show, as Source.Path is.
	Path string
	// Data is the file's text, nil where there is none.
	Data  []byte
	stamp Stamp
}

// Companion looks at a file by its path as the current directory has it. The
// error says why Write would refuse it: it stands outside of the folder that
// holds all a Dockerfile may lead to, in a version control system's own data, or
// is no plain file.
func (s Source) Companion(name string) (*Companion, error) {
	shown := filepath.ToSlash(filepath.Clean(name))
	if s.root == nil {
		return nil, fmt.Errorf("%s: the Dockerfile is no file", shown)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, reason(err))
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, reason(err))
	}
	rel, ok := below(s.root.Name(), filepath.Join(dir, filepath.Base(abs)))
	if !ok {
		return nil, fmt.Errorf("%s: stands outside of %s", shown, s.root.Name())
	}
	if hasSkipped(rel) {
		return nil, fmt.Errorf("%s: stands in a folder that restow leaves alone", shown)
	}
	c := &Companion{Path: shown, file: Source{Path: shown, root: s.root, rel: rel, max: s.max}}
	info, err := s.root.Lstat(rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", shown, reason(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("%s: is a symlink", shown)
	}
	c.Data, c.stamp, err = c.file.Read()
	return c, err
}

// Write puts data in the file's place as Source.Write does, or makes the file
// where there was none. Data is then what was written.
func (c *Companion) Write(data []byte) (err error) {
	if c.Data == nil {
		err = c.create(data)
	} else {
		err = c.file.Write(data, c.stamp)
	}
	if err != nil {
		return err
	}
	c.Data, c.stamp, err = c.file.Read()
	if err == nil && sha256.Sum256(data) != c.stamp.Sum {
		err = c.file.changed()
	}
	return err
}

// create makes the file whole or not at all, and never in another one's place.
func (c *Companion) create(data []byte) (err error) {
	folder, err := c.file.root.OpenRoot(filepath.Dir(c.file.rel))
	if err != nil {
		return fmt.Errorf("%s: %w, make its folder readable", c.Path, reason(err))
	}
	defer folder.Close() // only a handle
	temp, base := tempPrefix+rand.Text(), filepath.Base(c.file.rel)
	file, err := folder.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("%s: cannot be made in its folder: %w; make the folder writable", c.Path, reason(err))
	}
	defer func() {
		file.Close() // closed already where nothing failed
		err = errors.Join(err, c.file.discard(folder, temp))
	}()
	if _, err := file.Write(data); err != nil {
		return fmt.Errorf("%s: cannot write %s: %w; free some space and run restow again", c.Path, temp, reason(err))
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("%s: cannot flush %s: %w; free some space and run restow again", c.Path, temp, err)
	}
	beforeRename()
	// A link is refused where the name is taken, which a rename would not see.
	if err = folder.Link(temp, base); errors.Is(err, fs.ErrExist) {
		return c.file.changed()
	}
	if err != nil { // a file system without hard links
		if _, there := folder.Lstat(base); !errors.Is(there, fs.ErrNotExist) {
			return c.file.changed()
		}
		err = folder.Rename(temp, base)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot be made: %w; make its folder writable", c.Path, reason(err))
	}
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("%s: written, but its folder cannot be flushed: %w; check the disk", c.Path, reason(err))
	}
	return nil
}
