package proof

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// TestNarrowed looks at what copy-split makes of its cases from another side than the
// pass: in the graph of the last stage nothing differs but copies from the build
// context, and what those lay down that are new is a part of what those laid that
// are gone, to the same places in the same way.
func TestNarrowed(t *testing.T) {
	files, err := filepath.Glob("../../testdata/passes/copy-split/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	narrowed := 0
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, tree := map[string]string{}, fstest.MapFS{}
		for _, f := range archive.Files {
			if in, ok := strings.CutPrefix(f.Name, "context/"); ok {
				tree[in] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
				for dir := in; dir != "."; {
					dir = filepath.Dir(dir)
					tree[dir] = &fstest.MapFile{Mode: 0o755 | 1<<31}
				}
			}
			text[f.Name] = string(f.Data)
		}
		if text["want"] == "" {
			continue
		}
		narrowed++
		t.Run(filepath.Base(name), func(t *testing.T) {
			known, err := project.New(tree, "Dockerfile")
			if err != nil {
				t.Fatal(err)
			}
			var builds [2]*Build
			var lays [2]map[effect.Laid]bool
			for i, src := range []string{text["Dockerfile"], text["want"]} {
				f := parse(t, src)
				if builds[i], err = Compile(context.Background(), f, nil, nil); err != nil {
					t.Fatal(err)
				}
				lays[i] = laidIn(t, f, known)
			}
			last := [2]Target{builds[0].Targets[0], builds[1].Targets[0]}
			if last[0].Root == last[1].Root {
				t.Error("the graphs are the same: nothing was narrowed")
			}
			if last[0].Config != last[1].Config {
				t.Error("the image's configuration differs")
			}
			if b, a := withoutCopies(t, last[0]), withoutCopies(t, last[1]); b != a {
				t.Errorf("the graphs differ in more than copies from the context:\n%s\n%s", b, a)
			}
			for l := range lays[1] {
				if !lays[0][l] && !(l.Dir && lays[0][effect.Laid{Dest: l.Dest, Dir: true, Attr: strings.TrimSuffix(l.Attr, " made")}]) {
					t.Errorf("%+v is laid, and was not", l)
				}
			}
			if len(lays[1]) >= len(lays[0]) {
				t.Error("as many files are laid as before")
			}
		})
	}
	if narrowed < 4 {
		t.Errorf("%d cases are narrowed", narrowed)
	}
}

// laidIn is what the copies of all stages lay down.
func laidIn(t *testing.T, f *dockerfile.File, tree *project.Tree) map[effect.Laid]bool {
	out := map[effect.Laid]bool{}
	for _, s := range f.Stages {
		e := effect.At(s, tree)
		for _, in := range s.Instructions {
			laid, ok := effect.LaidBy(in, e)
			if !ok && in.Is("COPY") && !strings.Contains(in.Text.S, "--from") {
				t.Fatalf("%s is not known", in.Text.S)
			}
			for _, l := range laid {
				out[l] = true
			}
			e = e.After(in)
		}
	}
	return out
}

// withoutCopies is a hash of a target's graph in which copies from the build context
// are taken out, each as if what it stands on came through it.
func withoutCopies(t *testing.T, target Target) digest.Digest {
	g, err := graphOf(target)
	if err != nil {
		t.Fatal(err)
	}
	through := map[output]*pb.Input{}
	names := map[digest.Digest]digest.Digest{}
	fromContext := func(in *pb.Input) bool {
		return strings.HasPrefix(g.ops[digest.Digest(in.Digest)].GetSource().GetIdentifier(), "local://")
	}
	resolve := func(in *pb.Input) *pb.Input {
		for {
			next := through[output{digest.Digest(in.Digest), in.Index}]
			if next == nil {
				return in
			}
			in = next
		}
	}
	var end digest.Digest
	for _, id := range g.order {
		op := g.ops[id].CloneVT()
		if on, index, ok := standing(op); ok && op.GetFile() != nil && on >= 0 && slices.ContainsFunc(op.Inputs, fromContext) {
			through[output{id, index}] = op.Inputs[on]
			continue
		}
		for i, in := range op.Inputs {
			r := resolve(in)
			op.Inputs[i] = &pb.Input{Digest: string(names[digest.Digest(r.Digest)]), Index: r.Index}
		}
		if op.GetSource() != nil {
			maps.DeleteFunc(op.GetSource().Attrs, func(k, _ string) bool { return k == pb.AttrFollowPaths })
		}
		names[id] = hashOp(op)
		end = names[id]
	}
	return end
}
