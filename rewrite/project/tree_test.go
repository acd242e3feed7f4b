package project_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

func tarOf(t testing.TB, format tar.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.WriteHeader(&tar.Header{Name: "a", Size: 1, Mode: 0o644, Format: format}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("b")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// oldTar is a tar of the seventh edition of Unix, which has no magic.
func oldTar(t testing.TB) []byte {
	block := bytes.Clone(tarOf(t, tar.FormatUSTAR))
	clear(block[257:265]) // magic and version; the checksum is not what counts
	return block
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tree(t testing.TB, files map[string][]byte) *project.Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	out, err := project.New(fsys, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPlain(t *testing.T) {
	ustar := tarOf(t, tar.FormatUSTAR)
	tr := tree(t, map[string][]byte{
		"text":           []byte("some text\n"),
		"empty":          nil,
		"long":           bytes.Repeat([]byte("0123456789 text\n"), 100),
		"one-byte":       []byte("\x1f"),
		"sub/text":       []byte("text"),
		"sub/a.tar":      ustar,
		"only/text":      []byte("text"),
		"a.tar":          ustar,
		"a.pax.tar":      tarOf(t, tar.FormatPAX),
		"a.gnu.tar":      tarOf(t, tar.FormatGNU),
		"a.old.tar":      oldTar(t),
		"short.tar":      ustar[:300],
		"text.named.tar": []byte("text, whatever its name\n"),
		"a.gz":           gzipOf(t, ustar),
		"text.gz":        gzipOf(t, []byte("text")),
		"named.txt":      gzipOf(t, ustar),
		"a.bz2":          []byte("BZh91AY&SY"),
		"a.xz":           []byte("\xfd7zXZ\x00\x00\x04"),
		"a.lzma":         []byte("\x5d\x00\x00\x80\x00"),
		"a.zst":          []byte("\x28\xb5\x2f\xfd\x04\x00 and what follows"),
		"skippable.zst":  []byte("\x5a\x2a\x4d\x18\x04\x00\x00\x00skip\x28\xb5\x2f\xfd and what follows"),
		"bare.zst":       []byte("\x50\x2a\x4d\x18\x00\x00\x00\x00"),
		"zeros":          make([]byte, 1024),
	})
	for src, want := range map[string]bool{
		".": true, "/": true, "./": true, "": true, "sub": true, "sub/": true, "./sub/.": true,
		"text": true, "/text": true, "./text": true, "sub/text": true, `sub\text`: true, "sub/../text": true,
		"../text": true, // BuildKit keeps it inside the context
		"empty":   true, "long": true, "one-byte": true, "text.named.tar": true, "short.tar": true,
		"zeros": true,
		"a.tar": false, "a.pax.tar": false, "a.gnu.tar": false, "a.old.tar": false, "sub/a.tar": false,
		"a.gz": false, "text.gz": false, "named.txt": false, "a.bz2": false, "a.xz": false, "a.lzma": false,
		"a.zst": false, "skippable.zst": false,
		"bare.zst": true, // too short to hold a tar
		"missing":  false, "missing/text": false, "text/x": false,
		"sub/t*": true, "te*": false, "*.gz": false, "only/*": true, "sub/*": false, "*": false, "t?xt": true, "none*": false, "[": false, "[a": false,
	} {
		if got := tr.Plain(src); got != want {
			t.Errorf("%q: %v", src, got)
		}
	}
	var none *project.Tree
	for src, want := range map[string]bool{".": true, "./": true, "/": true, "text": false, "*": false} {
		if none.Plain(src) != want {
			t.Errorf("without a context, %q: %v", src, !want)
		}
	}
}

func TestExists(t *testing.T) {
	tr := tree(t, map[string][]byte{"a/b": nil})
	for src, want := range map[string][2]bool{
		"a/b": {true, true}, "a": {true, true}, ".": {true, true}, "/a/./b": {true, true}, "c": {false, true},
	} {
		if exists, known := tr.Exists(src); exists != want[0] || known != want[1] {
			t.Errorf("%s: %v, %v", src, exists, known)
		}
	}
	var none *project.Tree
	if exists, known := none.Exists("a"); exists || known {
		t.Error("a nil tree knows something")
	}
}

func TestIgnored(t *testing.T) {
	for _, tt := range []struct {
		ignore  string
		ignored string // sources, in words
		kept    string
	}{
		{"", "", "a . /"},
		{"# a\n\n", "", "a ."},
		{"a\n", "a ./a a/ a/b", "b . / b/a ab"}, // and /a, of which BuildKit says nothing either
		{"a/*\n", "a/b", "a b"},
		{"*.md\n", "x.md", "a/x.md x"},
		{"**/*.md\n", "x.md a/x.md", "x"},
		{"*\n", "a a/b . /", ""},
		{"**\n", "a .", ""},
		{"**/*\n", "a .", ""},
		{"*\n!a\n", "", "a b ."}, // exceptions: not said, as BuildKit does not
		{".\n", "", "a ."},
		{"/a\n", "a a/b", "b"},
		{"\xef\xbb\xbfa\n", "a", "b"},
		{"a\r\n", "a", "b"},
	} {
		tr := tree(t, map[string][]byte{".dockerignore": []byte(tt.ignore)})
		for _, src := range strings.Fields(tt.ignored) {
			if !tr.Ignored(src) {
				t.Errorf("%q keeps %s", tt.ignore, src)
			}
		}
		for _, src := range strings.Fields(tt.kept) {
			if tr.Ignored(src) {
				t.Errorf("%q ignores %s", tt.ignore, src)
			}
		}
	}
	var none *project.Tree
	if none.Ignored("a") || tree(t, nil).Ignored("a") {
		t.Error("ignored without an ignore file")
	}
}

// TestIgnoreFile: the Dockerfile's own ignore file goes before the common one.
func TestIgnoreFile(t *testing.T) {
	files := fstest.MapFS{
		".dockerignore":                 {Data: []byte("common\n")},
		"sub/x.Dockerfile.dockerignore": {Data: []byte("own\n")},
		"empty.dockerignore":            {Data: []byte("# nothing\n")},
	}
	for dockerfile, want := range map[string]string{"Dockerfile": "common", "": "common", "sub/x.Dockerfile": "own", "empty": "", "../outside": "common"} {
		tr, err := project.New(files, dockerfile)
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range []string{"common", "own"} {
			if tr.Ignored(src) != (src == want) {
				t.Errorf("%s: %s: %v", dockerfile, src, tr.Ignored(src))
			}
		}
	}
	for name, data := range map[string]string{"a bad pattern": "[\n", "a huge file": strings.Repeat("a\n", 600_000)} {
		if _, err := project.New(fstest.MapFS{".dockerignore": {Data: []byte(data)}}, ""); err == nil || !strings.HasPrefix(err.Error(), ".dockerignore: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRoot: on a real file system, a link out of it is not followed.
func TestRoot(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	for path, data := range map[string]string{filepath.Join(outside, "secret"): "text", filepath.Join(dir, "text"): "text"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"inside": "text", "out": filepath.Join(outside, "secret"), "up": "../" + filepath.Base(outside) + "/secret", "dir": outside, "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	tr, err := project.New(root.FS(), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]bool{"text": true, "inside": true, "out": false, "up": false, "dir": false, "dir/secret": false, "loop": false, "*": false} {
		if tr.Plain(src) != want {
			t.Errorf("%s: %v", src, !want)
		}
	}
	for src, known := range map[string]bool{"text": true, "out": false, "missing": true} {
		if _, k := tr.Exists(src); k != known {
			t.Errorf("%s: known %v", src, k)
		}
	}
}

// special is a file system with a pipe in it, which must not be opened.
type special struct {
	fstest.MapFS
	t *testing.T
}

func (s special) Open(name string) (fs.File, error) {
	if name == "pipe" {
		s.t.Error("a pipe was opened")
	}
	return s.MapFS.Open(name)
}

func (s special) Stat(name string) (fs.FileInfo, error) { return s.MapFS.Stat(name) }

func TestPipe(t *testing.T) {
	tr, err := project.New(special{fstest.MapFS{"pipe": {Mode: fs.ModeNamedPipe}, "device": {Mode: fs.ModeDevice}}, t}, "")
	if err != nil {
		t.Fatal(err)
	}
	if tr.Plain("pipe") || tr.Plain("device") || tr.Plain("p*") {
		t.Error("a pipe is plain")
	}
}

func TestHolds(t *testing.T) {
	tr := tree(t, map[string][]byte{"a/b": nil, "c": nil})
	for src, want := range map[string]bool{
		"FROM x\nCOPY a/b /\n":                               true,
		"FROM x\nCOPY a c /d/\n":                             true,
		"FROM x\nADD a/* /\n":                                true,
		"FROM x\nCOPY missing /\n":                           false,
		"FROM x\nCOPY a missing /d/\n":                       false,
		"FROM x\nCOPY m* /\n":                                false,
		"FROM x\nCOPY . /\n":                                 false, // says nothing
		"FROM x\nCOPY $a /\nADD https://example.com/b /c\n":  false,
		"FROM x AS y\nFROM z\nCOPY --from=y a /\n":           false,
		"FROM x AS y\nFROM z\nCOPY --from=y q /\nCOPY c /\n": true,
	} {
		f, err := dockerfile.Parse("Dockerfile", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if tr.Holds(f) != want {
			t.Errorf("%q: %v", src, !want)
		}
	}
}
