package install_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/shell"
)

// runFetch copies nothing but what a golden case is said to read into a folder,
// and has the real tool fetch there. It gives the files that are there afterwards
// and were not before.
func runFetch(t *testing.T, name string, env ...string) []string {
	t.Helper()
	path := "testdata/" + name + ".txtar"
	g := readGolden(t, path)
	script, err := shell.Read(g.line, shell.POSIX)
	if err != nil {
		t.Fatal(err)
	}
	tool := strings.TrimSuffix(script.Commands[0].Name(), "/")
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("there is no %s here", tool)
	}
	dir := t.TempDir()
	g.site.Dir = dir + strings.TrimPrefix(g.site.Dir, g.site.At)
	g.site.At, g.site.Text = dir, g.line
	n, ok := install.Of(g.site, script.Commands[0], command.Of(script.Commands[0]))
	if !ok || n.Hazard != "" {
		t.Fatalf("%s: %v %s", name, ok, n.Hazard)
	}
	for _, f := range g.archive.Files {
		file, inContext := strings.CutPrefix(f.Name, "context/")
		if !inContext || !slices.ContainsFunc(n.Reads, func(r string) bool { return file == r || strings.HasPrefix(file, r+"/") }) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	line := n.Fetch
	if line == "" {
		line = g.line
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = g.site.Dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	made := tree(t, dir)
	return slices.DeleteFunc(made, func(f string) bool { return slices.Contains(before, f) })
}

func tree(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		out = append(out, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFetchRuns: with what is said to be read, and no more, the real tools do
// what they are said to do, and leave behind what they are said to make. None of
// these projects needs anything from elsewhere.
func TestFetchRuns(t *testing.T) {
	home := t.TempDir()
	cargo := []string{"CARGO_NET_OFFLINE=true", "CARGO_HOME=" + home}
	golang := []string{"GOPROXY=off", "GOFLAGS=", "GOWORK=", "GOTOOLCHAIN=local"}
	for name, env := range map[string][]string{
		"cargo/local": cargo, "cargo/local-member": cargo, "cargo/local-install": cargo,
		"go/local": golang, "go/local-work": golang,
		"pip/local": {"PIP_CONFIG_FILE=/dev/null", "PIP_NO_INDEX=1"},
	} {
		t.Run(name, func(t *testing.T) {
			if made := runFetch(t, name, env...); len(made) > 0 {
				t.Errorf("it makes %q", made)
			}
		})
	}
}
