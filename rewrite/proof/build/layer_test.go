package build

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// file is an entry of a test's archive.
type file struct {
	name string
	body string
	kind byte // a regular file when 0
	link string
	mode int64
	uid  int
	pax  map[string]string
}

func archive(t *testing.T, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Typeflag: f.kind, Linkname: f.link, Mode: f.mode, Uid: f.uid, Size: int64(len(f.body)), PAXRecords: f.pax, Format: tar.FormatPAX}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func treeOf(t *testing.T, layers ...[]file) *tree {
	t.Helper()
	tr := newTree()
	for _, files := range layers {
		budget := int64(1 << 30)
		l, err := readLayer(bytes.NewReader(archive(t, files...)), &budget)
		if err != nil {
			t.Fatal(err)
		}
		tr.apply(l)
	}
	return tr
}

func paths(t *tree) (out []string) {
	for p := range t.all() {
		out = append(out, p)
	}
	return out
}

func dir(name string) file         { return file{name: name, kind: tar.TypeDir, mode: 0o755} }
func symlink(name, to string) file { return file{name: name, kind: tar.TypeSymlink, link: to} }

func TestLayers(t *testing.T) {
	tests := []struct {
		name   string
		layers [][]file
		want   []string
	}{
		{"plain", [][]file{{dir("a/"), {name: "a/f"}}, {{name: "a/g"}}}, []string{"/a", "/a/f", "/a/g"}},
		{"dot names", [][]file{{dir("./"), dir("./a/"), {name: "./a/f"}}}, []string{"/a", "/a/f"}},
		{"whiteout", [][]file{{dir("a/"), {name: "a/f"}, {name: "a/g"}}, {{name: "a/.wh.f"}}}, []string{"/a", "/a/g"}},
		{"whiteout of a folder", [][]file{{dir("a/"), {name: "a/f"}}, {{name: ".wh.a"}}}, nil},
		{"whiteout then new", [][]file{{dir("a/"), {name: "a/f"}}, {{name: ".wh.a"}, dir("a/"), {name: "a/n"}}}, []string{"/a", "/a/n"}},
		{"whiteout behind the new", [][]file{{dir("a/"), {name: "a/f"}}, {dir("a/"), {name: "a/n"}, {name: ".wh.a"}}}, []string{"/a", "/a/n"}},
		{"opaque", [][]file{{dir("a/"), {name: "a/f"}, dir("a/d/"), {name: "a/d/x"}}, {dir("a/"), {name: "a/n"}, {name: "a/.wh..wh..opq"}}}, []string{"/a", "/a/n"}},
		{"whiteout of nothing", [][]file{{{name: ".wh.x"}, {name: "q/.wh.y"}}}, nil},
		{"aufs bookkeeping", [][]file{{{name: ".wh..wh.plnk"}, {name: "f"}}}, []string{"/f"}},
		{"folder becomes file", [][]file{{dir("a/"), {name: "a/f"}}, {{name: "a"}}}, []string{"/a"}},
		{"file becomes folder", [][]file{{{name: "a"}}, {dir("a/"), {name: "a/f"}}}, []string{"/a", "/a/f"}},
		{"folder again keeps what it has", [][]file{{dir("a/"), {name: "a/f"}}, {dir("a/")}}, []string{"/a", "/a/f"}},
		{"folder made by its file", [][]file{{{name: "a/b/f"}}}, []string{"/a", "/a/b", "/a/b/f"}},
		{"through a link", [][]file{{dir("usr/"), dir("usr/lib/"), symlink("lib", "usr/lib")}, {{name: "lib/x.so"}}}, []string{"/lib", "/usr", "/usr/lib", "/usr/lib/x.so"}},
		{"through a link that leads out", [][]file{{dir("usr/"), symlink("lib", "../../../usr")}, {{name: "lib/x"}}}, []string{"/lib", "/usr", "/usr/x"}},
		{"through a link in a circle", [][]file{{symlink("a", "b"), symlink("b", "a")}, {{name: "a/x"}}}, []string{"/a", "/a/x", "/b"}},
		{"hard link", [][]file{{{name: "f", body: "x"}, {name: "g", kind: tar.TypeLink, link: "f"}}}, []string{"/f", "/g"}},
		{"hard link to nothing", [][]file{{{name: "g", kind: tar.TypeLink, link: "f"}}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := paths(treeOf(t, tt.layers...)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestHostileLayer: names that lead out, unknown types and devices neither
// reach the disk nor stop the reading; sizes beyond the bound do.
func TestHostileLayer(t *testing.T) {
	files := []file{
		{name: "../../etc/passwd", body: "out"},
		{name: "a/../../out"},
		{name: "/abs", body: "in"},
		{name: "h", kind: tar.TypeLink, link: "../../etc/shadow"},
		{name: "s", kind: tar.TypeSymlink, link: "../../../../etc/shadow"},
		{name: "dev", kind: tar.TypeBlock},
		{name: "pipe", kind: tar.TypeFifo},
		{name: "loop", kind: tar.TypeSymlink, link: "loop/loop/loop/loop"},
		{name: "x", kind: 'Z'},
	}
	before, _ := os.ReadDir(os.TempDir())
	budget := int64(1 << 20)
	l, err := readLayer(bytes.NewReader(archive(t, files...)), &budget)
	if err != nil {
		t.Fatal(err)
	}
	tr := newTree()
	tr.apply(l)
	if got, want := paths(tr), []string{"/abs", "/dev", "/loop", "/pipe", "/s"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(l.strange) != 4 {
		t.Errorf("left out: %q", l.strange)
	}
	for _, p := range []string{"/loop", "/loop/x", "/s", "/s/../.."} {
		if n, at := tr.lookup(p); n != nil && at != "/" {
			t.Errorf("%s is found at %s", p, at)
		}
	}
	budget = 10
	if _, err := readLayer(bytes.NewReader(archive(t, file{name: "big", body: "eleven byte"})), &budget); err == nil || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Errorf("error %v", err)
	}
	// A header that promises more than comes.
	cut := archive(t, file{name: "big", body: strings.Repeat("x", 4096)})[:1024]
	budget = 1 << 20
	if _, err := readLayer(bytes.NewReader(cut), &budget); err == nil {
		t.Error("a layer that ends early was read")
	}
	if after, _ := os.ReadDir(os.TempDir()); len(after) > len(before)+5 {
		t.Error("something was left in the temporary folder")
	}
}

func TestInside(t *testing.T) {
	for name, want := range map[string]string{"a/b": "a/b", "./a//b/": "a/b", "/": "", ".": "", "a/../b": "b", "/a": "a"} {
		if got, ok := inside(name); !ok || got != want {
			t.Errorf("inside(%q) = %q, %t", name, got, ok)
		}
	}
	for _, name := range []string{"..", "../a", "a/../../b", "/..", "a\x00b", strings.Repeat("a", maxName+1)} {
		if got, ok := inside(name); ok {
			t.Errorf("inside(%q) = %q", name, got)
		}
	}
}

// oci writes an image as BuildKit's exporter does, blobs sorted by their names.
func oci(t *testing.T, config string, layers ...[]byte) []byte {
	t.Helper()
	blobs := map[string][]byte{}
	put := func(data []byte) descriptor {
		sum := sha256.Sum256(data)
		blobs[hex.EncodeToString(sum[:])] = data
		return descriptor{Digest: "sha256:" + hex.EncodeToString(sum[:])}
	}
	doc := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	m := manifest{Config: put([]byte(config))}
	for _, l := range layers {
		m.Layers = append(m.Layers, put(l))
	}
	attestation := put([]byte(`{"config":{"digest":"sha256:0"}}`))
	attestation.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	inner := put(doc(map[string]any{"manifests": []descriptor{attestation, put(doc(m))}}))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	write := func(name string, data []byte) {
		w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(data))})
		w.Write(data)
	}
	for _, name := range slices.Sorted(maps.Keys(blobs)) {
		write("blobs/sha256/"+name, blobs[name])
	}
	write("index.json", doc(map[string]any{"manifests": []descriptor{inner}}))
	write("oci-layout", []byte("{}"))
	w.Close()
	return b.Bytes()
}

func gz(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func TestReadOCI(t *testing.T) {
	config := `{"os":"linux","config":{"User":"u"},"history":[{"created_by":"FROM x"},{"empty_layer":true,"created_by":"ENV"},{"created_by":"RUN /bin/sh -c b # buildkit"},{"created_by":"c"}]}`
	var z bytes.Buffer
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	zw.Write(archive(t, file{name: "z", body: "zz"}))
	zw.Close()
	first := gz(t, archive(t, file{name: "a", body: "aaa"}, file{name: "b"}))
	data := oci(t, config, first, archive(t, file{name: ".wh.a"}), z.Bytes())
	cache := layerCache{}
	img, err := cache.readOCI(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(img.tree); !slices.Equal(got, []string{"/b", "/z"}) {
		t.Errorf("files %q", got)
	}
	if len(img.layers) != 3 || img.layers[0].Compressed != int64(len(first)) || img.layers[0].Unpacked != 3 || img.layers[1].CreatedBy != "RUN b" || img.config.Config.User != "u" {
		t.Errorf("%+v", img.layers)
	}
	// The same layers again come from the cache, and the image is the same.
	again, err := cache.readOCI(bytes.NewReader(data))
	if err != nil || len(compareFiles(img.tree, again.tree)) != 0 || len(cache) != 3 {
		t.Errorf("%v, %d layers", err, len(cache))
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "no index": archive(t, file{name: "blobs/sha256/00", body: "{}"}), "cut": data[:len(data)/2],
		"no manifest": archive(t, file{name: "index.json", body: `{"manifests":[{"digest":"sha256:1"}]}`}),
		"no layer":    archive(t, file{name: "blobs/sha256/c", body: "{}"}, file{name: "blobs/sha256/m", body: `{"config":{"digest":"sha256:c"},"layers":[{"digest":"sha256:gone"}]}`}, file{name: "index.json", body: `{"manifests":[{"digest":"sha256:m"}]}`}),
	} {
		if _, err := (layerCache{}).readOCI(bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadBlobBounds(t *testing.T) {
	// A bomb: a gibibyte of zeros in a small blob.
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	tw := tar.NewWriter(w)
	tw.WriteHeader(&tar.Header{Name: "zeros", Size: 1 << 40, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
	io.CopyN(tw, strings.NewReader(strings.Repeat("\x00", 1<<20)), 1<<20)
	w.Close()
	budget := int64(maxBytes)
	if _, err := readBlob(bufio.NewReader(&b), &budget); err == nil {
		t.Error("no error")
	}
	// The budget is that of all layers together.
	budget = 5
	one := archive(t, file{name: "f", body: "123"})
	if _, err := readBlob(bufio.NewReader(bytes.NewReader(one)), &budget); err != nil {
		t.Fatal(err)
	}
	if _, err := readBlob(bufio.NewReader(bytes.NewReader(one)), &budget); err == nil {
		t.Error("no error")
	}
}

func FuzzReadLayer(f *testing.F) {
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		budget := int64(1 << 20)
		l, err := readLayer(bytes.NewReader(data), &budget)
		if err != nil {
			return
		}
		tr := newTree()
		tr.apply(l)
		for p, n := range tr.all() {
			tr.lookup(p)
			_ = fmt.Sprint(n.title())
		}
	})
}
