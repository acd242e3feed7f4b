package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// githubShown is how many annotations of each kind GitHub shows of a step; the
// others stand in its log only (GitHub: "Usage limits for annotations", 10 errors
// and 10 warnings a step).
const githubShown = 10

// githubText bounds one message in bytes.
const githubText = 4000

// githubReport writes workflow commands (GitHub: "Workflow commands for GitHub
// Actions"), which the runner turns into annotations.
type githubReport struct {
	collected
	b     strings.Builder
	count map[string]int
}

func (r *githubReport) finish(problems []error, sum summary) error {
	for _, p := range problems {
		r.issues = append(r.issues, unseen(p))
	}
	r.count = map[string]int{}
	total := map[string]int{}
	for _, is := range r.issues {
		total[kindOf(is)]++
	}
	for _, is := range r.issues {
		r.issue(is, total[kindOf(is)])
	}
	for _, n := range r.notes {
		r.line(n)
	}
	if len(r.issues) == 0 {
		r.line(fmt.Sprintf("%s looked at, no findings", count(sum.Files, "file")))
	}
	return r.write(r.b.String())
}

func kindOf(is issue) string {
	return [...]string{note: "notice", warning: "warning", failure: "error"}[is.level]
}

// issue writes one as a command. The last place that GitHub shows is kept for a
// word about those it does not, which are lines of the log.
func (r *githubReport) issue(is issue, total int) {
	kind := kindOf(is)
	r.count[kind]++
	n := r.count[kind]
	if total > githubShown && n == githubShown {
		r.command(kind, []string{"title", "restow"}, fmt.Sprintf("%s more stand in the log of this step: GitHub shows %d of a kind", count(total-n+1, kind), githubShown))
	}
	name := "restow"
	if is.pass != nil {
		name += " " + is.pass.Name
	}
	if total > githubShown && n >= githubShown {
		r.line(fmt.Sprintf("%s:%d: %s: %s: %s", is.path, is.line, kind, name, is.text))
		return
	}
	var props []string
	if is.path != "" {
		props = append(props, "file", is.path, "line", fmt.Sprint(is.line))
		if col, end := r.columns(is); end > col {
			props = append(props, "col", fmt.Sprint(col), "endColumn", fmt.Sprint(end))
		}
	}
	r.command(kind, append(props, "title", name), is.text)
}

// columns are those of the line's text, the end exclusive, counted in characters.
func (r *githubReport) columns(is issue) (from, to int) {
	if is.pass == nil || is.outcome.inline() {
		return 0, 0
	}
	f := is.outcome.text()
	line := string(f.Bytes(f.LineSpan(f.LineStart(is.line))))
	text := strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark))
	from = 1 + utf8.RuneCountInString(line[:strings.Index(line, text)])
	return from, from + utf8.RuneCountInString(text)
}

// command writes ::kind name=value,…::message.
func (r *githubReport) command(kind string, props []string, message string) {
	r.b.WriteString("::" + kind)
	for i := 0; i < len(props); i += 2 {
		sep := ","
		if i == 0 {
			sep = " "
		}
		r.b.WriteString(sep + props[i] + "=" + escapeProperty(visible(props[i+1])))
	}
	r.b.WriteString("::" + escapeData(shorten(visible(message), githubText)) + "\n")
}

// line writes a line of the log that is no command, whatever it says: those of
// today stand at the start of a line, those of old anywhere behind ##[.
func (r *githubReport) line(s string) {
	r.b.WriteString("- " + strings.ReplaceAll(shorten(visible(s), githubText), "##[", `#\x23[`) + "\n")
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(s string) string     { return dataEscapes.Replace(s) }
func escapeProperty(s string) string { return propertyEscapes.Replace(s) }

// shorten cuts text at a character, to at most that many bytes.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
