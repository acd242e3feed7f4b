package images

import (
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

func TestMirrored(t *testing.T) {
	opt := Options{Mirror: []Rename{
		{"docker.io/library/*", "r.example.com/hub/*"},
		{"docker.io/*", "r.example.com/more/*"},
		{"docker.io/library/nginx", "r.example.com/web/nginx"},
		{"r.example.com/*", "s.example.com/*"}, // never: its names are those of others' targets
	}}
	for from, want := range map[string]string{
		"docker.io/library/python": "r.example.com/hub/python",
		"docker.io/library/nginx":  "r.example.com/web/nginx",
		"docker.io/grafana/loki":   "r.example.com/more/grafana/loki",
		"quay.io/x/y":              "",
		"r.example.com/hub/python": "",
		"docker.io.evil/x":         "",
		"":                         "",
	} {
		if got, ok := opt.Mirrored(from); got != want || ok != (want != "") {
			t.Errorf("%s becomes %q %t, not %q", from, got, ok, want)
		}
	}
}

func TestFull(t *testing.T) {
	digest := "@sha256:0123456789012345678901234567890123456789012345678901234567890123"
	for name, want := range map[string]string{
		"python":                    "docker.io/library/python:latest",
		"python:3" + digest:         "docker.io/library/python:3",
		"grafana/loki:1":            "docker.io/grafana/loki:1",
		"localhost:5000/x":          "localhost:5000/x:latest",
		"index.docker.io/library/x": "docker.io/library/x:latest",
	} {
		if got, err := Full(name); err != nil || got != want {
			t.Errorf("%s is %q %v, not %q", name, got, err, want)
		}
	}
	if _, err := Full("x/NOT valid"); err == nil {
		t.Error("x/NOT valid is a reference")
	}
}

// TestSites: what the goldens of pin-digest do not show: kinds, lines and what an
// edit would write.
func TestSites(t *testing.T) {
	f, err := dockerfile.Parse("Dockerfile", []byte("ARG A=1\nARG B=x:$A\nFROM $B AS s\nRUN --mount=type=bind,target=/m \\\n  --mount=from=y,target=/n true\n"))
	if err != nil {
		t.Fatal(err)
	}
	sites := Collect(f, Options{})
	if len(sites) != 2 {
		t.Fatalf("%+v", sites)
	}
	first, second := sites[0], sites[1]
	if first.What != "ARG A" || first.Line != 1 || first.Ref != "docker.io/library/x:1" || len(first.Uses) != 1 {
		t.Errorf("%+v", first)
	}
	if second.What != "RUN --mount" || second.Line != 5 || second.Ref != "docker.io/library/y:latest" {
		t.Errorf("%+v", second)
	}
	if e := second.Pin("sha256:d"); e.New != ":latest@sha256:d" || string(f.Src[e.Start-1:e.Start]) != "y" {
		t.Errorf("%+v", e)
	}
	if names := first.Args(f); len(names) != 2 || names[0] != "B" || names[1] != "A" {
		t.Errorf("ARGs %v", names)
	}
}
