package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": true, "Dockerfile.dev": true, "web.Dockerfile": true, "web.dockerfile": true,
		"dockerfile": true, "Containerfile": true, "Containerfile.x": true, "containerfile": true,
		".Dockerfile": true, "Dockerfile.dockerignore": false, "web.Dockerfile.dockerignore": false,
		"Dockerfile~": false, "Dockerfile.swp": false, "Dockerfile.orig": false, "Dockerfile.rej": false,
		"Dockerfile.bak": false, "DOCKERFILE": false, "dockerfile.dev": false, "Dockerfiles": false,
		"my-Dockerfile": false, "web.containerfile": false, "a.Containerfile": false,
		".restow-ABC": false, ".restow-x.Dockerfile": false, "README.md": false,
	} {
		if got := isDockerfile(name); got != want {
			t.Errorf("isDockerfile(%q) = %v", name, got)
		}
	}
}

func TestFind(t *testing.T) {
	base := map[string]string{
		"Dockerfile":              "FROM scratch\n",
		"b/Dockerfile.dev":        "",
		"a/x.dockerfile":          "",
		"a/notes.txt":             "",
		"node_modules/Dockerfile": "", ".git/Dockerfile": "", ".hg/Dockerfile": "", ".svn/Dockerfile": "",
		"vendor/Dockerfile": "",
	}
	for _, tc := range []struct {
		name  string
		more  map[string]string
		paths []string
		opt   Options
		want  []string
		errs  []string
	}{
		{name: "default", want: []string{"Dockerfile", "a/x.dockerfile", "b/Dockerfile.dev", "vendor/Dockerfile"}},
		{name: "dot", paths: []string{"./"}, want: []string{"Dockerfile", "a/x.dockerfile", "b/Dockerfile.dev", "vendor/Dockerfile"}},
		{name: "folder", paths: []string{"./a/"}, want: []string{"a/x.dockerfile"}},
		{name: "any name", paths: []string{"a/notes.txt"}, want: []string{"a/notes.txt"}},
		{name: "twice", paths: []string{"a/x.dockerfile", "a", "."}, want: []string{"Dockerfile", "a/x.dockerfile", "b/Dockerfile.dev", "vendor/Dockerfile"}},
		{name: "skipped folder named", paths: []string{"node_modules"}, want: []string{"node_modules/Dockerfile"}},
		{
			name: "missing", paths: []string{"gone", "b", ""}, want: []string{"b/Dockerfile.dev"},
			errs: []string{"gone: no such file", "empty path"},
		},
		{name: "exclude", opt: Options{Exclude: []string{"/a/", "*.dev"}}, want: []string{"Dockerfile", "vendor/Dockerfile"}},
		{name: "exclude anchored at the current directory", paths: []string{"a"}, opt: Options{Exclude: []string{"a/x.*"}}},
		{name: "bad exclude", opt: Options{Exclude: []string{"["}}, errs: []string{`exclude "["`}},
		{name: "explicit beats exclude", paths: []string{"Dockerfile"}, opt: Options{Exclude: []string{"*"}}, want: []string{"Dockerfile"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tree(t, base)
			expect(t, tc.paths, tc.opt, tc.want, tc.errs)
		})
	}
}

func TestDisplayedPaths(t *testing.T) {
	dir := tree(t, map[string]string{"a/Dockerfile": "", "b/Dockerfile": "", "b/sub/": ""})
	t.Chdir(filepath.Join(dir, "b"))
	outside := filepath.ToSlash(filepath.Join(dir, "a", "Dockerfile"))
	expect(t, []string{filepath.Join(dir, "b")}, Options{}, []string{"Dockerfile"}, nil)
	expect(t, []string{"../a", "sub/../Dockerfile"}, Options{}, []string{"../a/Dockerfile", "Dockerfile"}, nil)
	expect(t, []string{filepath.Join(dir, "a")}, Options{}, []string{outside}, nil)
	expect(t, []string{filepath.Join(dir, "a", "Dockerfile")}, Options{}, []string{outside}, nil)
	expect(t, []string{".."}, Options{}, []string{"../a/Dockerfile", "../b/Dockerfile"}, nil)
}

