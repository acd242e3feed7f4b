package proof

import (
	"fmt"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/proto"
)

// SameBuild checks that two builds have, target by target, the same graph and
// the same image configuration. The error names the first that differs.
func SameBuild(before, after *Build) error {
	return each(before, after, func(b, a Target) error {
		if b.Root != a.Root {
			return fmt.Errorf("the build graph of %s differs", b.title())
		}
		return nil
	})
}

// SameFiles checks that two builds differ only in that copies of after do not
// try to unpack their source where those of before do, and only for sources of
// the build context of which plain says that they cannot be unpacked.
func SameFiles(before, after *Build, plain func(src string) bool) error {
	return each(before, after, func(b, a Target) error {
		if b.Root == a.Root {
			return nil
		}
		bg, err := graphOf(b)
		if err != nil {
			return err
		}
		ag, err := graphOf(a)
		if err != nil {
			return err
		}
		if bg.hash(bg.withoutUnpack(plain)) != ag.hash(ag.withoutUnpack(plain)) {
			return fmt.Errorf("the build graph of %s differs in more than unpacking", b.title())
		}
		return nil
	})
}

// each compares targets pairwise: the same names, the same configurations, and
// whatever graphs asks of their graphs.
func each(before, after *Build, graphs func(b, a Target) error) error {
	if len(before.Targets) != len(after.Targets) {
		return fmt.Errorf("%d stages can be a target before, %d after", len(before.Targets), len(after.Targets))
	}
	for i, b := range before.Targets {
		a := after.Targets[i]
		switch {
		case b.Name != a.Name:
			return fmt.Errorf("%s is %s after", b.title(), a.title())
		case b.Config != a.Config:
			return fmt.Errorf("the image config of %s differs", b.title())
		}
		if err := graphs(b, a); err != nil {
			return err
		}
	}
	return nil
}

func (t Target) title() string {
	if t.Name == "" {
		return "the last stage"
	}
	return "stage " + t.Name
}

// graph is a build graph taken apart: its operations, inputs before users.
type graph struct {
	order []digest.Digest
	ops   map[digest.Digest]*pb.Op
	users map[output]int // how many inputs name an output
}

type output struct {
	op    digest.Digest
	index int64
}

func graphOf(t Target) (*graph, error) {
	g := &graph{ops: map[digest.Digest]*pb.Op{}, users: map[output]int{}}
	for _, dt := range t.def.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, fmt.Errorf("reading the build graph of %s: %w", t.title(), err)
		}
		dgst := digest.FromBytes(dt)
		g.order, g.ops[dgst] = append(g.order, dgst), op
		for _, in := range op.Inputs {
			g.users[output{digest.Digest(in.Digest), in.Index}]++
		}
	}
	return g, nil
}

// hash names the whole graph after canonical has had its say on each operation:
// it gets a copy whose inputs are already named by their canonical hashes.
func (g *graph) hash(canonical func(id digest.Digest, op *pb.Op)) digest.Digest {
	named, last := map[digest.Digest]digest.Digest{}, digest.FromString("scratch")
	for _, id := range g.order {
		op := g.ops[id].CloneVT()
		for _, in := range op.Inputs {
			in.Digest = string(named[digest.Digest(in.Digest)])
		}
		canonical(id, op)
		last = hashOp(op)
		named[id] = last
	}
	return last
}

// hashOp hashes an operation. Its maps need a fixed order: MarshalVT has none.
func hashOp(op *pb.Op) digest.Digest {
	dt, err := proto.MarshalOptions{Deterministic: true}.Marshal(op)
	if err != nil {
		panic(err) // it was unmarshalled a moment ago
	}
	return digest.FromBytes(dt)
}

// withoutUnpack clears the unpack attempt of copies whose source is a path of
// the build context that plain vouches for.
func (g *graph) withoutUnpack(plain func(src string) bool) func(digest.Digest, *pb.Op) {
	return func(id digest.Digest, op *pb.Op) {
		for _, action := range op.GetFile().GetActions() {
			c := action.GetCopy()
			if c == nil || !c.AttemptUnpackDockerCompatibility {
				continue
			}
			// SecondaryInput is what is copied from: an input of the operation,
			// unless it is beyond those, the result of an earlier action.
			if i := action.SecondaryInput; i >= 0 && int(i) < len(op.Inputs) {
				from := g.ops[digest.Digest(g.ops[id].Inputs[i].Digest)]
				if from.GetSource().GetIdentifier() == "local://context" && plain(c.Src) {
					c.AttemptUnpackDockerCompatibility = false
				}
			}
		}
	}
}
