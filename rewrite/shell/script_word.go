package shell

import (
	"math"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simple reads a simple command, or redirections without one.
func (r *reader) simple(s *syntax.Stmt, in Context, depth int) *Simple {
	c := &Simple{In: in, Lo: math.MaxInt}
	r.all = append(r.all, c)
	switch x := s.Cmd.(type) {
	case *syntax.CallExpr:
		c.Words = make([]Word, 0, len(x.Args))
		for _, a := range x.Assigns {
			c.Assigns = append(c.Assigns, r.assign(a))
			r.substitutions(a, in, depth)
		}
		for _, w := range x.Args {
			c.Words = append(c.Words, r.word(offset(w.Pos()), offset(w.End()), w.Parts))
			if !literal(w.Parts) {
				r.substitutions(w, in, depth)
			}
		}
	case *syntax.DeclClause:
		c.Words = append(c.Words, r.word(offset(x.Variant.Pos()), offset(x.Variant.End()), []syntax.WordPart{x.Variant}))
		for _, a := range x.Args {
			c.Words = append(c.Words, r.declared(a))
			r.substitutions(a, in, depth)
		}
	case *syntax.LetClause:
		lo := offset(x.Let)
		c.Words = append(c.Words, Word{Lo: lo, Hi: lo + len("let"), Value: "let", Prefix: "let", Static: true})
		for _, e := range x.Exprs {
			c.Words = append(c.Words, Word{Lo: offset(e.Pos()), Hi: offset(e.End())})
			r.substitutions(e, in, depth)
		}
	}
	c.Redirs = r.redirs(s.Redirs, in, depth)
	for _, a := range c.Assigns {
		c.Lo, c.Hi = min(c.Lo, a.Lo), max(c.Hi, a.Hi)
	}
	for _, w := range c.Words {
		c.Lo, c.Hi = min(c.Lo, w.Lo), max(c.Hi, w.Hi)
	}
	for _, d := range c.Redirs {
		c.Lo, c.Hi = min(c.Lo, d.Lo), max(c.Hi, d.Hi)
	}
	if c.Hi == 0 { // `!` alone, which bash takes
		c.Lo = offset(s.Pos())
		c.Hi = c.Lo
	}
	return c
}

func (r *reader) assign(a *syntax.Assign) Assign {
	out := Assign{Lo: offset(a.Pos()), Hi: offset(a.End()), Append: a.Append, Array: a.Array != nil || a.Index != nil}
	if a.Name != nil {
		out.Name = a.Name.Value
	}
	out.Value = Word{Lo: out.Hi, Hi: out.Hi, Static: a.Array == nil}
	if a.Value != nil {
		lo, hi := offset(a.Value.Pos()), offset(a.Value.End())
		chars, open, split := r.flatten(hi, a.Value.Parts)
		// No file names are made of * and braces here, but ~ is a home.
		out.Value = Word{Lo: lo, Hi: hi, Split: split && out.Array}
		if t := tilde(chars, true); t >= 0 {
			chars, open = chars[:t], true
		}
		out.Value.Prefix = text(chars)
		if !open {
			out.Value.Static, out.Value.Value = true, out.Value.Prefix
		}
	}
	return out
}

// declared reads a word behind export, local, declare and the like as the word
// that it is for other commands.
func (r *reader) declared(a *syntax.Assign) Word {
	lo, hi := offset(a.Pos()), offset(a.End())
	switch {
	case a.Array != nil || a.Index != nil:
		return Word{Lo: lo, Hi: hi}
	case a.Name == nil:
		return r.word(lo, hi, a.Value.Parts)
	case a.Value == nil:
		return r.word(lo, hi, []syntax.WordPart{&syntax.Lit{ValuePos: a.Pos(), ValueEnd: a.End()}})
	}
	parts := append([]syntax.WordPart{&syntax.Lit{ValuePos: a.Pos(), ValueEnd: a.Value.Pos()}}, a.Value.Parts...)
	w := r.word(lo, hi, parts)
	w.Split = false
	return w
}

func (r *reader) redirs(rs []*syntax.Redirect, in Context, depth int) (out []Redir) {
	for _, d := range rs {
		lo, hi := offset(d.Word.Pos()), offset(d.Word.End())
		x := Redir{Lo: offset(d.Pos()), Hi: hi, Op: d.Op.String(), Target: r.word(lo, hi, d.Word.Parts)}
		switch op := d.Op; {
		case d.N != nil:
			n, err := strconv.Atoi(d.N.Value)
			if err != nil {
				n = -1 // {name}>
			}
			x.Fd = n
		case op != syntax.RdrIn && op != syntax.RdrInOut && op != syntax.DplIn && op != syntax.Hdoc && op != syntax.DashHdoc && op != syntax.WordHdoc:
			x.Fd = 1
		}
		r.substitutions(d.Word, in, depth)
		if d.Hdoc != nil {
			x.Doc = r.doc(d)
			r.substitutions(d.Hdoc, in, depth)
		}
		out = append(out, x)
	}
	return out
}

// doc finds the body of a heredoc: the parser's node holds part of the line that
// ends it, so the line is looked for.
func (r *reader) doc(d *syntax.Redirect) *Doc {
	quoted := false
	for _, p := range d.Word.Parts {
		lit, ok := p.(*syntax.Lit)
		quoted = quoted || !ok || hasBackslash(lit.Value)
	}
	delim, _, _ := r.flatten(offset(d.Word.End()), d.Word.Parts)
	out := &Doc{Lo: offset(d.Hdoc.Pos()), Quoted: quoted}
	limit := min(max(offset(d.Hdoc.End()), out.Lo), len(r.text))
	out.Hi = limit
	for at := out.Lo; at < limit; {
		line, _, _ := strings.Cut(r.text[at:], "\n")
		if d.Op == syntax.DashHdoc && strings.TrimLeft(line, "\t") == text(delim) || line == text(delim) {
			out.Hi = at
			break
		}
		at += len(line) + 1
	}
	return out
}
