package passes

import (
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// EmptyContinuation removes blank lines between the lines of an instruction.
var EmptyContinuation = &rewrite.Pass{
	Name:  "empty-continuation",
	Rule:  "NoEmptyContinuation",
	Claim: rewrite.SameBuild,
	Run:   emptyContinuation,
	Doc: `Remove blank lines inside a continued instruction.

A blank line after a continuation does not end the instruction, though it looks
as if it did; BuildKit warns that it will become an error. Comments between the
lines stay.

Why it is right: BuildKit skips such lines when it joins the instruction, so the
build graph and the image config stay the same, and that is checked.

Refused: blank lines that follow a continuation at the very end of the file,
where there is nothing to continue.`,
}

func emptyContinuation(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		if len(in.Blanks) == 0 {
			continue
		}
		f := rewrite.Finding{
			At: in, Line: c.File.Line(in.Blanks[0].Start),
			Message: "blank line inside a continued instruction",
		}
		var edits []dockerfile.Edit
		end := in.Text.Span().End
		for _, b := range in.Blanks {
			if b.Start >= end {
				f.Refused = "the last line of the instruction ends in a continuation, and nothing follows"
				break
			}
			edits = append(edits, dockerfile.Edit{Span: b})
		}
		if f.Refused == "" {
			f.Fix = &rewrite.Fix{
				Title: "remove the blank line",
				Why:   "it does not end the instruction, and will become an error in BuildKit",
				Claim: rewrite.SameBuild, Edits: edits,
			}
		}
		c.Report(f)
	}
}
