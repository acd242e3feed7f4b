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

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string // the names of its commands
	}{
		{"a", []string{"a"}},
		{"a b && c d", []string{"a", "c"}},
		{"a &&\tb && c", []string{"a", "b", "c"}},
		{"a; b || c | d", []string{"a", "b", "c", "d"}},
		{"echo 'a && b'", []string{"echo"}},
		{`echo "a; b | c & d"`, []string{"echo"}},
		{"echo a\\;b", []string{"echo"}},
		{"echo a > b 2>&1", []string{"echo"}},
		{"echo $(a && b)", []string{"a", "b", "echo"}},
		{"echo `a`", []string{"a", "echo"}},
		{"echo a#b", []string{"echo"}},
		{"test -f a && [ -d b ]", []string{"test", "["}},
		{"/usr/bin/a b", []string{"/usr/bin/a"}},
		{"printf '%s\\n' -- -w", []string{"printf"}},
	} {
		p := PartOf(tt.script, POSIX, false, false)
		var got []string
		for _, c := range p.Commands {
			got = append(got, c.Name)
			if !strings.Contains(tt.script, c.Text) || len(c.Words) > len(strings.Fields(c.Text)) {
				t.Errorf("%s: %q, %q", tt.script, c.Text, c.Words)
			}
		}
		if p.Never+p.Leak != "" || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %s, %s", tt.script, got, p.Never, p.Leak)
		}
	}
	p := PartOf("a 'b c' \"$d\" > e && f", POSIX, false, false)
	if c := p.Commands[0]; c.Text != "a 'b c' \"$d\" > e" || !slices.Equal(c.Words, []string{"'b c'", `"$d"`}) {
		t.Errorf("%+v", c)
	}
}

func TestNeverPart(t *testing.T) {
	for _, tt := range []struct {
		script string
		d      Dialect
		why    string
	}{
		{"", POSIX, "empty"},
		{"  ", POSIX, "empty"},
		{"# a", POSIX, "empty"},
		{"a # b", POSIX, "comment"},
		{"a &", POSIX, "`&` leaves"},
		{"a && b &", POSIX, "`&` leaves"},
		{"cat <<a\nb\na\n", POSIX, "heredoc"},
		{"cat <<a && c\nb\na\n", POSIX, "heredoc"},
		{"a <(b)", Bash, "leaves a command"},
		{"a >(b)", Bash, "leaves a command"},
		{"trap a EXIT", POSIX, "`trap` waits"},
		{"echo {a}> b", POSIX, "does not parse"},
		{"a <(b)", POSIX, "does not parse"},
		{"a=(b)", POSIX, "does not parse"},
		{"a 'b", POSIX, "does not parse"},
		{"a &&", POSIX, "does not parse"},
		{"a \\", POSIX, "backslash"},
		{"a\r", POSIX, "carriage return"},
		{"a " + strings.Repeat("b", MaxScript), POSIX, "more than"},
	} {
		if p := PartOf(tt.script, tt.d, false, false); !strings.Contains(p.Never, tt.why) || p.Never == "" {
			t.Errorf("%q: %q, want %q", tt.script, p.Never, tt.why)
		}
	}
}

