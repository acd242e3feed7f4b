package shell

import (
	"fmt"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// show prints a command with its words, assignments and redirections.
func show(c *Simple) string {
	var out []string
	for _, a := range c.Assigns {
		out = append(out, a.Name+"="+a.Value.Value)
	}
	for _, w := range c.Words {
		switch {
		case w.Static:
			out = append(out, w.Value)
		case w.Glob:
			out = append(out, "glob:"+w.Value)
		default:
			out = append(out, "open:"+w.Prefix)
		}
	}
	for _, r := range c.Redirs {
		out = append(out, fmt.Sprintf("%d%s%s", r.Fd, r.Op, r.Target.Value))
	}
	return strings.Join(out, " ")
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string
	}{
		{"", nil},
		{"a", []string{"a"}},
		{"A=b C='d e' f 'g h' >i 2>&1 <j", []string{"A=b C=d e f g h 1>i 2>&1 0<j"}},
		{"a \"$b\" c$d $(e 'f')", []string{"a open: open:c open:", "e f"}},
		{"rm -rf /a/* 'b*' c\\*?", []string{`rm -rf glob:/a/* b* glob:c\*?`}},
		{"[ -f a ]", []string{"[ -f a ]"}},
		{"cd ~ && a ~/b c~d e=~", []string{"cd open:", "a open: c~d open:e="}},
		{"find . -exec a {} \\;", []string{"find . -exec a {} ;"}},
		{"a {b,c} {1..3} {} {d}", []string{"a open: open: {} {d}"}},
		{"if a; then b; else c; fi >d", []string{"a", "b", "c"}},
		{"f() { a; }; f", []string{"a", "f"}},
		{"a `b \\\\c` ", []string{"a open:", "open: open:"}},
		{"A=$B", []string{"A="}},
		{"> a", []string{"1>a"}},
		{"echo a$ $'b' \"$\" '$c' $[1]", []string{"echo a$ open: $ $c open:"}},
	} {
		s, err := Read(tt.script, POSIX)
		if err != nil {
			t.Fatalf("%s: %v", tt.script, err)
		}
		var got []string
		for _, c := range s.Commands {
			got = append(got, show(c))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
		}
	}
}

func TestReadBash(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string
	}{
		{"export A=b C=$d -x e", []string{"export A=b open:C= -x e"}},
		{"let a=1 'b=2'", []string{"let open: open:"}},
		{"a=(b $(c)); d[1]=e", []string{"a=", "c", "d=e"}},
		{"[[ -f $(a) ]] && ((b=1))", []string{"a"}},
		{"echo $'a\\nb\\'c' $'\\x41' $\"d\"", []string{"echo a\nb'c open: open:"}},
		{"a <(b) &>c {d}>e", []string{"a open: 1&>c -1>e", "b"}},
		{"time a; coproc b; for i in $(c); do d; done; case $(e) in f) g;; esac", []string{"a", "b", "c", "d", "e", "g"}},
	} {
		s, err := Read(tt.script, Bash)
		if err != nil {
			t.Fatalf("%s: %v", tt.script, err)
		}
		var got []string
		for _, c := range s.Commands {
			got = append(got, show(c))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
		}
	}
}

func TestReadTop(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []string // text and operator
	}{
		{"a && b || c; d", []string{"a &&", "b ||", "c ;", "d "}},
		{"a\nb & c;", []string{"a \n", "b &", "c "}},
		{"a | b && { c; d; } >e", []string{"a | b &&", "{ c; d; } >e "}},
		{"! a && (b)", []string{"! a &&", "(b) "}},
		{"a <<E && b\nx\nE\nc # d\n# e\nf", []string{"a <<E &&", "b \n", "c \n", "f "}},
		{"a && b &", []string{"a &&", "b &"}},
		{"if a; then b; fi\nc", []string{"if a; then b; fi \n", "c "}},
	} {
		s, err := Read(tt.script, POSIX)
		if err != nil {
			t.Fatalf("%s: %v", tt.script, err)
		}
		var got []string
		for _, it := range s.Top {
			got = append(got, s.Text[it.Lo:it.Hi]+" "+it.Op)
			if op := s.Text[it.OpLo:it.OpHi]; op != it.Op {
				t.Errorf("%s: operator %q stands where %q does", tt.script, it.Op, op)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
		}
	}
}

