// Package images finds the places where a Dockerfile names images of a registry,
// and says for each where its digest could stand, or why it has no place. A
// digest silently outranks the tag, so it may only stand where whoever overrides
// the tag by --build-arg replaces the digest too.
package images

import (
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"
	digest "github.com/opencontainers/go-digest"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Site is one place that names an image.
type Site struct {
	What string                    // FROM, COPY --from, RUN --mount, # syntax, or ARG and its name
	In   *dockerfile.Instruction   // where the name stands; the first instruction for # syntax
	Uses []*dockerfile.Instruction // the FROMs behind an ARG; empty for a name that stands there itself
	Line int                       // 1-based, of the name

	Name   string // what BuildKit reads, ARGs at their defaults: python:3.11
	Ref    string // the same in full, without digest: docker.io/library/python:3.11; "" for a digest without a tag
	Digest string // the digest it is pinned to, or ""

	Platform string // what FROM --platform= asks for, if no variable does: linux/arm64

	Refused string // why no digest can be put here
	Way     string // the way out of that, for people

	tagged bool            // a tag is written
	tail   dockerfile.Span // the digest with its @, or the empty place where it goes
	repo   dockerfile.Span // the name without tag and digest, where it is written
	whole  bool            // name, tag and digest are written in one piece: from repo to tail
	word   dockerfile.Span // all that FROM, COPY --from or the mount names, variables too
}

// Options are what the text does not say.
type Options struct {
	// Contexts are the named build contexts that compose or bake files give, and
	// AnyContext says that there are others, whose names are not known.
	Contexts   []string
	AnyContext bool
	// Passed reports whether a compose or bake file passes that build argument.
	Passed func(arg string) bool
	// RegistryArgs allows a digest behind a literal tag although an ARG stands
	// before the name: whatever registry that names has the same digests.
	RegistryArgs bool
	// Mirror are the registries that images are to be taken from instead.
	Mirror []Rename
}

// Rename takes the place of the names From by those of To: both are repositories
// in full, or both end with /* and mean all below.
type Rename struct{ From, To string }

// Mirrored is the name that a repository gets, by the rule with the longest match.
// It is false where no rule concerns it, or where it has such a name already.
func (o Options) Mirrored(repository string) (string, bool) {
	best, name := -1, ""
	for _, r := range o.Mirror {
		from, all := strings.CutSuffix(r.From, "*")
		to := strings.TrimSuffix(r.To, "*")
		switch {
		case !all && repository == r.To, all && strings.HasPrefix(repository, to):
			return "", false
		case !all && repository == from, all && strings.HasPrefix(repository, from):
			if len(from) > best {
				best, name = len(from), to+strings.TrimPrefix(repository, from)
			}
		}
	}
	return name, best >= 0
}

// Pin gives the site its digest, in place of the one it has.
func (s Site) Pin(d string) dockerfile.Edit {
	text := "@" + d
	if !s.tagged && s.Digest == "" {
		text = ":latest" + text // what BuildKit takes it for
	}
	return dockerfile.Edit{Span: s.tail, New: text}
}

// Inline writes the name that the ARGs give today in their place, with its
// digest. It is false where a line continuation cuts the word.
func (s Site) Inline(d string) (dockerfile.Edit, bool) {
	name := s.Name
	if !s.tagged {
		name += ":latest"
	}
	return dockerfile.Edit{Span: s.word, New: name + "@" + d}, s.word.Len() > 0 && s.Ref != ""
}

// Variable reports whether the place names the image through variables.
func (s Site) Variable(f *dockerfile.File) bool {
	return strings.Contains(string(f.Bytes(s.word)), "$")
}

// Retag writes another tag in the place of the one there is, or of none. It is
// false for a name that is not written in one piece.
func (s Site) Retag(tag string) (dockerfile.Edit, bool) {
	out := ":" + tag
	if s.Digest != "" {
		out += "@" + s.Digest
	}
	return dockerfile.Edit{Span: dockerfile.Span{Start: s.repo.End, End: s.tail.End}, New: out}, s.whole && s.Refused == ""
}

// Rename writes another name before the tag. It is false where the name is not
// written there, but behind a variable.
func (s Site) Rename(name string) (dockerfile.Edit, bool) {
	return dockerfile.Edit{Span: s.repo, New: name}, s.repo.Len() > 0
}

func parse(name string) (reference.Named, error) { return reference.ParseNormalizedNamed(name) }

// read fills in what a name means.
func (s *Site) read(name string) {
	s.Name = name
	named, err := parse(name)
	if err != nil {
		s.refuse(fmt.Sprintf("%s is not a valid reference: %v", name, err), "")
		return
	}
	if d, ok := named.(reference.Digested); ok {
		s.Digest = d.Digest().String()
	}
	_, s.tagged = named.(reference.Tagged)
	if s.tagged || s.Digest == "" {
		s.Ref = reference.TagNameOnly(withoutDigest(named)).String()
	}
}

func withoutDigest(named reference.Named) reference.Named {
	out := reference.TrimNamed(named)
	if t, ok := named.(reference.Tagged); ok {
		if with, err := reference.WithTag(out, t.Tag()); err == nil {
			return with
		}
	}
	return out
}

// Full is a reference in full, without its digest: docker.io/library/python:3.11.
func Full(name string) (string, error) {
	named, err := parse(name)
	if err != nil {
		return "", err
	}
	return reference.TagNameOnly(withoutDigest(named)).String(), nil
}

// Repository is the part of a full reference before the tag.
func Repository(ref string) string {
	named, err := parse(ref)
	if err != nil {
		return ""
	}
	return named.Name()
}

// Digest reports whether d is a digest that BuildKit takes.
func Digest(d string) bool { return digest.Digest(d).Validate() == nil }

// refuse keeps the first reason.
func (s *Site) refuse(reason, way string) {
	if s.Refused == "" {
		s.Refused, s.Way = reason, way
	}
}

// Collect finds the sites of a file, in its order.
func Collect(f *dockerfile.File, opt Options) []Site {
	c := collector{file: f, opt: opt, args: argsOf(f)}
	c.syntax()
	for _, r := range f.Refs() {
		c.ref(r)
	}
	slices.SortStableFunc(c.sites, func(a, b Site) int { return a.Line - b.Line })
	return c.sites
}

type collector struct {
	file  *dockerfile.File
	opt   Options
	args  map[string]*arg
	sites []Site
}

// syntax takes the frontend image of # syntax=. What follows the reference on the
// line is arguments for it.
func (c *collector) syntax() {
	p, ok := c.file.Directive("syntax")
	if !ok || len(c.file.Instructions) == 0 {
		return
	}
	line := string(c.file.Bytes(p.Span))
	name, _, _ := strings.Cut(p.Value, " ")
	at := strings.Index(line, "=")
	if name == "" || at < 0 {
		return
	}
	from := strings.Index(line[at:], name)
	if from < 0 {
		return
	}
	start := p.Start + at + from
	s := Site{What: "# syntax", In: c.file.Instructions[0], Line: c.file.Line(p.Start)}
	s.read(name)
	s.word = dockerfile.Span{Start: start, End: start + len(name)}
	s.tail = dockerfile.Span{Start: s.word.End - digestLen(name), End: s.word.End}
	s.repo = dockerfile.Span{Start: start, End: start + repoLen(name)}
	s.whole = true
	c.sites = append(c.sites, s)
}

// digestLen is the length of the @digest at the end of a name.
func digestLen(name string) int {
	if i := strings.LastIndexByte(name, '@'); i >= 0 {
		return len(name) - i
	}
	return 0
}

// repoLen is the length of a name before its tag and digest.
func repoLen(name string) int {
	name = name[:len(name)-digestLen(name)]
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return i
	}
	return len(name)
}

