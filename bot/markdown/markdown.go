// Package markdown writes text of strangers into the Markdown of forges. Whatever
// it is given stays text: it becomes no mention, no reference to an issue, no
// closing keyword, link, image, HTML, emoji, formula or quick action, and hides
// and turns around nothing.
package markdown

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/restow/restow/internal/visible"
)

// Code is s as a code span, which no forge looks into for mentions and
// references. It holds neither a line break nor a |, so that it may stand in a
// table. "" stays "".
func Code(s string) string {
	s = visible.Text(s)
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|\t") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " "):
		// Parsers of tables do not agree on an escaped | behind a backslash, and a
		// span of backticks takes blanks from its ends: entities mean one thing.
		return CodeHTML(s)
	}
	return "`" + s + "`"
}

// CodeHTML is Code in HTML, for where no Markdown is read.
func CodeHTML(s string) string { return "<code>" + entities(visible.Text(s)) + "</code>" }

// entities writes all that is no letter, digit or blank as a character reference.
func entities(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
	}
	return b.String()
}

// Text is s as words of a paragraph or a table cell. What stands between two
// backticks, and words that a forge could take for something else than words,
// become code.
func Text(s string) string {
	parts := strings.Split(visible.Text(s), "`")
	if len(parts)%2 == 0 { // one of them is no quotation mark
		parts = []string{strings.Join(parts, "`")}
	}
	var b strings.Builder
	for i, p := range parts {
		text := Code(p)
		if i%2 == 0 {
			text = words(p, i == 0)
		}
		if strings.HasPrefix(text, "`") && strings.HasSuffix(b.String(), "`") {
			b.WriteByte(' ') // two spans would become one
		}
		b.WriteString(text)
	}
	return b.String()
}

// words is Text of words with the blanks around them. Those of the start may stand
// at the beginning of a line.
func words(s string, start bool) string {
	all := strings.Fields(s)
	var out []string
	for i := 0; i < len(all); i++ {
		if !strange(all[i]) {
			out = append(out, escape(all[i], start && i == 0))
			continue
		}
		// Strange words in a row are one span.
		end := i + 1
		for end < len(all) && strange(all[end]) {
			end++
		}
		out = append(out, Code(strings.Join(all[i:end], " ")))
		i = end - 1
	}
	text := strings.Join(out, " ")
	if text == "" {
		return strings.Repeat(" ", min(1, len(s)))
	}
	if !start && s[0] == ' ' {
		text = " " + text
	}
	if strings.HasSuffix(s, " ") {
		text += " "
	}
	return text
}

// strange reports whether a word may mean something to a forge: mentions, issues
// of GitHub (#1, GH-1), what GitLab has besides (!1, ~label, %1, $1, &1, ^1, /close),
// addresses, emoji and formulas.
func strange(word string) bool {
	lower := strings.ToLower(word)
	return strings.ContainsAny(word, "@#!~%$&^`|\\<>*_{}[]") ||
		strings.Contains(lower, "://") || strings.Contains(lower, "www.") || strings.Contains(lower, "gh-") ||
		strings.Count(word, ":") > 1 || strings.HasPrefix(word, "/")
}

// escape keeps the first word of a line from beginning a list or a heading.
func escape(word string, first bool) string {
	last := len(word) - 1
	switch {
	case !first:
	case strings.ContainsAny(word[:1], "+-="):
		return `\` + word
	case last > 0 && strings.ContainsAny(word[last:], ".)") && isDigits(word[:last]):
		return word[:last] + `\` + word[last:]
	}
	return word
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Fence is a code block of s, whose lines stay lines. It begins and ends with a
// line break.
func Fence(language, s string) string {
	var b strings.Builder
	longest, run := 0, 0
	for line := range strings.Lines(s) {
		line = visible.Text(strings.TrimRight(line, "\r\n"))
		for _, r := range line {
			if run++; r != '`' {
				run = 0
			}
			longest = max(longest, run)
		}
		run = 0
		b.WriteString(line)
		b.WriteByte('\n')
	}
	ticks := strings.Repeat("`", max(3, longest+1))
	return "\n" + ticks + language + "\n" + b.String() + ticks + "\n"
}

// Fold is a body that is shown when its summary is clicked. The summary is HTML,
// for no Markdown is read on its line: words of ours, and what CodeHTML gives.
func Fold(summary, body string) string {
	return "<details><summary>" + summary + "</summary>\n" + body + "\n</details>\n"
}

// Plain is s for a commit message or a title, where there is no code: characters
// that could begin a mention, a reference or an address are escapes.
func Plain(s string) string {
	s = visible.Text(s)
	var b strings.Builder
	for i, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		case r == ':' && !strings.HasPrefix(s[i:], "://"):
		case r == '-' && i >= 2 && strings.EqualFold(s[i-2:i], "gh"): // GH-1 is an issue of GitHub
			b.WriteString(visible.Escape(r))
			continue
		case strings.ContainsRune(" .,;()+=/_-\\", r):
		default:
			b.WriteString(visible.Escape(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Cut shortens text to at most that many characters, with an ellipsis.
func Cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
