package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// formats are what --format takes.
var formats = []string{"text", "json", "github", "gitlab", "sarif", "markdown"}

// formatFlag is the flag of the verbs that report what they find.
func formatFlag(cmd *cobra.Command, s *shared) {
	cmd.Flags().StringVar(&s.format, "format", "text", "how to report: "+strings.Join(formats, ", "))
}

// reporter makes a report of what becomes of each file, in their order.
type reporter interface {
	add(o *outcome)
	// finish prints the report. The problems are of paths that could not be looked at.
	finish(problems []error, sum summary) error
}

// reporter is that of the format that the flags ask for, nil for text.
func (s *shared) reporter(a *app, fixing bool) (reporter, error) {
	if s.json && s.format != "" && s.format != "text" && s.format != "json" {
		return nil, exit{exitUsage, fmt.Errorf("--json and --format %s do not go together", s.format)}
	}
	c := collected{a: a, fixing: fixing, verbose: s.verbose}
	switch s.format {
	case "", "text":
		if s.json {
			return &jsonReport{out: a.out, withProof: fixing}, nil
		}
		return nil, nil
	case "json":
		return &jsonReport{out: a.out, withProof: fixing}, nil
	case "github":
		return &githubReport{collected: c}, nil
	case "gitlab":
		return &gitlabReport{collected: c}, nil
	case "sarif":
		return &sarifReport{collected: c}, nil
	case "markdown":
		return &markdownReport{collected: c}, nil
	}
	return nil, exit{exitUsage, fmt.Errorf("--format: expected one of %s, found %q", strings.Join(formats, ", "), s.format)}
}

// level is how much an issue matters.
type level int

const (
	note    level = iota // for people to know
	warning              // BuildKit warns of it too, or there is a fix
	failure              // a file could not be handled, or a digest not be looked up
)

// issue is one line of a report: a finding, a change, or a failure.
type issue struct {
	outcome *outcome // nil for a path that could not be looked at
	path    string   // of the file in which it stands
	line    int      // there, from 1
	level   level
	pass    *rewrite.Pass // nil for a failure
	message string        // what was found
	text    string        // the message with all there is to say
	fix     *rewrite.Fix
	applied bool // the fix is one of those that make After of Before
	print   string
}

// collected are the issues of a run, for the reports that are written at its end.
type collected struct {
	a       *app
	fixing  bool
	verbose bool
	issues  []issue
	notes   []string
	files   []*outcome // that were handled
}

func (c *collected) add(o *outcome) {
	c.notes = append(c.notes, o.notes...)
	if o.err != nil {
		c.issues = append(c.issues, failureOf(o))
		return
	}
	c.files = append(c.files, o)
	seen := map[string]int{}
	add := func(ch rewrite.Change, applied bool) {
		is := o.issue(ch, applied)
		is.print = fingerprint(is, o, seen)
		c.issues = append(c.issues, is)
	}
	if !o.wrote { // what was written is no issue any more
		for _, ch := range o.res.Changes {
			add(ch, true)
		}
	}
	for _, ch := range shown(o.res.Findings, c.verbose) {
		add(ch, false)
	}
	slices.SortStableFunc(c.issues[len(c.issues)-sumOf(seen):], func(a, b issue) int { return a.line - b.line })
}

func sumOf(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// failureOf is the issue of a file that could not be handled.
func failureOf(o *outcome) issue {
	is := issue{outcome: o, path: o.source.Path, line: 1, level: failure, text: o.err.Error()}
	var placed int
	if rest, ok := strings.CutPrefix(is.text, is.path+":"); ok {
		if _, err := fmt.Sscanf(rest, "%d:", &placed); err == nil && placed > 0 {
			is.line = placed
			_, is.text, _ = strings.Cut(rest, ":")
		} else {
			is.text = rest
		}
		is.text = strings.TrimSpace(is.text)
	}
	is.path, is.line = o.at(is.line)
	is.print = digest("failed", is.path)
	return is
}

// at is where a line of the Dockerfile stands for whoever reads the repository:
// one inside a compose or bake file has no lines of its own there.
func (o *outcome) at(line int) (string, int) {
	if o.inline() {
		file, _, _ := strings.Cut(o.source.Path, "#")
		return file, 1
	}
	return o.source.Path, line
}

func (o *outcome) inline() bool { return o.source.Content != nil && o.source.ReadOnly != "" }

func (o *outcome) issue(c rewrite.Change, applied bool) issue {
	line := c.Line
	if o.wrote {
		line = c.Finding.Line // the file is as the run left it
	}
	is := issue{outcome: o, level: note, pass: c.Pass, text: c.Message, fix: c.Fix, applied: applied}
	is.path, is.line = o.at(line)
	switch {
	case c.Failed && !o.lenient:
		is.level = failure
	case c.Fix != nil || c.Pass.Rule != "" || c.Pass.Shown:
		is.level = warning
	}
	if o.inline() {
		_, target, _ := strings.Cut(o.source.Path, "#")
		is.text = fmt.Sprintf("%s, line %d: %s", target, line, is.text)
	}
	is.message = is.text
	switch {
	case c.Fix != nil:
		is.text = fmt.Sprintf("%s. Fix (%s): %s — %s", is.text, o.safetyOf(c), c.Fix.Title, c.Fix.Why)
	case c.Refused != "":
		is.text += ". No fix: " + c.Refused
	}
	return is
}

// text is the Dockerfile in which the lines of issues count.
func (o *outcome) text() *dockerfile.File {
	if o.wrote {
		return o.res.After
	}
	return o.res.Before
}

// fingerprint tells an issue from all others of a run, and is the same in the next
// run unless the instruction itself has changed: it is made of the pass, the path,
// and the words of the instruction, and of how many alike stand before.
func fingerprint(is issue, o *outcome, seen map[string]int) string {
	words, f := "", o.text()
	line := is.line
	for _, in := range f.Instructions {
		if o.inline() {
			words = is.text
			break
		}
		if first, last := f.Line(in.Lines.Start), f.Line(in.Lines.End-1); first <= line && line <= last {
			words = strings.Join(strings.Fields(in.Text.S), " ")
			break
		}
	}
	key := strings.Join([]string{is.pass.Name, o.source.Path, words}, "\x00")
	seen[key]++
	return digest(key, fmt.Sprint(seen[key]))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// unseen is the issue of a path that could not be looked at.
func unseen(err error) issue {
	return issue{level: failure, text: err.Error(), print: digest("problem", err.Error())}
}

// jsonReport is --json.
type jsonReport struct {
	out interface {
		Write([]byte) (int, error)
	}
	withProof bool
	doc       document
}

func (r *jsonReport) add(o *outcome) { r.doc.add(o, r.withProof) }

func (r *jsonReport) finish(problems []error, sum summary) error {
	r.doc.Summary = sum
	r.doc.problems(problems)
	return r.doc.write(r.out)
}

// errNoBody is for output that ends early, as a pipe that is closed.
var errNoBody = errors.New("the report could not be written")

func (c *collected) write(text string) error {
	if _, err := c.a.out.Write([]byte(text)); err != nil {
		return exit{exitPartial, fmt.Errorf("%w: %w", errNoBody, err)}
	}
	return nil
}

// reports says that standard output is a report for programs.
func (s *shared) reports() bool { return s.json || s.format != "" && s.format != "text" }
