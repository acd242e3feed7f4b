package proof

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"

	"github.com/restow/restow/rewrite/shell"
)

// SameSteps checks that after runs the same commands as before, in the same
// order, at the same places of the graph, and differs only in that commands
// that ran as several layers run as one, in one shell where the scripts allow
// it. It reads the compiled graph alone: what the shell is really given.
func SameSteps(before, after *Build) error {
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
		old, err := bg.chains()
		if err != nil {
			return err
		}
		now, err := ag.chains()
		if err != nil {
			return err
		}
		if old.root != now.root {
			return fmt.Errorf("%s does not run the same commands in the same order", b.title())
		}
		for _, key := range slices.Sorted(maps.Keys(now.layers)) {
			if err := merged(old.layers[key], now.layers[key]); err != nil {
				return fmt.Errorf("%s: %w", b.title(), err)
			}
		}
		return nil
	})
}

// layer is one execution of a chain.
type layer struct {
	argv     []string // the shell, without the script
	script   string
	commands []string // the script's simple commands, or the script as one
}

type chains struct {
	root   digest.Digest
	layers map[digest.Digest][]layer // by the hash of the whole chain
}

// chains folds every run of executions that differ in their script only, each
// used by nothing but the next, into one operation that lists their commands.
func (g *graph) chains() (chains, error) {
	var (
		named  = map[digest.Digest]digest.Digest{}
		open   = map[digest.Digest][]layer{}       // the chain that ends with an operation
		bases  = map[digest.Digest]*pb.Input{}     // what its first one stands on
		shapes = map[digest.Digest]digest.Digest{} // all of an operation but root input and script
		inside = map[digest.Digest]bool{}          // operations that a chain goes on behind
		out    = chains{layers: map[digest.Digest][]layer{}}
	)
	for _, id := range g.order {
		op := g.ops[id].CloneVT()
		prev, _ := rootInput(op)
		for _, in := range op.Inputs {
			in.Digest = string(named[digest.Digest(in.Digest)])
		}
		if l, ok := layerOf(op); ok {
			base, _ := rootInput(op)
			open[id], bases[id], shapes[id] = []layer{l}, base, shapeOf(op)
			before := digest.Digest(prev.Digest)
			if open[before] != nil && shapes[before] == shapes[id] && g.users[output{before, prev.Index}] == 1 {
				open[id], bases[id] = append(slices.Clone(open[before]), l), bases[before]
				inside[before] = true
			}
			op = folded(op, bases[id], open[id])
		}
		named[id] = hashOp(op)
		out.root = named[id]
	}
	for id, layers := range open {
		if inside[id] {
			continue
		}
		key := named[id]
		if other, ok := out.layers[key]; ok && !slices.EqualFunc(other, layers, sameScript) {
			return out, errors.New("two chains run the same commands cut into different layers, which this check cannot tell apart")
		}
		out.layers[key] = layers
	}
	return out, nil
}

func sameScript(a, b layer) bool { return a.script == b.script }

// rootInput is the input that an execution mounts at /, empty for scratch. It
// is false for other operations.
func rootInput(op *pb.Op) (*pb.Input, bool) {
	for _, m := range op.GetExec().GetMounts() {
		if m.Dest == "/" {
			if m.Input < 0 {
				return &pb.Input{}, true
			}
			return op.Inputs[m.Input].CloneVT(), true
		}
	}
	return &pb.Input{}, false
}

// layerOf takes an execution's script apart, when a shell that restow reads
// runs it.
func layerOf(op *pb.Op) (layer, bool) {
	args := op.GetExec().GetMeta().GetArgs()
	if _, ok := rootInput(op); !ok || len(args) < 2 || startsAnew(op) {
		return layer{}, false
	}
	l := layer{argv: args[:len(args)-1], script: args[len(args)-1]}
	d, why := shell.DialectOf(l.argv)
	if why != "" {
		return layer{}, false
	}
	l.commands = shell.Flatten(l.script, d)
	return l, true
}

// startsAnew reports whether an execution has a mount whose content the next one
// does not see: a tmpfs, or a bind mount that is written to and thrown away.
func startsAnew(op *pb.Op) bool {
	for _, m := range op.GetExec().GetMounts() {
		if m.MountType == pb.MountType_TMPFS || m.MountType == pb.MountType_BIND && m.Dest != "/" && !m.Readonly {
			return true
		}
	}
	return false
}

// shapeOf hashes an execution without its root input and its script. The other
// inputs stand under their canonical names, so that mounts must be the same.
func shapeOf(op *pb.Op) digest.Digest {
	return hashOp(folded(op, &pb.Input{Digest: "root"}, nil))
}

// folded is the operation that stands for a whole chain. Its inputs are listed
// anew, in the order of the mounts and the root last, since an execution that
// stands on scratch has no input for its root and the next one has.
func folded(op *pb.Op, base *pb.Input, layers []layer) *pb.Op {
	op = op.CloneVT()
	var inputs []*pb.Input
	for _, m := range op.GetExec().GetMounts() {
		if m.Dest != "/" && m.Input >= 0 {
			inputs = append(inputs, op.Inputs[m.Input])
			m.Input = int64(len(inputs) - 1)
		}
	}
	for _, m := range op.GetExec().GetMounts() {
		if m.Dest == "/" {
			m.Input = int64(len(inputs))
		}
	}
	op.Inputs = append(inputs, base.CloneVT())
	meta := op.GetExec().GetMeta()
	meta.Args = slices.Clone(meta.Args[:len(meta.Args)-1])
	for _, l := range layers {
		meta.Args = append(meta.Args, l.commands...)
	}
	return op
}

