package build

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is how many changes of a class text lists; JSON has all of them.
const maxShown = 25

// Text writes the report for people, without colours.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	line := func(format string, args ...any) {
		for i, a := range args {
			if s, ok := a.(string); ok {
				args[i] = visible(s)
			}
		}
		fmt.Fprintf(&b, format+"\n", args...)
	}
	line("%s: %s: %s", r.Name, strings.ToUpper(string(r.Verdict)), r.Summary)
	for _, side := range []struct {
		name string
		f    *Failure
	}{{"before", r.Before.Failure}, {"after", r.After.Failure}} {
		if f := side.f; f != nil {
			line("\n%s does not build:", side.name)
			for _, part := range []string{f.Source, f.Log, f.Message} {
				for l := range strings.Lines(part) {
					line("  %s", strings.TrimRight(l, "\r\n"))
				}
			}
		}
	}
	if r.Before.Failure == nil && r.After.Failure == nil {
		line("\n%-14s %28s %28s %8s", "", "before", "after", "ratio")
		for _, m := range r.metrics() {
			line("%-14s %28s %28s %8s", m.Name, m.Before, m.After, m.Ratio)
		}
		if len(r.Touched) > 0 {
			line("rebuild: after a change to %s (%s)", strings.Join(r.Touched, ", "), r.TouchedWhy)
		} else if r.TouchedWhy != "" {
			line("rebuild: not measured: %s", r.TouchedWhy)
		}
	}
	for _, c := range classes {
		changes := r.Of(c.class)
		if len(changes) == 0 {
			continue
		}
		line("\n%s (%d):", c.title, len(changes))
		for i, ch := range changes {
			if i == maxShown {
				line("  and %d more", len(changes)-i)
				break
			}
			line("  %s", ch.String())
		}
	}
	list := func(title string, items []string) {
		if len(items) == 0 {
			return
		}
		line("\n%s:", title)
		for _, s := range items {
			line("  - %s", s)
		}
	}
	list("proven", r.Proven)
	list("not proven", r.Unproven)
	_, err := io.WriteString(w, b.String())
	return err
}

var classes = []struct {
	class Class
	title string
}{
	{Unexpected, "differences that nothing explains"},
	{Expected, "differences that the rewrite intends"},
	{Unstable, "differences that before has with itself"},
	{Volatile, "differences of no account"},
}

// metric is a line of the comparison.
type metric struct{ Name, Before, After, Ratio, Better string }

func (r *Report) metrics() (out []metric) {
	add := func(name string, b, a float64, text func(float64) string) {
		m := metric{Name: name, Before: text(b), After: text(a)}
		if q := Ratio(b, a); q > 0 {
			m.Ratio = fmt.Sprintf("%.2f", q)
			switch {
			case q < 0.98:
				m.Better = "better"
			case q > 1.02:
				m.Better = "worse"
			}
		}
		out = append(out, m)
	}
	size := func(v float64) string {
		if v == 0 {
			return "not known"
		}
		return bytesText(int64(v))
	}
	plain := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	b, a := &r.Before, &r.After
	add("compressed", float64(b.Compressed), float64(a.Compressed), size)
	add("unpacked", float64(b.Unpacked), float64(a.Unpacked), size)
	add("layers", float64(len(b.Layers)), float64(len(a.Layers)), plain)
	add("files", float64(b.Files), float64(a.Files), plain)
	times := func(name string, b, a Times) {
		if len(b.Runs) == 0 {
			return
		}
		add(name, b.Median, a.Median, func(v float64) string { return "" })
		m := &out[len(out)-1]
		m.Before, m.After = b.String(), a.String()
		if b.Min <= a.Max && a.Min <= b.Max {
			m.Better = "" // the ranges overlap: it may be chance
		}
	}
	times("cold build", b.Cold, a.Cold)
	times("rebuild", b.Rebuild, a.Rebuild)
	if len(b.Rebuild.Runs) > 0 {
		add("steps rerun", float64(len(b.Reran)), float64(len(a.Reran)), plain)
		out[len(out)-1].Before = fmt.Sprintf("%d of %d", len(b.Reran), b.Steps)
		out[len(out)-1].After = fmt.Sprintf("%d of %d", len(a.Reran), a.Steps)
	}
	return out
}

// visible makes text safe to print: what an image holds may be hostile to a
// terminal.
func visible(s string) string {
	hidden := func(r rune) bool {
		return r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
	}
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
