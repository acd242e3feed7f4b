package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
)

// ofNeeds is the key of what a stage needs.
type ofNeeds struct{ *dockerfile.Stage }

func needsOf(c *rewrite.Context, stage *dockerfile.Stage) *needs.Stage {
	return rewrite.Memo(c, ofNeeds{stage}, func() *needs.Stage { return needsFile(c).Of(stage) })
}

// ofNeedsFile is the key of what the stages of a file share.
type ofNeedsFile struct{ *dockerfile.File }

func needsFile(c *rewrite.Context) *needs.File {
	return rewrite.Memo(c, ofNeedsFile{c.File}, func() *needs.File { return needs.New(c.Facts.Context) })
}

// missing is a package that the new image lacks and the stage needs.
type missing struct {
	name  string
	need  needs.Need
	whose string // the command or the package of a language that needs it
}

// slim works out a swap to an image with fewer packages of the same suite.
func (s *swap) slim() string {
	d := differ(s.from, s.to)
	if d == nil {
		return fmt.Sprintf("what %s has and %s lacks is not known", s.from.Short(), tagOf(s.to))
	}
	if why := s.manuals(); why != "" {
		return why
	}
	return s.without(d)
}

// without works out what becomes of the stages once the base lacks what differs.
func (s *swap) without(d *difference) string {
	if d.none() {
		return ""
	}
	if why := s.taken(); why != "" {
		return why
	}
	inherited := map[*dockerfile.Stage][]needs.Install{}
	for _, stage := range s.all {
		n := needsOf(s.c, stage)
		have := slices.Concat(inherited[stage.Base], n.Installed)
		later := slices.Clone(inherited[stage.Base])
		for _, i := range n.Installed {
			i.At = -1 // before whatever a stage on this one does
			later = append(later, i)
		}
		if why := s.unknowns(n); why != "" {
			return why
		}
		list, why := s.lacking(d, n, have)
		if why != "" {
			return why
		}
		more, why := s.carried(d, stage, have)
		if why != "" {
			return why
		}
		list = append(list, more...)
		if why := s.install(stage, n, list); why != "" {
			return why
		}
		for _, m := range list {
			later = append(later, needs.Install{Name: m.name, Manager: "apt", At: -1})
		}
		inherited[stage] = later
		if n.Unread && len(n.Programs) > 0 {
			s.note("what " + clipped(n.Programs[0]) + " calls itself was not read")
		}
	}
	return ""
}

func (s *swap) note(text string) {
	if !slices.Contains(s.notes, text) {
		s.notes = append(s.notes, text)
	}
}

func clipped(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return text
}

// unknowns is what cannot be known of a stage's needs.
func (s *swap) unknowns(n *needs.Stage) string {
	if len(n.Unknown) == 0 {
		return ""
	}
	why := n.Unknown[0].Why
	if more := len(n.Unknown) - 1; more > 0 {
		why = fmt.Sprintf("%s (and %d more)", why, more)
	}
	return fmt.Sprintf("line %d: %s", s.c.Line(n.Unknown[0].In), why)
}

// lacking are the packages of the system that a stage needs and the new image does
// not have.
func (s *swap) lacking(d *difference, n *needs.Stage, have []needs.Install) (list []missing, why string) {
	add := func(name string, need needs.Need, whose string) {
		if d.lacks(name) && !provided(have, name, need.At, s.to.Suite) && !slices.ContainsFunc(list, func(m missing) bool { return m.name == name && m.need.At <= need.At }) {
			list = append(list, missing{name, need, whose})
		}
	}
	for _, need := range n.Needs {
		switch need.Kind {
		case needs.Command:
			pkg, lost := d.command(need.Name)
			if !lost || provides(have, need.Name, need.At, s.to.Suite) {
				continue
			}
			if pkg == "" {
				return nil, fmt.Sprintf("line %d: %s needs %s, which %s lacks, and no package of %s is known to have it", s.c.Line(need.In), need.By, need.Name, tagOf(s.to), s.to.Suite)
			}
			add(pkg, need, need.Name)
			if slices.Contains([]string{"curl", "wget", "git"}, need.Name) {
				add("ca-certificates", need, need.Name)
			}
		case needs.Certificates, needs.Zones, needs.Package:
			add(need.Name, need, need.Name)
		}
	}
	for _, of := range languages(n) {
		for _, dep := range of.list {
			known, why := of.find(dep.Name, s.to.Suite, dep.Compiled || strings.HasSuffix(s.from.Repository, "/pypy")) // for which few publish anything ready
			if why != "" {
				return nil, fmt.Sprintf("line %d: %s installs %s, which %s", s.c.Line(dep.In), dep.By, dep.Name, why)
			}
			need := needs.Need{By: dep.By, In: dep.In, At: dep.At}
			for _, p := range known.build {
				add(p, need, dep.Name)
			}
			need.At = needs.Running
			for _, p := range known.run {
				add(p, need, dep.Name)
			}
		}
	}
	return list, ""
}

// ofLanguage are packages of a language, and who knows what they need.
type ofLanguage struct {
	list []needs.Dependency
	find func(name, suite string, compiled bool) (needed, string)
}

func languages(n *needs.Stage) []ofLanguage {
	return []ofLanguage{{n.Python, pythonNeeds}, {n.Node, nodeNeeds}, {n.Ruby, rubyNeeds}, {n.Rust, rustNeeds}}
}
