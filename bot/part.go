package bot

import (
	"maps"
	"slices"

	"github.com/restow/restow/rewrite"
)

// PartOf is a piece as Plan takes it. The path is that of the Dockerfile from the
// top of the repository, ignore is what becomes of the ignore file of its build
// context, if anything, and proven are the passes whose unsafe fixes a build has
// shown to be right. Compared is what a check covers, in words.
func PartOf(p Piece, path string, ignore *File, proven []*rewrite.Pass, compared string) Part {
	res := p.Result
	out := Part{Group: p.Group, Path: path, Select: p.Select, Joined: p.Joined, Depends: p.Depends, Unchecked: res.Proof.Refused}
	if string(res.Before.Src) != string(res.After.Src) {
		out.Files = append(out.Files, File{path, res.Before.Src, res.After.Src})
	}
	if ignore != nil {
		out.Files = append(out.Files, *ignore)
	}
	for _, c := range res.Changes {
		safety := string(c.Fix.Claim.Safety())
		if c.Fix.Claim == rewrite.NoClaim && slices.Contains(proven, c.Pass) {
			safety = "proven"
		}
		out.Changes = append(out.Changes, Change{path, c.Line, c.Pass.Name, c.Fix.Title, c.Fix.Why, safety})
	}
	for _, c := range res.Findings {
		switch {
		case c.Fix != nil && c.Fix.Claim == rewrite.NoClaim:
			out.Refused = append(out.Refused, Refusal{path, c.Line, c.Pass.Name, c.Message, "it may change what the image contains or does; restow fix --unsafe makes it"})
		case c.Refused != "":
			out.Refused = append(out.Refused, Refusal{path, c.Line, c.Pass.Name, c.Message, c.Refused})
		}
	}
	for _, c := range res.Proof.Checked {
		out.Checked = append(out.Checked, c.String())
		out.Compared = compared
	}
	out.StandIns = slices.Sorted(maps.Keys(res.Proof.StandIns))
	return out
}
