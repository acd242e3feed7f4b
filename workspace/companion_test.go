package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func companion(t *testing.T, name string) *Companion {
	t.Helper()
	c, err := find1(t, "a/Dockerfile").Companion(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompanionCreate(t *testing.T) {
	tree(t, map[string]string{"a/Dockerfile": "FROM x\n", "link": "-> a"})
	for _, name := range []string{"a/.dockerignore", ".dockerignore", "link/other"} {
		c := companion(t, name)
		if c.Data != nil || c.Path != name {
			t.Errorf("%s: %q in %s", name, c.Data, c.Path)
		}
		if err := c.Write([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
		if got := readFile(t, name); got != "x\n" {
			t.Errorf("%s holds %q", name, got)
		}
		if err := c.Write([]byte("y\n")); err != nil {
			t.Fatal(err)
		}
		if got := readFile(t, name); got != "y\n" {
			t.Errorf("%s holds %q", name, got)
		}
	}
	info, err := os.Stat("a/.dockerignore")
	if err != nil || info.Mode().Perm()&0o600 != 0o600 || info.Mode().Perm()&0o111 != 0 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	noLeftovers(t, "a")
	noLeftovers(t, ".")
}

func TestCompanionWrite(t *testing.T) {
	tree(t, map[string]string{"a/Dockerfile": "FROM x\n", "a/.dockerignore": "old\n"})
	c := companion(t, "a/.dockerignore")
	if string(c.Data) != "old\n" {
		t.Errorf("it holds %q", c.Data)
	}
	plant(t, ".", map[string]string{"a/.dockerignore": "edited\n"})
	if err := c.Write([]byte("new\n")); !errors.Is(err, ErrChanged) {
		t.Errorf("written over an edit: %v", err)
	}
}

// TestCompanionAppears: what somebody else makes meanwhile is not replaced.
func TestCompanionAppears(t *testing.T) {
	for _, what := range []string{"theirs\n", "-> Dockerfile", "-> nowhere"} {
		tree(t, map[string]string{"a/Dockerfile": "FROM x\n"})
		c := companion(t, "a/.dockerignore")
		beforeRename = func() { plant(t, ".", map[string]string{"a/.dockerignore": what}) }
		err := c.Write([]byte("ours\n"))
		beforeRename = func() {}
		if !errors.Is(err, ErrChanged) {
			t.Errorf("%q: %v", what, err)
		}
		if data, _ := os.ReadFile("a/.dockerignore"); strings.Contains(string(data), "ours") || readFile(t, "a/Dockerfile") != "FROM x\n" {
			t.Errorf("%q was replaced by %q", what, data)
		}
		noLeftovers(t, "a")
	}
}

func TestCompanionRefused(t *testing.T) {
	outside := t.TempDir()
	dir := tree(t, map[string]string{
		"repo/.git/config": "", "repo/a/Dockerfile": "FROM x\n", "repo/real": "x\n", "repo/.dockerignore": "-> real",
		"repo/folder/.dockerignore/": "", "repo/out": "-> " + outside, "repo/node_modules/": "", "Dockerfile": "",
	})
	t.Chdir(filepath.Join(dir, "repo"))
	for name, want := range map[string]string{
		".dockerignore":              "is a symlink",
		"folder/.dockerignore":       "not a regular file",
		"../.dockerignore":           "stands outside of ",
		"out/.dockerignore":          "stands outside of ",
		".git/.dockerignore":         "that restow leaves alone",
		"node_modules/.dockerignore": "that restow leaves alone",
		"missing/.dockerignore":      "no such file",
	} {
		if _, err := find1(t, "a/Dockerfile").Companion(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Source{Path: "Dockerfile", Content: []byte("FROM x\n")}).Companion(".dockerignore"); err == nil {
		t.Error("a Dockerfile that is no file has companions")
	}
}
