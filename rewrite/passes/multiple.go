package passes

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// MultipleInstructions removes CMD, ENTRYPOINT and HEALTHCHECK that a later one
// of the same stage replaces.
var MultipleInstructions = &rewrite.Pass{
	Name:     "multiple-instructions",
	Rule:     "MultipleInstructionsDisallowed",
	Hadolint: []string{"DL4003", "DL4004", "DL3012"},
	Claim:    rewrite.SameBuild,
	Run:      multipleInstructions,
	Doc: `Remove a CMD, ENTRYPOINT or HEALTHCHECK that a later one of its stage replaces.

Only the last of each counts, and the others mislead.

Why it is right: each replaces the whole setting, so the image config is the
same without the earlier one, and that is checked.

Refused: an instruction with comments directly above it or between its lines,
since they speak of what would be gone.`,
}

func multipleInstructions(c *rewrite.Context) {
	for _, s := range c.File.Stages {
		last := map[string]*dockerfile.Instruction{}
		for _, in := range s.Instructions {
			k := strings.ToUpper(in.Node.Value)
			switch in.Command.(type) {
			case *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.HealthCheckCommand:
			default:
				continue
			}
			if earlier := last[k]; earlier != nil {
				c.Report(replaced(c, earlier, in, k))
			}
			last[k] = in
		}
	}
}

func replaced(c *rewrite.Context, in, by *dockerfile.Instruction, k string) rewrite.Finding {
	out := rewrite.Finding{At: in, Message: fmt.Sprintf("%s is replaced by that of line %d", k, c.Line(by))}
	edits, ok := in.Delete()
	if !ok || len(in.Leading) > 0 {
		out.Refused = "a comment speaks of it"
		return out
	}
	out.Fix = &rewrite.Fix{
		Title: "remove " + k, Why: "only the last one of a stage counts",
		Claim: rewrite.SameBuild, Edits: edits,
	}
	return out
}

// MaintainerLabel writes MAINTAINER as a label.
var MaintainerLabel = &rewrite.Pass{
	Name:     "maintainer-label",
	Rule:     "MaintainerDeprecated",
	Hadolint: []string{"DL4000"},
	Claim:    rewrite.NoClaim,
	Run:      maintainerLabel,
	Doc: `Write MAINTAINER as LABEL org.opencontainers.image.authors=….

MAINTAINER is deprecated; the label is the one that the OCI image specification
names for it (annotations.md, Pre-Defined Annotation Keys).

Unsafe, since the image config changes: the author field gives way to a label,
and a tool that reads the field no longer finds it.

Refused: a name with a quote, a dollar sign or the escape character, of which
LABEL makes something else; one that a line continuation cuts.`,
}

func maintainerLabel(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		if !in.Is("MAINTAINER") {
			continue
		}
		f := rewrite.Finding{At: in, Message: "MAINTAINER is deprecated"}
		args := in.Args()
		name := args.S
		if len(name) > 1 && strings.ContainsAny(name[:1], `"'`) && name[0] == name[len(name)-1] {
			name = name[1 : len(name)-1] // people quote it, and mean the name
		}
		label := matchCase("LABEL", in.Node.Value)
		edit, ok := in.Replace(dockerfile.Word{Lo: in.Keyword().Lo, Hi: args.Hi}, fmt.Sprintf(`%s org.opencontainers.image.authors="%s"`, label, name))
		switch {
		case !ok:
			f.Refused = "it is cut by a line continuation"
		case strings.ContainsAny(name, `"'$`+string(in.File.Escape)):
			f.Refused = "the name has a quote, a dollar sign or an escape"
		default:
			f.Fix = &rewrite.Fix{
				Title: "MAINTAINER → LABEL org.opencontainers.image.authors",
				Why:   "the label is where tools look for it today",
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}
