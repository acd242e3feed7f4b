package passes

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// ExecForm gives the container's first process to the program.
var ExecForm = &rewrite.Pass{
	Name:     "exec-form",
	Hadolint: []string{"DL3025"},
	Claim:    rewrite.NoClaim,
	Run:      execForm,
	Doc: `Write CMD and ENTRYPOINT so that signals reach the program, not a shell.

In shell form the first process is /bin/sh, which does not pass signals on: the
program never hears of docker stop and is killed ten seconds later. Where the
shell only splits words, they are written as a JSON array, cut as the shell cuts
them. Where it also expands variables or redirects, exec is put in front, which
gives the shell's process to the program. A script that ends in exec stays.

Unsafe, and not provable: the image config changes by design, and no file shows
what the program does as the first process, which gets no default for signals and
has to wait for orphans. What is a program to the shell may be none without it:
a file without a #! line. Some shells give their process away by themselves. An
ENTRYPOINT of the base image is not known: it gets ["/bin/sh", "-c", "…"] as its
arguments now, and the words of CMD then. Arguments of docker run are ignored
behind an ENTRYPOINT in shell form, and reach one in JSON form. A SHELL that the
base image has set is not seen. A relative path is looked up from WORKDIR in
either form, a plain name in PATH.

Refused, with the word that stands in the way: operators, assignments, builtins
and reserved words, comments, a program whose name is not known; a CMD beside an
ENTRYPOINT, in this stage or one built on it, since one form decides what the
other gets; a shell other than sh, dash, ash or bash, or one that reads files
first; Windows; comments between the words. HEALTHCHECK is left alone: nobody
sends its process signals. So is ONBUILD: its text runs in another build.`,
}

// started is a CMD or an ENTRYPOINT in shell form, and the shell it gets.
type started struct {
	in   *dockerfile.Instruction
	name string
	argv []string
}

// startup is what a stage has set for its containers by some line.
type startup struct {
	entrypoint, cmd *dockerfile.Instruction // nil also where it is empty
	argv            []string
	file            string // a variable that names a file which shells read first
}

func execForm(c *rewrite.Context) {
	ends := map[*dockerfile.Stage]startup{}
	var all []started
	live := map[*dockerfile.Instruction]bool{} // what no later one replaces
	beside := map[*dockerfile.Instruction]*dockerfile.Instruction{}
	file := map[*dockerfile.Instruction]string{}
	for _, s := range c.File.Stages {
		at, ownCmd := ends[s.Base], false
		for _, in := range s.Instructions {
			switch cmd := in.Command.(type) {
			case *instructions.ShellCommand:
				at.argv = cmd.Shell
			case *instructions.EnvCommand:
				for _, kv := range cmd.Env {
					if kv.Key == "ENV" || kv.Key == "BASH_ENV" {
						at.file = kv.Key
					}
				}
			case *instructions.CmdCommand:
				at.cmd, ownCmd = present(in, cmd.ShellDependantCmdLine), true
				if cmd.PrependShell && at.cmd != nil {
					all = append(all, started{in, "CMD", at.argv})
				}
			case *instructions.EntrypointCommand:
				at.entrypoint = present(in, cmd.ShellDependantCmdLine)
				if !ownCmd {
					at.cmd = nil // ENTRYPOINT empties what its stage got from another
				}
				if cmd.PrependShell && at.entrypoint != nil {
					all = append(all, started{in, "ENTRYPOINT", at.argv})
				}
			}
		}
		ends[s] = at
		for _, in := range []*dockerfile.Instruction{at.cmd, at.entrypoint} {
			live[in], file[in] = true, cmp.Or(at.file, file[in])
		}
		if at.cmd != nil && at.entrypoint != nil {
			beside[at.cmd], beside[at.entrypoint] = at.entrypoint, at.cmd
		}
	}
	for _, s := range all {
		if live[s.in] {
			s.report(c, beside[s.in], file[s.in])
		}
	}
}

// present is nil for an instruction that sets nothing.
func present(in *dockerfile.Instruction, line instructions.ShellDependantCmdLine) *dockerfile.Instruction {
	if len(line.CmdLine) == 0 || in.Args().S == "" {
		return nil
	}
	return in
}

func (s started) report(c *rewrite.Context, beside *dockerfile.Instruction, file string) {
	args := s.in.Args()
	dialect, unread := shell.DialectOf(s.argv)
	if unread == "" && shell.Replaced(args.S, dialect) {
		return
	}
	f := rewrite.Finding{At: s.in, Message: s.name + " starts a shell, which keeps signals from the program"}
	first, _ := s.in.Span(args.Sub(0, 1))
	last, _ := s.in.Span(args.Sub(len(args.S)-1, len(args.S)))
	words, needs := shell.Fields(args.S, dialect)
	stops := shell.Replaceable(args.S, dialect)
	switch {
	case windowsStage(s.in.Stage):
		f.Refused = "it is a Windows stage"
	case unread != "":
		f.Refused = unread
	case file != "":
		f.Refused = file + " names a file that the shell may read first"
	case beside != nil:
		f.Also, f.Refused = beside, besides(c, s.name, beside)
	case args.S[0] == '[' && strings.Contains(args.S, ","):
		f.Refused = "it looks like a JSON array, and BuildKit does not read it as one"
	case needs != "" && stops != "":
		f.Refused = stops
	case needs != "":
		f.Fix = s.fix("put exec in front", "the shell gives its process to the program once it has expanded the words", dockerfile.Edit{
			Span: dockerfile.Span{Start: first.Start, End: first.Start}, New: "exec ",
		})
	case len(s.in.Comments) > 0:
		f.Refused = "comments stand between the words"
	default:
		array := array(words)
		f.Fix = s.fix(s.name+" → "+array, "the shell does nothing but split the words, and signals stop at it", dockerfile.Edit{
			Span: dockerfile.Span{Start: first.Start, End: last.End}, New: array,
		})
	}
	c.Report(f)
}

func (s started) fix(title, why string, edit dockerfile.Edit) *rewrite.Fix {
	return &rewrite.Fix{Title: title, Why: why, Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit}}
}

// besides says what a new form would do to the other of CMD and ENTRYPOINT.
func besides(c *rewrite.Context, name string, other *dockerfile.Instruction) string {
	switch {
	case name == "ENTRYPOINT":
		return fmt.Sprintf("it ignores the CMD of line %d now, and in JSON form would get it as its arguments", c.Line(other))
	case other.JSON():
		return fmt.Sprintf("the ENTRYPOINT of line %d gets the shell's command line as its arguments now, and would get others", c.Line(other))
	}
	return fmt.Sprintf("the ENTRYPOINT of line %d is in shell form and ignores it", c.Line(other))
}

// array writes words as BuildKit reads them back, and people like to see them.
func array(words []string) string {
	var out []string
	for _, w := range words {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(w) // a string is always encoded
		out = append(out, strings.TrimSuffix(text.String(), "\n"))
	}
	return "[" + strings.Join(out, ", ") + "]"
}
