package main

import (
	"fmt"
	"slices"
	"strings"
)

// baseDiffDoc is what base diff --json prints. Fields are only ever added to it.
type baseDiffDoc struct {
	From     *baseSide   `json:"from"`
	To       *baseSide   `json:"to"`
	Config   []changeDoc `json:"config"`
	Packages *setDiffDoc `json:"packages,omitempty"` // absent where those of one side are not known
	Commands *setDiffDoc `json:"commands,omitempty"`
	Size     []changeDoc `json:"size"`
	Other    []changeDoc `json:"other"` // shell, package manager, libc and the like
}

type baseSide struct {
	Image    string `json:"image"`
	Known    string `json:"known"`
	Packages int    `json:"packages,omitempty"`
	Commands int    `json:"commands,omitempty"`
}

type changeDoc struct {
	Name string `json:"name"`
	From string `json:"from"`
	To   string `json:"to"`
}

type setDiffDoc struct {
	FromExact string   `json:"fromExact"`
	ToExact   string   `json:"toExact"`
	Removed   []string `json:"removed"`
	Added     []string `json:"added"`
}

// baseDiff prints in what two images differ.
func (a *app) baseDiff(f *baseFlags, from, to string) error {
	docs, err := a.baseFacts(f, from, to)
	if err != nil {
		return err
	}
	d := compare(docs[0], docs[1])
	if f.json {
		err = a.json(d)
	} else {
		a.printBaseDiff(docs[0], docs[1], d)
	}
	if err == nil && (docs[0].unknown() || docs[1].unknown()) {
		return exit{code: exitRemain}
	}
	return err
}

// compare finds the differences. What the registry says of both sides goes before
// what the table says, and is not compared with it.
func compare(from, to *baseDoc) *baseDiffDoc {
	both := from.Registry != nil && to.Registry != nil
	d := &baseDiffDoc{From: from.side(), To: to.side(), Config: []changeDoc{}, Size: []changeDoc{}, Other: []changeDoc{}}
	a, b := from.Config, to.Config
	if both {
		a, b = from.Registry.Config, to.Registry.Config
	}
	if a != nil && b != nil {
		d.Config = configDiff(a, b)
	}
	x, y := from.Packages, to.Packages
	if both && from.Registry.SBOM != nil && to.Registry.SBOM != nil {
		x, y = from.Registry.SBOM, to.Registry.SBOM
	}
	if x != nil && y != nil {
		d.Packages = setDiff(x.Names, y.Names, x.Exact, y.Exact)
		d.From.Packages, d.To.Packages = len(x.Names), len(y.Names)
	}
	if x, y := from.Commands, to.Commands; x != nil && y != nil {
		d.Commands = setDiff(commandNames(x.Names), commandNames(y.Names), x.Exact, y.Exact)
		d.From.Commands, d.To.Commands = len(x.Names), len(y.Names)
	}
	changed := func(into *[]changeDoc, name, from, to string) {
		if from != to {
			*into = append(*into, changeDoc{name, from, to})
		}
	}
	if both {
		changed(&d.Size, "compressed", megabytes(from.Registry.Compressed), megabytes(to.Registry.Compressed))
	} else if from.Size != nil && to.Size != nil {
		if from.Size.Compressed > 0 && to.Size.Compressed > 0 {
			changed(&d.Size, "compressed", megabytes(from.Size.Compressed), megabytes(to.Size.Compressed))
		}
		if from.Size.Unpacked > 0 && to.Size.Unpacked > 0 {
			changed(&d.Size, "unpacked", fmt.Sprintf("%.1f MB", from.Size.Unpacked), fmt.Sprintf("%.1f MB", to.Size.Unpacked))
		}
	}
	if from.Shell != nil && to.Shell != nil {
		changed(&d.Other, "shell", from.Shell.Sh, to.Shell.Sh)
		changed(&d.Other, "bash", yesNo(from.Shell.Bash), yesNo(to.Shell.Bash))
	}
	for _, c := range []changeDoc{
		{"package manager", from.Manager, to.Manager},
		{"version", from.Version, to.Version},
		{"distribution", from.Distro, to.Distro},
		{"suite", from.Suite, to.Suite},
		{"libc", from.Libc, to.Libc},
	} {
		if c.From != "" && c.To != "" {
			changed(&d.Other, c.Name, c.From, c.To)
		}
	}
	return d
}

