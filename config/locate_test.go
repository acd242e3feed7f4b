package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestNearestFile(t *testing.T) {
	outer := tree(t, map[string]string{
		FileName:                  "color: always\n",
		"repo/.git/HEAD":          "",
		"repo/a/b/c/Dockerfile":   "",
		"repo/a/" + AltFileName:   "unsafe: true\n",
		"repo/a/d/" + FileName:    "offline: true\n",
		"repo/e/.git":             "gitdir: elsewhere\n",
		"repo/e/f/Dockerfile":     "",
		"repo/a/link/.git/config": "",
	})
	l := loader(t, filepath.Join(outer, "repo"))
	for dir, want := range map[string]string{
		"":          "",
		"a":         "a/.restow.yml",
		"a/b/c":     "a/.restow.yml",
		"a/./b/..":  "a/.restow.yml",
		"a/d":       "a/d/.restow.yaml",
		"e/f":       "", // .git as a file is a root too
		"a/link":    "",
		"a/missing": "a/.restow.yml",
		"..":        "../.restow.yaml",
	} {
		path, err := l.File(dir)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if path != "" {
			path = l.show(path)
		}
		if path != want {
			t.Errorf("File(%q) = %q, want %q", dir, path, want)
		}
		abs, err := l.Resolve(filepath.Join(outer, "repo", dir), nil, nil)
		if err != nil || abs.File != want {
			t.Errorf("Resolve(%q) reads %q, want %q (%v)", dir, abs.File, want, err)
		}
	}
}

func TestNoRepository(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/"+FileName, "offline: true\ncontext: b\n")
	write(t, dir, "a/b/c/Dockerfile", "")
	s := must(loader(t, dir).Resolve("a/b/c", nil, nil))(t)
	if !s.Offline || s.Context != filepath.Join(dir, "a", "b") {
		t.Errorf("%+v", s)
	}
}

func TestUnusableFiles(t *testing.T) {
	root := tree(t, map[string]string{
		"both/" + FileName:       "",
		"both/" + AltFileName:    "",
		"both/own/" + FileName:   "",
		"large/" + FileName:      strings.Repeat("#", maxFileSize+1),
		"most/" + FileName:       strings.Repeat("#", maxFileSize),
		"dir/.restow.yaml/x":     "",
		"dangling/Dockerfile":    "",
		"both/below/Dockerfile":  "",
		"large/below/Dockerfile": "",
	})
	if err := os.Symlink("nowhere", filepath.Join(root, "dangling", FileName)); err != nil {
		t.Fatal(err)
	}
	l := loader(t, root)
	const twice = "both/.restow.yml: .restow.yaml is in the same folder, keep only one of them"
	const large = "large/.restow.yaml: larger than 256 KiB, make it smaller"
	for dir, want := range map[string]string{
		"both": twice, "both/below": twice, "both/own": "",
		"large": large, "large/below": large, "most": "",
		"dir": "dir/.restow.yaml: not a regular file, replace it by one or remove it",
	} {
		_, err := l.Resolve(dir, nil, nil)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", dir, err)
			}
			continue
		}
		wantErrors(t, err, want)
	}
	if _, err := l.Resolve("dangling", nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("dangling link: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	files := map[string]string{FileName: "select: [merge-run]\npasses: {merge-run: on}\n", "bad/" + FileName: "x: 1\n"}
	for i := range 10 {
		files[fmt.Sprintf("d%d/%s", i, FileName)] = fmt.Sprintf("exclude: [d%d]\n", i)
		files[fmt.Sprintf("e%d/x", i)] = ""
	}
	root := tree(t, files)
	l := loader(t, root)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 10 {
				d, err := l.Resolve(fmt.Sprintf("d%d/sub", i), map[string]string{"unsafe": "true"}, []string{"RESTOW_OFFLINE=1"})
				if err != nil || len(d.Exclude) != 1 || d.Exclude[0] != fmt.Sprintf("d%d", i) || !d.Unsafe || !d.Offline {
					t.Errorf("d%d: %+v %v", i, d, err)
				}
				e, err := l.Resolve(fmt.Sprintf("e%d", i), nil, nil)
				if err != nil || len(e.Select) != 1 {
					t.Errorf("e%d: %+v %v", i, e, err)
					continue
				}
				// What a caller does to its copy stays there.
				e.Select[0] = fmt.Sprint(i)
				e.Passes["merge-run"] = PassSetting{}
				e.Origins()
				if _, err := l.Resolve("bad", nil, nil); err == nil {
					t.Error("no error")
				}
			}
		})
	}
	wg.Wait()
	s := must(l.Resolve("", nil, nil))(t)
	if s.Select[0] != "merge-run" || !s.Passes["merge-run"].Enabled {
		t.Errorf("changed from outside: %+v", s)
	}
}

func TestFilesAreReadOnce(t *testing.T) {
	root := tree(t, map[string]string{FileName: "unsafe: true\n"})
	l := loader(t, root)
	must(l.Resolve("a", nil, nil))(t)
	if err := os.Remove(filepath.Join(root, FileName)); err != nil {
		t.Fatal(err)
	}
	if s := must(l.Resolve("b", nil, nil))(t); !s.Unsafe {
		t.Error("read again")
	}
}
