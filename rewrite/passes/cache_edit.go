package passes

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// mountEdit puts flags behind those that the RUN has: on its line where it is one
// line, else each on a line of its own.
func (s *script) mountEdit(flags []string) (dockerfile.Edit, bool) {
	in, f := s.in, s.in.File
	last := in.Keyword()
	if have := in.Flags(); len(have) > 0 {
		last = have[len(have)-1]
	}
	before, ok1 := in.Span(last.Sub(len(last.S)-1, len(last.S)))
	first, ok2 := in.Span(in.Args().Sub(0, 1))
	if !ok1 || !ok2 {
		return dockerfile.Edit{}, false
	}
	between := string(f.Src[before.End:first.Start])
	at := dockerfile.Span{Start: before.End, End: before.End}
	whole := string(f.Bytes(in.Text.Span()))
	if !strings.Contains(whole, "\n") {
		at.End = first.Start
		return dockerfile.Edit{Span: at, New: " " + strings.Join(flags, " ") + " "}, true
	}
	line := " " + string(f.Escape) + f.EOL(before.End) + s.indent()
	text := " " + strings.Join(flags, line)
	if len(in.Flags()) > 0 {
		text = line + strings.Join(flags, line)
	}
	if !strings.Contains(between, "\n") {
		at.End = first.Start
		text += line
	}
	return dockerfile.Edit{Span: at, New: text}, true
}

// ahead puts a command before an item of the list, joined in the way that the item
// is joined to its neighbours.
func (s *script) ahead(i int, text string) (dockerfile.Edit, bool) {
	at, ok := s.first(s.Top[i].Lo)
	sep := s.separator(i)
	if sep == "" && i > 0 {
		sep = s.separator(i - 1)
	}
	if sep == "" && s.doc != nil && s.alone(i) {
		sep = s.in.File.EOL(at) + s.lead(at)
	}
	if sep == "" {
		sep = " && "
	}
	return dockerfile.Edit{Span: dockerfile.Span{Start: at, End: at}, New: text + sep}, ok
}

// separator is what stands between an item and the next, "" where it cannot be
// repeated.
func (s *script) separator(i int) string {
	if i+1 >= len(s.Top) || !slices.Contains([]string{"&&", ";", "\n"}, s.Top[i].Op) {
		return ""
	}
	return s.gap(i)
}

// itemOf is the item that a command is, or is part of.
func (s *script) itemOf(c *shell.Simple) int {
	return slices.IndexFunc(s.Top, func(i shell.Item) bool { return i.Lo <= c.Lo && c.Hi <= i.Hi })
}

// dropItems takes items of the list away, all or none; they are in order.
func (s *script) dropItems(items []int) ([]dockerfile.Edit, bool) {
	var edits []dockerfile.Edit
	tail := len(s.Top) // the first of those that end the list
	for tail > 0 && slices.Contains(items, tail-1) {
		tail--
	}
	for _, i := range items {
		if i >= tail {
			break
		}
		more, ok := s.dropLines(i)
		if !ok {
			more, ok = s.dropItem(i)
		}
		if !ok {
			return nil, false
		}
		edits = append(edits, more...)
	}
	if tail == len(s.Top) {
		return edits, true
	}
	if tail == 0 || s.Top[len(s.Top)-1].Op != "" {
		return nil, false
	}
	if !s.mayEndAt(tail - 1) {
		return nil, false
	}
	more, ok := s.cutTail(tail)
	return append(edits, more...), ok
}

// dropLines takes away an item that stands on lines of its own, with && before it.
func (s *script) dropLines(i int) ([]dockerfile.Edit, bool) {
	if i == 0 || s.Top[i-1].Op != "&&" || s.Top[i].Op != "&&" {
		return nil, false
	}
	f := s.in.File
	op, ok1 := s.span(s.Top[i-1].OpLo, s.Top[i-1].OpHi)
	last, ok2 := s.last(s.Top[i].Hi)
	if !ok1 || !ok2 {
		return nil, false
	}
	from, to := f.LineSpan(op.Start), f.LineSpan(last-1)
	lead := strings.TrimSpace(string(f.Src[from.Start:op.Start]))
	tail := strings.TrimSpace(string(f.Src[last:to.End]))
	cut := dockerfile.Span{Start: from.Start, End: to.End}
	if lead != "" || tail != string(f.Escape) || s.commented(cut) {
		return nil, false
	}
	return []dockerfile.Edit{{Span: cut}}, true
}

// indent is what the least indented of the RUN's further lines begins with.
func (s *script) indent() string {
	f, least := s.in.File, ""
	for line := f.LineSpan(s.in.Text.Span().Start); line.End < s.in.Lines.End; {
		line = f.LineSpan(line.End)
		text := string(f.Bytes(line))
		body := strings.TrimLeft(text, " \t")
		lead := text[:len(text)-len(body)]
		if strings.TrimSpace(body) != "" && body[0] != '#' && lead != "" && (least == "" || len(lead) < len(least)) {
			least = lead
		}
	}
	if least == "" {
		return "    "
	}
	return least
}

// removeOption takes a word away, and its line with it where it stands alone.
func (s *script) removeOption(w shell.Word) (dockerfile.Edit, bool) {
	if edit, ok := s.remove(w); ok {
		return edit, true
	}
	f := s.in.File
	span, ok := s.span(w.Lo, w.Hi)
	if !ok {
		return dockerfile.Edit{}, false
	}
	line := f.LineSpan(span.Start)
	lead, tail := string(f.Src[line.Start:span.Start]), string(f.Src[span.End:line.End])
	alone := strings.TrimSpace(lead) == "" && strings.TrimSpace(tail) == string(f.Escape)
	return dockerfile.Edit{Span: line}, alone && line.Start > s.in.Lines.Start
}