func TestReadContext(t *testing.T) {
	s, err := Read("a; b || c && d; (e | f | g); if h; then i; elif j; then k; fi; while l; do m; done; "+
		"for x in y; do n; done; fn() { o; }; ! p; q $(r | s) & case t in u) v;; esac; w && x", POSIX)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Context{
		"a": 0, "b": 0, "c": Conditional, "d": Conditional,
		"e": Subshell | Pipe | PipeFirst, "f": Subshell | Pipe, "g": Subshell | Pipe | PipeLast,
		"h": Condition, "i": Conditional, "j": Condition | Conditional, "k": Conditional,
		"l": Loop | Condition, "m": Loop | Conditional, "n": Loop, "o": Function, "p": Negated, "q": Background,
		"r": Background | Substitution | Subshell | Pipe | PipeFirst, "s": Background | Substitution | Subshell | Pipe | PipeLast,
		"v": Conditional, "w": 0, "x": 0,
	}
	for _, c := range s.Commands {
		if w, ok := want[c.Name()]; !ok || w != c.In {
			t.Errorf("%s: %b, want %b", c.Name(), c.In, w)
		}
		delete(want, c.Name())
	}
	if len(want) > 0 {
		t.Errorf("not read: %v", want)
	}
}

func TestReadHeredoc(t *testing.T) {
	s, err := Read("a <<-'E' <<F >b\n\tx\n\tE\ny $(c)\nF\nd", POSIX)
	if err != nil {
		t.Fatal(err)
	}
	r := s.Commands[0].Redirs
	if len(r) != 3 || s.Text[r[0].Doc.Lo:r[0].Doc.Hi] != "\tx\n" || s.Text[r[1].Doc.Lo:r[1].Doc.Hi] != "y $(c)\n" ||
		!r[0].Doc.Quoted || r[1].Doc.Quoted || r[2].Doc != nil {
		t.Errorf("%+v", r)
	}
	if len(s.Commands) != 3 || s.Commands[1].Name() != "c" || s.Commands[2].Name() != "d" {
		t.Errorf("%d commands", len(s.Commands))
	}
}

func TestReadLimits(t *testing.T) {
	for script, want := range map[string]string{
		strings.Repeat("a;", MaxScript):                           "has 131072 bytes",
		strings.Repeat("(", 200) + "a" + strings.Repeat(")", 200): "within each other",
		"a\r\nb": "carriage return",
		"a\x00b": "NUL",
		"a 'b":   "does not parse",
	} {
		if _, err := Read(script, POSIX); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", script, err, want)
		}
	}
	s, err := Read(strings.TrimSuffix(strings.Repeat("a&&", 20000), "&&"), POSIX)
	if err != nil || len(s.Top) != 20000 {
		t.Errorf("a long list: %v", err)
	}
}

// words are static words as a script may have them.
var words = []string{
	"a", "'a b'", `"a b"`, `a\ b`, `a\'b`, `'a'\''b'`, `"a\"b"`, `"a\\b"`, `"a\$b"`, "\"a\\`b\"", `"a\nb"`, `a\nb`, `'a\nb'`,
	`""`, `''`, `""a''`, `a$`, `"$"`, `a"$"`, `$`, `\$a`, `'$a'`, `"a'b'c"`, `'a"b"c'`, `\\`, `"\\"`, `'\'`, `\*`, `'*'`, `"*"`,
	`[`, `]`, `[]`, `a[`, `{}`, `{a}`, `{`, `}`, `a{b`, `'{a,b}'`, `{a\,b}`, `"{1..3}"`, `a~b`, `\~`, `'~'`, `"~/a"`, `a/~`, `!`, `a!b`, `"!"`, `#a`, `a#b`,
	"a\\\nb", "\"a\\\nb\"", "'a\\\nb'", "\"a\nb\"", `-n`, `--a=b`, `a=b`, `a="b c"`, `\a`, `"\a"`, `é`, `"é"`, `%s`, `a\;b`, `\|`, `"&"`, `a=b=c:d`, `^`, `a,b`, `..`, `1..3`,
}

