package store

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func serve(t *testing.T, dir string) (*Store, name.Registry) {
	t.Helper()
	s, err := Open(dir, log.New(io.Discard, "", 0))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	reg, err := name.NewRegistry(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return s, reg
}

func TestSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	_, reg := serve(t, dir)
	image, err := random.Image(1000, 2)
	if err != nil {
		t.Fatal(err)
	}
	index, err := random.Index(1000, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(reg.Repo("library", "some").Tag("1.0-x"), image); err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(reg.Repo("other").Tag("all"), index); err != nil {
		t.Fatal(err)
	}

	_, reg = serve(t, dir)
	for ref, want := range map[name.Tag]interface{ Digest() (v1.Hash, error) }{
		reg.Repo("library", "some").Tag("1.0-x"): image,
		reg.Repo("other").Tag("all"):             index,
	} {
		digest, err := want.Digest()
		if err != nil {
			t.Fatal(err)
		}
		got, err := remote.Get(ref)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest != digest {
			t.Errorf("%s: got %s, want %s", ref, got.Digest, digest)
		}
	}
	got, err := remote.Image(reg.Repo("library", "some").Tag("1.0-x"))
	if err != nil {
		t.Fatal(err)
	}
	layers, err := got.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		r, err := layer.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s, reg := serve(t, dir)
	tag := reg.Repo("library", "some").Tag("latest")
	old, err := random.Image(5000, 1)
	if err != nil {
		t.Fatal(err)
	}
	added, err := random.Layer(100, "application/vnd.oci.image.layer.v1.tar+gzip")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, old); err != nil {
		t.Fatal(err)
	}
	longer, err := mutate.AppendLayers(old, added)
	if err != nil {
		t.Fatal(err)
	}
	replacement, err := random.Image(5000, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, longer); err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, replacement); err != nil {
		t.Fatal(err)
	}
	before := countBlobs(t, dir)
	if freed, err := s.Sweep(sweepAge); err != nil || freed != 0 {
		t.Fatalf("young blobs: %d, %v", freed, err)
	}
	if freed, err := s.Sweep(0); err != nil || freed < 5000 {
		t.Fatalf("freed %d, %v", freed, err)
	}
	// Two configurations and two layers went; one of each is in use.
	if after := countBlobs(t, dir); before != 6 || after != 2 {
		t.Errorf("%d blobs became %d", before, after)
	}
	if _, err := remote.Image(tag); err != nil {
		t.Error(err)
	}
}

func countBlobs(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestHalfWritten(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir)
	for _, file := range []string{"manifests/.new-1", "blobs/upload-1"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "blobs/upload-1")); err == nil {
		t.Error("an interrupted upload is still there")
	}
}

func TestRefusesToDelete(t *testing.T) {
	s, _ := serve(t, t.TempDir())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/v2/a/manifests/b", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("got %d", w.Code)
	}
}
