package bot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/bot"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/dockerfile"
)

// marking is a pass that writes its mark behind the value of some LABELs, of those
// only whose value holds what it needs.
func marking(name, mark, needs string, claim rewrite.Claim, lines map[int]bool) *rewrite.Pass {
	return &rewrite.Pass{Name: name, Claim: claim, Run: func(c *rewrite.Context) {
		for i, in := range c.File.Instructions {
			args := in.Args()
			if !lines[i] || !in.Is("label") || strings.Contains(args.S, mark) || !strings.Contains(args.S, needs) {
				continue
			}
			edit, _ := in.Replace(args, args.S+mark)
			c.Report(rewrite.Finding{At: in, Message: "no " + mark, Fix: &rewrite.Fix{Title: "add " + mark, Why: "so", Claim: claim, Edits: []dockerfile.Edit{edit}}})
		}
	}}
}

func unproven(f *dockerfile.File, facts rewrite.Facts, passes []*rewrite.Pass) (*rewrite.Result, error) {
	return rewrite.Run(context.Background(), f, passes, rewrite.Options{Facts: facts, Unproven: true, Apply: func(*rewrite.Pass, rewrite.Safety) bool { return true }})
}

// addUp checks what Split promises of a file, and says how its pieces stand to each
// other.
func addUp(t *testing.T, f *dockerfile.File, facts rewrite.Facts, passes []*rewrite.Pass, by bot.Grouping, run bot.Run) (kind string, parts []bot.Part) {
	t.Helper()
	whole, pieces, err := bot.Split(f, facts, passes, by, run)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Changes) == 0 {
		if len(pieces) > 0 {
			t.Errorf("%s: pieces of nothing", f.Name)
		}
		return "nothing", nil
	}
	var hunks [][]diff.Hunk
	kind = "one"
	for _, p := range pieces {
		if _, err := dockerfile.Parse(f.Name, p.Result.After.Src); err != nil {
			t.Errorf("%s, %s alone: %v", f.Name, p.Group, err)
		}
		hunks = append(hunks, diff.Hunks(f.Src, p.Result.After.Src))
		parts = append(parts, bot.PartOf(p, f.Name, nil, nil, ""))
		// The selection makes the piece.
		var few []*rewrite.Pass
		for _, q := range passes {
			if slices.Contains(p.Select, q.Name) {
				few = append(few, q)
			}
		}
		again, err := run(f, facts, few)
		if err != nil || string(again.After.Src) != string(p.Result.After.Src) {
			t.Errorf("%s: %s is not what %v make (%v)", f.Name, p.Group, p.Select, err)
		}
		if len(p.Joined) > 0 {
			kind = "joined"
		}
	}
	requests := bot.Plan(parts, bot.Config{By: by})
	if len(requests) != len(pieces) {
		t.Errorf("%s: %d requests of %d pieces", f.Name, len(requests), len(pieces))
	}
	ordered := slices.ContainsFunc(requests, func(r bot.Request) bool { return len(r.After) > 0 })
	if len(pieces) > 1 {
		kind = "apart"
		if ordered {
			kind = "ordered"
		}
	}
	// Where no order is asked for, any order of merging gives the whole.
	if !ordered {
		for range 3 {
			got, ok := diff.Merge(f.Src, hunks...)
			if !ok || string(got) != string(whole.After.Src) {
				t.Errorf("%s: the pieces do not add up: %t\n%s\nwant\n%s", f.Name, ok, got, whole.After.Src)
			}
			rand.Shuffle(len(hunks), func(i, j int) { hunks[i], hunks[j] = hunks[j], hunks[i] })
		}
	}
	// In their order, each made anew on what those before left, they always do.
	at := f
	for range requests {
		_, next, err := bot.Split(at, facts, passes, by, run)
		if err != nil {
			t.Fatal(err)
		}
		if len(next) == 0 {
			break
		}
		order := bot.Plan([]bot.Part{bot.PartOf(next[0], f.Name, nil, nil, "")}, bot.Config{By: by})
		at = next[0].Result.After
		if string(order[0].Files[0].After) != string(at.Src) {
			t.Errorf("%s: the request is not the piece", f.Name)
		}
	}
	if string(at.Src) != string(whole.After.Src) {
		t.Errorf("%s: merged one after another\n%s\nwant\n%s", f.Name, at.Src, whole.After.Src)
	}
	return kind, parts
}

