package passes_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
)

const movable = "FROM debian:12\nWORKDIR /app\nCOPY . .\nRUN apt-get update && apt-get install -y curl\nCMD [\"a\"]\n"

func reordered(t *testing.T, facts rewrite.Facts) (string, []rewrite.Change) {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(movable))
	if err != nil {
		t.Fatal(err)
	}
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.Reorder}, rewrite.Options{
		Facts: facts, Apply: func(*rewrite.Pass, rewrite.Safety) bool { return true },
	})
	if err != nil || len(res.Withheld) > 0 {
		t.Fatal(err, res.Withheld)
	}
	return string(res.After.Src), res.Changes
}

// history is one of a hundred commits, of which some touched a file of the context.
func history(t *testing.T, file string, times int) func() *project.History {
	t.Helper()
	var log strings.Builder
	for i := range 100 {
		if i > 0 {
			log.WriteString("\x00")
		}
		name := file
		if i >= times {
			name = "left-out"
		}
		fmt.Fprintf(&log, "\x01\nM\x00%s\x00", name)
	}
	h, err := project.ReadHistory(strings.NewReader(log.String()), project.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return func() *project.History { return h }
}

// tree is a context of which .dockerignore leaves a file out.
func tree(t *testing.T) *project.Tree {
	t.Helper()
	out, err := project.New(fstest.MapFS{
		".": {Mode: fs.ModeDir | 0o755}, "a.py": {Data: []byte("1")}, "left-out": {Data: []byte("1")}, ".dockerignore": {Data: []byte("left-out\n")},
	}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReorderGain: what is moved depends on how often it changes, on what a step
// costs, as estimated or as measured, and on what a move has to save.
func TestReorderGain(t *testing.T) {
	const step = "RUN apt-get update && apt-get install -y curl"
	for _, tt := range []struct {
		name  string
		facts rewrite.Facts
		moves bool
		says  string
	}{
		{"assumed", rewrite.Facts{}, true, "changes often, by the kind of its files: `RUN apt-get update && apt-get install -…` runs for 0 % of builds"},
		{"changes often", rewrite.Facts{Context: tree(t), History: history(t, "a.py", 80)}, true, "changed in 80 of 100 commits: `RUN apt-get update && apt-get install -…` runs for 0 % of builds instead of 80 %; about 8 s less a build"},
		{"hardly changes", rewrite.Facts{Context: tree(t), History: history(t, "a.py", 5)}, false, ""},
		{"more asked for", rewrite.Facts{ReorderGain: 60}, false, ""},
		{"measured to be quick", rewrite.Facts{Times: map[string]float64{step: 0.5}}, false, ""},
		{"measured to be slow", rewrite.Facts{ReorderGain: 60, Times: map[string]float64{step: 300}}, true, "s less a build"},
	} {
		after, changes := reordered(t, tt.facts)
		if moved := strings.Index(after, "COPY") > strings.Index(after, "RUN"); moved != tt.moves {
			t.Errorf("%s: moved %v:\n%s", tt.name, moved, after)
		}
		if len(changes) > 0 && !strings.Contains(changes[0].Fix.Why, tt.says) {
			t.Errorf("%s: %s", tt.name, changes[0].Fix.Why)
		}
	}
}
