package passes_test

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/proof"
)

// TestMultiStageCorpus cuts every file of the corpus that has its build context, and
// every other one without: what is written compiles, has the same configuration, and
// is not cut again.
func TestMultiStageCorpus(t *testing.T) {
	for _, kind := range []string{"contexts", "files"} {
		t.Run(kind, func(t *testing.T) {
			var cuts cutTally
			if kind == "contexts" {
				for _, c := range corpus.Contexts(t) {
					src, err := fs.ReadFile(c.FS, c.Dockerfile)
					if err != nil {
						continue
					}
					if tree, err := project.New(c.FS, c.Dockerfile); err == nil {
						cuts.file(t, c.Name, src, tree)
					}
				}
			} else {
				for _, f := range corpus.Load(t) {
					cuts.file(t, f.Name, f.Src, nil)
				}
			}
			t.Logf("%d files, %d with a stage that builds and runs: %d cut", cuts.files, cuts.cut+cuts.refused, cuts.cut)
			for _, r := range slices.SortedFunc(maps.Keys(cuts.why), func(a, b string) int { return cmp.Or(cmp.Compare(cuts.why[b], cuts.why[a]), cmp.Compare(a, b)) }) {
				t.Logf("%4d %s", cuts.why[r], r)
			}
		})
	}
}

// TestMultiStageLab cuts the applications of the lab that have one stage and build
// something, all of which have a last stage that says the same.
func TestMultiStageLab(t *testing.T) {
	files, err := filepath.Glob("../../testdata/lab/apps/*/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var cuts cutTally
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := project.New(os.DirFS(filepath.Dir(file)), "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		cuts.file(t, filepath.Base(filepath.Dir(file)), src, tree)
	}
	if cuts.cut < 8 {
		t.Errorf("%d applications are cut, and 8 or more should be", cuts.cut)
	}
}

// cutTally counts what became of files.
type cutTally struct {
	files, cut, refused int
	why                 map[string]int
}

var places = regexp.MustCompile("^line [0-9]+: |`[^`]*`|/[^ ]*|[A-Za-z0-9_./-]*\\.[a-z0-9]+(:[^ ]*)?")

func (n *cutTally) file(t *testing.T, name string, src []byte, tree *project.Tree) {
	f, err := dockerfile.Parse(name, src)
	if err != nil {
		return
	}
	if n.why == nil {
		n.why = map[string]int{}
	}
	n.files++
	opt := rewrite.Options{Facts: rewrite.Facts{Context: tree}, Apply: everything}
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.MultiStage}, opt)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for _, w := range res.Withheld {
		t.Errorf("%s: withheld: %s", name, w)
	}
	for _, c := range res.Findings {
		n.refused++
		n.why[places.ReplaceAllString(c.Refused, "…")]++
		t.Logf("%s:%d: %s", name, c.Line, c.Refused)
	}
	if len(res.Changes) == 0 {
		return
	}
	n.cut++
	t.Logf("%s: %s (%s)\n%s", name, res.Changes[0].Fix.Title, res.Changes[0].Fix.Why, res.After.Src)
	sameConfig(t, name, f, res.After)
	again, err := rewrite.Run(context.Background(), res.After, []*rewrite.Pass{passes.MultiStage}, opt)
	if err != nil || len(again.Changes) > 0 {
		t.Errorf("%s: it is cut twice (%v)", name, err)
	}
	if _, err := proof.Compile(context.Background(), f, nil, nil); err == nil {
		if _, err := proof.Compile(context.Background(), res.After, nil, nil); err != nil {
			t.Errorf("%s: does not compile any more: %v", name, err)
		}
	}
}

// sameConfig compares what the last stages say of the image's configuration: the same
// instructions in the same order, but for ARGs, what is said of the build image's own
// variables and folder, and what only builds.
func sameConfig(t *testing.T, name string, before, after *dockerfile.File) {
	t.Helper()
	config := func(f *dockerfile.File) (out []string) {
		for _, in := range f.Stages[len(f.Stages)-1].Instructions {
			switch in.Command.(type) {
			case *instructions.RunCommand, *instructions.CopyCommand, *instructions.AddCommand, *instructions.ArgCommand:
			default:
				out = append(out, strings.Join(strings.Fields(in.Text.S), " "))
			}
		}
		return out
	}
	was, is := config(before), config(after)
	for len(is) > len(was) {
		is = is[1:] // ENV and WORKDIR of the build's image come first
	}
	if !slices.Equal(was, is) {
		t.Errorf("%s: the last stage says\n%s\nand should say\n%s", name, strings.Join(is, "\n"), strings.Join(was, "\n"))
	}
}
