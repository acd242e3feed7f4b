package passes

import (
	"fmt"
	"slices"
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
space there. What it costs: BuildKit caches the merged RUN as a whole, so that a
change of its last command runs the first again.

Why it is right: both scripts are nothing but simple commands joined by &&, so
one shell runs the same commands in the same order and stops at the same one.
Proof compares the commands that the compiled build graph really runs. Comments
between the two stay, inside the merged RUN.

Refused, with the word that stands in the way: other flags; a mount that each
RUN gets anew, such as a tmpfs; JSON form; heredocs; a shell that is not sh,
dash, ash or bash, or that reads profile files; anything in a script that
changes the shell (cd, export, set, exec, exit, umask, a variable, a trap),
leaves a process running (&, service), or is no simple command (;, ||, pipes,
if, for); a program that runs in both and is not a builtin, part of coreutils or
a distribution's package manager, since a shell remembers where it found it and
the first RUN may have put another in front; and a first RUN that changes the
shell, the user or the groups that a new RUN would start with.`,
}

func mergeRun(c *rewrite.Context) {
	for _, s := range c.File.Stages {
		var argv []string
		windows, startup := windowsStage(s), ""
		var chain *chain
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
				next := readRun(in, cmd, argv, s)
				switch {
				case windows:
					next.why = "it is a Windows stage"
				case startup != "" && next.why == "":
					next.why = startup
				}
				chain = chain.join(c, next)
				continue
			}
			chain = chain.report(c)
		}
		chain.report(c)
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
	cmds []shell.Command
	why  string
}

func readRun(in *dockerfile.Instruction, cmd *instructions.RunCommand, argv []string, s *dockerfile.Stage) run {
	r := run{in: in}
	for base := s.Base; base != nil && argv == nil; base = base.Base {
		for _, b := range slices.Backward(base.Instructions) {
			if sh, ok := b.Command.(*instructions.ShellCommand); ok {
				argv = sh.Shell
				break
			}
		}
	}
	switch {
	case !cmd.PrependShell:
		r.why = "it is in JSON form"
	case len(in.Heredocs) > 0:
		r.why = "it has a heredoc"
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
		r.cmds, r.why = shell.Plain(in.Args().S, d)
	}
	return r
}

// startsAnew names a mount that each RUN gets as if no other had written to it.
func startsAnew(in *dockerfile.Instruction) string {
	for _, flag := range in.Flags() {
		spec, ok := strings.CutPrefix(strings.ToLower(flag.S), "--mount=")
		if !ok {
			continue
		}
		kind, writes := "bind", false
		for field := range strings.SplitSeq(strings.NewReplacer(`"`, "", `'`, "").Replace(spec), ",") {
			switch key, value, _ := strings.Cut(field, "="); key {
			case "type":
				kind = value
			case "rw", "readwrite":
				writes = true
			case "ro", "readonly":
				writes = writes || value != "" && value != "true"
			}
		}
		switch {
		case kind == "cache", kind == "secret", kind == "ssh", kind == "bind" && !writes:
		case kind == "bind":
			return "what it writes to a bind mount is gone in the next RUN"
		default:
			return fmt.Sprintf("its %s mount is empty again in the next RUN", kind)
		}
	}
	return ""
}

// chain is a run of RUNs that become one.
type chain struct {
	runs []run
	cmds []shell.Command
}

// join takes the next RUN into the chain, or reports the chain and begins anew.
func (ch *chain) join(c *rewrite.Context, next run) *chain {
	if ch == nil {
		return &chain{runs: []run{next}, cmds: next.cmds}
	}
	last := ch.runs[len(ch.runs)-1]
	if c.Ignored(last.in) || c.Ignored(next.in) {
		ch.report(c)
		return &chain{runs: []run{next}, cmds: next.cmds}
	}
	why := ""
	switch {
	case last.why != "":
		why = fmt.Sprintf("the RUN of line %d: %s", c.Line(last.in), last.why)
	case next.why != "":
		why = next.why
	case flags(last.in) != flags(next.in):
		why = "the flags differ"
	default:
		why = shell.Apart(ch.cmds, next.cmds)
	}
	if why == "" {
		if _, ok := last.in.JoinNext(next.in, " && ", ""); !ok {
			why = "a line continuation or a comment stands where the two would meet"
		}
	}
	if why != "" {
		ch.report(c)
		c.Report(rewrite.Finding{
			At: next.in, Also: last.in, Refused: why,
			Message: fmt.Sprintf("RUN follows the RUN of line %d directly", c.Line(last.in)),
		})
		return &chain{runs: []run{next}, cmds: next.cmds}
	}
	ch.runs = append(ch.runs, next)
	ch.cmds = append(slices.Clip(ch.cmds), next.cmds...)
	return ch
}

// report offers a chain of two or more, and ends it.
func (ch *chain) report(c *rewrite.Context) *chain {
	if ch == nil || len(ch.runs) < 2 {
		return nil
	}
	first, last := ch.runs[0].in, ch.runs[len(ch.runs)-1].in
	var edits []dockerfile.Edit
	for i, next := range ch.runs[1:] {
		edit, _ := ch.runs[i].in.JoinNext(next.in, " && ", indent(ch.runs)) // join has seen that it can be done
		edits = append(edits, edit...)
	}
	c.Report(rewrite.Finding{
		At: first, Also: last,
		Message: fmt.Sprintf("%d RUNs follow each other directly", len(ch.runs)),
		Fix: &rewrite.Fix{
			Title: fmt.Sprintf("merge %d RUNs", len(ch.runs)),
			Why:   fmt.Sprintf("%d layers become one, with the same commands in the same order", len(ch.runs)),
			Claim: rewrite.SameSteps, Edits: edits,
		},
	})
	return nil
}

// flags are a RUN's flags as they count when two are compared.
func flags(in *dockerfile.Instruction) string {
	var out []string
	for _, f := range in.Flags() {
		out = append(out, f.S)
	}
	return strings.Join(out, " ")
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
