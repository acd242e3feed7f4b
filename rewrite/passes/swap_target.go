package passes

import (
	"slices"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// siteOf is the place that names the image of a FROM.
func siteOf(sites []images.Site, from *dockerfile.Instruction) (images.Site, bool) {
	for _, s := range sites {
		if s.In == from && s.What == "FROM" || slices.Contains(s.Uses, from) {
			return s, true
		}
	}
	return images.Site{}, false
}

// target finds the image to swap to; false where there is nothing to say.
func (s *swap) target() bool {
	switch s.c.Facts.BaseTo {
	case "distroless":
		return s.toDistroless()
	case "alpine":
		s.to = s.from.Counterpart("alpine")
	default:
		if s.from.Kind == "jdk" && s.onlyRuns() {
			if s.to = s.from.Counterpart("jre"); s.to != nil {
				return true
			}
		}
		if s.from.Variant == "full" && s.from.Distro == "debian" {
			s.to = s.from.Counterpart("slim")
		}
	}
	if s.to != nil && s.other() {
		s.to = nil
	}
	return s.to != nil
}

// other reports whether the counterpart is of another version after all, as one of a
// tag that names none may be: then the tag with the word behind it is taken, if that
// is of the same one.
func (s *swap) other() bool {
	if s.from.Known != base.Live || s.from.Version() == "" || s.to.Version() == "" || s.from.Version() == s.to.Version() {
		return false
	}
	own, known := s.c.Facts.Bases.Find(s.from.Repository + ":" + s.from.Tag + "-" + s.to.Tag)
	if known != base.Live || own.Version() != s.from.Version() || own.Variant != s.to.Variant {
		return true
	}
	s.to = own
	return false
}
