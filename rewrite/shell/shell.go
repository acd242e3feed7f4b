// Package shell reads the script of a RUN as a shell would. It takes scripts apart
// and says what keeps one from being joined with its neighbour, or a single command
// from standing without a shell, by the word that stops it: anything not known to be
// harmless stops it.
package shell

import (
	"fmt"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Dialect is the language a shell reads.
type Dialect int

// The dialects that restow reads. Any other shell has none.
const (
	POSIX Dialect = iota
	Bash
)

// DialectOf tells what language a SHELL array reads (exec form, the script is
// its missing last element). why is not empty when restow does not read it, or
// when the shell reads files at its start that a RUN may have written.
func DialectOf(argv []string) (d Dialect, why string) {
	if len(argv) == 0 {
		return POSIX, ""
	}
	switch path.Base(argv[0]) {
	case "sh", "dash", "ash":
	case "bash":
		d = Bash
	default:
		return d, fmt.Sprintf("the shell %s is not one that restow reads", argv[0])
	}
	options, command := argv[1:], false
	for i := 0; i < len(options); i++ {
		o := options[i]
		if o == "pipefail" || o == "--" {
			continue // -o pipefail changes pipelines, and a plain script has none
		}
		letters, ok := strings.CutPrefix(o, "-")
		if !ok || strings.HasPrefix(letters, "-") {
			return d, fmt.Sprintf("the shell is called with %s", o)
		}
		for _, l := range letters {
			switch l {
			case 'c':
				command = true
			case 'e', 'x', 'o', 'u':
			case 'l', 'i':
				return d, fmt.Sprintf("the shell is called with -%c, so each RUN reads profile files that an earlier one may have written", l)
			default:
				return d, fmt.Sprintf("the shell is called with -%c", l)
			}
		}
	}
	if !command {
		return d, "the shell is not called with -c"
	}
	return d, ""
}

// Command is a simple command of a script.
type Command struct {
	Text  string   // as it stands in the script
	Name  string   // the program or builtin it runs
	Words []string // the words after the name, as they stand in the script
	Sub   bool     // a subshell runs it: what the shell remembers of it is lost
}

// plain is a script that is read as a single command, and why it is none.
type plain struct {
	script string
	why    string
}

func (p *plain) stop(format string, args ...any) {
	if p.why == "" {
		p.why = fmt.Sprintf(format, args...)
	}
}

func (p *plain) comments(cs []syntax.Comment) {
	if len(cs) > 0 {
		p.stop("the script has a comment")
	}
}

func (p *plain) slice(n syntax.Node) string {
	return p.script[n.Pos().Offset():n.End().Offset()]
}

func first(s string) string {
	word, _, _ := strings.Cut(s, " ")
	word, _, _ = strings.Cut(word, "\n")
	return word
}

// mayBeOption reports whether a word may begin with a dash once the shell has
// read it. The word -- ends options.
func mayBeOption(word string) bool {
	word = strings.TrimLeft(word, `'"\`)
	return word == "" || (strings.ContainsAny(word[:1], "-$`{*?[") && word != "--")
}

// fixed reports whether a subscript is a number, @ or *, or none at all.
func fixed(x syntax.ArithmExpr) bool {
	if x == nil {
		return true
	}
	w, ok := x.(*syntax.Word)
	return ok && w.Lit() != "" && strings.Trim(w.Lit(), "0123456789@*") == ""
}

// leaking are the builtins of POSIX shells and bash that change the shell they
// run in, or run a word as a command so that it could. Sorted.
var leaking = []string{
	".", "alias", "bg", "bind", "break", "builtin", "caller", "cd", "chdir", "command", "compgen", "complete", "compopt",
	"continue", "coproc", "declare", "dirs", "disown", "enable", "eval", "exec", "exit", "export", "fc", "fg",
	"getopts", "hash", "history", "jobs", "let", "local", "logout", "mapfile", "popd", "pushd", "read",
	"readarray", "readonly", "return", "set", "shift", "shopt", "source", "suspend", "trap", "typeset",
	"ulimit", "umask", "unalias", "unset", "wait",
}

// dynamic are parameters whose value tells what the shell did before. Sorted.
var dynamic = []string{
	"!", "$", "-", "?", "BASHPID", "BASH_COMMAND", "EPOCHREALTIME", "EPOCHSECONDS", "LINENO", "OLDPWD",
	"PIPESTATUS", "PPID", "RANDOM", "SECONDS", "SRANDOM", "_",
}
