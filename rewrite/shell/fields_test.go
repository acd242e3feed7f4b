package shell

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var fields = []struct {
	script string
	want   []string
}{
	{"a", []string{"a"}},
	{" a\tb  c ", []string{"a", "b", "c"}},
	{`a 'b c' "d e" f\ g`, []string{"a", "b c", "d e", "f g"}},
	{`a "b\"c" "\$d" "\e" "f\\g" '\h'`, []string{"a", `b"c`, "$d", `\e`, `f\g`, `\h`}},
	{`a b'c'"d"e \* \$f \~ "*" '?' "~"`, []string{"a", "bcde", "*", "$f", "~", "*", "?", "~"}},
	{`a '' ""`, []string{"a", "", ""}},
	{`a b#c b=c --d=e f~ } é "ü ß" 日本`, []string{"a", "b#c", "b=c", "--d=e", "f~", "}", "é", "ü ß", "日本"}},
	{`./a /b/c "d/e"`, []string{"./a", "/b/c", "d/e"}},
	{`a "it's" 'say "b"'`, []string{"a", "it's", `say "b"`}},
	{`a a\\b C:\\d`, []string{"a", `a\b`, `C:\d`}},
	{`a "b;c&&d|e>f"`, []string{"a", "b;c&&d|e>f"}},
	{"java -jar app.jar", []string{"java", "-jar", "app.jar"}},
}

// TestFields: the words are those of the table, and those that dash and bash
// make of the script.
func TestFields(t *testing.T) {
	for _, tt := range fields {
		for _, d := range []Dialect{POSIX, Bash} {
			if words, why := Fields(tt.script, d); why != "" || !slices.Equal(words, tt.want) {
				t.Errorf("%s: %q, %s", tt.script, words, why)
			}
		}
		for _, sh := range []string{"dash", "bash"} {
			path, err := exec.LookPath(sh)
			if err != nil && os.Getenv("RESTOW_CI") == "" {
				t.Logf("there is no %s to ask", sh)
				continue
			}
			out, err := exec.Command(path, "-c", "for word in "+tt.script+"; do printf '%s\\n' \"$word\"; done").Output()
			if want := strings.Join(tt.want, "\n") + "\n"; err != nil || string(out) != want {
				t.Errorf("%s of %s: %q, %v", sh, tt.script, out, err)
			}
		}
	}
}

func TestNoFields(t *testing.T) {
	for _, tt := range []struct {
		script string
		d      Dialect
		why    string
		exec   bool // whether exec may stand in front
	}{
		{"a $b", POSIX, "`$b` has to be expanded", true},
		{`a "${b}c"`, POSIX, "has to be expanded", true},
		{"a $(b)", POSIX, "has to be expanded", true},
		{"a `b`", POSIX, "has to be expanded", true},
		{"a $((1))", POSIX, "has to be expanded", true},
		{"a *.b", POSIX, "is a pattern", true},
		{"a b?", POSIX, "is a pattern", true},
		{"a [b]", POSIX, "is a pattern", true},
		{"a {b,c}", POSIX, "has to be expanded", true},
		{"a ~/b", POSIX, "home folder", true},
		{"a b=~/c", POSIX, "home folder", true},
		{"a $'b'", POSIX, "has to be expanded", true},
		{"a $'b'", Bash, "different shells", true},
		{`a $"b"`, Bash, "different shells", true},
		{"a <(b)", Bash, "has to be expanded", true},
		{"a > b", POSIX, "`> b` redirects", true},
		{"a 2>&1", POSIX, "redirects", true},
		{"$a/b c", POSIX, "has to be expanded", true},
		{`"${a}/b" c`, POSIX, "has to be expanded", true},
		{"$a b", POSIX, "has to be expanded", false},
		{"${a:-/b} c", POSIX, "has to be expanded", false},
		{"a* b", POSIX, "is a pattern", false},
		{"['a', 'b']", POSIX, "is a pattern", false},
		{"a && b", POSIX, "`&&` joins", false},
		{"a || b", POSIX, "`||` joins", false},
		{"a | b", POSIX, "`|` joins", false},
		{"a; b", POSIX, "`;` separates", false},
		{"a;", POSIX, "`;` ends", false},
		{"a &", POSIX, "`&` starts", false},
		{"! a", POSIX, "`!` negates", false},
		{"a # b", POSIX, "comment", false},
		{"# a", POSIX, "empty", false},
		{"", POSIX, "empty", false},
		{"a=b c", POSIX, "`a=b` sets", false},
		{"a=b", POSIX, "`a=b` sets", false},
		{"> a", POSIX, "no command", false},
		{"(a)", POSIX, "no simple command", false},
		{"{ a; }", POSIX, "no simple command", false},
		{"if a; then b; fi", POSIX, "no simple command", false},
		{"while a; do b; done", POSIX, "no simple command", false},
		{"[[ a ]]", Bash, "no simple command", false},
		{"[ a ]", POSIX, "`[` is a word of the shell's own", false},
		{"'[' a ]", POSIX, "`[` is a word of the shell's own", false},
		{"cd a", POSIX, "`cd` is a word", false},
		{"'cd' a", POSIX, "`cd` is a word", false},
		{"source a", POSIX, "`source` is a word", false},
		{". a", POSIX, "`.` is a word", false},
		{"exec a", POSIX, "`exec` is a word", false},
		{"set -e", POSIX, "`set` is a word", false},
		{"echo a", POSIX, "`echo` is a word", false},
		{"time a", POSIX, "`time` is a word", false},
		{"--help", POSIX, "not the name", false},
		{"'' a", POSIX, "no name", false},
		{"a 'b", POSIX, "does not parse", false},
		{"cat <<b", POSIX, "here-document", false},
		{"cat <<b\nc\nb\n", POSIX, "control", false},
		{`a \`, POSIX, "backslash", false},
		{"a\rb", POSIX, "control", false},
		{"a \xff", POSIX, "UTF-8", false},
	} {
		if words, why := Fields(tt.script, tt.d); words != nil || why == "" || !strings.Contains(why, tt.why) {
			t.Errorf("%q: %q, %q, want %q", tt.script, words, why, tt.why)
		}
		if why := Replaceable(tt.script, tt.d); (why == "") != tt.exec {
			t.Errorf("exec %q: %q", tt.script, why)
		}
	}
}

// TestOwn: no builtin or reserved word is taken for a program.
func TestOwn(t *testing.T) {
	for name := range own {
		for _, script := range []string{name, name + " x", "'" + name + "' x", name + " $x"} {
			if words, why := Fields(script, POSIX); why == "" {
				t.Errorf("%s: %q", script, words)
			}
			if Replaceable(script, POSIX) == "" {
				t.Errorf("exec %s", script)
			}
		}
	}
}

func TestReplaced(t *testing.T) {
	for script, want := range map[string]bool{
		"exec a": true, "exec a $b": true, "cd a && exec b": true, "set -e; a; exec b": true, "a || b && exec c": true,
		"a": false, "exec": false, "exec a; b": false, "exec a &": false, "a || exec b": false, "a | exec b": false,
		"exec a && b": false, "'exec": false, "": false, "if a; then exec b; fi": false,
	} {
		if got := Replaced(script, POSIX); got != want {
			t.Errorf("%s: %v", script, got)
		}
	}
}
