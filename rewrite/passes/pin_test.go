package passes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestRepin: the passes that restow pin runs by themselves.
func TestRepin(t *testing.T) {
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	for _, tt := range []struct {
		name, src, want, refused string
		pass                     *rewrite.Pass
		known                    map[string]rewrite.Image
	}{
		{"moved", "FROM x:1@" + a + " AS y\n", "FROM x:1@" + b + " AS y\n", "", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Digest: b}}},
		{"still", "FROM x:1@" + a + "\n", "", "", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Digest: a}}},
		{"unpinned", "FROM x:1\n", "", "", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Digest: a}}},
		{"arg", "ARG V=1@" + a + "\nFROM x:$V\n", "ARG V=1@" + b + "\nFROM x:$V\n", "", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Digest: b}}},
		{"syntax", "# syntax=docker/dockerfile:1@" + a + "\nFROM scratch\n", "# syntax=docker/dockerfile:1@" + b + "\nFROM scratch\n", "", passes.PinUpdate, map[string]rewrite.Image{"docker.io/docker/dockerfile:1": {Digest: b}}},
		{"no tag", "FROM x@" + a + "\n", "", "only a tag tells", passes.PinUpdate, map[string]rewrite.Image{}},
		{"unknown", "FROM x:1@" + a + "\n", "", "down", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Problem: "down"}}},
		{"digest in an ARG", "ARG D=" + a + "\nFROM x:1@$D\n", "", "an ARG of its own", passes.PinUpdate, map[string]rewrite.Image{"docker.io/library/x:1": {Digest: b}}},
		{"repaired", "FROM x:1@" + a + "\n", "FROM x:1@" + b + "\n", "", passes.PinRepair, map[string]rewrite.Image{"docker.io/library/x:1@" + a: {Digest: b}}},
		{"an index", "FROM x:1@" + a + "\n", "", "", passes.PinRepair, map[string]rewrite.Image{"docker.io/library/x:1@" + a: {Digest: a}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := dockerfile.Parse("Dockerfile", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			opt := rewrite.Options{Apply: everything, Facts: rewrite.Facts{Images: tt.known}}
			res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{tt.pass}, opt)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				tt.want = tt.src
			}
			if got := string(res.After.Src); got != tt.want {
				t.Errorf("got %q", got)
			}
			refused := ""
			for _, c := range res.Findings {
				refused += c.Refused
			}
			if (refused == "") != (tt.refused == "") || !strings.Contains(refused, tt.refused) {
				t.Errorf("refused: %q", refused)
			}
		})
	}
}
