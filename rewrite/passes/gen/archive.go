package main

import (
	"bufio"
	"slices"
	"strings"
)

// archive is what the lists say of packages (deb-control(5)).
type archive struct {
	packages map[string]*pkg
	provided map[string][]string // by what they provide
	base     map[string]bool     // what every system has
}

type pkg struct {
	name, version string
	required      bool
	provides      []string
	// depends and recommends are lists of alternatives.
	depends, recommends [][]string
}

func newArchive() *archive {
	return &archive{packages: map[string]*pkg{}, provided: map[string][]string{}}
}

// read adds the packages of a list. Of several versions the highest stays.
func (a *archive) read(source string) error {
	in, err := open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	p := &pkg{}
	var pre [][]string
	done := func() {
		if have := a.packages[p.name]; p.name != "" && (have == nil || compareVersions(have.version, p.version) <= 0) {
			p.depends = append(pre, p.depends...)
			a.packages[p.name] = p
		}
		p, pre = &pkg{}, nil
	}
	for lines.Scan() {
		line := lines.Text()
		name, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case line == "":
			done()
		case !ok || line[0] == ' ':
		case name == "Package":
			p.name = value
		case name == "Version":
			p.version = value
		case name == "Priority" && value == "required", name == "Essential" && value == "yes":
			p.required = true
		case name == "Provides":
			for _, alternatives := range relations(value) {
				p.provides = append(p.provides, alternatives[0])
			}
		case name == "Pre-Depends":
			pre = relations(value)
		case name == "Depends":
			p.depends = relations(value)
		case name == "Recommends":
			p.recommends = relations(value)
		}
	}
	done()
	return lines.Err()
}

// relations reads a field such as `a (>= 1) | b:any, c`, without versions and
// architectures.
func relations(field string) (out [][]string) {
	for relation := range strings.SplitSeq(field, ",") {
		var alternatives []string
		for one := range strings.SplitSeq(relation, "|") {
			one = strings.TrimSpace(one)
			if i := strings.IndexAny(one, " \t(:["); i >= 0 {
				one = one[:i]
			}
			if one != "" {
				alternatives = append(alternatives, one)
			}
		}
		if len(alternatives) > 0 {
			out = append(out, alternatives)
		}
	}
	return out
}

// names are those of all packages, sorted.
func (a *archive) names() []string {
	var out []string
	for name := range a.packages {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// settle notes what all packages provide, and what every system has: what is
// required or essential, apt, and what they depend on. Systems have been made with
// one /usr for years (usr-is-merged).
func (a *archive) settle() {
	var required []string
	for _, name := range a.names() {
		for _, p := range a.packages[name].provides {
			a.provided[p] = append(a.provided[p], name)
		}
		if a.packages[name].required && name != "usrmerge" {
			required = append(required, name)
		}
	}
	a.base = a.closure(append(required, "apt"), map[string]bool{"usr-is-merged": true})
}

// pick is what apt installs for alternatives, "" if one of them is there: the first
// that the archive has, or the first that provides it.
func (a *archive) pick(alternatives []string, have map[string]bool) string {
	for _, name := range alternatives {
		if have[name] || slices.ContainsFunc(a.provided[name], func(p string) bool { return have[p] }) {
			return ""
		}
	}
	for _, name := range alternatives {
		if a.packages[name] != nil {
			return name
		}
		if by := a.provided[name]; len(by) > 0 {
			return by[0]
		}
	}
	return ""
}

// closure is what is there once packages and all that they depend on are installed.
func (a *archive) closure(names []string, before map[string]bool) map[string]bool {
	have := map[string]bool{}
	for name := range before {
		have[name] = true
	}
	for _, name := range names {
		have[name] = true
	}
	for todo := slices.Clone(names); len(todo) > 0; todo = todo[1:] {
		p := a.packages[todo[0]]
		if p == nil {
			continue
		}
		for _, alternatives := range p.depends {
			if next := a.pick(alternatives, have); next != "" {
				have[next] = true
				todo = append(todo, next)
			}
		}
	}
	return have
}

// recommended is what a package and all that it depends on recommend beyond that.
func (a *archive) recommended(name string) (out []string) {
	have := a.closure([]string{name}, a.base)
	for at := range have {
		if p := a.packages[at]; p != nil && (!a.base[at] || at == name) {
			for _, alternatives := range p.recommends {
				if next := a.pick(alternatives, have); next != "" {
					out = append(out, next)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
