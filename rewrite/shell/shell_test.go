package shell

import (
	"slices"
	"strings"
	"testing"
)

// TestSorted: both lists are binary-searched.
func TestSorted(t *testing.T) {
	for name, list := range map[string][]string{"leaking": leaking, "dynamic": dynamic} {
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("%s is not sorted, or has a word twice", name)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string // the names of its commands
	}{
		{"a", []string{"a"}},
		{"a b && c d", []string{"a", "c"}},
		{"a &&\tb && c", []string{"a", "b", "c"}},
		{"echo 'a && b'", []string{"echo"}},
		{`echo "a; b | c & d"`, []string{"echo"}},
		{"echo a\\;b", []string{"echo"}},
		{"echo a > b 2>&1", []string{"echo"}},
		{"echo >> a < b", []string{"echo"}},
		{"echo $a ${b} ${c:-d} ${e%f} $1 $@", []string{"echo"}},
		{"echo $(a && b)", []string{"echo"}},
		{"echo `a`", []string{"echo"}},
		{"echo a#b", []string{"echo"}},
		{"test -f a && [ -d b ]", []string{"test", "["}},
		{"/usr/bin/a b", []string{"/usr/bin/a"}},
		{"a \t", []string{"a"}},
		{"printf '%s\\n' -- -w", []string{"printf"}},
	} {
		cmds, why := Plain(tt.script, POSIX)
		var got []string
		for _, c := range cmds {
			got = append(got, c.Name)
			if !strings.Contains(tt.script, c.Text) || len(c.Words) > len(strings.Fields(c.Text)) {
				t.Errorf("%s: %q, %q", tt.script, c.Text, c.Words)
			}
		}
		if why != "" || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %s", tt.script, got, why)
		}
	}
	for _, script := range []string{"cat <<< a", "echo ${a[@]} ${b[0]} ${c:1:2} ${#d[*]}", "printf '%s' \"$a\""} {
		if cmds, why := Plain(script, Bash); why != "" || len(cmds) != 1 {
			t.Errorf("%s: %v, %s", script, cmds, why)
		}
	}
	cmds, _ := Plain("a 'b c' \"$d\" > e && f", POSIX)
	if cmds[0].Text != "a 'b c' \"$d\" > e" || !slices.Equal(cmds[0].Words, []string{"'b c'", `"$d"`}) {
		t.Errorf("%+v", cmds[0])
	}
}

func TestNotPlain(t *testing.T) {
	for _, tt := range []struct {
		script string
		d      Dialect
		why    string
	}{
		{"", POSIX, "empty"},
		{"  ", POSIX, "empty"},
		{"# a", POSIX, "empty"},
		{"a # b", POSIX, "comment"},
		{"a; b", POSIX, "`;`"},
		{"a;", POSIX, "`;`"},
		{"a\nb", POSIX, "line break"},
		{"a || b", POSIX, "`||` joins"},
		{"a | b", POSIX, "`|` joins"},
		{"a && b | c", POSIX, "`|` joins"},
		{"a && b || c", POSIX, "`||` joins"},
		{"a &", POSIX, "`&` leaves"},
		{"a && b &", POSIX, "`&` leaves"},
		{"! a", POSIX, "`!` negates"},
		{"a && ! b", POSIX, "`!` negates"},
		{"(a)", POSIX, "no simple command"},
		{"{ a; }", POSIX, "no simple command"},
		{"if a; then b; fi", POSIX, "`if` is no simple"},
		{"for a in b; do c; done", POSIX, "`for` is no simple"},
		{"while a; do b; done", POSIX, "`while` is no simple"},
		{"case a in b) c;; esac", POSIX, "`case` is no simple"},
		{"f() { a; }", POSIX, "no simple command"},
		{"f() { a; } && b", POSIX, "no simple command"},
		{"a=b", POSIX, "`a=b` sets"},
		{"a=b c", POSIX, "`a=b` sets"},
		{"a && b=c d", POSIX, "`b=c` sets"},
		{"> a", POSIX, "redirection has no command"},
		{"cat <<a\nb\na\n", POSIX, "heredoc"},
		{"cat <<a && c\nb\na\n", POSIX, "heredoc"},
		{"cd a", POSIX, "`cd` changes"},
		{"chdir a", POSIX, "`chdir` changes"},
		{"\\cd a", POSIX, "not known before"},
		{"c\\d a", POSIX, "not known before"},
		{"c[d] a", POSIX, "not known before"},
		{"c? a", POSIX, "not known before"},
		{"{cd,a}", Bash, "not known before"},
		{"echo {a}> b", POSIX, "does not parse"},
		{"echo ${a[b=1]}", Bash, "may set a variable"},
		{"echo ${a[$((b=1))]}", Bash, "may set a variable"},
		{"echo ${a:b=1}", Bash, "may set a variable"},
		{"echo ${a:0:b++}", Bash, "may set a variable"},
		{"printf -v a b", POSIX, "printf -v"},
		{"printf {-v,a} b", Bash, "printf -v"},
		{"$a b", POSIX, "not known before"},
		{"a$b c", POSIX, "not known before"},
		{"\"a\" b", POSIX, "not known before"},
		{"$(a) b", POSIX, "not known before"},
		{"echo ${a:=b}", POSIX, "sets a variable"},
		{"echo ${a=b}", POSIX, "sets a variable"},
		{"echo \"${a:-${b=c}}\"", POSIX, "sets a variable"},
		{"echo > ${a=b}", POSIX, "sets a variable"},
		{"echo $((a=1))", POSIX, "may set a variable"},
		{"echo $((1))", POSIX, "may set a variable"},
		{"echo $(a; b=$((c++)))", POSIX, "may set a variable"},
		{"printf -v a b", Bash, "printf -v"},
		{"printf '-v' a b", Bash, "printf -v"},
		{"printf -va b", Bash, "printf -v"},
		{"printf $a b c", Bash, "printf -v"},
		{"a {b}> c", Bash, "sets a variable"},
		{"a <(b)", Bash, "leaves a command"},
		{"a >(b)", Bash, "leaves a command"},
		{"[[ a ]]", Bash, "no simple command"},
		{"((a))", Bash, "no simple command"},
		{"a |& b", Bash, "`|&` joins"},
		{"coproc a", Bash, "no simple command"},
		{"time a", Bash, "no simple command"},
		{"a <(b)", POSIX, "does not parse"},
		{"a=(b)", POSIX, "does not parse"},
		{"a 'b", POSIX, "does not parse"},
		{"a &&", POSIX, "does not parse"},
		{"a \\", POSIX, "backslash"},
		{"a b\\ ", POSIX, "backslash"},
		{"let a=1", Bash, "no simple command"},
		{"declare a=b", Bash, "no simple command"},
		{"export a=b", Bash, "no simple command"},
	} {
		if cmds, why := Plain(tt.script, tt.d); why == "" || !strings.Contains(why, tt.why) {
			t.Errorf("%q: %v, %q, want %q", tt.script, cmds, why, tt.why)
		}
	}
}

