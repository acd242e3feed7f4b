package dockerfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/rewrite/dockerfile"
)

// parse reads a file that must be a Dockerfile, and checks all that is true of
// any file.
func parse(t testing.TB, src string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	checkFile(t, f, []byte(src))
	return f
}

// seeds are the inputs that every fuzz target and property starts from: those
// stored for FuzzParse, found failures among them.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/fuzz/FuzzParse/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	out := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, line, _ := strings.Cut(string(data), "\n[]byte(")
		src, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(line), ")"))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out[filepath.Base(path)] = []byte(src)
	}
	return out
}

// accepts is what BuildKit's parser and instruction reader say of a file.
func accepts(src []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	res, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return err
	}
	stages, _, err := instructions.Parse(res.AST, linter.New(&linter.Config{}))
	if err == nil && len(stages) == 0 {
		return errors.New("no stages")
	}
	return err
}

// checkFile checks what is true of every file that Parse accepts: the pieces
// tile it, every byte of a logical line maps back to the same byte, and the
// views agree with BuildKit's nodes.
func checkFile(t testing.TB, f *dockerfile.File, src []byte) {
	t.Helper()
	if !bytes.Equal(f.Src, src) {
		t.Errorf("Src is not what was parsed")
	}
	pos, codes := 0, 0
	for _, p := range f.Pieces {
		if p.Start != pos || p.End <= p.Start {
			t.Errorf("piece %v follows byte %d", p.Span, pos)
		}
		pos = p.End
		if p.Kind == dockerfile.Code {
			if p.Instruction != f.Instructions[codes] || p.Span != p.Instruction.Lines {
				t.Errorf("piece %v is not instruction %d", p.Span, codes)
			}
			codes++
		}
	}
	if pos != len(src) || codes != len(f.Instructions) {
		t.Errorf("pieces end at %d of %d with %d of %d instructions", pos, len(src), codes, len(f.Instructions))
	}
	for i, in := range f.Instructions {
		if in.Index != i || in.File != f || (in.Command == nil) == (in.From == nil) {
			t.Errorf("instruction %d is not linked", i)
		}
		checkText(t, in)
		checkWords(t, in)
		checkLines(t, in)
	}
	for i, s := range f.Stages {
		if s.Index != i || s.From.Stage != s || (s.Base != nil && s.Base.Index >= i) {
			t.Errorf("stage %d is not linked", i)
		}
	}
}

func checkText(t testing.TB, in *dockerfile.Instruction) {
	t.Helper()
	s := in.Text.S
	if s != in.Node.Original {
		t.Errorf("text %q, BuildKit's %q", s, in.Node.Original)
	}
	last := in.Lines.Start - 1
	step := 1 + len(s)/4096 // every byte of all but the longest
	for i := 0; i < len(s); i += step {
		span, ok := in.Text.Source(i, i+1)
		if !ok || span.Len() != 1 || in.File.Src[span.Start] != s[i] || span.Start <= last || !in.Lines.Contains(span) {
			t.Fatalf("byte %d of %q comes from %v, %v", i, s, span, ok)
		}
		last = span.Start
		if at, ok := in.Text.Source(i, i); !ok || !in.Lines.Contains(at) {
			t.Fatalf("place %d of %q is %v, %v", i, s, at, ok)
		}
	}
	if !in.Lines.Contains(in.Text.Span()) {
		t.Errorf("text at %v, lines at %v", in.Text.Span(), in.Lines)
	}
}

// chain lists the values of BuildKit's nodes behind an instruction's.
func chain(n *parser.Node) (out []string) {
	for n = n.Next; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}

// valid replaces each invalid byte, as BuildKit's word readers do.
func valid(s string) string { return strings.Map(func(r rune) rune { return r }, s) }

func texts(words []dockerfile.Word) (out []string) {
	for _, w := range words {
		out = append(out, w.S)
	}
	return out
}

