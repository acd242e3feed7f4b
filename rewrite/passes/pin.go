package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// PinDigest writes the digest of each image beside its tag.
var PinDigest = &rewrite.Pass{
	Name:     "pin-digest",
	Hadolint: []string{"DL3006", "DL3007"},
	Claim:    rewrite.SamePins,
	Run:      pinDigest,
	Doc: `Pin images to the digests that their tags have today.

A tag is moved to another image whenever its owner likes. With the digest beside
it a build takes the same image tomorrow, and a change of it becomes a change of
the file, which people review. The tag stays, as the name that people read and
that tools follow when they update the digest; where there is none it is latest,
which is what BuildKit takes it for.

Pinned are FROM, COPY --from=, the from= of RUN --mount and # syntax=, and the
default of an ARG that is the end of a reference. The digest is that of the index
where the image has one, so that all its platforms stay.

Why it is right: both files are compiled with every tag standing for its digest,
and must give the same build graph and image config; nothing but digests may
differ; and for an ARG that gained one, both are compiled again with another
value of it, so that a digest never outlives an override by --build-arg.

For an image that is pinned as latest, the most specific tag with the same digest
is offered as an unsafe fix, since the tag list says nothing of tomorrow.

Refused: ARGs of which an override would keep the digest (one before the end of
the reference, two in one reference), an ARG that is used elsewhere too or declared
again in a stage, ${NAME:-default}, no default, and images whose digest nobody
could tell. --inline-args writes such references out, with ARGs at their defaults,
unless a compose or bake file passes one of them.`,
}

func pinDigest(c *rewrite.Context) {
	for _, s := range images.Collect(c.File, c.Facts.Names) {
		if s.Digest != "" {
			specific(c, s)
			continue
		}
		f := found(s, fmt.Sprintf("%s is not pinned to a digest", s.Name))
		img, asked := rewrite.Image{}, false
		if s.Ref != "" {
			img, asked = c.Want(s.Ref)
		}
		// Asking for what an index holds counts as a pull, so it is asked only where
		// the answer is open.
		if s.Platform != "" && s.Platform != "linux/amd64" && img.Digest != "" {
			if has, _ := c.Want(s.Ref + " " + s.Platform); has.Problem != "" {
				img.Problem = has.Problem
			}
		}
		switch edit, why := pinned(c, s, img.Digest); {
		case why != "":
			f.Refused = why
		case img.Problem != "":
			f.Refused, f.Failed = img.Problem, true
		case !asked || img.Digest == "": // the flaw is all that is known
		default:
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s → %s", s.Name, short(img.Digest)),
				Why:   "the build takes this image until someone changes the line",
				Claim: rewrite.SamePins, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}

// pinned is the edit that gives a site its digest, or the reason for none.
func pinned(c *rewrite.Context, s images.Site, digest string) (edit dockerfile.Edit, refused string) {
	if s.Refused == "" {
		return s.Pin(digest), ""
	}
	refused = s.Refused
	if s.Way != "" {
		refused += "; " + s.Way
	}
	if !c.Facts.InlineArgs || digest == "" || !s.Variable(c.File) {
		return edit, refused
	}
	edit, ok := s.Inline(digest)
	switch name := passed(c, s); {
	case name != "":
		return edit, fmt.Sprintf("%s, and a compose or bake file passes ARG %s", s.Refused, name)
	case !ok:
		return edit, s.Refused + ", and a line continuation cuts it"
	}
	return edit, ""
}

// passed is an ARG of a reference that a compose or bake file gives a value.
func passed(c *rewrite.Context, s images.Site) string {
	for _, name := range s.Args(c.File) {
		if c.Facts.Names.Passed != nil && c.Facts.Names.Passed(name) {
			return name
		}
	}
	return ""
}

// specific offers another tag for an image that is pinned as latest.
func specific(c *rewrite.Context, s images.Site) {
	if !strings.HasSuffix(s.Ref, ":latest") {
		return
	}
	img, _ := c.Want(s.Ref)
	if img.Specific == "" || img.Digest != s.Digest {
		return // latest has moved on: what it was has no other name here
	}
	edit, ok := s.Retag(img.Specific)
	if !ok {
		return
	}
	f := found(s, fmt.Sprintf("a pinned latest tells nobody which version it is: %s is the same image today", img.Specific))
	f.Fix = &rewrite.Fix{
		Title: "latest → " + img.Specific, Why: "the tag says what the digest is",
		Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
	}
	c.Report(f)
}

func found(s images.Site, message string) rewrite.Finding {
	f := rewrite.Finding{At: s.In, Line: s.Line, Message: message}
	if len(s.Uses) > 0 {
		f.Also = s.Uses[0]
	}
	return f
}
