package passes

import (
	"fmt"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// Mirror takes images from one's own registry.
var Mirror = &rewrite.Pass{
	Name:  "mirror",
	Claim: rewrite.SameNames,
	Run:   mirror,
	Doc: `Take images from one's own registry.

Off until the mirror setting says which names become which:

    mirror:
      docker.io/library/*: registry.example.com/hub/*

The longest match counts. Tags and digests stay, so that the digest that follows
is that of the copy, which is the original's; restow pin --copy makes the copies.
Builds then meet neither the pull limits of a public registry nor a tag that has
gone there.

Why it is right: both files are compiled, and must give the same build graph and
image config once the images of the first have the names that the setting gives.

Refused: a name that stands behind a variable, or in quotes, and # syntax=, whose
name tells which frontend reads the file.`,
}

func mirror(c *rewrite.Context) {
	if len(c.Facts.Names.Mirror) == 0 {
		return
	}
	for _, s := range images.Collect(c.File, c.Facts.Names) {
		to, ok := c.Facts.Names.Mirrored(images.Repository(s.Name))
		if !ok {
			continue
		}
		f := found(s, fmt.Sprintf("%s is to come from %s", images.Repository(s.Name), to))
		edit, ok := s.Rename(to)
		if ok {
			f.Line = c.File.Line(edit.Start) // an ARG may hold the tag, further up
		}
		switch {
		case s.What == "# syntax":
			f.Refused = "the name of # syntax tells which frontend reads the file"
		case !ok:
			f.Refused = "the name stands behind a variable, in quotes or across lines"
		default:
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s → %s", images.Repository(s.Name), to), Why: "the mirror setting says so",
				Claim: rewrite.SameNames, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}
