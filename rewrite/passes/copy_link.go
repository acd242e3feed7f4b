package passes

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
)

// CopyLink finds copies whose layers could stay when those below change.
var CopyLink = &rewrite.Pass{
	Name:  "copy-link",
	Claim: rewrite.Advice,
	Run:   copyLink,
	Doc: `Find copies at the end of a stage that --link would keep when what is below changes.

COPY --link puts what it copies into a layer of its own that does not depend on the
layers below (Dockerfile reference, COPY --link). When the base image or an earlier
step changes, BuildKit lays the same layer over the new ones: nothing is copied
again, and a registry that has it is sent nothing.

    COPY --link --from=build /out/app /usr/local/app

Found are the copies at the end of a stage, behind which nothing runs, into a folder
that is known: the destination is absolute, or WORKDIR is; it is none of those that
images have as symlinks (/bin, /lib, /var/run); no ln of the stage names it or a
folder above it; the owner is given by numbers or not at all; and no USER stands
before it, since the folders that --link makes belong to root.

Not fixed: --link does not follow a symlink of the image on the way to the
destination but replaces it, and it replaces the owner and mode of folders that are
there. What the base image has there is for people to know.`,
}

// linked are folders that images have as symlinks, or whose parts they have so.
var linked = regexp.MustCompile(`^/(?:s?bin|lib(?:32|64|x32)?|usr/(?:sbin|lib32|lib64|tmp)|var/(?:run|lock)|run/shm)(?:/|$)`)

func copyLink(c *rewrite.Context) {
	for _, stage := range c.File.Stages {
		if windowsStage(stage) || !layersBelow(stage) {
			continue
		}
		env, user := effect.Start(stage), usersBefore(stage)
		var first *dockerfile.Instruction
		var dests []string
		for _, in := range stage.Instructions {
			switch cmd := in.Command.(type) {
			case *instructions.UserCommand:
				user = true
			case *instructions.RunCommand:
				first, dests = nil, nil // runs on what was copied
			case *instructions.CopyCommand:
				dest, ok := linkable(env, stage, cmd)
				if ok && !user {
					if first == nil {
						first = in
					}
					dests = append(dests, dest)
				}
			}
			env = env.After(in)
		}
		if first == nil {
			continue
		}
		message := fmt.Sprintf("nothing runs behind the copy to %s: with --link its layer stays when those below change", dests[0])
		if n := len(dests); n > 1 {
			message = fmt.Sprintf("nothing runs behind the copies from here on, to %s and %d more: with --link their layers stay when those below change", dests[0], n-1)
		}
		c.Report(rewrite.Finding{
			At: first, Message: message,
			Refused: "a symlink that the image has on the way there would be replaced, and folders there get another owner and mode",
		})
	}
}

// layersBelow reports whether a stage has anything that could change below what it
// copies: all but scratch.
func layersBelow(stage *dockerfile.Stage) bool {
	for s := stage; s != nil; s = s.Base {
		if s.Base == nil && s.From.From.BaseName == "scratch" {
			return false
		}
	}
	return true
}

// usersBefore reports whether a stage builds on one that sets a user.
func usersBefore(stage *dockerfile.Stage) bool {
	for s := stage.Base; s != nil; s = s.Base {
		for _, in := range s.Instructions {
			if _, ok := in.Command.(*instructions.UserCommand); ok {
				return true
			}
		}
	}
	return false
}

// linkable gives the destination of a COPY without --link that is known not to lead
// through a link of the stage's own.
func linkable(env effect.Env, stage *dockerfile.Stage, c *instructions.CopyCommand) (string, bool) {
	dest := c.DestPath
	if c.Link || strings.ContainsAny(dest+c.Chown, "$\\\"'") || strings.Trim(c.Chown, "0123456789:") != "" {
		return "", false
	}
	if !strings.HasPrefix(dest, "/") {
		dir, known := env.Workdir()
		if !known {
			return "", false
		}
		dest = path.Join(dir, dest)
	}
	dest = path.Clean(dest)
	if dest == "/" || linked.MatchString(dest+"/") {
		return "", false
	}
	for s := stage; s != nil; s = s.Base {
		for _, in := range s.Instructions {
			if run, ok := in.Command.(*instructions.RunCommand); ok && linksOn(strings.Join(run.CmdLine, " "), dest) {
				return "", false
			}
		}
	}
	return dest, true
}

var lnWords = regexp.MustCompile(`\bln\s[^;&|]*`)

// linksOn reports whether an ln of a script names a path or one above it, or
// something by a variable.
func linksOn(script, dest string) bool {
	for _, call := range lnWords.FindAllString(script, -1) {
		for word := range strings.FieldsSeq(call) {
			word = path.Clean(strings.Trim(word, `"'`))
			if strings.Contains(word, "$") || strings.HasPrefix(dest+"/", word+"/") || !strings.HasPrefix(word, "/") && word != "ln" && !strings.HasPrefix(word, "-") {
				return true
			}
		}
	}
	return false
}
