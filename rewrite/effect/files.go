package effect

import (
	"path"
	"slices"
	"strings"
)

// within is the whole path of one as an instruction gives it, and false where it
// depends on a working directory that is not known (pathRelativeToWorkingDir,
// which cleans it by its text alone).
func (e Env) within(name string) (string, bool) {
	switch {
	case !plainPath(name):
		return "", false
	case absolute(name):
		return path.Clean(name), true
	case !e.dirKnown:
		return "", false
	}
	return path.Join("/", e.dir, name), true
}

// maxForms bounds by how many paths one file is known.
const maxForms = 16

// files are the places that a whole path may mean: its own, and those that links
// lead to.
func (e Env) files(name string) []Place {
	if e.loose != "" {
		return []Place{everyFile}
	}
	names := []string{name}
	for i := 0; i < len(names); i++ {
		for _, l := range e.links {
			to := l.to
			switch {
			case below(names[i], l.name):
				if !l.open {
					to = path.Join(l.to, names[i][len(l.name):])
				}
			case !below(l.name, names[i]):
				continue
			}
			if slices.Contains(names, to) {
				continue
			}
			if names = append(names, to); len(names) > maxForms {
				return []Place{everyFile} // links into themselves
			}
		}
	}
	out := make([]Place, len(names))
	for i, n := range names {
		out[i] = Place{File, n}
	}
	return out
}

// linksAbove are the folders above a path that are links, or may be.
func (e Env) linksAbove(name string) (out []string) {
	for _, l := range e.links {
		if below(name, l.name) {
			out = append(out, l.name)
		}
	}
	for _, t := range twins {
		if below(name, t.name) {
			out = append(out, t.name)
		}
	}
	return out
}

// missing is the first of a path's folders, or the path itself, that is not known
// to exist, and false where all are.
func (e Env) missing(name string) (string, bool) {
	for i := 1; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if at := name[:i]; at != "/" && !e.folders.has(at) {
			return at, true
		}
	}
	return "", false
}

// contextPath is the place of the build context that a source of COPY or a bind
// mount means; of a pattern it is the folder before the first sign of it
// (containsWildcards).
func contextPath(src string, known bool) Place {
	src, _, parents := strings.Cut(src, "/./") // --parents keeps what is behind it
	if parents && src == "" {
		src = "/"
	}
	if i := strings.IndexAny(src, "*?[\\"); i >= 0 {
		src = src[:strings.LastIndexByte(src[:i], '/')+1]
	}
	src = strings.TrimPrefix(path.Clean("/"+src), "/")
	if !known || src == "" {
		src = "*"
	}
	return Place{Context, src}
}
