package proof

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// repeat writes a line n times, with the number of each for %d.
func repeat(n int, line string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.ReplaceAll(line, "%d", fmt.Sprint(i)) + "\n")
	}
	return out.String()
}

// TestBounded: what grows beyond all use is refused before BuildKit makes it,
// with the line.
func TestBounded(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	var names strings.Builder // v1=$v0$v0, v2=$v1$v1, …
	for i := range 40 {
		fmt.Fprintf(&names, "ENV v%d=$v%d$v%d\n", i+1, i, i)
	}
	for _, tt := range []struct{ name, src string }{
		{"a chain that doubles", "FROM a\nENV v0=xxxxxxxx\n" + names.String()},
		{"ARGs before FROM", strings.ReplaceAll("ARG v0=xxxxxxxx\n"+names.String(), "ENV", "ARG") + "FROM a\n"},
		{"one that doubles itself", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, "ENV v=$v$v")},
		{"with braces", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, "ENV v=${v}${v:-}")},
		{"behind an escaped dollar", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, `ENV v=\$${v}\$${v}`)},
		{"a dollar for a name", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, `ENV \$=$$$$`)},
		{"in quotes", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, `ENV "v"="$v$v"`)},
		{"an escaped name", "FROM a\nENV v=xxxxxxxx\n" + repeat(40, `ENV \v=$v$v`)},
		{"the old form", "FROM a\nENV v xxxxxxxx\n" + repeat(40, "ENV v $v$v")},
		{"a name behind a variable", "FROM a\nENV n=v v=xxxxxxxx\n" + repeat(40, "ENV $n=$v$v")},
		{"a number for a name", "FROM a\nENV 1=xxxxxxxx\n" + repeat(40, "ENV 1=$1$1")},
		{"a sign for a name", "FROM a\nENV @=xxxxxxxx\n" + repeat(40, "ENV @=$@$@")},
		{"other letters", "FROM a\nENV é=xxxxxxxx\n" + repeat(40, "ENV é=$é$é")},
		{"replacements", "FROM a\nENV v=xxxxxxxx\n" + repeat(10, "ENV v=${v//x/$v}")},
		{"replacements of nothing", "FROM a\nENV v=xxxxxxxx\n" + repeat(10, "ENV v=${v//*(y)/$v}")},
		{"an ARG declared again", "ARG v=xxxxxxxx\n" + repeat(16, "ARG v=$v$v") + "FROM a\nARG v\n" + repeat(16, "ARG v=$v$v")},
		{"a stage that starts from another", "FROM a AS s\nENV v=xxxxxxxx\n" + repeat(14, "ENV v=$v$v") + "FROM a\nENV v=1\nFROM s\n" + repeat(14, "ENV v=$v$v")},
		{"a heredoc", "FROM a\nENV v=" + long + "\nCOPY <<e /f\n" + repeat(20, "$v") + "e\n"},
		{"a label", "FROM a\nENV v=" + long + "\nLABEL l=" + strings.Repeat("$v", 20) + "\n"},
		{"many ENVs for many RUNs", "FROM a\n" + repeat(12, "ENV v%d="+long) + repeat(2000, "RUN b")},
		{"many ARGs for many RUNs", "FROM a\n" + repeat(12, "ARG v%d="+long) + repeat(2000, "RUN b")},
		{"a long shell for many RUNs", "FROM a\nSHELL [\"/bin/sh\", \"" + long + "\", \"-c\"]\n" + repeat(9000, "RUN b")},
		{"a long folder for many RUNs", "FROM a\nENV v=" + long + "\n" + repeat(100, "WORKDIR $v") + repeat(2000, "RUN b")},
		{"a long folder for many COPYs", "FROM a\nENV v=" + long + "\n" + repeat(100, "WORKDIR $v") + repeat(2000, "COPY b c")},
		{"many targets", repeat(2400, "FROM a AS s%d\nRUN b\nRUN c\nRUN d")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			err := bounded(f)
			if err == nil || !strings.HasPrefix(err.Error(), "Dockerfile:") || !strings.Contains(err.Error(), "more than restow compiles") {
				t.Fatalf("not refused: %v", err)
			}
			if _, again := Compile(context.Background(), f, nil, nil); again == nil || again.Error() != err.Error() {
				t.Errorf("compiling says %v", again)
			}
			if ws := Lint(context.Background(), f); ws != nil {
				t.Errorf("checked all the same: %v", ws)
			}
		})
	}
}

// TestLegible: bytes that BuildKit's lexer changes would make different files
// compare equal.
func TestLegible(t *testing.T) {
	for name, text := range map[string]string{"invalid UTF-8": "\xff", "a cut rune": "\xc3", "NUL": "\x00", "a byte order mark": "\ufeff"} {
		for _, src := range []string{"FROM a\nENV v=" + text + "w\n", "FROM a\nCOPY <<e /f\n" + text + "\ne\n"} {
			_, err := Compile(context.Background(), parse(t, src), nil, nil)
			if err == nil || !strings.HasPrefix(err.Error(), "Dockerfile:2: the instruction has bytes that are no UTF-8 text") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	build(t, "\xef\xbb\xbf# \xff\nFROM a\nENV v=\u00e9\u4e2d\U0001f600\n")
}

// TestNotBounded: files that people write are compiled.
func TestNotBounded(t *testing.T) {
	for name, src := range map[string]string{
		"paths":        "FROM a\nENV PATH=/b:$PATH\n" + repeat(100, "ENV PATH=/opt/tool%d/bin:$PATH") + repeat(100, "RUN make %d"),
		"versions":     "ARG V=1.2.3\nFROM a:${V}\nARG V\nENV W=${V//./_} X=${V%.*} Y=${V#*.}\nRUN b\n",
		"long scripts": "FROM a\n" + repeat(20, "RUN "+strings.Repeat("echo word && ", 2000)+"true"),
		"many RUNs":    "FROM a\nENV v=1\n" + repeat(3000, "RUN b %d"),
		"heredocs":     "FROM a\nENV v=1\nCOPY <<e /f\n" + repeat(2000, "line $v") + "e\n",
		"stages":       repeat(40, "FROM a AS s%d\nARG V=1\nENV W=$V\nWORKDIR /w\nCOPY . .\nRUN b"),
		"labels":       "FROM a\n" + repeat(200, "LABEL l%d=\"some words here\""),
	} {
		t.Run(name, func(t *testing.T) { build(t, src) })
	}
}
