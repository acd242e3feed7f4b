package build

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// texts is a folder of files that exist in memory only: the Dockerfile and its
// ignore file.
type texts struct {
	files map[string][]byte
	// date is another one for each build: BuildKit takes a file of the same size
	// and date for the one it was sent before.
	date time.Time
}

func (t texts) Walk(ctx context.Context, target string, fn fs.WalkDirFunc) error {
	names := make([]string, 0, len(t.files))
	for name := range t.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if target := strings.Trim(target, "/"); target != "" && target != "." && target != name {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		st := &types.Stat{Path: name, Mode: 0o644, Size: int64(len(t.files[name])), ModTime: t.date.UnixNano()}
		if err := fn(name, &fsutil.DirEntryInfo{Stat: st}, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t texts) Open(name string) (io.ReadCloser, error) {
	data, ok := t.files[strings.Trim(name, "/")]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// touched is a build context in which some files have grown by white space at
// their end. The files on disk stay as they are.
type touched struct {
	fsutil.FS
	files []string // slash-separated
	tail  []byte
	date  time.Time
}

func (t touched) has(p string) bool { return slices.Contains(t.files, filepath.ToSlash(p)) }

func (t touched) Walk(ctx context.Context, target string, fn fs.WalkDirFunc) error {
	return t.FS.Walk(ctx, target, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !t.has(p) || !d.Type().IsRegular() {
			return fn(p, d, err)
		}
		info, err := d.Info()
		if err != nil {
			return fn(p, d, err)
		}
		st, ok := info.Sys().(*types.Stat)
		if !ok {
			return errors.New("the build context lists files without their properties")
		}
		st = st.Clone()
		st.Size += int64(len(t.tail))
		st.ModTime = t.date.UnixNano()
		return fn(p, &fsutil.DirEntryInfo{Stat: st}, nil)
	})
}

func (t touched) Open(name string) (io.ReadCloser, error) {
	f, err := t.FS.Open(name)
	if err != nil || !t.has(strings.TrimPrefix(name, "/")) {
		return f, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(f, bytes.NewReader(t.tail)), f}, nil
}

// tailFor turns a number that no other build has into white space, which means
// nothing in nearly every kind of file and makes this one another.
func tailFor(nonce uint64) []byte {
	out := make([]byte, 0, 66)
	for out = append(out, '\n'); nonce > 0; nonce >>= 1 {
		out = append(out, " \n"[nonce&1])
	}
	return append(out, '\n')
}

// onSide is the input of one side. Where the context's ignore file changes, the new
// one is given as the Dockerfile's own, which BuildKit prefers.
func (in *Input) onSide(side string) *Input {
	if side != "after" || in.IgnoreAfter == nil {
		return in
	}
	after := *in
	after.Ignore = in.IgnoreAfter
	return &after
}

// dockerfileDir is what BuildKit asks for the Dockerfile in: the text, and the
// ignore file of its own that stands beside it in the context.
func dockerfileDir(text []byte, in *Input) (dir texts, name string, err error) {
	name = filepath.Base(in.Name)
	dir = texts{files: map[string][]byte{name: text}, date: time.Now()}
	ignore := in.Ignore
	if ignore == nil && in.Context != "" {
		ignore, err = os.ReadFile(filepath.Join(in.Context, in.Name) + ".dockerignore")
		if errors.Is(err, fs.ErrNotExist) {
			return dir, name, nil
		}
		if err != nil {
			return dir, name, err
		}
	}
	if ignore != nil {
		dir.files[name+".dockerignore"] = ignore
	}
	return dir, name, nil
}

func contextFS(in *Input) (fsutil.FS, error) {
	if in.Context == "" {
		return texts{}, nil
	}
	return fsutil.NewFS(in.Context)
}
