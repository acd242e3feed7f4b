package shell

import (
	"fmt"

	"mvdan.cc/sh/v3/syntax"
)

// Kind says what a [Node] is.
type Kind int

// The kinds of nodes.
const (
	KindSimple   Kind = iota // a simple command
	KindList                 // commands one after the other, joined by ; & or line breaks
	KindAndOr                // commands that && and || join
	KindPipe                 // commands that | joins
	KindGroup                // { }
	KindSubshell             // ( )
	KindIf                   // if, elif and else: conditions and bodies in the order of the text
	KindWhile                // while and until
	KindFor                  // for and select
	KindCase                 // case
	KindFunction             // the declaration of a function
	KindTime                 // bash's time
	KindCoproc               // bash's coproc
	KindTest                 // bash's [[ ]]
	KindArith                // bash's (( ))
)

// Node is a command of any kind with the commands inside it. Those of its
// substitutions are not among its kids, only in [Script.Commands].
type Node struct {
	Kind       Kind
	Lo, Hi     int    // without what ends the command, and without the bodies of heredocs
	Name       string // of a function that is declared
	Simple     *Simple
	Kids       []*Node
	Redirs     []Redir // of a compound command
	Negated    bool
	Background bool
}

type reader struct {
	text  string
	rough bool // inside ` ` with a backslash: the shell takes one level of those first
	all   []*Simple
	err   error
}

// inside is what a command in a substitution does not have from the one around it.
const inside = Pipe | PipeFirst | PipeLast | Negated | Condition

func (r *reader) statement(s *syntax.Stmt, in Context, depth int) *Node {
	n := &Node{Lo: offset(s.Pos()), Negated: s.Negated, Background: s.Background || s.Coprocess || s.Disown}
	n.Hi = n.Lo
	if depth > MaxDepth {
		if r.err == nil {
			r.err = fmt.Errorf("the script has more than %d commands within each other", MaxDepth)
		}
		return n
	}
	if s.Negated {
		in |= Negated
	}
	if n.Background {
		in |= Background
	}
	if parts, ops := chain(s); len(ops) > 0 {
		n.Kind = KindAndOr
		for i, part := range parts {
			if i > 0 && ops[i-1].Op == syntax.OrStmt {
				in |= Conditional
			}
			n.Kids = append(n.Kids, r.statement(part, in, depth+1))
		}
		n.Hi = n.Kids[len(n.Kids)-1].Hi
		return n
	}
	switch c := s.Cmd.(type) {
	case nil, *syntax.CallExpr, *syntax.DeclClause, *syntax.LetClause:
		n.Simple = r.simple(s, in, depth)
		n.Hi = n.Simple.Hi
		return n
	case *syntax.BinaryCmd:
		n.Kind = KindPipe
		r.pipe(n, s, in&^(PipeFirst|PipeLast)|Pipe|Subshell, depth)
		n.Hi = n.Kids[len(n.Kids)-1].Hi
	default:
		r.compound(n, c, in, depth)
		n.Hi = offset(c.End())
	}
	n.Redirs = r.redirs(s.Redirs, in, depth)
	for _, d := range n.Redirs {
		n.Hi = max(n.Hi, d.Hi)
	}
	return n
}

func (r *reader) pipe(n *Node, s *syntax.Stmt, in Context, depth int) {
	var parts []*syntax.Stmt
	for rest := []*syntax.Stmt{s}; len(rest) > 0; {
		part := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		b, ok := part.Cmd.(*syntax.BinaryCmd)
		if ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) && (part == s || !part.Negated && len(part.Redirs) == 0) {
			rest = append(rest, b.Y, b.X)
			continue
		}
		parts = append(parts, part)
	}
	for i, part := range parts {
		where := in
		if i == 0 {
			where |= PipeFirst
		}
		if i+1 == len(parts) {
			where |= PipeLast
		}
		n.Kids = append(n.Kids, r.statement(part, where, depth+1))
	}
}

func (r *reader) compound(n *Node, c syntax.Command, in Context, depth int) {
	list := func(stmts []*syntax.Stmt, in Context) {
		for _, s := range stmts {
			n.Kids = append(n.Kids, r.statement(s, in, depth+1))
		}
	}
	switch c := c.(type) {
	case *syntax.Block:
		n.Kind = KindGroup
		list(c.Stmts, in)
	case *syntax.Subshell:
		n.Kind = KindSubshell
		list(c.Stmts, in|Subshell)
	case *syntax.IfClause:
		n.Kind = KindIf
		for at, first := c, true; at != nil; at, first = at.Else, false {
			cond := in | Condition
			if !first {
				cond |= Conditional
			}
			list(at.Cond, cond)
			list(at.Then, in|Conditional)
		}
	case *syntax.WhileClause:
		n.Kind = KindWhile
		list(c.Cond, in|Loop|Condition)
		list(c.Do, in|Loop|Conditional)
	case *syntax.ForClause:
		n.Kind = KindFor
		r.substitutions(c.Loop, in, depth)
		list(c.Do, in|Loop)
	case *syntax.CaseClause:
		n.Kind = KindCase
		r.substitutions(c.Word, in, depth)
		for _, item := range c.Items {
			for _, p := range item.Patterns {
				r.substitutions(p, in|Conditional, depth)
			}
			list(item.Stmts, in|Conditional)
		}
	case *syntax.FuncDecl:
		n.Kind = KindFunction
		if c.Name != nil {
			n.Name = c.Name.Value
		}
		list([]*syntax.Stmt{c.Body}, in|Function)
	case *syntax.TimeClause:
		n.Kind = KindTime
		if c.Stmt != nil {
			list([]*syntax.Stmt{c.Stmt}, in)
		}
	case *syntax.CoprocClause:
		n.Kind = KindCoproc
		list([]*syntax.Stmt{c.Stmt}, in|Background|Subshell)
	case *syntax.ArithmCmd:
		n.Kind = KindArith
		r.substitutions(c, in, depth)
	default:
		n.Kind = KindTest
		r.substitutions(c, in, depth)
	}
}

// substitutions reads the commands in the substitutions of a word or of anything
// else that is no command.
func (r *reader) substitutions(x syntax.Node, in Context, depth int) {
	stmts := func(list []*syntax.Stmt) {
		for _, s := range list {
			r.statement(s, in&^inside|Substitution, depth+1)
		}
	}
	syntax.Walk(x, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			rough := r.rough
			r.rough = rough || n.Backquotes && hasBackslash(r.text[offset(n.Pos()):offset(n.End())])
			stmts(n.Stmts)
			r.rough = rough
			return false
		case *syntax.ProcSubst:
			stmts(n.Stmts)
			return false
		}
		return true
	})
}
