package passes

import (
	"fmt"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// script is a RUN in shell form as the shell reads it, with the way back to the
// file.
type script struct {
	*reading
	in      *dockerfile.Instruction
	stage   *dockerfile.Stage
	dialect shell.Dialect
	args    dockerfile.Word // where Script.Text stands in the logical line
	doc     []docLine       // where it stands instead, if it is the body of a heredoc
}

// reading is a script's text, read once for all passes and all rounds.
type reading struct {
	*shell.Script
	all      []meant
	programs []string // that its commands run, those behind sudo and the like too
	managers []string // the package managers that they are; "" for others
	unread   string   // why it cannot be read; there is nothing else then
}

// runs reports whether a command of the script runs one of the programs.
func (r *reading) runs(programs ...string) bool {
	return slices.ContainsFunc(programs, func(p string) bool { return slices.Contains(r.programs, p) })
}

// text is the key of a reading.
type text struct {
	script  string
	dialect shell.Dialect
}

// read takes a script apart.
func read(c *rewrite.Context, script string, d shell.Dialect) *reading {
	return rewrite.Memo(c, text{script, d}, func() *reading {
		s, err := shell.Read(script, d)
		if err != nil {
			return &reading{unread: err.Error()}
		}
		r := &reading{Script: s, all: make([]meant, len(s.Commands))}
		own, meanings := functions(s.Root, nil), make([]command.Meaning, len(s.Commands))
		for i, cmd := range s.Commands {
			if !slices.Contains(own, cmd.Name()) {
				meanings[i] = command.Of(cmd)
			}
			r.all[i] = meant{cmd, &meanings[i]}
			for at := &meanings[i]; at != nil; at = at.Inner {
				if !slices.Contains(r.programs, at.Program) {
					r.programs, r.managers = append(r.programs, at.Program), append(r.managers, at.Manager)
				}
			}
		}
		return r
	})
}

// part is the script as a part of a longer one.
func (r *reading) part(key partKey) shell.Part {
	if r.unread != "" {
		return shell.Part{Script: key.script, Lines: key.lines, Never: r.unread}
	}
	return r.Part(key.errexit, key.lines)
}

// functions are the names that a script gives to functions of its own: what calls
// them means nothing that the table of commands knows.
func functions(n *shell.Node, names []string) []string {
	if n.Kind == shell.KindFunction {
		names = append(names, n.Name)
	}
	for _, kid := range n.Kids {
		names = functions(kid, names)
	}
	return names
}

// ofFile is the key of a file's scripts.
type ofFile struct{ *dockerfile.File }

// scripts are the RUNs of the file that can be read: in shell form, by a shell that
// restow reads, without heredocs or with the script as their one heredoc. What
// stands in others is not understood, and no pass says anything of it.
func scripts(c *rewrite.Context) []*script {
	return rewrite.Memo(c, ofFile{c.File}, func() []*script { return scriptsOf(c) })
}

func scriptsOf(c *rewrite.Context) (out []*script) {
	for _, stage := range c.File.Stages {
		if windowsStage(stage) {
			continue
		}
		argv := shellOf(stage.Base)
		for _, in := range stage.Instructions {
			switch cmd := in.Command.(type) {
			case *instructions.ShellCommand:
				argv = cmd.Shell
			case *instructions.RunCommand:
				if s := readScript(c, in, cmd, argv); s != nil {
					s.stage = stage
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// shellOf is the SHELL that a stage leaves to one that builds on it; nil where it
// has none of its own.
func shellOf(stage *dockerfile.Stage) []string {
	for ; stage != nil; stage = stage.Base {
		for _, in := range slices.Backward(stage.Instructions) {
			if sh, ok := in.Command.(*instructions.ShellCommand); ok {
				return sh.Shell
			}
		}
	}
	return nil
}

func readScript(c *rewrite.Context, in *dockerfile.Instruction, cmd *instructions.RunCommand, argv []string) *script {
	if !cmd.PrependShell || len(in.Heredocs) > 0 && !soleHeredoc(in) {
		return nil
	}
	d, why := shell.DialectOf(argv)
	if why != "" {
		return nil
	}
	s := &script{in: in, dialect: d, args: in.Args()}
	text := s.args.S
	if len(in.Heredocs) > 0 {
		text, s.doc = heredocScript(in), docLines(in)
	}
	if s.reading = read(c, text, d); s.unread != "" {
		return nil
	}
	return s
}

// meanings are the simple commands of a script with what they mean, those that
// sudo, env and the like run in their place.
func (s *script) meanings() []meant { return s.all }

// meant is a command and its meaning.
type meant struct {
	*shell.Simple
	*command.Meaning
}

// always reports whether the command runs whenever the script does, unless one
// before it fails: not in a branch, a loop, a function or a background job.
func (m meant) always() bool {
	return m.In&(shell.Conditional|shell.Loop|shell.Function|shell.Background|shell.Negated|shell.Condition|shell.Substitution) == 0
}

// value is a word's text where it is known.
func (m meant) value(i int) string {
	if i < len(m.Words) && m.Words[i].Static {
		return m.Words[i].Value
	}
	return ""
}

// where says which command of a RUN a finding is about.
func (s *script) where(m meant) string {
	return fmt.Sprintf("`%s`", s.Text[m.Lo:m.Hi])
}

// lineOf is the line that a command begins on.
func (s *script) lineOf(m meant) int {
	span, ok := s.span(m.Lo, m.Lo+1)
	if !ok {
		return 0
	}
	return s.in.File.Line(span.Start)
}

// unwrapped is what a command means behind sudo, env and the like, and the word
// that it begins at. What sh -c runs stays inside its word.
func unwrapped(m meant) (in command.Meaning, from int) {
	in = *m.Meaning
	for in.Inner != nil && in.InnerWords > 0 {
		from += in.InnerWords
		in = *in.Inner
	}
	return in, from
}

// standsIn names what makes a command run only at times; "" where [meant.always].
// It is asked where a fix adds commands, or takes them away. One that only changes
// the words of a command is as good in a branch as elsewhere.
func standsIn(m meant) string {
	for _, p := range []struct {
		in   shell.Context
		name string
	}{
		{shell.Function, "a function"},
		{shell.Substitution, "a substitution"},
		{shell.Loop, "a loop"},
		{shell.Background, "a background job"},
		{shell.Condition, "a condition"},
		{shell.Negated, "a negation"},
		{shell.Conditional, "a branch or behind ||"},
	} {
		if m.In&p.in != 0 {
			return p.name
		}
	}
	return ""
}

// asked names what asks for the outcome of a command, "" if nothing does: one that
// fails where it did not would take another branch, or loop for ever.
func (m meant) asked() string {
	switch {
	case m.In&shell.Condition != 0:
		return "a condition"
	case m.In&shell.Negated != 0:
		return "a negation"
	}
	return ""
}

// plainWords are the words of an item that is one simple command and nothing
// else; a pattern is its text. It is false where only the shell knows them.
func plainWords(item shell.Item) (words []string, ok bool) {
	if item.Node == nil || item.Node.Simple == nil || item.Node.Negated {
		return nil, false
	}
	c := item.Node.Simple
	for _, w := range c.Words {
		if !w.Static && !w.Glob {
			return nil, false
		}
		words = append(words, w.Value)
	}
	return words, len(words) > 0 && len(c.Assigns)+len(c.Redirs) == 0
}
