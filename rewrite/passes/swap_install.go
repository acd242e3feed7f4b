package passes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
