package rewrite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

func parse(t testing.TB, src string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return f
}

func everything(*rewrite.Pass, rewrite.Safety) bool { return true }

func run(t testing.TB, src string, passes ...*rewrite.Pass) *rewrite.Result {
	t.Helper()
	res, err := rewrite.Run(context.Background(), parse(t, src), passes, rewrite.Options{Apply: everything})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// replacing is a pass for tests: wherever an instruction's arguments are one
// text it writes another, and claims what it is told to.
func replacing(name string, claim rewrite.Claim, from, to string) *rewrite.Pass {
	return &rewrite.Pass{Name: name, Claim: claim, Run: func(c *rewrite.Context) {
		for _, in := range c.File.Instructions {
			if in.Args().S != from {
				continue
			}
			edit, ok := in.Replace(in.Args(), to)
			if !ok {
				panic("a continuation in a test")
			}
			c.Report(rewrite.Finding{At: in, Message: from, Fix: &rewrite.Fix{Title: to, Claim: claim, Edits: []dockerfile.Edit{edit}}})
		}
	}}
}

// deleting is a pass that deletes what has these arguments.
func deleting(name string, claim rewrite.Claim, args string) *rewrite.Pass {
	return &rewrite.Pass{Name: name, Claim: claim, Run: func(c *rewrite.Context) {
		for _, in := range c.File.Instructions {
			if edits, ok := in.Delete(); ok && in.Args().S == args {
				c.Report(rewrite.Finding{At: in, Message: args, Fix: &rewrite.Fix{Claim: claim, Edits: edits}})
			}
		}
	}}
}

// advising is a pass that finds every instruction of a name.
func advising(name, keyword string) *rewrite.Pass {
	return &rewrite.Pass{Name: name, Claim: rewrite.Advice, Run: func(c *rewrite.Context) {
		for _, in := range c.File.Instructions {
			if in.Is(keyword) {
				c.Report(rewrite.Finding{At: in, Message: in.Args().S})
			}
		}
	}}
}

func names(changes []rewrite.Change) (out []string) {
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s:%d", c.Pass.Name, c.Line))
	}
	return out
}

// honest are two passes whose claim is true, of CMD and of ENV in old form.
var (
	honest = replacing("honest", rewrite.SameBuild, `["a","b"]`, `["a", "b"]`)
	later  = replacing("later", rewrite.SameBuild, "d e", "d=e")
)

func TestHonest(t *testing.T) {
	res := run(t, "FROM a\nENV d e\nCMD [\"a\",\"b\"]\n", honest, later)
	if want := "FROM a\nENV d=e\nCMD [\"a\", \"b\"]\n"; string(res.After.Src) != want {
		t.Errorf("%q", res.After.Src)
	}
	if got := names(res.Changes); !slices.Equal(got, []string{"honest:3", "later:2"}) || len(res.Withheld) > 0 || len(res.Findings) > 0 {
		t.Errorf("%q, withheld %q", got, res.Withheld)
	}
	if !slices.Equal(res.Proof.Checked, []rewrite.Claim{rewrite.SameBuild}) || res.Proof.Refused != "" {
		t.Errorf("%+v", res.Proof)
	}
}

// TestWithheld: whatever one pass does wrong, the others' fixes are made.
func TestWithheld(t *testing.T) {
	const src = "FROM a\nENV d e\nRUN f\nRUN g\nCMD [\"a\",\"b\"]\n"
	for _, tt := range []struct {
		name string
		bad  *rewrite.Pass
		want string // in the report
	}{
		{"it breaks the syntax", replacing("bad", rewrite.SameBuild, "f", "f\nnonsense"), "3: bad: the fix is withheld"},
		{"without a claim too", replacing("bad", rewrite.NoClaim, "f", "f\nnonsense"), "3: bad: the fix is withheld"},
		{"it opens a heredoc", replacing("bad", rewrite.NoClaim, "f", "f <<x"), "unterminated heredoc"},
		{"it does not compile", replacing("bad", rewrite.NoClaim, "f", "h\nEXPOSE x"), "3: bad: the fix is withheld"},
		{"it changes the graph", replacing("bad", rewrite.SameBuild, "f", "h"), "the build graph of the last stage differs"},
		{"it drops a step", deleting("bad", rewrite.SameSteps, "g"), "does not run the same commands"},
		{"it deletes a step", deleting("bad", rewrite.SameBuild, "g"), "4: bad: the fix is withheld"},
		{"it changes what is copied", replacing("bad", rewrite.SameFiles, "f", "h"), "more than unpacking"},
		{"its edits overlap", &rewrite.Pass{Name: "bad", Claim: rewrite.SameBuild, Run: func(c *rewrite.Context) {
			in := c.File.Instructions[2]
			a, _ := in.Replace(in.Args(), "h")
			c.Report(rewrite.Finding{At: in, Fix: &rewrite.Fix{Claim: rewrite.SameBuild, Edits: []dockerfile.Edit{a, a}}})
		}}, "edits overlap"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, order := range [][]*rewrite.Pass{{honest, tt.bad, later}, {tt.bad, honest, later}, {honest, later, tt.bad}} {
				res := run(t, src, order...)
				if want := "FROM a\nENV d=e\nRUN f\nRUN g\nCMD [\"a\", \"b\"]\n"; string(res.After.Src) != want {
					t.Errorf("%q", res.After.Src)
				}
				if len(res.Withheld) != 1 || !strings.Contains(res.Withheld[0], tt.want) || !strings.Contains(res.Withheld[0], "bad: ") {
					t.Errorf("withheld %q, want %q", res.Withheld, tt.want)
				}
				if got := names(res.Findings); len(got) != 1 || !strings.HasPrefix(got[0], "bad:") || res.Findings[0].Fix != nil || res.Findings[0].Refused == "" {
					t.Errorf("findings %+v", res.Findings)
				}
			}
		})
	}
}

