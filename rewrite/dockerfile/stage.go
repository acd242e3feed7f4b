package dockerfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Ref is a place that names an image or a stage: FROM, COPY --from= or the
// from= of a RUN --mount.
type Ref struct {
	In    *Instruction
	Name  string // what BuildKit reads there
	Stage *Stage // the stage it means; nil for an image, scratch or a named context
	Word  Word   // where the name stands in the logical line
	Plain bool   // whether Word is exactly Name; false behind quotes and escapes
}

// Refs are all references of the file, in its order. ONBUILD triggers are not
// among them: what they name is decided in another build.
func (f *File) Refs() []Ref {
	var out []Ref
	for _, in := range f.Instructions {
		switch c := in.Command.(type) {
		case nil:
			r := Ref{In: in, Name: in.From.BaseName, Stage: in.Stage.Base}
			if fields := in.Fields(); len(fields) > 0 {
				r.Word, r.Plain = fields[0], fields[0].S == r.Name
			}
			out = append(out, r)
		case *instructions.CopyCommand:
			if c.From == "" {
				continue
			}
			r := Ref{In: in, Name: c.From, Stage: f.stageByNameOrIndex(c.From)}
			for _, flag := range in.Flags() {
				if v, ok := strings.CutPrefix(flag.S, "--from="); ok {
					r.Word, r.Plain = flag.Sub(len("--from="), len(flag.S)), v == c.From
				}
			}
			out = append(out, r)
		case *instructions.RunCommand:
			out = append(out, f.mountRefs(in, c)...)
		}
	}
	return out
}

// mountRefs finds the from= of every --mount of a RUN. A mount takes a stage by
// name only, never by number (detectRunMount in dockerfile2llb).
func (f *File) mountRefs(in *Instruction, c *instructions.RunCommand) []Ref {
	mounts := instructions.GetMounts(c)
	if !slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.From != "" }) {
		return nil
	}
	var flags []Word
	for _, flag := range in.Flags() {
		if strings.HasPrefix(flag.S, "--mount=") {
			flags = append(flags, flag.Sub(len("--mount="), len(flag.S)))
		}
	}
	var out []Ref
	for i, m := range mounts {
		if m.From == "" {
			continue
		}
		r := Ref{In: in, Name: m.From, Stage: f.StageByName(m.From)}
		if len(flags) == len(mounts) {
			r.Word, r.Plain = mountField(flags[i], m.From)
		}
		out = append(out, r)
	}
	return out
}

// mountField finds the value of the last from= of a --mount, the one that
// counts. Quotes anywhere make the CSV fields uncertain: then there is none.
func mountField(flag Word, want string) (w Word, ok bool) {
	if strings.ContainsAny(flag.S, "\"'\\`") {
		return Word{}, false
	}
	pos := 0
	for field := range strings.SplitSeq(flag.S, ",") {
		if k, v, found := strings.Cut(field, "="); found && strings.EqualFold(k, "from") {
			w, ok = flag.Sub(pos+len(k)+1, pos+len(field)), v == want
		}
		pos += len(field) + 1
	}
	return w, ok
}

// StageByName finds the stage that COPY --from= and --mount from= mean by a
// name: any case, and the last of several that share it.
func (f *File) StageByName(name string) *Stage {
	return f.named[strings.ToLower(name)]
}

func (f *File) stageByNameOrIndex(name string) *Stage {
	i, err := strconv.Atoi(name)
	switch {
	case err != nil:
		return f.StageByName(name)
	case i >= 0 && i < len(f.Stages):
		return f.Stages[i]
	}
	return nil
}

// link finds the stage each FROM builds on. Unlike COPY --from, FROM compares
// the name as written with the lower-cased name of an earlier stage, so that
// FROM Builder never means a stage (addState in dockerfile2llb). A name behind
// a global ARG is expanded there; that is left to the compiler.
func (f *File) link() {
	f.named = map[string]*Stage{}
	for _, s := range f.Stages {
		s.Base = f.named[s.From.From.BaseName]
		if s.Name != "" {
			f.named[s.Name] = s
		}
	}
}

// Needs are the stages that building s needs, s first, and certain reports
// whether that is all of them: false when a name hides behind a variable or an
// ONBUILD trigger.
func (f *File) Needs(s *Stage) (needed map[*Stage]bool, certain bool) {
	refs := map[*Stage][]Ref{}
	for _, r := range f.Refs() {
		refs[r.In.Stage] = append(refs[r.In.Stage], r)
	}
	needed, certain = map[*Stage]bool{}, true
	for todo := []*Stage{s}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		if needed[at] {
			continue
		}
		needed[at] = true
		for _, in := range at.Instructions {
			if in.Is("ONBUILD") && strings.Contains(in.Text.S, "from=") {
				certain = false
			}
		}
		for _, r := range refs[at] {
			if r.Stage != nil {
				todo = append(todo, r.Stage)
			} else if strings.Contains(r.Name, "$") && !strings.ContainsAny(r.Name, "/:@") {
				certain = false // a stage's name has none of these, a variable may be one
			}
		}
	}
	return needed, certain
}
