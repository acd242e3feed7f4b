package base

import (
	"cmp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// Packages are the installed packages by name, sorted, and how they are known:
// [Unknown] with nil where they are not, [Partial] where some are missing.
func (i *Image) Packages() ([]string, Exactness) {
	if i.Known == Scratch {
		return []string{}, Exact
	}
	if i.given != nil && i.given.Packages != nil {
		return givenNames(i.given.Packages), Given
	}
	a := i.about()
	if a.Set == "" {
		if a.Facts.Packages == nil {
			return nil, Unknown
		}
		var out []string
		for _, p := range a.Facts.Packages {
			if !strings.Contains(p, " ") { // such as "ca-certificates (certificate bundle only)"
				out = append(out, p)
			}
		}
		slices.Sort(out)
		return slices.Compact(out), a.exact
	}
	value, _ := facts.Get(table.Packages + a.Set)
	_, rest, _ := strings.Cut(value, "\t")
	_, names, _ := strings.Cut(rest, "\t")
	return strings.Fields(names), a.setExact()
}

// Files are what is in an image without packages' own names for it: "ca-certificates
// (certificate bundle only)".
func (i *Image) Files() []string {
	var out []string
	for _, p := range i.about().Facts.Packages {
		if strings.Contains(p, " ") {
			out = append(out, p)
		}
	}
	return out
}

// PackagesSource says what the packages and commands were made from.
func (i *Image) PackagesSource() string {
	a := i.about()
	if a.Set == "" {
		return a.Facts.Source
	}
	value, _ := facts.Get(table.Packages + a.Set)
	_, rest, _ := strings.Cut(value, "\t")
	source, _, _ := strings.Cut(rest, "\t")
	return source
}

func (a *about) setExact() Exactness {
	if a.exact == Nearest && a.SetExact != string(Partial) && a.of != "" {
		return Nearest
	}
	return Exactness(a.SetExact)
}

// Command is a program that is found on PATH.
type Command struct {
	Name    string `json:"name"`
	Package string `json:"package,omitempty"` // "" where the image itself put it there
	// Alternative says that it is a link of update-alternatives, which the package
	// makes when it is installed.
	Alternative bool `json:"alternative,omitempty"`
}

// Commands are the programs on PATH, sorted by name, and how they are known;
// [Unknown] with nil where they are not. Those with full paths that are not on
// PATH, as in distroless images, are in [Image.Programs].
func (i *Image) Commands() ([]Command, Exactness) {
	if i.Known == Scratch {
		return []Command{}, Exact
	}
	if i.given != nil && i.given.Commands != nil {
		var out []Command
		for _, name := range givenNames(i.given.Commands) {
			out = append(out, Command{Name: name})
		}
		return out, Given
	}
	a := i.about()
	if a.Set == "" {
		if a.Facts.Packages == nil { // distroless images list both
			return nil, Unknown
		}
		return i.listed(a)
	}
	var out []Command
	if !i.each(a, func(c Command) bool {
		out = append(out, c)
		return true
	}) {
		return nil, Unknown
	}
	// Of two with a name, that of the image stands before the distribution's on PATH:
	// python3.13 in the full python:3.13, which has Debian's too.
	slices.SortFunc(out, func(a, b Command) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Package, b.Package))
	})
	return slices.CompactFunc(out, func(a, b Command) bool { return a.Name == b.Name }), a.setExact()
}

// each calls yield for the commands of the image's set, in any order, until it says
// no; false where there is no such set.
func (i *Image) each(a *about, yield func(Command) bool) bool {
	value, ok := facts.Get(table.Commands + a.Set)
	if !ok {
		return false
	}
	version := i.Version()
	minor := minorOf(version)
	_, groups, _ := strings.Cut(value, "\t") // behind the note
	for group := range strings.SplitSeq(groups, "\t") {
		from, names, _ := strings.Cut(group, " ")
		c := Command{Package: from}
		if p, ok := strings.CutPrefix(from, "~"); ok {
			c.Package, c.Alternative = p, true
		} else if from == "." {
			c.Package = ""
		}
		for name := range strings.FieldsSeq(names) {
			if c.Name = ofVersion(name, version, minor); c.Name != "" && !yield(c) {
				return true
			}
		}
	}
	return true
}

// listed are the commands that an image lists by path, those in its PATH. What is
// listed in words ("busybox applets in /busybox") makes the list partial.
func (i *Image) listed(a *about) ([]Command, Exactness) {
	out, exact := []Command{}, a.exact
	for _, c := range a.Facts.Commands {
		at := strings.LastIndex(c, "/")
		switch {
		case !strings.HasPrefix(c, "/"):
			exact = Partial
		case slices.Contains(paths(a.Facts.Config), c[:at]):
			out = append(out, Command{Name: c[at+1:]})
		}
	}
	slices.SortFunc(out, func(a, b Command) int { return strings.Compare(a.Name, b.Name) })
	return out, exact
}

// Programs are full paths of programs and sets of them, on PATH or not, where the
// source lists these instead of packages' commands: /nodejs/bin/node, "busybox
// applets in /busybox".
func (i *Image) Programs() []string { return i.about().Facts.Commands }

func paths(c *Config) []string {
	if c == nil {
		return nil
	}
	for _, env := range c.Env {
		if list, ok := strings.CutPrefix(env, "PATH="); ok {
			return strings.Split(list, ":")
		}
	}
	return nil
}

// Has reports whether a command is on PATH; known is false where the image's
// commands are not known, or only some and this is not one of them.
func (i *Image) Has(command string) (has, known bool) {
	if a := i.about(); a.Set != "" && (i.given == nil || i.given.Commands == nil) {
		ok := i.each(a, func(c Command) bool {
			has = c.Name == command
			return !has
		})
		return has, has || ok && a.setExact() != Partial
	}
	all, exact := i.Commands()
	if exact == Unknown {
		return false, false
	}
	_, has = slices.BinarySearchFunc(all, command, func(c Command, name string) int { return strings.Compare(c.Name, name) })
	return has, has || exact != Partial
}

// ofVersion is a command's name in an image of a version, or "" where that has no
// such command: 2to3-{minor}{<=3.12}. A condition on a version that is not known
// does not hold.
func ofVersion(name, version, minor string) string {
	if !strings.Contains(name, "{") || name == "{" {
		return name
	}
	if strings.Contains(name, "{minor}") {
		if minor == "" {
			return ""
		}
		name = strings.ReplaceAll(name, "{minor}", minor)
	}
	name, when, ok := strings.Cut(name, "{")
	if !ok {
		return name
	}
	bound := strings.TrimSuffix(when[2:], "}")
	switch {
	case version == "":
		return ""
	case when[0] == '<' && older(bound, cut(version, bound)),
		when[0] == '>' && older(version, bound):
		return ""
	}
	return name
}

// cut shortens a version to as many numbers as another has.
func cut(version, like string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:min(len(parts), strings.Count(like, ".")+1)], ".")
}

// minorOf is 3.12 of 3.12.14, and "" of 3.
func minorOf(version string) string {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return ""
	}
	return parts[0] + "." + parts[1]
}

// older compares versions number by number; 3 is older than 3.1.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for n := range min(len(x), len(y)) {
		if x[n] != y[n] {
			if len(x[n]) != len(y[n]) {
				return len(x[n]) < len(y[n])
			}
			return x[n] < y[n]
		}
	}
	return len(x) < len(y)
}
