package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// char is a byte of a word's value, and whether it was quoted.
type char struct {
	b      byte
	quoted bool
}

func text(cs []char) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteByte(c.b)
	}
	return b.String()
}

func hasBackslash(s string) bool { return strings.Contains(s, `\`) }

// word reads a word as the shell expands it: "Word Expansions" in POSIX XCU 2.6,
// and brace expansion, which bash has on top and which a /bin/sh may be.
func (r *reader) word(lo, hi int, parts []syntax.WordPart) Word {
	w := Word{Lo: lo, Hi: hi}
	if plain := r.text[lo:hi]; literal(parts) && !r.rough && !strings.ContainsAny(plain, special) {
		w.Static, w.Value, w.Prefix = true, plain, plain // most words are
		return w
	}
	chars, open, split := r.flatten(hi, parts)
	w.Split = split
	cut := len(chars)
	if t := tilde(chars, false); t >= 0 {
		cut, open = min(cut, t), true
	}
	if b := brace(chars); b >= 0 {
		cut, open, w.Split = min(cut, b), true, true
	}
	star := glob(chars)
	if star >= 0 {
		w.Split = true
	}
	switch {
	case open:
		if star >= 0 {
			cut = min(cut, star)
		}
		w.Prefix = text(chars[:cut])
	case star >= 0:
		w.Glob, w.Value, w.Prefix = true, pattern(chars), text(chars[:star])
	default:
		w.Static, w.Value = true, text(chars)
		w.Prefix = w.Value
	}
	return w
}

// special are the bytes that a shell may make something of in a word.
const special = "\\$`\"'*?[{~\n"

// literal reports whether a word is one part that nothing expands.
func literal(parts []syntax.WordPart) bool {
	if len(parts) != 1 {
		return false
	}
	_, ok := parts[0].(*syntax.Lit)
	return ok
}

// flatten is what the parts of a word come to up to the first expansion. open
// tells that there is one, split that it stands where its value is split.
func (r *reader) flatten(hi int, parts []syntax.WordPart) (out []char, open, split bool) {
	for i, p := range parts {
		end := hi
		if i+1 < len(parts) {
			end = offset(parts[i+1].Pos())
		}
		switch p := p.(type) {
		case *syntax.Lit:
			open = open || !r.bare(&out, r.text[offset(p.Pos()):max(end, offset(p.Pos()))], i+1 < len(parts), open)
		case *syntax.SglQuoted:
			if p.Dollar {
				open = open || !r.ansi(&out, p, open)
				continue
			}
			if !open {
				out = quote(out, r.text[offset(p.Pos())+1:offset(p.End())-1])
			}
		case *syntax.DblQuoted:
			o, s := r.double(&out, p, open)
			open, split = open || o, split || s
		default:
			open, split = true, true
		}
	}
	if r.rough {
		return nil, true, split
	}
	return out, open, split
}

func quote(out []char, s string) []char {
	for i := range len(s) {
		out = append(out, char{s[i], true})
	}
	return out
}

// bare appends text outside quotes, where a backslash keeps the next byte. It is
// false where shells differ: $[ ] is arithmetic in bash, $' and $" are quotes.
func (r *reader) bare(out *[]char, s string, more, open bool) bool {
	if open {
		return true
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 == len(s):
			if more {
				return false // what it escapes is in another part
			}
			*out = append(*out, char{'\\', true})
		case s[i] == '\\' && s[i+1] == '\n':
			i++
		case s[i] == '\\':
			i++
			*out = append(*out, char{s[i], true})
		case s[i] == '$' && (i+1 < len(s) && s[i+1] == '[' || i+1 == len(s) && more):
			return false
		case s[i] == '`' || s[i] == '\n':
			return false
		default:
			*out = append(*out, char{s[i], false})
		}
	}
	return true
}

// double appends what stands in double quotes. A backslash there keeps only
// $ ` " \ and removes a line break (XCU 2.2.3).
func (r *reader) double(out *[]char, q *syntax.DblQuoted, open bool) (opened, split bool) {
	hi := offset(q.End()) - 1
	for _, p := range q.Parts {
		if _, ok := p.(*syntax.Lit); ok {
			continue
		}
		if !opened {
			opened, hi = true, offset(p.Pos())
		}
		e, ok := p.(*syntax.ParamExp)
		split = split || ok && (e.Param != nil && e.Param.Value == "@" || e.Index != nil || e.Names != 0 || e.Excl)
	}
	if q.Dollar {
		return true, split // translated in the locale
	}
	if open {
		return opened, split
	}
	s := r.text[offset(q.Pos())+1 : hi]
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == '\n':
			i++
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("$`\"\\", s[i+1]) >= 0:
			i++
			*out = append(*out, char{s[i], true})
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '[':
			return true, split // arithmetic in bash
		default:
			*out = append(*out, char{s[i], true})
		}
	}
	return opened, split
}

// ansi appends bash's $' ' where it has none but the commonest escapes.
func (r *reader) ansi(out *[]char, q *syntax.SglQuoted, open bool) bool {
	s := r.text[offset(q.Pos())+2 : offset(q.End())-1]
	if open {
		return true
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			*out = append(*out, char{s[i], true})
			continue
		}
		i++
		at := -1
		if i < len(s) {
			at = strings.IndexByte(`abefnrtv\'"?`, s[i])
		}
		if at < 0 {
			return false
		}
		*out = append(*out, char{"\a\b\x1b\f\n\r\t\v\\'\"?"[at], true})
	}
	return true
}

// tilde finds a ~ that may stand for a home: at the beginning, and behind : or =
// in an assignment, which bash sees in other words too.
func tilde(cs []char, assigned bool) int {
	for i, c := range cs {
		if c.b != '~' || c.quoted {
			continue
		}
		if i == 0 || !cs[i-1].quoted && (cs[i-1].b == ':' || cs[i-1].b == '=' && !assigned) {
			return i
		}
	}
	return -1
}

// brace finds a { that bash may expand: one with , or .. before its }. It may
// find one that is none, never the other way round.
func brace(cs []char) int {
	first, comma := -1, false
	for i, c := range cs {
		switch {
		case c.quoted:
		case c.b == '{' && first < 0:
			first = i
		case first >= 0 && (c.b == ',' || c.b == '.' && cs[i-1] == c):
			comma = true
		case c.b == '}' && first >= 0 && comma:
			return first
		}
	}
	return -1
}

// glob finds the first character that makes a word a pattern.
func glob(cs []char) int {
	open := -1
	for i, c := range cs {
		switch {
		case c.quoted:
		case c.b == '*' || c.b == '?':
			if open >= 0 {
				return open
			}
			return i
		case c.b == '[' && open < 0:
			open = i
		case c.b == ']' && open >= 0 && i > open+1:
			return open
		}
	}
	return -1
}

// pattern is the word with a backslash before each quoted character that would
// mean something in a pattern.
func pattern(cs []char) string {
	var b strings.Builder
	for _, c := range cs {
		if c.quoted && strings.IndexByte(`*?[]\!-^`, c.b) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c.b)
	}
	return b.String()
}
