package pin

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// contents are those of an image of two layers with an SBOM.
func contents() Contents {
	layer := func(name, body string) Content {
		return Content{Title: name, Write: func(w io.Writer) error {
			tw := tar.NewWriter(w)
			if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(body))}); err != nil {
				return err
			}
			_, err := io.WriteString(tw, body)
			return errors.Join(err, tw.Close())
		}}
	}
	return Contents{
		Platform: "linux/arm64/v8", Created: noon, Labels: map[string]string{"a": "b", "c": "d"}, Layers: []Content{layer("x", "1"), layer("y", strings.Repeat("2", 100_000))},
		Config: Config{Env: []string{"A=b"}, Entrypoint: []string{"/x"}, User: "65532", WorkingDir: "/w"},
		SBOM:   []byte(`{"spdxVersion":"SPDX-2.3","packages":[{"name":"x","versionInfo":"2.36-9+deb12u1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=arm64"}]}]}`),
	}
}

func assembled(t testing.TB) *Assembled {
	t.Helper()
	a, err := Assemble(contents())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAssembleLayout: another program's reader of layouts finds the image, and twice
// the same bytes are written.
func TestAssembleLayout(t *testing.T) {
	a, one, two := assembled(t), t.TempDir(), filepath.Join(t.TempDir(), "deep", "er")
	if err := errors.Join(a.WriteLayout(one), assembled(t).WriteLayout(two)); err != nil {
		t.Fatal(err)
	}
	if a, b := filesOf(t, one), filesOf(t, two); !slices.Equal(a, b) || len(a) != 20 {
		t.Errorf("%d and %d files and contents", len(a), len(b))
	}
	index, err := layout.ImageIndexFromPath(one)
	if err != nil {
		t.Fatal(err)
	}
	top, err := index.IndexManifest()
	if err != nil || len(top.Manifests) != 1 || top.Manifests[0].Digest.String() != a.Digest {
		t.Fatalf("%+v %v, want %s", top, err, a.Digest)
	}
	inner, err := index.ImageIndex(top.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := v1.NewHash(a.Image)
	if err != nil {
		t.Fatal(err)
	}
	image, err := inner.Image(hash)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Architecture != "arm64" || config.Variant != "v8" || config.Config.User != "65532" || len(config.RootFS.DiffIDs) != 2 || config.History[1].CreatedBy != "y" || !config.Created.Equal(noon) {
		t.Errorf("%+v", config)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range layers {
		in, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil || sum(data) != config.RootFS.DiffIDs[i] {
			t.Errorf("layer %d is not what the configuration says (%v)", i, err)
		}
	}
}

// filesOf lists the files below a folder, each with its content behind it.
func filesOf(t testing.TB, dir string) (out []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		out = append(out, p, string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLayoutElsewhere: a folder of somebody's files is left alone; a layout is renewed.
func TestLayoutElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := assembled(t).WriteLayout(dir); err == nil || !strings.Contains(err.Error(), "is no OCI layout") {
		t.Errorf("a folder with files: %v", err)
	}
	dir = t.TempDir()
	if err := errors.Join(assembled(t).WriteLayout(dir), assembled(t).WriteLayout(dir)); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

// TestAssembleTar: docker's reader of archives finds the image as well.
func TestAssembleTar(t *testing.T) {
	a := assembled(t)
	var one, two bytes.Buffer
	if err := errors.Join(a.WriteTar(&one), assembled(t).WriteTar(&two)); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Fatalf("two archives of the same contents differ (%v)", err)
	}
	image, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(one.Bytes())), nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil || config.Config.WorkingDir != "/w" {
		t.Errorf("%+v %v", config, err)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 2 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	if id, err := layers[1].DiffID(); err != nil || id != config.RootFS.DiffIDs[1] {
		t.Errorf("%s, want %s (%v)", id, config.RootFS.DiffIDs[1], err)
	}
}

// TestPush: what is pushed is what is described, the SBOM included.
func TestPush(t *testing.T) {
	s := httptest.NewServer(registry.New(registry.Logger(quiet)))
	defer s.Close()
	a, ref := assembled(t), strings.TrimPrefix(s.URL, "http://")+"/team/base:1"
	r := New(Options{})
	done, err := r.Push(context.Background(), a, ref, nil)
	if err != nil || done.Sent < a.Compressed {
		t.Fatalf("%+v %v", done, err)
	}
	again, err := r.Push(context.Background(), a, ref, nil)
	if err != nil || again.Sent >= done.Sent {
		t.Errorf("a second time: %+v %v", again, err)
	}
	told, err := r.Describe(context.Background(), ref, "linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	if told.Digest != a.Digest || told.Compressed != a.Compressed || told.SBOM == nil || !slices.Equal(told.SBOM.Packages, []Component{{"deb", "libc6", "2.36-9+deb12u1"}}) {
		t.Errorf("%+v %+v", told, told.SBOM)
	}
	_, err = New(Options{Offline: true}).Push(context.Background(), a, ref, nil)
	wantError(t, err, ErrOffline)
	_, err = New(Options{Allow: []string{"other.example.com"}}).Push(context.Background(), a, ref, nil)
	wantError(t, err, ErrNotAllowed)
	_, err = r.Push(context.Background(), a, "no reference", nil)
	wantError(t, err, ErrReference)
}

// TestAssembleFails: an error of a layer names it.
func TestAssembleFails(t *testing.T) {
	c := contents()
	c.Layers[1].Write = func(io.Writer) error { return errors.New("no") }
	if _, err := Assemble(c); err == nil || err.Error() != "layer y: no" {
		t.Error(err)
	}
}
