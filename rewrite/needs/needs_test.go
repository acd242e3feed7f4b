package needs_test

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
	"github.com/restow/restow/rewrite/project"
)

// text is what a stage needs, a line each. sh and the packages of a language are
// left out where nothing is to be seen by them.
func text(s *needs.Stage) string {
	var b strings.Builder
	for _, n := range s.Needs {
		if n.Name == "sh" {
			continue
		}
		when := "build"
		if n.Run() {
			when = "run"
		}
		fmt.Fprintf(&b, "%s %s: %s, line %d\n", when, n.Name, n.By, n.In.File.Line(n.In.Lines.Start))
	}
	for _, list := range []struct {
		name string
		of   []needs.Dependency
	}{{"python", s.Python}, {"node", s.Node}, {"ruby", s.Ruby}, {"rust", s.Rust}} {
		for _, d := range list.of {
			compiled := ""
			if d.Compiled {
				compiled = ", compiled"
			}
			fmt.Fprintf(&b, "%s %s: %s%s\n", list.name, d.Name, d.By, compiled)
		}
	}
	for _, d := range s.Installed {
		fmt.Fprintf(&b, "installed %s: %s\n", d.Name, d.Manager)
	}
	for _, u := range s.Unknown {
		fmt.Fprintf(&b, "unknown: %s\n", u.Why)
	}
	return b.String()
}

// TestOf: each case of testdata has a Dockerfile, its build context below context/,
// and what the last stage needs.
func TestOf(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 10 {
		t.Fatalf("%d cases (%v)", len(cases), err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var f *dockerfile.File
			fsys, want := fstest.MapFS{}, ""
			for _, file := range archive.Files {
				name, inContext := strings.CutPrefix(file.Name, "context/")
				switch {
				case file.Name == "Dockerfile":
					if f, err = dockerfile.Parse("Dockerfile", file.Data); err != nil {
						t.Fatal(err)
					}
				case file.Name == "needs":
					want = string(file.Data)
				case inContext:
					fsys[name] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
					for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
						fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
					}
				}
			}
			var tree *project.Tree
			if len(fsys) > 0 {
				if tree, err = project.New(fsys, "Dockerfile"); err != nil {
					t.Fatal(err)
				}
			}
			if got := text(needs.New(tree).Of(f.Stages[len(f.Stages)-1])); got != want {
				t.Errorf("needs\n%s\nand should need\n%s", got, want)
			}
		})
	}
}

// TestCorpus: whatever stands in a Dockerfile and its context, it is read without
// harm, and twice the same.
func TestCorpus(t *testing.T) {
	stages, unknown := 0, 0
	for _, c := range corpus.Contexts(t) {
		src, err := fs.ReadFile(c.FS, c.Dockerfile)
		if err != nil {
			continue
		}
		f, err := dockerfile.Parse(c.Dockerfile, src)
		if err != nil {
			continue
		}
		tree, err := project.New(c.FS, c.Dockerfile)
		if err != nil {
			continue
		}
		for _, s := range f.Stages {
			first, again := needs.New(tree).Of(s), needs.New(tree).Of(s)
			if text(first) != text(again) {
				t.Errorf("%s: two answers", c.Name)
			}
			stages++
			if len(first.Unknown) > 0 {
				unknown++
			}
		}
	}
	t.Logf("%d stages, of which %d may need more than is known", stages, unknown)
}

func FuzzOf(f *testing.F) {
	f.Add("FROM a\nRUN curl x | sh && make -C x y\nCMD sh a.sh\n", "all: b\n\tgit $(X)\n", `{"scripts":{"a":"npm run a"}}`)
	f.Fuzz(func(t *testing.T, src, script, manifest string) {
		file, err := dockerfile.Parse("Dockerfile", []byte(src))
		if err != nil {
			return
		}
		fsys := fstest.MapFS{}
		for name, data := range map[string]string{"Makefile": script, "a.sh": script, "setup.py": script, "requirements.txt": script, "package.json": manifest, "package-lock.json": manifest, "pyproject.toml": script, "Gemfile.lock": script} {
			fsys[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
		}
		tree, err := project.New(fsys, "Dockerfile")
		if err != nil {
			return
		}
		all := needs.New(tree)
		for _, s := range file.Stages {
			all.Of(s)
		}
	})
}

// TestTooMuch: what is over a limit is said, at a place.
func TestTooMuch(t *testing.T) {
	f, err := dockerfile.Parse("Dockerfile", []byte("FROM a AS a\n"+strings.Repeat("COPY . /a\n", 2001)+"FROM a\nCMD [\"x\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := needs.New(contextOf(t)).Of(f.Stages[1])
	if len(s.Unknown) != 1 || s.Unknown[0].In != f.Stages[1].From || !strings.Contains(s.Unknown[0].Why, "too much") {
		t.Errorf("unknown: %+v", s.Unknown)
	}
}

func contextOf(t *testing.T) *project.Tree {
	t.Helper()
	tree, err := project.New(fstest.MapFS{"x": {Data: []byte("x")}}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
