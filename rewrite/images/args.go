package images

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// arg is a build argument declared before the first FROM.
type arg struct {
	name      string
	in        *dockerfile.Instruction
	value     dockerfile.Word // the default as written, without quotes around it
	set       bool            // it has a default, be it the empty word
	plain     bool            // the default is written without escapes or quotes inside
	declared  int             // how often
	redeclare *dockerfile.Instruction
	uses      []use
}

// use is a word that takes an ARG's value: a FROM's name or platform, or another
// ARG's default.
type use struct {
	in   *dockerfile.Instruction
	word string // in its plain spelling
}

// plainly spells a word in one way: $A and ${A} are the same.
func plainly(word string) (out string) {
	for _, p := range split(word) {
		if p.name != "" && p.operator == "" && !p.odd {
			out += "${" + p.name + "}"
			continue
		}
		out += p.text
	}
	return out
}

// platformArgs are the variables that BuildKit sets itself (defaultArgs in
// dockerfile2llb's platform.go): what they stand for differs from build to build.
var platformArgs = []string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
	"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
}

func argsOf(f *dockerfile.File) map[string]*arg {
	args := map[string]*arg{}
	note := func(in *dockerfile.Instruction, word string) {
		for _, p := range split(word) {
			if a := args[p.name]; a != nil {
				a.uses = append(a.uses, use{in, plainly(word)})
			}
		}
	}
	for _, in := range f.Instructions {
		cmd, ok := in.Command.(*instructions.ArgCommand)
		switch {
		case in.From != nil:
			note(in, in.From.BaseName)
			note(in, in.From.Platform)
		case !ok:
		case in.Stage != nil:
			for _, kv := range cmd.Args {
				if a := args[kv.Key]; a != nil && a.redeclare == nil {
					a.redeclare = in
				}
			}
		default:
			words := in.QuotedFields()
			for i, kv := range cmd.Args {
				a := args[kv.Key]
				if a == nil {
					a = &arg{name: kv.Key}
				}
				a.in, a.set, a.declared = in, kv.Value != nil, a.declared+1
				a.value, a.plain = dockerfile.Word{}, false
				if len(words) == len(cmd.Args) {
					a.value, a.plain = defaultOf(words[i], kv)
				}
				switch {
				case a.plain:
					note(in, a.value.S)
				case kv.Value != nil:
					note(in, *kv.Value)
				}
				args[kv.Key] = a
			}
		}
	}
	return args
}

// defaultOf is the part of NAME="value" between the quotes, if there are any.
func defaultOf(w dockerfile.Word, kv instructions.KeyValuePairOptional) (dockerfile.Word, bool) {
	i := strings.IndexByte(w.S, '=')
	if i < 0 || kv.Value == nil || w.S[:i] != kv.Key {
		return dockerfile.Word{}, false
	}
	v := w.Sub(i+1, len(w.S))
	if n := len(v.S); n >= 2 && (v.S[0] == '"' || v.S[0] == '\'') && v.S[n-1] == v.S[0] {
		if v.S[0] == '\'' && strings.Contains(v.S, "$") {
			return v, false // no variable there, though it looks like one
		}
		v = v.Sub(1, n-1)
	}
	return v, !strings.ContainsAny(v.S, "\"'\\`") && !strings.ContainsAny(v.S, " \t")
}

// part is a piece of a word: text, or a variable.
type part struct {
	text string // as written
	name string // of the variable; "" for text
	// operator and word of ${name:-word}; odd says that it is nothing of that kind.
	operator, word string
	odd            bool
}

// split cuts a word at its variables.
func split(s string) (parts []part) {
	for s != "" {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			return append(parts, part{text: s})
		}
		if i > 0 {
			parts = append(parts, part{text: s[:i]})
			s = s[i:]
		}
		p, n := variable(s)
		parts, s = append(parts, p), s[n:]
	}
	return parts
}

