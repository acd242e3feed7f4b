package passes_test

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof"
)

// TestChecksCoverBuildKit: whatever docker build --check warns of in a real
// file, the pass of that rule finds at the same instruction.
func TestChecksCoverBuildKit(t *testing.T) {
	seen, missed := map[string]int{}, map[string]int{}
	for _, file := range corpus.Load(t) {
		f, err := dockerfile.Parse(file.Name, file.Src)
		if err != nil {
			continue // TestCorpusUnchanged
		}
		warnings := proof.Lint(context.Background(), f)
		if len(warnings) == 0 {
			continue
		}
		res, err := rewrite.Run(context.Background(), f, passes.Suite, rewrite.Options{})
		if err != nil {
			t.Errorf("%s: %v", file.Name, err)
			continue
		}
		for _, w := range warnings {
			p := passes.Find(w.Rule)
			if p == nil {
				t.Errorf("%s:%d: no pass has the rule %s", file.Name, w.Line, w.Rule)
				continue
			}
			if ignores(f, p) {
				continue
			}
			seen[w.Rule]++
			if !slices.ContainsFunc(res.Findings, func(c rewrite.Change) bool {
				return c.Pass == p && (c.Line == w.Line || covers(f, c.At, w.Line))
			}) {
				missed[w.Rule]++
				t.Errorf("%s:%d: %s does not find what BuildKit does: %s", file.Name, w.Line, p.Name, w.Message)
			}
		}
	}
	for _, p := range passes.Suite {
		if p.Rule != "" {
			t.Logf("%-32s %5d warnings, %d missed", p.Rule, seen[p.Rule], missed[p.Rule])
		}
	}
}

// covers reports whether a line is one of the instruction's, which is f's too
// since nothing was applied.
func covers(f *dockerfile.File, in *dockerfile.Instruction, line int) bool {
	return f.Line(in.Lines.Start) <= line && line <= f.Line(in.Lines.End-1)
}

var ignoreComment = regexp.MustCompile(`(?i)#.*\b(ignore|skip)\s*=`)

// ignores reports whether a comment of the file may switch a pass off.
func ignores(f *dockerfile.File, p *rewrite.Pass) bool {
	for line := range bytes.Lines(f.Src) {
		if ignoreComment.Match(line) && slices.ContainsFunc(append([]string{"all", p.Name, p.Rule}, p.Hadolint...), func(name string) bool {
			return bytes.Contains(line, []byte(name))
		}) {
			return true
		}
	}
	return false
}
