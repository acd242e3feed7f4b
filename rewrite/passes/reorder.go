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
of the project, or one that is not known, is never passed.`,
}

func reorder(c *rewrite.Context) {
	for _, stage := range c.File.Stages {
		if windowsStage(stage) {
			continue
		}
		p := plan{c: c, steps: stepsOf(c, stage)}
		if !p.worthALook() {
			continue
		}
		p.measure()
		if p.sink(); len(p.moves) == 0 {
			p.blocked()
			continue
		}
		first := p.steps[p.moves[0].from].in
		f := rewrite.Finding{At: first, Message: p.message()}
		edits, ok := p.edits()
		if !ok {
			f.Refused = "a comment would become a parser directive"
		} else {
			f.Fix = &rewrite.Fix{Title: p.title(), Why: p.why(), Claim: rewrite.SameWork, Edits: edits}
		}
		c.Report(f)
	}
}

// blocked reports the first step that runs again for what it does not need, where
// something between the two stands in the way.
func (p *plan) blocked() {
	for j, s := range p.steps {
		if p.seconds[j] < blockedSeconds || p.changing(j) || s.Effect.Opaque != "" {
			continue
		}
		for i := j - 1; i >= 0; i-- {
			if p.own[i].Len() == 0 || !p.changing(i) || p.c.Ignored(p.steps[i].in) || p.may(i, j) != nil {
				continue
			}
			if _, gain := p.behind([]int{i}, j); gain < p.least() {
				continue
			}
			for k := i + 1; k < j; k++ {
				if err := p.may(i, k); err != nil {
					p.c.Report(rewrite.Finding{
						At: s.in, Also: p.steps[i].in,
						Message: fmt.Sprintf("%s runs again for what line %d changes, and does not need it", brief(s.in), p.c.Line(p.steps[i].in)),
						Refused: fmt.Sprintf("line %d stands between the two and needs it: %v", p.c.Line(p.steps[k].in), err),
					})
					return
				}
			}
		}
	}
}

// blockedSeconds is what a step has to take for a word about what stands in its way.
const blockedSeconds = 5.0

// plan is a new order for the instructions of a stage.
type plan struct {
	c       *rewrite.Context
	steps   []placed
	seconds []float64
	own     []project.Set // commits, as builds, that change an instruction itself
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
	return p.stamp(i)
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
				if ok && len(arg.Args) == 1 && p.stamp(j) && (kv.Value == "$"+arg.Args[0].Key || kv.Value == "${"+arg.Args[0].Key+"}") {
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
	p.seconds = make([]float64, len(p.steps))
	var changing []int
	found := false
	for j, s := range p.steps {
		p.seconds[j], _ = cost.Times(p.c.Facts.Times).Of(s.in)
		switch {
		case p.changing(j):
			changing = append(changing, j)
		case !found && p.seconds[j] > 0 && s.Effect.Opaque == "":
			found = slices.ContainsFunc(changing, func(i int) bool { return p.may(i, j) == nil })
		}
	}
	return found
}

// may says why an instruction may not move behind a later one.
func (p *plan) may(i, k int) error { return p.steps[i].Swap(p.steps[k].Step, nil) }

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
