package project

import (
	"cmp"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/moby/patternmatcher"
)

// History is how often the paths of a folder changed: the commits of its
// repository that touched anything in it, newest first, and what each touched.
// Where there is no repository it holds classes instead ([Assumed]), as though
// that many builds had been watched. A nil History is that of an unknown folder
// without a repository. A History never changes.
type History struct {
	commits int
	paths   []string // sorted
	touched [][]int32
	stopped string
	assumed bool
}

// Commits is the number of commits, or of assumed builds.
func (h *History) Commits() int {
	if h == nil {
		return assumedBuilds
	}
	return h.commits
}

// Known reports whether the numbers were counted, and not assumed.
func (h *History) Known() bool { return h != nil && !h.assumed }

// Stopped says why there are older commits than those in the history, "" where
// there are none.
func (h *History) Stopped() string {
	if h == nil {
		return ""
	}
	return h.stopped
}

// Stop is the history with a reason why it is not whole; the first one stays.
func (h *History) Stop(why string) *History {
	out := *h
	out.stopped = cmp.Or(h.stopped, why)
	return &out
}

// Changes is in how many of how many commits at least one of these files and
// folders was touched; "" and "." are the whole folder. A path counts under its
// former names too, as it does where it was deleted since.
func (h *History) Changes(names ...string) (changed, of int) {
	return h.Touched(names...).Len(), h.Commits()
}

// Frequency is [History.Changes], and whether that was counted; else the numbers
// are those of the classes of the paths: lock files rarely, manifests sometimes,
// sources often.
func (h *History) Frequency(names ...string) (changed, of int, known bool) {
	changed, of = h.Changes(names...)
	return changed, of, h.Known()
}

// Touched are the commits that Changes counts.
func (h *History) Touched(names ...string) Set {
	out := NewSet(h.Commits())
	for _, name := range names {
		name = clean(name)
		lo, hi := h.below(name)
		for i := lo; i < hi; i++ {
			out.add(h.touched[i])
		}
		h.assume(out, name, lo < hi)
	}
	return out
}

// assume adds what is assumed of a source: of one that no path of the context is
// in, by its name, and of the whole context, where it has sources of a program,
// that nearly every build finds something else in it.
func (h *History) assume(out Set, source string, found bool) {
	if h.Known() {
		return
	}
	if !found || (source == "" || source == "*") && out.Len() >= sourceBuilds {
		out.first(builds(source))
	}
}

// below are the places of a file or of what is in a folder.
func (h *History) below(name string) (lo, hi int) {
	switch {
	case h == nil:
		return 0, 0
	case name == "":
		return 0, len(h.paths)
	}
	lo, found := slices.BinarySearch(h.paths, name)
	if found {
		return lo, lo + 1
	}
	lo, _ = slices.BinarySearch(h.paths, name+"/")
	hi, _ = slices.BinarySearch(h.paths, name+"0") // what follows / in ASCII
	return lo, hi
}

// Taken are the commits that touched what COPY takes: sources are paths or
// patterns as filepath.Match has them, and exclude the patterns of --exclude, which
// count from each source.
func (h *History) Taken(sources, exclude []string) Set {
	if len(exclude) == 0 && !slices.ContainsFunc(sources, isPattern) {
		return h.Touched(sources...)
	}
	out := NewSet(h.Commits())
	var left *rules
	if m, err := patternmatcher.New(exclude); err == nil && len(exclude) > 0 {
		left = newRules(m) // what is no pattern leaves nothing out: then more counts as taken
	}
	for _, source := range sources {
		source = clean(source)
		lo, hi := 0, 0
		if h != nil {
			hi = len(h.paths)
		}
		if !isPattern(source) {
			lo, hi = h.below(source)
		}
		matched := false
		for i := lo; i < hi; i++ {
			rest, ok := rest(source, h.paths[i])
			if matched = matched || ok; ok && !left.leaves(rest) {
				out.add(h.touched[i])
			}
		}
		h.assume(out, source, matched)
	}
	return out
}

func isPattern(source string) bool { return strings.ContainsAny(source, `*?[\`) }

// rest is what is left of a path below a source that takes it; "" where the source
// is the path itself.
func rest(source, name string) (string, bool) {
	if source == "" {
		return name, true
	}
	elements := 1 + strings.Count(source, "/")
	end := len(name)
	for i := range len(name) {
		if name[i] == '/' {
			if elements--; elements == 0 {
				end = i
				break
			}
		}
	}
	if name[:end] != source {
		if ok, err := path.Match(source, name[:end]); err != nil || !ok {
			return "", false
		}
	}
	return strings.TrimPrefix(name[end:], "/"), true
}

// leaves reports whether the rules leave out a path or a folder that it is in.
func (r *rules) leaves(name string) bool {
	if r == nil || name == "" {
		return false
	}
	var above []bool
	out := false
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		matched := make([]bool, r.size())
		out = r.left(name[:i], above, matched)
		above = matched
	}
	return out
}

// Only is the history of the paths that keep lets through, with as many commits:
// what .dockerignore leaves out changes no build.
func (h *History) Only(keep func(name string) bool) *History {
	if h == nil {
		return nil
	}
	out := *h
	out.paths, out.touched = nil, nil
	for i, name := range h.paths {
		if keep(name) {
			out.paths, out.touched = append(out.paths, name), append(out.touched, h.touched[i])
		}
	}
	return &out
}

// Newest is the history of the newest n commits.
func (h *History) Newest(n int) *History {
	if !h.Known() || h.commits <= n {
		return h
	}
	out := *h
	out.commits, out.paths, out.touched, out.stopped = n, nil, nil, ""
	for i, name := range h.paths {
		end := sort.Search(len(h.touched[i]), func(k int) bool { return int(h.touched[i][k]) >= n })
		if end > 0 {
			out.paths, out.touched = append(out.paths, name), append(out.touched, h.touched[i][:end])
		}
	}
	return &out
}

// Under is the history of a folder: of the commits that touched anything in it,
// with paths that begin there.
func (h *History) Under(folder string) *History {
	folder = clean(folder)
	if !h.Known() || folder == "" {
		return h
	}
	out := *h
	lo, hi := h.below(folder)
	all := NewSet(h.commits)
	for i := lo; i < hi; i++ {
		all.add(h.touched[i])
	}
	number := make([]int32, h.commits) // of a commit among those that stay
	out.commits = 0
	for i := range number {
		number[i] = int32(out.commits)
		if all.Has(i) {
			out.commits++
		}
	}
	out.paths, out.touched = nil, nil
	for i := lo; i < hi; i++ {
		name, ok := strings.CutPrefix(h.paths[i], folder+"/")
		if !ok {
			continue // the path was a file, or a submodule
		}
		at := make([]int32, len(h.touched[i]))
		for k, c := range h.touched[i] {
			at[k] = number[c]
		}
		out.paths, out.touched = append(out.paths, name), append(out.touched, at)
	}
	return &out
}

// Paths are all paths that changed, by the names they had last, sorted.
func (h *History) Paths() []string {
	if h == nil {
		return nil
	}
	return slices.Clone(h.paths)
}

// Commit is what a commit touched, sorted; 0 is the newest.
func (h *History) Commit(i int) (names []string) {
	if h == nil {
		return nil
	}
	for k, at := range h.touched {
		if _, ok := slices.BinarySearch(at, int32(i)); ok {
			names = append(names, h.paths[k])
		}
	}
	return names
}
