package dockerfile

import (
	"sort"
	"strings"
)

// Text is an instruction's logical line, that is what BuildKit reads once
// continuations are joined and interior comments dropped, with the way back to
// the bytes of the file. Heredoc bodies are not part of it.
type Text struct {
	S    string
	segs []segment
}

// segment says that S[at:] stands at src in the file, up to the next segment.
type segment struct{ at, src int }

// Source returns the bytes of the file that S[lo:hi] was read from, and false
// when they are not one run: a word cut by a continuation has no single span,
// and an edit of it would have to cross whatever stands between its parts.
func (t Text) Source(lo, hi int) (Span, bool) {
	if lo < 0 || hi < lo || hi > len(t.S) {
		return Span{}, false
	}
	i := t.segmentAt(lo, hi == lo)
	if i < 0 || hi > t.end(i) {
		return Span{}, false
	}
	start := t.segs[i].src + lo - t.segs[i].at
	return Span{start, start + hi - lo}, true
}

// segmentAt finds the segment that holds byte lo. An empty range at the border
// of two segments belongs to the end of the first, where its line's text ends.
func (t Text) segmentAt(lo int, empty bool) int {
	i := sort.Search(len(t.segs), func(i int) bool { return lo < t.end(i) || (empty && lo == t.end(i)) })
	if i < len(t.segs) {
		return i
	}
	return -1
}

func (t Text) end(i int) int {
	if i+1 < len(t.segs) {
		return t.segs[i+1].at
	}
	return len(t.S)
}

// Span covers the whole logical line in the file, from its first byte to its
// last, with continuations and interior comments between. White space at both
// ends is left out.
func (t Text) Span() Span {
	lo := len(t.S) - len(strings.TrimLeft(t.S, blanks))
	hi := len(strings.TrimRight(t.S, blanks))
	if lo >= hi {
		return Span{t.segs[0].src, t.segs[0].src}
	}
	first, _ := t.Source(lo, lo+1)
	last, _ := t.Source(hi-1, hi)
	return Span{first.Start, last.End}
}

// blanks is what BuildKit's parser splits words at (reWhitespace in parser.go).
const blanks = "\t\v\f\r "
