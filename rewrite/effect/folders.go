package effect

import (
	"path"
	"slices"
)

// folders are whole paths of folders that are known to exist, sorted. They are never
// changed: an Env has its own, or shares them with the one before it.
type folders []string

func (f folders) has(name string) bool {
	_, ok := slices.BinarySearch(f, name)
	return ok
}

// with are those, and some more.
func (f folders) with(more []string) folders {
	more = slices.DeleteFunc(more, f.has)
	if len(more) == 0 {
		return f
	}
	out := slices.Grow(slices.Clone(f), len(more))
	if len(more) > len(f)/8 {
		out = append(out, more...)
		slices.Sort(out)
		return slices.Compact(out)
	}
	for _, m := range more {
		if i, ok := slices.BinarySearch(out, m); !ok {
			out = slices.Insert(out, i, m)
		}
	}
	return out
}

// found notes that a folder exists, and with it those above it.
func (e *Env) found(folder string) {
	var more []string
	for at := folder; at != "/" && at != "."; at = path.Dir(at) {
		more = append(more, at)
	}
	e.folders = e.folders.with(more)
}

// made notes the folders that a COPY has laid down.
func (e *Env) made(laid []Laid) {
	var more []string
	for _, l := range laid {
		if l.Dir {
			more = append(more, l.Dest)
		}
	}
	e.folders = e.folders.with(more)
}

// forget notes that what a step writes may be gone or be another thing now.
func (e *Env) forget(written masked) {
	gone := func(f string) bool {
		_, is := written.find(pathMask(f), func(p Place) bool {
			return p.Kind == File && (p.Name == "*" || anyForm(f, p.Name, below))
		})
		return is
	}
	if i := slices.IndexFunc(e.folders, gone); i >= 0 {
		e.folders = slices.DeleteFunc(slices.Clone(e.folders), gone)
	}
}
