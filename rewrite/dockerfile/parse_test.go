package dockerfile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

// TestLogicalLines: what BuildKit reads, and on which lines it stands.
func TestLogicalLines(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		texts     []string // of all instructions
		lines     [][2]int // first and last of each
	}{
		{"one line each", "FROM a\nRUN b\n", []string{"FROM a", "RUN b"}, [][2]int{{1, 1}, {2, 2}}},
		{"no final newline", "FROM a\nRUN b", []string{"FROM a", "RUN b"}, [][2]int{{1, 1}, {2, 2}}},
		{"indented", "\t FROM a\n", []string{"FROM a"}, [][2]int{{1, 1}}},
		{"white space before stays in a continuation", "FROM a\nRUN b \\\n\t c\n", []string{"FROM a", "RUN b \t c"}, [][2]int{{1, 1}, {2, 3}}},
		{"a blank line does not end a continuation", "FROM a\nRUN b \\\n\n \nc\n", []string{"FROM a", "RUN b c"}, [][2]int{{1, 1}, {2, 5}}},
		{"a comment does not either", "FROM a\nRUN b \\\n  # why\nc\n", []string{"FROM a", "RUN b c"}, [][2]int{{1, 1}, {2, 4}}},
		{"the end of the file is swallowed", "FROM a\nRUN b \\\n\n# tail\n\n", []string{"FROM a", "RUN b "}, [][2]int{{1, 1}, {2, 5}}},
		{"a keyword cut in two", "FR\\\nOM a\n", []string{"FROM a"}, [][2]int{{1, 2}}},
		{"a word cut in two", "FROM gol\\\nang:1\n", []string{"FROM golang:1"}, [][2]int{{1, 2}}},
		{"a continuation on a line of its own", "FROM a\nRUN b \\\n\\\nc\n", []string{"FROM a", "RUN b c"}, [][2]int{{1, 1}, {2, 4}}},
		{"two escapes do not continue", "FROM a\nRUN b \\\\\nRUN c\n", []string{"FROM a", `RUN b \\`, "RUN c"}, [][2]int{{1, 1}, {2, 2}, {3, 3}}},
		{"blanks behind the escape do", "FROM a\nRUN b \\ \t\nc\n", []string{"FROM a", "RUN b c"}, [][2]int{{1, 1}, {2, 3}}},
		{"a form feed behind it does not", "FROM a\nRUN b \\\f\nRUN c\n", []string{"FROM a", "RUN b \\\f", "RUN c"}, [][2]int{{1, 1}, {2, 2}, {3, 3}}},
		{"CRLF", "FROM a\r\nRUN b \\\r\n\r\n c\r\n", []string{"FROM a", "RUN b  c"}, [][2]int{{1, 1}, {2, 4}}},
		{"a lone CR is white space", "FROM\ra\nRUN b\rc\n", []string{"FROM\ra", "RUN b\rc"}, [][2]int{{1, 1}, {2, 2}}},
		{"many CRs end a line", "FROM a\r\r\nRUN b\n", []string{"FROM a", "RUN b"}, [][2]int{{1, 1}, {2, 2}}},
		{"a backtick continues", "# escape=`\nFROM a\nRUN b `\nc\\\n", []string{"FROM a", `RUN b c\`}, [][2]int{{2, 2}, {3, 4}}},
		{"no # escape= in the middle", "FROM a\n# escape=`\nRUN b \\\nc\n", []string{"FROM a", "RUN b c"}, [][2]int{{1, 1}, {3, 4}}},
		{"a byte order mark", "\xef\xbb\xbfFROM a\n", []string{"FROM a"}, [][2]int{{1, 1}}},
		{"a byte order mark goes before directives", "\xef\xbb\xbf# escape=`\nFROM a `\nAS b\n", []string{"FROM a AS b"}, [][2]int{{2, 3}}},
		{"a shebang ends directives", "#!/bin/x\n# escape=`\nFROM a \\\nAS b\n", []string{"FROM a AS b"}, [][2]int{{3, 4}}},
		{"a heredoc", "FROM a\nRUN <<EOF\nFROM b\nEOF\nRUN c\n", []string{"FROM a", "RUN <<EOF", "RUN c"}, [][2]int{{1, 1}, {2, 4}, {5, 5}}},
		{"invalid UTF-8", "FROM a\nRUN \xff\xfe\\\n\x80\n", []string{"FROM a", "RUN \xff\xfe\x80"}, [][2]int{{1, 1}, {2, 3}}},
		{"NUL bytes", "FROM a\nRUN \x00\n", []string{"FROM a", "RUN \x00"}, [][2]int{{1, 1}, {2, 2}}},
		{"malformed JSON is shell form", "FROM a\nCMD ['b']\n", []string{"FROM a", "CMD ['b']"}, [][2]int{{1, 1}, {2, 2}}},
		{"a no-break space ends the text", "FROM a\nRUN b\u00a0\n", []string{"FROM a", "RUN b\u00a0"}, [][2]int{{1, 1}, {2, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			var got []string
			var lines [][2]int
			for _, in := range f.Instructions {
				got = append(got, in.Text.S)
				lines = append(lines, [2]int{f.Line(in.Lines.Start), f.Line(in.Lines.End - 1)})
			}
			if !slices.Equal(got, tt.texts) || !slices.Equal(lines, tt.lines) {
				t.Errorf("%q on %v, want %q on %v", got, lines, tt.texts, tt.lines)
			}
		})
	}
}

// TestRefused: files that are no Dockerfiles, with file:line and the reason.
func TestRefused(t *testing.T) {
	long := strings.Repeat("x", 65_536-len("RUN "))
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "Dockerfile:1: file with no instructions"},
		{"comments only", "# a\n\n# b\n", "Dockerfile:3: file with no instructions"},
		{"no FROM", "ARG a\n", "Dockerfile:1: no FROM"},
		{"before FROM", "ARG a\nRUN b\nFROM c\n", "Dockerfile:2: RUN stands before the first FROM"},
		{"unknown instruction", "FROM a\nRUM b\n", "Dockerfile:2: unknown instruction: RUM"},
		{"a lone continuation", "\\\n", "Dockerfile:1: unknown instruction: "},
		{"a second escape", "# escape=`\n# escape=\\\nFROM a\n", "Dockerfile:2: only one escape parser directive can be used"},
		{"a bad escape", "# check=skip=all\n# escape=x\nFROM a\n", "Dockerfile:2: # escape=x is neither"},
		{"an open heredoc", "FROM a\nRUN <<EOF\nEOF \n", "Dockerfile:2: unterminated heredoc"},
		{"a heredoc as destination", "FROM a\nCOPY a <<EOF\nEOF\n", "Dockerfile:2: "},
		{"an unknown flag", "FROM a\nCOPY --form=b c d\n", "Dockerfile:2: unknown flag: --form"},
		{"ENV without a value", "FROM a\nENV b\n", "Dockerfile:2: ENV must have two arguments"},
		{"JSON of numbers", "FROM a\nCMD [1]\n", "Dockerfile:2: when using JSON array syntax"},
		{"a line over BuildKit's limit", "FROM a\nRUN " + long + "\n", "Dockerfile:2: the line has 65536 bytes, more than the 65535 that BuildKit reads"},
		{"a line over it, the last", "FROM a\nRUN " + long, "Dockerfile:2: the line has 65536 bytes, more than the 65535 that BuildKit reads"},
		{"too many bytes", "FROM a\n" + strings.Repeat("#\n", dockerfile.MaxSize/2), "more than the 1048576 that restow reads"},
		{"too many instructions", "FROM a\n" + strings.Repeat("RUN b\n", dockerfile.MaxInstructions), "Dockerfile:10001: the file has 10001 instructions, more than the 10000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := dockerfile.Parse("Dockerfile", []byte(tt.src))
			if err == nil || f != nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "Dockerfile:") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestLimits: what is exactly at a limit is read.
func TestLimits(t *testing.T) {
	parse(t, "FROM a\nRUN "+strings.Repeat("x", 65_535-len("RUN "))+"\n")
	parse(t, "FROM a\nRUN "+strings.Repeat("x", 65_535-len("RUN ")))
	parse(t, "FROM a\n"+strings.Repeat("#\n", (dockerfile.MaxSize-7)/2))
	parse(t, "FROM a\n"+strings.Repeat("RUN b\n", dockerfile.MaxInstructions-1))
}

func TestDirectives(t *testing.T) {
	for _, tt := range []struct {
		src, name, value string
		ok               bool
	}{
		{"# escape=`\nFROM a\n", "escape", "`", true},
		{"#ESCAPE = ` \nFROM a\n", "escape", "`", true},
		{"\xef\xbb\xbf# check=skip=all\nFROM a\n", "check", "skip=all", true},
		{"# syntax=a\n# check=skip=all\nFROM a\n", "check", "skip=all", true},
		{"# a comment\n# check=skip=all\nFROM a\n", "check", "", false},
		{"\n# check=skip=all\nFROM a\n", "check", "", false},
		{"#!/bin/x\n# check=skip=all\nFROM a\n", "check", "", false},
		{"# chek=skip=all\n# check=skip=all\nFROM a\n", "check", "", false},
	} {
		p, ok := parse(t, tt.src).Directive(tt.name)
		if ok != tt.ok || p.Value != tt.value {
			t.Errorf("%q: %q, %v", tt.src, p.Value, ok)
		}
	}
}

// TestLeading: comments belong to the instruction below them only where no
// blank line stands between, unlike BuildKit's PrevComment.
func TestLeading(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want []string // leading comments of the last instruction
	}{
		{"FROM a\n# one\n  # two\nRUN b\n", []string{"# one", "  # two"}},
		{"FROM a\n# one\n\n# two\nRUN b\n", []string{"# two"}},
		{"FROM a\n# one\n \t\nRUN b\n", nil},
		{"FROM a\n# one\nENV c=d\nRUN b\n", nil},
		{"# escape=`\n# one\nFROM a\n", []string{"# one"}},
		{"# escape=`\nFROM a\n", nil},
		{"\xef\xbb\xbf# one\nFROM a\n", []string{"# one"}},
		{"FROM a \\\n# inside\n AS b\nRUN c\n", nil},
	} {
		f := parse(t, tt.src)
		in := f.Instructions[len(f.Instructions)-1]
		var got []string
		for _, c := range in.Leading {
			got = append(got, strings.TrimRight(string(f.Bytes(c)), "\n"))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.src, got, tt.want)
		}
		if n := len(in.Node.PrevComment); tt.src == "FROM a\n# one\n \t\nRUN b\n" && n != 1 {
			t.Errorf("BuildKit's comments no longer stick across blank lines: %d", n)
		}
	}
}

