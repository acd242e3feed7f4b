package main

import (
	"fmt"
	"strings"

	"github.com/restow/restow/bot/markdown"
	"github.com/restow/restow/rewrite/diff"
)

// summaryMost bounds the summary of a job in bytes: GitHub takes 1 MiB of a step
// and nothing of one that is larger ("Step isolation and limits").
const summaryMost = 1 << 20

// markdownReport is the summary of a job: a table of findings, and diffs that are
// folded.
type markdownReport struct{ collected }

func (r *markdownReport) finish(problems []error, sum summary) error {
	for _, p := range problems {
		r.issues = append(r.issues, unseen(p))
	}
	w := bounded{most: summaryMost - 1000} // the words about what is left out come on top
	w.add(r.heading(sum))
	r.table(&w)
	for _, o := range r.files {
		if len(o.res.Changes) == 0 {
			continue
		}
		text := diff.Unified(o.source.Path, o.res.Before.Src, o.res.After.Src)
		if o.ignore != nil {
			text += o.ignore.diff()
		}
		title := "diff of " + markdown.CodeHTML(o.source.Path)
		if !w.add("\n" + markdown.Fold(title, markdown.Fence("diff", text))) {
			w.left++
		}
	}
	if w.left > 0 {
		w.b.WriteString("\n" + markdown.Text(count(w.left, "diff")) + " left out: the summary would be too long.\n")
	}
	for _, n := range r.notes {
		w.add("\n- " + markdown.Text(n) + "\n")
	}
	return r.write(w.b.String())
}

func (r *markdownReport) heading(sum summary) string {
	text := fmt.Sprintf("%s looked at, nothing to say", count(len(r.files), "file"))
	switch {
	case r.fixing && sum.Changed > 0:
		verb := "would change"
		if sum.Written == sum.Changed {
			verb = "changed"
		}
		text = fmt.Sprintf("%s of %d %s", count(sum.Changed, "file"), sum.Files, verb)
	case !r.fixing && sum.Findings > 0:
		text = fmt.Sprintf("%s in %s, %d with a fix", count(sum.Findings, "finding"), count(len(r.files), "file"), sum.Fixable)
	}
	return "### restow: " + withFailed(text, sum.Failed) + "\n"
}

func (r *markdownReport) table(w *bounded) {
	var rows []string
	row := func(is issue, what, safety string) {
		name := "restow"
		if is.pass != nil {
			name = is.pass.Name
		}
		at := ""
		if is.path != "" {
			at = fmt.Sprint(is.line)
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", markdown.Code(markdown.Cut(is.path, 300)), at, name, markdown.Text(markdown.Cut(what, 1000)), safety))
	}
	for _, o := range r.files {
		if o.wrote {
			for _, c := range o.res.Changes {
				is := o.issue(c, true)
				is.line = c.Line
				row(is, c.Fix.Title+" — "+c.Fix.Why, o.safetyOf(c)+", written")
			}
		}
	}
	for _, is := range r.issues {
		switch {
		case is.fix != nil && is.applied:
			row(is, is.fix.Title+" — "+is.fix.Why, safetyOfIssue(is))
		case is.fix != nil:
			row(is, is.message+". "+is.fix.Title+" — "+is.fix.Why, safetyOfIssue(is)+map[bool]string{true: ", not applied"}[r.fixing])
		case is.level == failure:
			row(is, is.text, "failed")
		default:
			row(is, is.text, "")
		}
	}
	if len(rows) == 0 {
		return
	}
	w.add("\n| File | Line | Pass | What | Safety |\n|---|--:|---|---|---|\n")
	for i, text := range rows {
		if !w.add(text) {
			fmt.Fprintf(&w.b, "\n%d more rows are left out: the summary would be too long.\n", len(rows)-i)
			return
		}
	}
}

func safetyOfIssue(is issue) string { return string(is.fix.Claim.Safety()) }

// bounded is a text of at most so many bytes, made of parts that are in it whole
// or not at all. Once a part does not fit, no later one does.
type bounded struct {
	b    strings.Builder
	most int
	full bool
	left int
}

func (w *bounded) add(s string) bool {
	if w.full = w.full || w.b.Len()+len(s) > w.most; w.full {
		return false
	}
	w.b.WriteString(s)
	return true
}
