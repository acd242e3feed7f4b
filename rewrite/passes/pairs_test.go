package passes_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestCorpusPairs counts the pairs of RUNs that follow each other directly in real
// files: how many are merged, and why the others are not, with both settings.
func TestCorpusPairs(t *testing.T) {
	files := corpus.Load(t)
	for _, all := range []bool{false, true} {
		pairs, merged, reasons := 0, 0, map[string]int{}
		for _, file := range files {
			f, err := dockerfile.Parse(file.Name, file.Src)
			if err != nil {
				continue
			}
			before := pairsOf(f)
			res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.MergeRun}, rewrite.Options{
				Apply: everything, Facts: rewrite.Facts{MergeAll: all},
			})
			if err != nil {
				t.Fatal(err)
			}
			pairs += before
			merged += before - pairsOf(res.After)
			for _, w := range res.Withheld {
				t.Errorf("%s:%s", file.Name, w)
			}
			for _, c := range res.Findings {
				reasons[generic(c.Refused)]++
			}
		}
		t.Logf("merge: all is %t: %d pairs, %d merged, %d not", all, pairs, merged, pairs-merged)
		for i, r := range slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
			if reasons[a] != reasons[b] {
				return reasons[b] - reasons[a]
			}
			return strings.Compare(a, b)
		}) {
			if i < 20 {
				t.Logf("%6d %s", reasons[r], r)
			}
		}
	}
}

func pairsOf(f *dockerfile.File) (n int) {
	for _, s := range f.Stages {
		for i := 1; i < len(s.Instructions); i++ {
			if s.Instructions[i].Is("RUN") && s.Instructions[i-1].Is("RUN") {
				n++
			}
		}
	}
	return n
}

// BenchmarkScript fixes a file with one RUN of so many lines, without and with
// unsafe fixes: the time and the memory a line takes must not grow with them.
func BenchmarkScript(b *testing.B) {
	for _, lines := range []int{4, 40, 400} {
		var src strings.Builder
		src.WriteString("FROM debian:12\nRUN apt-get update")
		for i := range lines {
			switch i % 4 {
			case 0:
				fmt.Fprintf(&src, " \\\n && apt-get install -y package-%d", i)
			case 1:
				fmt.Fprintf(&src, " \\\n && curl -sSL https://example.com/%d.tar.gz | tar xz -C /opt", i)
			case 2:
				fmt.Fprintf(&src, " \\\n # step %d\n && mkdir -p /srv/%d && chown www-data: /srv/%d", i, i, i)
			case 3:
				fmt.Fprintf(&src, " \\\n && pip install module-%d", i)
			}
		}
		src.WriteString("\nCMD app\n")
		f, err := dockerfile.Parse("Dockerfile", []byte(src.String()))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rewrite.Run(context.Background(), f, passes.Fixing(), rewrite.Options{Apply: everything, Unproven: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*lines), "us/line")
		})
	}
}
