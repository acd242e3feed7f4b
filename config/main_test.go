package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	testKnown   = []string{"merge-run", "unused-stage", "stage-name-casing", "workdir"}
	testAliases = map[string]string{"StageNameCasing": "stage-name-casing", "WorkdirRelativePath": "workdir"}
)

// tree writes files below a new folder that holds .git and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write(t, root, ".git/HEAD", "")
	for name, text := range files {
		write(t, root, name, text)
	}
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func loader(t *testing.T, dir string) *Loader {
	t.Helper()
	l, err := New(Options{Dir: dir, Known: testKnown, Aliases: testAliases})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// resolveText resolves in a repository with one file in its root.
func resolveText(t *testing.T, text string) (Settings, error) {
	t.Helper()
	root := tree(t, map[string]string{FileName: text})
	return loader(t, root).Resolve(root, nil, nil)
}

// wantErrors compares the lines of an error.
func wantErrors(t *testing.T, err error, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("error\n%s\nwant\n%s", got, w)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
