package shell

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Limits of a script that Read takes.
const (
	MaxScript = 64 << 10 // bytes
	MaxDepth  = 100      // commands within commands
)

// Script is a shell script taken apart. Offsets are bytes of the text it was
// read from.
type Script struct {
	Text     string
	Commands []*Simple // all simple commands, in the order of the text
	Top      []Item    // the list that the shell runs, one after the other
	Root     *Node     // the whole as a tree
	file     *syntax.File
}

// Item is a part of a script's top-level list: a pipeline, or one command of any
// kind. The shell runs a list from left to right: `a && b || c` is a, then b if
// a succeeded, then c unless the last that ran succeeded.
type Item struct {
	Lo, Hi     int
	Op         string // to the next: "&&", "||", ";", "\n", "&"; "" for the last, where no & ends it
	OpLo, OpHi int    // where Op stands
	Commands   []*Simple
	Node       *Node
}

// Simple is a simple command, with what is written before and among its words.
type Simple struct {
	Words   []Word   // name first; none where there are only assignments or redirections
	Assigns []Assign // A=b before the command, or alone
	Redirs  []Redir
	Lo, Hi  int // bodies of heredocs are not part of it
	In      Context
	Op      string // as that of its Item; "" for one that is no item of its own
}

// Name is what the shell makes of the first word, and "" where that is open.
func (c *Simple) Name() string {
	if len(c.Words) == 0 || !c.Words[0].Static {
		return ""
	}
	return c.Words[0].Value
}

// Word is a word of a command.
type Word struct {
	Lo, Hi int    // as it stands in the text
	Value  string // what the shell makes of it, quotes and escapes resolved; only if Static or Glob
	Static bool   // no expansion of any kind decides it
	Glob   bool   // only unquoted * ? [ decide it; Value is then the pattern, \ before what was quoted
	Prefix string // its beginning, as far as no expansion decides it; all of it if Static
	Split  bool   // may be several words or none once it is expanded
}

// Assign is an assignment to a variable.
type Assign struct {
	Lo, Hi int
	Name   string
	Append bool // +=
	Array  bool // a whole array or an element of one; Value tells nothing then
	Value  Word // Lo == Hi where nothing is assigned
}

// Redir is a redirection.
type Redir struct {
	Lo, Hi int
	Op     string // as written: > >> < <> >| >& <& << <<- <<< &> &>>
	Fd     int    // what is redirected; -1 for bash's {name}>
	Target Word   // the delimiter of a heredoc
	Doc    *Doc   // the body of a heredoc; nil where it is empty
}

// Doc is the body of a heredoc, without the line that ends it.
type Doc struct {
	Lo, Hi int
	Quoted bool // the shell expands nothing in it
}

// Context says where a command runs. Flags add up from the outside in.
type Context uint16

// What a command may stand in.
const (
	Subshell     Context = 1 << iota // ( ), and the parts of a pipe: what it changes in the shell is lost
	Pipe                             // one of several joined by |
	PipeFirst                        // the first of them
	PipeLast                         // the last of them
	Conditional                      // runs only on the outcome of another, whose failure does not end the list: behind ||, the bodies of if, while, until and case
	Negated                          // ! before it
	Condition                        // its outcome is asked for by if, while or until
	Loop                             // the body or the condition of for, while, until
	Function                         // the body of a function, which runs when that is called
	Substitution                     // $( ), ` `, <( ), >( )
	Background                       // & behind it
)

// Read takes a script apart. Any script that the parser reads as the dialect is
// taken, within [MaxScript] and [MaxDepth]; one with a NUL or a carriage return
// is not, since shells differ in what they make of them. Others may have the same
// Script: it must not be changed.
func Read(script string, d Dialect) (*Script, error) {
	key := readKey{script, d}
	if s := recent.get(key); s != nil {
		return s, nil
	}
	s, err := read(script, d)
	if err == nil {
		recent.put(key, s)
	}
	return s, err
}

func read(script string, d Dialect) (*Script, error) {
	if len(script) > MaxScript {
		return nil, fmt.Errorf("the script has %d bytes, more than %d", len(script), MaxScript)
	}
	if strings.ContainsAny(script, "\x00\r") {
		return nil, errors.New("the script has a NUL or a carriage return")
	}
	file, err := parse(script, d)
	if err != nil {
		return nil, fmt.Errorf("the script does not parse: %w", err)
	}
	r := &reader{text: script}
	out := &Script{Text: script, file: file, Root: &Node{Kind: KindList, Hi: len(script)}}
	for i, s := range file.Stmts {
		next := len(script)
		if i+1 < len(file.Stmts) {
			next = offset(file.Stmts[i+1].Pos())
		}
		items := r.top(s, next, i+1 == len(file.Stmts))
		for _, item := range items {
			out.Root.Kids = append(out.Root.Kids, item.Node)
		}
		out.Top = append(out.Top, items...)
	}
	if r.err != nil {
		return nil, r.err
	}
	out.Commands = r.all
	slices.SortStableFunc(out.Commands, func(a, b *Simple) int { return cmp.Compare(a.Lo, b.Lo) })
	return out, nil
}

// top makes items of a statement; next is where the one behind it begins.
func (r *reader) top(s *syntax.Stmt, next int, last bool) []Item {
	var in Context
	end := Item{Op: "\n"}
	switch {
	case s.Background || s.Coprocess || s.Disown:
		in, end.Op, end.OpLo = Background, "&", offset(s.Semicolon)
	case last:
		end.Op = ""
	case s.Semicolon.IsValid():
		end.Op, end.OpLo = ";", offset(s.Semicolon)
	default:
		// A comment may stand before the line break, and a heredoc's body behind
		// it, so it is the first one behind the statement itself.
		end.OpLo = -1
	}
	parts, ops := chain(s)
	items := make([]Item, 0, len(parts))
	for i, part := range parts {
		if i > 0 && ops[i-1].Op == syntax.OrStmt {
			in |= Conditional // and so is all that follows in the list
		}
		from := len(r.all)
		n := r.statement(part, in, 1)
		item := Item{Lo: n.Lo, Hi: n.Hi, Node: n, Commands: slices.Clone(r.all[from:])}
		if i < len(ops) {
			item.Op, item.OpLo = ops[i].Op.String(), offset(ops[i].OpPos)
		} else {
			item.Op, item.OpLo = end.Op, end.OpLo
		}
		if item.OpLo < 0 {
			at := strings.IndexByte(r.text[n.Hi:max(next, n.Hi)], '\n')
			item.OpLo = n.Hi + max(at, 0)
		}
		item.OpHi = min(item.OpLo+len(item.Op), len(r.text))
		if item.Op == "" {
			item.OpLo, item.OpHi = n.Hi, n.Hi
		}
		if n.Simple != nil {
			n.Simple.Op = item.Op
		}
		items = append(items, item)
	}
	return items
}

// chain flattens the commands that && and || join, in the order they run.
func chain(s *syntax.Stmt) (parts []*syntax.Stmt, ops []*syntax.BinaryCmd) {
	for {
		b, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || (b.Op != syntax.AndStmt && b.Op != syntax.OrStmt) || s.Negated || len(s.Redirs) > 0 {
			break
		}
		parts, ops = append(parts, b.Y), append(ops, b)
		s = b.X
	}
	parts = append(parts, s)
	slices.Reverse(parts)
	slices.Reverse(ops)
	return parts, ops
}

func offset(p syntax.Pos) int { return int(p.Offset()) }