func checkWords(t testing.TB, in *dockerfile.Instruction) {
	t.Helper()
	if in.Keyword().S != in.Node.Value {
		t.Errorf("keyword %q, BuildKit's %q", in.Keyword().S, in.Node.Value)
	}
	flags := in.Flags()
	if len(flags) != len(in.Node.Flags) {
		t.Fatalf("%q: flags %q, BuildKit's %q", in.Text.S, texts(flags), in.Node.Flags)
	}
	for i, flag := range flags {
		if got := decoded(flag.S, in.File.Escape); got != in.Node.Flags[i] {
			t.Errorf("flag %q reads %q, BuildKit's %q", flag.S, got, in.Node.Flags[i])
		}
	}
	for _, w := range append(append(in.Fields(), in.QuotedFields()...), in.Args(), in.Keyword()) {
		if in.Text.S[w.Lo:w.Hi] != w.S {
			t.Errorf("word %q is not at %d:%d of %q", w.S, w.Lo, w.Hi, in.Text.S)
		}
	}
	args, nodes := in.Args().S, chain(in.Node)
	var want, got []string
	switch in.Command.(type) {
	case nil, *instructions.ExposeCommand:
		want, got = nodes, texts(in.Fields())
	case *instructions.CopyCommand, *instructions.AddCommand, *instructions.VolumeCommand:
		if !in.JSON() {
			want, got = nodes, texts(in.Fields())
		}
	case *instructions.ArgCommand:
		want, got = nodes, texts(in.QuotedFields())
	case *instructions.EnvCommand, *instructions.LabelCommand:
		if nodes[2] == "=" {
			for i := 0; i < len(nodes); i += 3 {
				want = append(want, nodes[i]+"="+nodes[i+1])
			}
			got = texts(in.QuotedFields())
		}
	case *instructions.OnbuildCommand:
		want, got = []string{in.Node.Next.Children[0].Original}, []string{args}
	case *instructions.WorkdirCommand, *instructions.UserCommand, *instructions.MaintainerCommand, *instructions.StopSignalCommand:
		want, got = nodes, []string{args}
	case *instructions.RunCommand, *instructions.CmdCommand, *instructions.EntrypointCommand:
		if !in.JSON() && args != "" {
			want, got = nodes, []string{args}
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%q: words %q, BuildKit's %q", in.Text.S, got, want)
	}
	for i := range want {
		// A word reader drops an escape at the very end, which stands in the text.
		if valid(got[i]) != valid(want[i]) && valid(strings.TrimSuffix(got[i], string(in.File.Escape))) != want[i] {
			t.Errorf("%q: word %q, BuildKit's %q", in.Text.S, got[i], want[i])
		}
	}
}

// decoded reads a flag as BuildKit does: byte by byte, quotes and escapes gone.
func decoded(s string, escape byte) string {
	var out strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == escape:
			if i++; i < len(s) {
				out.WriteRune(rune(s[i]))
			}
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		default:
			out.WriteRune(rune(c))
		}
	}
	return out.String()
}

func checkLines(t testing.TB, in *dockerfile.Instruction) {
	t.Helper()
	f := in.File
	if f.Line(in.Lines.Start) != in.Node.StartLine || f.Line(in.Lines.End-1) != in.Node.EndLine {
		t.Errorf("%q: lines %d-%d, BuildKit's %d-%d", in.Text.S, f.Line(in.Lines.Start), f.Line(in.Lines.End-1), in.Node.StartLine, in.Node.EndLine)
	}
	for _, s := range in.Comments {
		if !in.Lines.Contains(s) || f.LineSpan(s.Start) != s || !bytes.HasPrefix(bytes.TrimSpace(f.Bytes(s)), []byte("#")) {
			t.Errorf("%q is no comment line of %q", f.Bytes(s), in.Text.S)
		}
	}
	for _, s := range in.Blanks {
		if !in.Lines.Contains(s) || f.LineSpan(s.Start) != s || len(bytes.TrimSpace(f.Bytes(s))) > 0 {
			t.Errorf("%q is no blank line of %q", f.Bytes(s), in.Text.S)
		}
	}
	if len(in.Heredocs) != len(in.Node.Heredocs) {
		t.Fatalf("%d heredocs, BuildKit's %d", len(in.Heredocs), len(in.Node.Heredocs))
	}
	for i, h := range in.Heredocs {
		if string(f.Bytes(h.Body)) != in.Node.Heredocs[i].Content || h.Body.End != h.Terminator.Start || !in.Lines.Contains(h.Terminator) {
			t.Errorf("heredoc %s: %q", h.Name, f.Bytes(h.Body))
		}
	}
	end := in.Lines.Start
	for _, s := range in.Leading {
		end = s.End
	}
	if n := len(in.Leading); n > 0 && end != in.Lines.Start {
		t.Errorf("a gap stands between %q and its comments", in.Text.S)
	}
}
