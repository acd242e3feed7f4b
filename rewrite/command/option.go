package command

import "strings"

// find looks an option up: the subcommand's own come first.
func (p *parse) find(name string) (option, bool) {
	if p.verb != nil {
		if o, ok := cachedOptions(p.verb.options).find(name); ok {
			return o, true
		}
	}
	return cachedOptions(p.prog.options).find(name)
}

// wild looks for an option with * that a word begins with.
func (p *parse) wild(word string) (option, bool) {
	if p.verb != nil {
		if o, ok := cachedOptions(p.verb.options).prefix(word); ok {
			return o, true
		}
	}
	return cachedOptions(p.prog.options).prefix(word)
}

// set keeps an option and its value.
func (p *parse) set(o option, value string) {
	if o.value == 0 {
		if !p.m.Has(o.name) {
			p.m.Options[o.name] = nil
		}
		return
	}
	p.m.Options[o.name] = append(p.m.Options[o.name], value)
}

// option reads the option that word i is, and returns the index behind it and its
// value. It returns i when the word is not known.
func (p *parse) option(i int) int {
	w := p.words[i]
	text := w.Prefix
	if w.Static {
		text = w.Value
	}
	switch {
	case strings.HasPrefix(text, "--") || p.prog.style == long:
		return p.whole(i, text)
	case text[0] == '+':
		return p.cluster(i, "-"+text[1:])
	}
	if o, ok := p.find(text); ok && w.Static && len(text) > 2 {
		return p.plain(i, o) // -iname among programs with one-letter options
	}
	return p.cluster(i, text)
}

// whole reads an option that is a word of its own, or name=value.
func (p *parse) whole(i int, text string) int {
	static := p.words[i].Static
	if o, ok := p.find(text); ok && static {
		return p.plain(i, o)
	}
	if name, value, cut := strings.Cut(text, "="); cut {
		if o, ok := p.find(name); ok && o.value != 0 {
			p.attached(i, o, value)
			return i + 1
		}
	}
	if p.prog.style == long && len(text) >= 2 && text[1] != '-' {
		if o, ok := p.find(text[:2]); ok && o.value != 0 {
			p.attached(i, o, text[2:])
			return i + 1
		}
	}
	if o, ok := p.wild(text); ok {
		name, value, cut := strings.Cut(text, "=")
		p.partly = p.partly || o.name == "--"
		if o.value = 0; cut {
			o.value = '='
		}
		if static || cut {
			o.name = name
		}
		p.attached(i, o, value)
		return i + 1
	}
	return i
}

// plain reads an option whose value, if it takes one, is the next word.
func (p *parse) plain(i int, o option) int {
	p.role(i, Option, o.name, "")
	next := i + 1
	takes := o.value == '='
	if o.value == '#' && next < len(p.words) {
		v := p.words[next]
		takes = v.Prefix == "" && !v.Static || v.Static && v.Value != "" && strings.Trim(v.Value, "0123456789.") == ""
	}
	if !takes {
		p.set(option{name: o.name}, "")
		return next
	}
	if next == len(p.words) {
		p.m.Roles[i].Kind = Unknown // its value is missing
		return next
	}
	p.set(o, p.words[next].Value)
	p.give(next, o.role, o.name, p.words[next].Value)
	return next + 1
}

// attached reads a word that holds an option and its value.
func (p *parse) attached(i int, o option, value string) {
	open := !p.words[i].Static
	if open {
		value = ""
	}
	p.set(o, value)
	if o.role == 0 || o.role == 't' {
		p.role(i, Option, o.name, value)
		p.open[i] = open
		return
	}
	p.give(i, o.role, o.name, value)
	p.open[i] = open && !p.words[i].Glob
}

// cluster reads one-letter options in one word, the last perhaps with a value.
func (p *parse) cluster(i int, text string) int {
	static := p.words[i].Static
	if o, ok := p.find("-#"); ok && static && strings.Trim(text[1:], "0123456789") == "" {
		p.m.Options[o.name] = append(p.m.Options[o.name], text[1:])
		p.role(i, Option, o.name, text[1:])
		return i + 1
	}
	var flags []option
	for at := 1; at < len(text); at++ {
		o, ok := p.find("-" + text[at:at+1])
		if !ok {
			if o, ok := p.wild(text); ok && at == 1 {
				p.attached(i, o, text[len(o.name):])
				return i + 1
			}
			return i
		}
		rest := text[at+1:]
		if o.value == 0 || rest == "" && static {
			flags = append(flags, o)
			continue
		}
		if o.value == '#' && rest != "" && strings.Trim(rest, "0123456789.") != "" {
			flags = append(flags, option{name: o.name})
			continue
		}
		p.flags(flags)
		p.attached(i, o, rest)
		return i + 1
	}
	if !static {
		return i // more letters than are known
	}
	last := flags[len(flags)-1]
	p.flags(flags[:len(flags)-1])
	return p.plain(i, last)
}

func (p *parse) flags(flags []option) {
	for _, o := range flags {
		p.set(option{name: o.name}, "")
	}
}

// bundled reads tar's first word as letters of options without a dash, whose
// values are the words behind it in their order.
func (p *parse) bundled() int {
	letters, next := p.words[1].Value, 2
	for at := range len(letters) {
		if _, ok := p.find("-" + letters[at:at+1]); !ok {
			return 1
		}
	}
	p.role(1, Option, "", "")
	for at := range len(letters) {
		o, _ := p.find("-" + letters[at:at+1])
		if o.value != '=' || next == len(p.words) {
			p.set(option{name: o.name}, "")
			continue
		}
		p.set(o, p.words[next].Value)
		p.give(next, o.role, o.name, p.words[next].Value)
		next++
	}
	return next
}
