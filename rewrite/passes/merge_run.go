package passes

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// MergeRun makes one RUN of neighbours.
var MergeRun = &rewrite.Pass{
	Name:     "merge-run",
	Hadolint: []string{"DL3059"},
	Claim:    rewrite.SameSteps,
	Run:      mergeRun,
	Doc: `Make one RUN of RUNs that follow each other directly.

Each RUN is a layer, and what one deletes of an earlier layer still takes its
space there. By default only RUNs that belong together are merged: those of one
package manager, such as apt-get update and the install behind it; one that
removes what an earlier one made, with all between; and small steps that only
touch files and users. What takes long and what is edited often stay apart, so
that BuildKit caches them apart: a merged RUN runs again as a whole when its last
word changes. merge: all in .restow.yaml merges whatever may share a shell.

Why it is right: the shell runs the same commands in the same order and stops at
the same one. A script that changes the shell for the next (cd, export, a
variable, exit, set) gets a subshell, one whose commands are joined by more than
&& gets braces, and the last stands as it is. Heredocs become one heredoc. Proof takes the merged script apart
again, as the compiled build graph has it, and compares it with those before, byte
by byte. Comments between the two stay, inside the merged RUN.

Refused, with the word that stands in the way: other flags; a mount that each
RUN gets anew, such as a tmpfs; JSON form; a heredoc beside commands, or beside a
RUN without one; a shell that is not sh,
dash, ash or bash, or that reads profile files; set -e, or a shell called with -e,
where it makes a difference, since a shell ignores it ahead of &&; a RUN that a stage
shares with another that goes on otherwise; a trap, a
process that is left running (&, service), and parameters that tell what the shell
did before ($$, $!); a program that runs in both and is not a builtin, part of
coreutils or a distribution's package manager, since a shell remembers where it
found it and the first RUN may have put another in front; and a first RUN that
changes the shell, the user or the groups that a new RUN would start with.`,
}

func mergeRun(c *rewrite.Context) {
	for _, s := range c.File.Stages {
		var argv []string
		windows, startup := windowsStage(s), ""
		var row []func() run // RUNs that follow each other directly, not read yet
		for _, in := range s.Instructions {
			switch cmd := in.Command.(type) {
			case *instructions.ShellCommand:
				argv = cmd.Shell
			case *instructions.EnvCommand:
				for _, kv := range cmd.Env {
					if kv.Key == "ENV" || kv.Key == "BASH_ENV" {
						startup = fmt.Sprintf("%s names a file that each new shell reads", kv.Key)
					}
				}
			case *instructions.RunCommand:
				argv, startup := argv, startup
				row = append(row, func() run {
					next := readRun(c, in, cmd, argv, s)
					switch {
					case windows:
						next.why = "it is a Windows stage"
					case startup != "" && next.why == "":
						next.why = startup
					}
					return next
				})
				continue
			}
			merge(c, row)
			row = nil
		}
		merge(c, row)
	}
}

// windowsStage reports whether a stage looks like one for Windows, where RUN is
// read by cmd.
func windowsStage(s *dockerfile.Stage) bool {
	for base := s; base != nil; base = base.Base {
		name := strings.ToLower(base.From.From.BaseName + " " + base.From.From.Platform)
		for _, mark := range []string{"windows", "nanoserver", "servercore"} {
			if strings.Contains(name, mark) {
				return true
			}
		}
	}
	return s.From.File.Escape == '`'
}

// run is a RUN as merging sees it: its commands, or why it stays apart.
type run struct {
	in   *dockerfile.Instruction
	part shell.Part
	work work
	why  string
}

// partKey is the key of a script seen as a part.
type partKey struct {
	text
	errexit, lines bool
}

func readRun(c *rewrite.Context, in *dockerfile.Instruction, cmd *instructions.RunCommand, argv []string, s *dockerfile.Stage) run {
	r := run{in: in}
	if argv == nil {
		argv = shellOf(s.Base)
	}
	switch {
	case !cmd.PrependShell:
		r.why = "it is in JSON form"
	case len(in.Heredocs) > 0 && !soleHeredoc(in):
		r.why = "it has a heredoc and more"
	case startsAnew(in) != "":
		r.why = startsAnew(in)
	case len(in.Comments) > 0 && in.Text.Span().End < in.Comments[len(in.Comments)-1].Start:
		r.why = "it ends in a continuation that nothing follows"
	}
	d, why := shell.DialectOf(argv)
	if r.why == "" {
		r.why = why
	}
	if r.why == "" {
		script, lines := in.Args().S, len(in.Heredocs) > 0
		if lines {
			script = heredocScript(in)
		}
		key := partKey{text{script, d}, shell.Errexit(argv), lines}
		read := read(c, script, d)
		r.part = rewrite.Memo(c, key, func() shell.Part { return read.part(key) })
		r.why = r.part.Never
		r.work = workOf(read)
	}
	return r
}

// chain is a run of RUNs that may become one.
type chain struct {
	runs []run
	cmds []shell.Command // as the next one meets what they leave behind
}

