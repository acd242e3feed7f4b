package corpus

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// ErrListed is what reading a file gives that is in the list of a context and
// whose content was not kept.
var ErrListed = errors.New("the file is listed, but its content was not kept")

// Context is a real build context with one of its Dockerfiles.
type Context struct {
	Name       string
	Dockerfile string // slash path in the context
	// FS has every file that the context has. Files whose content was not kept,
	// and symbolic links, are there, but reading one is ErrListed.
	FS fs.FS
}

// Contexts reads all build contexts of the corpus, one for each Dockerfile, in
// its order, and skips the test where there are none.
func Contexts(tb testing.TB) []Context {
	tb.Helper()
	dir := os.Getenv("RESTOW_CORPUS")
	if dir == "" {
		tb.Skip("RESTOW_CORPUS is not set: it names the folder with contexts.tar.gz")
	}
	table, err := os.ReadFile(filepath.Join(dir, "contexts.tsv"))
	if err != nil {
		tb.Skipf("RESTOW_CORPUS has no contexts: %v", err)
	}
	kept := unpack(tb, filepath.Join(dir, "contexts.tar.gz"))
	trees := map[string]fs.FS{}
	var out []Context
	for i, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		fields := strings.Split(line, "\t")
		if i == 0 || len(fields) < 2 {
			continue // the heading
		}
		name := fields[0]
		if trees[name] == nil {
			trees[name] = tree(kept, name)
		}
		out = append(out, Context{Name: name, Dockerfile: fields[1], FS: trees[name]})
	}
	if len(out) == 0 {
		tb.Fatal("contexts.tsv names no context")
	}
	return out
}

func unpack(tb testing.TB, path string) map[string][]byte {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Skipf("RESTOW_CORPUS has no contexts: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			tb.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if out[h.Name], err = io.ReadAll(r); err != nil {
			tb.Fatal(err)
		}
	}
}

// tree puts a context together from its list, NAME.files with lines of the form
// "mode size path" as git ls-tree has them, and the files that were kept.
func tree(kept map[string][]byte, name string) fs.FS {
	// Folders have the mode that a checkout gives them.
	t := listed{MapFS: fstest.MapFS{".": {Mode: fs.ModeDir | 0o755}}, only: map[string]bool{}}
	for lines := bufio.NewScanner(bytes.NewReader(kept[name+".files"])); lines.Scan(); {
		mode, rest, _ := strings.Cut(lines.Text(), " ")
		_, file, _ := strings.Cut(rest, " ")
		data, ok := kept[name+"/"+file]
		entry := &fstest.MapFile{Data: data, Mode: 0o644}
		switch mode {
		case "100755":
			entry.Mode = 0o755
		case "120000":
			ok = false // where it points to is not known
		}
		t.MapFS[file], t.only[file] = entry, !ok
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			t.MapFS[dir] = t.MapFS["."]
		}
	}
	return t
}

// listed is a file system in which some files are there but cannot be opened.
type listed struct {
	fstest.MapFS
	only map[string]bool
}

func (l listed) Open(name string) (fs.File, error) {
	if l.only[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrListed}
	}
	return l.MapFS.Open(name)
}

func (l listed) ReadFile(name string) ([]byte, error) {
	if l.only[name] {
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrListed}
	}
	return l.MapFS.ReadFile(name)
}
