package passes_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// TestExecFormJSON: BuildKit reads what the pass writes as JSON, with the words
// that the shell made of the script.
func TestExecFormJSON(t *testing.T) {
	for script, want := range map[string][]string{
		"app":                         {"app"},
		`app "a b" 'c' d\ e`:          {"app", "a b", "c", "d e"},
		`app "a\"b" 'c"d' "e\f" '\'`:  {"app", `a"b`, `c"d`, `e\f`, `\`},
		`app '"' "'" '\\' '",' ', "'`: {"app", `"`, `'`, `\\`, `",`, `, "`},
		"app <":                       nil,
		"app '<&>' ü 日本 '\u2028' 😀":   {"app", "<&>", "ü", "日本", "\u2028", "😀"},
		`app '[' ']' '["a"]'`:         {"app", "[", "]", `["a"]`},
		`app '' a`:                    {"app", "", "a"},
	} {
		for _, keyword := range []string{"CMD ", "ENTRYPOINT ", "cmd\t", "Entrypoint  "} {
			f, err := dockerfile.Parse("Dockerfile", []byte("FROM a\n"+keyword+script+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.ExecForm}, rewrite.Options{Apply: everything})
			if err != nil {
				t.Fatal(err)
			}
			in := res.After.Instructions[1]
			if want == nil {
				if in.JSON() {
					t.Errorf("%s: %s", script, in.Text.S)
				}
				continue
			}
			var words []string
			switch cmd := in.Command.(type) {
			case *instructions.CmdCommand:
				words = cmd.CmdLine
			case *instructions.EntrypointCommand:
				words = cmd.CmdLine
			}
			if !in.JSON() || !slices.Equal(words, want) || !strings.HasPrefix(in.Text.S, keyword) {
				t.Errorf("%s: %s: %q", script, in.Text.S, words)
			}
		}
	}
}
