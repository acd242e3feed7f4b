package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/restow/restow/internal/debian"
	"github.com/restow/restow/pin"
)

// builtDoc is what base build --json prints. Fields are only ever added to it.
type builtDoc struct {
	Output     string       `json:"output"`
	Digest     string       `json:"digest"` // of the index
	Image      string       `json:"image"`  // digest of the image's manifest
	Suite      string       `json:"suite"`
	Arch       string       `json:"arch"`
	Releases   []releaseDoc `json:"releases"`
	Packages   []builtPkg   `json:"packages"`
	Layers     int          `json:"layers"`
	Compressed int64        `json:"compressed"` // bytes of the layers
	Unpacked   int64        `json:"unpacked"`   // bytes of the files
	LeftOut    []leftDoc    `json:"leftOut"`
	Omitted    []omittedDoc `json:"omitted"`
	Libraries  []lackDoc    `json:"missingLibraries"`
	Programs   []lackDoc    `json:"missingInterpreters"`
	Notes      []string     `json:"notes"`
}

type releaseDoc struct {
	Name   string `json:"name"`
	Date   string `json:"date"`
	Signer string `json:"signer"`
}

type builtPkg struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Suite    string `json:"suite"`
	Unpacked int64  `json:"unpacked"`
	SHA256   string `json:"sha256"`
	NotRun   string `json:"notRun,omitempty"`
}

type leftDoc struct {
	Name  string   `json:"name"`
	Of    []string `json:"of"`
	Why   string   `json:"why"`
	Asked bool     `json:"asked"`
}

type omittedDoc struct {
	What  string `json:"what"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

type lackDoc struct {
	Name     string   `json:"name"`
	Files    []string `json:"files"`
	Packages []string `json:"packages"`
}

func describeTree(t *debian.Tree, image *pin.Assembled, output string) *builtDoc {
	d := &builtDoc{
		Output: output, Digest: image.Digest, Image: image.Image, Suite: t.Suite, Arch: t.Arch, Layers: len(t.Layers),
		Compressed: image.Compressed, Unpacked: t.Unpacked, LeftOut: []leftDoc{}, Omitted: []omittedDoc{}, Libraries: lackDocs(t.Libraries), Programs: lackDocs(t.Interpreters), Notes: append([]string{}, t.Notes...),
	}
	for _, r := range t.Releases {
		d.Releases = append(d.Releases, releaseDoc{r.Codename, r.Date.Format(time.RFC3339), r.Signer})
	}
	for _, p := range t.Packages {
		d.Packages = append(d.Packages, builtPkg{p.Name, p.Version, p.Suite, p.Unpacked, p.SHA256, p.Unrun})
	}
	slices.SortStableFunc(d.Packages, func(x, y builtPkg) int { return cmp.Compare(x.Name, y.Name) })
	for _, l := range t.Left {
		i := slices.IndexFunc(d.LeftOut, func(o leftDoc) bool { return o.Name == l.Name && o.Why == l.Why })
		if i < 0 {
			d.LeftOut = append(d.LeftOut, leftDoc{Name: l.Name, Why: l.Why, Asked: l.Asked})
			i = len(d.LeftOut) - 1
		}
		d.LeftOut[i].Of = append(d.LeftOut[i].Of, l.Of)
	}
	for _, o := range t.Omitted {
		d.Omitted = append(d.Omitted, omittedDoc(o))
	}
	return d
}

func lackDocs(list []debian.Lack) []lackDoc {
	out := []lackDoc{}
	for _, l := range list {
		out = append(out, lackDoc{l.Name, l.Files, l.Of})
	}
	return out
}

// printTree prints the packages, what was left out and why, and the sizes.
func (a *app) printTree(d *builtDoc) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PACKAGE\tVERSION\tUNPACKED")
	for _, p := range d.Packages {
		fmt.Fprintf(w, "%s\t%s\t%s\n", visible(p.Name), visible(p.Version), kilobytes(p.Unpacked))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(d.LeftOut) > 0 {
		fmt.Fprintln(a.out, "\nleft out")
	}
	for _, l := range d.LeftOut {
		why := l.Why
		if l.Asked {
			why = "excluded; whether they do without is not known"
			if len(l.Of) == 1 {
				why = "excluded; whether it does without is not known"
			}
		}
		fmt.Fprintf(a.out, "  %s, for %s: %s\n", visible(l.Name), visible(some(l.Of, 4)), why)
	}
	for _, o := range d.Omitted {
		fmt.Fprintf(a.out, "  %s: %s, %s\n", o.What, count(o.Files, "file"), megabytes(o.Bytes))
	}
	a.printRisks(d)
	fmt.Fprintln(a.out)
	for _, r := range d.Releases {
		fmt.Fprintf(a.out, "%s of %s, signed by %s\n", visible(r.Name), r.Date, r.Signer)
	}
	fmt.Fprintf(a.out, "%s, %s: %s unpacked, %s compressed\n", count(len(d.Packages), "package"), count(d.Layers, "layer"), megabytes(d.Unpacked), megabytes(d.Compressed))
	fmt.Fprintf(a.out, "%s %s\n", visible(d.Output), d.Digest)
	return nil
}

// printRisks prints what may not work.
func (a *app) printRisks(d *builtDoc) {
	var lines []string
	for _, l := range d.Libraries {
		lines = append(lines, fmt.Sprintf("%s is not in the image; %s needs it", l.Name, some(l.Files, 2)))
	}
	for _, l := range d.Programs {
		lines = append(lines, fmt.Sprintf("%s is not in the image; %s of %s cannot run", l.Name, count(len(l.Files), "script"), some(l.Packages, 4)))
	}
	for _, p := range d.Packages {
		if p.NotRun != "" {
			lines = append(lines, fmt.Sprintf("%s: %s was not run, and what it does is not known", p.Name, p.NotRun))
		}
	}
	lines = append(lines, d.Notes...)
	if len(lines) > 0 {
		fmt.Fprintln(a.out, "\nto know")
	}
	for _, l := range lines {
		fmt.Fprintf(a.out, "  %s\n", visible(l))
	}
}

// some is a list of names that does not grow long.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

func kilobytes(n int64) string {
	if n >= 1e6 {
		return megabytes(n)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}
