package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// InstructionCasing writes every keyword in the case that most have.
var InstructionCasing = &rewrite.Pass{
	Name:     "instruction-casing",
	Rule:     "ConsistentInstructionCasing",
	Hadolint: nil,
	Claim:    rewrite.SameBuild,
	Run:      instructionCasing,
	Doc: `Write all instruction keywords in one case.

The case is the one that most instructions of the file have, upper case if
neither has more: FROM counts, an ARG before the first FROM does not, and a
keyword in mixed case such as Run counts for neither, as in BuildKit's check
ConsistentInstructionCasing.

Why it is right: BuildKit compares keywords without regard to case, so the build
graph and the image config stay the same, and that is checked. The keyword
behind ONBUILD is left alone: it is text in the image config.

Refused: a keyword that a line continuation cuts in two.`,
}

func instructionCasing(c *rewrite.Context) {
	var lowers, uppers int
	for _, in := range c.File.Instructions {
		k := in.Node.Value
		switch {
		case in.Stage == nil:
		case lower(k):
			lowers++
		case upper(k):
			uppers++
		}
	}
	want, name := strings.ToUpper, "uppercase"
	if lowers > uppers {
		want, name = strings.ToLower, "lowercase"
	}
	if lowers != uppers {
		name += " as most are"
	}
	for _, in := range c.File.Instructions {
		k := in.Keyword()
		if in.Stage == nil || want(k.S) == k.S {
			continue
		}
		f := rewrite.Finding{At: in, Message: fmt.Sprintf("keyword %s should be in %s", k.S, name)}
		if edit, ok := in.Replace(k, want(k.S)); ok {
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s → %s", k.S, want(k.S)),
				Why:   "one case for all instructions is easier to read, and BuildKit warns of a mixture",
				Claim: rewrite.SameBuild, Edits: []dockerfile.Edit{edit},
			}
		} else {
			f.Refused = "the keyword is cut by a line continuation"
		}
		c.Report(f)
	}
}

// FromAsCasing gives AS the case of its FROM.
var FromAsCasing = &rewrite.Pass{
	Name:  "from-as-casing",
	Rule:  "FromAsCasing",
	Claim: rewrite.SameBuild,
	Run:   fromAsCasing,
	Doc: `Write AS in the case of its FROM.

Why it is right: BuildKit compares AS without regard to case, so the build graph
and the image config stay the same, and that is checked.

Refused: a word AS that a line continuation cuts in two. A FROM in mixed case is
instruction-casing's to settle first.`,
}

func fromAsCasing(c *rewrite.Context) {
	for _, s := range c.File.Stages {
		k, fields := s.From.Node.Value, s.From.Fields()
		if len(fields) != 3 || !(lower(k) || upper(k)) {
			continue
		}
		as, want := fields[1], strings.ToUpper(fields[1].S)
		if lower(k) {
			want = strings.ToLower(as.S)
		}
		if as.S == want {
			continue
		}
		f := rewrite.Finding{At: s.From, Message: fmt.Sprintf("%s does not match the case of %s", as.S, k)}
		if edit, ok := s.From.Replace(as, want); ok {
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s → %s", as.S, want),
				Why:   "the two keywords of one instruction should look alike, and BuildKit warns where they do not",
				Claim: rewrite.SameBuild, Edits: []dockerfile.Edit{edit},
			}
		} else {
			f.Refused = "the word is cut by a line continuation"
		}
		c.Report(f)
	}
}

// StageNameCasing writes stage names, and all that refers to them, in lower case.
var StageNameCasing = &rewrite.Pass{
	Name:  "stage-name-casing",
	Rule:  "StageNameCasing",
	Claim: rewrite.SameBuild,
	Run:   stageNameCasing,
	Doc: `Write stage names in lower case, together with every reference to them.

BuildKit keeps stage names in lower case, and so COPY --from=Builder finds a
stage that was named AS Builder or AS builder, while FROM Builder finds neither
and asks a registry for an image. References in COPY --from= and RUN --mount from=
are rewritten with the name; --target takes any case.

Why it is right: the names are equal once BuildKit has read them, so the build
graph and the image config stay the same, and that is checked for every stage.

Refused: a name or a reference that is quoted, or cut by a line continuation.
Then the stage keeps its name everywhere.`,
}

func stageNameCasing(c *rewrite.Context) {
	refs := c.File.Refs()
	for _, s := range c.File.Stages {
		fields := s.From.Fields()
		if len(fields) != 3 || lower(fields[2].S) {
			continue
		}
		name := fields[2]
		f := rewrite.Finding{At: s.From, Message: fmt.Sprintf("stage name %s should be in lower case", name.S)}
		edit, ok := s.From.Replace(name, s.Name)
		edits := []dockerfile.Edit{edit}
		if !ok {
			f.Refused = "the name is cut by a line continuation"
		}
		for _, r := range refs {
			if r.Stage != s || lower(r.Name) {
				continue
			}
			edit, ok := r.In.Replace(r.Word, s.Name)
			if !ok || !r.Plain {
				f.Refused = fmt.Sprintf("line %d refers to it in a word that is quoted or cut by a line continuation", c.Line(r.In))
				break
			}
			edits = append(edits, edit)
		}
		if f.Refused == "" {
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s → %s", name.S, s.Name),
				Why:   "BuildKit keeps stage names in lower case, and FROM finds them in no other",
				Claim: rewrite.SameBuild, Edits: edits,
			}
		}
		c.Report(f)
	}
}
