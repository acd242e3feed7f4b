package dockerfile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

// apply makes edits that must give a Dockerfile again.
func apply(t testing.TB, f *dockerfile.File, edits []dockerfile.Edit) *dockerfile.File {
	t.Helper()
	out, err := dockerfile.Apply(f.Src, edits)
	if err != nil {
		t.Fatal(err)
	}
	if mixed(out) && !mixed(f.Src) {
		t.Errorf("line endings are mixed in %q", out)
	}
	return parse(t, string(out))
}

func mixed(src []byte) bool {
	n := bytes.Count(src, []byte("\r\n"))
	return n > 0 && n != bytes.Count(src, []byte("\n"))
}

// variants are a file with other line endings and without its last one.
func variants(src string) map[string]string {
	crlf := strings.ReplaceAll(src, "\n", "\r\n")
	return map[string]string{"LF": src, "CRLF": crlf, "no final newline": strings.TrimSuffix(src, "\n"), "CRLF, none": strings.TrimSuffix(crlf, "\r\n")}
}

// as gives an expected result the variant of its input.
func as(src, want string) string {
	if strings.Contains(src, "\r\n") {
		want = strings.ReplaceAll(want, "\n", "\r\n")
	}
	if !strings.HasSuffix(src, "\n") {
		want = strings.TrimRight(want, "\r\n")
	}
	return want
}

func TestDelete(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		n         int // the instruction
		want      string
	}{
		{"a line", "FROM a\nRUN b\nRUN c\n", 1, "FROM a\nRUN c\n"},
		{"the comment above stays", "FROM a\n# d\nRUN b\nRUN c\n", 1, "FROM a\n# d\nRUN c\n"},
		{"one of two blank lines goes", "FROM a\n\nRUN b\n\nRUN c\n", 1, "FROM a\n\nRUN c\n"},
		{"blank line below only", "FROM a\nRUN b\n\nRUN c\n", 1, "FROM a\n\nRUN c\n"},
		{"blank line above only", "FROM a\n\nRUN b\nRUN c\n", 1, "FROM a\n\nRUN c\n"},
		{"continued", "FROM a\nRUN b \\\n\n  d\nRUN c\n", 1, "FROM a\nRUN c\n"},
		{"heredoc", "FROM a\nRUN <<e\nb\ne\nRUN c\n", 1, "FROM a\nRUN c\n"},
		{"the first", "ARG b\n\nFROM a\n", 0, "FROM a\n"},
	} {
		for name, src := range variants(tt.src) {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				f := parse(t, src)
				edits, ok := f.Instructions[tt.n].Delete()
				if !ok {
					t.Fatal("refused")
				}
				if got := string(apply(t, f, edits).Src); got != as(src, tt.want) {
					t.Errorf("%q, want %q", got, as(src, tt.want))
				}
			})
		}
	}
	for name, src := range map[string]string{
		"a comment inside":               "FROM a\nRUN b \\\n# c\n d\n",
		"a comment that is swallowed":    "FROM a\nRUN b \\\n# c\n",
		"a comment turns into directive": "ARG b\n# escape=`\nFROM a\n",
	} {
		f := parse(t, src)
		in := f.Instructions[1]
		if strings.HasPrefix(src, "ARG") {
			in = f.Instructions[0]
		}
		if edits, ok := in.Delete(); ok {
			t.Errorf("%s: not refused: %v", name, edits)
		}
	}
}

