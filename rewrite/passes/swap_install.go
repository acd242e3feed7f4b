package passes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
	"github.com/restow/restow/rewrite/shell"
)

// install puts the missing packages into a stage: into an apt-get install that runs
// before the first use, or into a RUN of its own.
func (s *swap) install(stage *dockerfile.Stage, n *needs.Stage, list []missing) string {
	if len(list) == 0 {
		return ""
	}
	slices.SortStableFunc(list, func(a, b missing) int { return cmp.Compare(a.need.At, b.need.At) })
	var names []string
	for _, m := range list {
		if building(m.name) {
			return s.compiling(list)
		}
		if !slices.Contains(names, m.name) {
			names = append(names, m.name)
			whose := " for " + m.whose
			if m.whose == m.name {
				whose = ""
			}
			s.kept = append(s.kept, fmt.Sprintf("%s%s (%s, line %d)", m.name, whose, m.need.By, s.c.Line(m.need.In)))
		}
	}
	slices.Sort(names)
	if call, ok := s.existing(stage, n, list[0].need); ok {
		edits, ok := call.withPackages(names)
		if ok {
			s.edits = append(s.edits, edits...)
			return ""
		}
	}
	return s.newInstall(stage, names)
}

// building reports whether a package is for compiling: it belongs in a stage of
// its own and not into the image.
func building(name string) bool {
	return strings.HasSuffix(name, "-dev") || slices.Contains(wordList("gcc g++ cpp build-essential binutils rustc cargo cmake autoconf automake libtool clang gfortran"), versions.ReplaceAllString(name, ""))
}

// compiling says which packages a compiler would be needed for.
func (s *swap) compiling(list []missing) string {
	var tools []string
	var first missing
	for _, m := range list {
		if building(m.name) && !slices.Contains(tools, m.name) {
			if tools = append(tools, m.name); len(tools) == 1 {
				first = m
			}
		}
	}
	slices.Sort(tools)
	text := strings.Join(tools, ", ")
	if first.whose == first.need.Name {
		return fmt.Sprintf("line %d: %s needs %s, which %s lacks: compile in a stage of its own, and copy what comes of it", s.c.Line(first.need.In), first.need.By, first.whose, tagOf(s.to))
	}
	return fmt.Sprintf("line %d: %s is compiled where it is installed, which needs %s: install it in a stage of its own, and copy what comes of it", s.c.Line(first.need.In), first.whose, text)
}

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

// newInstall writes a RUN that installs packages behind FROM and what only sets
// variables.
func (s *swap) newInstall(stage *dockerfile.Stage, names []string) string {
	var argv []string
	var before *dockerfile.Instruction
	argv = shellOf(stage.Base)
	for _, in := range stage.Instructions {
		if !in.Is("ARG") && !in.Is("ENV") {
			before = in
			break
		}
	}
	list := strings.Join(names, ", ")
	_, why := shell.DialectOf(argv)
	switch {
	case before == nil:
		return "there is no place to install " + list
	case why != "":
		return "SHELL is none that restow writes for, and " + list + " would have to be installed"
	case !s.root(stage, before):
		return fmt.Sprintf("%s would have to be installed, and the stage is not root's", list)
	case s.to.Distro == "debian" && slices.Contains(wordList("wheezy jessie stretch buster"), s.to.Suite):
		return fmt.Sprintf("%s would have to be installed, and the packages of %s are no longer served", list, s.to.Suite)
	case s.to.Distro != "debian":
		return fmt.Sprintf("%s would have to be installed, and its names in %s are not known", list, cmp.Or(s.to.Suite, s.to.Short()))
	}
	if manager, exact := s.to.Manager(); manager != "apt" && exact != base.Unknown {
		return fmt.Sprintf("%s would have to be installed, and %s has no apt-get", list, tagOf(s.to))
	}
	run := "RUN"
	if s.stage.From.Keyword().S == "from" {
		run = "run"
	}
	s.edits = append(s.edits, before.InsertBefore(run+" apt-get update && apt-get install -y --no-install-recommends "+strings.Join(names, " ")+" && "+rmAptLists))
	return ""
}