// TestBlame: a liar among honest fixes of one claim is the one withheld.
func TestBlame(t *testing.T) {
	liar := replacing("liar", rewrite.SameBuild, `["a", "b"]`, `["b", "a"]`)
	res := run(t, "FROM a\nENV d e\nCMD [\"a\",\"b\"]\n", honest, liar, later)
	if want := "FROM a\nENV d=e\nCMD [\"a\", \"b\"]\n"; string(res.After.Src) != want {
		t.Errorf("%q", res.After.Src)
	}
	if len(res.Withheld) != 1 || !strings.HasPrefix(res.Withheld[0], "3: liar: ") || !strings.Contains(res.Withheld[0], "the image config of the last stage differs") {
		t.Errorf("withheld %q", res.Withheld)
	}
}

func TestNoConverge(t *testing.T) {
	ping, pong := replacing("ping", rewrite.NoClaim, "b", "c"), replacing("pong", rewrite.NoClaim, "c", "b")
	f := parse(t, "FROM a\nRUN b\nENV d e\n")
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{ping, pong, later}, rewrite.Options{Apply: everything})
	if res != nil || !errors.Is(err, rewrite.ErrNoConverge) {
		t.Fatalf("%v, %v", res, err)
	}
	for _, want := range []string{"Dockerfile:1: ", "ping", "pong"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "later") {
		t.Errorf("%v names a pass that came to an end", err)
	}
	growing := &rewrite.Pass{Name: "growing", Claim: rewrite.NoClaim, Run: func(c *rewrite.Context) {
		in := c.File.Instructions[1]
		c.Report(rewrite.Finding{At: in, Fix: &rewrite.Fix{Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{in.InsertBefore("RUN x")}}})
	}}
	if _, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{growing}, rewrite.Options{Apply: everything}); !errors.Is(err, rewrite.ErrNoConverge) {
		t.Errorf("growing: %v", err)
	}
}

// TestOverlapping: of two fixes for the same bytes one is made, and the other is
// looked at again on what it left.
func TestOverlapping(t *testing.T) {
	both := &rewrite.Pass{Name: "both", Claim: rewrite.NoClaim, Run: func(c *rewrite.Context) {
		for _, in := range c.File.Instructions {
			if in.Args().S == "b" {
				for _, to := range []string{"c", "d"} {
					edit, _ := in.Replace(in.Args(), to)
					c.Report(rewrite.Finding{At: in, Message: to, Fix: &rewrite.Fix{Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit}}})
				}
			}
		}
	}}
	res := run(t, "FROM a\nRUN b\n", both)
	if string(res.After.Src) != "FROM a\nRUN c\n" || len(res.Changes) != 1 || len(res.Findings) != 0 {
		t.Errorf("%q, %d changes", res.After.Src, len(res.Changes))
	}
}

