package passes_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof"
)

func safeOnly(_ *rewrite.Pass, s rewrite.Safety) bool { return s != rewrite.Unsafe }

// accepted are the corpus files that restow reads, parsed.
func accepted(b *testing.B) (files []*dockerfile.File) {
	for _, c := range corpus.Load(b) {
		if f, err := dockerfile.Parse(c.Name, c.Src); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// perFile adds files/s to what a benchmark reports of going through files once.
func perFile(b *testing.B, files []*dockerfile.File, do func(*dockerfile.File)) {
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			do(f)
		}
	}
	b.ReportMetric(float64(len(files)*b.N)/b.Elapsed().Seconds(), "files/s")
}

func fix(b *testing.B, f *dockerfile.File, opt rewrite.Options) *rewrite.Result {
	res, err := rewrite.Run(context.Background(), f, passes.Fixing(), opt)
	if err != nil {
		b.Fatal(err)
	}
	return res
}

// BenchmarkCorpus goes through all files of the corpus that BuildKit's parser
// takes, one after another, and beside restow's work measures BuildKit's own.
func BenchmarkCorpus(b *testing.B) {
	files := accepted(b)
	b.Run("buildkit-parse", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { parser.Parse(bytes.NewReader(f.Src)) })
	})
	b.Run("buildkit-parse-and-instructions", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { accepts(f.Src) })
	})
	b.Run("parse", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { dockerfile.Parse(f.Name, f.Src) })
	})
	b.Run("fix-without-proof", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { fix(b, f, rewrite.Options{Apply: safeOnly, Unproven: true}) })
	})
	b.Run("fix-with-proof", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { fix(b, f, rewrite.Options{Apply: safeOnly}) })
	})
	var before, after []*dockerfile.File
	for _, f := range files {
		if res := fix(b, f, rewrite.Options{Apply: safeOnly}); len(res.Changes) > 0 {
			before, after = append(before, f), append(after, res.After)
		}
	}
	b.Run("compile-changed-files-twice", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range before {
				proof.Compile(context.Background(), before[i], nil, nil)
				proof.Compile(context.Background(), after[i], nil, nil)
			}
		}
		b.ReportMetric(float64(len(before)), "changed-files")
	})
	b.Run("compile-all-files-once", func(b *testing.B) {
		perFile(b, files, func(f *dockerfile.File) { proof.Compile(context.Background(), f, nil, nil) })
	})
}

// BenchmarkGrowth shows that time grows with the file: ns/instruction should
// stay about the same. compile is BuildKit's own growth, for comparison.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000} {
		f, err := dockerfile.Parse("Dockerfile", []byte(growing(n)))
		if err != nil {
			b.Fatal(err)
		}
		each := func(name string, do func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					do()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/instruction")
			})
		}
		each("buildkit-parse", func() { parser.Parse(bytes.NewReader(f.Src)) })
		each("parse", func() { dockerfile.Parse(f.Name, f.Src) })
		each("fix-without-proof", func() { fix(b, f, rewrite.Options{Apply: safeOnly, Unproven: true}) })
		each("compile", func() { proof.Compile(context.Background(), f, nil, nil) })
		each("fix-with-proof", func() { fix(b, f, rewrite.Options{Apply: safeOnly}) })
	}
}

// growing is a file of n instructions in two stages, of the kinds that people
// write, with something to fix in each ten.
func growing(n int) string {
	var s strings.Builder
	s.WriteString("FROM debian:bookworm AS first\n")
	for i := 1; i < n; i++ {
		if i == n/2 {
			s.WriteString("\n# the second stage\nFROM debian:bookworm as second\n")
			continue
		}
		switch i % 10 {
		case 0:
			fmt.Fprintf(&s, "# part %d\nUSER root\n", i/10)
		case 1:
			s.WriteString("ENV KEY value\n")
		case 2:
			s.WriteString("WORKDIR /app\n")
		case 3:
			s.WriteString("COPY . .\n")
		case 4, 5, 6:
			fmt.Fprintf(&s, "RUN apt-get update && \\\n    apt-get install -y package%d\n", i)
		case 7:
			s.WriteString("EXPOSE 80/TCP\n")
		case 8:
			fmt.Fprintf(&s, "LABEL n=%d\n", i)
		case 9:
			s.WriteString("STOPSIGNAL SIGTERM\n")
		}
	}
	return s.String()
}
