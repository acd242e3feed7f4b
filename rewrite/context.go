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
// some changes, "" where they may.
func (r *runner) unignorable(f *dockerfile.File, besides []Change, patterns []string) string {
	if len(patterns) == 0 {
		return ""
	}
	if r.context == nil {
		return "the build context is not known"
	}
	others, kept := r.opt.Facts.SharedWith()
	if kept != "" {
		return kept
	}
	return Needed(r.context, append([]*dockerfile.File{f}, others...), append(r.newPatterns(besides), patterns...))
}

// claimed is a fix with the claim that it may make. The build graph says which
// folders are copied and not what is in them: a fix that takes something out of the
// context that the file copies along has no claim.
func (r *runner) claimed(f *dockerfile.File, fix *Fix) *Fix {
	if fix == nil || fix.Claim <= NoClaim || len(fix.Ignore) == 0 {
		return fix
	}
	lost, all := r.context.Lost(r.context.With(fix.Ignore))
	for _, s := range effect.Sources(f) {
		if all && s.Known && !slices.ContainsFunc(lost, func(l project.File) bool { return project.Covers(s.Path, l.Path) }) {
			continue
		}
		weaker := *fix
		weaker.Claim = NoClaim
		return &weaker
	}
	return fix
}

// SharedWith is what Facts.Sharing gives, nothing where there is none.
func (f Facts) SharedWith() (others []*dockerfile.File, kept string) {
	if f.Sharing == nil {
		return nil, ""
	}
	return f.Sharing()
}

// Needed is why patterns must not be added to the ignore file of a build context,
// "" where they may: a path that one of the Dockerfiles built with it names has to
// stay.
func Needed(t *project.Tree, by []*dockerfile.File, patterns []string) string {
	if file := t.IgnoreFile(); len(file.Data) > project.MaxExtended {
		return file.Name + " is too large to add to"
	}
	for _, p := range patterns {
		if err := project.CheckPattern(p); err != nil {
			return fmt.Sprintf("%q cannot stand in %s: %v", p, t.IgnoreFile().Name, err)
		}
	}
	with := t.With(patterns)
	for _, f := range by {
		for _, s := range effect.Sources(f) {
			if !s.Known && mayName(s.Path, patterns) {
				return fmt.Sprintf("%s names a path by a variable that has no one value", f.Place(s.In.Lines.Start))
			}
			if name, lost := t.Loses(with, s.Path); lost && s.Known {
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