// TestSplit: pieces of generated changes add up to the whole.
func TestSplit(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 2 + r.IntN(14)
		src := "FROM a\n" + strings.Repeat("LABEL a=b\n", n)
		f, err := dockerfile.Parse("Dockerfile", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		var passes []*rewrite.Pass
		for i := range 2 + r.IntN(3) {
			lines := map[int]bool{}
			for range 1 + r.IntN(3) {
				lines[1+r.IntN(n)] = true
			}
			needs := ""
			if i > 0 && r.IntN(3) == 0 {
				needs = fmt.Sprintf("x%d", r.IntN(i)) // what another pass writes
			}
			claim := []rewrite.Claim{rewrite.NoClaim, rewrite.SamePins}[r.IntN(2)]
			passes = append(passes, marking(fmt.Sprintf("p%d", i), fmt.Sprintf("x%d", i), needs, claim, lines))
		}
		for _, by := range []bot.Grouping{bot.ByKind, bot.ByPass, bot.ByFile, bot.AsOne} {
			kind, _ := addUp(t, f, rewrite.Facts{}, passes, by, unproven)
			kinds[string(by)+" "+kind]++
		}
	}
	t.Log(kinds)
	for _, want := range []string{"kind apart", "kind ordered", "kind joined", "pass apart", "pass ordered", "pass joined", "file one", "one one"} {
		if kinds[want] == 0 {
			t.Errorf("none of the files was %q", want)
		}
	}
}

func part(group, path string, n int) bot.Part {
	before, after := []byte("FROM a\n"), []byte("FROM a\n")
	p := bot.Part{Group: group, Path: path, Select: []string{"merge-run"}, Checked: []string{"the same"}, Compared: "this"}
	for i := range n {
		before = append(before, fmt.Sprintf("RUN %d %s\n", i, strings.Repeat("x", 50))...)
		after = append(after, fmt.Sprintf("RUN %d\n", i)...)
		p.Changes = append(p.Changes, bot.Change{Path: path, Line: i + 2, Pass: "merge-run", Title: "shorten", Why: "it is shorter", Safety: "safe"})
		p.Refused = append(p.Refused, bot.Refusal{Path: path, Line: i + 2, Pass: "add-to-copy", Message: "ADD is used", Why: "it is a URL"})
	}
	p.Files = []bot.File{{Path: path, Before: before, After: after}}
	return p
}

// TestBodySize: a body has its bounds, whatever there is to say, and says what it
// leaves out.
func TestBodySize(t *testing.T) {
	for _, c := range []struct{ files, changes int }{{1, 1}, {1, 3000}, {400, 20}, {3000, 1}} {
		var parts []bot.Part
		for i := range c.files {
			parts = append(parts, part(bot.Build, fmt.Sprintf("d%d/%s/Dockerfile", i, strings.Repeat("long", 40)), c.changes))
		}
		for _, most := range []int{bot.MaxBody, 20_000} {
			r := bot.Plan(parts, bot.Config{MaxBody: most})[0]
			if len(r.Body) > most {
				t.Errorf("%+v: a body of %d bytes", c, len(r.Body))
			}
			if c.files*c.changes > 1000 && (!strings.Contains(r.Body, "the table would be too long") || !strings.Contains(r.Body, "left out, which would")) {
				t.Errorf("%+v: nothing is said of what is left out:\n%s", c, r.Body)
			}
			if _, hash, ok := bot.Marked(r.Body); !ok || hash != r.Hash {
				t.Errorf("%+v: no marker", c)
			}
			if len([]rune(r.Title)) > 255 || strings.Contains(r.Title, "\n") {
				t.Errorf("%+v: title %q", c, r.Title)
			}
		}
	}
}

