package rewrite_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
)

// leaving is a pass that leaves a path out of the context while it is there, and
// may write other arguments for an instruction as part of the same fix.
func leaving(name string, claim rewrite.Claim, path string, fromTo ...string) *rewrite.Pass {
	return &rewrite.Pass{Name: name, Claim: claim, Run: func(c *rewrite.Context) {
		if !c.Facts.Context.Has(path) {
			return
		}
		fix := &rewrite.Fix{Title: path, Claim: claim, Ignore: []string{path}}
		at := c.File.Instructions[0]
		for _, in := range c.File.Instructions {
			if len(fromTo) > 0 && in.Args().S == fromTo[0] {
				edit, _ := in.Replace(in.Args(), fromTo[1])
				fix.Edits, at = append(fix.Edits, edit), in
			}
		}
		c.Report(rewrite.Finding{At: at, Message: path, Fix: fix})
	}}
}

// seeing is a pass that finds a path of the context.
func seeing(path string) *rewrite.Pass {
	return &rewrite.Pass{Name: "seeing", Run: func(c *rewrite.Context) {
		if c.Facts.Context.Has(path) {
			c.Report(rewrite.Finding{At: c.File.Instructions[0], Message: path})
		}
	}}
}

func contextOf(t *testing.T, names ...string) *project.Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, n := range names {
		fsys[n] = &fstest.MapFile{}
	}
	tr, err := project.New(fsys, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func runWith(t *testing.T, src string, facts rewrite.Facts, apply func(*rewrite.Pass, rewrite.Safety) bool, passes ...*rewrite.Pass) *rewrite.Result {
	t.Helper()
	res, err := rewrite.Run(context.Background(), parse(t, src), passes, rewrite.Options{Facts: facts, Apply: apply})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

const copyAll = "FROM a\nCOPY . /\nCMD b\n"

// TestIgnore: what a fix adds to the ignore file is there for the passes behind
// it, and stands in the result once.
func TestIgnore(t *testing.T) {
	facts := rewrite.Facts{Context: contextOf(t, "x", "y", "z")}
	res := runWith(t, copyAll, facts, everything,
		seeing("y"), leaving("one", rewrite.NoClaim, "x"), leaving("two", rewrite.NoClaim, "y", "b", "c"), leaving("again", rewrite.NoClaim, "x"), seeing("x"))
	if got := strings.Join(res.Ignore, " "); got != "x y" {
		t.Errorf("added: %s", got)
	}
	if got := string(res.Context.IgnoreFile().Data); got != "x\ny\n" {
		t.Errorf("the ignore file: %q", got)
	}
	if got := string(res.After.Src); got != "FROM a\nCOPY . /\nCMD c\n" {
		t.Errorf("the file: %q", got)
	}
	if len(res.Changes) != 2 || len(res.Findings) != 0 {
		t.Errorf("%d changes, %v", len(res.Changes), names(res.Findings))
	}
	if facts.Context.IgnoreFile().Data != nil {
		t.Error("the context that was given has changed")
	}
}

// TestIgnoreNotApplied: a fix that is not made leaves no trace, be it that it is
// not wanted, ignored, withheld or refused.
func TestIgnoreNotApplied(t *testing.T) {
	other := parse(t, "FROM a\nCOPY x /\n")
	other.Name = "other"
	for name, tt := range map[string]struct {
		src     string
		facts   rewrite.Facts
		apply   func(*rewrite.Pass, rewrite.Safety) bool
		pass    *rewrite.Pass
		refused string
	}{
		"not wanted": {src: copyAll, pass: leaving("p", rewrite.NoClaim, "x")},
		"a comment": {
			src: "# restow: ignore=p\n" + copyAll, apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
		},
		"withheld": {
			src: "FROM a\nCOPY y /\nCMD b\n", apply: everything, pass: leaving("p", rewrite.SameBuild, "x", "b", "c"),
			refused: "the fix did not pass its check on this file",
		},
		"broken": {
			src: copyAll, apply: everything, pass: leaving("p", rewrite.NoClaim, "x", ". /", "."),
			refused: "the fix did not pass its check on this file",
		},
		"named": {
			src: "FROM a\nCOPY x /\n", apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			refused: "Dockerfile:2 names x",
		},
		"named by a default": {
			src: "FROM a\nARG y=x\nCOPY $y /\n", apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			refused: "Dockerfile:3 names x",
		},
		"named by a variable": {
			src: "FROM a\nARG y\nCOPY $y /\n", apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			refused: "Dockerfile:3 names a path by a variable that has no one value",
		},
		"mounted": {
			src: "FROM a\nRUN --mount=target=/b,source=x true\n", apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			refused: "Dockerfile:2 names x",
		},
		"named elsewhere": {
			src: copyAll, apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			facts: rewrite.Facts{Sharing: func() ([]*dockerfile.File, string) { return []*dockerfile.File{other}, "" }}, refused: "other:2 names x",
		},
		"kept": {
			src: copyAll, apply: everything, pass: leaving("p", rewrite.NoClaim, "x"),
			facts: rewrite.Facts{Sharing: func() ([]*dockerfile.File, string) { return nil, "it is not ours" }}, refused: "it is not ours",
		},
		"a bad pattern": {
			src: copyAll, apply: everything, pass: leaving("p", rewrite.NoClaim, "["),
			refused: `"[" cannot stand in .dockerignore: syntax error in pattern`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.facts.Context = contextOf(t, "x", "[", "y")
			res := runWith(t, tt.src, tt.facts, tt.apply, tt.pass)
			if len(res.Ignore) > 0 || res.Context.IgnoreFile().Data != nil || !res.Context.Has("x") {
				t.Errorf("left behind: %q, %q", res.Ignore, res.Context.IgnoreFile().Data)
			}
			if string(res.After.Src) != tt.src {
				t.Errorf("the file: %q", res.After.Src)
			}
			refused := slices.ContainsFunc(res.Findings, func(c rewrite.Change) bool { return c.Fix == nil && c.Refused == tt.refused })
			if refused != (tt.refused != "") {
				t.Errorf("%+v", res.Findings)
			}
		})
	}
}

// TestIgnoreTogether: two fixes that are right each by itself must not take all
// of a folder together.
func TestIgnoreTogether(t *testing.T) {
	facts := rewrite.Facts{Context: contextOf(t, "d/x", "d/y")}
	both := &rewrite.Pass{Name: "both", Claim: rewrite.NoClaim, Run: func(c *rewrite.Context) {
		for _, p := range []string{"d/x", "d/y"} {
			if c.Facts.Context.Has(p) {
				c.Report(rewrite.Finding{At: c.File.Instructions[0], Message: p, Fix: &rewrite.Fix{Claim: rewrite.NoClaim, Ignore: []string{p}}})
			}
		}
	}}
	res := runWith(t, "FROM a\nCOPY d/* /\n", facts, everything, both)
	if len(res.Ignore) != 1 || len(res.Findings) != 1 || res.Findings[0].Refused != "Dockerfile:2 names d/*" {
		t.Errorf("%q, %+v", res.Ignore, res.Findings)
	}
}

// TestIgnoreSettled: what is settled before claims can be checked stays.
func TestIgnoreSettled(t *testing.T) {
	facts := rewrite.Facts{Context: contextOf(t, "x")}
	res := runWith(t, "FROM a\nEXPOSE x\nCMD [\"b\"]\n", facts, everything,
		leaving("p", rewrite.NoClaim, "x", "x", "1"), replacing("q", rewrite.SameBuild, `["b"]`, `[ "b" ]`))
	if !slices.Contains(res.Proof.Checked, rewrite.SameBuild) {
		t.Error("nothing was settled")
	}
	if strings.Join(res.Ignore, " ") != "x" || !strings.HasSuffix(string(res.Context.IgnoreFile().Data), "x\n") {
		t.Errorf("added: %q", res.Ignore)
	}
}

// TestIgnoreClaim: what the graph does not show has no claim.
func TestIgnoreClaim(t *testing.T) {
	for src, want := range map[string]rewrite.Claim{
		"FROM a\nCOPY y /\n":                rewrite.SameBuild,
		"FROM a\nCOPY d /\n":                rewrite.SameBuild,
		"FROM a\nCOPY . /\n":                rewrite.NoClaim,
		"FROM a\nRUN --mount=target=/m b\n": rewrite.NoClaim,
		"FROM a\nARG b\nCOPY d/$b /\n":      rewrite.NoClaim,
	} {
		facts := rewrite.Facts{Context: contextOf(t, "x", "y", "d/z")}
		res := runWith(t, src, facts, everything, leaving("p", rewrite.SameBuild, "x"))
		if len(res.Changes) != 1 || res.Changes[0].Fix.Claim != want {
			t.Errorf("%q: %+v, %+v", src, res.Changes, res.Findings)
		}
	}
}
