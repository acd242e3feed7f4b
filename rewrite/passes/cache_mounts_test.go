package passes_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestCorpusMountsConverge: with caches mounted, too, the passes come to an end, and
// a second run changes nothing. Proof has its own tests.
func TestCorpusMountsConverge(t *testing.T) {
	changed := 0
	for _, file := range corpus.Load(t) {
		f, err := dockerfile.Parse(file.Name, file.Src)
		if err != nil {
			continue
		}
		opt := rewrite.Options{Apply: everything, Unproven: true, Facts: rewrite.Facts{Caches: "mount"}}
		res, err := rewrite.Run(context.Background(), f, passes.Suite, opt)
		if err != nil {
			t.Errorf("%s: %v", file.Name, err)
			continue
		}
		again, err := rewrite.Run(context.Background(), res.After, passes.Suite, opt)
		if err != nil || !bytes.Equal(again.After.Src, res.After.Src) {
			t.Errorf("%s: a second run changes the file (%v)", file.Name, err)
		}
		if bytes.Count(res.After.Src, []byte("type=cache")) > bytes.Count(f.Src, []byte("type=cache")) {
			changed++
		}
	}
	t.Logf("%d files with new cache mounts", changed)
}

// TestCacheMountsLinear: neither a long script nor a long file takes long.
func TestCacheMountsLinear(t *testing.T) {
	var script, file strings.Builder
	script.WriteString("FROM debian:12\nRUN apt-get update")
	file.WriteString("FROM golang:1.24 AS build\n")
	for i := range 400 {
		fmt.Fprintf(&script, " \\\n    && apt-get install -y p%d && pip install --no-cache-dir q%d", i, i)
	}
	script.WriteString(" \\\n    && rm -rf /var/lib/apt/lists/*\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "RUN go build ./c%d\nRUN npm ci && cp -r /a%d /b\nCOPY --from=build /c /c%d\n", i, i, i)
	}
	for name, src := range map[string]string{"script": script.String(), "file": file.String()} {
		f, err := dockerfile.Parse(name, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		opt := rewrite.Options{Apply: everything, Unproven: true, Facts: rewrite.Facts{Caches: "mount"}}
		if _, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.CacheMounts}, opt); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%s took %v", name, took)
		}
	}
}
