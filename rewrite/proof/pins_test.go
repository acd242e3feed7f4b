package proof

import (
	"context"
	"strings"
	"testing"
)

func TestSamePins(t *testing.T) {
	a, b := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	known := map[string]string{"docker.io/library/x:1": a, "docker.io/library/x:latest": b, "docker.io/docker/dockerfile:1": a, "docker.io/library/y:1": b}
	for _, tt := range []struct{ name, before, after, want string }{
		{"from", "FROM x:1\n", "FROM x:1@" + a + "\n", ""},
		{"untagged", "FROM x\n", "FROM x:latest@" + b + "\n", ""},
		{"nothing", "FROM x:1\n", "FROM x:1\n", ""},
		{"copy", "FROM x:1\nCOPY --from=y:1 / /\n", "FROM x:1\nCOPY --from=y:1@" + b + " / /\n", ""},
		{"syntax", "# syntax=docker/dockerfile:1\nFROM x:1\n", "# syntax=docker/dockerfile:1@" + a + "\nFROM x:1\n", ""},
		{"arg", "ARG V=1\nFROM x:$V\n", "ARG V=1@" + a + "\nFROM x:$V\n", ""},
		{"inlined", "ARG V=1\nFROM x:${V}\n", "ARG V=1\nFROM x:1@" + a + "\n", ""},

		{"another digest", "FROM x:1\n", "FROM x:1@" + b + "\n", "not what docker.io/library/x:1 stands for"},
		{"unknown", "FROM z:1\n", "FROM z:1@" + b + "\n", "not what"},
		{"another tag", "FROM x:1\n", "FROM x:latest@" + b + "\n", "is x:latest"},
		{"another image", "FROM x:1\n", "FROM y:1@" + b + "\n", "is y:1"},
		{"digest replaced", "FROM x:1@" + b + "\n", "FROM x:1@" + a + "\n", "after"},
		{"digest lost", "FROM x:1@" + a + "\n", "FROM x:1\n", "after"},
		{"syntax with a wrong one", "# syntax=docker/dockerfile:1\nFROM x:1\n", "# syntax=docker/dockerfile:1@" + b + "\nFROM x:1\n", "not what"},
		{"a comment too", "FROM x:1\n", "FROM x:1@" + a + "\n# pinned\n", "more than digests"},
		{"a blank too", "FROM x:1\n", "FROM  x:1@" + a + "\n", "more than digests"},
		{"one more image", "FROM x:1\n", "FROM x:1@" + a + "\nCOPY --from=y:1 / /\n", "2 after"},
		{"an override keeps the digest", "ARG A=x\nARG V=1\nFROM $A:$V\n", "ARG A=x\nARG V=1@" + a + "\nFROM $A:$V\n", "make up the reference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verdict(t, SamePins(context.Background(), pinned(t, tt.before, known), pinned(t, tt.after, known)), tt.want)
		})
	}
}

func pinned(t *testing.T, src string, known map[string]string) *Build {
	t.Helper()
	b, err := Compile(context.Background(), parse(t, src), nil, known)
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return b
}

// TestOverride: the build with another value of an ARG is what tells a digest
// that goes with the tag from one that stays.
func TestOverride(t *testing.T) {
	a := "sha256:" + strings.Repeat("a", 64)
	known := map[string]string{"docker.io/library/x:1-s": a}
	over := map[string]string{"V": "2"}
	kept, err := compile(context.Background(), parse(t, "ARG V=1\nARG S=s@"+a+"\nFROM x:$V-$S\n"), over, known)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := compile(context.Background(), parse(t, "ARG V=1\nARG S=s\nFROM x:$V-$S\n"), over, known)
	if err != nil {
		t.Fatal(err)
	}
	verdict(t, SameBuild(plain, kept), "differs")
}
