package litter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

func tree(t testing.TB, files map[string]string) *project.Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	tr, err := project.New(fsys, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func paths(entries []Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Path+" "+e.Pattern+e.Refused)
	}
	return out
}

// TestFindTopmost: what stands in an entry is a part of it, and nothing is looked
// for below spared folders.
func TestFindTopmost(t *testing.T) {
	tr := tree(t, map[string]string{
		"package.json": "{}", "node_modules/a/package.json": "{}", "node_modules/a/node_modules/b/x": "", "node_modules/a/.idea/x": "",
		"testdata/.idea/x": "", "a/vendor/.idea/x": "", "a/.idea/.vscode/x": "", "node_modules.txt": "", ".gitignore": "", ".git-not/x": "",
		"sub/.git": "gitdir: ../.git/modules/sub", "target/x": "", ".venv/x": "",
	})
	want := []string{"a/.idea a/.idea", "node_modules node_modules", "sub/.git sub/.git"}
	if got := paths(Find(tr)); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if Find(nil) != nil {
		t.Error("a tree that is not known has something")
	}
}

// TestFindMany: many entries of one name are not listed one by one.
func TestFindMany(t *testing.T) {
	files := map[string]string{}
	for i := range maxEntries + 1 {
		files[fmt.Sprintf("p%03d/package.json", i)] = "{}"
		files[fmt.Sprintf("p%03d/node_modules/x", i)] = ""
		files[fmt.Sprintf("p%03d/.DS_Store", i)] = ""
	}
	found := Find(tree(t, files))
	if len(found) != 2*(maxEntries+1) {
		t.Fatalf("found %d", len(found))
	}
	for _, e := range found {
		switch {
		case strings.HasSuffix(e.Path, ".DS_Store"):
			if e.Pattern != "**/.DS_Store" || e.Refused != "" {
				t.Fatalf("%+v", e)
			}
		case e.Refused != "there are 201 of the name node_modules, and each would need a line":
			t.Fatalf("%+v", e)
		}
	}
}

