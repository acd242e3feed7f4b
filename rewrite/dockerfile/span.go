package dockerfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Span is a half-open range of bytes of [File.Src].
type Span struct{ Start, End int }

// Len is the number of bytes the span covers.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether t lies inside s.
func (s Span) Contains(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Edit replaces the bytes of a span by New. An empty span inserts.
type Edit struct {
	Span
	New string
}

// ErrOverlap is what [Apply] returns when two edits claim the same bytes.
var ErrOverlap = errors.New("edits overlap")

// Apply returns src with the edits made. The order of edits does not matter,
// but for insertions at one place, which keep theirs. It returns [ErrOverlap]
// when two edits touch the same byte, and an error for a span outside src; src
// itself never changes.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := inOrder(edits)
	size, last := len(src), 0
	for _, e := range sorted {
		if e.Start < 0 || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("edit %d-%d is outside the file's %d bytes", e.Start, e.End, len(src))
		}
		if e.Start < last {
			return nil, fmt.Errorf("%w at byte %d", ErrOverlap, e.Start)
		}
		last = e.End
		size += len(e.New) - e.Len()
	}
	out, last := make([]byte, 0, size), 0
	for _, e := range sorted {
		out = append(out, src[last:e.Start]...)
		out = append(out, e.New...)
		last = e.End
	}
	return append(out, src[last:]...), nil
}

// inOrder is the order in which edits are made.
func inOrder(edits []Edit) []Edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	return sorted
}

// Overlap reports whether any edit of a touches a byte that an edit of b
// touches. Two insertions at one place overlap: their order would be a guess.
func Overlap(a, b []Edit) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Start == y.Start || (x.Start < y.End && y.Start < x.End) {
				return true
			}
		}
	}
	return false
}

// Origin is the offset before edits of what stands at off after them. Text that
// an edit put in comes from the edit's start.
func Origin(edits []Edit, off int) int {
	shift := 0
	for _, e := range inOrder(edits) {
		at := e.Start + shift
		if off < at {
			break
		}
		if off < at+len(e.New) {
			return e.Start
		}
		shift += len(e.New) - e.Len()
	}
	return off - shift
}
