package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/restow/restow/rewrite/project"
)

// TestHistories: contexts of one repository share one reading of it, each with the
// commits that touched it and without what its .dockerignore leaves out.
func TestHistories(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.com"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("git %v: %v: %s", args, err, out)
		}
	}
	git("init", "-q")
	for i, name := range []string{"a/x", "a/x", "b/y", "a/left.md", "b/y", "b/z", "other"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(fmt.Sprint(i)), 0o644); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-q", "-m", "c")
	}
	if err := os.WriteFile(filepath.Join(dir, "a/.dockerignore"), []byte("*.md\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	all := &histories{}
	var wg sync.WaitGroup
	for range 8 {
		for name, want := range map[string]string{"a": "2 of 3", "b": "3 of 3", ".": "6 of 7"} {
			wg.Go(func() {
				in := filepath.Join(dir, name)
				tree, err := project.New(os.DirFS(in), "")
				if err != nil {
					t.Error(err)
					return
				}
				if name == "." {
					tree, err = project.New(os.DirFS(filepath.Join(dir, "a")), "") // whose rules reach no folder below
				}
				n, of := all.historyOf(context.Background(), in, "Dockerfile", tree)().Changes("a", "b", "x", "y", "z", "left.md")
				if got := fmt.Sprintf("%d of %d", n, of); got != want || err != nil {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			})
		}
	}
	wg.Wait()
	if len(all.all) != 1 {
		t.Errorf("%d repositories were read", len(all.all))
	}
	// Nothing is read before someone asks.
	lazy := &histories{}
	if lazy.historyOf(context.Background(), dir, "Dockerfile", nil); len(lazy.all) != 0 {
		t.Error("the history was read, and nobody asked")
	}
}
