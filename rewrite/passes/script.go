package passes

import (
	"fmt"
	"slices"
	"strings"

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
}

// reading is a script's text, read once for all passes and all rounds.
type reading struct {
	*shell.Script
	all []meant
}

// text is the key of a reading.
type text struct {
	script  string
	dialect shell.Dialect
}

// read is nil where the script cannot be read.
func read(c *rewrite.Context, script string, d shell.Dialect) *reading {
	return rewrite.Memo(c, text{script, d}, func() *reading {
		s, err := shell.Read(script, d)
		if err != nil {
			return nil
		}
		r := &reading{Script: s}
		for _, cmd := range s.Commands {
			r.all = append(r.all, meant{cmd, command.Of(cmd)})
		}
		return r
	})
}

// ofFile is the key of a file's scripts.
type ofFile struct{ *dockerfile.File }

// scripts are the RUNs of the file that can be read: in shell form, without
// heredocs, by a shell that restow reads. What stands in others is not understood,
// and no pass says anything of it.
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
	if !cmd.PrependShell || len(in.Heredocs) > 0 {
		return nil
	}
	d, why := shell.DialectOf(argv)
	if why != "" {
		return nil
	}
	s := &script{in: in, dialect: d, args: in.Args()}
	if s.reading = read(c, s.args.S, d); s.reading == nil {
		return nil
	}
	return s
}

// replace writes text in the place of a part of the script. It is false where a
// line continuation cuts that part.
func (s *script) replace(lo, hi int, text string) (dockerfile.Edit, bool) {
	return s.in.Replace(s.args.Sub(lo, hi), text)
}

// insert puts text behind the byte before at.
func (s *script) insert(at int, text string) (dockerfile.Edit, bool) {
	span, ok := s.in.Span(s.args.Sub(max(at-1, 0), at))
	return dockerfile.Edit{Span: dockerfile.Span{Start: span.End, End: span.End}, New: text}, ok && at > 0
}

// remove takes a word away with the blanks before it. It is false where that would
// take more than blanks, or leave a line with a lone continuation.
func (s *script) remove(w shell.Word) (dockerfile.Edit, bool) {
	lo := w.Lo
	for lo > 0 && (s.Text[lo-1] == ' ' || s.Text[lo-1] == '\t') {
		lo--
	}
	if edit, ok := s.replace(lo, w.Hi, ""); ok {
		return edit, true
	}
	// The word begins its line: the blanks behind it go instead.
	hi := w.Hi
	for hi < len(s.Text) && (s.Text[hi] == ' ' || s.Text[hi] == '\t') {
		hi++
	}
	edit, ok := s.replace(w.Lo, hi, "")
	if !ok {
		return edit, false
	}
	f := s.in.File
	line := f.LineSpan(edit.Start)
	rest := string(f.Src[line.Start:edit.Start]) + string(f.Src[edit.End:line.End])
	return edit, strings.Trim(rest, " \t\r\n"+string(f.Escape)) != ""
}

// add puts another command behind the last one, joined by && in the layout that
// the script has: behind a line's end, at a line's begin, or on the same line.
// ending is put behind it, such as a comment; it is "" as a rule.
func (s *script) add(cmd string) (dockerfile.Edit, bool) {
	end := len(strings.TrimRight(s.Text, " \t\n"))
	if end == 0 || len(s.Top) == 0 {
		return dockerfile.Edit{}, false
	}
	last := s.Top[len(s.Top)-1]
	if last.Op != "" || last.Hi != end {
		return dockerfile.Edit{}, false // & or ; ends it, or a comment follows
	}
	return s.insert(end, s.joint()+cmd)
}

// joint is what stands between two commands of the script, in the file's own
// layout.
func (s *script) joint() string {
	f := s.in.File
	for _, item := range slices.Backward(s.Top) {
		if item.Op != "&&" {
			continue
		}
		before, ok1 := s.in.Span(s.args.Sub(item.Hi-1, item.Hi))
		op, ok2 := s.in.Span(s.args.Sub(item.OpLo, item.OpHi))
		if !ok1 || !ok2 {
			continue
		}
		gap := string(f.Src[before.End:op.Start])
		if i := strings.LastIndexByte(gap, '\n'); i >= 0 && f.Line(before.End) != f.Line(op.Start) {
			return " " + string(f.Escape) + f.EOL(before.End) + gap[i+1:] + "&& " // && begins the line
		}
		if next := s.args.Lo + item.OpHi; next < len(s.in.Text.S) {
			after := op.End
			line := f.LineSpan(after)
			if strings.Trim(string(f.Src[after:line.End]), " \t\r\n"+string(f.Escape)) == "" && line.End < s.in.Lines.End {
				next := f.LineSpan(line.End)
				text := string(f.Src[next.Start:next.End])
				indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
				return " && " + string(f.Escape) + f.EOL(after) + indent // && ends the line
			}
		}
		return " && "
	}
	return " && "
}

// meanings are the simple commands of a script with what they mean, those that
// sudo, env and the like run in their place.
func (s *script) meanings() []meant { return s.all }

// meant is a command and its meaning.
type meant struct {
	*shell.Simple
	command.Meaning
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
	span, ok := s.in.Span(s.args.Sub(m.Lo, m.Lo+1))
	if !ok {
		return 0
	}
	return s.in.File.Line(span.Start)
}

// unwrapped is what a command means behind sudo, env and the like, and the word
// that it begins at. What sh -c runs stays inside its word.
func unwrapped(m meant) (in command.Meaning, from int) {
	in = m.Meaning
	for in.Inner != nil && in.InnerWords > 0 {
		from += in.InnerWords
		in = *in.Inner
	}
	return in, from
}

// standsIn names what makes a command run only at times; "" where [meant.always].
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

// behindVerb puts text behind the subcommand of a command; in and from are those
// of [unwrapped].
func (s *script) behindVerb(m meant, in command.Meaning, from int, text string) (dockerfile.Edit, bool) {
	for i, r := range slices.Backward(in.Roles) {
		if r.Kind == command.Verb {
			return s.insert(m.Words[from+i].Hi, text)
		}
	}
	return dockerfile.Edit{}, false
}