// TestGrouped: where an exception speaks of one of them, no pattern stands for all.
func TestGrouped(t *testing.T) {
	tr := tree(t, map[string]string{".dockerignore": "*.x\n!b/.DS_Store\n", "a/.DS_Store": "", "b/.DS_Store": ""})
	want := []string{"a/.DS_Store a/.DS_Store", "b/.DS_Store .dockerignore has the exception !b/.DS_Store"}
	if got := paths(Find(tr)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestGitIgnores(t *testing.T) {
	for _, tt := range []struct {
		root, sub, name string
		isDir, want     bool
	}{
		{"dist\n", "", "dist", true, true},
		{"dist/\n", "", "dist", true, true},
		{"dist/\n", "", "dist", false, false},
		{"/dist\n", "", "dist", true, true},
		{"/dist\n", "", "sub/dist", true, false},
		{"dist\n", "", "sub/dist", true, true},
		{"sub/dist\n", "", "sub/dist", true, true},
		{"**/dist\n", "", "sub/dist", true, true},
		{"", "dist\n", "sub/dist", true, true},
		{"", "/dist\n", "sub/dist", true, true},
		{"", "dist\n", "dist", true, false},
		{"dist\n", "!dist\n", "sub/dist", true, false},
		{"dist\n!dist\n", "", "dist", true, false},
		{"# dist\n", "", "dist", true, false},
		{".env*\r\n", "", ".env", false, true},
		{"[\n", "", "dist", true, false},
		{"distant\n", "", "dist", true, false},
	} {
		tr := tree(t, map[string]string{".gitignore": tt.root, "sub/.gitignore": tt.sub, "x": ""})
		if got := gitIgnores(tr, tt.name, tt.isDir); got != tt.want {
			t.Errorf("%q, %q: %s: %v", tt.root, tt.sub, tt.name, got)
		}
	}
}

func TestMentioned(t *testing.T) {
	for text, want := range map[string]string{
		"cp target/x.jar /x":           "target/x.jar",
		"cp /app/target /x":            "/app/target",
		"x --out=target":               "target",
		`"./target/x"`:                 "./target/x",
		"cp t*get/x /x":                "t*get/x",
		"cp * /x":                      "",
		"cp */x /x":                    "",
		"cp targets/x /x":              "",
		"cp x.target /x":               "",
		"/usr/lib/target/x":            "",
		"rm -rf target":                "",
		"a && rm -fr x target && b":    "",
		"rm target":                    "target",
		"rm -rf x && cp target/y /y":   "target/y",
		"PATH=/app/target/bin:/usr/x":  "/app/target/bin",
		"echo 'the [target' ; [ -d x ": "",
	} {
		e := Entry{Path: "sub/target"}
		if got, ok := e.mentioned(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

// TestCommands: what makes an entry anew, in the place of a command.
func TestCommands(t *testing.T) {
	for name, tests := range map[string]map[string]bool{
		"node_modules": {
			"npm ci": true, "npm install --omit=dev": true, "cd a && npm i": true, "npm --prefix a ci": true, "yarn": true, "yarn install": true,
			"yarn --frozen-lockfile": true, "yarn && x": true, "yarn; x": true, "yarn build": false, "npm run build": false, "pnpm install": true,
			"echo npm ci": false, "NODE_ENV=x npm ci": true, "npmx ci": false, "if x; then npm ci; fi": true, "/usr/bin/npm ci": true, "bun install": true,
			"npm init": false,
		},
		"target": {"cargo build --release": true, "cargo +nightly build": true, "cargo fmt": false, "cargo test": false},
		"obj":    {"dotnet restore": true, "dotnet run": false},
		".venv":  {"pip install x": true, "pip3 --no-cache-dir install x": true, "python -m pip install x": true, "uv sync": true, "pip list": false},
	} {
		i := slices.IndexFunc(rules, func(r rule) bool { return slices.Contains(r.names, name) })
		for script, want := range tests {
			if got := rules[i].made.MatchString(script); got != want {
				t.Errorf("%s: %q: %v", name, script, got)
			}
		}
	}
}

func TestHistoryReaders(t *testing.T) {
	for script, want := range map[string]string{
		"git describe":                  "runs git",
		"x=$(git -C . rev-parse HEAD)":  "runs git",
		"git clone https://example.com": "",
		"git config --global a b":       "",
		"git config a b":                "runs git",
		"apt-get install -y git":        "",
		"go build -buildvcs=false .":    "",
		"go build -buildvcs .":          "asks for -buildvcs",
	} {
		f, err := dockerfile.Parse("Dockerfile", []byte("FROM a\nCOPY . /\nRUN "+script+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := Read(f).readsHistory(tree(t, nil)); got != want && got != "Dockerfile:3 "+want {
			t.Errorf("%q: %q", script, got)
		}
	}
	for text, want := range map[string]bool{
		`requires = ["setuptools_scm"]`: true, "x := $(shell git describe --tags)": true, "`git ls-files -z`": true, `%w[git ls-files]`: true,
		`Command::new("git").args(["rev-parse", "HEAD"])`: true, `["git", "describe"]`: true, "https://github.com/x/y.git": false,
		`"prepare": "husky"`: true, "git clone x": false, `"repository": {"type": "git", "url": "x"}`: false, "see git log": true,
	} {
		if got := gitReaders.MatchString(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// FuzzRead: nothing that a Dockerfile or a name holds makes reading panic, and the
// answer is the same twice.
func FuzzRead(f *testing.F) {
	f.Add("FROM a\nCOPY . /\nRUN npm ci && cp -r node_modules /x\n", "node_modules/x")
	f.Add("FROM a\nCOPY * /\nCMD [\"target/x\"]\n", "target/x")
	f.Add("FROM a\nADD [ /\nENV a=b\n", ".git/HEAD")
	f.Fuzz(func(t *testing.T, src, name string) {
		file, err := dockerfile.Parse("Dockerfile", []byte(src))
		if err != nil {
			return
		}
		tr, err := project.New(fstest.MapFS{name: {}, "package.json": {}, "Cargo.toml": {}}, "")
		if err != nil {
			return
		}
		for _, e := range append(Find(tr), Secrets(tr)...) {
			r := Read(file)
			in, _ := r.Takes(&e)
			if why := r.Needs(&e, tr); in == nil && why != "" || why != Read(file).Needs(&e, tr) {
				t.Errorf("%s: %q", e.Path, why)
			}
		}
	})
}

// TestGitIgnoreLeftOut: a .gitignore that is not sent to the build counts as well.
func TestGitIgnoreLeftOut(t *testing.T) {
	tr := tree(t, map[string]string{".dockerignore": ".gitignore\n", ".gitignore": "dist\n", ".env": "", "package.json": "{}", "dist/x": ""})
	want := []string{".env git does not ignore it, so that it may be part of the application", "dist dist"}
	if got := paths(Find(tr)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func BenchmarkFind(b *testing.B) {
	files := map[string]string{"package.json": "{}"}
	for i := range 20_000 {
		files[fmt.Sprintf("src/d%03d/f%05d.py", i%500, i)] = ""
	}
	for i := range 500 {
		files[fmt.Sprintf("src/d%03d/__pycache__/x.pyc", i)] = ""
	}
	tr := tree(b, files)
	f, err := dockerfile.Parse("Dockerfile", []byte("FROM a\nCOPY . /\n"+strings.Repeat("RUN echo some words of a script && x /y/z\n", 50)))
	if err != nil {
		b.Fatal(err)
	}
	tr.Files()
	for b.Loop() {
		r := Read(f)
		for _, e := range Find(tr) {
			r.Takes(&e)
			r.Needs(&e, tr)
		}
	}
}
