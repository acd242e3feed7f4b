package project

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// gitLog is what git log -z --name-status prints for commits, newest first; a
// change is "M path" or "R100 from to".
func gitLog(commits ...[]string) string {
	var out []string
	for _, c := range commits {
		text := "\x01"
		for i, change := range c {
			if i == 0 {
				text += "\n"
			}
			for part := range strings.FieldsSeq(change) {
				text += part + "\x00"
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "\x00")
}

func read(t testing.TB, text string, l Limits) *History {
	t.Helper()
	h, err := ReadHistory(strings.NewReader(text), l)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// expect compares Changes of several paths with "N of M".
func expect(t *testing.T, h *History, want map[string]string) {
	t.Helper()
	for names, w := range want {
		n, of := h.Changes(strings.Fields(names)...)
		if got := fmt.Sprintf("%d of %d", n, of); got != w {
			t.Errorf("%q changed in %s, want %s", names, got, w)
		}
	}
}

func TestHistory(t *testing.T) {
	h := read(t, gitLog(
		[]string{"M src/a.go", "M go.mod"},
		[]string{"D src/old.go"},
		nil, // an empty commit
		[]string{"M go.mod", "M go.sum"},
		[]string{"A src/a.go", "A src/old.go", "A src/sub/x", "A go.mod", "A src-b/y"},
	), Limits{})
	expect(t, h, map[string]string{
		".": "4 of 4", "/": "4 of 4", "src": "3 of 4", "src/": "3 of 4", "./src/": "3 of 4", "src/a.go": "2 of 4", "src/sub": "1 of 4", "sr": "0 of 4",
		"go.mod": "3 of 4", "go.sum": "1 of 4", "go.mod go.sum": "3 of 4", "go.sum src/old.go": "3 of 4", "src-b": "1 of 4", "none": "0 of 4",
	})
	if got := h.Commit(0); !slices.Equal(got, []string{"go.mod", "src/a.go"}) {
		t.Errorf("the newest commit touched %q", got)
	}
	if n, of, known := h.Frequency("go.sum"); n != 1 || of != 4 || !known || h.Stopped() != "" {
		t.Error(n, of, known, h.Stopped())
	}
	kept := h.Only(func(name string) bool { return name != "src/a.go" })
	expect(t, kept, map[string]string{"src": "2 of 4", "src/a.go": "0 of 4", ".": "4 of 4"})
	expect(t, h.Newest(2), map[string]string{"src": "2 of 2", "go.mod": "1 of 2", "go.sum": "0 of 2"})
	expect(t, h.Newest(9), map[string]string{"src": "3 of 4"})
	under := h.Under("src")
	expect(t, under, map[string]string{".": "3 of 3", "a.go": "2 of 3", "old.go": "2 of 3", "sub": "1 of 3", "go.mod": "0 of 3"})
	if got := under.Commit(2); !slices.Equal(got, []string{"a.go", "old.go", "sub/x"}) {
		t.Errorf("the third commit that touched src touched %q in it", got)
	}
}

// TestRenames: a path's count has those under its former names, and a folder's
// those that took a file out of it.
func TestRenames(t *testing.T) {
	h := read(t, gitLog(
		[]string{"M new"},
		[]string{"M old"},          // another file of the former name
		[]string{"A old"},          // made here
		[]string{"R090 mid new"},   // moved twice
		[]string{"M mid"},          //
		[]string{"R100 a/old mid"}, // it came from a/old
		[]string{"M a/old", "M a/stays"},
		[]string{"A a/old", "A a/stays"},
	), Limits{})
	expect(t, h, map[string]string{
		"new": "6 of 8", "old": "2 of 8", "mid": "1 of 8", "a/old": "1 of 8", "a/stays": "2 of 8",
		"a":     "3 of 8", // the move out of it, and what touched a/stays
		"a new": "6 of 8",
	})
	// Two files that change names in one commit keep their own histories.
	h = read(t, gitLog(
		[]string{"M a"},
		[]string{"R100 a b", "R100 b a"},
		[]string{"M b"},
		[]string{"M b"},
		[]string{"A a", "A b"},
	), Limits{})
	expect(t, h, map[string]string{"a": "5 of 5", "b": "2 of 5"})
	// A copy leaves what it was made of alone.
	h = read(t, gitLog([]string{"C100 a b"}, []string{"M a"}), Limits{})
	expect(t, h, map[string]string{"a": "1 of 2", "b": "1 of 2"})
}

func TestHistoryBounds(t *testing.T) {
	var commits [][]string
	for i := range 20 {
		commits = append(commits, []string{fmt.Sprintf("M f%d", i), "M all"})
	}
	text := gitLog(commits...)
	for _, tt := range []struct {
		l    Limits
		want int
		says string
	}{
		{Limits{}, 20, ""},
		{Limits{Commits: 20}, 20, ""},
		{Limits{Commits: 19}, 19, "only the newest 19 commits were looked at"},
		{Limits{Commits: 1}, 1, "only the newest 1 commits were looked at"},
		{Limits{Paths: 8}, 7, "more than 8 files"},
		{Limits{Bytes: 60}, 4, "more than 60 bytes"},
	} {
		h := read(t, text, tt.l)
		if n, of := h.Changes("all"); n != tt.want || of != tt.want || !strings.Contains(h.Stopped(), tt.says) || (tt.says == "") != (h.Stopped() == "") {
			t.Errorf("%+v: %d of %d, %q; want %d, %q", tt.l, n, of, h.Stopped(), tt.want, tt.says)
		}
	}
	for _, bad := range []string{"x\x00", "\x01x\x00", "\x01\nM\x00", "\x01\nM\x00\x00", "\x01\nR100\x00a\x00", "\x01\nM", "\x01\nM\x00/etc\x00", "\x01\nM\x00" + strings.Repeat("a", maxPathBytes) + "\x00", "M\x00a"} {
		if h, err := ReadHistory(strings.NewReader("\x01\nM\x00whole\x00\x00"+bad), Limits{}); err == nil {
			t.Errorf("%q is a history", bad[:min(len(bad), 20)])
		} else if n, _ := h.Changes("whole"); n != 1 && bad[0] == 1 {
			t.Errorf("before %q, a whole commit is lost", bad[:min(len(bad), 20)])
		}
	}
	if h := read(t, "", Limits{}); h.Commits() != 0 {
		t.Error("no commit counts")
	}
}

// TestTaken: what COPY takes by patterns, and leaves by --exclude.
func TestTaken(t *testing.T) {
	h := read(t, gitLog(
		[]string{"M package.json"},
		[]string{"M package-lock.json"},
		[]string{"M src/a.ts"},
		[]string{"M src/a_test.ts"},
		[]string{"M src/deep/b.md"},
		[]string{"M README.md"},
		[]string{"M pkg/one/go.mod"},
		[]string{"M pkg/two/main.go"},
	), Limits{})
	for _, tt := range []struct{ sources, exclude, want string }{
		{"package.json", "", "0"},
		{"package*.json", "", "0 1"},
		{"*.md", "", "5"},
		{"*", "", "0 1 2 3 4 5 6 7"},
		{".", "", "0 1 2 3 4 5 6 7"},
		{"s*c", "", "2 3 4"},
		{"src", "", "2 3 4"},
		{"src", "*_test.ts", "2 4"},
		{"src", "**/*.md", "2 3"},
		{"src", "deep", "2 3"},
		{".", "src README.md", "0 1 6 7"},
		{".", "src/*.ts", "0 1 4 5 6 7"},
		{"pkg/*/go.mod", "", "6"},
		{"pkg/*", "", "6 7"},
		{"package.json src/deep", "", "0 4"},
		{"src/[ab].ts", "", "2"},
		{"[", "", ""},
		{"src", "[", "2 3 4"},
		{"/src/a.ts", "", "2"},
	} {
		var got []string
		set := h.Taken(strings.Fields(tt.sources), strings.Fields(tt.exclude))
		for i := range h.Commits() {
			if set.Has(i) {
				got = append(got, fmt.Sprint(i))
			}
		}
		if strings.Join(got, " ") != tt.want || set.Len() != len(got) {
			t.Errorf("COPY %s --exclude %s: %q, want %q", tt.sources, tt.exclude, got, tt.want)
		}
	}
}

// TestAssumed: without a history, the names say how often.
func TestAssumed(t *testing.T) {
	tree, err := New(fstest.MapFS{
		"package.json": {}, "package-lock.json": {}, "src/main.ts": {}, "docs/a.md": {}, "nginx.conf": {}, "entrypoint.sh": {}, ".dockerignore": {Data: []byte("docs\n")},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	whole := Assumed(tree.Files())
	var none *History
	for _, tt := range []struct {
		names       string
		known, none int // with the context and without
	}{
		{"package-lock.json", 2, 2},
		{"package.json", 5, 5},
		{"package.json package-lock.json", 5, 5},
		{"package*.json", 5, 5},
		{"src", 80, 80},
		{"src/main.ts", 80, 80},
		{".", 95, 95},
		{"", 95, 95},
		{"nginx.conf", 5, 5},
		{"entrypoint.sh", 5, 5},
		{"go.sum", 2, 2},
		{"requirements/base.txt", 20, 20},
		{"requirements-dev.txt", 5, 5},
		{"*.ts", 80, 80},
		{"logo.png", 20, 20},
		{"*.csproj", 5, 5},
		{"*.lock", 2, 2},
		{"go.*", 5, 5},
		{"*.toml", 5, 5},
	} {
		a, of, known := whole.Frequency(strings.Fields(tt.names)...)
		if tt.names == "" {
			a, of, known = whole.Frequency("")
		}
		if a != tt.known || of != 100 || known {
			t.Errorf("%q: %d of %d, known %v, want %d of 100", tt.names, a, of, known, tt.known)
		}
		sources := strings.Fields(tt.names)
		if tt.names == "" {
			sources = []string{""}
		}
		if b := none.Taken(sources, nil).Len(); b != tt.none || none.Commits() != 100 || none.Known() {
			t.Errorf("%q without a context: %d of %d, want %d", tt.names, b, none.Commits(), tt.none)
		}
	}
	docs := Assumed(&Files{List: []File{{Path: "a.md"}, {Path: "package.json"}}})
	if n, _ := docs.Changes("."); n != 20 {
		t.Errorf("a context without sources: %d", n)
	}
	if none.Only(nil) != nil || none.Newest(3) != nil || none.Under("x") != nil || none.Commit(0) != nil || none.Stopped() != "" {
		t.Error("a nil history is something")
	}
}

// FuzzReadHistory: whatever git's output is, the counts hold together.
func FuzzReadHistory(f *testing.F) {
	f.Add(gitLog([]string{"M a", "R100 b c"}, nil, []string{"A a", "A b"}))
	f.Add("\x01\x00\x01\nD\x00c\x00\x00\x01")
	f.Add("\x01\nR100\x00a\x00b\x00R100\x00b\x00a\x00\x00\x01\nM\x00a\x00")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ReadHistory(strings.NewReader(text), Limits{Commits: 50})
		if err != nil && h.Commits() > 50 {
			t.Fatal("more commits than were asked for")
		}
		if !slices.IsSorted(h.Paths()) || len(slices.Compact(h.Paths())) != len(h.Paths()) {
			t.Fatalf("paths %q", h.Paths())
		}
		all, of := h.Changes(".")
		if all > of || of != h.Commits() {
			t.Fatalf("%d of %d of %d", all, of, h.Commits())
		}
		for _, p := range h.Paths() {
			n, _ := h.Changes(p)
			if n < 1 || n > all {
				t.Fatalf("%q: %d of %d", p, n, all)
			}
		}
	})
}
