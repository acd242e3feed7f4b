package effect

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Step is an instruction where it stands: what it reads and writes and, of a COPY,
// the files that it lays down.
type Step struct {
	Effect Effect
	Laid   []Laid
	Known  bool // Laid is all that it lays down
}

// StepOf is an instruction where e stands before it.
func StepOf(in *dockerfile.Instruction, e Env) Step {
	s := Step{Effect: Of(in, e)}
	s.Laid, s.Known = LaidBy(in, e)
	return s
}

// Swap says why s, which stands before t, may not stand behind it; nil where it
// may. A COPY may then be late for a command that reads some of its files, where
// those are in early: laid by another COPY already. What a command writes, a COPY
// may never lay over.
func (s Step) Swap(t Step, early map[Laid]bool) error {
	switch {
	case s.Known && t.Known:
		return together(s.Laid, t.Laid)
	case t.Known:
		return apart(s.Effect, t, nil) // early now: all of it is new to the command
	case s.Known:
		return apart(t.Effect, s, early)
	}
	if p, ok := s.Effect.Conflict(t.Effect); ok {
		return fmt.Errorf("both touch %v", p)
	}
	return nil
}

// together checks that two copies lay down nothing at the same place, or the same.
func together(x, y []Laid) error {
	at := map[string]Laid{}
	for _, l := range x {
		at[l.Dest] = l
	}
	for _, l := range y {
		if o, ok := at[l.Dest]; ok && o != l {
			return fmt.Errorf("both copy %s", l.Dest)
		}
	}
	return nil
}

// apart checks a command against a copy, file by file.
func apart(run Effect, c Step, early map[Laid]bool) error {
	if run.Opaque != "" {
		return fmt.Errorf("what one of them reads and writes is not known: %s", run.Opaque)
	}
	for _, l := range c.Laid {
		for _, p := range l.Writes() {
			if run.WritesTo(p) && !(l.Dir && early[l]) {
				return fmt.Errorf("both write %v", p)
			}
			if !early[l] && run.ReadsFrom(p) {
				return fmt.Errorf("one reads %v, which the other copies", p)
			}
		}
	}
	// What else a copy needs: the user it belongs to, the folder it is relative to.
	for _, p := range c.Effect.Reads {
		if run.WritesTo(p) && p.Kind != Folder && p.Kind != RootFolder {
			return fmt.Errorf("one changes %v, which the other reads", p)
		}
	}
	return nil
}

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
