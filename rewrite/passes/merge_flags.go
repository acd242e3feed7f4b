package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// unquote drops quotes.
func unquote(r rune) rune {
	if r == '"' || r == '\'' {
		return -1
	}
	return r
}

// startsAnew names a mount that each RUN gets as if no other had written to it.
func startsAnew(in *dockerfile.Instruction) string {
	for _, flag := range in.Flags() {
		spec, ok := strings.CutPrefix(strings.ToLower(flag.S), "--mount=")
		if !ok {
			continue
		}
		kind, writes := "bind", false
		for field := range strings.SplitSeq(strings.Map(unquote, spec), ",") {
			switch key, value, _ := strings.Cut(field, "="); key {
			case "type":
				kind = value
			case "rw", "readwrite":
				writes = true
			case "ro", "readonly":
				writes = writes || value != "" && value != "true"
			}
		}
		switch {
		case kind == "cache", kind == "secret", kind == "ssh", kind == "bind" && !writes:
		case kind == "bind":
			return "what it writes to a bind mount is gone in the next RUN"
		default:
			return fmt.Sprintf("its %s mount is empty again in the next RUN", kind)
		}
	}
	return ""
}

// flags are a RUN's flags as they count when two are compared.
func flags(in *dockerfile.Instruction) string {
	var out []string
	for _, f := range in.Flags() {
		out = append(out, f.S)
	}
	return strings.Join(out, " ")
}
