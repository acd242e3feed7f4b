package passes_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
)

var update = flag.Bool("update", false, "write want and findings of the golden cases anew; read them before they are kept")

const goldenDir = "../../testdata/passes"

// golden is one case: a txtar archive with a comment that says what it shows.
//
//	Dockerfile   the input
//	want         the result; absent when nothing is applied
//	findings     what was applied or refused, one a line
//	context/...  the build context; without it none is known
//	links        symlinks in it, as "name target"
//	want.dockerignore, want.Dockerfile.dockerignore
//	             the context's ignore file as it becomes; absent when it stays
//	sharing/...  other Dockerfiles with the same context
//	targets      stages that are built by name, one a line
//	images       known digests, as "reference hex-digit [specific tag]" for a digest
//	             of 64 such digits, or "reference problem: why"
//	names        options: merge-all, and for what names mean registry-args, inline-args,
//	             any-context, "caches mount", "to distroless", "today 2026-11-21", "contexts NAME...", "passed ARG...", "mirror FROM TO",
//	             "at PATH" for where in the context the Dockerfile stands, "ignore-kept WHY"
//	skip         variants that do not hold here, as "variant: reason"
type golden struct {
	path     string
	archive  *txtar.Archive
	input    string
	want     string
	findings string
	ignore   string // the file of the archive that has the new ignore file
	at       string // the Dockerfile's path in the context
	sharing  []*dockerfile.File
	kept     string // why the ignore file must stay
	facts    rewrite.Facts
	skip     map[string]bool
}

// folders puts the folders of a file in a tree, with the mode of a checkout.
func folders(tree fstest.MapFS, name string) {
	for name != "." {
		name = path.Dir(name)
		tree[name] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	}
}

