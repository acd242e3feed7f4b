package debian

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const maxSteps = 5000 // choices among alternatives that are tried

// solver chooses packages. What it takes is on a trail, and taken back where a
// choice among alternatives comes to nothing.
type solver struct {
	a      *Archive
	choice Choice
	asked  []string
	chosen map[string]*Package
	by     map[string]string // who needs it
	trail  []string
	left   []LeftOut
	steps  int
}

// need is a clause of a package that was chosen.
type need struct {
	of     *Package
	clause clause
}

// take chooses a package unless one that was chosen cannot be beside it.
func (s *solver) take(p *Package, by string) ([]need, error) {
	if q := s.chosen[p.Name]; q != nil {
		if q == p {
			return nil, nil
		}
		return nil, fmt.Errorf("%s: version %s is needed, and %s by others", s.chain(by, p.Name), p.Version, q.Version)
	}
	if err := p.relations(); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.chosen)) {
		q := s.chosen[name]
		if collide(p, q) || collide(q, p) {
			return nil, fmt.Errorf("%s %s conflicts with %s %s", s.chain(by, p.Name), p.Version, s.chain(s.by[q.Name], q.Name), q.Version)
		}
	}
	s.chosen[p.Name], s.by[p.Name] = p, by
	s.trail = append(s.trail, p.Name)
	var out []need
	for _, c := range p.depends {
		out = append(out, need{p, c})
	}
	return out, nil
}

func collide(p, q *Package) bool {
	return slices.ContainsFunc(p.conflicts, func(c clause) bool { return slices.ContainsFunc(c, q.meets) })
}

// solve settles clauses that leave one choice first, then the others in turn.
func (s *solver) solve(needs, open []need) error {
	for len(needs) > 0 {
		n := needs[0]
		needs = needs[1:]
		if s.met(n.clause) || s.waived(n) {
			continue
		}
		options, err := s.options(n)
		if err != nil {
			return err
		}
		switch len(options) {
		case 0: // all that would do is excluded, which options has noted
		case 1:
			more, err := s.take(options[0], n.of.Name)
			if err != nil {
				return err
			}
			needs = append(needs, more...)
		default:
			open = append(open, n)
		}
	}
	for i, n := range open {
		if s.met(n.clause) {
			continue
		}
		return s.choose(n, open[i+1:])
	}
	return nil
}

// choose tries the alternatives of a clause; the error is that of the first, which
// is the one that its maintainer prefers.
func (s *solver) choose(n need, open []need) error {
	options, err := s.options(n)
	if err != nil {
		return err
	}
	var first error
	trail, left := len(s.trail), len(s.left)
	for _, p := range options {
		if s.steps++; s.steps > maxSteps {
			return errors.Join(first, fmt.Errorf("the dependencies leave too many choices: more than %d were tried", maxSteps))
		}
		more, err := s.take(p, n.of.Name)
		if err == nil {
			err = s.solve(more, slices.Clone(open))
		}
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		for _, name := range s.trail[trail:] {
			delete(s.chosen, name)
			delete(s.by, name)
		}
		s.trail, s.left = s.trail[:trail], s.left[:left]
	}
	return first
}

func (s *solver) met(c clause) bool {
	for _, r := range c {
		if p := s.chosen[r.name]; p != nil && p.meets(r) {
			return true
		}
		for _, p := range s.a.providers[r.name] {
			if q := s.chosen[p.Name]; q != nil && q.meets(r) {
				return true
			}
		}
	}
	return false
}

// waived tells a clause that is not followed: it names what is excluded, or what only
// maintainer scripts use. Another alternative is not taken in its place, since nobody
// wants cdebconf for having done without debconf.
func (s *solver) waived(n need) bool {
	for _, r := range n.clause {
		if slices.Contains(s.choice.Exclude, r.name) {
			s.left = append(s.left, LeftOut{n.clause.String(), n.of.Name, "excluded", true})
			return true
		}
	}
	for _, r := range n.clause {
		if slices.Contains(s.choice.Keep, r.name) || slices.Contains(s.asked, r.name) {
			return false
		}
	}
	for _, r := range n.clause {
		if why := scriptOnly(n.of.Name, r.name); why != "" {
			s.left = append(s.left, LeftOut{n.clause.String(), n.of.Name, why, false})
			return true
		}
	}
	return false
}

// options are the packages that settle a clause, in the order they are tried in: what
// was asked for goes first.
func (s *solver) options(n need) ([]*Package, error) {
	var out []*Package
	excluded := false
	for _, r := range n.clause {
		for _, p := range s.a.candidates(r) {
			if slices.Contains(s.choice.Exclude, p.Name) {
				excluded = true
				continue
			}
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	if len(out) == 0 && excluded {
		s.left = append(s.left, LeftOut{n.clause.String(), n.of.Name, "excluded", true})
		return nil, nil
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %s", s.chain(n.of.Name, n.clause.String()), s.lacks(n.clause))
	}
	slices.SortStableFunc(out, func(x, y *Package) int { return s.rank(x) - s.rank(y) })
	return out, nil
}

func (s *solver) rank(p *Package) int {
	if s.chosen[p.Name] != nil || slices.Contains(s.choice.Keep, p.Name) {
		return 0
	}
	return 1
}

// lacks says why nothing meets a clause.
func (s *solver) lacks(c clause) string {
	var has []string
	for _, r := range c {
		if list := s.a.byName[r.name]; len(list) > 0 {
			has = append(has, r.name+" "+list[0].Version)
		}
	}
	if len(has) == 0 {
		return s.a.Suite + " has no such package"
	}
	return s.a.Suite + " has " + strings.Join(has, ", ")
}

// chain is the way from what was asked for to a package.
func (s *solver) chain(by, to string) string {
	out := to
	for range maxSteps {
		if by == "" {
			break
		}
		out = by + " → " + out
		by = s.by[by]
	}
	return out
}