func TestHeredocs(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      []string // name and body of each, of the second instruction
	}{
		{"RUN", "FROM a\nRUN <<EOF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"quoted", "FROM a\nRUN <<'EOF'\n$b\nEOF\n", []string{"EOF", "$b\n"}},
		{"two", "FROM a\nCOPY <<b <<c /d/\n1\nb\n2\nc\n", []string{"b", "1\n", "c", "2\n"}},
		{"empty", "FROM a\nRUN <<EOF\nEOF", []string{"EOF", ""}},
		{"tabs are stored", "FROM a\nRUN <<-EOF\n\tb\n\tEOF\n", []string{"EOF", "\tb\n"}},
		{"tabs end no plain one", "FROM a\nRUN <<EOF\n\tEOF\nEOF\n", []string{"EOF", "\tEOF\n"}},
		{"the semicolon is part of the name", "FROM a\nRUN cat <<EOF; x\nb\nEOF;\n", []string{"EOF;", "b\n"}},
		{"a blank before the name", "FROM a\nRUN cat << EOF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"none in JSON form", "FROM a\nRUN [\"cat\", \"<<EOF\"]\n", nil},
		{"malformed JSON has them", "FROM a\nRUN ['<<EOF'] <<EOF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"ONBUILD", "FROM a\nONBUILD RUN <<EOF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"none in ENV", "FROM a\nENV b=<<EOF\n", nil},
		{"names are lexed with a backslash", "# escape=`\nFROM a\nRUN <<E\\OF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"CRLF", "FROM a\r\nRUN <<EOF\r\nb\r\nEOF\r\n", []string{"EOF", "b\r\n"}},
		{"comments and continuations are text", "FROM a\nRUN <<EOF\n# b \\\n\nEOF\n", []string{"EOF", "# b \\\n\n"}},
		{"a cut name", "FROM a\nRUN <<E\\\nOF\nb\nEOF\n", []string{"EOF", "b\n"}},
		{"a file descriptor", "FROM a\nRUN cat 3<<EOF\nb\nEOF\n", []string{"EOF", "b\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			var got []string
			for _, h := range f.Instructions[1].Heredocs {
				got = append(got, h.Name, string(f.Bytes(h.Body)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
