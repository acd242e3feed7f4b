package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
)

// CopySplit narrows a COPY of a folder to what its stage reads and others take.
var CopySplit = &rewrite.Pass{
	Name:  "copy-split",
	Claim: rewrite.NoClaim,
	Run:   copySplit,
	Doc: `Copy only those files into a stage that it reads, or that others take from it.

A stage that others take a few paths from, and that begins with a COPY of the whole
context, runs again whenever any file changes, those among them that it never looks
at. Where the build context and the steps behind the COPY tell which files are read,
it copies those.

Every step behind the COPY has to be understood, and every path that another stage
takes has to stand there in full (COPY --from=, RUN --mount=from=). What lies below
such a path is copied as before, and so is what a step reads or writes. The lines
have the COPY's own style: its keyword, flags and way to name folders.

Unsafe, since the stage itself has fewer files then, which shows where somebody
builds it by --target, and because a file that comes to the context later is copied
only where it lies in one of the folders named.

Refused: a step of which it is not known what it reads; a path with a variable or a
pattern; folders of the context whose mode a COPY of single files would not give them.
Left alone: the last stage, stages that compose or bake files build by name, the base
of another stage, and stages with nothing behind the COPY that takes its time.`,
}

func copySplit(c *rewrite.Context) {
	if c.Facts.Context == nil {
		return
	}
	for _, stage := range c.File.Stages[:len(c.File.Stages)-1] {
		if windowsStage(stage) || c.Facts.AnyTarget || slices.ContainsFunc(c.Facts.Targets, func(t string) bool { return strings.EqualFold(t, stage.Name) }) {
			continue
		}
		use := usedBy(c.File, stage)
		if use.base || len(use.paths) == 0 && use.unclear == "" {
			continue // all of it goes on, or nothing does: that is for unused-stage
		}
		steps := stepsOf(c, stage)
		for i, p := range steps {
			if root, at, ok := p.sources(c.Facts.Context); ok {
				n := narrowing{c: c, copied: p, behind: steps[i+1:], root: root, at: at, use: use}
				n.report()
			}
		}
	}
}

// narrowing is a COPY of a folder, and what becomes of its files.
type narrowing struct {
	c        *rewrite.Context
	copied   placed
	behind   []placed
	root, at string
	use      use
}

func (n *narrowing) report() {
	seconds, slow := n.seconds()
	if seconds < blockedSeconds || slices.ContainsFunc(n.use.paths, func(p string) bool { return within(n.at, p) }) {
		return // nothing is gained, or all of it is taken
	}
	f := rewrite.Finding{At: n.copied.in, Also: slow, Message: fmt.Sprintf("%s runs again whenever a file changes that line %d copies, whether it reads it or not", brief(slow), n.c.Line(n.copied.in))}
	kept, all, why := n.kept()
	switch {
	case why != "":
		f.Refused = why
	case all:
		return
	default:
		gain, words := n.gain(kept, seconds)
		if gain < n.least() {
			return
		}
		f.Fix, f.Refused = n.fix(kept, words)
	}
	n.c.Report(f)
}

// seconds is what those steps behind the COPY take of which it is known what they
// read, and the slowest of them.
func (n *narrowing) seconds() (sum float64, slow *dockerfile.Instruction) {
	most := 0.0
	for _, p := range n.behind {
		if p.Effect.Opaque != "" {
			continue // it may read any file: it runs again in any case
		}
		s, _ := cost.Times(n.c.Facts.Times).Of(p.in)
		if sum += s; s > most {
			most, slow = s, p.in
		}
	}
	return sum, slow
}

func (n *narrowing) least() float64 {
	if n.c.Facts.ReorderGain > 0 {
		return n.c.Facts.ReorderGain
	}
	return defaultGain
}

// gain is what is saved in seconds a build, and that in words.
func (n *narrowing) gain(kept []string, seconds float64) (gain float64, words string) {
	h := history(n.c)
	sources := n.copied.in.Command.(*instructions.CopyCommand).SourcePaths
	of, few, many := h.Commits(), h.Taken(kept, nil).Len(), h.Taken(sources, nil).Len()
	if of == 0 {
		return 0, ""
	}
	words = fmt.Sprintf("%s changed in %d of %d commits, what is copied in %d", names(kept), few, of, many)
	if !h.Known() {
		words = fmt.Sprintf("an edit of another file than %s does not run it again", names(kept))
	}
	return seconds * float64(many-few) / float64(of), words
}

func (n *narrowing) fix(kept []string, words string) (*rewrite.Fix, string) {
	lines, why := copyLines(n.c, n.copied, n.root, kept)
	if why != "" {
		return nil, why
	}
	at, f := n.copied.in.Lines, n.copied.in.File
	if at.End == len(f.Src) && !strings.HasSuffix(string(f.Src), "\n") {
		lines = strings.TrimRight(lines, "\r\n")
	}
	return &rewrite.Fix{
		Title: "COPY only " + names(kept), Why: words,
		Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{{Span: at, New: lines}},
	}, ""
}
