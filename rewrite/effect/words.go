package effect

import (
	"slices"
	"strings"
	"unicode/utf8"

	lex "github.com/moby/buildkit/frontend/dockerfile/shell"
)

// wording reads the words of one instruction as BuildKit expands them, and notes
// which variables they read.
type wording struct {
	env    Env
	escape byte
	out    *Effect
}

// Limits of what is expanded here: a file can make values that double with each
// line. What is beyond them counts as unknown.
const (
	maxWord  = 4096
	maxValue = 1024
)

// expand is what a word comes to, and whether that is known. The variables it
// names are read, both as ENV and as ARG: whichever came last counts (AddEnv).
func (w *wording) expand(word string) (value string, known bool) {
	if len(word) <= maxValue && !strings.ContainsAny(word, "$\\`\"'") && ascii(word) {
		return word, true // the lexer has nothing to do
	}
	l := lex.NewLex(rune(w.escape))
	names, ok := variablesIn(l, word)
	w.read(names, ok)
	return valueOf(l, word, names, ok, w.env)
}

// read notes the variables of a word; of one that BuildKit's lexer does not take
// it is all of them.
func (w *wording) read(names []string, ok bool) {
	if !ok {
		names = []string{"*"}
	}
	for _, n := range names {
		w.out.reads(Place{EnvVar, n}, Place{ArgVar, n})
	}
}

// variablesIn are the variables that a word names, in order, and false when that
// cannot be told. The lexer expands the words behind ${a:-…} and its like
// whatever a is, so that those it met are all of them.
func variablesIn(l *lex.Lex, word string) ([]string, bool) {
	if !strings.Contains(word, "$") {
		return nil, true
	}
	if len(word) > maxWord || !legible(word) {
		return nil, false
	}
	res, err := l.ProcessWordWithMatches(word, values(nil))
	if err != nil {
		return nil, false
	}
	var names []string
	for n := range res.Unmatched {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, true
}

// ascii reports whether a word has nothing but what ASCII prints, without blanks.
func ascii(word string) bool {
	for i := range len(word) {
		if word[i] <= ' ' || word[i] > '~' {
			return false
		}
	}
	return true
}

// legible reports whether the lexer takes the bytes as they are (it reads with
// text/scanner, which complains of others on standard error).
func legible(word string) bool {
	return utf8.ValidString(word) && !strings.ContainsAny(word, "\x00\ufeff")
}

func valueOf(l *lex.Lex, word string, names []string, ok bool, e Env) (string, bool) {
	if !ok || len(word) > maxWord || !legible(word) {
		return "", false
	}
	for _, n := range names {
		if _, known := e.vars[n]; !known {
			return "", false
		}
	}
	// ${a//b/c} can multiply a value by itself, within itself again.
	for _, part := range strings.Split(word, "${")[1:] {
		if inside, _, _ := strings.Cut(part, "}"); strings.Contains(inside, "/") {
			return "", false
		}
	}
	res, err := l.ProcessWordWithMatches(word, values(e.vars))
	if err != nil || len(res.Result) > maxValue {
		return "", false
	}
	return res.Result, true
}

// key is the name that ENV or LABEL gives, * where it is not plain text.
func (w *wording) key(key string) string {
	w.expand(key)
	return literal(key)
}

// literal is a word that stands for itself, quotes around it or none, and * for
// any other.
func literal(word string) string {
	if n := len(word); n > 2 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
		word = word[1 : n-1]
	}
	if word == "" || strings.ContainsAny(word, "$\"'\\`*") {
		return "*"
	}
	return word
}

// values are variables as BuildKit's lexer asks for them.
type values map[string]string

// Get is the value of a variable.
func (v values) Get(key string) (string, bool) {
	s, ok := v[key]
	return s, ok
}

// Keys are the names of all variables. The lexer does not need them.
func (v values) Keys() []string { return nil }
