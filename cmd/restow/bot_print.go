package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/restow/restow/bot"
	"github.com/restow/restow/bot/page"
)

// planDoc is what bot run --json prints. Fields are only ever added to it.
type planDoc struct {
	Version  int          `json:"version"`
	Requests []requestDoc `json:"pullRequests"`
	Notes    []string     `json:"notes,omitempty"`
	Errors   []string     `json:"errors,omitempty"`
	Schedule string       `json:"schedule,omitempty"`
	Files    int          `json:"files"` // that were looked at
}

type requestDoc struct {
	Group     string       `json:"group"`
	Branch    string       `json:"branch"`
	Title     string       `json:"title"`
	Commit    string       `json:"commit"`
	Body      string       `json:"body"`
	Labels    []string     `json:"labels,omitempty"`
	Reviewers []string     `json:"reviewers,omitempty"`
	After     []string     `json:"after,omitempty"`
	Waits     bool         `json:"waits,omitempty"`
	Hash      string       `json:"hash"`
	Files     []string     `json:"files"`
	Changes   []plannedDoc `json:"changes"`
	Diff      string       `json:"diff"`
}

type plannedDoc struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Pass   string `json:"pass"`
	Title  string `json:"title"`
	Why    string `json:"why"`
	Safety string `json:"safety"`
}

func (p *botPlan) print(a *app, f *botFlags) error {
	switch {
	case f.json:
		return p.json(a)
	case f.html:
		for _, e := range p.errors {
			fmt.Fprintln(a.err, "restow:", e)
		}
		var entries []page.Entry
		for _, r := range p.requests {
			entries = append(entries, page.Entry{Title: r.Title, Branch: r.Branch, Note: noteOf(r), Labels: r.Labels, Reviewers: r.Reviewers, Body: r.Body})
		}
		out := bufio.NewWriter(a.out)
		if err := page.Write(out, "Pull requests that restow would open", entries); err != nil {
			return err
		}
		return out.Flush()
	}
	p.text(a)
	return nil
}

func noteOf(r bot.Request) string {
	var notes []string
	if len(r.After) > 0 {
		notes = append(notes, "to be merged after "+strings.Join(r.After, ", "))
	}
	if r.Waits {
		notes = append(notes, "waits until fewer are open")
	}
	return strings.Join(notes, "; ")
}

func (p *botPlan) json(a *app) error {
	doc := planDoc{Version: 1, Requests: []requestDoc{}, Notes: p.notes, Errors: p.errors, Schedule: p.settings.Schedule, Files: p.files}
	for _, r := range p.requests {
		d := requestDoc{
			Group: r.Group, Branch: r.Branch, Title: r.Title, Commit: r.Commit, Body: r.Body, Labels: r.Labels, Reviewers: r.Reviewers,
			After: r.After, Waits: r.Waits, Hash: r.Hash, Diff: r.Diff(),
		}
		for _, f := range r.Files {
			d.Files = append(d.Files, f.Path)
		}
		for _, c := range r.Changes {
			d.Changes = append(d.Changes, plannedDoc(c))
		}
		doc.Requests = append(doc.Requests, d)
	}
	return writeJSON(a.out, doc)
}

// text prints the plan for people: it is theirs, and no program's.
func (p *botPlan) text(a *app) {
	out := paletteFor(a.out, "auto", a.environ)
	for i, r := range p.requests {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "%s\n", out.paint(bold, visible(r.Title)))
		fmt.Fprintf(a.out, "  branch     %s\n", r.Branch)
		field := func(name string, list []string) {
			if len(list) > 0 {
				fmt.Fprintf(a.out, "  %-10s %s\n", name, visible(strings.Join(list, ", ")))
			}
		}
		var files []string
		for _, f := range r.Files {
			files = append(files, f.Path)
		}
		field("files", files)
		field("labels", r.Labels)
		field("reviewers", r.Reviewers)
		if n := noteOf(r); n != "" {
			field("note", []string{n})
		}
		for _, c := range r.Changes {
			fmt.Fprintf(a.out, "  %s:%d %s: %s — %s [%s]\n", visible(c.Path), c.Line, c.Pass, visible(c.Title), visible(c.Why), c.Safety)
		}
		fmt.Fprintln(a.out)
		for line := range strings.Lines(r.Diff()) {
			text := strings.TrimRight(line, "\r\n")
			code := map[byte]string{'-': red, '+': green, '@': cyan}[(text + " ")[0]]
			fmt.Fprintln(a.out, "  "+out.paint(code, visible(text)))
		}
	}
	for _, n := range p.notes {
		fmt.Fprintln(a.err, n)
	}
	for _, e := range p.errors {
		fmt.Fprintln(a.err, "restow:", e)
	}
	text := fmt.Sprintf("%s looked at, no pull request to open", count(p.files, "Dockerfile"))
	if n := len(p.requests); n > 0 {
		text = fmt.Sprintf("%s looked at, %s to open (--html shows them as a forge does)", count(p.files, "Dockerfile"), count(n, "pull request"))
	}
	if p.failed > 0 {
		text += fmt.Sprintf("; %s", count(p.failed, "error"))
	}
	fmt.Fprintln(a.err, text)
}
