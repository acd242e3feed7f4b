package debian

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Foundation are the packages that every image has unless they are excluded: what
// tells the distribution, certificates, time zones, and names of protocols.
var Foundation = []string{"base-files", "ca-certificates", "netbase", "tzdata"}

// Choice says which packages are wanted.
type Choice struct {
	Want    []string // names, or name=version
	Exclude []string // left out, whoever needs them
	Keep    []string // taken although only maintainer scripts are known to need them
}

// LeftOut is a dependency that was not followed.
type LeftOut struct {
	Name string // the relation, as the package has it
	Of   string // the package that has it
	Why  string
	// Asked is set where somebody excluded it: what Of does without is not known.
	Asked bool
}

// Selection is what was chosen.
type Selection struct {
	Packages []*Package // what a package needs stands before it, but for cycles
	Left     []LeftOut
	asked    []string
}

// Resolve works out what the wanted packages need: Pre-Depends and Depends, but not
// Recommends, and Essential packages only where something names them. Where there are
// alternatives, the first that fits is taken, one that is there anyway before others.
func (a *Archive) Resolve(choice Choice) (*Selection, error) {
	s := &solver{a: a, choice: choice, chosen: map[string]*Package{}, by: map[string]string{}}
	var needs []need
	for _, want := range choice.Want {
		p, err := a.wanted(want)
		if err != nil {
			return nil, err
		}
		if slices.Contains(choice.Exclude, p.Name) {
			return nil, fmt.Errorf("%s is asked for and excluded", p.Name)
		}
		if !slices.Contains(s.asked, p.Name) {
			s.asked = append(s.asked, p.Name)
		}
		more, err := s.take(p, "")
		if err != nil {
			return nil, err
		}
		needs = append(needs, more...)
	}
	for _, name := range Foundation {
		if slices.Contains(choice.Exclude, name) || s.chosen[name] != nil || len(a.byName[name]) == 0 {
			continue
		}
		more, err := s.take(a.byName[name][0], "")
		if err != nil {
			return nil, err
		}
		needs = append(needs, more...)
	}
	if err := s.solve(needs, nil); err != nil {
		return nil, err
	}
	return s.selection(), nil
}

// wanted is the package that somebody names.
func (a *Archive) wanted(want string) (*Package, error) {
	name, version, exact := strings.Cut(want, "=")
	list := a.byName[name]
	if len(list) == 0 {
		if len(a.providers[name]) > 0 {
			var by []string
			for _, p := range a.providers[name] {
				by = append(by, p.Name)
			}
			slices.Sort(by)
			by = slices.Compact(by)
			return nil, fmt.Errorf("%s is a virtual package: name one that provides it (%s)", name, strings.Join(by[:min(len(by), 8)], ", "))
		}
		return nil, fmt.Errorf("%s (main, %s) has no package %q", a.Suite, a.Arch, name)
	}
	for _, p := range list {
		if !exact || p.Version == version {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s has %s %s, not %s", a.Suite, name, list[0].Version, version)
}

// selection orders what was chosen: a package after those that it needs.
func (s *solver) selection() *Selection {
	out := &Selection{asked: s.asked}
	seen := map[string]bool{}
	var visit func(p *Package)
	visit = func(p *Package) {
		if seen[p.Name] {
			return
		}
		seen[p.Name] = true
		for _, c := range p.depends {
			for _, name := range slices.Sorted(maps.Keys(s.chosen)) {
				if q := s.chosen[name]; slices.ContainsFunc(c, q.meets) {
					visit(q)
				}
			}
		}
		out.Packages = append(out.Packages, p)
	}
	for _, name := range append(slices.Clone(Foundation), slices.Sorted(maps.Keys(s.chosen))...) {
		if p := s.chosen[name]; p != nil {
			visit(p)
		}
	}
	for _, l := range s.left {
		// What was left out on the way may have come in by another one.
		c, err := parseRelations(l.Name)
		if (err != nil || !s.met(c[0])) && !slices.Contains(out.Left, l) {
			out.Left = append(out.Left, l)
		}
	}
	return out
}