func (ch *chain) add(next run) *chain {
	if ch == nil {
		ch = &chain{}
	}
	ch.runs = append(ch.runs, next)
	for _, cmd := range next.part.Commands {
		cmd.Sub = cmd.Sub || next.part.Leak != "" // a subshell will keep it in
		ch.cmds = append(ch.cmds, cmd)
	}
	return ch
}

// merge goes through a row of RUNs and merges what belongs together and may.
func merge(c *rewrite.Context, unread []func() run) {
	if len(unread) < 2 {
		return
	}
	var row []run
	for _, r := range unread {
		row = append(row, r())
	}
	belongs := related(row)
	ch := (*chain)(nil).add(row[0])
	for i, next := range row[1:] {
		last := row[i]
		if c.Ignored(last.in) || c.Ignored(next.in) {
			ch = ch.offer(c).add(next)
			continue
		}
		why := "apart, BuildKit caches each by itself; merge: all merges them"
		if belongs[i] || c.Facts.MergeAll || last.why != "" || next.why != "" {
			why = ch.bars(c, next)
		}
		if why == "" {
			ch.add(next)
			continue
		}
		ch = ch.offer(c).add(next)
		c.Report(rewrite.Finding{
			At: next.in, Also: last.in, Refused: why,
			Message: fmt.Sprintf("RUN follows the RUN of line %d directly", c.Line(last.in)),
		})
	}
	ch.offer(c)
}

// bars names what keeps the next RUN out of the chain, or "".
func (ch *chain) bars(c *rewrite.Context, next run) string {
	last := ch.runs[len(ch.runs)-1]
	switch {
	case last.why != "":
		return fmt.Sprintf("the RUN of line %d: %s", c.Line(last.in), last.why)
	case next.why != "":
		return next.why
	case flags(last.in) != flags(next.in):
		return "the flags differ"
	case last.part.Errexit != "":
		return fmt.Sprintf("the RUN of line %d: %s counts for nothing ahead of &&", c.Line(last.in), last.part.Errexit)
	}
	if other := sharedOf(c).parts(c, last.in, next.in); other != nil {
		return fmt.Sprintf("the stage of line %d runs the same up to here, and BuildKit runs that once for both", c.Line(other.Stage.From))
	}
	if why := shell.Apart(ch.cmds, next.part.Commands); why != "" {
		return why
	}
	if last.part.Lines || next.part.Lines {
		return barsHeredocs(last, next)
	}
	if _, ok := last.in.JoinNext(next.in, " && ", ""); !ok {
		return "a line continuation or a comment stands where the two would meet"
	}
	return ""
}

// offer is the fix that makes one RUN of a chain's, if it has several.
func (ch *chain) offer(c *rewrite.Context) *chain {
	if len(ch.runs) < 2 {
		return nil
	}
	first, last := ch.runs[0].in, ch.runs[len(ch.runs)-1].in
	f := rewrite.Finding{At: first, Also: last, Message: fmt.Sprintf("%d RUNs follow each other directly", len(ch.runs))}
	if edits, ok := joined(ch.runs); ok {
		f.Fix = &rewrite.Fix{
			Title: fmt.Sprintf("merge %d RUNs", len(ch.runs)),
			Why:   fmt.Sprintf("%d layers become one, with the same commands in the same order", len(ch.runs)),
			Claim: rewrite.SameSteps, Edits: edits,
		}
	} else {
		f.Refused = "a line continuation stands where a parenthesis would go"
	}
	c.Report(f)
	return nil
}

func joined(runs []run) (edits []dockerfile.Edit, ok bool) {
	if runs[0].part.Lines {
		return joinedHeredocs(runs), true
	}
	first, end := runs[0].in, runs[len(runs)-1].in
	open, shut := runs[0].part.Enclose(false)
	if at, ok := first.Replace(first.Args().Sub(0, 0), open); ok && open != "" {
		edits = append(edits, at)
	} else if open != "" {
		return nil, false
	}
	for i, next := range runs[1:] {
		last := i+2 == len(runs)
		before, after := next.part.Enclose(last)
		edit, _ := runs[i].in.JoinNext(next.in, shut+" && ", indent(runs)+before) // join has seen that it can be done
		edits, shut = append(edits, edit...), after
	}
	if shut != "" {
		n := len(end.Args().S)
		at, ok := end.Span(end.Args().Sub(n-1, n))
		if !ok {
			return nil, false
		}
		edits = append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: at.End, End: at.End}, New: shut})
	}
	return edits, true
}

// indent is how a chain indents its lines: as the first of its RUNs that has
// several does, or by four spaces.
func indent(runs []run) string {
	for _, r := range runs {
		in := r.in
		first := in.File.LineSpan(in.Text.Span().Start)
		for pos := first.End; pos < in.Lines.End; {
			line := in.File.LineSpan(pos)
			text := string(in.File.Bytes(line))
			body := strings.TrimLeft(text, " \t")
			if lead := text[:len(text)-len(body)]; lead != "" && strings.TrimSpace(body) != "" && body[0] != '#' {
				return lead
			}
			pos = line.End
		}
	}
	return "    "
}
