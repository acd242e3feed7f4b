package passes

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/proof"
)

// RedundantTargetPlatform removes FROM --platform=$TARGETPLATFORM.
var RedundantTargetPlatform = &rewrite.Pass{
	Name:  "redundant-target-platform",
	Rule:  "RedundantTargetPlatform",
	Claim: rewrite.NoClaim,
	Run:   redundantTargetPlatform,
	Doc: `Remove --platform=$TARGETPLATFORM from FROM.

That platform is the default, so the flag says nothing, and BuildKit warns of it.

Unsafe, since it says something after all where a base image exists for another
platform only: without the flag BuildKit takes the stage for that platform
(autoDetectPlatform in dockerfile2llb), with it for the target's. Which platforms
an image has only a registry can say.

Refused: a file that declares an ARG TARGETPLATFORM of its own before FROM, a
value such as ${TARGETPLATFORM:-linux/amd64}, which also speaks to builders that
do not set the variable, and a flag that a line continuation cuts.`,
}

func redundantTargetPlatform(c *rewrite.Context) {
	own := slices.ContainsFunc(c.File.Instructions, func(in *dockerfile.Instruction) bool {
		return in.Stage == nil && strings.Contains(in.Text.S, "TARGETPLATFORM")
	})
	for _, s := range c.File.Stages {
		p := s.From.From.Platform
		plain := p == "$TARGETPLATFORM" || p == "${TARGETPLATFORM}"
		if !plain && (!strings.Contains(p, "TARGETPLATFORM") || !warned(c, s.From)) {
			continue
		}
		f := rewrite.Finding{At: s.From, Message: fmt.Sprintf("--platform=%s is the default", p)}
		flags, args := s.From.Flags(), s.From.Args()
		switch edit, ok := s.From.Replace(dockerfile.Word{Lo: flags[0].Lo, Hi: args.Lo}, ""); {
		case own:
			f.Refused = "the file has an ARG TARGETPLATFORM of its own"
		case !plain:
			f.Refused = "the value also speaks to builders that do not set TARGETPLATFORM"
		case len(flags) != 1 || !ok:
			f.Refused = "a line continuation cuts the flag or follows it"
		default:
			f.Fix = &rewrite.Fix{
				Title: "remove " + flags[0].S, Why: "FROM takes the target platform by itself, and BuildKit warns of saying so",
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}

// warned reports whether BuildKit warns of an instruction under the pass's rule.
func warned(c *rewrite.Context, in *dockerfile.Instruction) bool {
	return slices.ContainsFunc(c.Warnings(), func(w proof.Warning) bool { return c.At(w.Line) == in })
}

// UnusedStage removes stages that the last one does not need.
var UnusedStage = &rewrite.Pass{
	Name:  "unused-stage",
	Claim: rewrite.NoClaim,
	Run:   unusedStage,
	Doc: `Remove stages that the last stage does not need.

BuildKit does not build them, so they cost nothing but the reader's time; they
are left where --target can ask for one, which the file alone does not show.
So this is advice, and a fix only where unsafe ones are asked for.

Refused: a stage that a compose or bake file names as its target, or any stage
where it names one by a variable; stages behind which COPY --from= counts; and any
stage of a file in which an ONBUILD trigger or a variable may name one.`,
}

func unusedStage(c *rewrite.Context) {
	last := c.File.Stages[len(c.File.Stages)-1]
	needed, certain := c.File.Needs(last)
	kept := map[*dockerfile.Stage]bool{}
	for _, s := range c.File.Stages {
		if slices.ContainsFunc(c.Facts.Targets, func(t string) bool { return s.Name != "" && strings.EqualFold(t, s.Name) }) {
			also, sure := c.File.Needs(s)
			certain = certain && sure
			for n := range also {
				kept[n] = true
			}
		}
	}
	for i, s := range c.File.Stages {
		if needed[s] {
			continue
		}
		f := rewrite.Finding{At: s.From, Message: fmt.Sprintf("%s is not needed by the last stage", stageTitle(s))}
		cut := dockerfile.Span{Start: s.From.Block().Start, End: stageEnd(s, c.File.Stages[i+1])}
		switch {
		case !certain:
			f.Refused = "an ONBUILD trigger or a variable may name it"
		case c.Facts.AnyTarget:
			f.Refused = "a compose or bake file builds a stage that a variable names"
		case kept[s]:
			f.Refused = "a compose or bake file builds it"
		case numbered(c.File, s):
			f.Refused = "COPY --from= gives a later stage by its number, which would change"
		case c.File.FreesDirective(cut):
			f.Refused = "a comment behind it would turn into a parser directive"
		default:
			f.Fix = &rewrite.Fix{
				Title: "remove " + stageTitle(s),
				Why:   "BuildKit never builds it, unless --target asks for it",
				Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{{Span: cut}},
			}
		}
		c.Report(f)
	}
}

// stageEnd is where a stage ends when it is removed: behind comments directly
// below its last line, and blank lines. A comment further down, set off by blank
// lines, is more likely a heading of the next stage.
func stageEnd(s, next *dockerfile.Stage) int {
	f, pos, blank := s.From.File, s.Span().End, false
	for pos < next.From.Block().Start {
		line := f.LineSpan(pos)
		empty := len(bytes.TrimSpace(f.Bytes(line))) == 0
		if blank && !empty {
			break
		}
		blank, pos = empty, line.End
	}
	return pos
}

func stageTitle(s *dockerfile.Stage) string {
	if s.Name != "" {
		return "stage " + s.Name
	}
	return s.String()
}

// numbered reports whether a COPY --from= gives a stage behind s by its number.
func numbered(f *dockerfile.File, s *dockerfile.Stage) bool {
	for _, r := range f.Refs() {
		if r.Stage != nil && r.Stage.Index > s.Index && strings.Trim(r.Name, "0123456789") == "" {
			return true
		}
	}
	return false
}

// WorkdirRelativePath writes a relative WORKDIR of a stage from scratch absolute.
var WorkdirRelativePath = &rewrite.Pass{
	Name:     "workdir-relative-path",
	Rule:     "WorkdirRelativePath",
	Hadolint: []string{"DL3000"},
	Claim:    rewrite.SameBuild,
	Run:      workdirRelativePath,
	Doc: `Write the first WORKDIR of a stage as an absolute path.

A relative first WORKDIR stands on the base image's own, which may change with
the image.

Why it is right: FROM scratch has no working directory, so the path stands on /
there; the build graph and the image config are checked to be the same.

Refused: any other base, since its working directory is not known; a path with a
variable, or one that a line continuation cuts.`,
}

func workdirRelativePath(c *rewrite.Context) {
	for _, in := range relativeWorkdirs(c) {
		f := rewrite.Finding{At: in, Message: fmt.Sprintf("WORKDIR %s is relative, and the base image's own may change", in.Args().S)}
		args := in.Args()
		absolute := path.Join("/", args.S) // what BuildKit makes of ./app/
		edit, ok := in.Replace(args, absolute)
		if absolute == "/"+args.S {
			edit, ok = in.Replace(args.Sub(0, 0), "/")
		}
		switch {
		case in.Stage.From.From.BaseName != "scratch":
			f.Refused = "the working directory of the base image is not known"
		case strings.ContainsAny(args.S, `$"'`+"\\`"):
			f.Refused = "the path has a variable or quotes"
		case !ok:
			f.Refused = "the path is cut by a line continuation"
		default:
			f.Fix = &rewrite.Fix{
				Title: args.S + " → " + absolute, Why: "the stage starts at / in any case, and says so now",
				Claim: rewrite.SameBuild, Edits: []dockerfile.Edit{edit},
			}
		}
		c.Report(f)
	}
}

// rootedVariable reports whether the path of a WORKDIR begins with a variable that
// is set by then, and begins with / wherever the file sets it, or with one that may
// have no value and a / behind it: then BuildKit need not be asked.
func rootedVariable(workdir *dockerfile.Instruction, path string) bool {
	name, ok := strings.CutPrefix(path, "$")
	name, braced := strings.CutPrefix(name, "{")
	rest := ""
	end := strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if end >= 0 {
		if braced && name[end] != '}' {
			return false // a default, or a part of the value
		}
		name, rest = name[:end], name[end:]
	}
	set, below := false, end >= 0 && strings.HasPrefix(strings.TrimPrefix(rest, "}"), "/")
	rooted := func(in *dockerfile.Instruction, value string) bool {
		set = set || in.Stage != nil && in.Index < workdir.Index && buildsOn(workdir.Stage, in.Stage)
		return strings.HasPrefix(strings.TrimLeft(value, `"'`), "/")
	}
	for _, in := range workdir.File.Instructions {
		switch cmd := in.Command.(type) {
		case *instructions.EnvCommand:
			for _, kv := range cmd.Env {
				if kv.Key == name && !rooted(in, kv.Value) {
					return false
				}
			}
		case *instructions.ArgCommand:
			for _, arg := range cmd.Args {
				if arg.Key == name && (arg.Value == nil && !below || arg.Value != nil && !rooted(in, *arg.Value)) {
					return false
				}
			}
		}
	}
	return ok && (set || below) && name != ""
}

// relativeWorkdirs are the WORKDIRs that are the first of their stage, and of
// the stages it stands on, and relative. What a variable stands for is
// BuildKit's to say, which costs a compilation: it is asked only where one
// begins a path.
func relativeWorkdirs(c *rewrite.Context) (out []*dockerfile.Instruction) {
	set := map[*dockerfile.Stage]bool{}
	for _, s := range c.File.Stages {
		set[s] = s.Base != nil && set[s.Base]
		for _, in := range s.Instructions {
			if !in.Is("WORKDIR") || set[s] {
				continue
			}
			set[s] = true
			path := strings.TrimLeft(in.Args().S, `"'`)
			switch {
			case strings.HasPrefix(path, "/"), rootedVariable(in, path):
			case !strings.HasPrefix(path, "$"):
				out = append(out, in)
			case slices.ContainsFunc(c.Warnings(), func(w proof.Warning) bool { return c.At(w.Line) == in }):
				out = append(out, in)
			}
		}
	}
	return out
}
