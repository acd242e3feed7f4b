package dockerfile_test

import (
	"slices"
	"testing"
)

func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		line  string
		flags []string
		args  string
	}{
		{"COPY a b", nil, "a b"},
		{"COPY --chown=x --chmod=1 a b", []string{"--chown=x", "--chmod=1"}, "a b"},
		{"COPY --chown=é a b", []string{"--chown=é"}, "a b"},
		{`COPY --chown="x y" a b`, []string{`--chown="x y"`}, "a b"},
		{`COPY --chown='x'\ y a b`, []string{`--chown='x'\ y`}, "a b"},
		{"RUN -- --x", nil, "--x"},
		{"RUN --network=none -- -x", []string{"--network=none"}, "-x"},
		{`RUN --"" b`, nil, "b"},
		{"RUN - --x", nil, "- --x"},
	} {
		in := parse(t, "FROM a\n"+tt.line+"\n").Instructions[1]
		if got := texts(in.Flags()); !slices.Equal(got, tt.flags) || in.Args().S != tt.args {
			t.Errorf("%s: flags %q, args %q", tt.line, got, in.Args().S)
		}
	}
}

// TestFlagBytes: BuildKit reads flags byte by byte, so that a byte of a longer
// rune can end one.
func TestFlagBytes(t *testing.T) {
	in := parse(t, "FROM a\nCOPY --chown=x\u00a0b c d\n").Instructions[1] // U+00A0 is C2 A0
	if got := texts(in.Flags()); !slices.Equal(got, []string{"--chown=x\xc2"}) || in.Args().S != "b c d" {
		t.Errorf("flags %q, args %q", got, in.Args().S)
	}
}

func TestFields(t *testing.T) {
	for _, tt := range []struct {
		line string
		want []string
	}{
		{`COPY "a b" c`, []string{`"a`, `b"`, "c"}},
		{"COPY a\tb\v\fc\rd", []string{"a", "b", "c", "d"}},
		{"EXPOSE 80 443/udp", []string{"80", "443/udp"}},
		{`COPY a\ b c`, []string{`a\`, "b", "c"}},
		{"COPY a\u2003b c", []string{"a\u2003b", "c"}},
	} {
		if got := texts(parse(t, "FROM a\n"+tt.line+"\n").Instructions[1].Fields()); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", tt.line, got)
		}
	}
}

func TestQuotedFields(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want []string
	}{
		{"FROM a\nENV b=c d=e\n", []string{"b=c", "d=e"}},
		{"FROM a\nENV b=\"c d\" e='f g'\n", []string{`b="c d"`, "e='f g'"}},
		{"FROM a\nENV b=c\\ d e=f\n", []string{`b=c\ d`, "e=f"}},
		{"FROM a\nENV b='c\\' d=e\n", []string{`b='c\'`, "d=e"}},
		{"FROM a\nENV b=\"c\\\" d\" e=f\n", []string{`b="c\" d"`, "e=f"}},
		{"FROM a\nENV b=\"c d\n", []string{`b="c d`}},
		{"# escape=`\nFROM a\nENV b=c` d e=f\\\n", []string{"b=c` d", `e=f\`}},
		{"FROM a\nENV b=c\u2003d=e\n", []string{"b=c", "d=e"}},
		{"FROM a\nARG b c=d\n", []string{"b", "c=d"}},
		{"FROM a\nLABEL b=\"\"\n", []string{`b=""`}},
		{"FROM a\nARG b \\\u00a0\n", []string{"b"}}, // a lone escape at the end is dropped
	} {
		if got := texts(parse(t, tt.src).Instructions[1].QuotedFields()); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.src, got, tt.want)
		}
	}
}

// TestSpan: a word has a place unless a continuation cuts it.
func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		keyword   bool // whether it has a place
		field     int
		ok        bool
	}{
		{"whole", "FROM golang:1\n", true, 0, true},
		{"keyword cut", "FR\\\nOM golang:1\n", false, 0, true},
		{"word cut", "FROM gol\\\nang:1\n", true, 0, false},
		{"cut between words", "FROM golang:1 \\\n AS b\n", true, 2, true},
		{"comment between", "FROM golang:1 AS \\\n# c\n b\n", true, 2, true},
		{"blank line in a word", "FROM gol\\\n\nang:1\n", true, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			in := f.Instructions[0]
			if _, ok := in.Span(in.Keyword()); ok != tt.keyword {
				t.Errorf("keyword: %v", ok)
			}
			w := in.Fields()[tt.field]
			span, ok := in.Span(w)
			if ok != tt.ok || (ok && string(f.Bytes(span)) != w.S) {
				t.Errorf("%q: %q, %v", w.S, f.Bytes(span), ok)
			}
			if _, ok := in.Replace(w, "x"); ok != tt.ok {
				t.Errorf("replace: %v", ok)
			}
		})
	}
	text := parse(t, "FROM a\n").Instructions[0].Text
	for _, r := range [][2]int{{-1, 1}, {2, 1}, {0, 7}} {
		if _, ok := text.Source(r[0], r[1]); ok {
			t.Errorf("%v has a place", r)
		}
	}
}

func TestPlaces(t *testing.T) {
	f := parse(t, "FROM a\r\n\nRUN b")
	for _, tt := range []struct {
		off, line int
		eol       string
	}{{0, 1, "\r\n"}, {7, 1, "\r\n"}, {8, 2, "\n"}, {9, 3, "\n"}, {14, 3, "\n"}} {
		if f.Line(tt.off) != tt.line || f.EOL(tt.off) != tt.eol {
			t.Errorf("%d: line %d, ends in %q", tt.off, f.Line(tt.off), f.EOL(tt.off))
		}
	}
	if f.LineStart(0) != 0 || f.LineStart(3) != 9 || f.LineStart(99) != 9 || f.Place(9) != "Dockerfile:3" {
		t.Error("places")
	}
}
