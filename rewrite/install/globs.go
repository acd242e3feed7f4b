package install

import (
	"path"
	"slices"
	"strings"
)

// Bounds of patterns for folders.
const (
	maxGlobDepth  = 12
	maxGlobLooked = 20_000
)

// globs are the folders below root that patterns with *, ?, [ ] and ** stand for,
// without those of exclude, sorted. A pattern that is more than that, or that
// leads outside, is a hazard.
func (l *line) globs(root string, patterns, exclude []string) []string {
	looked := 0
	var out []string
	for _, pattern := range patterns {
		if strings.ContainsAny(pattern, "{}!\\") || path.IsAbs(pattern) {
			l.hazard("the pattern %s is not understood", pattern)
			continue
		}
		parts := strings.Split(path.Clean(pattern), "/")
		out = append(out, l.glob(root, parts, 0, &looked)...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(dir string) bool {
		return slices.ContainsFunc(exclude, func(pattern string) bool { return excluded(root, dir, pattern) })
	})
}

func (l *line) glob(dir string, parts []string, depth int, looked *int) []string {
	if *looked++; *looked > maxGlobLooked || depth > maxGlobDepth {
		l.hazard("its patterns look into too many folders")
		return nil
	}
	if len(parts) == 0 {
		return []string{dir}
	}
	if !strings.ContainsAny(parts[0], "*?[") {
		at, ok := l.at(dir, parts[0])
		if !ok {
			l.hazard("a pattern leads to %s, which is outside of what was copied", path.Join(dir, parts[0]))
			return nil
		}
		if !l.Tree.IsDir(at) {
			return nil
		}
		return l.glob(at, parts[1:], depth+1, looked)
	}
	names, err := l.Tree.List(dir)
	if err != nil {
		return nil
	}
	deep := parts[0] == "**"
	var out []string
	if deep {
		out = l.glob(dir, parts[1:], depth+1, looked)
	}
	for _, name := range names {
		ok, err := path.Match(parts[0], name)
		if err != nil {
			l.hazard("the pattern %s is not understood", parts[0])
			return nil
		}
		at := path.Join(dir, name)
		switch {
		case !ok && !deep || !l.Tree.IsDir(at):
		case deep:
			out = append(out, l.glob(at, parts, depth+1, looked)...)
		default:
			out = append(out, l.glob(at, parts[1:], depth+1, looked)...)
		}
	}
	return out
}

// excluded reports whether a folder or one above it matches a pattern.
func excluded(root, dir, pattern string) bool {
	rest, ok := cutFolder(dir, path.Clean(root))
	if path.Clean(root) == "." {
		rest, ok = dir, true
	}
	for ; ok && rest != "." && rest != "/"; rest = path.Dir(rest) {
		if match, _ := path.Match(path.Clean(pattern), rest); match {
			return true
		}
	}
	return false
}

// texts are the strings of a list.
func texts(list any) (out []string) {
	several, _ := list.([]any)
	for _, v := range several {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
