package proof

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// standIns are values for the build arguments that FROM needs and that have no
// default, so that a file people build with --build-arg can be compiled: a
// platform for --platform, a digest behind @, a name for the rest.
func standIns(f *dockerfile.File) map[string]string {
	out := map[string]string{}
	for _, in := range f.Instructions {
		arg, ok := in.Command.(*instructions.ArgCommand)
		if !ok || in.Stage != nil {
			continue
		}
		for _, kv := range arg.Args {
			if kv.Value == nil || *kv.Value == "" {
				out[kv.Key] = "stand-in"
			}
		}
	}
	for _, s := range f.Stages {
		for name := range out {
			if uses(s.From.From.Platform, name) {
				out[name] = "linux/amd64"
			}
			if _, digest, ok := strings.Cut(s.From.From.BaseName, "@"); ok && uses(digest, name) {
				out[name] = "sha256:" + strings.Repeat("0", 64)
				if strings.HasPrefix(digest, "sha256:") {
					out[name] = strings.Repeat("0", 64)
				}
			}
		}
	}
	return out
}

func uses(word, name string) bool {
	parts := strings.Split(word, "$")
	return slices.ContainsFunc(parts[1:], func(part string) bool {
		got, _ := variable(part)
		return got == name
	})
}

// legible refuses a file with bytes in its instructions that BuildKit's lexer
// replaces or drops (it reads with text/scanner): two files that differ in just
// those would compare equal. The lexer also complains of them on standard error.
func legible(f *dockerfile.File) error {
	for _, in := range f.Instructions {
		bad := illegible(in.Text.S)
		for _, h := range in.Heredocs {
			bad = bad || illegible(h.Content)
		}
		if bad {
			return fmt.Errorf("%s: the instruction has bytes that are no UTF-8 text, of which BuildKit makes others", f.Place(in.Lines.Start))
		}
	}
	return nil
}

func illegible(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\ufeff")
}

func sortedWarnings(ws []Warning) []Warning {
	slices.SortStableFunc(ws, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ws)
}
