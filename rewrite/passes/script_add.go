package passes

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// failing is what becomes of a script where one of its commands fails.
type failing int

const (
	goesOn failing = iota
	stops          // by -e
	unsure
)

// onFailure is what becomes of the script where an item fails: its shell is called
// with -e, or it has said so itself by then.
func (s *script) onFailure(item int) failing {
	var argv []string
	if s.stage != nil {
		argv = shellOf(s.stage.Base)
		for _, in := range s.stage.Instructions {
			if in == s.in {
				break
			}
			if cmd, ok := in.Command.(*instructions.ShellCommand); ok {
				argv = cmd.Shell
			}
		}
	}
	now := sets(argv, goesOn)
	for i, at := range s.Top[:min(item, len(s.Top))] {
		words, plain := plainWords(at)
		switch {
		case plain && words[0] == "set" && s.alone(i):
			now = sets(words[1:], now)
		case slices.ContainsFunc(at.Commands, func(c *shell.Simple) bool { return mayStop(s, c) }):
			now = unsure
		}
	}
	return now
}

// sets is what options make of -e.
func sets(words []string, now failing) failing {
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "--"), len(w) < 2:
		case w[0] == '-' && (strings.Contains(w, "e") || strings.HasSuffix(w, "o") && i+1 < len(words) && words[i+1] == "errexit"):
			now = stops
		case w[0] == '+' && (strings.Contains(w, "e") || strings.HasSuffix(w, "o") && i+1 < len(words) && words[i+1] == "errexit"):
			now = goesOn
		}
	}
	return now
}

// mayStop reports whether a command that is not simply set may switch -e on or off.
func mayStop(s *script, c *shell.Simple) bool {
	switch c.Name() {
	case "set", "eval":
		text := s.Text[c.Lo:c.Hi]
		return c.In&(shell.Subshell|shell.Substitution) == 0 && (strings.ContainsAny(text, "e$`") && strings.ContainsAny(text, "-+$`"))
	}
	return false
}

// alone reports whether an item of the list is one by itself: nothing joins it to
// the one before.
func (s *script) alone(i int) bool {
	return i == 0 || s.Top[i-1].Op == ";" || s.Top[i-1].Op == "\n" || s.Top[i-1].Op == "&"
}

// exits reports whether -e ends the script where an item that is alone fails. With
// braces, if and the like it does not where what failed in them was joined by && to
// what did not run then (POSIX, the set builtin).
func exits(n *shell.Node) bool {
	switch n.Kind {
	case shell.KindSimple, shell.KindPipe, shell.KindSubshell, shell.KindTest, shell.KindArith:
		return !n.Negated && !n.Background
	}
	return false
}

// joins reports whether && may stand behind an item though -e is on: ahead of it
// the shell ignores -e, which makes a difference where there are commands inside.
func (s *script) joins(n *shell.Node) bool {
	switch n.Kind {
	case shell.KindSimple:
		return !slices.Contains(functions(s.Root, nil), n.Simple.Name())
	case shell.KindPipe:
		return !slices.ContainsFunc(n.Kids, func(kid *shell.Node) bool { return !s.joins(kid) })
	case shell.KindTest, shell.KindArith:
		return true
	}
	return false
}

// add puts another command behind the last one, so that it runs where the last one
// succeeded and the script fails where it failed before: joined by &&, or where -e
// ends the script at a failure as the script joins its commands. Otherwise it says
// why it cannot be put there.
func (s *script) add(cmd string) (edit dockerfile.Edit, why string) {
	const openEnd = "a comment or a continuation stands at its end"
	end := len(strings.TrimRight(s.Text, " \t\n"))
	if end == 0 || len(s.Top) == 0 {
		return edit, "the script is empty"
	}
	n := len(s.Top) - 1
	last, on := s.Top[n], s.onFailure(len(s.Top))
	rest, _, _ := strings.Cut(s.Text[last.Hi:], "\n")
	rest = strings.TrimSpace(rest)
	onItsOwn := on == stops && s.alone(n) && exits(last.Node)
	ok := false
	switch {
	case last.Op == "&":
		return edit, "`&` leaves its last command running"
	case onItsOwn && s.doc != nil && s.Text[end-1] != '\\':
		if pos, known := s.first(last.Lo); known {
			edit, ok = s.insert(end, s.in.File.EOL(pos)+s.lead(pos)+cmd)
		}
	case onItsOwn && rest == ";" && s.doc == nil:
		edit, ok = s.insert(end, strings.TrimPrefix(s.semicolon(), ";")+cmd)
	case rest != "" && rest != ";", s.doc == nil && rest == "" && last.Hi != end:
	case onItsOwn && rest == "" && n > 0 && s.Top[n-1].Op == ";":
		edit, ok = s.insert(end, s.semicolon()+cmd)
	case on != goesOn && !s.joins(last.Node):
		return edit, "its last command is made of several, among which && would switch -e off"
	default:
		glue := s.joint()
		if glue == " && " {
			glue = s.lineEnd(last.Lo, last.Hi) + "&& "
		}
		edit, ok = s.insert(last.Hi, glue+cmd)
	}
	if !ok {
		return edit, openEnd
	}
	return edit, ""
}

// joint is what stands between two commands of the script that && joins, in the
// file's own layout.
func (s *script) joint() string {
	f := s.in.File
	for _, item := range slices.Backward(s.Top) {
		if item.Op != "&&" {
			continue
		}
		before, ok1 := s.last(item.Hi)
		op, ok2 := s.span(item.OpLo, item.OpHi)
		if !ok1 || !ok2 {
			continue
		}
		gap := string(f.Src[before:op.Start])
		if i := strings.LastIndexByte(gap, '\n'); i >= 0 && f.Line(before) != f.Line(op.Start) {
			return " " + string(f.Escape) + f.EOL(before) + gap[i+1:] + "&& " // && begins the line
		}
		line := f.LineSpan(op.End)
		if strings.Trim(string(f.Src[op.End:line.End]), " \t\r\n"+string(f.Escape)) == "" && line.End < s.in.Lines.End {
			return " && " + string(f.Escape) + f.EOL(op.End) + s.lead(line.End) // && ends the line
		}
		return " && "
	}
	return " && "
}

// lineEnd is what leads to a new line behind a command that takes several, with
// the indent of its second line; for one on a line it is a blank.
func (s *script) lineEnd(lo, hi int) string {
	f := s.in.File
	first, ok1 := s.first(lo)
	last, ok2 := s.last(hi)
	if !ok1 || !ok2 || f.Line(first) == f.Line(last-1) {
		return " "
	}
	line := f.LineSpan(f.LineSpan(first).End)
	for line.End < last && strings.HasPrefix(strings.TrimSpace(string(f.Bytes(line))), "#") {
		line = f.LineSpan(line.End)
	}
	return " " + string(f.Escape) + f.EOL(first) + s.lead(line.Start)
}

// semicolon is what stands between two commands that ; joins, in the script's own
// layout.
func (s *script) semicolon() string {
	for i := len(s.Top) - 2; i >= 0; i-- {
		if gap := s.gap(i); s.Top[i].Op == ";" && strings.HasPrefix(gap, ";") {
			return gap
		}
	}
	return "; "
}
