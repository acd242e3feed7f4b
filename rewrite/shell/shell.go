// Package shell reads the script of a RUN as a shell would. It says whether a
// script is plain enough to be joined with its neighbour, and names the word
// that stops it where it is not: anything not known to be harmless stops it.
package shell

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Dialect is the language a shell reads.
type Dialect int

// The dialects that restow reads. Any other shell has none.
const (
	POSIX Dialect = iota
	Bash
)

// DialectOf tells what language a SHELL array reads (exec form, the script is
// its missing last element). why is not empty when restow does not read it, or
// when the shell reads files at its start that a RUN may have written.
func DialectOf(argv []string) (d Dialect, why string) {
	if len(argv) == 0 {
		return POSIX, ""
	}
	switch path.Base(argv[0]) {
	case "sh", "dash", "ash":
	case "bash":
		d = Bash
	default:
		return d, fmt.Sprintf("the shell %s is not one that restow reads", argv[0])
	}
	options, command := argv[1:], false
	for i := 0; i < len(options); i++ {
		o := options[i]
		if o == "pipefail" || o == "--" {
			continue // -o pipefail changes pipelines, and a plain script has none
		}
		letters, ok := strings.CutPrefix(o, "-")
		if !ok || strings.HasPrefix(letters, "-") {
			return d, fmt.Sprintf("the shell is called with %s", o)
		}
		for _, l := range letters {
			switch l {
			case 'c':
				command = true
			case 'e', 'x', 'o', 'u':
			case 'l', 'i':
				return d, fmt.Sprintf("the shell is called with -%c, so each RUN reads profile files that an earlier one may have written", l)
			default:
				return d, fmt.Sprintf("the shell is called with -%c", l)
			}
		}
	}
	if !command {
		return d, "the shell is not called with -c"
	}
	return d, ""
}

// Command is a simple command of a script.
type Command struct {
	Text  string   // as it stands in the script
	Name  string   // the program or builtin it runs
	Words []string // the words after the name, as they stand in the script
	Sub   bool     // a subshell runs it: what the shell remembers of it is lost
}

