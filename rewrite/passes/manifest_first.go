package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// ManifestFirst copies what an install reads, installs, and copies the rest.
var ManifestFirst = &rewrite.Pass{
	Name:  "manifest-first",
	Claim: rewrite.SameWork,
	Run:   manifestFirst,
	Doc: `Copy the manifests, install, and only then copy the sources.

A COPY of the sources before an install makes each edit of any file install
everything anew. What the install reads of the build context is known from its
ecosystem's documentation and from the files that are there: manifests, lock files,
settings, the members of a workspace.

Safe where the install is a step of its own: the COPY of the sources moves behind
it, and one of just what it reads takes its place. That is proven on the build graph
and on a model of the image: nothing that a step reads or writes comes from another
step than before. What the install's packages run themselves is taken not to read
the project's sources.

Unsafe where a build fetches as it goes (go build, cargo build, mvn package): then
it gets a step of its own that fetches, which a build may not need in full; where
the install may rewrite a lock file that is in the context: then its frozen form is
used; and where the context holds what the install makes, such as node_modules:
then that goes into .dockerignore.

Refused: an install whose scripts read the sources, or read what only the shell
knows; one in the same RUN as a step that needs the sources; a step between the two
that needs them; a context that is not known.`,
}

func manifestFirst(c *rewrite.Context) {
	if c.Facts.Context == nil {
		return
	}
	byIn := map[*dockerfile.Instruction]*script{}
	for _, s := range scripts(c) {
		byIn[s.in] = s
	}
	for _, stage := range c.File.Stages {
		steps := stepsOf(c, stage)
		for r, p := range steps {
			s := byIn[p.in]
			if s == nil || !s.mayInstall() {
				continue
			}
			if from, ok := sourcesFor(c, steps[:r]); ok {
				splitFor(c, steps, from, r, s, byIn)
				// One at a time: what is behind it reads another text then.
			}
		}
	}
}

// mayInstall spares scripts that run no package manager a closer look.
func (s *script) mayInstall() bool {
	return slices.ContainsFunc(s.meanings(), func(m meant) bool { in, _ := unwrapped(m); return in.Manager != "" || in.Verb != "" })
}

// sourcesFor is the last COPY of a folder of the context.
func sourcesFor(c *rewrite.Context, steps []placed) (int, bool) {
	for i, p := range slices.Backward(steps) {
		if _, _, ok := p.sources(c.Facts.Context); ok {
			return i, true
		}
	}
	return 0, false
}

// splitFor looks at the RUN r behind the COPY from.
func splitFor(c *rewrite.Context, steps []placed, from, r int, s *script, byIn map[*dockerfile.Instruction]*script) {
	tree, copied, run := c.Facts.Context, steps[from], steps[r]
	root, at, _ := copied.sources(tree)
	all, ok := s.installs(run, tree, root, at)
	if !ok || len(all) == 0 {
		return
	}
	first := all[0]
	needs := first.Needs
	for _, other := range all[1:] {
		if other.Fetch == "" && needs.Fetch == "" {
			needs.Reads = slices.Concat(needs.Reads, other.Reads)
			needs.Makes = slices.Concat(needs.Makes, other.Makes)
			needs.Hazard += other.Hazard
			needs.Frozen += other.Frozen
		}
	}
	slices.Sort(needs.Reads)
	needs.Reads = slices.Compact(needs.Reads)
	// As people write it: the manifest before its lock file.
	slices.SortStableFunc(needs.Reads, func(a, b string) int { return locked(a) - locked(b) })
	if len(needs.Reads) == 0 || installedBefore(c, steps[:from], needs.Ecosystem, byIn, root, at) {
		return
	}
	more := slices.ContainsFunc(copied.Laid, func(l effect.Laid) bool { return !l.Dir && !reads(needs.Reads, l.From) })
	if !more {
		return // all that is copied is what it reads
	}
	f := rewrite.Finding{
		At: copied.in, Also: run.in, Line: s.lineOf(first.meant),
		Message: fmt.Sprintf("%s runs again whenever a file changes that line %d copies", s.where(first.meant), c.Line(copied.in)),
	}
	sp := splitting{c: c, copied: copied, run: run, between: steps[from+1 : r], script: s, install: first, root: root, at: at, needs: needs}
	f.Fix, f.Refused = sp.fix()
	c.Report(f)
}

// installedBefore reports whether the same ecosystem has installed before the
// sources came: then somebody has split it already.
func installedBefore(c *rewrite.Context, steps []placed, ecosystem string, byIn map[*dockerfile.Instruction]*script, root, at string) bool {
	for _, p := range steps {
		s := byIn[p.in]
		if s == nil {
			continue
		}
		all, _ := s.installs(p, c.Facts.Context, root, at)
		if slices.ContainsFunc(all, func(i installing) bool { return i.Ecosystem == ecosystem && len(i.Reads) > 0 }) {
			return true
		}
	}
	return false
}

// reads reports whether a file of the context is one of those, or in one.
func reads(list []string, file string) bool {
	return slices.ContainsFunc(list, func(r string) bool { return r == "." || file == r || strings.HasPrefix(file, r+"/") })
}

// locked is 1 for a lock file, and 0 for others.
func locked(name string) int {
	base := strings.ToLower(path.Base(name))
	if strings.Contains(base, "lock") || strings.HasSuffix(base, ".sum") || strings.Contains(base, "shrinkwrap") {
		return 1
	}
	return 0
}

// notCopied is the first path of a list that the context has and a COPY does not lay.
func notCopied(list []string, laid []effect.Laid, tree *project.Tree) string {
	for _, r := range list {
		if !slices.ContainsFunc(laid, func(l effect.Laid) bool { return !l.Dir && (l.From == r || strings.HasPrefix(l.From, r+"/")) }) && tree.Has(r) {
			return path.Clean(r)
		}
	}
	return ""
}