func TestIgnore(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		cwd   string
		paths []string
		opt   Options
		want  []string
	}{
		{name: "gitignore", files: map[string]string{".gitignore": "build/\n", "build/Dockerfile": "", "Dockerfile": ""}, want: []string{"Dockerfile"}},
		{name: "no ignore", opt: Options{NoIgnore: true}, files: map[string]string{".gitignore": "build/\n", "build/Dockerfile": ""}, want: []string{"build/Dockerfile"}},
		{name: "explicit file", paths: []string{"build/Dockerfile"}, files: map[string]string{".gitignore": "build/\n", "build/Dockerfile": ""}, want: []string{"build/Dockerfile"}},
		{name: "explicit folder", paths: []string{"build"}, files: map[string]string{".git/": "", ".gitignore": "/build/\n", "build/Dockerfile": ""}, want: []string{"build/Dockerfile"}},
		{name: "nested and deeper wins", files: map[string]string{".gitignore": "*.Dockerfile\n", "a/.gitignore": "!keep.Dockerfile\n", "a/keep.Dockerfile": "", "a/x.Dockerfile": ""}, want: []string{"a/keep.Dockerfile"}},
		{name: "restowignore", files: map[string]string{".restowignore": "old\n", "old/Dockerfile": "", "new/Dockerfile": ""}, want: []string{"new/Dockerfile"}},
		{name: "restowignore outranks a deeper gitignore", files: map[string]string{".restowignore": "!Dockerfile\n", "a/.gitignore": "Dockerfile\n", "a/Dockerfile": ""}, want: []string{"a/Dockerfile"}},
		{name: "exclude outranks restowignore", opt: Options{Exclude: []string{"Dockerfile"}}, files: map[string]string{".restowignore": "!Dockerfile\n", "Dockerfile": ""}},
		{name: "exclude stays with no ignore", opt: Options{Exclude: []string{"Dockerfile"}, NoIgnore: true}, files: map[string]string{"Dockerfile": ""}},
		{name: "info exclude", files: map[string]string{".git/info/exclude": "Dockerfile\n", "Dockerfile": "", "a/.gitignore": "!Dockerfile", "a/Dockerfile": ""}, want: []string{"a/Dockerfile"}},
		{name: "parents up to the repository", cwd: "r/a/b", files: map[string]string{".gitignore": "Dockerfile*\n", "r/.git/info/exclude": "Dockerfile.x\n", "r/.gitignore": "/a/b/Dockerfile.y\n", "r/a/.restowignore": "Dockerfile.z\n", "r/a/b/Dockerfile": "", "r/a/b/Dockerfile.x": "", "r/a/b/Dockerfile.y": "", "r/a/b/Dockerfile.z": ""}, want: []string{"Dockerfile"}},
		{name: "ignored folder cannot be reached into", files: map[string]string{".gitignore": "a/\n!a/Dockerfile\n", "a/Dockerfile": ""}},
		{name: "content of a folder", files: map[string]string{".gitignore": "a/**\n!a/Dockerfile\n", "a/Dockerfile": "", "a/b.Dockerfile": "", "b/a/Dockerfile": ""}, want: []string{"a/Dockerfile", "b/a/Dockerfile"}},
		{name: "re-including a folder leaves its files", files: map[string]string{".gitignore": "*.Dockerfile\n!keep\n!x/y\n", "keep/x.Dockerfile": "", "x/y/z.Dockerfile": ""}},
		{name: "anywhere", files: map[string]string{".gitignore": "**/x/y/\n**/z\n", "a/x/y/Dockerfile": "", "x/x/y/Dockerfile": "", "x/y/Dockerfile": "", "a/z/Dockerfile": "", "y/Dockerfile": ""}, want: []string{"y/Dockerfile"}},
		{name: "syntax", files: map[string]string{".gitignore": "\ufeff# x\r\n\r\n/Dockerfile.[!a]\r\nDockerfile.x**y\n\\#.Dockerfile\n[\n/\n!\nDockerfile.t  \n", "Dockerfile.a": "", "Dockerfile.b": "", "Dockerfile.xzy": "", "#.Dockerfile": "", "s/Dockerfile.b": "", "Dockerfile.t": ""}, want: []string{"Dockerfile.a", "s/Dockerfile.b"}},
		{name: "only a folder", files: map[string]string{".gitignore": "Dockerfile/\n", "Dockerfile": "", "a/Dockerfile/Dockerfile": ""}, want: []string{"Dockerfile"}},
		{name: "a linked ignore file does not count", files: map[string]string{".gitignore": "-> rules", "rules": "Dockerfile\n", "Dockerfile": ""}, want: []string{"Dockerfile"}},
		{name: "worktree", files: map[string]string{".git": "gitdir: /elsewhere\n", ".gitignore": "Dockerfile.x\n", "Dockerfile": "", "Dockerfile.x": ""}, want: []string{"Dockerfile"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := tree(t, tc.files)
			t.Chdir(filepath.Join(dir, tc.cwd))
			expect(t, tc.paths, tc.opt, tc.want, nil)
		})
	}
}

func TestIgnoreFileUnusable(t *testing.T) {
	tree(t, map[string]string{
		"a/.gitignore": strings.Repeat("x\n", maxPatterns+1), "a/Dockerfile": "",
		"b/.gitignore": strings.Repeat("#", MaxFileSize+1), "b/Dockerfile": "",
		"c/Dockerfile": "",
	})
	expect(t, nil, Options{}, []string{"c/Dockerfile"}, []string{"a/.gitignore: more than", "b/.gitignore: too large"})
}

