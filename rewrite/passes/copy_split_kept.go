package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
)

// use is what other stages do with a stage.
type use struct {
	base    bool     // one is built on it
	paths   []string // that others take, whole ones
	unclear string   // why that may not be all
}

func usedBy(f *dockerfile.File, stage *dockerfile.Stage) (u use) {
	take := func(in *dockerfile.Instruction, name string) {
		if strings.ContainsAny(name, "$*?[\\\"'") {
			u.unclear = fmt.Sprintf("line %d takes %s from it, which may be any path", f.Line(in.Lines.Start), name)
			return
		}
		u.paths = append(u.paths, path.Clean("/"+name))
	}
	for _, in := range f.Instructions {
		if in.Is("ONBUILD") && strings.Contains(in.Text.S, "from=") {
			u.unclear = "an ONBUILD trigger may name it"
		}
	}
	for _, r := range f.Refs() {
		if r.Stage == nil && strings.Contains(r.Name, "$") && !strings.ContainsAny(r.Name, "/:@") {
			u.unclear = fmt.Sprintf("line %d may name it by a variable", f.Line(r.In.Lines.Start))
		}
		if r.Stage != stage {
			continue
		}
		switch cmd := r.In.Command.(type) {
		case *instructions.CopyCommand:
			for _, src := range cmd.SourcePaths {
				take(r.In, src)
			}
		case *instructions.RunCommand:
			for _, m := range mountsOf(r.In) {
				if m.from != "" && (strings.EqualFold(m.from, stage.Name) || strings.ContainsAny(m.from, "$\"'\\")) {
					take(r.In, m.source)
				}
			}
		default:
			u.base = true
		}
	}
	return u
}

// kept are the paths of the context that still have to be copied: whole folders where
// all of one is needed. all says that nothing can be left out.
func (n *narrowing) kept() (kept []string, all bool, why string) {
	if n.use.unclear != "" {
		return nil, false, n.use.unclear
	}
	for _, p := range n.behind {
		if p.Effect.Opaque != "" {
			return nil, false, fmt.Sprintf("what line %d reads is not known: %s", n.c.Line(p.in), p.Effect.Opaque)
		}
	}
	needed := map[string]bool{} // folders and files of the image, and all that leads to them
	total, have := map[string]int{}, map[string]int{}
	for _, l := range n.copied.Laid {
		if l.Dir {
			continue
		}
		need := n.needs(l)
		for d := l.From; ; d = path.Dir(d) {
			total[d]++
			if need {
				have[d]++
			}
			if d == n.root || d == "." {
				break
			}
		}
		for d := l.Dest; need && !needed[d]; d = path.Dir(d) {
			needed[d] = true
		}
	}
	if have[n.root] == total[n.root] {
		return nil, true, ""
	}
	if have[n.root] == 0 {
		return nil, false, "nothing that it copies is read there"
	}
	done := map[string]bool{}
	for _, l := range n.copied.Laid {
		if l.Dir {
			if why := n.folder(l, needed[l.Dest], total, have); why != "" {
				return nil, false, why
			}
			continue
		}
		whole := l.From
		if have[whole] == 0 {
			continue
		}
		for d := path.Dir(whole); d != n.root && d != "." && have[d] == total[d]; d = path.Dir(d) {
			whole = d
		}
		if !done[whole] {
			done[whole] = true
			kept = append(kept, whole)
		}
	}
	slices.Sort(kept)
	return kept, false, ""
}

// needs reports whether a file is taken by another stage, or read or changed by a step
// behind the COPY. What lays files over others needs none of them.
func (n *narrowing) needs(l effect.Laid) bool {
	if slices.ContainsFunc(n.use.paths, func(p string) bool { return within(l.Dest, p) || within(p, l.Dest) }) {
		return true
	}
	return slices.ContainsFunc(n.behind, func(p placed) bool {
		at := effect.Place{Kind: effect.File, Name: l.Dest}
		return p.Effect.ReadsFrom(at) || p.in.Is("RUN") && p.Effect.WritesTo(at)
	})
}

// folder says why a folder that the COPY lays must come from it.
func (n *narrowing) folder(l effect.Laid, stays bool, total, have map[string]int) string {
	if l.Dest == n.at || within(n.at, l.Dest) {
		if !strings.HasSuffix(l.Attr, " made") {
			return fmt.Sprintf("%s gets the mode of the context's folder, %s, from the COPY that makes it", l.Dest, strings.TrimSpace(l.Attr))
		}
		return ""
	}
	from := path.Join(n.root, strings.TrimPrefix(l.Dest, strings.TrimSuffix(n.at, "/")+"/"))
	switch mode, known := n.c.Facts.Context.Mode(from); {
	case stays && have[from] == total[from]:
		return "" // its own COPY lays it as this one does
	case stays && (!known || mode.Perm() != 0o755):
		return fmt.Sprintf("%s has the mode %v in the context, which a COPY of files in it would not give it", from, mode.Perm())
	case stays:
		return ""
	}
	for _, p := range n.behind {
		for _, w := range append(l.Writes(), effect.Place{Kind: effect.Folder, Name: l.Dest}) {
			if p.Effect.ReadsFrom(w) || p.in.Is("RUN") && p.Effect.WritesTo(w) {
				return fmt.Sprintf("line %d needs the folder %s, of which it reads no file", n.c.Line(p.in), l.Dest)
			}
		}
	}
	return ""
}