func (d *baseDoc) side() *baseSide { return &baseSide{Image: d.Image, Known: d.Known} }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func configDiff(a, b *configDoc) []changeDoc {
	out := []changeDoc{}
	for _, c := range []changeDoc{
		{"ENTRYPOINT", execForm(a.Entrypoint), execForm(b.Entrypoint)},
		{"CMD", execForm(a.Cmd), execForm(b.Cmd)},
		{"USER", a.User, b.User},
		{"WORKDIR", a.WorkingDir, b.WorkingDir},
		{"EXPOSE", strings.Join(a.ExposedPorts, " "), strings.Join(b.ExposedPorts, " ")},
		{"VOLUME", strings.Join(a.Volumes, " "), strings.Join(b.Volumes, " ")},
		{"STOPSIGNAL", a.StopSignal, b.StopSignal},
		{"SHELL", execForm(a.Shell), execForm(b.Shell)},
		{"HEALTHCHECK", execForm(a.Healthcheck), execForm(b.Healthcheck)},
		{"ONBUILD", strings.Join(a.OnBuild, "; "), strings.Join(b.OnBuild, "; ")},
	} {
		if c.From != c.To {
			out = append(out, c)
		}
	}
	from, to := variables(a.Env), variables(b.Env)
	var all []string
	for _, list := range [][]string{a.Env, b.Env} {
		for _, env := range list {
			name, _, _ := strings.Cut(env, "=")
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	for _, name := range all {
		if from[name] != to[name] {
			out = append(out, changeDoc{"ENV " + name, from[name], to[name]})
		}
	}
	return out
}

// variables are NAME=value by name, the last of each.
func variables(env []string) map[string]string {
	out := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		out[name] = value
	}
	return out
}

// setDiff compares two sorted lists.
func setDiff(from, to []string, fromExact, toExact string) *setDiffDoc {
	d := &setDiffDoc{FromExact: fromExact, ToExact: toExact, Removed: []string{}, Added: []string{}}
	for _, n := range from {
		if _, ok := slices.BinarySearch(to, n); !ok {
			d.Removed = append(d.Removed, n)
		}
	}
	for _, n := range to {
		if _, ok := slices.BinarySearch(from, n); !ok {
			d.Added = append(d.Added, n)
		}
	}
	return d
}

// printBaseDiff writes the differences for people.
func (a *app) printBaseDiff(from, to *baseDoc, d *baseDiffDoc) {
	fmt.Fprintf(a.out, "--- %s: %s\n+++ %s: %s\n", visible(from.short()), visible(from.state()), visible(to.short()), visible(to.state()))
	for _, part := range []struct {
		name string
		list []changeDoc
	}{{"", d.Other}, {"configuration", d.Config}, {"size", d.Size}} {
		for _, c := range part.list {
			name := c.Name
			if part.name == "size" {
				name = "size " + name
			}
			fmt.Fprintf(a.out, "  %s: %s → %s\n", visible(name), visible(none(c.From)), visible(none(c.To)))
		}
	}
	a.printSetDiff("packages", d.From.Packages, d.To.Packages, d.Packages)
	a.printSetDiff("commands on PATH", d.From.Commands, d.To.Commands, d.Commands)
	if d.Packages == nil {
		fmt.Fprintf(a.out, "packages are not known of %s\n", visible(lacking(from, to, func(d *baseDoc) bool { return d.Packages != nil })))
	}
	if d.Commands == nil {
		fmt.Fprintf(a.out, "commands are not known of %s\n", visible(lacking(from, to, func(d *baseDoc) bool { return d.Commands != nil })))
	}
}

// lacking names the sides that do not have something.
func lacking(from, to *baseDoc, has func(*baseDoc) bool) string {
	var out []string
	for _, d := range []*baseDoc{from, to} {
		if !has(d) {
			out = append(out, d.short())
		}
	}
	return strings.Join(out, " and ")
}

func none(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func (a *app) printSetDiff(what string, from, to int, d *setDiffDoc) {
	if d == nil {
		return
	}
	fmt.Fprintf(a.out, "%s: %d%s → %d%s\n", what, from, exactly(d.FromExact), to, exactly(d.ToExact))
	for _, list := range []struct {
		sign  string
		names []string
	}{{"-", d.Removed}, {"+", d.Added}} {
		if len(list.names) > 0 {
			fmt.Fprintf(a.out, "%s %d: %s\n", list.sign, len(list.names), visible(strings.Join(list.names, " ")))
		}
	}
}
