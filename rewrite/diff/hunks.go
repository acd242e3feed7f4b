package diff

import "github.com/aymanbagabas/go-udiff"

// Hunk takes the place of whole lines: the bytes from Start to End of the text
// before become New.
type Hunk struct {
	Start, End int
	New        string
}

// Hunks are the least lines that differ, in order. Applied to before they give after.
func Hunks(before, after []byte) []Hunk {
	var out []Hunk
	for _, e := range udiff.Lines(string(before), string(after)) {
		out = append(out, Hunk{e.Start, e.End, e.New})
	}
	return out
}

// Meet reports whether two hunks of one text stand on the same lines or on lines
// next to each other, where git merge asks a person. The same hunk on both sides
// is taken once and meets nothing.
func (h Hunk) Meet(other Hunk) bool {
	return h != other && h.Start <= other.End && other.Start <= h.End
}

// Merge applies the hunks of several changes of one text. It is false where two of
// different changes meet.
func Merge(before []byte, changes ...[]Hunk) ([]byte, bool) {
	var all []Hunk
	for i, hunks := range changes {
		for _, h := range hunks {
			for _, others := range changes[:i] {
				for _, o := range others {
					if h.Meet(o) {
						return nil, false
					}
				}
			}
			all = insert(all, h)
		}
	}
	var out []byte
	at := 0
	for _, h := range all {
		out = append(append(out, before[at:h.Start]...), h.New...)
		at = h.End
	}
	return append(out, before[at:]...), true
}

// insert puts a hunk in its place, once.
func insert(all []Hunk, h Hunk) []Hunk {
	i := len(all)
	for i > 0 && (all[i-1].Start > h.Start || all[i-1].Start == h.Start && all[i-1].End > h.End) {
		i--
	}
	if i > 0 && all[i-1] == h {
		return all
	}
	return append(all[:i], append([]Hunk{h}, all[i:]...)...)
}
