// Package bot plans the pull requests that restow opens: small, explained, and the
// same whenever they are planned anew from the same files. It is pure: files,
// settings and results reach it as data, and it neither reads nor sends anything.
// Whatever stands in a title, a commit message or a body and comes from the
// repository means nothing to a forge.
package bot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
)

// Grouping says which changes share a pull request.
type Grouping string

// The groupings.
const (
	ByKind Grouping = "kind" // pins apart from what concerns the build
	ByPass Grouping = "pass"
	ByFile Grouping = "file"
	AsOne  Grouping = "one"
)

// Names of groups by kind, of the one group, and the start of those by file, which
// the path follows. Groups by pass have the name of the pass.
const (
	Build      = "build"
	Pins       = "pins"
	All        = "all"
	FilePrefix = "file/"
)

// DefaultLimit is how many pull requests are open at a time.
const DefaultLimit = 5

// Config is what a repository wants of its pull requests.
type Config struct {
	By        Grouping // "" for ByKind
	Labels    []string
	Reviewers []string
	Limit     int    // 0 for DefaultLimit
	Automerge string // a label for pull requests with proven changes only
	MaxBody   int    // bytes of a body; 0 for GitHub's bound
}

// File is a file of the repository as a pull request leaves it.
type File struct {
	Path   string // slash path from the top of the repository
	Before []byte // nil where there is none yet
	After  []byte
}

// Change is one fix that was made.
type Change struct {
	Path   string // of the Dockerfile
	Line   int    // in the Dockerfile before
	Pass   string
	Title  string
	Why    string
	Safety string // identical, safe, proven or unsafe
}

// Refusal is a finding that nothing was done about, and why.
type Refusal struct {
	Path    string
	Line    int
	Pass    string
	Message string
	Why     string
}

// Part is what the passes of one group make of one Dockerfile.
type Part struct {
	Group     string
	Path      string // of the Dockerfile
	Files     []File // that change: the Dockerfile, and the ignore file of its context
	Changes   []Change
	Refused   []Refusal
	Checked   []string // what was compared and is equal
	Compared  string   // what the comparison covers
	StandIns  []string // build arguments that were given values so that the file compiles
	Unchecked string   // why nothing could be checked
	Select    []string // the passes that make the same of the Dockerfile by themselves
	// Joined are groups whose changes of this Dockerfile are part of this one, since
	// apart they would not add up to the same.
	Joined []string
	// Depends says that the groups before must be merged for all of the changes.
	Depends bool
}

// Request is a pull request to be.
type Request struct {
	Group     string
	Branch    string
	Title     string
	Commit    string // the whole message
	Body      string // Markdown
	Labels    []string
	Reviewers []string
	Files     []File
	Changes   []Change
	// After are the groups whose pull requests touch the same lines, or whose changes
	// these ones need: they are to be merged first, and this one made anew then.
	After []string
	Waits bool   // beyond the limit of open pull requests
	Hash  string // of what is changed, wherever in the files it stands
}

// groupOf is the group that a pass belongs to.
func (by Grouping) groupOf(p *rewrite.Pass) string {
	switch {
	case by == ByPass:
		return p.Name
	case p.Claim == rewrite.SamePins, p.Claim == rewrite.SameNames:
		return Pins // which image it is, and under which name
	}
	return Build
}

// Plan makes the pull requests of what Split gave for all Dockerfiles. The same
// parts give the same plan, in whatever order they come.
func Plan(parts []Part, cfg Config) []Request {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return strings.Compare(a.Path, b.Path) })
	var groups []*group
	for _, p := range parts {
		i := slices.IndexFunc(groups, func(g *group) bool { return g.name == p.Group })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{name: p.Group})
		}
		groups[i].add(p)
	}
	// The smallest promise last: pins come behind the build, files and passes by name.
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(rank(a.name), rank(b.name)), strings.Compare(a.name, b.name))
	})
	limit := cmp.Or(cfg.Limit, DefaultLimit)
	var out []Request
	for i, g := range groups {
		for _, earlier := range groups[:i] {
			if g.meets(earlier) {
				g.after = append(g.after, earlier)
				earlier.before = append(earlier.before, g)
			}
		}
	}
	for i, g := range groups {
		r := Request{
			Group: g.name, Branch: branch(g.name), Title: g.title(cfg.By), Commit: g.commit(cfg.By), Hash: g.hash(),
			Labels: slices.Clone(cfg.Labels), Reviewers: slices.Clone(cfg.Reviewers),
			Files: g.files, Changes: g.changes, Waits: i >= limit,
		}
		if cfg.Automerge != "" && !slices.ContainsFunc(g.changes, func(c Change) bool { return c.Safety == string(rewrite.Unsafe) }) {
			r.Labels = append(r.Labels, cfg.Automerge)
		}
		for _, a := range g.after {
			r.After = append(r.After, a.name)
		}
		r.Body = g.body(cfg, r.Hash)
		out = append(out, r)
	}
	return out
}

func rank(name string) int { return slices.Index([]string{Build, Pins}, name) }

// group is a pull request in the making.
type group struct {
	name    string
	parts   []Part
	files   []File
	changes []Change
	after   []*group
	before  []*group
}

// add takes one more Dockerfile in. Dockerfiles of one context add to the same
// ignore file one after another: the last text has what all of them add.
func (g *group) add(p Part) {
	g.parts = append(g.parts, p)
	g.changes = append(g.changes, p.Changes...)
	for _, f := range p.Files {
		if i := slices.IndexFunc(g.files, func(have File) bool { return have.Path == f.Path }); i >= 0 {
			g.files[i].After = f.After
			continue
		}
		g.files = append(g.files, f)
	}
}

// meets reports whether a forge could not merge both, or whether changes of g need
// those of the earlier group.
func (g *group) meets(earlier *group) bool {
	for _, p := range g.parts {
		if p.Depends && slices.ContainsFunc(earlier.parts, func(q Part) bool { return q.Path == p.Path }) {
			return true
		}
	}
	for _, f := range g.files {
		for _, e := range earlier.files {
			if e.Path != f.Path {
				continue
			}
			if _, ok := diff.Merge(f.Before, diff.Hunks(e.Before, e.After), diff.Hunks(f.Before, f.After)); !ok {
				return true
			}
		}
	}
	return false
}
