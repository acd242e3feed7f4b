package bot

import (
	"bytes"
	"slices"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/dockerfile"
)

// Run runs passes over a file, as rewrite.Run does with the options that are wanted.
type Run func(f *dockerfile.File, facts rewrite.Facts, passes []*rewrite.Pass) (*rewrite.Result, error)

// Piece is what the passes of one group make of a Dockerfile.
type Piece struct {
	Group   string
	Result  *rewrite.Result
	Select  []string // the passes that make the same by themselves
	Joined  []string // see Part
	Depends bool     // see Part
}

// Split runs all passes on a Dockerfile, and those of each group by themselves.
// Each piece is a change of the file as it is, so that pull requests can be merged
// in any order or not at all. Made one after another, each anew on what those before
// have left, the pieces give what all passes give at once; where they would not, all
// changes of the file are one piece.
func Split(f *dockerfile.File, facts rewrite.Facts, passes []*rewrite.Pass, by Grouping, run Run) (*rewrite.Result, []Piece, error) {
	whole, err := run(f, facts, passes)
	if err != nil || len(whole.Changes) == 0 {
		return whole, nil, err
	}
	var names []string // of groups, in the order of their first pass
	members := map[string][]*rewrite.Pass{}
	for _, p := range passes {
		name := by.groupOf(p)
		switch by {
		case ByFile:
			name = FilePrefix + f.Name
		case AsOne:
			name = All
		}
		if changes(whole, func(q *rewrite.Pass) bool { return q == p }) && !slices.Contains(names, name) {
			names = append(names, name)
		}
		members[name] = append(members[name], p)
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	pieces, err := apart(f, facts, names, members, whole, run)
	if err != nil {
		return whole, nil, err
	}
	if pieces == nil {
		pieces = []Piece{{Group: names[0], Result: whole, Joined: names[1:]}}
	}
	for i := range pieces {
		if pieces[i].Select, err = selection(f, facts, pieces[i], passes, members[pieces[i].Group], run); err != nil {
			return whole, nil, err
		}
	}
	return whole, pieces, nil
}

// apart makes the pieces of a file, or none where they do not add up to the whole.
func apart(f *dockerfile.File, facts rewrite.Facts, names []string, members map[string][]*rewrite.Pass, whole *rewrite.Result, run Run) (out []Piece, err error) {
	if len(names) == 1 {
		return nil, nil // the whole is the piece
	}
	at, then := f, facts // as the groups before have left them
	var hunks [][]diff.Hunk
	var ignored []string
	for _, name := range names {
		alone, err := run(f, facts, members[name])
		if err != nil {
			return nil, err
		}
		next := alone
		if at != f || len(ignored) > 0 {
			if next, err = run(at, then, members[name]); err != nil {
				return nil, err
			}
		}
		at, then.Context = next.After, next.Context
		ignored = append(ignored, next.Ignore...)
		if len(alone.Changes) == 0 && len(next.Changes) > 0 {
			return nil, nil // a pull request that could not even be opened yet
		}
		if len(alone.Changes) > 0 {
			out = append(out, Piece{Group: name, Result: alone})
			hunks = append(hunks, diff.Hunks(f.Src, alone.After.Src))
		}
	}
	if !bytes.Equal(at.Src, whole.After.Src) || !same(ignored, whole.Ignore) || len(out) == 0 {
		return nil, nil
	}
	merged, ok := diff.Merge(f.Src, hunks...)
	for i := range out {
		// Where the lines differ and the sum does too, what a later group does depends
		// on what an earlier one did; where they meet, Plan sees it.
		out[i].Depends = i > 0 && ok && !bytes.Equal(merged, whole.After.Src)
	}
	return out, nil
}

// selection is the shortest list of passes that is known to make a piece: those that
// changed something, or else all that were run.
func selection(f *dockerfile.File, facts rewrite.Facts, p Piece, passes, group []*rewrite.Pass, run Run) ([]string, error) {
	all := group
	if len(p.Joined) > 0 {
		all = passes
	}
	var few []*rewrite.Pass
	for _, q := range all {
		if changes(p.Result, func(c *rewrite.Pass) bool { return c == q }) {
			few = append(few, q)
		}
	}
	res, err := run(f, facts, few)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(res.After.Src, p.Result.After.Src) && same(res.Ignore, p.Result.Ignore) {
		all = few
	}
	var names []string
	for _, q := range all {
		names = append(names, q.Name)
	}
	return names, nil
}

func changes(res *rewrite.Result, of func(*rewrite.Pass) bool) bool {
	return slices.ContainsFunc(res.Changes, func(c rewrite.Change) bool { return of(c.Pass) })
}

// same reports whether two lists have the same patterns.
func same(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
