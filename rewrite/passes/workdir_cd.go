package passes

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// CdToWorkdir names a RUN's folder by WORKDIR.
var CdToWorkdir = &rewrite.Pass{
	Name:     "cd-to-workdir",
	Hadolint: []string{"DL3003"},
	Claim:    rewrite.NoClaim,
	Run:      cdToWorkdir,
	Doc: `Write WORKDIR before a RUN instead of cd at its begin.

WORKDIR is where a reader looks for the folder, and BuildKit shows it in its
output. But it holds for all that follows too, so this is advice where anything
behind the RUN depends on the folder.

Unsafe: WORKDIR makes a folder that is not there, where cd stops the build.

Refused: a later RUN, a COPY, ADD or WORKDIR with a relative path, CMD, ENTRYPOINT,
HEALTHCHECK or ONBUILD before the next absolute WORKDIR, in the stage or one built
on it; a stage that ends in an image without one, since containers would start
there; a mount with a relative target; a comment between cd and the next command.
Nothing is said of a path that is relative or not known, nor of a script with
another cd, or that goes on where cd fails.`,
}

var plainPath = regexp.MustCompile(`^/[A-Za-z0-9._/+@-]*$`)

func cdToWorkdir(c *rewrite.Context) {
	shipped := shippedStages(c)
	for _, s := range scripts(c) {
		dir := s.cdFirst()
		if dir == "" {
			continue
		}
		f := rewrite.Finding{At: s.in, Message: fmt.Sprintf("cd %s stands for a WORKDIR", dir)}
		edits, ok := s.dropItem(s.cdItem())
		switch after := dependsOnDir(c, s.in, s.stage, shipped); {
		case after != "":
			f.Refused = after
		case slices.ContainsFunc(mountsOf(s.in), func(m mount) bool { return m.target != "" && !path.IsAbs(m.target) }):
			f.Refused = "a mount has a relative target"
		case !ok:
			f.Refused = "a comment stands between cd and the next command"
		default:
			line := matchCase("WORKDIR", s.in.Node.Value) + " " + dir
			f.Fix = &rewrite.Fix{
				Title: "cd → " + line, Why: "the folder stands where a reader looks for it",
				Claim: rewrite.NoClaim, Edits: append(edits, s.in.InsertBefore(line)),
			}
		}
		c.Report(f)
	}
}

// cdItem is the item that a script begins with, but for set.
func (s *script) cdItem() int {
	for i, item := range s.Top {
		if words, ok := plainWords(item); !ok || words[0] != "set" || item.Op == "||" {
			return i
		}
	}
	return 0
}

// cdFirst is the folder that a script goes to at its begin, and stays in; "" where
// it does not, or goes on without it.
func (s *script) cdFirst() string {
	if len(s.Top) < 2 {
		return ""
	}
	at := s.cdItem()
	item := s.Top[at]
	words, ok := plainWords(item)
	if !ok || len(words) != 2 || words[0] != "cd" || !plainPath.MatchString(words[1]) {
		return ""
	}
	if at+1 == len(s.Top) || item.Op != "&&" && (!s.alone(at) || s.onFailure(at) != stops) {
		return ""
	}
	for _, cmd := range s.Commands {
		if cmd != item.Node.Simple && slices.Contains([]string{"cd", "pushd", "popd", "chdir"}, cmd.Name()) {
			return ""
		}
	}
	for _, item := range s.Top {
		if item.Op == "||" || item.Op == "&" {
			return "" // it may run without cd, or beside it
		}
	}
	return words[1]
}

// dependsOnDir is what depends on the working directory behind an instruction, up
// to the next one that sets it; "" if nothing does.
func dependsOnDir(c *rewrite.Context, in *dockerfile.Instruction, stage *dockerfile.Stage, shipped map[*dockerfile.Stage]bool) string {
	for _, later := range stage.Instructions {
		if in != nil && later.Index <= in.Index {
			continue
		}
		needs := true
		switch cmd := later.Command.(type) {
		case *instructions.WorkdirCommand:
			if path.IsAbs(cmd.Path) {
				return ""
			}
		case *instructions.CopyCommand:
			needs = !path.IsAbs(cmd.DestPath)
		case *instructions.AddCommand:
			needs = !path.IsAbs(cmd.DestPath)
		case *instructions.RunCommand, *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.HealthCheckCommand, *instructions.OnbuildCommand:
		default:
			needs = false
		}
		if needs {
			return fmt.Sprintf("the %s of line %d depends on the folder too", strings.ToUpper(later.Node.Value), c.Line(later))
		}
	}
	built := false
	for _, s := range c.File.Stages {
		if s.Base != stage {
			continue
		}
		built = true
		if why := dependsOnDir(c, nil, s, shipped); why != "" {
			return why
		}
	}
	last := c.File.Stages[len(c.File.Stages)-1]
	if stage == last || shipped[stage] && !built {
		return "containers of the image would start there"
	}
	return ""
}
