package shell

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Part is a script seen as a part of a longer one, in which && goes on behind it.
type Part struct {
	Script   string
	Commands []Command // all of it, in the order of the text
	// Leak is what the script leaves changed in the shell that runs it; "" for
	// nothing. A subshell keeps it in.
	Leak string
	// List says that more than && joins its commands, so that it needs braces.
	List    bool
	Ended   bool // a ; stands behind its last command
	Comment bool // it has a comment, which only a line break ends
	Lines   bool // it stands on lines of its own, as the body of a heredoc does
	// Errexit is what relies on -e; "" for nothing. Ahead of && a shell ignores
	// -e (POSIX, the set builtin), in braces and subshells too.
	Errexit string
	// Never is why the script can be no part of another; "" if it can.
	Never string
}

// PartOf reads a script as a part, which one that [Read] does not take never is.
// errexit says that the shell is called with -e, and lines that the script keeps
// lines of its own.
func PartOf(script string, d Dialect, errexit, lines bool) Part {
	s, err := Read(script, d)
	if err != nil {
		return Part{Script: script, Lines: lines, Never: err.Error()}
	}
	return s.Part(errexit, lines)
}

// Part is the script as a part; errexit and lines are those of [PartOf].
func (s *Script) Part(errexit, lines bool) Part {
	p, file := Part{Script: strings.TrimSpace(s.Text), Lines: lines}, s.file
	if lines {
		p.Script = strings.Trim(s.Text, "\n")
	}
	switch {
	case len(file.Stmts) == 0:
		p.Never = "the script is empty"
		return p
	case strings.HasSuffix(p.Script, `\`):
		p.Never = "the script ends in a backslash"
		return p
	}
	w := &partWalk{Part: &p, text: s.Text}
	w.comments(file.Last)
	p.List = len(file.Stmts) > 1
	p.Ended = file.Stmts[len(file.Stmts)-1].Semicolon.IsValid()
	for _, s := range file.Stmts {
		w.top(s)
		w.visit(s, false)
	}
	if errexit && !w.flat(file.Stmts) {
		w.rely("-e, with which the shell is called,")
	}
	if w.sets != "" && !w.flat(afterSet(file.Stmts)) {
		w.rely("`" + w.sets + "`")
	}
	return p
}

// Enclose is what has to stand around a part: nothing, braces, or a subshell where
// it is not the last and changes the shell.
func (p Part) Enclose(last bool) (before, after string) {
	switch {
	case p.Lines && p.Leak != "" && !last:
		return "(\n", "\n)"
	case p.Lines:
		return "{\n", "\n}"
	case p.Leak != "" && !last && strings.HasPrefix(p.Script, "("):
		return "( ", ")" // two in a row are bash's arithmetic
	case p.Leak != "" && !last:
		return "(", ")"
	case !p.List && (!p.Ended || last):
		return "", "" // && cannot follow a ;
	case p.Ended:
		return "{ ", " }"
	}
	return "{ ", "; }"
}

type partWalk struct {
	*Part
	text string
	sets string // a set that switches -e on
}

func (w *partWalk) never(format string, args ...any) {
	if w.Never == "" {
		w.Never = fmt.Sprintf(format, args...)
	}
}

func (w *partWalk) leak(format string, args ...any) {
	if w.Leak == "" {
		w.Leak = fmt.Sprintf(format, args...)
	}
}

func (w *partWalk) rely(what string) {
	if w.Errexit == "" {
		w.Errexit = what
	}
}

func (w *partWalk) comments(cs []syntax.Comment) {
	if w.Comment = w.Comment || len(cs) > 0; w.Comment && !w.Lines {
		w.never("the script has a comment")
	}
}

func (w *partWalk) slice(n syntax.Node) string {
	return w.text[n.Pos().Offset():n.End().Offset()]
}

// top notes whether anything but && joins the commands of the script itself.
func (w *partWalk) top(s *syntax.Stmt) {
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok {
		switch b.Op {
		case syntax.AndStmt:
			w.top(b.X)
			w.top(b.Y)
		case syntax.OrStmt:
			w.List = true
		}
	}
}

// visit looks at every command of a statement. sub says that a subshell runs it.
func (w *partWalk) visit(s *syntax.Stmt, sub bool) {
	w.comments(s.Comments)
	if s.Background || s.Coprocess || s.Disown {
		w.never("`&` leaves a command running")
	}
	for _, r := range s.Redirs {
		if r.Hdoc != nil {
			w.never("the script has a heredoc")
		}
		if r.N != nil && strings.HasPrefix(r.N.Value, "{") && !sub {
			w.leak("`%s` sets a variable", r.N.Value)
		}
		w.expansions(r, sub)
	}
	switch c := s.Cmd.(type) {
	case nil:
	case *syntax.CallExpr:
		w.call(s, c, sub)
	case *syntax.BinaryCmd:
		inner := sub || c.Op == syntax.Pipe || c.Op == syntax.PipeAll // the last part may not be one; then it leaks no less
		w.visit(c.X, inner)
		w.visit(c.Y, inner && c.Op != syntax.Pipe && c.Op != syntax.PipeAll || sub)
	case *syntax.Subshell:
		w.all(c.Stmts, true)
	case *syntax.Block:
		w.all(c.Stmts, sub)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			w.all(c.Cond, sub)
			w.all(c.Then, sub)
		}
	case *syntax.WhileClause:
		w.all(c.Cond, sub)
		w.all(c.Do, sub)
	case *syntax.ForClause:
		if !sub {
			w.leak("`for` sets a variable")
		}
		w.expansions(c.Loop, sub)
		w.all(c.Do, sub)
	case *syntax.CaseClause:
		w.expansions(c.Word, sub)
		for _, item := range c.Items {
			w.all(item.Stmts, sub)
		}
	case *syntax.TestClause:
		if !sub {
			w.leak("`[[` may set a variable")
		}
		w.expansions(c, sub)
	default:
		if !sub {
			w.leak("`%s` changes the shell", first(w.slice(s)))
		}
		syntax.Walk(c, func(n syntax.Node) bool {
			if inner, ok := n.(*syntax.Stmt); ok {
				w.visit(inner, sub)
				return false
			}
			return true
		})
	}
}

func (w *partWalk) all(stmts []*syntax.Stmt, sub bool) {
	for _, s := range stmts {
		w.visit(s, sub)
	}
}

func (w *partWalk) call(s *syntax.Stmt, c *syntax.CallExpr, sub bool) {
	for _, a := range c.Assigns {
		w.expansions(a, sub)
	}
	for _, a := range c.Args {
		w.expansions(a, sub)
	}
	if len(c.Args) == 0 {
		if !sub {
			w.leak("`%s` sets a variable", w.slice(c.Assigns[0]))
		}
		return
	}
	name := c.Args[0].Lit()
	if name == "" || strings.ContainsAny(name, `\*?[{`) && name != "[" && name != "[[" {
		name = ""
		if !sub {
			w.leak("`%s`: what it runs is not known before it runs", w.slice(c.Args[0]))
		}
	}
	cmd := Command{Text: w.slice(s), Name: name, Sub: sub}
	for _, word := range c.Args[1:] {
		cmd.Words = append(cmd.Words, w.slice(word))
	}
	w.Commands = append(w.Commands, cmd)
	_, leaks := slices.BinarySearch(leaking, name)
	switch {
	case name == "set":
		w.set(cmd)
	case name == "trap":
		w.never("`trap` waits for the end of its shell")
	}
	switch {
	case sub:
	case leaks:
		w.leak("`%s` changes the shell that runs the next command", name)
	case len(c.Assigns) > 0 && name == ":":
		w.leak("`%s` sets a variable", w.slice(c.Assigns[0]))
	case name == "printf" && len(cmd.Words) > 0 && mayBeOption(cmd.Words[0]):
		w.leak("`printf -v` sets a variable")
	}
}

// set notes a set that switches -e on, or may.
func (w *partWalk) set(c Command) {
	for i, word := range c.Words {
		switch {
		case word == "--" || word == "-":
			return
		case strings.ContainsAny(word, "$`\"'"):
			w.sets = strings.TrimRight(c.Text, "; \t")
		case word == "errexit" && i > 0 && strings.HasPrefix(c.Words[i-1], "-"):
			w.sets = strings.TrimRight(c.Text, "; \t")
		case strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.Contains(word, "e"):
			w.sets = strings.TrimRight(c.Text, "; \t")
		}
	}
}

// afterSet are the statements behind a set that begins the script.
func afterSet(stmts []*syntax.Stmt) []*syntax.Stmt {
	if isSet(stmts[0]) {
		return stmts[1:]
	}
	return stmts
}

func isSet(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 0 && call.Args[0].Lit() == "set" && !s.Negated
}

// flat reports whether statements are one list of pipelines and simple commands
// that && joins: -e makes no difference to it, since it ends at the first failure
// and has that for its outcome.
func (w *partWalk) flat(stmts []*syntax.Stmt) bool {
	if len(stmts) > 1 {
		return false
	}
	var plain func(s *syntax.Stmt) bool
	plain = func(s *syntax.Stmt) bool {
		switch c := s.Cmd.(type) {
		case nil, *syntax.CallExpr:
			return true
		case *syntax.BinaryCmd:
			return c.Op != syntax.OrStmt && len(s.Redirs) == 0 && plain(c.X) && plain(c.Y)
		}
		return false
	}
	return len(stmts) == 0 || plain(stmts[0])
}

// expansions stops at what tells how far the shell has come, and notes what sets a
// variable. Substitutions are subshells of their own.
func (w *partWalk) expansions(n syntax.Node, sub bool) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			w.all(n.Stmts, true)
			return false
		case *syntax.ProcSubst:
			w.never("`%s` leaves a command running", w.slice(n))
			return false
		case *syntax.ParamExp:
			if n.Param != nil && n.Param.Value != "?" {
				if _, ok := slices.BinarySearch(dynamic, n.Param.Value); ok {
					w.never("`%s` depends on what the shell did before", w.slice(n))
				}
			}
			sets := n.Exp != nil && (n.Exp.Op == syntax.AssignUnset || n.Exp.Op == syntax.AssignUnsetOrNull)
			open := !fixed(n.Index) || n.Slice != nil && (!fixed(n.Slice.Offset) || !fixed(n.Slice.Length))
			if (sets || open) && !sub {
				w.leak("`%s` may set a variable", w.slice(n))
			}
		case *syntax.ArithmExp:
			if !sub {
				w.leak("`%s` may set a variable", w.slice(n))
			}
		}
		return true
	})
}

