package command

import (
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// parse reads one command line.
type parse struct {
	m      *Meaning
	prog   *program
	words  []shell.Word
	open   []bool
	depth  int
	partly bool // it runs more than its words tell, as xargs does

	verb     *verb
	path     string // the subcommand so far
	operands []int
	ended    bool // no options behind this point
}

func (p *parse) run() {
	if p.prog.special != nil {
		p.prog.special(p)
		return
	}
	i := 1
	if p.prog.bundle && len(p.words) > 1 && p.words[1].Static && !strings.HasPrefix(p.words[1].Value, "-") {
		i = p.bundled()
	}
	p.scan(i)
	p.settle()
}

// scan sorts the words from i on into options and operands.
func (p *parse) scan(i int) {
	for i < len(p.words) {
		w := p.words[i]
		switch {
		case p.ended:
		case w.Static && w.Value == "--":
			p.role(i, Option, "", "")
			p.ended = true
			i++
			continue
		case len(w.Prefix) > 1 && (w.Prefix[0] == '-' || w.Prefix[0] == '+' && p.prog.plus):
			if next := p.option(i); next > i {
				i = next
				continue
			}
			if !p.prog.loose {
				i++
				continue // unknown
			}
		case !w.Static && !w.Glob && w.Prefix == "-":
			if !p.prog.loose {
				i++
				continue
			}
		}
		if p.operand(i) {
			return
		}
		i++
	}
}

// role gives a word its role, unless it is known already to be a file: one word
// may hold several options.
func (p *parse) role(i int, k Kind, option, value string) {
	p.m.Roles[i] = Role{Kind: k, Option: option, Value: value}
	w := p.words[i]
	file := k == Read || k == Write || k == Change
	p.open[i] = !w.Static && (!w.Glob || !file)
}

// operand takes a word that is no option. It is true when the rest belongs to
// another command.
func (p *parse) operand(i int) bool {
	if p.choose(i) {
		return false
	}
	if p.prog.style == posix {
		p.ended = true
	}
	p.operands = append(p.operands, i)
	roles := p.grammar().operands
	if !strings.Contains(roles, "c") {
		return false
	}
	fields := strings.Fields(roles)
	if at := len(p.operands) - 1; at < len(fields) && fields[at] == "c" {
		p.operands = p.operands[:at]
		p.inner(i)
		return true
	}
	return false
}

// inner reads the words from i on as a command of their own.
func (p *parse) inner(i int) {
	in := of(p.words[i:], p.depth+1)
	p.m.Inner, p.m.InnerWords = &in, i
	for ; i < len(p.words); i++ {
		p.m.Roles[i] = Role{Kind: Inner}
	}
}

// choose takes a word as the subcommand, or the next part of it.
func (p *parse) choose(i int) bool {
	if len(p.prog.verbs) == 0 || len(p.operands) > 0 {
		return false
	}
	w := p.words[i]
	if !w.Static {
		return false
	}
	path := strings.TrimPrefix(p.path+" "+w.Value, " ")
	partial := false
	var any *verb
	for v := range p.prog.verbs {
		for name := range strings.SplitSeq(p.prog.verbs[v].names, ",") {
			switch {
			case name == path:
				p.setVerb(i, path, &p.prog.verbs[v])
				return true
			case strings.HasPrefix(name, path+" "):
				partial = true
			case name == "*" && p.path == "":
				any = &p.prog.verbs[v]
			}
		}
	}
	if partial {
		p.path = path
		p.m.Verb = path
		p.role(i, Verb, "", w.Value)
		return true
	}
	if any != nil {
		p.setVerb(i, path, any)
		return true
	}
	return false
}

func (p *parse) setVerb(i int, path string, v *verb) {
	p.verb, p.path, p.m.Verb = v, path, path
	if v.to != "" {
		p.m.Verb = v.to
	}
	p.role(i, Verb, "", p.words[i].Value)
}

// grammar is that of the subcommand, or of the program where there is none.
func (p *parse) grammar() *grammar {
	if p.verb != nil {
		return &p.verb.grammar
	}
	return &p.prog.grammar
}

// settle gives the operands their roles, once all options are known.
func (p *parse) settle() {
	g := p.grammar()
	m := p.m
	roles, network := g.operands, g.network || p.prog.network
	if len(p.prog.verbs) > 0 && p.path != "" && p.verb == nil {
		roles = "" // half a subcommand
	}
	m.WritesFixed = append(m.WritesFixed, strings.Fields(g.writes)...)
	for _, w := range g.when {
		if !p.has(w.options) {
			continue
		}
		roles, network = w.operands, network || w.network
		if w.verb != "" {
			m.Verb = w.verb
		}
		m.WritesFixed = append(m.WritesFixed, strings.Fields(w.writes)...)
		break
	}
	m.Network = network && !p.has(g.offline) && !p.has(p.prog.offline)
	p.assign(strings.Fields(roles))
	if p.prog.after != nil {
		p.prog.after(p)
	}
}

// has reports whether one of the options is given.
func (p *parse) has(list string) bool {
	for name := range strings.FieldsSeq(list) {
		if p.m.Has(name) {
			return true
		}
	}
	return false
}

// assign gives the operands roles: those before the one with * from the front,
// those behind it from the back.
func (p *parse) assign(roles []string) {
	star := len(roles)
	for i, r := range roles {
		if strings.HasSuffix(r, "*") {
			star = i
		}
	}
	n := len(p.operands)
	for at, i := range p.operands {
		r := byte(0)
		switch {
		case star == len(roles):
			if at < len(roles) {
				r = roles[at][0]
			}
		case at < star && at < n-(len(roles)-star-1):
			r = roles[at][0]
		case at >= n-(len(roles)-star-1):
			r = roles[len(roles)-(n-at)][0]
		default:
			r = roles[star][0]
		}
		p.give(i, r, "", p.words[i].Value)
	}
}

// give gives a word the role that a letter of the table stands for.
func (p *parse) give(i int, letter byte, option, value string) {
	switch letter {
	case 't':
		p.role(i, Text, option, value)
	case 'r':
		p.role(i, Read, option, value)
	case 'w':
		p.role(i, Write, option, value)
	case 'x':
		p.role(i, Change, option, value)
	case 'p':
		p.role(i, Package, option, value)
	case 's':
		p.role(i, Text, option, value)
		p.script(i, value)
	}
}

// script reads what a shell is given to run.
func (p *parse) script(i int, text string) {
	if !p.words[i].Static {
		return
	}
	d := shell.POSIX
	if p.m.Program == "bash" {
		d = shell.Bash
	}
	s, err := shell.Read(text, d)
	if err != nil || p.depth >= maxInner {
		p.partly = true
		return
	}
	p.m.Script = s
	if len(s.Commands) == 1 {
		in := of(s.Commands[0].Words, p.depth+1)
		p.m.Inner = &in
		return
	}
	for _, c := range s.Commands {
		in := of(c.Words, p.depth+1)
		p.partly = p.partly || !in.Whole || !in.Known
	}
}