func TestMoveBefore(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		n, to     int
		want      string
	}{
		{"up", "FROM a\nRUN b\nRUN c\n", 2, 1, "FROM a\nRUN c\nRUN b\n"},
		{"with its comments, before the other's", "FROM a\n# b\nRUN b\n# c\n# d\nRUN c\nRUN e\n", 2, 1, "FROM a\n# c\n# d\nRUN c\n# b\nRUN b\nRUN e\n"},
		{"down", "FROM a\nRUN b\nRUN c\nRUN d\n", 1, 3, "FROM a\nRUN c\nRUN b\nRUN d\n"},
		{"where it stands", "FROM a\nRUN b\nRUN c\n", 1, 2, "FROM a\nRUN b\nRUN c\n"},
		{"before itself", "FROM a\nRUN b\nRUN c\n", 1, 1, "FROM a\nRUN b\nRUN c\n"},
		{"continued", "FROM a\nRUN b\nRUN c \\\n\t# e\n\td\n", 2, 1, "FROM a\nRUN c \\\n\t# e\n\td\nRUN b\n"},
		{"heredoc", "FROM a\nRUN b\nRUN <<c\nd\nc\n", 2, 1, "FROM a\nRUN <<c\nd\nc\nRUN b\n"},
	} {
		for name, src := range variants(tt.src) {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				f := parse(t, src)
				edits, ok := f.Instructions[tt.n].MoveBefore(f.Instructions[tt.to])
				if !ok {
					t.Fatal("refused")
				}
				got := apply(t, f, edits)
				if string(got.Src) != as(src, tt.want) {
					t.Errorf("%q, want %q", got.Src, as(src, tt.want))
				}
			})
		}
	}
}

// TestMoveRefused: no comment turns into a parser directive.
func TestMoveRefused(t *testing.T) {
	for name, src := range map[string]string{
		"to the top":   "ARG b\n# escape=`\nARG c\nFROM a\n",
		"away from it": "ARG b\n# escape=`\nARG c\nFROM a\n",
	} {
		f := parse(t, src)
		from, to := f.Instructions[1], f.Instructions[0]
		if name == "away from it" {
			from, to = f.Instructions[0], f.Instructions[2]
		}
		if edits, ok := from.MoveBefore(to); ok {
			out, _ := dockerfile.Apply(f.Src, edits)
			t.Errorf("%s: not refused: %q", name, out)
		}
	}
}

func TestInsertBefore(t *testing.T) {
	for name, src := range variants("FROM a\n# b\nRUN b\n") {
		f := parse(t, src)
		got := apply(t, f, []dockerfile.Edit{f.Instructions[1].InsertBefore("USER c")})
		if want := as(src, "FROM a\nUSER c\n# b\nRUN b\n"); string(got.Src) != want {
			t.Errorf("%s: %q, want %q", name, got.Src, want)
		}
	}
}

func TestJoinNext(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"two lines", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b && \\\n\tc\n"},
		{"comments stay", "FROM a\nRUN b\n# d\n\n# e\nRUN c\n", "FROM a\nRUN b && \\\n# d\n# e\n\tc\n"},
		{"continued", "FROM a\nRUN b \\\n # d\n  e\nRUN c \\\n  f\n", "FROM a\nRUN b \\\n # d\n  e && \\\n\tc \\\n  f\n"},
		{"flags give way", "FROM a\nRUN --network=none b\nRUN --network=none c\n", "FROM a\nRUN --network=none b && \\\n\tc\n"},
		{"backtick", "# escape=`\nFROM a\nRUN b\nRUN c\n", "# escape=`\nFROM a\nRUN b && `\n\tc\n"},
		{"blanks at the end", "FROM a\nRUN b \t\nRUN c\n", "FROM a\nRUN b && \\ \t\n\tc\n"},
		{"indented", "FROM a\n  RUN b\n  RUN c\n", "FROM a\n  RUN b && \\\n\tc\n"},
	} {
		for name, src := range variants(tt.src) {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				f := parse(t, src)
				edits, ok := f.Instructions[1].JoinNext(f.Instructions[2], " && ", "\t")
				if !ok {
					t.Fatal("refused")
				}
				got := apply(t, f, edits)
				if string(got.Src) != as(src, tt.want) {
					t.Errorf("%q, want %q", got.Src, as(src, tt.want))
				}
				if len(got.Instructions[1].Blanks) > 0 {
					t.Error("a blank line is inside")
				}
			})
		}
	}
	for name, src := range map[string]string{
		"not the next":                "FROM a\nRUN b\nUSER d\nRUN c\n",
		"a heredoc before":            "FROM a\nRUN <<b\nb\nRUN c\n",
		"a heredoc after":             "FROM a\nRUN b\nRUN <<c\nc\n",
		"a comment before the script": "FROM a\nRUN b\nRUN \\\n# d\nc\n",
		"a blank line before it":      "FROM a\nRUN b\nRUN \\\n\nc\n",
		"a dangling continuation":     "FROM a\nRUN b \\\n\n",
		"a comment for the shell":     "FROM a\nRUN b\nRUN #c\n",
		"a form feed at the end":      "FROM a\nRUN b\f\nRUN c\n",
		"a lone CR at the end":        "FROM a\nRUN b\r \nRUN c\n",
		"a no-break space there":      "FROM a\nRUN b\u00a0\nRUN c\n",
	} {
		f := parse(t, src)
		last := f.Instructions[len(f.Instructions)-1]
		if edits, ok := f.Instructions[1].JoinNext(last, " && ", "\t"); ok {
			out, _ := dockerfile.Apply(f.Src, edits)
			t.Errorf("%s: not refused: %q", name, out)
		}
	}
}

