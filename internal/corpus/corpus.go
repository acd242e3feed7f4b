// Package corpus hands tests the real Dockerfiles that RESTOW_CORPUS points to.
// They are for measuring only and are no part of this project.
package corpus

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// File is one real Dockerfile.
type File struct {
	Name string
	Src  []byte
}

// Load reads all Dockerfiles of the corpus in its order, and skips the test
// where there is none.
func Load(tb testing.TB) []File {
	tb.Helper()
	dir := os.Getenv("RESTOW_CORPUS")
	if dir == "" {
		tb.Skip("RESTOW_CORPUS is not set: it names the folder with dockerfiles.tar.gz")
	}
	f, err := os.Open(filepath.Join(dir, "dockerfiles.tar.gz"))
	if err != nil {
		tb.Skipf("RESTOW_CORPUS has no corpus: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var out []File
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
		src, err := io.ReadAll(r)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, File{h.Name, src})
	}
}
