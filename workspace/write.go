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

// ErrChanged is wrapped by the error of Write when the file is no longer what
// Read returned.
var ErrChanged = errors.New("changed on disk since it was read")

// beforeRename lets a test end the process with the new text written and not
// yet in place.
var beforeRename = func() {}

// Write replaces the Dockerfile that Read gave stamp for with data. The new
// text is written next to it under another name, flushed, and renamed over it,
// so that no moment, crash or full disk leaves half a file. A symlink stays a
// symlink: what it leads to is replaced. Mode and owner are kept; access lists
// and extended attributes are those of a new file.
//
// gofmt and ruff write in place, and so keep the other names of a hard-linked
// file in step but may leave half a file behind. Here a Dockerfile with several
// hard links is replaced under the one name, as git checkout and sed -i do, and
// its other names keep the old text: hard-linked Dockerfiles come from copying
// tools that share unchanged files, and whose copies must not change with it.
func (s Source) Write(data []byte, stamp Stamp) error {
	if s.ReadOnly != "" || s.root == nil {
		return fmt.Errorf("%s: %s", s.Path, s.ReadOnly)
	}
	now, info, err := readRegular(s.root, s.rel, s.max)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotRegular) || errors.Is(err, errTooLarge) {
		return s.changed()
	}
	if err != nil {
		return readError(s.Path, info, s.max, err)
	}
	sum := sha256.Sum256(now)
	if sum != stamp.Sum {
		return s.changed()
	}
	if sha256.Sum256(data) == sum {
		return nil
	}
	// Renaming would get past a file's own mode; who took the write bits away
	// did not want it written.
	if info.Mode().Perm()&0o222 == 0 {
		return fmt.Errorf("%s: is read-only, chmod u+w it or exclude it", s.Path)
	}
	folder, err := s.root.OpenRoot(filepath.Dir(s.rel))
	if err != nil {
		return fmt.Errorf("%s: %w, make its folder readable", s.Path, reason(err))
	}
	defer folder.Close() // only a handle
	return s.replace(folder, data, info)
}

func (s Source) changed() error {
	return fmt.Errorf("%s: %w, run restow again", s.Path, ErrChanged)
}

// replace puts data in the place of the file described by old, in folder.
func (s Source) replace(folder *os.Root, data []byte, old fs.FileInfo) (err error) {
	temp := tempPrefix + rand.Text()
	file, err := folder.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%s: no temporary file can be made in its folder: %w; make the folder writable", s.Path, reason(err))
	}
	defer func() {
		if err != nil {
			file.Close() // may be closed already; the first error is the one to tell
			err = errors.Join(err, s.discard(folder, temp))
		}
	}()
	if _, err := file.Write(data); err != nil {
		return fmt.Errorf("%s: cannot write %s: %w; free some space and run restow again", s.Path, temp, reason(err))
	}
	if err := keepOwner(file, old); err != nil {
		return fmt.Errorf("%s: its owner or group cannot be kept: %w; run restow as its owner", s.Path, reason(err))
	}
	// After the owner: changing that clears the setuid and setgid bits.
	if err := file.Chmod(old.Mode()); err != nil {
		return fmt.Errorf("%s: its mode cannot be kept: %w; run restow as its owner", s.Path, reason(err))
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("%s: cannot flush %s: %w; free some space and run restow again", s.Path, temp, err)
	}
	beforeRename()
	// What stands there must still be what was compared. A change in the moment
	// left before the rename cannot be seen.
	base := filepath.Base(s.rel)
	last, err := folder.Lstat(base)
	if err != nil || !os.SameFile(last, old) || last.Size() != old.Size() || !last.ModTime().Equal(old.ModTime()) {
		return s.changed()
	}
	if err := folder.Rename(temp, base); err != nil {
		return fmt.Errorf("%s: cannot be replaced: %w; make it and its folder writable", s.Path, reason(err))
	}
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("%s: written, but its folder cannot be flushed: %w; check the disk", s.Path, reason(err))
	}
	return nil
}

// discard removes the temporary file, unless the rename took it away.
func (s Source) discard(folder *os.Root, temp string) error {
	err := folder.Remove(temp)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: left %s behind: %w; remove it", s.Path, temp, reason(err))
}