// TestLine: a change is told with the line it has in the file as it was read,
// however many lines earlier passes took away or put in.
func TestLine(t *testing.T) {
	inserting := &rewrite.Pass{Name: "inserting", Claim: rewrite.NoClaim, Run: func(c *rewrite.Context) {
		if in := c.File.Instructions[1]; !in.Is("USER") {
			c.Report(rewrite.Finding{At: in, Fix: &rewrite.Fix{Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{in.InsertBefore("USER u\nUSER v")}}})
		}
	}}
	res := run(t, "FROM a\n\nRUN b\n\nRUN c \\\n  d\n# e\nENV d e\nRUN f\n",
		deleting("one", rewrite.NoClaim, "b"), deleting("two", rewrite.NoClaim, "c   d"), inserting, later, advising("found", "RUN"))
	if got, want := names(res.Changes), []string{"one:3", "two:5", "inserting:8", "later:8"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := names(res.Findings); !slices.Equal(got, []string{"found:9"}) {
		t.Errorf("%q", got)
	}
	if want := "FROM a\n\nUSER u\nUSER v\n# e\nENV d=e\nRUN f\n"; string(res.After.Src) != want {
		t.Errorf("%q", res.After.Src)
	}
}

// TestApply: nothing is made that was not asked for.
func TestApply(t *testing.T) {
	const src = "FROM a\nENV d e\nRUN b\n"
	f, unsafe := parse(t, src), replacing("unsafe", rewrite.NoClaim, "b", "c")
	for name, tt := range map[string]struct {
		apply func(*rewrite.Pass, rewrite.Safety) bool
		want  string
	}{
		"nil":       {nil, src},
		"identical": {func(_ *rewrite.Pass, s rewrite.Safety) bool { return s == rewrite.Identical }, "FROM a\nENV d=e\nRUN b\n"},
		"unsafe":    {func(_ *rewrite.Pass, s rewrite.Safety) bool { return s == rewrite.Unsafe }, "FROM a\nENV d e\nRUN c\n"},
		"by pass":   {func(p *rewrite.Pass, _ rewrite.Safety) bool { return p == unsafe }, "FROM a\nENV d e\nRUN c\n"},
	} {
		res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{later, unsafe}, rewrite.Options{Apply: tt.apply})
		if err != nil || string(res.After.Src) != tt.want {
			t.Errorf("%s: %q, %v", name, res.After.Src, err)
		}
		if n := len(res.Changes) + len(res.Findings); n != 2 {
			t.Errorf("%s: %d findings", name, n)
		}
	}
	if !bytes.Equal(f.Src, []byte(src)) {
		t.Error("the file changed")
	}
	if res := run(t, src, replacing("advice", rewrite.Advice, "b", "c")); string(res.After.Src) != src {
		t.Error("advice was followed")
	}
}

// TestCheckError: a file that asks for # check=error=true gets no new warning.
func TestCheckError(t *testing.T) {
	warns := replacing("warns", rewrite.NoClaim, `["b"]`, "b")
	for _, tt := range []struct {
		head string
		held bool
	}{{"", false}, {"# check=error=true\n", true}, {"# check=error=true;skip=JSONArgsRecommended\n", false}} {
		res := run(t, tt.head+"FROM a\nENV d e\nCMD [\"b\"]\n", later, warns)
		if held := len(res.Withheld) > 0; held != tt.held || strings.Contains(string(res.After.Src), "CMD b") == tt.held || !strings.Contains(string(res.After.Src), "d=e") {
			t.Errorf("%q: %q, withheld %q", tt.head, res.After.Src, res.Withheld)
		}
	}
}

// TestUnprovable: on a file that does not compile no claim is good enough.
func TestUnprovable(t *testing.T) {
	const src = "FROM a\nEXPOSE x\nENV d e\nRUN b\n"
	res := run(t, src, later, replacing("unsafe", rewrite.NoClaim, "b", "c"))
	if want := "FROM a\nEXPOSE x\nENV d e\nRUN c\n"; string(res.After.Src) != want || len(res.Withheld) > 0 {
		t.Errorf("%q, %q", res.After.Src, res.Withheld)
	}
	if !strings.Contains(res.Proof.Refused, "Dockerfile:2: BuildKit: ") || len(res.Proof.Checked) > 0 {
		t.Errorf("%+v", res.Proof)
	}
	if got := names(res.Findings); !slices.Equal(got, []string{"later:3"}) || !strings.Contains(res.Findings[0].Refused, "nothing can be shown") {
		t.Errorf("%q: %q", got, res.Findings[0].Refused)
	}
	// Looking does not promise what applying would refuse.
	res, err := rewrite.Run(context.Background(), parse(t, src), []*rewrite.Pass{later}, rewrite.Options{})
	if err != nil || len(res.Findings) != 1 || res.Findings[0].Fix != nil || res.Findings[0].Refused == "" {
		t.Errorf("%v, %+v", err, res)
	}
	// A fix without a claim that makes it compile lets the others be checked.
	res = run(t, src, later, replacing("repair", rewrite.NoClaim, "x", "80"))
	if want := "FROM a\nEXPOSE 80\nENV d=e\nRUN b\n"; string(res.After.Src) != want || res.Proof.Refused != "" {
		t.Errorf("%q, %+v", res.After.Src, res.Proof)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stops := &rewrite.Pass{Name: "stops", Claim: rewrite.Advice, Run: func(*rewrite.Context) { cancel() }}
	res, err := rewrite.Run(ctx, parse(t, "FROM a\nENV d e\n"), []*rewrite.Pass{stops, later}, rewrite.Options{Apply: everything})
	if res != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", res, err)
	}
	if _, err := rewrite.Run(ctx, parse(t, "FROM a\n"), nil, rewrite.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
