package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

// rebuildReport is what restow rebuild says of one Dockerfile.
type rebuildReport struct {
	path          string
	history       *project.History
	before, after rebuildSide
	same          bool // restow fix would change nothing
	notes         []string
}

// rebuildSide is the file before, or after.
type rebuildSide struct {
	commits int
	steps   []rebuildStep
}

type rebuildStep struct {
	cost.Step
	line     int
	seconds  float64 // each time it runs
	what     string
	measured bool
}

// perCommit is how many seconds the steps take that run again after each commit,
// the oldest first.
func (s rebuildSide) perCommit() []float64 {
	out := make([]float64, s.commits)
	for _, step := range s.steps {
		for c := range out {
			if step.Reruns.Has(s.commits - 1 - c) {
				out[c] += step.seconds
			}
		}
	}
	return out
}

// total is how many seconds all steps take that run again.
func (s rebuildSide) total() (sum float64) {
	for _, step := range s.steps {
		sum += step.seconds * float64(step.Reruns.Len())
	}
	return sum
}

func (s rebuildSide) mean() float64 {
	if s.commits == 0 {
		return 0
	}
	return s.total() / float64(s.commits)
}

// saving is the share of the time that is saved: negative where after takes longer.
func (r *rebuildReport) saving() float64 {
	if r.before.total() == 0 {
		return 0
	}
	return 1 - r.after.total()/r.before.total()
}

// basis says what the numbers count.
func (r *rebuildReport) basis() string {
	if r.history.Known() {
		return fmt.Sprintf("the last %s that touched the build context's folder", count(r.history.Commits(), "commit"))
	}
	return fmt.Sprintf("%d builds as they are assumed, since its folder has no history", r.history.Commits())
}

// remarks are what keeps the numbers from being more than they are.
func (r *rebuildReport) remarks() (out []string) {
	if why := r.history.Stopped(); why != "" {
		out = append(out, why)
	}
	measured, all := 0, 0
	for _, step := range append(append([]rebuildStep{}, r.before.steps...), r.after.steps...) {
		all++
		if step.measured {
			measured++
		}
	}
	switch {
	case all == 0:
	case measured == 0:
		out = append(out, "times are estimates by the kind of command")
	case measured < all:
		out = append(out, "times marked * were measured by restow verify, the others are estimates by the kind of command")
	default:
		out = append(out, "times were measured by restow verify")
	}
	return out
}

// verdict is the last line: what it comes to.
func (r *rebuildReport) verdict() string {
	before, after := r.before.mean(), r.after.mean()
	switch {
	case len(r.before.steps) == 0:
		return "no step of the file runs anything"
	case r.same:
		return fmt.Sprintf("a rebuild takes %s on average; restow fix has nothing to change", secondsText(before))
	case secondsText(before) == secondsText(after):
		return fmt.Sprintf("a rebuild takes %s on average, before and after", secondsText(before))
	}
	less, saved := "less", r.before.total()-r.after.total()
	share := r.saving()
	if saved < 0 {
		less, saved, share = "more", -saved, -share
	}
	return fmt.Sprintf("a rebuild takes %s on average before and %s after: %.0f %% %s, %s over these", secondsText(before), secondsText(after), 100*share, less, secondsText(saved))
}

