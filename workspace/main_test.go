package workspace

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets a test run this binary again as another process, which does
// what childEnv names and exits.
func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		os.Exit(child(name))
	}
	os.Exit(m.Run())
}

const childEnv = "RESTOW_WORKSPACE_TEST_CHILD"

// tree makes files below a new folder and changes to it. A name ending in "/"
// is a folder, a text beginning with "-> " a symlink.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	plant(t, dir, files)
	t.Chdir(dir)
	return dir
}

func plant(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		abs, text := filepath.Join(dir, name), files[name]
		folder := filepath.Dir(abs)
		if strings.HasSuffix(name, "/") {
			folder = abs
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if folder == abs {
			continue
		}
		err := error(nil)
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(target, abs)
		} else {
			err = os.WriteFile(abs, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func names(sources []Source) []string {
	var all []string
	for _, s := range sources {
		all = append(all, s.Path)
	}
	return all
}

// expect compares what Find gives: want are paths, wantErrs parts of messages.
func expect(t *testing.T, paths []string, opt Options, want, wantErrs []string) []Source {
	t.Helper()
	sources, errs := Find(paths, opt)
	if got := names(sources); !slices.Equal(got, want) {
		t.Errorf("found\n\t%q, want\n\t%q", got, want)
	}
	if len(errs) != len(wantErrs) {
		t.Errorf("errors %v, want %d", errs, len(wantErrs))
	}
	for i := range min(len(errs), len(wantErrs)) {
		if !strings.Contains(errs[i].Error(), wantErrs[i]) {
			t.Errorf("error %q, want it to contain %q", errs[i], wantErrs[i])
		}
	}
	return sources
}

func find1(t *testing.T, name string) Source {
	t.Helper()
	sources, errs := Find([]string{name}, Options{})
	if len(sources) != 1 || len(errs) != 0 {
		t.Fatalf("Find(%q) = %q, %v", name, names(sources), errs)
	}
	return sources[0]
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
