package effect

import (
	"math/rand/v2"
	"path"
	"slices"
	"testing"
)

// TestMask: no two places of which one tells of the other are without a common bit,
// and sets of them clash as they do without masks.
func TestMask(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	parts := []string{"usr", "bin", "sbin", "lib", "tmp", "var", "run", "lock", "shm", "dev", "app", "root", "home", ".npmrc", "a", "etc", "passwd", "group", ".", "srv"}
	names := []string{"*", "/", "/.", "PATH", ambientNames, allButStamps, "BUILD_SHA", "Env", "Labels:a", "Labels"}
	for _, tw := range twins {
		names = append(names, tw.name, tw.is, tw.name+"/x", tw.is+"/x")
	}
	name := func() string {
		if r.IntN(4) == 0 {
			return names[r.IntN(len(names))]
		}
		s := ""
		for range 1 + r.IntN(4) {
			s += "/" + parts[r.IntN(len(parts))]
		}
		return s
	}
	place := func() Place { return Place{Kind(r.IntN(len(kinds))), name()} }
	seen := 0
	for range 200_000 {
		p, q := place(), place()
		if r.IntN(2) == 0 {
			q.Kind = p.Kind
		}
		if p.changes(q) || q.changes(p) {
			seen++
			if p.changes(q) && !p.mask().meets(q.readMask()) || q.changes(p) && !q.mask().meets(p.readMask()) || !p.mask().meets(q.mask()) {
				t.Fatalf("%v and %v have no common bit", p, q)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d pairs tell of each other", seen)
	}
	places := func() (out []Place) {
		for range r.IntN(4) {
			out = append(out, place())
		}
		return out
	}
	for range 20_000 {
		a, b := Effect{Reads: places(), Writes: places()}, Effect{Reads: places(), Writes: places()}
		x, y := doneBy(a), doneBy(b)
		_, ok := a.Conflict(b)
		_, same := conflict(x.reads, x.writes, y.reads, y.writes)
		if ok != same {
			t.Fatalf("%v and %v clash: %t, with masks %t", a, b, ok, same)
		}
	}
	// A COPY's mask has the bits of all that it lays.
	for range 5_000 {
		var laid []Laid
		for range r.IntN(8) {
			laid = append(laid, Laid{Dest: path.Join("/", name()), Dir: r.IntN(3) == 0})
		}
		slices.SortFunc(laid, func(a, b Laid) int { return byDest(a, b.Dest) })
		m := laidMask(laid)
		for _, l := range laid {
			for _, p := range l.Writes() {
				if bits := p.mask(); bits != anyFile && !bits.within(m) {
					t.Fatalf("%v: the mask of all lacks a bit of %v", laid, p)
				}
			}
		}
	}
}

// TestOverlapping: as a look at each pair finds it.
func TestOverlapping(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 2))
	some := func() (out []Laid) {
		for range r.IntN(6) {
			out = append(out, Laid{Dest: "/" + string(rune('a'+r.IntN(6))), From: string(rune('x' + r.IntN(2)))})
		}
		slices.SortStableFunc(out, func(a, b Laid) int { return byDest(a, b.Dest) })
		return out
	}
	for range 20_000 {
		x, y := some(), some()
		last := map[string]Laid{}
		for _, l := range x {
			last[l.Dest] = l
		}
		want := slices.ContainsFunc(y, func(l Laid) bool { o, ok := last[l.Dest]; return ok && o != l })
		if _, got := overlapping(x, y); got != want {
			t.Fatalf("%v and %v: %t", x, y, got)
		}
	}
}
