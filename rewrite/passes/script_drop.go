package passes

import (
	"bytes"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// dropItem takes an item of a list away with what joins it to its neighbours. It
// is false where the list would run on in another way, or a comment would go too.
func (s *script) dropItem(i int) ([]dockerfile.Edit, bool) {
	item, f, before := s.Top[i], s.in.File, ""
	if i > 0 {
		before = s.Top[i-1].Op
	}
	switch {
	case item.Op == "&" || item.Op == "||" || before == "||":
		return nil, false // others run on its outcome, or it on theirs
	case i+1 < len(s.Top) && item.Op != "&&" && before == "&&":
		return nil, false // the one before would be the last of its list, and -e ends the script at that
	case i+1 == len(s.Top) && (i == 0 || !s.mayEndAt(i-1)):
		return nil, false
	}
	if cut, ok := s.ownLines(i); ok && (item.Op != "&&" || before == "&&") {
		return []dockerfile.Edit{{Span: cut}}, true
	}
	if i+1 == len(s.Top) {
		return s.cutTail(i)
	}
	first, ok1 := s.first(item.Lo)
	next, ok2 := s.first(s.Top[i+1].Lo)
	if !ok1 || !ok2 {
		return nil, false
	}
	cut := dockerfile.Span{Start: first, End: next}
	if !s.commented(cut) {
		return []dockerfile.Edit{{Span: cut}}, true
	}
	if s.doc != nil {
		return nil, false
	}
	// The comments stay: the other lines go, if they hold nothing else.
	from, to := f.LineSpan(first), f.LineSpan(next)
	lead := string(f.Src[from.Start:first]) + string(f.Src[to.Start:next])
	var edits []dockerfile.Edit
	for pos := from.Start; pos < to.Start; {
		line := f.LineSpan(pos)
		if !slices.ContainsFunc(s.in.Comments, line.Contains) {
			edits = append(edits, dockerfile.Edit{Span: line})
		}
		pos = line.End
	}
	return edits, strings.TrimSpace(lead) == ""
}

// mayEndAt reports whether the script fails where it failed before once all behind
// an item is gone. Behind ; the outcome of the last command is the script's,
// whatever the others did, unless -e has ended it. Behind && it is so, but that -e
// counts for what is made of several commands once nothing follows it.
func (s *script) mayEndAt(i int) bool {
	on := s.onFailure(len(s.Top))
	rest := s.Top[i:]
	switch rest[0].Op {
	case "&&":
		lists := slices.ContainsFunc(rest[:len(rest)-1], func(next shell.Item) bool { return next.Op != "&&" })
		return !lists && (on == goesOn || s.joins(rest[0].Node))
	case ";", "\n":
		return on == stops && s.alone(i) && exits(rest[0].Node)
	}
	return false
}

// cutTail takes the items from one on away, up to the script's end.
func (s *script) cutTail(i int) ([]dockerfile.Edit, bool) {
	end := s.Top[len(s.Top)-1]
	from, ok1 := s.last(s.Top[i-1].Hi)
	to, ok2 := s.last(end.Hi)
	cut := dockerfile.Span{Start: from, End: to}
	if end.Op != "" || !ok1 || !ok2 || s.commented(cut) {
		return nil, false
	}
	return []dockerfile.Edit{{Span: cut}}, true
}

// ownLines are the lines of an item in a heredoc, where nothing else stands on
// them, and nothing before them goes on to them but by the list's own operators.
func (s *script) ownLines(i int) (cut dockerfile.Span, ok bool) {
	item := s.Top[i]
	first, ok1 := s.first(item.Lo)
	last, ok2 := s.last(item.Hi)
	if s.doc == nil || !ok1 || !ok2 || i+1 == len(s.Top) && s.Top[i-1].Op == "&&" {
		return cut, false
	}
	f := s.in.File
	from, to := f.LineSpan(first), f.LineSpan(last-1)
	tail := strings.TrimSpace(string(f.Src[last:to.End]))
	if strings.TrimSpace(string(f.Src[from.Start:first])) != "" || i+1 == len(s.Top) && bytes.HasSuffix(bytes.TrimRight(f.Src[:from.Start], "\n"), []byte(`\`)) {
		return cut, false
	}
	if item.Op == "&&" {
		tail = strings.TrimRight(tail, "\\ \t")
	}
	if tail != strings.TrimSpace(item.Op) {
		return cut, false
	}
	return dockerfile.Span{Start: from.Start, End: to.End}, true
}
