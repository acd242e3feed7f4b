package proof

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// SameWork checks that after does the same as before in another order: each stage
// has the same operations, and any two that changed places commute by what they
// read and write. A copy that after has on top must lay down files that a later
// one, which both have, lays down again in the same way. The operations and what
// they are given are read from the compiled graphs; what they read and write is
// that of the instructions that BuildKit says they come from.
//
// Environments of commands may differ in variables that the commands do not read.
//
// [effect.SameState] then looks at the same claim in another way, from the text of
// both files alone.
func SameWork(ctx context.Context, before, after *Build, tree *project.Tree) error {
	if err := sameGraphs(ctx, before, after, tree); err != nil {
		return err
	}
	return effect.SameState(before.file, after.file, tree)
}

// sameGraphs is the look at the compiled graphs.
func sameGraphs(ctx context.Context, before, after *Build, tree *project.Tree) error {
	b, err := sourced(ctx, before)
	if err != nil {
		return err
	}
	a, err := sourced(ctx, after)
	if err != nil {
		return err
	}
	compare := comparing{map[[2]*stack]error{}}
	be, ae := worlds(before.file, tree), worlds(after.file, tree)
	return each(b, a, func(bt, at Target) error {
		if bt.Root == at.Root {
			return nil
		}
		bs, err := stacksOf(bt, before.file, be)
		if err != nil {
			return err
		}
		as, err := stacksOf(at, after.file, ae)
		if err != nil {
			return err
		}
		if err := compare.stacks(bs, as); err != nil {
			return fmt.Errorf("%s: %w", bt.title(), err)
		}
		return nil
	})
}

// sourced compiles a build again, with the lines that its operations come from.
func sourced(ctx context.Context, b *Build) (*Build, error) {
	out := &Build{StandIns: b.StandIns, file: b.file, digests: b.digests}
	for _, name := range targets(b.file) {
		opt := options(name, b.StandIns, b.digests)
		opt.SourceMap = llb.NewSourceMap(nil, b.file.Name, "Dockerfile", b.file.Src)
		t, err := compileTarget(ctx, b.file, opt)
		if err != nil {
			return nil, located(b.file, err)
		}
		out.Targets = append(out.Targets, t)
	}
	return out, nil
}

// world is an instruction, and what it does where it stands.
type world struct {
	in *dockerfile.Instruction
	effect.Step
}

func worlds(f *dockerfile.File, tree *project.Tree) map[*dockerfile.Instruction]*world {
	out := map[*dockerfile.Instruction]*world{}
	for _, s := range f.Stages {
		for _, p := range effect.Walk(s, tree) {
			out[p.In] = &world{p.In, p.Step}
		}
	}
	return out
}

// stack is a base and the operations on it, in order: what a stage is made of.
type stack struct {
	base  output // the result of an operation that is taken as it is
	steps []step
}

// step is an operation of a stack.
type step struct {
	id digest.Digest // all of it but what it stands on and what else it is given
	*world
	sides []*stack // what else it is given
}

func (s step) String() string {
	if s.world == nil {
		return "an operation of no instruction"
	}
	return fmt.Sprintf("%s (line %d)", s.in.Keyword().S, s.in.File.Line(s.in.Lines.Start))
}

// stacksOf takes a target's graph apart, and returns the stack that is its end.
func stacksOf(t Target, f *dockerfile.File, worlds map[*dockerfile.Instruction]*world) (*stack, error) {
	g, err := graphOf(t)
	if err != nil {
		return nil, err
	}
	if len(g.order) == 0 {
		return &stack{}, nil
	}
	last := g.ops[g.order[len(g.order)-1]] // it has no operation, only an input
	if last.Op != nil || len(last.Inputs) != 1 {
		return nil, errors.New("the build graph has no one end")
	}
	r := reader{g, f, worlds, t.def.Source.GetLocations(), map[output]*stack{}}
	// Inputs come before their users, so that each stack grows on one that is there.
	for _, id := range g.order[:len(g.order)-1] {
		r.grow(id)
	}
	return r.stack(last.Inputs[0]), nil
}

