// Package command knows what the words of common commands mean: which are
// options and values of options, which are packages, which are files that are
// read or written. It is a table of programs, each entry after the manual that it
// names, and one reader of command lines for all of them. What the table does not
// tell is said to be unknown, never guessed: a pass refuses there.
package command

import (
	"slices"

	"github.com/restow/restow/rewrite/shell"
)

// Meaning is what a simple command does, as far as the table tells. Numbers are
// indexes into the command's Words, in order.
type Meaning struct {
	Program string // base name: apt-get
	Manager string // the family of a package manager: apt, apk, dnf, pip, npm, …; "" for others
	Verb    string // install, update, clean, remove, …: one word for what managers name differently
	Known   bool   // the program is in the table
	Whole   bool   // every word was understood, its value is known, and nothing that it runs is out of sight: a script, a build file, what xargs adds
	Network bool   // it may fetch something from elsewhere

	Packages []int               // words that name packages
	Reads    []int               // words that are, or hold, a file or folder that is read
	Writes   []int               // the same for what is written, created, changed or removed
	Options  map[string][]string // by the name that comes first in the table, with the values of those that take one
	Unknown  []int               // words that were not understood
	Open     []int               // words whose place was understood, but whose value only the shell knows

	WritesFixed []string // paths it writes whatever its words; "." for the working directory
	Roles       []Role   // of each word

	Inner      *Meaning      // what env, sudo, xargs, sh -c and the like run, where that is one command
	InnerWords int           // the word that is Inner's first; Inner counts from there. 0 for a script
	Script     *shell.Script // what sh -c and the like run, where it could be read; Inner is its only command
}

// Has reports whether an option is given, by the name it has in the table.
func (m Meaning) Has(option string) bool {
	_, ok := m.Options[option]
	return ok
}

// Kind says what a word is for its command.
type Kind string

// What a word may be.
const (
	Unknown Kind = "unknown"
	Name    Kind = "name"    // of the program
	Option  Kind = "option"  // one or several, and perhaps the value of the last
	Verb    Kind = "verb"    // a subcommand
	Package Kind = "package" // a package, with its version if it has one
	Read    Kind = "read"    // a file or folder
	Write   Kind = "write"   // a file or folder that is created, replaced, changed or removed
	Change  Kind = "change"  // a file or folder that is read and written
	Text    Kind = "text"    // anything else that is understood: a mode, a pattern, an address
	Inner   Kind = "inner"   // belongs to the command that this one runs
)

// Role is what one word is.
type Role struct {
	Kind   Kind
	Option string // whose value it is, or holds; the last where a word has several
	Value  string // the part of the word that has the role: /a in --output=/a; "" if that is open
}

// maxInner bounds how many commands may run each other: env sudo nice …
const maxInner = 8

// Of tells what a command means. It never fails: what is not in the table is in
// Unknown.
func Of(c *shell.Simple) Meaning { return of(c.Words, 0) }

func of(words []shell.Word, depth int) Meaning {
	m := Meaning{Roles: make([]Role, len(words)), Options: map[string][]string{}}
	for i := range m.Roles {
		m.Roles[i].Kind = Unknown
	}
	if len(words) == 0 {
		m.Known, m.Whole = true, true // assignments and redirections only
		return m
	}
	p := &parse{m: &m, words: words, depth: depth, open: make([]bool, len(words))}
	if words[0].Static {
		m.Program, p.prog = lookup(words[0].Value)
	}
	if p.prog == nil || depth > maxInner {
		for i := range words {
			m.Unknown = append(m.Unknown, i)
		}
		return m
	}
	m.Known, m.Manager = true, p.prog.manager
	m.Roles[0] = Role{Kind: Name, Value: words[0].Value}
	p.run()
	p.finish()
	return m
}

// finish makes the lists of words out of their roles.
func (p *parse) finish() {
	m := p.m
	for i, r := range m.Roles {
		switch r.Kind {
		case Unknown:
			m.Unknown = append(m.Unknown, i)
			continue
		case Package:
			m.Packages = append(m.Packages, i)
		case Read:
			m.Reads = append(m.Reads, i)
		case Write:
			m.Writes = append(m.Writes, i)
		case Change:
			m.Reads, m.Writes = append(m.Reads, i), append(m.Writes, i)
		case Inner:
			continue
		}
		if p.open[i] {
			m.Open = append(m.Open, i)
		}
	}
	whole := true
	if m.Inner != nil && m.InnerWords > 0 {
		for _, i := range m.Inner.Unknown {
			m.Unknown = append(m.Unknown, i+m.InnerWords)
		}
		for _, i := range m.Inner.Open {
			m.Open = append(m.Open, i+m.InnerWords)
		}
		slices.Sort(m.Unknown)
		slices.Sort(m.Open)
	}
	if m.Inner != nil {
		whole = m.Inner.Whole && m.Inner.Known
	}
	m.Whole = whole && !p.partly && len(m.Unknown) == 0 && len(m.Open) == 0
}
