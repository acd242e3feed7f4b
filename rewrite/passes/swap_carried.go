package passes

import (
	"fmt"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
)

// compilers are the programs that make others of which nobody says what they are
// linked with.
var compilers = wordSet("gcc g++ cc c++ clang clang++ cmake meson ninja ghc stack cabal swift rustc cargo ld")

// carried are the libraries of what a stage takes from others: packages of a
// language that were installed there are linked with them.
func (s *swap) carried(d *difference, stage *dockerfile.Stage, have []needs.Install) (list []missing, why string) {
	for _, in := range stage.Instructions {
		cmd, ok := in.Command.(*instructions.CopyCommand)
		if !ok || cmd.From == "" {
			continue
		}
		for _, from := range s.behind(in, nil) {
			n := needsOf(s.c, from)
			for _, of := range languages(n) {
				for _, dep := range of.list {
					known, _ := of.find(dep.Name, s.to.Suite, false)
					for _, p := range known.run {
						if d.lacks(p) && !provided(have, p, needs.Running, s.to.Suite) {
							list = append(list, missing{p, needs.Need{By: "stage " + title(from), In: in, At: needs.Running}, dep.Name})
						}
					}
				}
			}
			for _, need := range n.Needs {
				if need.Kind == needs.Command && compilers[need.Name] && !need.Run() {
					return nil, fmt.Sprintf("line %d: what %s makes in stage %s may be linked with libraries that %s lacks", s.c.Line(in), need.Name, title(from), tagOf(s.to))
				}
			}
		}
	}
	return list, ""
}

// title is a stage as messages name it.
func title(stage *dockerfile.Stage) string { return stage.String() }

// behind are the stages that a COPY takes from, with those they are built on and
// take from in turn.
func (s *swap) behind(in *dockerfile.Instruction, seen []*dockerfile.Stage) []*dockerfile.Stage {
	if s.refs == nil {
		s.refs = map[*dockerfile.Instruction]*dockerfile.Stage{}
		for _, ref := range s.c.File.Refs() {
			if ref.Stage != nil && ref.In.From == nil {
				s.refs[ref.In] = ref.Stage
			}
		}
	}
	for at := s.refs[in]; at != nil && !slices.Contains(seen, at); at = at.Base {
		seen = append(seen, at)
		for _, inner := range at.Instructions {
			if s.refs[inner] != nil {
				seen = s.behind(inner, seen)
			}
		}
	}
	return seen
}
