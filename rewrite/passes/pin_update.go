package passes

import (
	"fmt"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// PinUpdate moves digests to what their tags say today. It is no part of the
// suite: restow pin --update runs it.
var PinUpdate = &rewrite.Pass{
	Name:  "pin-update",
	Claim: rewrite.NoClaim,
	Run:   pinUpdate,
	Doc: `Move pinned digests to what their tags say today.

Run by restow pin --update. Unsafe by its nature: another image is taken.

Refused: a digest without a tag, which nothing tells the present of.`,
}

func pinUpdate(c *rewrite.Context) {
	repin(c, func(s images.Site) (rewrite.Image, string) {
		img, _ := c.Want(s.Ref)
		return img, "its tag says today"
	})
}

// PinRepair replaces the digest of one platform's image by that of the index that
// holds it. It is no part of the suite: restow pin --repair runs it.
var PinRepair = &rewrite.Pass{
	Name:  "pin-repair",
	Claim: rewrite.NoClaim,
	Run:   pinRepair,
	Doc: `Replace the digest of a single platform's image by that of the index that holds it.

Run by restow pin --repair. A build for that platform takes the same image as
before, one for another platform takes its own instead of failing or running the
wrong one.

Refused: a digest without a tag, and one that the tag's index of today does not
hold, since no registry can be asked which index did.`,
}

func pinRepair(c *rewrite.Context) {
	repin(c, func(s images.Site) (rewrite.Image, string) {
		img, _ := c.Want(s.Ref + "@" + s.Digest)
		return img, "the index that holds it"
	})
}

// repin replaces the digests of pinned sites by what of tells.
func repin(c *rewrite.Context, of func(images.Site) (rewrite.Image, string)) {
	for _, s := range images.Collect(c.File, c.Facts.Names) {
		if s.Digest == "" {
			continue
		}
		f := found(s, fmt.Sprintf("%s is pinned to %s", s.Ref, short(s.Digest)))
		if s.Ref == "" {
			f.Message, f.Refused = fmt.Sprintf("%s has no tag", s.Name), "only a tag tells which digest is today's; write the tag before the digest"
			c.Report(f)
			continue
		}
		img, why := of(s)
		switch {
		case img.Problem != "":
			f.Refused, f.Failed = img.Problem, true
		case img.Digest == "" || img.Digest == s.Digest:
			continue
		case s.Refused != "":
			f.Refused = s.Refused
		default:
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s: %s → %s", s.Ref, short(s.Digest), short(img.Digest)), Why: why,
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{s.Pin(img.Digest)},
			}
		}
		c.Report(f)
	}
}

// short is as much of a digest as people compare.
func short(d string) string {
	if len(d) > len("sha256:")+12 {
		return d[:len("sha256:")+12]
	}
	return d
}