// Errexit reports whether a SHELL array calls its shell with -e.
func Errexit(argv []string) bool {
	for i, o := range argv {
		if i > 0 && (o == "errexit" || strings.HasPrefix(o, "-") && !strings.HasPrefix(o, "--") && strings.Contains(o, "e")) {
			return true
		}
	}
	return false
}

// Flatten lists what a script runs one after the other for as long as nothing
// fails: the items of its && list, those of groups and subshells in their place,
// or the script as one where something else joins its commands.
func Flatten(script string, d Dialect) []string {
	return flatten(script, d, 0)
}

func flatten(text string, d Dialect, depth int) []string {
	text = strings.TrimSpace(text)
	read, err := Read(text, d)
	if err != nil || depth > MaxDepth || len(read.Top) == 0 {
		return []string{text}
	}
	// Without a ; behind the last command, which a group needs and a script may have.
	whole := []string{text[read.Top[0].Lo:read.Top[len(read.Top)-1].Hi]}
	for i, item := range read.Top {
		if item.Op != "&&" && i+1 < len(read.Top) || item.Op == "&" {
			return whole
		}
	}
	var out []string
	for _, item := range read.Top {
		n := item.Node
		if (n.Kind == KindSubshell || n.Kind == KindGroup) && len(n.Redirs) == 0 && !n.Negated && !n.Background {
			out = append(out, flatten(text[n.Lo+1:n.Hi-1], d, depth+1)...)
			continue
		}
		out = append(out, text[item.Lo:item.Hi])
	}
	return out
}

// FirstSubshell cuts the subshell that a script begins with from it, and gives the
// script inside and what follows. It is false where there is none.
func FirstSubshell(script string, d Dialect) (inner, rest string, ok bool) {
	read, err := Read(script, d)
	if err != nil || len(read.Top) == 0 {
		return "", "", false
	}
	n := read.Top[0].Node
	if n.Kind != KindSubshell || n.Lo != 0 || len(n.Redirs) > 0 || n.Negated || n.Background {
		return "", "", false
	}
	return strings.TrimSpace(script[1 : n.Hi-1]), strings.TrimLeft(script[n.Hi:], " \t"), true
}