func TestLeak(t *testing.T) {
	for _, tt := range []struct {
		script string
		d      Dialect
		why    string // "" for nothing that leaks
	}{
		{"(cd a)", POSIX, ""},
		{"if a; then b; fi", POSIX, ""},
		{"cat <<< a", Bash, ""},
		{"echo ${a[@]} ${b[0]} ${c:1:2} ${#d[*]}", Bash, ""},
		{"echo $(a; b=$((c++)))", POSIX, ""},
		{"echo $a ${b} ${c:-d} ${e%f} $1 $@", POSIX, ""},
		{"for a in b; do c; done", POSIX, "`for` sets"},
		{"f() { a; }", POSIX, "`f()` changes"},
		{"f() { a; } && b", POSIX, "`f()` changes"},
		{"a=b", POSIX, "`a=b` sets"},
		{"cd a", POSIX, "`cd` changes"},
		{"{ cd a; }", POSIX, "`cd` changes"},
		{"chdir a", POSIX, "`chdir` changes"},
		{"\\cd a", POSIX, "not known before"},
		{"c\\d a", POSIX, "not known before"},
		{"c[d] a", POSIX, "not known before"},
		{"c? a", POSIX, "not known before"},
		{"{cd,a}", Bash, "not known before"},
		{"$a b", POSIX, "not known before"},
		{"a$b c", POSIX, "not known before"},
		{"\"a\" b", POSIX, "not known before"},
		{"$(a) b", POSIX, "not known before"},
		{"echo ${a[b=1]}", Bash, "may set a variable"},
		{"echo ${a[$((b=1))]}", Bash, "may set a variable"},
		{"echo ${a:b=1}", Bash, "may set a variable"},
		{"echo ${a:0:b++}", Bash, "may set a variable"},
		{"echo ${a:=b}", POSIX, "may set a variable"},
		{"echo ${a=b}", POSIX, "may set a variable"},
		{"echo \"${a:-${b=c}}\"", POSIX, "may set a variable"},
		{"echo > ${a=b}", POSIX, "may set a variable"},
		{"echo $((a=1))", POSIX, "may set a variable"},
		{"printf -v a b", POSIX, "printf -v"},
		{"printf {-v,a} b", Bash, "printf -v"},
		{"printf '-v' a b", Bash, "printf -v"},
		{"printf -va b", Bash, "printf -v"},
		{"printf $a b c", Bash, "printf -v"},
		{"a {b}> c", Bash, "sets a variable"},
		{"[[ a ]]", Bash, "`[[` may set"},
		{"((a))", Bash, "changes the shell"},
		{"time cd a", Bash, "changes the shell"},
		{"let a=1", Bash, "changes the shell"},
		{"declare a=b", Bash, "changes the shell"},
		{"export a=b", Bash, "changes the shell"},
	} {
		if p := PartOf(tt.script, tt.d, false, false); p.Never != "" || (p.Leak == "") != (tt.why == "") || !strings.Contains(p.Leak, tt.why) {
			t.Errorf("%q: %q, %q, want %q", tt.script, p.Never, p.Leak, tt.why)
		}
	}
}

// TestList: what needs braces.
func TestList(t *testing.T) {
	for script, want := range map[string]bool{
		"a": false, "a && b": false, "a | b && c": false, "(a; b)": false, "{ a; b; }": false, "if a; then b; fi": false,
		"a; b": true, "a\nb": true, "a || b": true, "a && b || c": true, "a; b && c": true,
	} {
		if p := PartOf(script, POSIX, false, false); p.Never != "" || p.List != want {
			t.Errorf("%q: %v, %s", script, p.List, p.Never)
		}
	}
}

// TestLeaking: each builtin that changes the shell leaks or keeps a script apart,
// wherever it stands in it.
func TestLeaking(t *testing.T) {
	for _, name := range leaking {
		for _, script := range []string{name + " x", "true && " + name + " x && true"} {
			for _, d := range []Dialect{POSIX, Bash} {
				if p := PartOf(script, d, false, false); p.Never+p.Leak == "" {
					t.Errorf("%s: %+v", script, p)
				}
			}
		}
	}
}

// TestDynamic: $? is 0 where && goes on, as it is in a new shell; the others keep
// a script apart.
func TestDynamic(t *testing.T) {
	for _, name := range dynamic {
		for _, script := range []string{"echo ${" + name + "}", "echo \"a${" + name + "}\" > b", "echo $(c ${" + name + "})"} {
			if p := PartOf(script, Bash, false, false); strings.Contains(p.Never, "depends on what the shell did before") == (name == "?") {
				t.Errorf("%s: %s", script, p.Never)
			}
		}
	}
	for _, script := range []string{"echo $$", "echo $!", "echo $-", "echo $_ a"} {
		if p := PartOf(script, POSIX, false, false); p.Never == "" {
			t.Errorf("%s: %+v", script, p)
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
