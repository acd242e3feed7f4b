package effect

import (
	"slices"
	"strings"
)

// A mask has bits for the kind of a place and, of files, for the first and the second
// element of their path: what may be seen by one who reads a place has a bit in common
// with it in both halves, so that two sets of places which have not need no closer
// look (TestMask).
type mask struct{ top, second uint64 }

const (
	topFolders = 44 // bits of files, by their top folder
	home       = 1 << topFolders
	account    = 1 << (topFolders + 1)
	root       = 1 << (topFolders + 2) // the root folder itself, which only who writes any file changes
	every      = ^uint64(0)
)

var anyFile = mask{1<<(topFolders+3) - 1, every}

func (m mask) meets(o mask) bool  { return m.top&o.top != 0 && m.second&o.second != 0 }
func (m mask) with(o mask) mask   { return mask{m.top | o.top, m.second | o.second} }
func (m mask) within(o mask) bool { return m.top&^o.top == 0 && m.second&^o.second == 0 }

// readMask is the mask of a place that is read.
func (p Place) readMask() mask {
	if (p.Kind == Folder || p.Kind == RootFolder) && p.Name == "/" {
		return mask{root, every}
	}
	return p.mask()
}

// mask is that of a place.
func (p Place) mask() mask {
	switch p.Kind {
	case File, Folder, RootFolder:
		if p.Name == "*" || p.Name == "/" {
			return anyFile
		}
		m := pathMask(p.Name)
		if dotted(p.Name) {
			m.top |= home
		}
		if ofAccounts(p.Name) {
			m.top |= account
		}
		return m
	case Home:
		return mask{home, every}
	case Accounts:
		return mask{account, every}
	}
	return mask{1 << (topFolders + 3 + p.Kind), every}
}

// pathMask is the mask of a path, as it stands and as it is where folders are links.
func pathMask(name string) mask {
	m := mask{top(name), second(name)}
	if t := twin(name); t != name {
		m = m.with(mask{top(t), second(t)})
	}
	return m
}

// second is the bit of a path's second element. One that has none is above all that
// have.
func second(name string) uint64 {
	i := 1
	for i < len(name) && name[i] != '/' {
		i++
	}
	if i >= len(name)-1 {
		return every
	}
	rest := name[i+1:]
	end := 0
	for end < len(rest) && rest[end] != '/' {
		end++
	}
	return 1 << (hash(rest[:end]) % 64)
}

func hash(text string) uint32 {
	h := uint32(2166136261) // FNV-1a
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// top is the bit of a path's first element: one of its own for the folders that every
// system has, which package managers write, and one by a hash for others.
func top(name string) uint64 {
	end := 1
	for end < len(name) && name[end] != '/' {
		end++
	}
	if end > len(name) {
		return 1
	}
	first := name[min(1, end):end]
	switch first {
	case "usr":
		return 1 << 0
	case "etc":
		return 1 << 1
	case "var":
		return 1 << 2
	case "tmp":
		return 1 << 3
	case "bin", "sbin", "lib", "lib32", "lib64", "libx32":
		return 1 << 4
	case "run", "dev":
		return 1 << 5
	case "opt":
		return 1 << 6
	case "root", "home":
		return 1 << 7
	case "go":
		return 1 << 8
	case "boot", "srv", "mnt", "media":
		return 1 << 9
	}
	return 1 << (10 + hash(first)%(topFolders-10))
}

// masked are places with their masks, and all of these in one.
type masked struct {
	places []Place
	masks  []mask
	all    mask
}

func maskedOf(places []Place, of func(Place) mask) masked {
	m := masked{places: places, masks: make([]mask, len(places))}
	for i, p := range places {
		m.masks[i] = of(p)
		m.all = m.all.with(m.masks[i])
	}
	return m
}

// done is an effect with the masks of what it reads and writes.
type done struct {
	Effect
	reads, writes masked
}

func doneBy(e Effect) done {
	return done{e, maskedOf(e.Reads, Place.readMask), maskedOf(e.Writes, Place.mask)}
}

// find is the first of the places for which a test holds, of those that share a bit
// with a mask.
func (m masked) find(bits mask, test func(Place) bool) (Place, bool) {
	if !m.all.meets(bits) {
		return Place{}, false
	}
	for i, p := range m.places {
		if m.masks[i].meets(bits) && test(p) {
			return p, true
		}
	}
	return Place{}, false
}

// conflict is [Effect.Conflict] of two sets of reads and writes.
func conflict(ar, aw, br, bw masked) (Place, bool) {
	if !aw.all.meets(br.all.with(bw.all)) && !ar.all.meets(bw.all) {
		return Place{}, false
	}
	for i, w := range aw.places {
		if _, ok := br.find(aw.masks[i], w.changes); ok {
			return w, true
		}
		if _, ok := bw.find(aw.masks[i], func(v Place) bool { return w.changes(v) || v.changes(w) }); ok {
			return w, true
		}
	}
	for i, r := range ar.places {
		if _, ok := bw.find(ar.masks[i], func(w Place) bool { return w.changes(r) }); ok {
			return r, true
		}
	}
	return Place{}, false
}

// clash is why two steps may not change places. It is put into words only when
// somebody reads it.
type clash struct {
	before, behind string
	place          Place
}

func (c *clash) Error() string { return c.before + c.place.String() + c.behind }

// laidMask is the mask of all that a COPY lays down.
func laidMask(laid []Laid) (m mask) {
	last := ""
	for _, l := range laid {
		// They are sorted: most are in the same folder of a folder as the one before.
		if strings.Count(last, "/") > 1 && !l.Dir && below(l.Dest, last) && twin(l.Dest) == l.Dest && !dotted(l.Dest) && !ofAccounts(l.Dest) {
			continue
		}
		m = m.with(Place{File, l.Dest}.mask())
		if last = ""; l.Dir {
			last = l.Dest
		}
	}
	return m
}

// overlapping are those of x and y, both sorted by where they go, that go to the same
// place and are not the same.
func overlapping(x, y []Laid) (Laid, bool) {
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0].Dest < y[0].Dest:
			i, _ := slices.BinarySearchFunc(x, y[0].Dest, byDest)
			x = x[i:]
		case x[0].Dest > y[0].Dest:
			i, _ := slices.BinarySearchFunc(y, x[0].Dest, byDest)
			y = y[i:]
		default:
			// One place may be laid by a copy twice: the last one counts.
			dest := x[0].Dest
			i, j := 1, 1
			for i < len(x) && x[i].Dest == dest {
				i++
			}
			for j < len(y) && y[j].Dest == dest {
				j++
			}
			for _, l := range y[:j] {
				if l != x[i-1] {
					return l, true
				}
			}
			x, y = x[i:], y[j:]
		}
	}
	return Laid{}, false
}

func byDest(l Laid, name string) int {
	switch {
	case l.Dest < name:
		return -1
	case l.Dest > name:
		return 1
	}
	return 0
}
