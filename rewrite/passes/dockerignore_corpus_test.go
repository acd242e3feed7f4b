package passes_test

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/litter"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
)

// TestDockerignoreContexts: over real contexts, as git has them and again with what
// a developer's folder has besides, nothing that a COPY, ADD or mount names is left
// out, nothing but the entries is, no exception loses what it lets in, and a second
// run has nothing to add.
func TestDockerignoreContexts(t *testing.T) {
	suite := []*rewrite.Pass{passes.Dockerignore, passes.SecretsInContext}
	for _, lived := range []bool{false, true} {
		var files, changed, made, found int
		kinds, refused := map[string]int{}, map[string]int{}
		for _, c := range corpus.Contexts(t) {
			src, err := fs.ReadFile(c.FS, c.Dockerfile)
			if err != nil {
				continue // not among what was kept
			}
			f, err := dockerfile.Parse(c.Dockerfile, src)
			if err != nil {
				continue // TestCorpusUnchanged
			}
			fsys := c.FS
			if lived {
				fsys = livedIn(t, c.FS)
			}
			before, err := project.New(fsys, c.Dockerfile)
			if err != nil {
				continue // no ignore file that Docker would take
			}
			files++
			run := func(f *dockerfile.File, tree *project.Tree) *rewrite.Result {
				res, err := rewrite.Run(context.Background(), f, suite, rewrite.Options{Facts: rewrite.Facts{Context: tree}, Apply: everything})
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				return res
			}
			res := run(f, before)
			for _, ch := range res.Changes {
				kinds[kindOf(ch.Message)] += len(ch.Fix.Ignore)
			}
			for _, ch := range res.Findings {
				refused[reasonOf(ch.Refused)]++
			}
			if len(res.Changes)+len(res.Findings) > 0 {
				found++
			}
			if len(res.Ignore) == 0 {
				continue
			}
			changed++
			if before.IgnoreFile().Data == nil {
				made++
			}
			if again := run(res.After, res.Context); len(again.Ignore) > 0 || len(again.Changes) > 0 || len(res.Withheld) > 0 {
				t.Errorf("%s: a second run adds %q; withheld: %q", c.Name, again.Ignore, res.Withheld)
			}
			for _, s := range effect.Sources(f) {
				if name, lost := before.Loses(res.Context, s.Path); lost && s.Known {
					t.Errorf("%s: %s is left out, and COPY names it", c.Name, name)
				}
			}
			checkLost(t, c.Name, c.Dockerfile, before, res.Context)
		}
		t.Logf("lived in: %v: %d Dockerfiles with their contexts, %d with findings, %d get lines, of which %d have no ignore file yet", lived, files, found, changed, made)
		for _, k := range slices.Sorted(maps.Keys(kinds)) {
			t.Logf("  %4d lines: %s", kinds[k], k)
		}
		for _, k := range slices.Sorted(maps.Keys(refused)) {
			t.Logf("  %4d refused: %s", refused[k], k)
		}
		// What git has is clean, for the most part.
		if lived && (changed < files/4 || len(refused) < 2) {
			t.Errorf("%d of %d changed, %d kinds of refusals", changed, files, len(refused))
		}
	}
}

// checkLost checks what a context does not have any more.
func checkLost(t *testing.T, name, file string, before, after *project.Tree) {
	t.Helper()
	have := map[string]bool{}
	for _, f := range after.Files().List {
		have[f.Path] = true
	}
	entries := append(litter.Find(before), litter.Secrets(before)...)
	for _, f := range before.Files().List {
		if have[f.Path] {
			continue
		}
		if !slices.ContainsFunc(entries, func(e litter.Entry) bool { return f.Path == e.Path || strings.HasPrefix(f.Path, e.Path+"/") }) {
			t.Errorf("%s: %s is left out, and is no entry", name, f.Path)
		}
		if line, ok := before.Exception(f.Path); ok {
			t.Errorf("%s: %s is left out, and %s lets it in", name, f.Path, line)
		}
		if f.Path == file {
			t.Errorf("%s: the Dockerfile is left out", name)
		}
	}
}

// livedIn is a context with what working in it leaves behind. Files whose content
// was not kept are empty.
func livedIn(t *testing.T, clean fs.FS) fs.FS {
	t.Helper()
	base := fstest.MapFS{}
	err := fs.WalkDir(clean, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, _ := fs.ReadFile(clean, name) // see corpus.ErrListed
		base[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := maps.Clone(base)
	add := func(name string) {
		if out[name] == nil {
			out[name] = &fstest.MapFile{Data: []byte("x"), Mode: 0o644}
		}
	}
	for _, n := range []string{".git/HEAD", ".idea/workspace.xml", ".vscode/settings.json", ".DS_Store", ".env.local"} {
		add(n)
	}
	for name := range base {
		dir, file := path.Split(name)
		switch {
		case file == "package.json" && !strings.Contains(dir, "node_modules"):
			add(dir + "node_modules/x/index.js")
		case file == "Cargo.toml" || file == "pom.xml":
			add(dir + "target/x")
		case file == "build.gradle" || file == "settings.gradle":
			add(dir + ".gradle/x")
			add(dir + "build/libs/x.jar")
		case strings.HasSuffix(file, ".csproj"):
			add(dir + "bin/Debug/x.dll")
			add(dir + "obj/x")
		case strings.HasSuffix(file, ".py"):
			add(dir + "__pycache__/x.pyc")
		case file == "requirements.txt" || file == "pyproject.toml":
			add(dir + ".venv/pyvenv.cfg")
		}
	}
	return out
}

var (
	inBrackets = regexp.MustCompile(`\(([a-z ]+): `)
	placed     = regexp.MustCompile(`^\S+:\d+ `)
)

func kindOf(message string) string {
	if m := inBrackets.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return "secrets"
}

// reasonOf is a reason without the places and names in it.
func reasonOf(why string) string {
	if strings.Contains(why, " names ") {
		return "an instruction or a build file names it" + strings.Repeat(" before anything makes it", strings.Count(why, "before anything"))
	}
	if _, tool, ok := strings.Cut(why, " has "); ok && strings.Contains(why, "reads the repository") {
		return "a build file has " + strings.ToLower(tool)
	}
	if _, rest, ok := strings.Cut(why, " exception "); ok && rest != "" {
		return "the ignore file has an exception for it"
	}
	return placed.ReplaceAllString(why, "")
}
