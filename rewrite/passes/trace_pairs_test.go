package passes_test

import (
	"strings"
	"testing"
)

// merger is a merge made by hand: scripts, each of a RUN, and what became of them.
type merger struct {
	name   string
	before []string
	after  string
	same   bool
	bash   bool // not for dash
	dash   bool // not for bash
}

var mergers = []merger{
	{name: "and", before: []string{"a", "b"}, after: "a && b", same: true},
	{name: "and of three", before: []string{"a && b", "c x", "d"}, after: "a && b && c x && d", same: true},
	{name: "quotes", before: []string{"a 'x  y' \"$HOME\"", "b \\*"}, after: "a 'x  y' \"$HOME\" && b \\*", same: true},
	{name: "subshell around cd", before: []string{"cd /srv && a", "b"}, after: "(cd /srv && a) && b", same: true},
	{name: "cd last", before: []string{"a", "cd /srv && b"}, after: "a && cd /srv && b", same: true},
	{name: "braces around or", before: []string{"a || b", "c"}, after: "{ a || b; } && c", same: true},
	{name: "or in front binds alike", before: []string{"a || b", "c"}, after: "a || b && c", same: true},
	{name: "braces around a list", before: []string{"a; b", "c"}, after: "{ a; b; } && c", same: true},
	{name: "subshell around export", before: []string{"export X=1; a", "b"}, after: "(export X=1; a) && b", same: true},
	{name: "subshell around exit", before: []string{"a && exit 0", "b"}, after: "(a && exit 0) && b", same: true},
	{name: "subshell around umask", before: []string{"umask 077; a", "b > f"}, after: "(umask 077; a) && b > f", same: true},
	{name: "both set -e", before: []string{"set -e; a; b", "set -e; c; d"}, after: "set -e; a; b; c; d", same: true},
	{name: "if", before: []string{"if a; then b; fi", "c"}, after: "if a; then b; fi && c", same: true},
	{name: "pipe", before: []string{"a | b", "c"}, after: "a | b && c", same: true},
	{name: "made and entered", before: []string{"mkdir -p /x/y", "cd /x/y && a > f"}, after: "mkdir -p /x/y && cd /x/y && a > f", same: true},

	{name: "cd leaks", before: []string{"cd /srv && a", "b"}, after: "cd /srv && a && b"},
	{name: "swapped", before: []string{"a", "b"}, after: "b && a"},
	{name: "swapped files", before: []string{"a > f", "b >> f"}, after: "b >> f && a > f"},
	{name: "or lost", before: []string{"a || b", "c"}, after: "a && b && c"},
	{name: "or not in braces", before: []string{"a", "b || c"}, after: "a && b || c"},
	{name: "or true added", before: []string{"a", "b"}, after: "a && b || true"},
	{name: "semicolon", before: []string{"a", "b"}, after: "a; b"},
	{name: "list not in braces", before: []string{"a", "b; c"}, after: "a && b; c"},
	{name: "set -e leaks", before: []string{"set -e; a", "b; c"}, after: "set -e; a; b; c"},
	{name: "set -e without effect", before: []string{"set -e; a; b", "c"}, after: "(set -e; a; b) && c"},
	{name: "set -u leaks", before: []string{"set -u; a", "b $NONE"}, after: "set -u; a && b $NONE"},
	{name: "set -f leaks", before: []string{"a > f1; set -f", "b *"}, after: "a > f1; set -f; b *"},
	{name: "variable leaks", before: []string{"X=1; a", "b $X"}, after: "X=1; a && b $X"},
	{name: "export leaks", before: []string{"export X=1; a", "b"}, after: "export X=1; a && b"},
	{name: "unset leaks", before: []string{"unset LIST; a", "b"}, after: "unset LIST; a && b"},
	{name: "assigned to one", before: []string{"X=1 a", "b"}, after: "X=1 a && X=1 b"},
	{name: "readonly leaks", before: []string{"readonly X=1; a", "X=2; b $X"}, after: "readonly X=1; a && X=2; b $X"},
	{name: "umask leaks to a program", before: []string{"umask 077 && a", "b"}, after: "umask 077 && a && b"},
	{name: "umask leaks to a file", before: []string{"umask 077", "echo > f"}, after: "umask 077 && echo > f"},
	{name: "exit in the first", before: []string{"a && exit 0", "b"}, after: "a && exit 0 && b"},
	{name: "exec in the first", before: []string{"exec a", "b"}, after: "exec a && b"},
	{name: "trap leaks", before: []string{"trap c EXIT; a", "b"}, after: "trap c EXIT; a && b"},
	{name: "ignored signal leaks", before: []string{"trap '' INT; a", "b"}, after: "trap '' INT; a && b"},
	{name: "function leaks", before: []string{"b() { c; }; a", "b"}, after: "b() { c; }; a && b"},
	{name: "exported function leaks", before: []string{"f() { c; }; export -f f; a", "b"}, after: "f() { c; }; export -f f; a && b", bash: true},
	{name: "alias leaks", before: []string{"alias b=c && a", "b"}, after: "alias b=c && a || exit\nb", dash: true},
	{name: "pipefail leaks", before: []string{"set -o pipefail; a", "b | c"}, after: "set -o pipefail; a && b | c", bash: true},
	{name: "nullglob leaks", before: []string{"shopt -s nullglob; a", "b *.x"}, after: "shopt -s nullglob; a && b *.x", bash: true},
	{name: "background process", before: []string{"slow &", "late"}, after: "slow & late"},
	{name: "status is read", before: []string{"a || :", "b $?"}, after: "a; b $?"},
	{name: "IFS leaks", before: []string{"IFS=:; a", "b $LIST"}, after: "IFS=:; a && b $LIST"},
	{name: "arguments leak", before: []string{"set -- x; a", "b $1"}, after: "set -- x; a && b $1"},
	{name: "output leaks", before: []string{"exec > f; a", "b"}, after: "exec > f; a && b"},
	{name: "redirection moved", before: []string{"a > f", "b"}, after: "a && b > f"},
	{name: "redirection widened", before: []string{"a", "b > f"}, after: "{ a && b; } > f"},
	{name: "pipe widened", before: []string{"a | b", "c"}, after: "a | { b && c; }"},
	{name: "input widened", before: []string{"echo x | a", "b"}, after: "{ a && b; } <<x\nx\nx"},
	{name: "call lost", before: []string{"a", "b"}, after: "a"},
	{name: "call doubled", before: []string{"a", "b"}, after: "a && a && b"},
	{name: "quotes lost", before: []string{"a 'x y'", "b"}, after: "a x y && b"},
	{name: "negation lost", before: []string{"! a", "b"}, after: "a && b"},
	{name: "endless", before: []string{"a", "X=1; until [ -n \"$X\" ]; do :; done"}, after: "a && until [ -n \"$X\" ]; do :; done", dash: true},
}

// TestTraceJudges: the harness sees no difference where there is none, and sees
// each that a wrong merger makes.
func TestTraceJudges(t *testing.T) {
	b := newBench(t)
	wrong := 0
	for _, m := range mergers {
		if !m.same {
			wrong++
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for name := range b.shells {
				if m.bash && name == "dash" || m.dash && name == "bash" {
					continue
				}
				s := stand{
					bench: b, shell: name, options: []string{"-c"}, env: []string{"LIST=1:2"}, dir: "/srv/app",
					programs: strings.Fields("a b c d mkdir slow late"),
				}
				v := s.compare(m.before, m.after)
				if v.err != nil || (v.difference == "") != m.same {
					t.Errorf("%s: %q, then %q: %q, %v", name, m.before, m.after, v.difference, v.err)
				}
				if strings.Contains(v.clean.stderr, "not found") {
					t.Errorf("%s: %s", name, v.clean.stderr)
				}
			}
		})
	}
	if wrong < 15 {
		t.Errorf("%d wrong mergers are tried, and should be 15 or more", wrong)
	}
}
