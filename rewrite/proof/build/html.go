package build

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html.tmpl
var reportHTML string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"bytes": bytesText, "visible": visible, "lines": visibleLines, "clip": clip, "join": strings.Join,
}).Parse(reportHTML))

// maxListed is how many changes of a class, or lines of the diff, the page shows.
const maxListed = 1000

// HTML writes the report as one page that needs nothing else: no script, no
// font, no address. Everything that comes from outside is escaped.
func (r *Report) HTML(w io.Writer) error {
	type group struct {
		Title   string
		Open    bool
		Count   int
		More    int
		Changes []Change
	}
	data := struct {
		*Report
		Metrics []metric
		Stacks  []stack
		Groups  []group
		Lines   []diffLine
		Fails   []side
	}{Report: r, Stacks: r.stacks(), Lines: diffLines(r.Diff)}
	for _, s := range []side{{"before", r.Before.Failure}, {"after", r.After.Failure}} {
		if s.Failure != nil {
			data.Fails = append(data.Fails, s)
		}
	}
	if len(data.Fails) == 0 {
		data.Metrics = r.metrics()
	}
	for _, c := range classes {
		changes := r.Of(c.class)
		g := group{c.title, c.class == Unexpected, len(changes), max(0, len(changes)-maxListed), changes[:min(len(changes), maxListed)]}
		if g.Count > 0 {
			data.Groups = append(data.Groups, g)
		}
	}
	return page.Execute(w, data)
}

// visibleLines is visible for text of several lines.
func visibleLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = visible(l)
	}
	return strings.Join(lines, "\n")
}

type side struct {
	Name    string
	Failure *Failure
}

// stack is an image's layers as bars; widths are shares of the larger image.
type stack struct {
	Name  string
	Total string
	Bars  []bar
	Steps []Step
	Of    int
}

type bar struct {
	Text, Size, Share string
	Shared            bool // the other image has the same layer
}

func (r *Report) stacks() (out []stack) {
	size := func(l Layer) int64 {
		if l.Compressed > 0 {
			return l.Compressed
		}
		return l.Unpacked
	}
	var largest int64
	in := [2]map[string]bool{{}, {}}
	for i, s := range []*Side{&r.Before, &r.After} {
		for _, l := range s.Layers {
			largest = max(largest, size(l))
			in[i][l.Digest] = l.Digest != ""
		}
	}
	for i, s := range []*Side{&r.Before, &r.After} {
		if len(s.Layers) == 0 {
			continue
		}
		st := stack{Name: []string{"before", "after"}[i], Steps: s.Reran, Of: s.Steps}
		st.Total = count(len(s.Layers), "layer")
		if s.Compressed > 0 {
			st.Total += ", " + bytesText(s.Compressed) + " compressed"
		}
		for _, l := range s.Layers {
			b := bar{Text: l.CreatedBy, Share: "0", Shared: in[1-i][l.Digest]}
			if size(l) > 0 {
				b.Size = bytesText(size(l))
				b.Share = fmt.Sprintf("%.2f", 100*float64(size(l))/float64(largest))
			}
			st.Bars = append(st.Bars, b)
		}
		out = append(out, st)
	}
	return out
}

type diffLine struct{ Class, Text string }

func diffLines(diff string) (out []diffLine) {
	for line := range strings.Lines(diff) {
		line = visible(strings.TrimRight(line, "\r\n"))
		class := ""
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			class = "head"
		case strings.HasPrefix(line, "@@"):
			class = "hunk"
		case strings.HasPrefix(line, "-"):
			class = "del"
		case strings.HasPrefix(line, "+"):
			class = "add"
		}
		if out = append(out, diffLine{class, line}); len(out) == maxListed {
			return append(out, diffLine{"hunk", "… and more"})
		}
	}
	return out
}
