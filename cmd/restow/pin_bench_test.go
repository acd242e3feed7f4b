package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkPin pins 1,000 Dockerfiles that name 200 images between them, by a
// registry that takes 50 ms for an answer: x-ideal is the time over that which 200
// requests take at least, four at a time. A second run asks nothing.
func BenchmarkPin(b *testing.B) {
	const files, refs, parallel, delay = 1000, 200, 4, 50 * time.Millisecond
	b.Chdir(b.TempDir())
	for i := range files {
		dir := fmt.Sprintf("d%03d", i)
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf("FROM r.example.com/app%d:1 AS build\nRUN make\nFROM r.example.com/app%d:1\nCOPY --from=build /x /x\n", i%refs, (i*7+1)%refs)
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	h := newHub()
	defer h.Close()
	h.delay = delay
	conf := filepath.Join(b.TempDir(), "registries.conf")
	if err := os.WriteFile(conf, []byte(h.registriesConf("r.example.com")), 0o644); err != nil {
		b.Fatal(err)
	}
	b.Setenv("CONTAINERS_REGISTRIES_CONF", conf)
	pin := func() {
		var out, errs bytes.Buffer
		if code := run(context.Background(), []string{"pin", fmt.Sprint("--parallel=", parallel), "--list"}, nil, &out, &errs); code != exitRemain {
			b.Fatalf("exit code %d: %s", code, errs.String())
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			b.Setenv("XDG_CACHE_HOME", b.TempDir())
			h.heads = 0
			b.StartTimer()
			pin()
			if h.heads != refs {
				b.Fatalf("%d requests", h.heads)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(refs/parallel*delay), "x-ideal")
	})
	b.Run("warm", func(b *testing.B) {
		b.Setenv("XDG_CACHE_HOME", b.TempDir())
		pin()
		h.heads = 0
		for b.Loop() {
			pin()
		}
		if h.heads != 0 {
			b.Fatalf("%d requests", h.heads)
		}
	})
}
