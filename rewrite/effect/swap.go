package effect

import (
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Step is an instruction where it stands: what it reads and writes and, of a COPY,
// the files that it lays down.
type Step struct {
	Effect Effect
	Laid   []Laid
	Known  bool // Laid is all that it lays down

	reads, writes masked // of Effect
	lays          mask   // of Laid
}

// StepOf is an instruction where e stands before it.
func StepOf(in *dockerfile.Instruction, e Env) Step {
	does := e.of(in)
	s := Step{Effect: does.Effect, reads: does.reads, writes: does.writes}
	s.Laid, s.Known = LaidBy(in, e)
	s.lays = laidMask(s.Laid)
	return s
}

// Swap says why s, which stands before t, may not stand behind it; nil where it
// may. A COPY may then be late for a command that reads some of its files, where
// those are in early: laid by another COPY already. What a command writes, a COPY
// may never lay over.
func (s Step) Swap(t Step, early map[Laid]bool) error {
	switch {
	case s.Known && t.Known:
		if l, ok := overlapping(s.Laid, t.Laid); ok {
			return &clash{"both copy ", "", Place{File, l.Dest}}
		}
		return nil
	case t.Known:
		return apart(s, t, nil) // early now: all of it is new to the command
	case s.Known:
		return apart(t, s, early)
	}
	if p, ok := conflict(s.reads, s.writes, t.reads, t.writes); ok {
		return &clash{"both touch ", "", p}
	}
	return nil
}

// apart checks a command against a copy, file by file.
func apart(run, c Step, early map[Laid]bool) error {
	if run.Effect.Opaque != "" {
		return &opaque{run.Effect.Opaque}
	}
	if run.reads.all.with(run.writes.all).meets(c.lays) {
		for _, l := range c.Laid {
			for _, p := range l.Writes() {
				bits := p.mask()
				if _, ok := run.writes.find(bits, func(w Place) bool { return w.changes(p) }); ok && !(l.Dir && early[l]) {
					return &clash{"both write ", "", p}
				}
				if _, ok := run.reads.find(bits, p.changes); ok && !early[l] {
					return &clash{"one reads ", ", which the other copies", p}
				}
			}
		}
	}
	// What else a copy needs: the user it belongs to, the folder it is relative to.
	if !run.writes.all.meets(c.reads.all) {
		return nil
	}
	for i, p := range c.Effect.Reads {
		if p.Kind == Folder || p.Kind == RootFolder {
			continue
		}
		if _, ok := run.writes.find(c.reads.masks[i], func(w Place) bool { return w.changes(p) }); ok {
			return &clash{"one changes ", ", which the other reads", p}
		}
	}
	return nil
}

// opaque is a clash with a step that is not understood.
type opaque struct{ why string }

func (o *opaque) Error() string { return "what one of them reads and writes is not known: " + o.why }

// Early are files and folders that are laid already. A folder that was made on the
// way counts as what a copy of it lays down: a copy gives the folders in what it
// copies their modes, whoever made them before (copyDirectoryOnly in fsutil).
func Early(laid []Laid) map[Laid]bool {
	out := map[Laid]bool{}
	for _, l := range laid {
		out[l] = true
		if l.Dir {
			out[l.Anyway()] = true
		}
	}
	return out
}

// Anyway is a folder as a copy of it lays it down, whoever made it on the way.
func (l Laid) Anyway() Laid {
	l.Attr = strings.TrimSuffix(l.Attr, " made")
	return l
}
