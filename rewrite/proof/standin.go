package proof

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	return strings.Contains(word, "${"+name) || strings.Contains(word, "$"+name)
}

// Limits of what compiling may build up from one file's variables.
const (
	maxValue = 1 << 20   // bytes of one value
	maxGraph = 256 << 20 // bytes of all operations' environments together
)

var variable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// bounded refuses a file whose variables grow beyond all use: ARG B=$A$A, ARG
// C=$B$B and so on doubles a value with every line, and BuildKit would make it.
// The bound is from above: what a default or an operator of ${} drops counts.
func bounded(f *dockerfile.File) error {
	length := map[string]int{}
	env, graph := 0, 0
	for _, in := range f.Instructions {
		size := len(in.Text.S)
		switch {
		case in.Is("ARG"), in.Is("ENV"):
			size = expanded(in.Text.S, length)
			// Each value is bounded by its whole instruction, which may set several.
			for _, w := range in.QuotedFields() {
				name, _, _ := strings.Cut(w.S, "=")
				env += size - length[name]
				length[name] = size
			}
		case in.Is("RUN"):
			graph += env
		default:
			size = expanded(in.Text.S, length)
			for _, h := range in.Heredocs {
				size += expanded(h.Content, length)
			}
		}
		if graph += size; size > maxValue || graph > maxGraph {
			return fmt.Errorf("%s: variables expand to more than restow compiles, so nothing can be shown about this file", f.Place(in.Lines.Start))
		}
	}
	return nil
}

func expanded(s string, length map[string]int) int {
	size := len(s)
	if !strings.Contains(s, "$") {
		return size
	}
	for _, m := range variable.FindAllStringSubmatch(s, -1) {
		if size += length[m[1]]; size > maxValue {
			return size
		}
	}
	return size
}

func sortedWarnings(ws []Warning) []Warning {
	slices.SortStableFunc(ws, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ws)
}
