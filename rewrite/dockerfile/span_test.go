package dockerfile_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

func edit(start, end int, text string) dockerfile.Edit {
	return dockerfile.Edit{Span: dockerfile.Span{Start: start, End: end}, New: text}
}

func TestApply(t *testing.T) {
	const src = "0123456789"
	for _, tt := range []struct {
		name  string
		edits []dockerfile.Edit
		want  string
	}{
		{"none", nil, src},
		{"replace", []dockerfile.Edit{edit(2, 4, "x")}, "01x456789"},
		{"delete", []dockerfile.Edit{edit(0, 3, "")}, "3456789"},
		{"insert at both ends", []dockerfile.Edit{edit(10, 10, "b"), edit(0, 0, "a")}, "a0123456789b"},
		{"unsorted", []dockerfile.Edit{edit(8, 9, "y"), edit(1, 2, "x")}, "0x234567y9"},
		{"touching", []dockerfile.Edit{edit(1, 3, "x"), edit(3, 5, "y")}, "0xy56789"},
		{"insertions keep their order", []dockerfile.Edit{edit(1, 1, "x"), edit(1, 1, "y")}, "0xy123456789"},
		{"an insertion goes before what is replaced there", []dockerfile.Edit{edit(1, 3, "x"), edit(1, 1, "y")}, "0yx3456789"},
		{"all", []dockerfile.Edit{edit(0, 10, "")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := dockerfile.Apply([]byte(src), tt.edits)
			if err != nil || string(out) != tt.want {
				t.Errorf("%q, %v, want %q", out, err, tt.want)
			}
			checkApplied(t, []byte(src), out, tt.edits)
		})
	}
}

func TestApplyRefused(t *testing.T) {
	for _, tt := range []struct {
		edits   []dockerfile.Edit
		overlap bool
	}{
		{[]dockerfile.Edit{edit(1, 4, ""), edit(3, 5, "")}, true},
		{[]dockerfile.Edit{edit(3, 5, ""), edit(1, 4, "")}, true},
		{[]dockerfile.Edit{edit(1, 4, ""), edit(2, 2, "x")}, true},
		{[]dockerfile.Edit{edit(1, 4, ""), edit(1, 4, "")}, true},
		{[]dockerfile.Edit{edit(-1, 2, "")}, false},
		{[]dockerfile.Edit{edit(2, 1, "")}, false},
		{[]dockerfile.Edit{edit(0, 7, "")}, false},
	} {
		out, err := dockerfile.Apply([]byte("012345"), tt.edits)
		if out != nil || err == nil || errors.Is(err, dockerfile.ErrOverlap) != tt.overlap {
			t.Errorf("%v: %q, %v", tt.edits, out, err)
		}
	}
}

// TestApplyOrder: edits at different places may come in any order.
func TestApplyOrder(t *testing.T) {
	src := []byte("0123456789")
	edits := []dockerfile.Edit{edit(0, 1, "aa"), edit(2, 2, "b"), edit(3, 6, ""), edit(6, 7, "ccc"), edit(10, 10, "d")}
	want, err := dockerfile.Apply(src, edits)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		edits = append(edits[1:], edits[0])
		for _, e := range [][]dockerfile.Edit{edits, reversed(edits)} {
			if got, err := dockerfile.Apply(src, e); err != nil || string(got) != string(want) {
				t.Errorf("%v: %q, %v", e, got, err)
			}
		}
	}
	if string(src) != "0123456789" {
		t.Error("Apply wrote to its source")
	}
}

func reversed(edits []dockerfile.Edit) []dockerfile.Edit {
	out := slices.Clone(edits)
	slices.Reverse(out)
	return out
}

func TestOverlap(t *testing.T) {
	for _, tt := range []struct {
		a, b dockerfile.Edit
		want bool
	}{
		{edit(1, 3, ""), edit(3, 5, ""), false},
		{edit(1, 4, ""), edit(3, 5, ""), true},
		{edit(1, 5, ""), edit(2, 3, ""), true},
		{edit(2, 2, ""), edit(2, 2, ""), true},
		{edit(2, 2, ""), edit(1, 3, ""), true},
		{edit(3, 3, ""), edit(1, 3, ""), false},
		{edit(2, 2, ""), edit(2, 3, ""), true},
	} {
		a, b := []dockerfile.Edit{edit(90, 91, ""), tt.a}, []dockerfile.Edit{edit(80, 81, ""), tt.b}
		if dockerfile.Overlap(a, b) != tt.want || dockerfile.Overlap(b, a) != tt.want {
			t.Errorf("%v and %v: want %v", tt.a, tt.b, tt.want)
		}
		// What does not overlap can always be applied together.
		if _, err := dockerfile.Apply(make([]byte, 100), append(a, b...)); !tt.want && err != nil {
			t.Errorf("%v and %v: %v", tt.a, tt.b, err)
		}
	}
	if dockerfile.Overlap(nil, []dockerfile.Edit{edit(0, 9, "")}) {
		t.Error("nothing overlaps")
	}
}

func TestOrigin(t *testing.T) {
	// 0123456789 → 0xx34ab789
	edits := []dockerfile.Edit{edit(5, 7, "b"), edit(1, 3, "xx"), edit(5, 5, "a")}
	for off, want := range []int{0, 1, 1, 3, 4, 5, 5, 7, 8, 9, 10} {
		if got := dockerfile.Origin(edits, off); got != want {
			t.Errorf("%d comes from %d, want %d", off, got, want)
		}
	}
	if dockerfile.Origin(nil, 7) != 7 {
		t.Error("without edits")
	}
}