func readGolden(t *testing.T, path string) *golden {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{path: path, archive: archive, at: "Dockerfile", skip: map[string]bool{}}
	if len(bytes.TrimSpace(archive.Comment)) == 0 {
		t.Errorf("the archive's comment does not say what the case shows")
	}
	tree, changed := fstest.MapFS{}, false
	for _, file := range archive.Files {
		text := string(file.Data)
		name, inContext := strings.CutPrefix(file.Name, "context/")
		other, shares := strings.CutPrefix(file.Name, "sharing/")
		switch {
		case shares:
			f, err := dockerfile.Parse(other, file.Data)
			if err != nil {
				t.Fatal(err)
			}
			g.sharing = append(g.sharing, f)
		case strings.HasPrefix(name, "want.") && !inContext:
			g.ignore = name + "\n" + text
		case name == "links":
			for line := range strings.Lines(text) {
				words := strings.Fields(line)
				tree[words[0]] = &fstest.MapFile{Data: []byte(words[1]), Mode: fs.ModeSymlink | 0o777}
			}
		case inContext:
			tree[name] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
			folders(tree, name)
		case name == "Dockerfile":
			g.input = text
		case name == "want":
			g.want, changed = text, true
		case name == "findings":
			g.findings = text
		case name == "targets":
			g.facts.Targets = strings.Fields(text)
		case name == "images":
			g.facts.Images = imagesOf(t, text)
		case name == "names":
			g.names(t, text)
		case name == "skip":
			for line := range strings.Lines(text) {
				variant, reason, ok := strings.Cut(line, ": ")
				if !ok || strings.TrimSpace(reason) == "" || !slices.Contains(variants, variant) {
					t.Errorf("skip wants \"variant: reason\" with one of %v, not %q", variants, line)
				}
				g.skip[variant] = true
			}
		default:
			t.Errorf("the archive has a file %s, which no case has", name)
		}
	}
	if !changed {
		g.want = g.input
	}
	g.facts.Sharing = func() ([]*dockerfile.File, string) { return g.sharing, g.kept }
	if len(tree) > 0 {
		if g.facts.Context, err = project.New(tree, g.at); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func imagesOf(t *testing.T, text string) map[string]rewrite.Image {
	out := map[string]rewrite.Image{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		ref, problem, bad := strings.Cut(strings.TrimSpace(line), " problem: ")
		switch {
		case bad:
			out[ref] = rewrite.Image{Problem: problem}
		case len(words) == 2 || len(words) == 3:
			out[words[0]] = rewrite.Image{Digest: "sha256:" + strings.Repeat(words[1], 64), Specific: strings.Join(words[2:], "")}
		default:
			t.Errorf("images wants \"reference hex-digit [tag]\", not %q", line)
		}
	}
	return out
}

func (g *golden) names(t *testing.T, text string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch words[0] {
		case "registry-args":
			g.facts.Names.RegistryArgs = true
		case "inline-args":
			g.facts.InlineArgs = true
		case "merge-all":
			g.facts.MergeAll = true
		case "caches":
			g.facts.Caches = words[1]
		case "to":
			g.facts.BaseTo = words[1]
		case "today":
			g.facts.Today, _ = time.Parse(time.DateOnly, words[1])
		case "at":
			g.at = words[1]
		case "ignore-kept":
			g.kept = strings.Join(words[1:], " ")
		case "any-context":
			g.facts.Names.AnyContext = true
		case "mirror":
			g.facts.Names.Mirror = append(g.facts.Names.Mirror, images.Rename{From: words[1], To: words[2]})
		case "contexts":
			g.facts.Names.Contexts = words[1:]
		case "passed":
			g.facts.Names.Passed = func(arg string) bool { return slices.Contains(words[1:], arg) }
		default:
			t.Errorf("names does not know %q", line)
		}
	}
}

// TestGolden checks every case: what the pass makes of it and says of it, the
// same again with other line endings and the like, that nothing is left to do,
// that what is claimed was shown, and that the whole suite comes to an end.
func TestGolden(t *testing.T) {
	for _, p := range passes.Suite {
		files, err := filepath.Glob(filepath.Join(goldenDir, p.Name, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			t.Run(p.Name+"/"+strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
				g := readGolden(t, path)
				if *update {
					g.update(t, p)
				}
				if err := g.check(p, g.input, g.want, g.findings); err != nil {
					t.Fatal(err)
				}
				if err := g.checkMode(p); err != nil {
					t.Errorf("check mode: %v", err)
				}
				for _, v := range variants {
					switch err := g.checkVariant(p, v); {
					case g.skip[v] && err == nil:
						t.Errorf("%s is skipped, and need not be", v)
					case !g.skip[v] && err != nil:
						t.Errorf("%s: %v", v, err)
					}
				}
				if err := g.checkSuite(); err != nil {
					t.Errorf("the whole suite: %v", err)
				}
			})
		}
	}
}

// TestGoldenCoverage: every pass has cases, and one that fixes has three and a
// refusal among them.
func TestGoldenCoverage(t *testing.T) {
	for _, p := range passes.Suite {
		if p == passes.InvalidBaseImagePlatform {
			continue // fires only when a registry has told the image's platform
		}
		files, err := filepath.Glob(filepath.Join(goldenDir, p.Name, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		fired, refused := false, false
		for _, path := range files {
			g := readGolden(t, path)
			fired = fired || g.fires(p)
			refused = refused || strings.Contains(g.findings, "(refused: ")
		}
		switch {
		case !fired:
			t.Errorf("no case shows that %s finds anything", p.Name)
		case p.Claim != rewrite.Advice && (len(files) < 3 || !refused):
			t.Errorf("%s has %d cases (refusal among them: %v), and needs three and a refusal", p.Name, len(files), refused)
		}
	}
	dirs, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if p := passes.Find(d.Name()); p == nil || p.Name != d.Name() {
			t.Errorf("the cases in %s belong to no pass of the suite", d.Name())
		}
	}
}

// ignoreOf is what a run makes of the ignore file, as the archive's file has it:
// the name on a line, and the text.
func ignoreOf(res *rewrite.Result) string {
	if len(res.Ignore) == 0 {
		return ""
	}
	file := res.Context.IgnoreFile()
	return "want." + strings.TrimPrefix(path.Base(file.Name), ".") + "\n" + string(file.Data)
}

func (g *golden) run(src string, suite []*rewrite.Pass, apply func(*rewrite.Pass, rewrite.Safety) bool) (*rewrite.Result, error) {
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil {
		return nil, err
	}
	return rewrite.Run(context.Background(), f, suite, rewrite.Options{Facts: g.facts, Apply: apply})
}

// check runs one pass over input and compares all there is to compare.
func (g *golden) check(p *rewrite.Pass, input, want, findings string) error {
	suite := []*rewrite.Pass{p}
	res, err := g.run(input, suite, everything)
	if err != nil {
		return err
	}
	if got := string(res.After.Src); got != want {
		return fmt.Errorf("the result is\n%q\nand should be\n%q", got, want)
	}
	if got := ignoreOf(res); got != g.ignore {
		return fmt.Errorf("the ignore file becomes\n%q\nand should become\n%q", got, g.ignore)
	}
	if got := report(res); got != findings {
		return fmt.Errorf("the findings are\n%s\nand should be\n%s", got, findings)
	}
	for _, c := range res.Changes {
		if claim := c.Fix.Claim; claim > rewrite.NoClaim && !slices.Contains(res.Proof.Checked, claim) {
			return fmt.Errorf("applied without a check: %s", claim)
		}
	}
	return g.settled(res, suite)
}

// checkSuite runs the whole suite, whatever it makes of the file.
func (g *golden) checkSuite() error {
	res, err := g.run(g.input, passes.Suite, everything)
	if err != nil {
		return err
	}
	return g.settled(res, passes.Suite)
}

// settled checks that every claim held and that a second run changes nothing.
func (g *golden) settled(res *rewrite.Result, suite []*rewrite.Pass) error {
	if len(res.Withheld) > 0 {
		return fmt.Errorf("withheld: %s", strings.Join(res.Withheld, "; "))
	}
	settled := *g
	settled.facts.Context = res.Context
	again, err := settled.run(string(res.After.Src), suite, everything)
	if err != nil {
		return fmt.Errorf("the second run: %w", err)
	}
	if !bytes.Equal(again.After.Src, res.After.Src) {
		return fmt.Errorf("a second run makes of it\n%s", again.After.Src)
	}
	if len(again.Ignore) > 0 {
		return fmt.Errorf("a second run adds to the ignore file: %q", again.Ignore)
	}
	return nil
}

// checkMode checks that a run that applies nothing finds what there is.
func (g *golden) checkMode(p *rewrite.Pass) error {
	res, err := g.run(g.input, []*rewrite.Pass{p}, nil)
	if err != nil {
		return err
	}
	if string(res.After.Src) != g.input || len(res.Changes) > 0 || len(res.Ignore) > 0 {
		return errors.New("it changed the file")
	}
	if expected := g.fires(p); expected != (len(res.Findings) > 0) {
		return fmt.Errorf("it has %d findings", len(res.Findings))
	}
	return nil
}

// fires reports whether the pass finds anything in the case.
func (g *golden) fires(p *rewrite.Pass) bool {
	return regexp.MustCompile(`(?m)^\d+ ` + p.Name + `: `).MatchString(g.findings)
}

// variants are the other spellings of a case that must come out alike.
