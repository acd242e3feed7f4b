package split

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

var legible = regexp.MustCompile(`^[A-Za-z0-9._@+/~%,:=-]+$`)

// copies are the COPYs that take over what the container needs.
func (f *files) copies(w *walk) (out []Copy) {
	kids := map[string][]string{}
	tops := map[string]bool{}
	for p := range f.at {
		for d := p; ; d = path.Dir(d) {
			up := path.Dir(d)
			if f.isSystem(up) || d == "/" {
				tops[d] = true
				break
			}
			kids[up] = append(kids[up], d)
		}
	}
	for d, list := range kids {
		slices.Sort(list)
		kids[d] = slices.Compact(list)
	}
	t := taking{f, w, kids}
	if f.local {
		out = append(out, Copy{[]string{"/usr/local"}, "/usr/local"})
	}
	for _, top := range slices.Sorted(maps.Keys(tops)) {
		if f.local && strings.HasPrefix(top, "/usr/local/") {
			continue
		}
		if top == "/" || inTemporary(top) && !f.used(top) {
			continue // a build's own, and gone where somebody mounts it
		}
		out = append(out, t.take(top)...)
	}
	return merge(out)
}

// merge puts files of one folder into one COPY.
func merge(list []Copy) (out []Copy) {
	at := map[string]int{}
	for _, c := range list {
		if i, ok := at[c.To]; ok && strings.HasSuffix(c.To, "/") {
			out[i].Paths = append(out[i].Paths, c.Paths...)
			continue
		}
		at[c.To] = len(out)
		out = append(out, c)
	}
	return out
}
