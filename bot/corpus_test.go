package bot_test

import (
	"context"
	"strings"
	"testing"

	"github.com/restow/restow/bot"
	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
)

// proven is rewrite.Run as the bot has it: with what is shown to be right.
func proven(f *dockerfile.File, facts rewrite.Facts, list []*rewrite.Pass) (*rewrite.Result, error) {
	return rewrite.Run(context.Background(), f, list, rewrite.Options{Facts: facts, Apply: func(_ *rewrite.Pass, s rewrite.Safety) bool {
		return s == rewrite.Identical || s == rewrite.Safe
	}})
}

// TestCorpus: each piece of real Dockerfiles is a file by itself that BuildKit
// takes, which its proof shows, and the pieces add up to the whole.
func TestCorpus(t *testing.T) {
	kinds := map[string]int{}
	var parts []bot.Part
	for i, file := range corpus.Load(t) {
		if i%8 > 0 {
			continue
		}
		f, err := dockerfile.Parse(file.Name, file.Src)
		if err != nil {
			continue
		}
		facts := rewrite.Facts{Images: map[string]rewrite.Image{}}
		for _, s := range images.Collect(f, images.Options{}) {
			if s.Ref != "" {
				facts.Images[s.Ref] = rewrite.Image{Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4)}
			}
		}
		kind, p := addUp(t, f, facts, passes.Fixing(), bot.ByKind, proven)
		kinds[kind]++
		parts = append(parts, p...)
		if i%64 == 0 {
			addUp(t, f, facts, passes.Fixing(), bot.ByPass, proven)
		}
	}
	t.Log(kinds)
	if kinds["apart"]+kinds["ordered"] == 0 {
		t.Error("no file has more than one pull request")
	}
	for _, r := range bot.Plan(parts, bot.Config{}) {
		if len(r.Body) > bot.MaxBody {
			t.Errorf("%s: a body of %d bytes", r.Branch, len(r.Body))
		}
		t.Logf("%s: %s, %d files, a body of %d bytes", r.Branch, r.Title, len(r.Files), len(r.Body))
	}
}