// TestPlan: the order of the parts does not matter; limits, labels and order do.
func TestPlan(t *testing.T) {
	a, b := part(bot.Pins, "a/Dockerfile", 1), part(bot.Build, "a/Dockerfile", 1)
	c := part(bot.Build, "b/Dockerfile", 2)
	c.Changes[1].Safety = "unsafe"
	cfg := bot.Config{Limit: 1, Labels: []string{"docker"}, Reviewers: []string{"me"}, Automerge: "auto"}
	b.Files[0].After = []byte("FROM b\n")
	got := bot.Plan([]bot.Part{a, b, c}, cfg)
	if again := bot.Plan([]bot.Part{c, b, a}, cfg); fmt.Sprint(again) != fmt.Sprint(got) {
		t.Error("the order of the parts matters")
	}
	if len(got) != 2 || got[0].Branch != "restow/build" || got[1].Branch != "restow/pins" || got[0].Waits || !got[1].Waits {
		t.Fatalf("%+v", got)
	}
	if !slices.Equal(got[0].Labels, []string{"docker"}) || !slices.Equal(got[1].Labels, []string{"docker", "auto"}) || got[1].Reviewers[0] != "me" {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got[1].After, []string{bot.Build}) || !strings.Contains(got[1].Body, "Merge the pull request of `restow/build` first") || !strings.Contains(got[0].Body, "The pull request of `restow/pins` touches the same lines") {
		t.Errorf("%v\n%s", got[1].After, got[1].Body)
	}
	if !strings.Contains(got[0].Body, "--select merge-run -- a/Dockerfile\n") || !strings.Contains(got[0].Body, "--select merge-run --unsafe -- b/Dockerfile\n") {
		t.Error(got[0].Body)
	}
}

// TestHash: an edit elsewhere in a file leaves the hash as it is, another change
// does not.
func TestHash(t *testing.T) {
	hash := func(before, after string) string {
		p := part(bot.Build, "Dockerfile", 1)
		p.Files[0].Before, p.Files[0].After = []byte(before), []byte(after)
		return bot.Plan([]bot.Part{p}, bot.Config{})[0].Hash
	}
	first := hash("FROM a\nADD b c\n", "FROM a\nCOPY b c\n")
	if moved := hash("# x\n\nFROM a\nRUN d\nADD b c\nRUN e\n", "# x\n\nFROM a\nRUN d\nCOPY b c\nRUN e\n"); moved != first {
		t.Error("an edit elsewhere changes the hash")
	}
	if other := hash("FROM a\nADD b d\n", "FROM a\nCOPY b d\n"); other == first {
		t.Error("another change has the same hash")
	}
}

// TestBranch: names of branches are what git takes, differ where groups do, and
// stay.
func TestBranch(t *testing.T) {
	valid := regexp.MustCompile(`^restow/[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]string{}
	for _, path := range []string{"Dockerfile", "dockerfile", "a/Dockerfile", "a-Dockerfile", "../..//.lock", "~^:?*[\\", "@{", "\n", "é", strings.Repeat("x", 5000), strings.Repeat("x", 5001)} {
		r := bot.Plan([]bot.Part{part(bot.FilePrefix+path, path, 1)}, bot.Config{By: bot.ByFile})[0]
		if !valid.MatchString(r.Branch) || len(r.Branch) > 100 {
			t.Errorf("%q has the branch %q", path, r.Branch)
		}
		if other, twice := seen[r.Branch]; twice {
			t.Errorf("%q and %q have one branch", path, other)
		}
		seen[r.Branch] = path
	}
	if r := bot.Plan([]bot.Part{part("merge-run", "Dockerfile", 2)}, bot.Config{By: bot.ByPass})[0]; r.Branch != "restow/merge-run" || r.Title != "merge-run in Dockerfile: 2 changes" {
		t.Errorf("%s: %s", r.Branch, r.Title)
	}
}