// TestLeaking: each builtin that changes the shell stops a script, wherever it
// stands in it.
func TestLeaking(t *testing.T) {
	for _, name := range leaking {
		for _, script := range []string{name + " x", "true && " + name + " x && true"} {
			for _, d := range []Dialect{POSIX, Bash} {
				if cmds, why := Plain(script, d); why == "" {
					t.Errorf("%s: %v", script, cmds)
				}
			}
		}
	}
}

func TestDynamic(t *testing.T) {
	for _, name := range dynamic {
		for _, script := range []string{"echo ${" + name + "}", "echo \"a${" + name + "}\" > b", "echo $(c ${" + name + "})"} {
			if cmds, why := Plain(script, Bash); !strings.Contains(why, "depends on what the shell did before") {
				t.Errorf("%s: %v, %s", script, cmds, why)
			}
		}
	}
	for _, script := range []string{"echo $?", "echo $$", "echo $!", "echo $-", "echo ${#?}", "echo $_ a"} {
		if cmds, why := Plain(script, POSIX); why == "" {
			t.Errorf("%s: %v", script, cmds)
		}
	}
}

func TestDialectOf(t *testing.T) {
	for _, tt := range []struct {
		argv string
		want Dialect
		why  string
	}{
		{"", POSIX, ""},
		{"/bin/sh -c", POSIX, ""},
		{"sh -ec", POSIX, ""},
		{"ash -e -x -c", POSIX, ""},
		{"/bin/dash -uc", POSIX, ""},
		{"/bin/bash -c", Bash, ""},
		{"bash -o pipefail -c", Bash, ""},
		{"/bin/bash -euxo pipefail -c", Bash, ""},
		{"bash -c --", Bash, ""},
		{"/bin/zsh -c", POSIX, "not one that restow reads"},
		{"powershell -Command", POSIX, "not one that restow reads"},
		{"cmd /S /C", POSIX, "not one that restow reads"},
		{"python3 -c", POSIX, "not one that restow reads"},
		{"bash -lc", Bash, "profile files"},
		{"bash -ic", Bash, "profile files"},
		{"bash --login -c", Bash, "called with --login"},
		{"bash -rc", Bash, "called with -r"},
		{"bash -O extglob -c", Bash, "called with -O"},
		{"bash -o posix -c", Bash, "called with posix"},
		{"bash x -c", Bash, "called with x"},
		{"bash", Bash, "not called with -c"},
		{"bash -e", Bash, "not called with -c"},
	} {
		d, why := DialectOf(strings.Fields(tt.argv))
		if d != tt.want || (why == "") != (tt.why == "") || !strings.Contains(why, tt.why) {
			t.Errorf("%s: %v, %q", tt.argv, d, why)
		}
	}
}
