package shell

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// Fields are the words of a script that is one simple command for which a shell
// has nothing to do but to split it. For any other script why names what the
// shell is needed for. A script that shells read in different ways has none.
func Fields(script string, d Dialect) (words []string, why string) {
	p, s, c := oneCommand(script, d)
	if p.why != "" {
		return nil, p.why
	}
	if len(s.Redirs) > 0 {
		return nil, "`" + p.slice(s.Redirs[0]) + "` redirects"
	}
	if p.program(c.Args[0].Lit()); p.why != "" {
		return nil, p.why
	}
	for _, w := range c.Args {
		word, ok := p.static(w)
		if !ok {
			return nil, p.why
		}
		words = append(words, word)
	}
	if p.program(words[0]); p.why == "" && words[0] == "" {
		p.stop("the program has no name")
	}
	if p.why != "" {
		return nil, p.why
	}
	return words, ""
}

// Replaceable reports whether a script is one command for which the shell only
// expands words and redirects, so that exec in front of it gives the shell's
// process to the program. Where it is not, why names what stands in the way.
func Replaceable(script string, d Dialect) (why string) {
	p, _, c := oneCommand(script, d)
	if p.why != "" {
		return p.why
	}
	if p.program(c.Args[0].Lit()); p.why != "" {
		return p.why
	}
	name, ok := p.static(c.Args[0])
	switch {
	case ok && name == "":
		return "the program has no name"
	case ok:
		p.program(name)
		return p.why
	case strings.Contains(literals(c.Args[0]), "/"):
		return "" // a path, which no builtin has
	}
	return "`" + p.slice(c.Args[0]) + "`: what it runs is not known before it runs"
}

// Replaced reports whether a script ends in an exec that gives the shell's
// process to a program.
func Replaced(script string, d Dialect) bool {
	file, err := parse(script, d)
	if err != nil || len(file.Stmts) == 0 {
		return false
	}
	s := file.Stmts[len(file.Stmts)-1]
	for {
		b, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.AndStmt || s.Background {
			break
		}
		s = b.Y
	}
	c, ok := s.Cmd.(*syntax.CallExpr)
	return ok && !s.Background && len(c.Args) > 1 && c.Args[0].Lit() == "exec"
}

// parse reads a script as the dialect. Parsers are large and used again.
func parse(script string, d Dialect) (*syntax.File, error) {
	pool := &parsers[POSIX]
	if d == Bash {
		pool = &parsers[Bash]
	}
	p := pool.Get().(*syntax.Parser)
	defer pool.Put(p)
	return p.Parse(strings.NewReader(script), "")
}

var parsers = [...]sync.Pool{
	POSIX: {New: func() any { return syntax.NewParser(syntax.KeepComments(true), syntax.Variant(syntax.LangPOSIX)) }},
	Bash:  {New: func() any { return syntax.NewParser(syntax.KeepComments(true), syntax.Variant(syntax.LangBash)) }},
}

// oneCommand takes apart a script that is one simple command; otherwise the why
// of p says what else it is.
func oneCommand(script string, d Dialect) (p *plain, s *syntax.Stmt, c *syntax.CallExpr) {
	p = &plain{script: script}
	// Shells do not agree on which of these are blanks, and JSON has no other bytes.
	// Without line breaks there is no heredoc either.
	if !utf8.ValidString(script) || strings.ContainsFunc(script, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) {
		p.stop("the script has control characters, or is not UTF-8")
		return p, nil, nil
	}
	file, err := parse(script, d)
	switch {
	case err != nil:
		p.stop("the script does not parse: %v", err)
		return p, nil, nil
	case len(file.Stmts) == 0:
		p.stop("the script is empty")
		return p, nil, nil
	case len(file.Stmts) > 1:
		p.stop("`;` separates commands")
	case strings.HasSuffix(strings.TrimRight(script, " \t"), `\`):
		p.stop("the script ends in a backslash")
	}
	s = file.Stmts[0]
	p.comments(file.Last)
	p.comments(s.Comments)
	switch {
	case s.Background, s.Coprocess, s.Disown:
		p.stop("`&` starts a process beside the shell")
	case s.Negated:
		p.stop("`!` negates the command")
	case s.Semicolon.IsValid():
		p.stop("`;` ends the command")
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		p.stop("`%s` joins commands", cmd.Op)
	case *syntax.CallExpr:
		c = cmd
		if len(c.Assigns) > 0 {
			p.stop("`%s` sets a variable", p.slice(c.Assigns[0]))
		}
	case nil:
		p.stop("a redirection has no command")
	default:
		p.stop("`%s` is no simple command", first(p.slice(s)))
	}
	return p, s, c
}

// program stops at a name that is not that of a program, but the shell's own.
func (p *plain) program(name string) {
	switch {
	case own[name]:
		p.stop("`%s` is a word of the shell's own", name)
	case strings.HasPrefix(name, "-"), strings.HasPrefix(name, "%"):
		p.stop("`%s` is not the name of a program", name)
	}
}

// literals are the parts of a word that stand outside quotes and expansions, or
// in double quotes.
func literals(w *syntax.Word) string {
	var out strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			out.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, q := range part.Parts {
				if l, ok := q.(*syntax.Lit); ok {
					out.WriteString(l.Value)
				}
			}
		}
	}
	return out.String()
}

// static is a word without its quotes, and false where it depends on more than
// the script.
func (p *plain) static(w *syntax.Word) (string, bool) {
	var out strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			p.unquoted(w, part.Value, &out)
		case *syntax.SglQuoted:
			if part.Dollar {
				p.stop("`%s` is read differently by different shells", p.slice(w))
			}
			out.WriteString(part.Value)
		case *syntax.DblQuoted:
			if part.Dollar {
				p.stop("`%s` is read differently by different shells", p.slice(w))
			}
			for _, q := range part.Parts {
				l, ok := q.(*syntax.Lit)
				if !ok {
					p.stop("`%s` has to be expanded", p.slice(w))
					break
				}
				inQuotes(l.Value, &out)
			}
		default:
			p.stop("`%s` has to be expanded", p.slice(w))
		}
	}
	return out.String(), p.why == ""
}

// unquoted reads text outside quotes: a backslash keeps the next byte from any
// meaning, and what is left must have none.
func (p *plain) unquoted(w *syntax.Word, text string, out *strings.Builder) {
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == '\\' && i+1 < len(text):
			i++
		case strings.IndexByte("*?[", ch) >= 0:
			p.stop("`%s` is a pattern", p.slice(w))
		case ch == '{', ch == '$': // in bash, which /bin/sh may be too
			p.stop("`%s` has to be expanded", p.slice(w))
		case ch == '~' && (i == 0 || text[i-1] == '=' || text[i-1] == ':'):
			p.stop("`%s` names a home folder", p.slice(w))
		}
		out.WriteByte(text[i])
	}
}

// inQuotes reads text in double quotes, where a backslash means something
// before four characters only.
func inQuotes(text string, out *strings.Builder) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("$`\"\\", text[i+1]) >= 0 {
			i++
		}
		out.WriteByte(text[i])
	}
}

// own are builtins and reserved words of POSIX shells, bash and busybox ash.
// Where there is a program of the same name, it need not do the same.
var own = func() map[string]bool {
	out := set(": [ [[ ]] ! { } case coproc do done echo elif else esac false fi for function if in kill let newgrp " +
		"printf pwd select test then time times true type until while help")
	for _, name := range leaking {
		out[name] = true
	}
	return out
}()