// secondsText is a time as people say it: 12.3 s, 3 min 20 s, 1 h 29 min.
func secondsText(s float64) string {
	d := time.Duration(s * float64(time.Second))
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", s)
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", s)
	case d < time.Hour-30*time.Second:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// text writes the report for people.
func (r *rebuildReport) text(w io.Writer, p palette) {
	fmt.Fprintf(w, "%s: %s\n", p.paint(bold, visible(r.path)), visible(r.basis()))
	if r.same {
		r.before.text(w, p)
	} else {
		fmt.Fprintf(w, "\n%s\n", p.paint(bold, "before"))
		r.before.text(w, p)
		fmt.Fprintf(w, "\n%s\n", p.paint(bold, "after restow fix"))
		r.after.text(w, p)
	}
	fmt.Fprintf(w, "\n%s\n", p.paint(bold, visible(r.verdict())))
	for _, remark := range r.remarks() {
		fmt.Fprintf(w, "%s\n", p.paint(dim, visible(remark)))
	}
}

// stepWidth is how much of a step's text a table shows.
const stepWidth = 56

func (s rebuildSide) text(w io.Writer, p palette) {
	fmt.Fprintf(w, "  %4s  %s  %12s  %6s  %s\n", "line", pad("step", stepWidth), "runs again", "of all", "each time")
	var stage *dockerfile.Stage
	for _, step := range s.steps {
		if step.In.Stage != stage {
			stage = step.In.Stage
			fmt.Fprintf(w, "  %s\n", p.paint(cyan, visible(stageTitle(stage))))
		}
		n := step.Reruns.Len()
		share := percent(n, s.commits)
		code := ""
		if n*2 > s.commits && step.seconds >= 5 {
			code = yellow
		}
		mark := ""
		if step.measured {
			mark = " *"
		}
		fmt.Fprintf(w, "  %4d  %s  %s  %6s  %s%s\n", step.line, pad(clipped(step.In), stepWidth), p.paint(code, fmt.Sprintf("%12s", count(n, "time"))), share, secondsText(step.seconds), mark)
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "0 %"
	}
	share := 100 * float64(n) / float64(of)
	if share > 0 && share < 1 {
		return "<1 %"
	}
	return fmt.Sprintf("%.0f %%", share)
}

func stageTitle(s *dockerfile.Stage) string { return "FROM " + s.From.From.BaseName + nameOf(s) }

func nameOf(s *dockerfile.Stage) string {
	if s.Name == "" {
		return ""
	}
	return " AS " + s.Name
}

// clipped is a step's text on one line, as far as there is room.
func clipped(in *dockerfile.Instruction) string {
	text := visible(strings.Join(strings.Fields(in.Text.S), " "))
	if utf8.RuneCountInString(text) > stepWidth {
		text = string([]rune(text)[:stepWidth-1]) + "…"
	}
	return text
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// The documents of --json. Fields are only ever added to them.
type rebuildJSON struct {
	Version int               `json:"version"`
	Files   []rebuildFileJSON `json:"files"`
	Errors  []string          `json:"errors,omitempty"`
}

type rebuildFileJSON struct {
	Path    string          `json:"path"`
	Commits int             `json:"commits"`
	Known   bool            `json:"known"`  // counted, not assumed
	Same    bool            `json:"same"`   // restow fix has nothing to change
	Saving  float64         `json:"saving"` // share of the time
	Before  rebuildSideJSON `json:"before"`
	After   rebuildSideJSON `json:"after"`
	Notes   []string        `json:"notes,omitempty"`
}

type rebuildSideJSON struct {
	Seconds float64           `json:"seconds"` // of all commits together
	Mean    float64           `json:"mean"`    // of one
	Steps   []rebuildStepJSON `json:"steps"`
}

type rebuildStepJSON struct {
	Stage    int     `json:"stage"`
	Line     int     `json:"line"`
	Text     string  `json:"text"`
	Runs     int     `json:"runs"`
	Own      int     `json:"own"`             // for what the step itself takes
	After    int     `json:"after,omitempty"` // the line of the step that most other runs are owed to
	Seconds  float64 `json:"seconds"`
	What     string  `json:"what"`
	Measured bool    `json:"measured"`
}

func rebuildDoc(reports []*rebuildReport, problems []error) rebuildJSON {
	doc := rebuildJSON{Version: 1, Files: []rebuildFileJSON{}}
	for _, r := range reports {
		doc.Files = append(doc.Files, rebuildFileJSON{
			Path: r.path, Commits: r.history.Commits(), Known: r.history.Known(), Same: r.same, Saving: r.saving(),
			Before: r.before.json(), After: r.after.json(), Notes: append(r.remarks(), r.notes...),
		})
	}
	for _, p := range problems {
		doc.Errors = append(doc.Errors, p.Error())
	}
	return doc
}

func (s rebuildSide) json() rebuildSideJSON {
	out := rebuildSideJSON{Seconds: s.total(), Mean: s.mean(), Steps: []rebuildStepJSON{}}
	for _, step := range s.steps {
		one := rebuildStepJSON{
			Stage: step.In.Stage.Index, Line: step.line, Text: step.In.Text.S, Runs: step.Reruns.Len(), Own: step.Own.Len(),
			Seconds: step.seconds, What: step.what, Measured: step.measured,
		}
		if step.After != nil {
			one.After = step.In.File.Line(step.After.Lines.Start)
		}
		out.Steps = append(out.Steps, one)
	}
	return out
}
