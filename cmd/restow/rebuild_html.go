package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed rebuild.html.tmpl
var rebuildHTML string

var rebuildTemplate = template.Must(template.New("rebuild").Funcs(template.FuncMap{"visible": visible}).Parse(rebuildHTML))

// The plot's size, in the units of its viewBox.
const (
	plotWidth, plotHeight = 1000.0, 260.0
	plotLeft, plotBottom  = 100.0, 30.0
	maxPoints             = 500 // of a line
)

type rebuildPlot struct {
	Width, Height, Left, Bottom float64
	Before, After               string // points of the two lines
	Ticks                       []plotTick
	Commits                     int
}

type plotTick struct {
	Y     float64
	Label string
}

type rebuildRow struct {
	Stage, Text, What string
	Line              int
	Runs, Share, Each string
	Width             string // of the bar, in percent
	Costly            bool
}

type rebuildColumn struct {
	Title, Mean string
	Rows        []rebuildRow
}

// rebuildPage writes the reports as one page that needs nothing else: no script,
// no font, no address. Everything that comes from outside is escaped.
func rebuildPage(w io.Writer, reports []*rebuildReport) error {
	type page struct {
		Path, Basis, Verdict, Saving string
		Better                       string
		Plot                         rebuildPlot
		Columns                      []rebuildColumn
		Remarks                      []string
	}
	var data []page
	for _, r := range reports {
		p := page{Path: r.path, Basis: r.basis(), Verdict: r.verdict(), Remarks: r.remarks(), Plot: r.plot()}
		switch saving := r.saving(); {
		case saving > 0.005:
			p.Saving, p.Better = fmt.Sprintf("%.0f %% less", 100*saving), "better"
		case saving < -0.005:
			p.Saving, p.Better = fmt.Sprintf("%.0f %% more", -100*saving), "worse"
		default:
			p.Saving = "the same"
		}
		if r.same {
			p.Columns = []rebuildColumn{r.before.column("as it is")}
		} else {
			p.Columns = []rebuildColumn{r.before.column("before"), r.after.column("after restow fix")}
		}
		data = append(data, p)
	}
	return rebuildTemplate.Execute(w, data)
}

func (s rebuildSide) column(title string) rebuildColumn {
	c := rebuildColumn{Title: title, Mean: secondsText(s.mean())}
	for i, step := range s.steps {
		row := rebuildRow{Line: step.line, Text: strings.Join(strings.Fields(step.In.Text.S), " "), What: step.what, Each: secondsText(step.seconds)}
		if i == 0 || s.steps[i-1].In.Stage != step.In.Stage {
			row.Stage = stageTitle(step.In.Stage)
		}
		n := step.Reruns.Len()
		row.Runs, row.Share, row.Width = fmt.Sprint(n), percent(n, s.commits), "0"
		if s.commits > 0 {
			row.Width = fmt.Sprintf("%.1f", 100*float64(n)/float64(s.commits))
		}
		row.Costly = 2*n > s.commits && step.seconds >= 5
		c.Rows = append(c.Rows, row)
	}
	return c
}

// plot draws the time of all rebuilds, added up from the oldest commit to the
// newest.
func (r *rebuildReport) plot() rebuildPlot {
	p := rebuildPlot{Width: plotWidth, Height: plotHeight, Left: plotLeft, Bottom: plotHeight - plotBottom, Commits: r.before.commits}
	most := max(r.before.total(), r.after.total())
	if most == 0 {
		most = 1
	}
	p.Before = points(r.before.perCommit(), most)
	if !r.same {
		p.After = points(r.after.perCommit(), most)
	}
	for i := range 4 {
		share := float64(i) / 3
		p.Ticks = append(p.Ticks, plotTick{Y: p.Bottom - share*(p.Bottom-10), Label: secondsText(most * share)})
	}
	return p
}

// points are the running sum as the points of a line.
func points(values []float64, most float64) string {
	var b strings.Builder
	bottom := plotHeight - plotBottom
	fmt.Fprintf(&b, "%.1f,%.1f", plotLeft, bottom)
	sum, every := 0.0, max(1, len(values)/maxPoints)
	for i, v := range values {
		sum += v
		if i%every == every-1 || i == len(values)-1 {
			x := plotLeft + float64(i+1)/float64(len(values))*(plotWidth-plotLeft-10)
			fmt.Fprintf(&b, " %.1f,%.1f", x, bottom-sum/most*(bottom-10))
		}
	}
	return b.String()
}