// variable reads the variable that s begins with.
func variable(s string) (part, int) {
	body, braced := s[1:], strings.HasPrefix(s, "${")
	if braced {
		body = s[2:]
	}
	n := 0
	for n < len(body) && (body[n] == '_' || 'a' <= body[n]|0x20 && body[n]|0x20 <= 'z' || n > 0 && '0' <= body[n] && body[n] <= '9') {
		n++
	}
	name, rest := body[:n], body[n:]
	switch {
	case name == "":
		return part{text: s, odd: true}, len(s) // whatever follows is not understood either
	case !braced:
		return part{text: s[:1+n], name: name}, 1 + n
	case strings.HasPrefix(rest, "}"):
		return part{text: s[:3+n], name: name}, 3 + n
	}
	end := strings.IndexByte(rest, '}')
	if end < 0 {
		return part{text: s, name: name, odd: true}, len(s)
	}
	p := part{text: s[:2+n+end+1], name: name}
	for _, op := range []string{":-", "-"} {
		if word, ok := strings.CutPrefix(rest[:end], op); ok && !strings.ContainsAny(word, "${\"'\\") {
			p.operator, p.word = op, word
			return p, len(p.text)
		}
	}
	p.odd = true
	return p, len(p.text)
}

// expand gives what BuildKit makes of a word with every ARG at its default, or
// says why that is not known.
func (c *collector) expand(word string, depth int) (out, problem, way string) {
	for _, p := range split(word) {
		if p.odd || depth > 10 {
			return "", fmt.Sprintf("%s is not understood", p.text), "write $NAME or ${NAME}"
		}
		if p.name == "" {
			if strings.ContainsAny(p.text, "\"'\\`") {
				return "", "the name is written with quotes or escapes", "write it without them"
			}
			out += p.text
			continue
		}
		value, why, way := c.value(p, depth)
		if why != "" {
			return "", why, way
		}
		out += value
	}
	return out, "", ""
}

func (c *collector) value(p part, depth int) (value, problem, way string) {
	a := c.args[p.name]
	switch {
	case slices.Contains(platformArgs, p.name) && (a == nil || !a.set):
		return "", fmt.Sprintf("%s picks the image by the platform", p.name), ""
	case a != nil && a.declared > 1:
		return "", fmt.Sprintf("ARG %s is declared %d times before the first FROM", p.name, a.declared), "declare it once"
	case p.operator != "" && (a == nil || !a.set || p.operator == ":-" && a.value.S == ""):
		return p.word, "", ""
	case a == nil:
		return "", fmt.Sprintf("no ARG %s stands before the first FROM", p.name), fmt.Sprintf("declare ARG %s with a default there", p.name)
	case !a.set:
		return "", fmt.Sprintf("ARG %s has no default", p.name), "give it one"
	case !a.plain:
		return "", fmt.Sprintf("the default of ARG %s has quotes or escapes", p.name), "write it without them"
	}
	return c.expand(a.value.S, depth+1)
}

// from reads the name of a FROM, and finds the place of the digest where ARGs
// are part of it. It is false where there is nothing to say of it.
func (c *collector) from(s *Site, r dockerfile.Ref) bool {
	if !strings.Contains(r.Name, "$") {
		if strings.ContainsAny(r.Name, "\"'") { // BuildKit takes them away
			s.read(strings.Trim(r.Name, "\"'"))
			s.refuse("the name is written with quotes or escapes", "write it without them")
			return true
		}
		s.read(r.Name)
		return true
	}
	s.Uses = []*dockerfile.Instruction{r.In}
	name, problem, way := c.expand(r.Name, 0)
	if problem != "" {
		s.Name, s.Uses = r.Name, nil
		s.refuse(problem, way)
		return true
	}
	s.read(name)
	if s.Refused == "" && s.Name != "scratch" && !c.stage(*s, r) {
		c.place(s, r.In, r.Word, r.Plain)
	}
	return true
}

