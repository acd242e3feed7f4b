package effect_test

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/proof"
)

// TestCorpus swaps neighbours of real Dockerfiles where Commutes allows it and
// neither makes a layer: the build stays the same.
func TestCorpus(t *testing.T) {
	files := corpus.Load(t)
	var stat struct{ files, runs, opaque, layers, pairs, allowed, built, wrong, refused int }
	why := map[string]int{}
	places := map[string]int{}
	for i, c := range files {
		f, err := dockerfile.Parse(c.Name, c.Src)
		if err != nil {
			continue
		}
		stat.files++
		var swaps [][2]*dockerfile.Instruction
		for _, s := range f.Stages {
			e := effect.Start(s)
			var last *dockerfile.Instruction
			var before effect.Effect
			for _, in := range s.Instructions {
				now := effect.Of(in, e)
				if in.Is("RUN") {
					stat.runs++
					if now.Opaque != "" {
						stat.opaque++
						why[now.Opaque]++
					}
				}
				if last != nil {
					place, conflict := before.Conflict(now)
					if conflict {
						places[place.Kind.String()]++
					}
					switch {
					case touchesFiles(upper(last)) && touchesFiles(upper(in)):
						if !conflict {
							stat.layers++
						}
					default:
						stat.pairs++
						if !conflict {
							stat.allowed++
							if !touchesFiles(upper(last)) && !touchesFiles(upper(in)) {
								swaps = append(swaps, [2]*dockerfile.Instruction{last, in})
							}
						}
					}
				}
				last, before = in, now
				e = e.After(in)
			}
		}
		if testing.Short() && i%20 != 0 || len(swaps) == 0 {
			continue
		}
		forth, err := proof.Compile(context.Background(), f, nil, nil)
		if err != nil {
			stat.refused++
			continue
		}
		for _, p := range swaps {
			src := swapped(f, p[0], p[1])
			g, err := dockerfile.Parse(c.Name, src)
			if err != nil {
				continue // what stands between them reads in another way then
			}
			stat.built++
			back, err := proof.Compile(context.Background(), g, forth.StandIns, nil)
			if err == nil {
				err = proof.SameBuild(forth, back)
			}
			if err != nil {
				stat.wrong++
				t.Errorf("%s: %s and %s: %v", f.Place(p[0].Lines.Start), p[0].Text.S, p[1].Text.S, err)
			}
		}
	}
	t.Logf("%+v", stat)
	t.Logf("kinds of the first place of a conflict: %v", places)
	reasons := slices.SortedFunc(maps.Keys(why), func(a, b string) int { return cmp.Compare(why[b], why[a]) })
	for _, r := range reasons[:min(25, len(reasons))] {
		t.Logf("%5d RUNs: %s", why[r], r)
	}
}

func upper(in *dockerfile.Instruction) string { return strings.ToUpper(in.Keyword().S) }

// swapped is a file with the lines of two neighbours changed over.
func swapped(f *dockerfile.File, a, b *dockerfile.Instruction) []byte {
	line := func(in *dockerfile.Instruction) []byte {
		text := f.Bytes(in.Lines)
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(slices.Clone(text), '\n')
		}
		return text
	}
	return slices.Concat(f.Src[:a.Lines.Start], line(b), f.Src[a.Lines.End:b.Lines.Start], line(a), f.Src[b.Lines.End:])
}