// TestEditsKeep: whatever instruction of whatever file is deleted, moved or
// joined, the result parses, and the other instructions and all comments stay.
func TestEditsKeep(t *testing.T) {
	for name, src := range seeds(t) {
		f, err := dockerfile.Parse(name, src)
		if err != nil {
			continue
		}
		for i, in := range f.Instructions {
			if in.From != nil {
				continue
			}
			checks := map[string][]dockerfile.Edit{}
			if edits, ok := in.Delete(); ok {
				checks["delete"] = edits
			}
			if in.Stage != nil && i > 0 && f.Instructions[i-1].From == nil {
				if edits, ok := in.MoveBefore(f.Instructions[i-1]); ok {
					checks["move"] = edits
				}
				if edits, ok := f.Instructions[i-1].JoinNext(in, " && ", "  "); ok {
					checks["join"] = edits
				}
			}
			if in.Stage != nil {
				checks["insert"] = []dockerfile.Edit{in.InsertBefore("USER new")}
			}
			for what, edits := range checks {
				t.Run(fmt.Sprintf("%s/%d/%s", name, i, what), func(t *testing.T) { checkKept(t, f, edits, what, i) })
			}
		}
	}
}

func checkKept(t *testing.T, f *dockerfile.File, edits []dockerfile.Edit, what string, i int) {
	out, err := dockerfile.Apply(f.Src, edits)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dockerfile.Parse(f.Name, out)
	if err != nil && what != "join" { // another instruction's words may be wrong in this one
		t.Fatalf("%q: %v", out, err)
	}
	if err != nil {
		return
	}
	if mixed(out) && !mixed(f.Src) {
		t.Errorf("line endings are mixed in %q", out)
	}
	before, after := code(f), code(got)
	switch what {
	case "delete":
		before = slices.Delete(before, i, i+1)
	case "move":
		before[i-1], before[i] = before[i], before[i-1]
	case "join":
		before, after = slices.Delete(before, i-1, i+1), slices.Delete(after, i-1, i)
	case "insert":
		before = slices.Insert(before, i, "USER new")
	}
	if !slices.Equal(before, after) {
		t.Errorf("instructions %q, want %q", after, before)
	}
	if b, a := comments(f), comments(got); !slices.Equal(b, a) {
		t.Errorf("comments %q, want %q", a, b)
	}
}

func code(f *dockerfile.File) (out []string) {
	for _, in := range f.Instructions {
		out = append(out, in.Text.S)
	}
	return out
}

func comments(f *dockerfile.File) (out []string) {
	add := func(s dockerfile.Span) { out = append(out, strings.TrimSpace(string(f.Bytes(s)))) }
	for _, p := range f.Pieces {
		switch p.Kind {
		case dockerfile.Comment, dockerfile.Directive:
			add(p.Span)
		case dockerfile.Code:
			for _, c := range p.Instruction.Comments {
				add(c)
			}
		}
	}
	slices.Sort(out)
	return out
}
