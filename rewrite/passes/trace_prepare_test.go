package passes_test

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// prepare adds what a script needs to be run: its programs and folders. For a
// script that must not be run, or comes out differently each time, it says why.
func (s *stand) prepare(text string) (why string) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return "it does not parse"
	}
	stop := func(format string, args ...any) {
		if why == "" {
			why = fmt.Sprintf(format, args...)
		}
	}
	if strings.Contains(text, "/dev/tcp") || strings.Contains(text, "/dev/udp") {
		stop("it speaks to the network by itself")
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			if n.Background || n.Coprocess {
				stop("a process in the background, which is called in no fixed order")
			}
		case *syntax.ProcSubst:
			stop("a process substitution, which needs /dev/fd")
		case *syntax.ParamExp:
			if n.Param != nil && slices.Contains([]string{"$", "!", "RANDOM", "SRANDOM", "BASHPID", "PPID", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME"}, n.Param.Value) {
				stop("a variable that differs in every run")
			}
		case *syntax.Redirect:
			switch target, ok := static(n.Word); {
			case n.Hdoc != nil:
			case !ok:
				stop("a redirection to a place that is not known before it runs")
			case n.Op == syntax.DplIn || n.Op == syntax.DplOut:
			default:
				s.dirs = append(s.dirs, path.Dir(s.abs(target)))
			}
		case *syntax.CallExpr:
			s.command(n.Args, stop)
		}
		return true
	})
	return why
}

// command adds the program that words call, and those that it calls in turn
// where it is a builtin.
func (s *stand) command(args []*syntax.Word, stop func(string, ...any)) {
	if len(args) == 0 {
		return
	}
	name, ok := static(args[0])
	if !ok {
		stop("a command whose name is not known before it runs")
		return
	}
	switch name {
	case "eval", "source", ".", "kill", "enable", "hash", "trap":
		stop("`%s`, which may run or end anything", name)
	case "cd", "chdir", "pushd":
		if len(args) > 1 {
			if dir, ok := static(args[1]); ok {
				s.dirs = append(s.dirs, s.abs(dir))
			}
		}
	case "command", "builtin", "exec":
		rest := args[1:]
		for len(rest) > 0 && strings.HasPrefix(rest[0].Lit(), "-") {
			if name == "command" && strings.Contains(rest[0].Lit(), "p") {
				stop("`command -p`, which looks for programs of its own")
			}
			rest = rest[1:]
		}
		s.command(rest, stop)
	}
	switch {
	case !strings.Contains(name, "/"):
		s.programs = append(s.programs, name)
	case path.IsAbs(name):
		s.programs = append(s.programs, path.Clean(name))
	default: // it may have gone to any folder of the script's by then
		for _, dir := range append([]string{s.dir}, s.dirs...) {
			s.programs = append(s.programs, path.Join(dir, name))
		}
	}
}

func (s *stand) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(s.dir, name)
}

// static is what a word says without being expanded.
func static(w *syntax.Word) (string, bool) {
	if w == nil {
		return "", false
	}
	var out strings.Builder
	parts := slices.Clone(w.Parts)
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		switch part := part.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(part.Value, "*?[~{$") && part.Value != "[" {
				return "", false
			}
			out.WriteString(strings.ReplaceAll(part.Value, `\`, ""))
		case *syntax.SglQuoted:
			out.WriteString(part.Value)
		case *syntax.DblQuoted:
			parts = append(slices.Clone(part.Parts), parts...)
		default:
			return "", false
		}
	}
	return out.String(), out.Len() > 0
}
