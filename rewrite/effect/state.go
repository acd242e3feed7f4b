package effect

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

// state is a stage's image as a toy: what was done to each place, by whom, and what
// they saw when they did it. Two orders of the same instructions leave the same
// state where each sees the same, and only there.
type state map[Place]mark

type mark [sha256.Size]byte

// SameState runs the instructions of both files, stage by stage, over model images
// and compares what is left: a step marks all it may write with what it is and all
// that it may read; a COPY whose files are known lays them down one by one, in the
// place of what was there. Nothing else than what the effects say is known of a
// step, so that one that may do anything marks everything.
func SameState(before, after *dockerfile.File, tree *project.Tree) error {
	if len(before.Stages) != len(after.Stages) {
		return errors.New("the stages are not the same")
	}
	b, a := statesOf(before, tree), statesOf(after, tree)
	for i, s := range before.Stages {
		for _, p := range slices.SortedFunc(maps.Keys(b[i]), byKind) {
			if a[i][p] != b[i][p] {
				return fmt.Errorf("%v is left in another state in %s", p, titleOf(s))
			}
		}
		for _, p := range slices.SortedFunc(maps.Keys(a[i]), byKind) {
			if _, ok := b[i][p]; !ok {
				return fmt.Errorf("%v is touched in %s, and was not", p, titleOf(s))
			}
		}
	}
	return nil
}

func titleOf(s *dockerfile.Stage) string {
	if s.Name != "" {
		return "stage " + s.Name
	}
	return fmt.Sprintf("stage %d", s.Index)
}

func statesOf(f *dockerfile.File, tree *project.Tree) []state {
	out := make([]state, len(f.Stages))
	for i, s := range f.Stages {
		st := state{}
		if s.Base != nil && s.Base.Index < i {
			st = maps.Clone(out[s.Base.Index])
		}
		st[Place{Image, "base"}] = sum("from", s.From.From.BaseName, s.From.From.Platform)
		e := At(s, tree)
		for _, in := range s.Instructions {
			next := e.After(in)
			if laid, ok := LaidBy(in, e); ok {
				st.lay(laid, st.owners(e.of(in).Reads))
			} else {
				did := e.of(in).Effect
				if dir, ok := rootsFolder(in, e); ok {
					// The folder and those above it are made as a COPY makes them on the way.
					st.lay(dir, "")
					did = Effect{Reads: []Place{{Kind: User}, {Kind: Workdir}}, Writes: []Place{{Kind: Workdir}}}
				} else if onTheWay(&did) {
					st.lay(found(e, next), "")
				}
				st.step(in, did)
			}
			e = next
		}
		out[i] = st
	}
	return out
}

// rootsFolder is what a WORKDIR lays that makes its folder for root.
func rootsFolder(in *dockerfile.Instruction, e Env) ([]Laid, bool) {
	c, ok := in.Command.(*instructions.WorkdirCommand)
	if !ok || !e.userKnown || e.user != "" && e.user != "0" && e.user != "root" || e.loose != "" {
		return nil, false
	}
	w := wording{env: e, escape: in.File.Escape, out: &Effect{}}
	dir, known := w.expand(c.Path)
	if dir, ok = e.within(dir); !known || !ok || len(e.files(dir)) != 1 {
		return nil, false
	}
	var out []Laid
	for d := dir; d != "/"; d = path.Dir(d) {
		if !e.folders.has(d) {
			out = append(out, Laid{Dest: d, Dir: true, Attr: rootMade})
		}
	}
	return out, true
}

// onTheWay takes out of an effect that folders are made as root on the way to
// something, and reports whether they are.
func onTheWay(e *Effect) bool {
	n := len(e.Writes)
	e.Writes = slices.DeleteFunc(slices.Clone(e.Writes), func(p Place) bool { return p.Kind == RootFolder })
	return len(e.Writes) < n
}

// found are the folders that are known to exist after an instruction and were not
// before it, as root makes them.
func found(before, after Env) (out []Laid) {
	for _, f := range after.folders {
		if !before.folders.has(f) {
			out = append(out, Laid{Dest: f, Dir: true, Attr: rootMade})
		}
	}
	return out
}

// step marks what an instruction writes.
func (st state) step(in *dockerfile.Instruction, e Effect) {
	parts := []string{in.Text.S}
	for _, h := range in.Heredocs {
		parts = append(parts, h.Name, string(in.File.Bytes(h.Body)))
	}
	for _, r := range e.Reads {
		parts = append(parts, r.Kind.String()+" "+r.Name, st.view(func(w Place) bool { return w.changes(r) }))
	}
	done := sum(parts...)
	next := make([]mark, len(e.Writes))
	for i, w := range e.Writes {
		next[i] = sum(string(done[:]), w.Kind.String()+" "+w.Name, st.view(func(o Place) bool { return o.changes(w) || w.changes(o) }))
	}
	for i, w := range e.Writes {
		st[w] = next[i]
	}
}

// owners is what is to be seen of the accounts, for a step that looks one up.
func (st state) owners(reads []Place) (seen string) {
	for _, r := range reads {
		if r.Kind == Accounts {
			seen += st.view(func(w Place) bool { return w.changes(r) })
		}
	}
	return seen
}

// lay marks files one by one, with what was seen of their owner. A folder that is only
// made on the way stays as it is where it is there already.
func (st state) lay(laid []Laid, owner string) {
	for _, l := range laid {
		if l.Dir {
			p := Place{File, join(l.Dest, ".")}
			attr, made := strings.CutSuffix(l.Attr, " made")
			if _, there := st[p]; !made || !there {
				st[p] = sum("folder", attr, owner)
			}
			continue
		}
		st[Place{File, l.Dest}] = sum("file", l.From, l.Attr, owner)
	}
}

// view is what is to be seen at the places that match.
func (st state) view(match func(Place) bool) string {
	var parts []string
	for p, m := range st {
		if match(p) {
			parts = append(parts, p.Kind.String()+" "+p.Name+" "+string(m[:]))
		}
	}
	slices.Sort(parts)
	all := sum(parts...)
	return string(all[:])
}

func sum(parts ...string) mark {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s\n", len(p), p)
	}
	return mark(h.Sum(nil))
}

func byKind(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}
