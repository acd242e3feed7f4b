package project

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
)

// paths are the files of a list, as text.
func paths(f *Files) (out []string) {
	for _, x := range f.List {
		out = append(out, x.Path)
	}
	return out
}

// TestFilesAsBuildKit: the list is what fsutil, which sends the context to
// BuildKit, walks with the same ignore file.
func TestFilesAsBuildKit(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"a", "a-b/x", "a.d/x", "a0", "ab", "b/c/d/e.go", "b/c/d/e_test.go", "b/c/keep", "b/x", "docs/a.md", "docs/b.md", "docs/sub/c.md",
		"node_modules/p/index.js", "node_modules/p/keep/index.js", "src/node_modules/q.js", "src/main.js", ".env", ".env.example", "é/ü", "x y/z",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "empty/er"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link": "a", "out": "/etc", "dirlink": "b", "b/loop": ".."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err) // a system without links
		}
	}
	lines := []string{
		"", "a", "a*", "**/*.md", "!docs/b.md", "docs", "!docs/**", "!docs/sub/*", "node_modules", "**/node_modules", "!node_modules/p/keep", "!**/keep",
		"*", "!src", "!b/c", "b", "!b/c/d", "!b/c/d/e.go", ".env*", "!.env.example", "**", "!a*/x", "b/**/e*.go", "é", "x\\ y", "[a-b]", "!b/[a-c]", "link", "dirlink", "?", "/b/", "./a/../ab",
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same lines in each run
	for range 400 {
		var chosen []string
		for range 1 + random.IntN(5) {
			chosen = append(chosen, lines[random.IntN(len(lines))])
		}
		text := strings.Join(chosen, "\n")
		if err := os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		tree, err := New(os.DirFS(dir), "")
		if err != nil {
			t.Fatal(err)
		}
		patterns, err := ignorefile.ReadAll(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		err = fsutil.WalkDir(context.Background(), dir, &fsutil.FilterOpt{ExcludePatterns: patterns}, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				want = append(want, filepath.ToSlash(p))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		got := tree.Files()
		if !slices.Equal(paths(got), want) || got.Partial != "" {
			t.Fatalf("with %q:\n got %q (%s)\nwant %q", text, paths(got), got.Partial, want)
		}
		for _, name := range want {
			if tree.Excluded(name) {
				t.Fatalf("with %q, %s is excluded, and listed", text, name)
			}
		}
	}
}

func TestFilesKinds(t *testing.T) {
	tree, err := New(fstest.MapFS{
		"a":                       {Data: []byte("four")},
		"l":                       {Data: []byte("a"), Mode: fs.ModeSymlink},
		"pipe":                    {Mode: fs.ModeNamedPipe},
		".git/HEAD":               {},
		".git/objects/00/1234":    {},
		"sub/.git/objects/x":      {},
		"sub/.git2/x":             {},
		"file/.git":               {Data: []byte("gitdir: ../x")},
		"left/out":                {},
		"Dockerfile.dockerignore": {Data: []byte("left\n*.dockerignore")},
	}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range tree.Files().List {
		got = append(got, fmt.Sprintf("%s %d %v", f.Path, f.Size, f.Type))
	}
	want := []string{".git 0 d---------", "a 4 ----------", "file/.git 12 ----------", "l 1 L---------", "sub/.git 0 d---------", "sub/.git2/x 0 ----------"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, n := range map[string]int{"": 6, ".": 6, "sub": 2, "sub/": 2, "./a": 1, "su": 0, "left": 0, "..": 6, "zz": 0} {
		if got := len(tree.Files().Below(name)); got != n {
			t.Errorf("below %q: %d files, want %d", name, got, n)
		}
	}
}

// TestFilesBounds: what is beyond a bound is left out in the same way each time,
// and said.
func TestFilesBounds(t *testing.T) {
	m := fstest.MapFS{}
	for i := range 300 {
		m[fmt.Sprintf("%d/%d/f%d", i%7, i%3, i)] = &fstest.MapFile{}
	}
	tree, err := New(m, "")
	if err != nil {
		t.Fatal(err)
	}
	if all := tree.walk(300, 1000); all.Partial != "" || len(all.List) != 300 {
		t.Errorf("%d files: %s", len(all.List), all.Partial)
	}
	first := tree.walk(100, 1000)
	if len(first.List) != 100 || !strings.Contains(first.Partial, "more than 100 files") || !slices.IsSorted(paths(first)) {
		t.Errorf("%d files: %s", len(first.List), first.Partial)
	}
	for range 20 {
		if again := tree.walk(100, 1000); !slices.Equal(again.List, first.List) {
			t.Fatal("another part of the same context")
		}
	}
	if few := tree.walk(1000, 50); few.Partial == "" || len(few.List) >= 50 {
		t.Errorf("of 50 entries, %d files: %s", len(few.List), few.Partial)
	}
	deep, err := New(fstest.MapFS{strings.Repeat("d/", maxDepth+2) + "f": {}, "a": {}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := deep.Files(); len(got.List) != 1 || !strings.Contains(got.Partial, "in each other") {
		t.Errorf("%d files: %s", len(got.List), got.Partial)
	}
	if got := (*Tree)(nil).Files(); got.Partial == "" {
		t.Error("an unknown context has all its files")
	}
}

// unreadable is a file system with a folder that cannot be read.
type unreadable struct{ fstest.MapFS }

func (u unreadable) Open(name string) (fs.File, error) {
	if name == "locked" {
		return nil, fs.ErrPermission
	}
	return u.MapFS.Open(name)
}

func TestFilesUnreadable(t *testing.T) {
	m := fstest.MapFS{"locked/a": {}, "b": {}}
	tree, err := New(unreadable{m}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Files(); len(got.List) != 1 || got.Partial != "the folder locked cannot be read whole" {
		t.Errorf("%v", got)
	}
	m[".dockerignore"] = &fstest.MapFile{Data: []byte("locked")}
	if tree, err = New(unreadable{m}, ""); err != nil {
		t.Fatal(err)
	}
	if got := tree.Files(); len(got.List) != 2 || got.Partial != "" {
		t.Errorf("a folder that is left out need not be read: %v", got)
	}
}

// BenchmarkFiles lists a context of 100,000 files. It gives the time of find on
// the same folder, with the sizes that the list has and without, as find-ms and
// findsize-ms, and the memory that the list keeps and that was allocated for it.
func BenchmarkFiles(b *testing.B) {
	dir := b.TempDir()
	for i := range 10_000 {
		sub := filepath.Join(dir, fmt.Sprintf("pkg%02d/mod%02d/src%02d", i%10, i/10%100, i/1000))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			b.Fatal(err)
		}
		for k := range 10 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("file%d.ts", k)), []byte("export {}\n"), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	ignore := "**/*.log\n**/.DS_Store\nnode_modules\n**/dist\n*.md\n!README.md\n.env*\n"
	if err := os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte(ignore), 0o644); err != nil {
		b.Fatal(err)
	}
	find := func(args ...string) float64 {
		best := time.Duration(1 << 62)
		for range 3 {
			start := time.Now()
			if out, err := exec.Command("find", append([]string{dir}, args...)...).Output(); err != nil || len(out) < 1_000_000 {
				b.Skipf("find gives %d bytes: %v", len(out), err)
			}
			best = min(best, time.Since(start))
		}
		return float64(best.Microseconds()) / 1000
	}
	plain, sized := find(), find("-printf", `%s %y %P\n`)
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var all *Files
	for b.Loop() {
		tree, err := New(root.FS(), "")
		if err != nil {
			b.Fatal(err)
		}
		if all = tree.Files(); len(all.List) != 100_001 || all.Partial != "" {
			b.Fatalf("%d files: %s", len(all.List), all.Partial)
		}
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/1e6, "allocated-MB/op")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/1e6, "kept-MB")
	b.ReportMetric(plain, "find-ms")
	b.ReportMetric(sized, "findsize-ms")
	runtime.KeepAlive(all)
}