func TestSymlinks(t *testing.T) {
	outside := t.TempDir()
	plant(t, outside, map[string]string{"secret": "x", "Dockerfile": "", ".git/": "", "sub/Dockerfile": ""})
	files := map[string]string{
		".git/config":       "[core]\n",
		"docker/app":        "FROM scratch\n",
		"Dockerfile":        "-> docker/app",
		"Dockerfile.abs":    "-> " + outside + "/secret",
		"Dockerfile.git":    "-> .git/config",
		"Dockerfile.gone":   "-> nothing",
		"Dockerfile.loop":   "-> Dockerfile.loop",
		"Dockerfile.folder": "-> docker",
		"a/Dockerfile":      "",
		"b/Dockerfile":      "-> ../a/Dockerfile",
		"ignored/app":       "", ".gitignore": "ignored\n", "Dockerfile.ign": "-> ignored/app",
		"in/":          "",
		"out":          "-> " + outside,
		"linked":       "-> a",
		"compose.yaml": "-> " + outside + "/compose.yaml",
	}
	t.Run("walk", func(t *testing.T) {
		tree(t, files)
		expect(t, nil, Options{}, []string{"Dockerfile", "a/Dockerfile"}, nil)
	})
	t.Run("absolute but inside", func(t *testing.T) {
		dir := tree(t, map[string]string{"app": "FROM scratch\n"})
		plant(t, dir, map[string]string{"Dockerfile": "-> " + dir + "/app"})
		s := expect(t, nil, Options{}, []string{"Dockerfile"}, nil)
		if data, _, err := s[0].Read(); string(data) != "FROM scratch\n" || err != nil {
			t.Errorf("Read = %q, %v", data, err)
		}
	})
	for name, tc := range map[string]struct{ want, err string }{
		"b/Dockerfile":      {want: "b/Dockerfile"},
		"linked/Dockerfile": {want: "linked/Dockerfile"},
		"linked":            {want: "linked/Dockerfile"},
		"Dockerfile.ign":    {want: "Dockerfile.ign"},
		"Dockerfile.abs":    {err: "a symlink leads out of"},
		"Dockerfile.git":    {err: "a symlink leads into .git/config"},
		"Dockerfile.gone":   {err: "no such file"},
		"Dockerfile.loop":   {err: "too many links"},
		"out":               {err: "a symlink leads out of"},
		"out/Dockerfile":    {err: "a symlink leads out of"},
		"out/sub":           {err: "a symlink leads out of"},
	} {
		t.Run("explicit "+name, func(t *testing.T) {
			tree(t, files)
			if tc.err != "" {
				expect(t, []string{name}, Options{}, nil, []string{tc.err})
				return
			}
			expect(t, []string{name}, Options{}, []string{tc.want}, nil)
		})
	}
	t.Run("no repository", func(t *testing.T) {
		dir := tree(t, map[string]string{"a/Dockerfile": "-> ../b/app", "b/app": "", "c/": ""})
		expect(t, []string{"a/Dockerfile"}, Options{}, []string{"a/Dockerfile"}, nil)
		t.Chdir(filepath.Join(dir, "c"))
		expect(t, []string{"../a/Dockerfile"}, Options{}, nil, []string{"leads out of " + filepath.Join(dir, "a")})
	})
	t.Run("swapped after it was found", func(t *testing.T) {
		dir := tree(t, map[string]string{"a/Dockerfile": "FROM scratch\n"})
		s := find1(t, "a/Dockerfile")
		if err := os.Remove(filepath.Join(dir, "a", "Dockerfile")); err != nil {
			t.Fatal(err)
		}
		plant(t, dir, map[string]string{"a/Dockerfile": "-> " + outside + "/secret"})
		if data, _, err := s.Read(); err == nil {
			t.Errorf("read %q through a link that leads out", data)
		}
	})
}

func TestBounds(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		deep := strings.Repeat("d/", maxDepth)
		tree(t, map[string]string{deep + "Dockerfile": "", deep + "d/Dockerfile": "", "Dockerfile": ""})
		expect(t, nil, Options{}, []string{"Dockerfile", deep + "Dockerfile"}, []string{"more than 64 folders deep"})
	})
	t.Run("entries", func(t *testing.T) {
		files := map[string]string{}
		for i := range 30 {
			files[fmt.Sprintf("%02d/Dockerfile", i)] = ""
		}
		tree(t, files)
		f, err := newFinder(Options{})
		if err != nil {
			t.Fatal(err)
		}
		f.maxEntries = 40
		f.start(".")
		if n := len(f.sources()); n != 11 || len(f.errs) != 1 || !strings.Contains(f.errs[0].Error(), ".: more than 40 entries, from 10 on") {
			t.Errorf("%d sources, errors %v", n, f.errs)
		}
	})
}
