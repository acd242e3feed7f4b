package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// Reorder moves what changes often behind what does not need it.
var Reorder = &rewrite.Pass{
	Name:  "reorder",
	Claim: rewrite.SameWork,
	Run:   reorder,
	Doc: `Move what changes often behind the steps that do not need it.

BuildKit runs a step again when anything before it in its stage changed. A COPY of
the sources, or a build argument that is another one in each build (BUILD_SHA,
VERSION without a default), makes all that follows run again, a package
install that never asked for it too. Such an instruction moves down, to just before
the first one that needs it, or less far where that is as good.

How often an instruction changes comes from the history of the build context by
git, else from the kind of its files; what a step costs from a table, or from times
that restow verify measured. A move is made where it is expected to save more than
the setting reorder-gain, in seconds a build.

Safe: each two instructions that change places are known not to touch what the
other one reads or writes, and BuildKit's graphs show the same operations. Package
managers are taken at their word: that they keep to the folders of the system and
of their own, and what they bring along as well.

An argument whose name says that it is there to make steps run again (CACHEBUST)
stays. Instructions that are metadata (LABEL, EXPOSE, CMD) stay: BuildKit's cache does not
depend on where they stand. Ties keep the file's order. A step that runs a program
of the project, or one that is not known, is never passed. A stage of more than
1,000 instructions is left alone.`,
}

func reorder(c *rewrite.Context) {
	for _, stage := range c.File.Stages {
		if windowsStage(stage) {
			continue
		}
		found := rewrite.Memo(c, ofPlan{stage, c.Facts.Context}, func() *rewrite.Finding { return reorderStage(c, stage) })
		if found != nil {
			c.Report(*found)
		}
	}
}

// ofPlan is the key of what is found of a stage, which is asked for several times
// for each text.
type ofPlan struct {
	stage *dockerfile.Stage
	tree  *project.Tree
}

// reorderStage is what is to be said of a stage, nil for nothing.
func reorderStage(c *rewrite.Context, stage *dockerfile.Stage) *rewrite.Finding {
	p := plan{c: c, steps: stepsOf(c, stage)}
	if !p.worthALook() {
		return nil
	}
	p.measure()
	if p.sink(); len(p.moves) == 0 {
		return p.blocked()
	}
	f := rewrite.Finding{At: p.steps[p.moves[0].from].in, Message: p.message()}
	edits, ok := p.edits()
	if !ok {
		f.Refused = "a comment would become a parser directive"
	} else {
		f.Fix = &rewrite.Fix{Title: p.title(), Why: p.why(), Claim: rewrite.SameWork, Edits: edits}
	}
	return &f
}

// plan is a new order for the instructions of a stage.
type plan struct {
	c       *rewrite.Context
	steps   []placed
	seconds []float64
	changes []bool        // may be another one in the next build
	stamps  []bool        // is another one in each build
	own     []project.Set // commits, as builds, that change an instruction itself
	moving  []bool        // changes in some of them, and is not to be left alone
	later   []bits        // which later ones an instruction may not pass; nil where nobody asked
	builds  int
	known   bool // own was counted, and not assumed
	order   []int
	moves   []move
	saving  float64 // seconds a build
}

// move is an instruction that goes down, past others.
type move struct {
	from int // in plan.steps
	past []int
}

// changing reports whether an instruction may change from one build to the next by
// something else than an edit of the Dockerfile.
func (p *plan) changing(i int) bool {
	switch cmd := p.steps[i].in.Command.(type) {
	case *instructions.CopyCommand:
		return len(cmd.SourcePaths) > 0
	case *instructions.AddCommand:
		return len(cmd.SourcePaths) > 0
	}
	return p.stamps[i]
}

// stamp reports whether an instruction sets a variable that is another one in each
// build: an ARG by its name, where it has no value of its own or one that only says
// so, and an ENV that takes over such an ARG.
func (p *plan) stamp(i int) bool {
	switch cmd := p.steps[i].in.Command.(type) {
	case *instructions.ArgCommand:
		for _, a := range cmd.Args {
			if !effect.Stamp(a.Key) || a.Value != nil && strings.ContainsAny(*a.Value, "123456789") {
				return false
			}
		}
		return true
	case *instructions.EnvCommand:
		for _, kv := range cmd.Env {
			for j := range p.steps[:i] {
				arg, ok := p.steps[j].in.Command.(*instructions.ArgCommand)
				if ok && len(arg.Args) == 1 && p.stamps[j] && (kv.Value == "$"+arg.Args[0].Key || kv.Value == "${"+arg.Args[0].Key+"}") {
					return true
				}
			}
		}
	}
	return false
}

// worthALook reports whether anything that changes stands before a step that takes
// its time and does not need it. Only then the history is asked for.
func (p *plan) worthALook() bool {
	if len(p.steps) > maxSteps {
		return false
	}
	n := len(p.steps)
	p.seconds, p.changes, p.stamps, p.later = make([]float64, n), make([]bool, n), make([]bool, n), make([]bits, n)
	var changing []int
	found := false
	for j, s := range p.steps {
		p.stamps[j] = p.stamp(j)
		p.changes[j] = p.changing(j)
		p.seconds[j], _ = cost.Times(p.c.Facts.Times).Of(s.in)
		switch {
		case p.changes[j]:
			changing = append(changing, j)
		case !found && p.seconds[j] > 0 && s.Effect.Opaque == "":
			found = slices.ContainsFunc(changing, func(i int) bool { return p.may(i, j) == nil })
		}
	}
	return found
}

// maxSteps bounds the instructions of a stage that is looked at: each is asked of
// each other.
const maxSteps = 1000

func (p *plan) message() string {
	var all []string
	for _, m := range p.moves {
		all = append(all, brief(p.steps[m.from].in))
	}
	return fmt.Sprintf("%s makes steps run again that do not need it", strings.Join(all, ", "))
}

// brief is an instruction as messages name it.
func brief(in *dockerfile.Instruction) string {
	text := strings.Join(strings.Fields(in.Text.S), " ")
	if r := []rune(text); len(r) > 40 {
		text = string(r[:39]) + "…"
	}
	return "`" + text + "`"
}
