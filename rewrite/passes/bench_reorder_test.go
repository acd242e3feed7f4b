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
	"github.com/restow/restow/rewrite/proof"
)

// BenchmarkReorder has stages of so many instructions, and beside what reorder makes
// of each what one compilation to BuildKit's graph takes. Some has a bit of all that
// people write; many has nothing but COPYs and RUNs, all of which may move.
func BenchmarkReorder(b *testing.B) {
	for _, kind := range []struct {
		name  string
		stage func(n int) string
	}{{"some", someStage}, {"many", manyStage}} {
		for _, n := range []int{50, 100, 200, 400} {
			f, err := dockerfile.Parse("Dockerfile", []byte(kind.stage(n)))
			if err != nil {
				b.Fatal(err)
			}
			tree := contextOf(b, n)
			tree.Files() // reading the context is measured elsewhere
			b.Run(fmt.Sprintf("%s/%d/reorder", kind.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					once(b, passes.Reorder, f, tree)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/look", kind.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					look(b, passes.Reorder, f, tree)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/compile", kind.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := proof.Compile(context.Background(), f, nil, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// look runs a pass over a file without applying what it finds: one look at it, where
// a fix looks at what it gives as well.
func look(b *testing.B, p *rewrite.Pass, f *dockerfile.File, tree *project.Tree) {
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{p}, rewrite.Options{Facts: rewrite.Facts{Context: tree}, Unproven: true})
	if err != nil || len(res.Findings) == 0 {
		b.Fatal(err, len(res.Findings))
	}
}

// once runs a pass over a file without a proof: what is measured is the pass.
func once(b *testing.B, p *rewrite.Pass, f *dockerfile.File, tree *project.Tree) *rewrite.Result {
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{p}, rewrite.Options{
		Facts: rewrite.Facts{Context: tree}, Unproven: true,
		Apply: func(*rewrite.Pass, rewrite.Safety) bool { return true },
	})
	if err != nil {
		b.Fatal(err)
	}
	return res
}

// contextOf is a build context of so many files in folders of ten, and a manifest.
func contextOf(b testing.TB, n int) *project.Tree {
	fsys := fstest.MapFS{
		"package.json":      {Data: []byte(`{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0"}}`), Mode: 0o644},
		"package-lock.json": {Data: []byte(`{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0"}},"node_modules/left-pad":{"version":"1.3.0"}}}`), Mode: 0o644},
		".":                 {Mode: fs.ModeDir | 0o755},
	}
	for i := range n {
		dir := fmt.Sprintf("src/part%d", i/10)
		fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		fsys[fmt.Sprintf("%s/file%d.js", dir, i)] = &fstest.MapFile{Data: []byte("1"), Mode: 0o644}
	}
	fsys["src"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	tree, err := project.New(fsys, "Dockerfile")
	if err != nil {
		b.Fatal(err)
	}
	return tree
}

// someStage is a stage of n instructions of the kinds that people write.
func someStage(n int) string {
	var s strings.Builder
	s.WriteString("FROM debian:bookworm\n")
	for i := 1; i < n; i++ {
		switch i % 10 {
		case 0:
			fmt.Fprintf(&s, "ARG BUILD_SHA%d\n", i)
		case 1:
			fmt.Fprintf(&s, "ENV KEY%d=value\n", i)
		case 2:
			fmt.Fprintf(&s, "WORKDIR /app/part%d\n", i/10)
		case 3:
			fmt.Fprintf(&s, "COPY src/part%d .\n", i/10)
		case 4, 5:
			fmt.Fprintf(&s, "RUN apt-get update && \\\n    apt-get install -y package%d && rm -rf /var/lib/apt/lists/*\n", i)
		case 6:
			fmt.Fprintf(&s, "RUN mkdir -p /srv/data%d && chown -R nobody /srv/data%d\n", i, i)
		case 7:
			s.WriteString("EXPOSE 80\n")
		case 8:
			fmt.Fprintf(&s, "LABEL n=%d\n", i)
		case 9:
			fmt.Fprintf(&s, "RUN sed -i s/a/b/ file%d.js\n", i)
		}
	}
	return s.String()
}

// manyStage is a stage of n instructions: COPYs of everything into folders of their
// own, each with an install behind it that needs none of it.
func manyStage(n int) string {
	var s strings.Builder
	s.WriteString("FROM debian:bookworm\n")
	for i := 1; i < n; i++ {
		if i%2 == 1 {
			fmt.Fprintf(&s, "COPY src/part%d /app/part%d/\n", i/10, i)
		} else {
			fmt.Fprintf(&s, "RUN apt-get install -y package%d\n", i)
		}
	}
	return s.String()
}

// BenchmarkManifestFirst has contexts of so many files, which a COPY lays before an
// install; with the proof it is SameWork that is measured too.
func BenchmarkManifestFirst(b *testing.B) {
	f, err := dockerfile.Parse("Dockerfile", []byte("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"src\"]\n"))
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{200, 2_000, 20_000} {
		tree := contextOf(b, n)
		tree.Files() // reading the context is measured elsewhere
		b.Run(fmt.Sprintf("%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if res := once(b, passes.ManifestFirst, f, tree); len(res.Changes) != 1 {
					b.Fatal("nothing was split")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/file")
		})
		b.Run(fmt.Sprintf("%d/proven", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.ManifestFirst}, rewrite.Options{
					Facts: rewrite.Facts{Context: tree}, Apply: func(*rewrite.Pass, rewrite.Safety) bool { return true },
				})
				if err != nil || len(res.Changes) != 1 || len(res.Withheld) > 0 {
					b.Fatal(err, res)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/file")
		})
	}
}
