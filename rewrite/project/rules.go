package project

import (
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
)

// rules are the patterns of an ignore file, made ready for a walk: the matching is
// the library's, pattern by pattern, and what a path cannot match for its depth or
// its ends is not asked of it. They are not safe for several at once.
type rules struct {
	list       []rule
	exceptions bool
}

type rule struct {
	exception  bool
	name       string // the pattern as a slash path
	head, tail string // what every path that matches begins and ends with
	depth      int    // how many elements it has, 0 for any number
	m          *patternmatcher.PatternMatcher
	bad        bool
}

func newRules(m *patternmatcher.PatternMatcher) *rules {
	if m == nil {
		return nil
	}
	r := &rules{exceptions: m.Exclusions()}
	for _, p := range m.Patterns() {
		one := rule{exception: p.Exclusion(), name: filepath.ToSlash(p.String())}
		text := p.String()
		if strings.HasPrefix(text, "!") {
			text = `\` + text // !!a excepts !a
		}
		var err error
		if one.m, err = patternmatcher.New([]string{text}); err != nil || len(one.m.Patterns()) != 1 {
			one.bad = true
		}
		if i := strings.IndexAny(one.name, `*?[]^\`); i < 0 {
			one.head, one.tail = one.name, one.name
		} else {
			one.head = one.name[:i]
			one.tail = one.name[strings.LastIndexAny(one.name, `*?[]^\`)+1:]
		}
		if strings.HasSuffix(strings.TrimSuffix(one.name, one.tail), "**") {
			one.tail = strings.TrimPrefix(one.tail, "/") // **/a matches a
		}
		if strings.Contains(one.name, `\`) {
			one.tail = "" // it may begin with what is escaped, or end in it
		}
		if !strings.Contains(one.name, "**") && !strings.ContainsAny(one.name, `[\`) { // [^a] matches a slash
			one.depth = 1 + strings.Count(one.name, "/")
		}
		r.list = append(r.list, one)
	}
	return r
}

// nothing says of the folder above that one pattern does not match it: then only
// the path itself is looked at.
var nothing = func() patternmatcher.MatchInfo {
	m, err := patternmatcher.New([]string{"!x"})
	if err != nil {
		panic(err) // it is a pattern
	}
	_, info, _ := m.MatchesUsingParentResults("x", patternmatcher.MatchInfo{}) // an exception alone is not tried
	return info
}()

// matches reports whether the pattern matches a path, whose depth is given. One
// that cannot be compiled stops BuildKit: it counts as leaving all out.
func (r *rule) matches(name string, depth int) bool {
	if r.depth != 0 && r.depth != depth || !strings.HasPrefix(name, r.head) || !strings.HasSuffix(name, r.tail) {
		return false
	}
	if r.bad {
		return !r.exception
	}
	ok, _, err := r.m.MatchesUsingParentResults(name, nothing)
	if err != nil {
		return !r.exception
	}
	return ok
}

// left reports whether a path is left out, as MatchesUsingParentResults does it:
// above says which patterns match the folder that it is in, nil for the root, and
// matched gets the same of the path.
func (r *rules) left(name string, above, matched []bool) (out bool) {
	if r == nil {
		return false
	}
	depth := 1 + strings.Count(name, "/")
	for i := range r.list {
		match := above != nil && above[i]
		if !match {
			if r.list[i].exception != out {
				matched[i] = false
				continue
			}
			match = r.list[i].matches(name, depth)
		}
		if matched[i] = match; match {
			out = !r.list[i].exception
		}
	}
	return out
}

// within reports whether an exception (!pattern) could let something through that
// is in an excluded folder, as BuildKit's walk decides it: any could that has a
// wildcard.
func (r *rules) within(dir string) bool {
	below := false
	for _, p := range r.list {
		if !p.exception {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(p.name, "/**"), "/*")
		if strings.ContainsAny(name, `*[]?^\`) {
			return true
		}
		below = below || strings.HasPrefix(name+"/", dir+"/")
	}
	return below
}

// size is how many patterns there are.
func (r *rules) size() int {
	if r == nil {
		return 0
	}
	return len(r.list)
}

// excluded reports whether .dockerignore keeps a path out, exceptions considered.
// A folder that is excluded may still hold files that are not. It goes down from
// the root as BuildKit's walk does, since what matched a folder decides what is
// asked of the paths in it.
func (t *Tree) excluded(name string) bool {
	if t.ignore == nil {
		return false
	}
	t.rules.once.Do(func() { t.rules.all = newRules(t.ignore) })
	t.rules.mu.Lock()
	defer t.rules.mu.Unlock()
	r := t.rules.all
	above, matched := []bool(nil), make([]bool, r.size())
	out, dir := false, ""
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if out && !r.within(dir) {
			return true
		}
		dir = name[:i]
		out = r.left(dir, above, matched)
		if above == nil {
			above = make([]bool, r.size())
		}
		above, matched = matched, above
	}
	return out
}
