package command

import (
	"path"
	"strings"
	"sync"
)

// program is an entry of the table.
type program struct {
	names   string // all that it is called by, the first is not special
	manager string
	style   style
	loose   bool // what looks like an unknown option is an operand: echo -foo
	plus    bool // +x is an option too
	bundle  bool // the first word may be options without a dash: tar xzf
	abroad  bool // it may be called by any path, as ./configure
	version bool // a number may follow its name, as in python3.12
	grammar
	verbs []verb
	// special reads the command line of programs that have a language of their
	// own; after is called once the words have their roles.
	special, after func(*parse)
}

// verb is a subcommand. Its options come on top of the program's.
type verb struct {
	names string // separated by commas, since one may be of two words: "cache clean"; * stands for any
	to    string // what [Meaning.Verb] says; "" for the name itself
	grammar
}

// grammar is what may follow a program or a subcommand.
type grammar struct {
	// options are separated by blanks, the names of one by |. Behind the last name
	// stands what follows: = a value, =? a value only if it is attached, =# a
	// number if there is one; and then the value's role, as in operands. A name
	// that ends in * stands for all that begin so, with or without a value; -# is
	// a number. --* stands for options that are not in the table one by one: a
	// command with one of those is never Whole.
	options string
	// operands are roles separated by blanks: t text, r read, w written, x both,
	// p package, c the command it runs, with all behind it, s a script that a shell
	// runs. One with * is for any number.
	operands string
	when     []when // the first that holds counts
	network  bool
	offline  string // options that keep it off the network
	writes   string // paths separated by blanks
}

// when changes a grammar where one of the options is given.
type when struct {
	options  string
	verb     string
	operands string
	network  bool
	writes   string
}

// style is how a program reads options.
type style int

const (
	gnu   style = iota // getopt_long(3): -abc is -a -b -c, options may follow operands
	posix              // the same, but the first operand ends the options
	long               // one dash and a whole name: find, gcc, java, go
)

// option is an option as the table has it.
type option struct {
	name  string
	value byte // 0 none, '=' needed, '?' only attached, '#' a number
	role  byte
}

// optionSet is a list of options made ready.
type optionSet struct {
	exact map[string]option
	wild  []option // name without the *
}

func (s *optionSet) find(name string) (option, bool) {
	o, ok := s.exact[name]
	return o, ok
}

func (s *optionSet) prefix(word string) (option, bool) {
	for _, o := range s.wild {
		if strings.HasPrefix(word, o.name) {
			return o, true
		}
	}
	return option{}, false
}

func optionsOf(list string) *optionSet {
	s := &optionSet{exact: map[string]option{}}
	for field := range strings.FieldsSeq(list) {
		o := option{}
		names, rest, valued := strings.Cut(field, "=")
		if valued {
			o.value, o.role = '=', 't'
			for i := range len(rest) {
				switch rest[i] {
				case '?', '#':
					o.value = rest[i]
				default:
					o.role = rest[i]
				}
			}
		}
		for i, name := range strings.Split(names, "|") {
			if i == 0 {
				o.name = strings.TrimSuffix(name, "*")
			}
			if w, ok := strings.CutSuffix(name, "*"); ok {
				s.wild = append(s.wild, option{name: w})
				continue
			}
			s.exact[name] = o
		}
	}
	return s
}

var optionCache sync.Map // string to *optionSet

func cachedOptions(list string) *optionSet {
	if s, ok := optionCache.Load(list); ok {
		return s.(*optionSet)
	}
	s, _ := optionCache.LoadOrStore(list, optionsOf(list))
	return s.(*optionSet)
}

// families are the parts of the table, a file each.
var families = [][]program{
	aptPrograms, apkPrograms, rpmPrograms, pythonPrograms, nodePrograms, languagePrograms, phpPrograms, fetchPrograms,
	filePrograms, textPrograms, userPrograms, buildPrograms, miscPrograms, wrapPrograms, shellPrograms,
}

// table is all programs by name. It is filled in init, since some entries have
// functions that look others up in it.
var table = map[string]*program{}

func init() {
	for _, family := range families {
		for i := range family {
			for name := range strings.FieldsSeq(family[i].names) {
				table[name] = &family[i]
			}
		}
	}
}

// lookup finds a program by the word that calls it. One that is called by a path
// is the program of that name only in a folder of programs.
func lookup(word string) (name string, p *program) {
	name = path.Base(word)
	p = table[name]
	if p == nil {
		short := strings.TrimRight(name, "0123456789.")
		if p = table[strings.TrimSuffix(short, "-")]; p == nil || !p.version {
			return name, nil
		}
	}
	if dir := strings.TrimSuffix(word, name); dir != "" && !p.abroad && !strings.HasSuffix(dir, "bin/") {
		return name, nil
	}
	return name, p
}
