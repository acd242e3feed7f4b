package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// ignored are the patterns that the steps taken have added to the ignore file.
func (r *runner) ignored() (out []string) {
	for _, s := range r.steps {
		out = append(out, s.ignore...)
	}
	return out
}

// newPatterns are those of some changes that no step has added yet, each once.
func (r *runner) newPatterns(changes []Change) (out []string) {
	have := r.ignored()
	for _, c := range changes {
		for _, p := range c.Fix.Ignore {
			if !slices.Contains(have, p) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// unignorable is why patterns must not be added to the ignore file besides those of
// some changes, "" where they may: a path that this Dockerfile or another one with
// the same context names has to stay in it.
func (r *runner) unignorable(f *dockerfile.File, besides []Change, patterns []string) string {
	if len(patterns) == 0 {
		return ""
	}
	switch {
	case r.context == nil:
		return "the build context is not known"
	case r.opt.Facts.IgnoreKept != "":
		return r.opt.Facts.IgnoreKept
	}
	for _, p := range patterns {
		if err := project.CheckPattern(p); err != nil {
			return fmt.Sprintf("%q cannot stand in %s: %v", p, r.context.IgnoreFile().Name, err)
		}
	}
	with := r.context.With(append(r.newPatterns(besides), patterns...))
	for _, f := range append([]*dockerfile.File{f}, r.opt.Facts.Sharing...) {
		for _, s := range effect.Sources(f) {
			if !s.Known && mayName(s.Path, patterns) {
				return fmt.Sprintf("%s names a path by a variable that has no one value", f.Place(s.In.Lines.Start))
			}
			if name, lost := r.context.Loses(with, s.Path); lost && s.Known {
				return fmt.Sprintf("%s names %s", f.Place(s.In.Lines.Start), name)
			}
		}
	}
	return ""
}

// mayName reports whether something in a folder could be what one of the patterns
// leaves out.
func mayName(folder string, patterns []string) bool {
	for _, p := range patterns {
		p = strings.TrimPrefix(p, "/")
		if folder == "" || strings.ContainsAny(p, `*?[\`) || p == folder || strings.HasPrefix(p+"/", folder+"/") || strings.HasPrefix(folder+"/", p+"/") {
			return true
		}
	}
	return false
}