type reader struct {
	g         *graph
	file      *dockerfile.File
	worlds    map[*dockerfile.Instruction]*world
	locations map[string]*pb.Locations
	stacks    map[output]*stack
}

// stack is what an input names: one that grew, or a base as it is.
func (r *reader) stack(in *pb.Input) *stack {
	o := output{digest.Digest(in.Digest), in.Index}
	if s := r.stacks[o]; s != nil {
		return s
	}
	if op := r.g.ops[o.op]; op.GetSource() != nil && strings.HasPrefix(op.GetSource().GetIdentifier(), "local://") {
		// Which paths of the build context are sent follows from what is copied.
		whole := op.CloneVT()
		delete(whole.GetSource().Attrs, pb.AttrFollowPaths)
		o.op = hashOp(whole)
	}
	return &stack{base: o}
}

// grow puts an operation on what it stands on, where it is a command or a file
// operation on top of one thing. Others are bases.
func (r *reader) grow(id digest.Digest) {
	op := r.g.ops[id]
	on, index, ok := standing(op)
	if !ok {
		return
	}
	s := step{world: r.at(id)}
	blank := op.CloneVT()
	below := &stack{}
	for i, in := range op.Inputs {
		blank.Inputs[i] = &pb.Input{}
		if i == on {
			below = r.stack(in)
		} else {
			s.sides = append(s.sides, r.stack(in))
		}
	}
	if exec := blank.GetExec(); exec != nil && s.world != nil {
		exec.Meta.Env = seen(exec.Meta.Env, s.Effect)
	}
	s.id = hashOp(blank)
	r.stacks[output{id, index}] = &stack{below.base, append(slices.Clip(below.steps), s)}
}

// standing is the input that an operation changes, -1 for nothing, and which of its
// results is that input changed. It is false for an operation that is no such thing.
func standing(op *pb.Op) (input int, index int64, ok bool) {
	switch {
	case op.GetExec() != nil:
		for _, m := range op.GetExec().GetMounts() {
			if m.Dest != "/" || m.Selector != "" {
				continue
			}
			for _, other := range op.GetExec().GetMounts() {
				if other != m && other.Input == m.Input && m.Input >= 0 {
					return 0, 0, false // what it changes is given to it twice
				}
			}
			return int(m.Input), m.Output, true
		}
	case op.GetMerge() != nil:
		// COPY --link: its files, made on their own, are laid over the image.
		return 0, 0, len(op.GetMerge().GetInputs()) > 1
	case op.GetFile() != nil:
		actions := op.GetFile().GetActions()
		for i, a := range actions {
			// Each action changes what the one before it left, the last one's result counts.
			chained := i > 0 && a.Input == int64(len(op.Inputs)+i-1)
			if i > 0 && !chained || i+1 < len(actions) && a.Output >= 0 || i+1 == len(actions) && a.Output != 0 {
				return 0, 0, false
			}
			if i == 0 {
				input = int(a.Input)
			}
			if int(a.SecondaryInput) == input && input >= 0 || a.SecondaryInput >= int64(len(op.Inputs)) || a.Input >= int64(len(op.Inputs)) && i == 0 {
				return 0, 0, false
			}
		}
		return input, 0, len(actions) > 0
	}
	return 0, 0, false
}

// at is the instruction that an operation comes from.
func (r *reader) at(id digest.Digest) *world {
	line := 0
	for _, l := range r.locations[string(id)].GetLocations() {
		for _, at := range l.GetRanges() {
			if n := int(at.GetStart().GetLine()); line == 0 || n < line {
				line = n
			}
		}
	}
	for in, w := range r.worlds {
		if line > 0 && r.file.Line(in.Lines.Start) <= line && line <= r.file.Line(in.Lines.End-1) {
			return w
		}
	}
	return nil
}

// seen are the variables of an environment that a command may look at, sorted: no
// program looks at the order they have, for a shell makes it anew.
func seen(env []string, e effect.Effect) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		if e.ReadsVariable(name) {
			out = append(out, kv)
		}
	}
	slices.Sort(out)
	return out
}
