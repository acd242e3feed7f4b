package passes_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/proof"
)

var quoted = regexp.MustCompile("`[^`]*`|/[^ ]*|line [0-9]+")

// TestCorpusContexts runs the passes that look into the build context over real
// ones: every fix that says it keeps what is done is proven, nothing is withheld,
// a second run changes nothing, and what is written compiles where it did before.
func TestCorpusContexts(t *testing.T) {
	for _, p := range []*rewrite.Pass{passes.ManifestFirst, passes.CopySplit, passes.Reorder} {
		t.Run(p.Name, func(t *testing.T) { contexts(t, p) })
	}
	t.Run("suite", func(t *testing.T) { contexts(t, passes.Suite...) })
}

func contexts(t *testing.T, suite ...*rewrite.Pass) {
	var files, found, fixed, safe, unsafe int
	why := map[string]int{}
	for _, c := range corpus.Contexts(t) {
		src, err := fs.ReadFile(c.FS, c.Dockerfile)
		if err != nil {
			continue
		}
		f, err := dockerfile.Parse(c.Name, src)
		if err != nil {
			continue
		}
		tree, err := project.New(c.FS, c.Dockerfile)
		if err != nil {
			t.Logf("%s: %v", c.Name, err)
			continue
		}
		files++
		opt := rewrite.Options{
			Facts: rewrite.Facts{Context: tree},
			Apply: func(*rewrite.Pass, rewrite.Safety) bool { return true },
		}
		res, err := rewrite.Run(context.Background(), f, suite, opt)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for _, w := range res.Withheld {
			t.Errorf("%s: withheld: %s", c.Name, w)
		}
		if len(res.Changes)+len(res.Findings) > 0 {
			found++
		}
		for _, ch := range res.Findings {
			if ch.Refused != "" && len(suite) == 1 {
				why[quoted.ReplaceAllString(ch.Refused, "…")]++
				t.Logf("%s:%d: %s: %s", c.Name, ch.Line, ch.Message, ch.Refused)
			}
		}
		if len(res.Changes) == 0 {
			continue
		}
		fixed++
		for _, ch := range res.Changes {
			t.Logf("%s:%d: %s [%s]", c.Name, ch.Line, ch.Fix.Title, ch.Fix.Claim.Safety())
			if ch.Fix.Claim.Safety() == rewrite.Safe {
				safe++
			} else {
				unsafe++
			}
		}
		if _, err := proof.Compile(context.Background(), f, nil, nil); err == nil {
			if _, err := proof.Compile(context.Background(), res.After, nil, nil); err != nil {
				t.Errorf("%s: does not compile any more: %v", c.Name, err)
			}
		}
		opt.Facts.Context = res.Context
		again, err := rewrite.Run(context.Background(), res.After, suite, opt)
		if err = errors.Join(err); err != nil || len(again.Changes) > 0 {
			t.Errorf("%s: a second run changes it again: %v\n%s", c.Name, err, res.After.Src)
		}
	}
	t.Logf("%d contexts, %d with the pattern, %d fixed: %d fixes safe (proven SameWork), %d unsafe", files, found, fixed, safe, unsafe)
	for _, r := range slices.SortedFunc(maps.Keys(why), func(a, b string) int { return cmp.Or(cmp.Compare(why[b], why[a]), cmp.Compare(a, b)) }) {
		t.Logf("%4d refused: %s", why[r], r)
	}
}