// place follows the ARGs from a FROM to the text that the reference ends with.
// Every step makes sure that an override of any ARG on the way takes the digest
// away with it, and that nothing else sees it.
func (c *collector) place(s *Site, in *dockerfile.Instruction, w dockerfile.Word, plain bool) {
	parts := split(w.S)
	var vars []part
	for _, p := range parts {
		if p.name != "" {
			vars = append(vars, p)
		}
	}
	if first := parts[0]; first.name == "" && len(vars) > 0 && len(first.text) > repoLen(first.text) {
		s.repo, _ = in.Span(w.Sub(0, repoLen(first.text))) // image:${TAG}
	}
	last := parts[len(parts)-1]
	switch {
	case len(vars) == 0:
		s.end(in, w, plain)
	case len(vars) > 1:
		s.refuse(fmt.Sprintf("%s and %s make up the reference, and an override of one would keep the digest", vars[0].text, vars[len(vars)-1].text), inlineWay)
	case strings.Contains(parts[0].text, "@"):
		s.refuse(fmt.Sprintf("the digest is %s, an ARG of its own", last.text), "write it behind the tag")
	case last.name == "":
		c.behind(s, in, w, plain, parts)
	case last.operator != "":
		s.refuse(fmt.Sprintf("%s has a default of its own", last.text), fmt.Sprintf("give ARG %s that default and write ${%s}; %s", last.name, last.name, inlineWay))
	default:
		a := c.args[last.name]
		if why, way := c.alone(a, w.S); why != "" {
			s.refuse(why, way)
			return
		}
		s.What, s.In, s.Line = "ARG "+a.name, a.in, c.file.Line(a.in.Lines.Start)
		c.place(s, a.in, a.value, a.plain)
	}
}

const inlineWay = "--inline-args writes the reference out"

// alone refuses an ARG that something else reads, or reads differently.
func (c *collector) alone(a *arg, word string) (why, way string) {
	switch {
	case a.value.S == "":
		return fmt.Sprintf("the default of ARG %s is empty", a.name), "give it one"
	case a.redeclare != nil:
		return fmt.Sprintf("line %d declares ARG %s again, and would see the digest", c.file.Line(a.redeclare.Lines.Start), a.name), inlineWay
	}
	for _, u := range a.uses {
		if u.word != plainly(word) {
			return fmt.Sprintf("line %d uses ARG %s for something else", c.file.Line(u.in.Lines.Start), a.name), inlineWay
		}
	}
	return "", ""
}

// behind puts the digest behind a literal tag, where the one ARG before it names
// a registry and nothing else, and the user says that its images are the same.
func (c *collector) behind(s *Site, in *dockerfile.Instruction, w dockerfile.Word, plain bool, parts []part) {
	value, _, _ := c.expand(parts[0].text, 0)
	text := parts[len(parts)-1].text
	switch joined := value == "" || strings.HasSuffix(value, "/") || strings.HasPrefix(text, "/"); {
	case len(parts) != 2 || parts[0].operator != "" || !joined || !registry.MatchString(value):
		s.refuse("an ARG stands before the end of the reference, and an override of it would keep the digest", inlineWay)
	case !c.opt.RegistryArgs:
		s.refuse(fmt.Sprintf("ARG %s names the registry, and another one may have another image", parts[0].name), "registry-args: true in .restow.yaml says that its images are the same; "+inlineWay)
	default:
		s.Uses = nil // no ARG is edited
		s.end(in, w, plain)
	}
}

// registry is a host with a port and folders, any of them absent.
var registry = regexp.MustCompile(`^([A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]*)?)?$`)

// Args are the ARGs that a place names its image by, those behind them included.
func (s Site) Args(f *dockerfile.File) (names []string) {
	args := argsOf(f)
	var visit func(word string)
	visit = func(word string) {
		for _, p := range split(word) {
			if p.name == "" || slices.Contains(names, p.name) {
				continue
			}
			names = append(names, p.name)
			if a := args[p.name]; a != nil {
				visit(a.value.S)
			}
		}
	}
	visit(string(f.Bytes(s.word)))
	return names
}