// Plain takes apart a script that is nothing but simple commands joined by &&,
// none of which changes the shell that runs the next one. For any other script
// why names what stands in the way.
func Plain(script string, d Dialect) (cmds []Command, why string) {
	lang := syntax.LangPOSIX
	if d == Bash {
		lang = syntax.LangBash
	}
	file, err := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(lang)).Parse(strings.NewReader(script), "")
	switch {
	case err != nil:
		return nil, "the script does not parse: " + err.Error()
	case len(file.Stmts) == 0:
		return nil, "the script is empty"
	case len(file.Stmts) > 1:
		return nil, "`;` or a line break separates commands"
	case strings.HasSuffix(strings.TrimRight(script, " \t"), `\`):
		return nil, "the script ends in a backslash"
	}
	p := plain{script: script}
	p.statement(file.Stmts[0])
	p.comments(file.Last)
	if p.why != "" {
		return nil, p.why
	}
	return p.cmds, ""
}

type plain struct {
	script string
	cmds   []Command
	why    string
}

func (p *plain) stop(format string, args ...any) {
	if p.why == "" {
		p.why = fmt.Sprintf(format, args...)
	}
}

func (p *plain) comments(cs []syntax.Comment) {
	if len(cs) > 0 {
		p.stop("the script has a comment")
	}
}

func (p *plain) statement(s *syntax.Stmt) {
	p.comments(s.Comments)
	switch {
	case s.Background, s.Coprocess:
		p.stop("`&` leaves a command running")
	case s.Disown:
		p.stop("`&|` leaves a command running")
	case s.Negated:
		p.stop("`!` negates a command")
	case s.Semicolon.IsValid():
		p.stop("`;` ends a command")
	}
	switch c := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		if c.Op != syntax.AndStmt {
			p.stop("`%s` joins commands", c.Op)
			return
		}
		if len(s.Redirs) > 0 {
			p.stop("a redirection spans commands")
		}
		p.statement(c.X)
		p.statement(c.Y)
	case *syntax.CallExpr:
		p.call(s, c)
	case nil:
		p.stop("a redirection has no command")
	default:
		p.stop("`%s` is no simple command", first(p.slice(s)))
	}
}

func (p *plain) slice(n syntax.Node) string {
	return p.script[n.Pos().Offset():n.End().Offset()]
}

func first(s string) string {
	word, _, _ := strings.Cut(s, " ")
	word, _, _ = strings.Cut(word, "\n")
	return word
}

func (p *plain) call(s *syntax.Stmt, c *syntax.CallExpr) {
	if len(c.Assigns) > 0 {
		p.stop("`%s` sets a variable", p.slice(c.Assigns[0]))
		return
	}
	for _, r := range s.Redirs {
		if r.N != nil && strings.HasPrefix(r.N.Value, "{") {
			p.stop("`%s` sets a variable", r.N.Value)
		}
		if r.Hdoc != nil {
			p.stop("the script has a heredoc")
		}
	}
	name := c.Args[0].Lit()
	if name == "" || (strings.ContainsAny(name, `\*?[{`) && name != "[" && name != "[[") {
		p.stop("`%s`: what it runs is not known before it runs", p.slice(c.Args[0]))
		return
	}
	if _, ok := slices.BinarySearch(leaking, name); ok {
		p.stop("`%s` changes the shell that runs the next command", name)
	}
	cmd := Command{Text: p.slice(s), Name: name}
	for _, w := range c.Args[1:] {
		cmd.Words = append(cmd.Words, p.slice(w))
	}
	if name == "printf" && len(cmd.Words) > 0 && mayBeOption(cmd.Words[0]) {
		p.stop("`printf -v` sets a variable") // in bash, which /bin/sh may be too
	}
	p.expansions(s)
	p.cmds = append(p.cmds, cmd)
}

// mayBeOption reports whether a word may begin with a dash once the shell has
// read it. The word -- ends options.
func mayBeOption(word string) bool {
	word = strings.TrimLeft(word, `'"\`)
	return word == "" || (strings.ContainsAny(word[:1], "-$`{*?[") && word != "--")
}

// expansions stops at whatever sets a variable or reads one that tells how far
// the shell has come: those differ once two scripts share a shell.
func (p *plain) expansions(s *syntax.Stmt) {
	syntax.Walk(s, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			if n.Param != nil {
				if _, ok := slices.BinarySearch(dynamic, n.Param.Value); ok {
					p.stop("`%s` depends on what the shell did before", p.slice(n))
				}
			}
			if n.Exp != nil && (n.Exp.Op == syntax.AssignUnset || n.Exp.Op == syntax.AssignUnsetOrNull) {
				p.stop("`%s` sets a variable", p.slice(n))
			}
			if !fixed(n.Index) || n.Slice != nil && (!fixed(n.Slice.Offset) || !fixed(n.Slice.Length)) {
				p.stop("`%s` may set a variable", p.slice(n))
			}
		case *syntax.ArithmExp:
			p.stop("`%s` may set a variable", p.slice(n))
		case *syntax.ProcSubst:
			p.stop("`%s` leaves a command running", p.slice(n))
		}
		return true
	})
}

// fixed reports whether a subscript is a number, @ or *, or none at all.
func fixed(x syntax.ArithmExpr) bool {
	if x == nil {
		return true
	}
	w, ok := x.(*syntax.Word)
	return ok && w.Lit() != "" && strings.Trim(w.Lit(), "0123456789@*") == ""
}

// leaking are the builtins of POSIX shells and bash that change the shell they
// run in, or run a word as a command so that it could. Sorted.
var leaking = []string{
	".", "alias", "bg", "bind", "break", "builtin", "caller", "cd", "chdir", "command", "compgen", "complete", "compopt",
	"continue", "coproc", "declare", "dirs", "disown", "enable", "eval", "exec", "exit", "export", "fc", "fg",
	"getopts", "hash", "history", "jobs", "let", "local", "logout", "mapfile", "popd", "pushd", "read",
	"readarray", "readonly", "return", "set", "shift", "shopt", "source", "suspend", "trap", "typeset",
	"ulimit", "umask", "unalias", "unset", "wait",
}

// dynamic are parameters whose value tells what the shell did before. Sorted.
var dynamic = []string{
	"!", "$", "-", "?", "BASHPID", "BASH_COMMAND", "EPOCHREALTIME", "EPOCHSECONDS", "LINENO", "OLDPWD",
	"PIPESTATUS", "PPID", "RANDOM", "SECONDS", "SRANDOM", "_",
}
