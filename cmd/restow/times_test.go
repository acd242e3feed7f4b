package main

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/proof/build"
	"github.com/restow/restow/workspace"
)

// TestTimes: what verify measured of a step is what is told of it later, whatever
// the white space in it, and nothing broken is believed.
func TestTimes(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	src := workspace.Source{Path: "some/Dockerfile"}
	if got := readTimes(src); got != nil {
		t.Fatalf("times of a file that was never built: %v", got)
	}
	rep := &build.Report{}
	rep.Before.ColdSteps = []build.Step{{Whole: "[build 2/4] RUN npm ci   --omit=dev", Seconds: 12.5}, {Whole: "[stage-1 3/4] COPY . .", Seconds: 0.2}, {Whole: "exporting", Seconds: 9}}
	rep.After.ColdSteps = []build.Step{{Whole: "[2/3] COPY . .", Seconds: 0.1}, {Whole: "[3/3] RUN <<EOF (make)", Seconds: 1}}
	if err := saveTimes(src, rep); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"RUN npm ci --omit=dev": 12.5, "COPY . .": 0.1}
	if got := readTimes(src); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	f, err := dockerfile.Parse("Dockerfile", []byte("FROM a\nRUN npm ci \\\n    --omit=dev\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := cost.Times(readTimes(src)).Of(f.Instructions[1]); s != 12.5 {
		t.Errorf("%v s", s)
	}
	if err := saveTimes(src, &build.Report{Before: build.Side{Measured: build.Measured{ColdSteps: []build.Step{{Whole: "[1/1] RUN x", Seconds: 3}}}}}); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(src); len(got) != 3 {
		t.Errorf("what was known is lost: %v", got)
	}
	if got := readTimes(workspace.Source{Path: "other/Dockerfile"}); got != nil {
		t.Errorf("another file's: %v", got)
	}
	if name := timesFile(workspace.Source{Path: "compose.yaml#web", Content: []byte{}}); name != "" {
		t.Errorf("a text without a file has %s", name)
	}
	info, err := os.Stat(timesFile(src))
	if err != nil || info.Mode().Perm() != 0o600 || filepath.Ext(timesFile(src)) != ".json" {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(timesFile(src), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(src); got != nil {
		t.Errorf("of a broken file: %v", got)
	}
}

// TestRebuildMeasured: measured times take the place of estimates, and say so.
func TestRebuildMeasured(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("RESTOW_IGNORE", "pin-digest")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("Dockerfile", []byte("FROM a\nCOPY x.go /\nRUN make\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	rebuilt := func() string {
		var out, errs bytes.Buffer
		if code := run(context.Background(), []string{"rebuild"}, strings.NewReader(""), &out, &errs); code != exitOK {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		return out.String()
	}
	if got := rebuilt(); !strings.Contains(got, "times are estimates") || !strings.Contains(got, "a rebuild takes 48 s on average") {
		t.Error(got)
	}
	rep := &build.Report{Before: build.Side{Measured: build.Measured{ColdSteps: []build.Step{{Whole: "[2/2] RUN make", Seconds: 3}}}}}
	if err := saveTimes(workspace.Source{Path: "Dockerfile"}, rep); err != nil {
		t.Fatal(err)
	}
	if got := rebuilt(); !strings.Contains(got, "3.0 s *") || !strings.Contains(got, "times marked * were measured") || !strings.Contains(got, "a rebuild takes 2.6 s on average") {
		t.Error(got)
	}
}
