package split_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/split"
)

// FuzzOf reads any file with the context of a case: it gives a plan, a reason, or
// nothing, the same each time, and a plan has what its own account asks for.
func FuzzOf(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/passes/multi-stage/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatal("there are no cases", err)
	}
	for _, name := range cases {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		archive, tree := txtar.Parse(data), fstest.MapFS{}
		var src []byte
		for _, file := range archive.Files {
			if rest, ok := cutPrefix(file.Name, "context/"); ok {
				tree[rest] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
			} else if file.Name == "Dockerfile" {
				src = file.Data
			}
		}
		df, err := dockerfile.Parse("Dockerfile", src)
		if err != nil {
			return
		}
		context, err := project.New(tree, "Dockerfile")
		if err != nil {
			return
		}
		for _, stage := range df.Stages {
			plan, why, _ := split.Of(stage, context)
			if _, again, _ := split.Of(stage, context); again != why {
				t.Errorf("it says %q, and then %q", why, again)
			}
			if plan == nil {
				continue
			}
			for _, c := range plan.Copies {
				if len(c.Paths) == 0 || c.To == "" || c.To == "/" && len(c.Paths[0]) < 2 {
					t.Errorf("a copy of %q to %q", c.Paths, c.To)
				}
			}
			split.Of(stage, nil)
		}
	})
}

func cutPrefix(name, prefix string) (string, bool) {
	if len(name) > len(prefix) && name[:len(prefix)] == prefix && filepath.IsLocal(name[len(prefix):]) {
		return filepath.ToSlash(filepath.Clean(name[len(prefix):])), true
	}
	return "", false
}

// TestWithoutWords takes away each word of each case in turn: what is half written is
// no reason to stop.
func TestWithoutWords(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/passes/multi-stage/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("there are no cases", err)
	}
	cut := 0
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tree, src := fstest.MapFS{}, ""
		for _, file := range archive.Files {
			if rest, ok := cutPrefix(file.Name, "context/"); ok {
				tree[rest] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
			} else if file.Name == "Dockerfile" {
				src = string(file.Data)
			}
		}
		context, err := project.New(tree, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(src); {
			n := strings.IndexAny(src[i:], " \n")
			if n < 0 {
				break
			}
			df, err := dockerfile.Parse("Dockerfile", []byte(src[:i]+src[i+n:]))
			i += n + 1
			if err != nil || len(df.Stages) == 0 {
				continue
			}
			if plan, _, _ := split.Of(df.Stages[len(df.Stages)-1], context); plan != nil {
				cut++
			}
		}
	}
	if cut < 50 {
		t.Errorf("%d of the files are cut, and most should be", cut)
	}
}
