package passes

import (
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
)

// existing finds an install of the stage that surely runs before a need.
func (s *swap) existing(stage *dockerfile.Stage, n *needs.Stage, first needs.Need) (aptCall, bool) {
	for _, sc := range scripts(s.c) {
		if sc.stage != stage || sc.in.Index > first.In.Index {
			continue
		}
		if !s.root(stage, sc.in) {
			return aptCall{}, false
		}
		at := slices.IndexFunc(n.Installed, func(i needs.Install) bool { return i.In == sc.in })
		if at < 0 || n.Installed[at].At > first.At {
			continue
		}
		for _, call := range aptCalls(sc) {
			if call.in.Verb != "install" || call.verb != "install" {
				continue
			}
			if call.always() && call.strange() == "" && len(call.in.Packages) > 0 && !call.in.Has("-t") && !call.in.Has("--only-upgrade") && !call.in.Has("--download-only") && !call.in.Has("--reinstall") {
				return call, true
			}
			break
		}
	}
	return aptCall{}, false
}

// root reports whether no USER stands before an instruction of the stage.
func (s *swap) root(stage *dockerfile.Stage, before *dockerfile.Instruction) bool {
	for at := stage; at != nil; at = at.Base {
		for _, in := range slices.Backward(at.Instructions) {
			if at == stage && in.Index >= before.Index {
				continue
			}
			if u, ok := in.Command.(*instructions.UserCommand); ok {
				return u.User == "root" || u.User == "0" || u.User == "0:0" || u.User == "root:root"
			}
		}
	}
	config, _ := s.to.Config()
	return config == nil || slices.Contains([]string{"", "0", "root"}, config.User)
}

// withPackages adds packages to the list of an install, in its own layout: in their
// place where the list is sorted.
func (a aptCall) withPackages(more []string) (edits []dockerfile.Edit, ok bool) {
	var list []string
	for _, i := range a.in.Packages {
		list = append(list, a.Words[a.from+i].Prefix)
	}
	more = slices.DeleteFunc(slices.Clone(more), func(p string) bool { return slices.Contains(list, p) })
	sorted := len(list) > 1 && slices.IsSorted(list)
	gap := a.packageGap()
	texts := make([]string, len(list)+1) // before the first, and behind each
	for _, p := range more {
		pos := len(list)
		if sorted {
			pos, _ = slices.BinarySearch(list, p)
		}
		if pos == 0 {
			texts[0] += p + gap
		} else {
			texts[pos] += gap + p
		}
	}
	for i, text := range texts {
		if text == "" {
			continue
		}
		var edit dockerfile.Edit
		if i == 0 {
			edit, ok = a.s.before(a.Words[a.from+a.in.Packages[0]].Lo, text)
		} else {
			edit, ok = a.s.insert(a.Words[a.from+a.in.Packages[i-1]].Hi, text)
		}
		if !ok {
			return nil, false
		}
		edits = append(edits, edit)
	}
	return edits, true
}