// merged checks that each layer of after is one layer of before, or several in one
// shell, joined by && and each enclosed as it needs.
func merged(before, after []layer) error {
	rest := before
	for _, a := range after {
		if len(rest) > 0 && rest[0].script == a.script {
			rest = rest[1:]
			continue
		}
		n, err := composed(rest, a)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d layers of before are missing", len(rest))
	}
	return nil
}

// composed counts the layers that a script was made of: it must be their scripts,
// byte by byte, in order, with nothing but && and enclosures between them.
func composed(layers []layer, whole layer) (int, error) {
	d, _ := shell.DialectOf(whole.argv)
	c := composition{dialect: d, errexit: shell.Errexit(whole.argv)}
	n, err := c.read(layers, strings.TrimSpace(whole.script), true)
	if err == nil && n < 2 {
		err = errChanged
	}
	if errors.Is(err, errChanged) {
		return 0, fmt.Errorf("%w: %q", err, whole.script)
	}
	return n, err
}

var errChanged = errors.New("a script changed")

type composition struct {
	dialect shell.Dialect
	errexit bool
	so      []shell.Command // of the layers so far
	depth   int
}

// read takes a text apart, of which last says that nothing follows it.
func (c *composition) read(layers []layer, text string, last bool) (int, error) {
	if c.depth++; c.depth > shell.MaxDepth {
		return 0, errChanged
	}
	for n := 0; n < len(layers); {
		part := shell.PartOf(layers[n].script, c.dialect, c.errexit, false)
		how, rest, ok := enclosed(text, part)
		if !ok {
			part = shell.PartOf(layers[n].script, c.dialect, c.errexit, true)
			how, rest, ok = enclosed(text, part)
		}
		next, more := strings.CutPrefix(rest, "&&")
		if !ok {
			// Several layers in a subshell of their own, merged by a round before.
			taken, behind, err := c.group(layers[n:], text, last)
			if err != nil {
				return 0, err
			}
			n += taken
			if next, more = strings.CutPrefix(behind, "&&"); !more {
				return n, nil
			}
			text = strings.TrimLeft(next, " \t")
			continue
		}
		end := !more
		switch why := part.Never; {
		case why != "":
			return 0, fmt.Errorf("%q cannot share a shell: %s", part.Script, why)
		case how == bare && part.List:
			return 0, fmt.Errorf("%q is not enclosed, and more than && joins its commands", part.Script)
		case how != subshell && part.Leak != "" && !end:
			return 0, fmt.Errorf("%q cannot share a shell: %s", part.Script, part.Leak)
		case !(end && last) && part.Errexit != "":
			return 0, fmt.Errorf("%q cannot share a shell: %s counts for nothing ahead of &&", part.Script, part.Errexit)
		}
		if why := shell.Apart(c.so, part.Commands); why != "" && len(c.so) > 0 {
			return 0, fmt.Errorf("%q cannot share a shell: %s", part.Script, why)
		}
		for _, cmd := range part.Commands {
			cmd.Sub = cmd.Sub || how == subshell
			c.so = append(c.so, cmd)
		}
		n++
		if end {
			return n, nil
		}
		text = strings.TrimLeft(next, " \t")
	}
	return 0, errChanged
}

// group reads a subshell at the beginning of text that holds several layers, and
// returns how many and what follows.
func (c *composition) group(layers []layer, text string, last bool) (int, string, error) {
	inner, rest, ok := shell.FirstSubshell(text, c.dialect)
	if !ok || rest != "" && !strings.HasPrefix(rest, "&&") {
		return 0, "", errChanged
	}
	before := len(c.so)
	n, err := c.read(layers, inner, last && rest == "")
	for i := range c.so[before:] {
		c.so[before+i].Sub = true
	}
	return n, rest, err
}

// The ways a script may stand in a longer one.
const (
	bare = iota
	braces
	subshell
)

// enclosed cuts a script, with what encloses it, from the beginning of text.
func enclosed(text string, part shell.Part) (how int, rest string, ok bool) {
	for _, form := range []struct {
		how           int
		before, after string
	}{{subshell, "(", ")"}, {subshell, "( ", ")"}, {braces, "{ ", "; }"}, {braces, "{ ", " }"}, {bare, "", ""}, {subshell, "(\n", "\n)"}, {braces, "{\n", "\n}"}} {
		switch {
		case part.Lines != strings.HasSuffix(form.before, "\n"):
			continue
		case form.after == " }" && !part.Ended:
			continue // no end of the list
		case form.before == "(" && strings.HasPrefix(part.Script, "("):
			continue // two in a row are bash's arithmetic
		}
		rest, found := strings.CutPrefix(text, form.before+part.Script+form.after)
		rest = strings.TrimLeft(rest, " \t")
		if found && (rest == "" || strings.HasPrefix(rest, "&&")) {
			return form.how, rest, true
		}
	}
	return bare, text, false
}
