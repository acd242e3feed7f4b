package base

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Overlay are facts that a team gives of its own images, and rules that lead from
// one name to another: they go before the table. A nil Overlay adds nothing.
type Overlay struct {
	images []ownImage
	rules  []ownRule
}

// Own are facts of the images that a pattern names. Lists that are nil, and empty
// words, are not given.
type Own struct {
	// Image is a repository with or without a tag. A * in the repository and one in
	// the tag stand for any text without a slash; without a tag any tag is meant.
	Image string
	// Like names the image that has all the facts which are not given, such as the
	// one of which it is a mirror. A * in it is what the one in Image stood for.
	Like                          string
	Packages, Commands            []string
	Shell, Manager, Suite, Distro string
	Libc                          string
}

// Rule leads from the images of one pattern to those of another, as [Own].Image
// and Like do.
type Rule struct {
	From, To string
	// Rename gives the names that packages have there: libpq5 is libpq. A package
	// that is there by itself or not at all has the empty name.
	Rename map[string]string
}

type ownImage struct {
	Own
	pattern pattern
}

type ownRule struct {
	Rule
	pattern pattern
}

// pattern is a repository and a tag, each split at its *.
type pattern struct {
	repository, tag half
	anyTag          bool
}

type half struct {
	before, after string
	star          bool
}

// NewOverlay checks the patterns. The first that fits an image counts, in the order
// given.
func NewOverlay(own []Own, rules []Rule) (*Overlay, error) {
	o := &Overlay{}
	for _, w := range own {
		p, err := newPattern(w.Image, w.Like)
		if err != nil {
			return nil, err
		}
		o.images = append(o.images, ownImage{w, p})
	}
	for _, r := range rules {
		if r.To == "" {
			return nil, fmt.Errorf("%q: it leads nowhere", r.From)
		}
		p, err := newPattern(r.From, r.To)
		if err != nil {
			return nil, err
		}
		o.rules = append(o.rules, ownRule{r, p})
	}
	return o, nil
}

var errStar = errors.New("at most one * may stand in its repository, and one in its tag")

func newPattern(from, to string) (pattern, error) {
	if from == "" || strings.Contains(from, "@") || strings.Contains(to, "@") {
		return pattern{}, fmt.Errorf("%q: a repository with or without a tag is wanted", from)
	}
	name, tag, tagged := cutTag(from)
	p := pattern{anyTag: !tagged}
	var err error
	if p.repository, err = newHalf(inFull(name)); err == nil {
		p.tag, err = newHalf(tag)
	}
	if err != nil {
		return pattern{}, fmt.Errorf("%q: %w", from, err)
	}
	if to == "" {
		return p, nil
	}
	toName, toTag, _ := cutTag(to)
	if strings.Contains(toName, "*") && !p.repository.star || strings.Contains(toTag, "*") && !p.tag.star && !p.anyTag {
		return pattern{}, fmt.Errorf("%q: nothing in %q says what its * stands for", to, from)
	}
	if _, err := newHalf(toName); err != nil {
		return pattern{}, fmt.Errorf("%q: %w", to, err)
	}
	if _, err := newHalf(toTag); err != nil {
		return pattern{}, fmt.Errorf("%q: %w", to, err)
	}
	return p, nil
}

func newHalf(text string) (half, error) {
	before, after, star := strings.Cut(text, "*")
	if strings.Contains(after, "*") {
		return half{}, errStar
	}
	return half{before, after, star}, nil
}

// match finds what the * stands for.
func (h half) match(text string) (string, bool) {
	if !h.star {
		return "", text == h.before
	}
	if len(text) < len(h.before)+len(h.after) || !strings.HasPrefix(text, h.before) || !strings.HasSuffix(text, h.after) {
		return "", false
	}
	what := text[len(h.before) : len(text)-len(h.after)]
	return what, what != "" && !strings.Contains(what, "/")
}

// match finds what both * stand for, and writes them into another pattern.
func (p pattern) match(i *Image, to string) (string, bool) {
	name, ok := p.repository.match(i.Repository)
	if !ok {
		return "", false
	}
	tag := i.Tag
	if !p.anyTag {
		if tag, ok = p.tag.match(i.Tag); !ok {
			return "", false
		}
	}
	toName, toTag, tagged := cutTag(to)
	toName = strings.Replace(toName, "*", name, 1)
	if !tagged {
		return toName + ":" + i.Tag, true
	}
	return toName + ":" + strings.Replace(toTag, "*", tag, 1), true
}

func cutTag(ref string) (name, tag string, ok bool) {
	i := strings.LastIndex(ref, ":")
	if i < 0 || i < strings.LastIndex(ref, "/") {
		return ref, "", false
	}
	return ref[:i], ref[i+1:], true
}

// inFull writes a repository with its registry: python is docker.io/library/python.
func inFull(name string) string {
	first, rest, below := strings.Cut(name, "/")
	switch {
	case below && (first == "index.docker.io" || first == "docker.io"):
		if !strings.Contains(rest, "/") {
			rest = "library/" + rest
		}
		return hub + rest
	case below && (strings.ContainsAny(first, ".:") || first == "localhost"):
		return name
	case below:
		return hub + name
	}
	return hub + "library/" + name
}

// Find is [Find] with what the team says of the image.
func (o *Overlay) Find(ref string) (*Image, Known) {
	i, known := Find(ref)
	if o == nil || i.Tag == "" {
		return i, known
	}
	for n := range o.images {
		w := &o.images[n].Own
		like, ok := o.images[n].pattern.match(i, w.Like)
		if !ok {
			continue
		}
		i = own(i, w, like)
		return i, i.Known
	}
	return i, known
}

// own is an image with what is given of it, over that of the image it is like.
func own(i *Image, w *Own, like string) *Image {
	from := &Image{about: func() *about { return &about{} }}
	if w.Like != "" {
		from, _ = Find(like)
	} else if i.Known == Live || i.Known == Retired {
		from = i // the team says more of an image that the table has
	}
	out := *from
	out.Repository, out.Tag, out.Digest, out.Tagged = i.Repository, i.Tag, i.Digest, i.Tagged
	out.Exact, out.Source = Given, "configuration"
	if out.Known < Retired && (w.Packages != nil || w.Commands != nil || w.Shell != "" || w.Manager != "" || w.Suite != "" || w.Libc != "") {
		out.Known = Live // a mirror of what is not known stays unknown, and one of a retired tag is that
	}
	if w.Like != "" {
		out.like = from.Short()
		out.counterparts = nil // tags of another repository
	}
	out.given = w
	for field, value := range map[*string]string{&out.Suite: w.Suite, &out.Libc: w.Libc, &out.Distro: w.Distro} {
		if value != "" {
			*field = value
		}
	}
	if w.Suite != "" && w.Distro == "" {
		if distro, libc := distroOf("", out.Variant, w.Suite); distro != "" {
			out.Distro = distro
			if w.Libc == "" {
				out.Libc = libc
			}
		}
	}
	return &out
}

// Swap finds where a rule leads from an image, and the names of packages there.
func (o *Overlay) Swap(i *Image) (to string, rename map[string]string, ok bool) {
	if o == nil {
		return "", nil, false
	}
	for _, r := range o.rules {
		if to, ok := r.pattern.match(i, r.To); ok {
			return to, maps.Clone(r.Rename), true
		}
	}
	return "", nil, false
}

// givenNames are those of the configuration, sorted.
func givenNames(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