// ref takes a FROM, a COPY --from or a mount that names no stage.
func (c *collector) ref(r dockerfile.Ref) {
	if r.Stage != nil || r.Name == "" {
		return
	}
	s := Site{In: r.In, Line: c.file.Line(r.In.Lines.Start)}
	switch {
	case r.In.From != nil:
		s.What, s.Platform = "FROM", constant(r.In.From.Platform)
	case r.In.Is("RUN"):
		s.What = "RUN --mount"
	default:
		s.What = "COPY --from"
	}
	if s.What != "FROM" {
		if strings.Trim(r.Name, "0123456789") == "" || strings.Contains(r.Name, "$") {
			return // a stage by its number; variables are not expanded there and fail the build
		}
		s.read(r.Name)
	} else if !c.from(&s, r) {
		return
	}
	if s.Name == "scratch" || c.stage(s, r) {
		return
	}
	if s.word, _ = r.In.Span(r.Word); !strings.Contains(r.Name, "$") {
		s.end(r.In, r.Word, r.Plain)
	}
	if c.replaced(s.Name) {
		return // a named build context stands in for the image
	}
	if c.opt.AnyContext {
		s.refuse("a compose or bake file gives named build contexts that are not known here, and one may stand in for it", "")
	}
	c.add(s)
}

