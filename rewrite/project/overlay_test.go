package project_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/project"
)

// TestWith: lines are added in the style of the file, and the tree leaves out
// what it would if they stood in it from the start.
func TestWith(t *testing.T) {
	for name, tt := range map[string]struct {
		data, want string
		add        []string
	}{
		"none":               {"", ".git\na b\n", []string{".git", "a b"}},
		"lines":              {"x\n", "x\n.git\n", []string{".git"}},
		"no final newline":   {"x", "x\n.git", []string{".git"}},
		"CRLF":               {"x\r\n", "x\r\n.git\r\ny\r\n", []string{".git", "y"}},
		"CRLF, no final one": {"x\r\ny", "x\r\ny\r\n.git", []string{".git"}},
		"mark":               {"\ufeff", "\ufeff.git\n", []string{".git"}},
		"mark and lines":     {"\ufeffx\n", "\ufeffx\n.git\n", []string{".git"}},
		"comments":           {"# a\n\nx # b\n!y\n", "# a\n\nx # b\n!y\n.git\n", []string{".git"}},
		"a blank line last":  {"x\n\n", "x\n\n.git\n", []string{".git"}},
		"only a newline":     {"\n", "\n.git\n", []string{".git"}},
		"nothing to add":     {"x\n", "x\n", nil},
		"bad pattern":        {"x\n", "x\n", []string{".git", "["}},
		"two lines in one":   {"x\n", "x\n", []string{"a\n!x"}},
		"exception":          {"x\n", "x\n", []string{"!x"}},
	} {
		files := fstest.MapFS{"x": {}, ".git/HEAD": {}}
		if tt.data != "" {
			files[".dockerignore"] = &fstest.MapFile{Data: []byte(tt.data)}
		}
		before, err := project.New(files, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		after := before.With(tt.add)
		if got := after.IgnoreFile(); string(got.Data) != tt.want || got.Name != ".dockerignore" {
			t.Errorf("%s: %q in %s", name, got.Data, got.Name)
		}
		if got := string(before.IgnoreFile().Data); got != tt.data {
			t.Errorf("%s: the tree before has become %q", name, got)
		}
		written, err := project.New(fstest.MapFS{"x": {}, ".git/HEAD": {}, ".dockerignore": {Data: []byte(tt.want)}}, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"x", ".git", ".git/HEAD"} {
			if after.Has(path) != written.Has(path) {
				t.Errorf("%s: the overlay has %s: %v", name, path, after.Has(path))
			}
		}
	}
	var none *project.Tree
	if none.With([]string{"x"}) != nil || none.IgnoreFile().Name != "" {
		t.Error("a nil tree becomes something")
	}
}

// TestWithOrder: what stands at the end goes before exceptions further up.
func TestWithOrder(t *testing.T) {
	tr := tree(t, map[string][]byte{".dockerignore": []byte("a\n!a/b\n"), "a/b": nil, "a/c": nil})
	if !tr.Has("a/b") || tr.With([]string{"a/b"}).Has("a/b") {
		t.Error("the last pattern does not decide")
	}
	// A folder that is out already is not matched again by a later pattern of the
	// same, so that the exception in between goes on (TestFilesAsBuildKit).
	if !tr.With([]string{"a"}).Has("a/b") {
		t.Error("a pattern that BuildKit does not come to leaves something out")
	}
	own := tree(t, map[string][]byte{".dockerignore": []byte("x\n"), "Dockerfile.dockerignore": []byte("y\n"), "x": nil})
	if got := own.With([]string{"z"}).IgnoreFile(); got.Name != "Dockerfile.dockerignore" || string(got.Data) != "y\nz\n" {
		t.Errorf("%s: %q", got.Name, got.Data)
	}
}

// TestPattern: a pattern leaves out its path and nothing else, whatever the name.
func TestPattern(t *testing.T) {
	names := []string{
		".git", "a b", "#a", "!a", "a!#", " a", "a ", "a*", "a?b", "[a]", "a]", `a\b`, "a^b", "^a", "*^", "a$b", "(a|b)", "a+", "{a}",
		"é", "a/b", "a/#b", "a/ b", "**", "a**b", "a.b", "-", "x/y/.DS_Store",
	}
	refused := []string{"", ".", "..", "../a", "/a", "a/", "a//b", "a\nb", "a\tb", "a\rb", "\x00", "a\xff", "a\u0085", "./a"}
	for _, name := range names {
		line, ok := project.Pattern(name)
		if !ok {
			if name != `a\b` {
				t.Errorf("%q: refused", name)
			}
			continue
		}
		files := fstest.MapFS{".dockerignore": {Data: []byte("# first\n" + line + "\n")}, name: {}, "other": {}, "axb": {}, "a": {}}
		delete(files, strings.Split(name, "/")[0]+"/x")
		tr, err := project.New(files, "Dockerfile")
		if err != nil {
			t.Fatalf("%q: %q: %v", name, line, err)
		}
		for other := range files {
			if !strings.HasPrefix(name, other+"/") && tr.Has(other) == (other == name) {
				t.Errorf("%q: with %q the context has %q: %v", name, line, other, tr.Has(other))
			}
		}
	}
	for _, name := range refused {
		if line, ok := project.Pattern(name); ok {
			t.Errorf("%q: %q", name, line)
		}
	}
}

// FuzzPattern: a pattern that is made leaves out its path, and not the one that
// the fuzzer gives besides.
func FuzzPattern(f *testing.F) {
	f.Add("a", "b")
	f.Add("!a", "a")
	f.Add(" #a*", "x")
	f.Fuzz(func(t *testing.T, name, other string) {
		line, ok := project.Pattern(name)
		if !ok {
			return
		}
		for _, text := range []string{line + "\n", "x\r\n" + line + "\r\n", line} {
			files := fstest.MapFS{".dockerignore": {Data: []byte(text)}}
			tr, err := project.New(files, "")
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if !tr.Ignored(name) && !strings.HasPrefix(name, "..") {
				t.Errorf("%q does not leave out %q", line, name)
			}
			same := other == name || strings.HasPrefix(other, name+"/") || other == "x" || strings.HasPrefix(other, "x/")
			if !same && !slices.Contains([]string{"", ".", "/"}, other) && !strings.ContainsAny(other, "/\\.") && tr.Ignored(other) {
				t.Errorf("%q leaves out %q as well as %q", line, other, name)
			}
		}
	})
}

func TestLoses(t *testing.T) {
	tr := tree(t, map[string][]byte{".git/HEAD": nil, "a/b": nil, "a/c": nil, "one/x": nil, "x.env": nil, "y.env": nil, ".dockerignore": []byte("gone\n")})
	for _, tt := range []struct{ add, src, want string }{
		{".git", ".", ""},
		{".git", "/", ""},
		{".git", ".git", ".git"},
		{".git", "/.git/HEAD", ".git/HEAD"},
		{".git", ".git/missing", ".git/missing"},
		{".git", ".g*", ".git"},
		{".git", "*", ""},
		{".git", "./*", ""},
		{".git", "?git", ".git"},
		{"a/b", "a", ""},
		{"a/b", "a/", ""},
		{"a/b", "a/*", ""},
		{"a", "a/*", "a"},
		{"one/x", "one/*", "one/*"},
		{"x.env", "*.env", "x.env"},
		{"x.env", "y.env", ""},
		{"gone", "gone", ""},
		{"**/b", "a/b", "a/b"},
		{"**/b", "a", ""},
		{"a", "nothing*", ""},
		{"a", "[", "["},
	} {
		name, lost := tr.Loses(tr.With([]string{tt.add}), tt.src)
		if lost != (tt.want != "") || lost && name != tt.want {
			t.Errorf("%s, COPY %s: %q, %v", tt.add, tt.src, name, lost)
		}
	}
}