// TestWordValue: static words are what dash and bash make of them.
func TestWordValue(t *testing.T) {
	for _, sh := range []struct {
		path string
		d    Dialect
		more []string
	}{
		{"/bin/dash", POSIX, nil},
		{"/bin/bash", POSIX, nil},
		{"/bin/bash", Bash, []string{`$'a\nb'`, `$'a\tb\\\''`, `$'\e[0m'`, `a$'b'"c"`, `$''`}},
	} {
		if _, err := exec.LookPath(sh.path); err != nil {
			t.Logf("%s is not here", sh.path)
			continue
		}
		for _, w := range append(slices.Clone(words), sh.more...) {
			if w == "#a" {
				continue // a comment
			}
			script := "printf '%s|' " + w + " x"
			s, err := Read(script, sh.d)
			if err != nil {
				t.Errorf("%s: %v", script, err)
				continue
			}
			word := s.Commands[0].Words[2]
			if !word.Static || s.Text[word.Lo:word.Hi] != w {
				t.Errorf("%s: %+v", script, word)
				continue
			}
			cmd := exec.Command(sh.path, "-c", script)
			cmd.Env = []string{"HOME=/nowhere", "LC_ALL=C.UTF-8"}
			cmd.Dir = t.TempDir()
			out, err := cmd.Output()
			if want := word.Value + "|x|"; err != nil || string(out) != want {
				t.Errorf("%s: %s prints %q, not %q (%v)", script, sh.path, out, want, err)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range append([]string{
		"apt-get update && apt-get install -y a=1.* && rm -rf /var/lib/apt/lists/*",
		"if a; then b; fi | c & d", "f() { a <<E; }\nx `y \\`z\\` `\nE\n", "a=(b c) d[1]=$((2)) ${e[$(f)]}", "export a=~ b=*",
		"case a in b|c) d;; esac >e 2>&1", "! ! a", "!", "coproc a", "$'a", "${a", "let", "a\\\n", "[[ a =~ b ]]", "<<a", "<<a\na",
	}, words...) {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, script string, bash bool) {
		d := POSIX
		if bash {
			d = Bash
		}
		s, err := Read(script, d)
		if err != nil {
			return
		}
		at := 0
		for _, it := range s.Top {
			if it.Lo < at || it.Hi < it.Lo || it.Hi > len(script) || it.OpLo < it.Hi || it.OpHi < it.OpLo || it.OpHi > len(script) {
				t.Fatalf("%q: item %+v", script, it)
			}
			if got := script[it.OpLo:it.OpHi]; got != it.Op {
				t.Fatalf("%q: operator %q stands where %q does", script, it.Op, got)
			}
			at = it.Hi
		}
		for _, c := range s.Commands {
			if c.Lo < 0 || c.Hi < c.Lo || c.Hi > len(script) {
				t.Fatalf("%q: command %+v", script, c)
			}
			at := c.Lo
			for _, w := range c.Words {
				if w.Lo < at || w.Hi < w.Lo || w.Hi > c.Hi || w.Static && w.Glob || !strings.HasPrefix(w.Value, w.Prefix) && w.Static {
					t.Fatalf("%q: word %+v in %+v", script, w, c)
				}
				at = w.Hi
			}
			for _, r := range c.Redirs {
				if r.Lo < c.Lo || r.Hi > c.Hi || r.Hi < r.Lo || r.Doc != nil && (r.Doc.Lo < 0 || r.Doc.Hi < r.Doc.Lo || r.Doc.Hi > len(script)) {
					t.Fatalf("%q: redirection %+v in %+v", script, r, c)
				}
			}
		}
		again, err := Read(script, d)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q: read twice, differs (%v)", script, err)
		}
	})
}
