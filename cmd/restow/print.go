package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	visibly "github.com/restow/restow/internal/visible"
)

// visible makes text safe to print on a line of its own, since names and
// Dockerfiles may be hostile.
func visible(s string) string { return visibly.Text(s) }

// palette colours what goes to a terminal. The zero value colours nothing.
type palette struct{ on bool }

// paletteFor decides whether w gets colours: as --color says, else as NO_COLOR
// and FORCE_COLOR say, else when w is a terminal.
func paletteFor(w io.Writer, setting string, environ []string) palette {
	switch {
	case setting == "always":
		return palette{true}
	case setting == "never", variable(environ, "NO_COLOR") != "":
		return palette{}
	case variable(environ, "FORCE_COLOR") != "":
		return palette{variable(environ, "FORCE_COLOR") != "0"}
	}
	return palette{terminal(w) && variable(environ, "TERM") != "dumb"}
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func variable(environ []string, name string) string {
	i := slices.IndexFunc(environ, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	if i < 0 {
		return ""
	}
	return environ[i][len(name)+1:]
}

const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

func (p palette) paint(code, s string) string {
	if !p.on || s == "" || code == "" {
		return s
	}
	return code + s + "\x1b[0m"
}

// printDiff writes a diff: byte for byte where a program reads it, so that git
// apply takes it, and with control characters made visible where a person does.
func printDiff(w io.Writer, diff string, p palette) {
	if !p.on && !terminal(w) {
		io.WriteString(w, diff)
		return
	}
	for line := range strings.Lines(diff) {
		text, end := strings.TrimRight(line, "\r\n"), "\n"
		code := ""
		switch {
		case strings.HasPrefix(text, "--- "), strings.HasPrefix(text, "+++ "):
			code = bold
		case strings.HasPrefix(text, "@@"):
			code = cyan
		case strings.HasPrefix(text, "-"):
			code = red
		case strings.HasPrefix(text, "+"):
			code = green
		}
		io.WriteString(w, p.paint(code, visible(text))+end)
	}
}

// withFailed adds to the last line of a run how many files it could not handle.
func withFailed(text string, failed int) string {
	if failed == 0 {
		return text
	}
	if text != "" {
		text += "; "
	}
	return text + count(failed, "file") + " could not be handled"
}

// count is a number with its noun: 1 file, 2 files.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "x"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