// constant is a platform that no variable decides, with its system, or "".
func constant(platform string) string {
	switch {
	case strings.ContainsAny(platform, "$\"'\\`"):
		return ""
	case platform != "" && !strings.Contains(platform, "/"):
		return "linux/" + strings.ToLower(platform)
	}
	return strings.ToLower(platform)
}

// stage reports whether an expanded FROM names a stage before it.
func (c *collector) stage(s Site, r dockerfile.Ref) bool {
	return r.In.From != nil && slices.ContainsFunc(c.file.Stages[:r.In.Stage.Index], func(st *dockerfile.Stage) bool {
		return st.Name != "" && st.Name == s.Name
	})
}

// replaced reports whether a named build context is given under that name, by the
// rule of dockerui's NamedContext: the familiar form, latest left out.
func (c *collector) replaced(name string) bool {
	familiar := name
	if named, err := parse(name); err == nil {
		familiar = strings.TrimSuffix(reference.FamiliarString(named), ":latest")
	}
	return slices.ContainsFunc(c.opt.Contexts, func(given string) bool {
		given, _, _ = strings.Cut(given, "::") // the platform it is given for
		return given == familiar || given == name
	})
}

// add keeps one site for an ARG that several FROMs name.
func (c *collector) add(s Site) {
	if s.tail.End > 0 {
		s.Line = c.file.Line(s.tail.Start)
	}
	for i := range c.sites {
		if old := &c.sites[i]; len(s.Uses) > 0 && len(old.Uses) > 0 && old.In == s.In && old.tail == s.tail && old.Refused == "" && s.Refused == "" {
			old.Uses = append(old.Uses, s.Uses...)
			return
		}
	}
	c.sites = append(c.sites, s)
}

// end finds the place of the digest at the end of a word without variables, which
// is all of the name or, behind variables, the last of it.
func (s *Site) end(in *dockerfile.Instruction, w dockerfile.Word, plain bool) {
	if s.Refused != "" {
		return
	}
	if !plain {
		s.refuse("the name is written with quotes or escapes", "write it without them")
		return
	}
	n := len(w.S)
	last, _ := in.Span(w.Sub(n-1, n))
	s.tail = dockerfile.Span{Start: last.End, End: last.End}
	if d := digestLen(w.S); d > 0 {
		var ok bool
		if s.tail, ok = in.Span(w.Sub(n-d, n)); !ok {
			s.refuse("a line continuation cuts the digest", "write the name on one line")
		}
	}
	if w.S == s.Name {
		_, s.whole = in.Span(w)
		s.repo, _ = in.Span(w.Sub(0, repoLen(w.S)))
	}
}
