package rewrite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/proof"
)

// ErrNoConverge is returned when passes still change the file after ten rounds.
var ErrNoConverge = errors.New("the passes do not come to an end")

const maxRounds = 10

// Options say what to do with what the passes find.
type Options struct {
	Facts Facts
	// Apply reports whether fixes of that safety are to be made for a pass. Nil
	// applies nothing: the findings are all that is wanted.
	Apply func(*Pass, Safety) bool
	// Unproven leaves out the proof. It is for measuring; what it returns must
	// not be written or shown.
	Unproven bool
}

// Result is what became of one file.
type Result struct {
	Before, After *dockerfile.File
	Changes       []Change       // what was applied, in order
	Findings      []Change       // what remains, on After
	Ignores       []UnusedIgnore // ignores that ignored nothing
	Withheld      []string       // fixes that did not keep their claim: bugs of restow
	Wanted        []string       // images that passes asked for and Facts.Images does not have
	Proof         Proof
	// Ignore are the patterns that the changes add to the context's ignore file, and
	// Context is the build context with them.
	Ignore  []string
	Context *project.Tree
}

// Change is a finding with the place it has in the file as it was read.
type Change struct {
	Finding
	Line int // in Result.Before
}

// Proof says what was checked for a file's changes.
type Proof struct {
	Checked  []Claim           // claims that were checked and hold
	StandIns map[string]string // build arguments given so that the file compiles
	Refused  string            // why nothing could be checked
}

// step is one pass's fixes of one claim, applied.
type step struct {
	pass          *Pass
	claim         Claim
	before, after *dockerfile.File
	edits         []dockerfile.Edit
	ignore        []string // new patterns of the ignore file
	changes       []Change
}

// Run runs the passes in order over f, again and again until a round changes
// nothing, and checks what the applied fixes claim. f itself never changes. The
// error is ErrNoConverge, or that of ctx.
func Run(ctx context.Context, f *dockerfile.File, passes []*Pass, opt Options) (*Result, error) {
	r := runner{ctx: ctx, opt: opt, passes: passes, ignores: readIgnores(f), memo: map[any]any{}, wantedImages: map[string]bool{}, digests: opt.Facts.digests()}
	for {
		res, err := r.speculate(f)
		if err != nil || opt.Unproven {
			return res, err
		}
		if len(r.steps) == 0 {
			if r.shown(res) {
				return res, nil
			}
			continue
		}
		done, err := r.prove(res)
		if err != nil {
			return nil, err
		}
		if done && !r.revived(res) {
			return res, nil
		}
	}
}

// shown reports whether the fixes that a run without any applied offers could be
// checked at all. Where they could not, it has to find them again, refused.
func (r *runner) shown(res *Result) bool {
	claims := func(c Change) bool { return c.Fix != nil && c.Fix.Claim > NoClaim }
	if r.refused != "" || !slices.ContainsFunc(res.Findings, claims) {
		return true
	}
	_, err := proof.Compile(r.ctx, res.After, nil, r.digests)
	if err == nil || r.ctx.Err() != nil {
		return true
	}
	done, _ := r.unprovable(err)
	return done
}

// revived reports whether fixes without a claim made a file compile that did
// not. Then claims can be checked from there on: those fixes are settled, and
// the run goes on behind them.
func (r *runner) revived(res *Result) bool {
	if r.refused == "" || len(r.settled) > 0 {
		return false
	}
	if _, err := proof.Compile(r.ctx, res.After, nil, r.digests); err != nil {
		return false
	}
	r.settled, r.refused = slices.Clone(r.steps), ""
	return true
}

type runner struct {
	ctx     context.Context
	opt     Options
	passes  []*Pass
	ignores *ignores
	steps   []step
	settled []step        // the first of steps, which are not tried again
	context *project.Tree // as steps have left it
	// withheld are pass and claim of fixes that failed their check on this file,
	// and refused why no claim on it can be checked.
	withheld []withheld
	refused  string
	reports  []string

	memo         map[any]any // see Memo
	wantedImages map[string]bool
	digests      map[string]string // of Facts.Images
}

type withheld struct {
	pass  *Pass
	claim Claim
}

// speculate applies all that is wanted, without proof.
func (r *runner) speculate(f *dockerfile.File) (*Result, error) {
	r.steps = slices.Clone(r.settled)
	r.context = r.opt.Facts.Context.With(r.ignored())
	at := f
	if n := len(r.settled); n > 0 {
		at = r.settled[n-1].after
	}
	for range maxRounds {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		changed, remaining := false, []Change(nil)
		var lint []proof.Warning
		for _, p := range r.passes {
			next, found, err := r.visit(p, at, &lint)
			if err != nil {
				return nil, err
			}
			if next != at {
				at, changed, lint = next, true, nil
			}
			remaining = append(remaining, found...)
		}
		if !changed {
			return r.result(f, at, remaining), nil
		}
	}
	var names []string
	for _, s := range r.steps[len(r.steps)-min(len(r.steps), len(r.passes)):] {
		if !slices.Contains(names, s.pass.Name) {
			names = append(names, s.pass.Name)
		}
	}
	return nil, fmt.Errorf("%s:1: %w after %d rounds (%s); the file is left as it was, please report it", f.Name, ErrNoConverge, maxRounds, strings.Join(names, ", "))
}

func (r *runner) result(before, after *dockerfile.File, remaining []Change) *Result {
	res := &Result{Before: before, After: after, Findings: remaining, Withheld: r.reports}
	res.Wanted = slices.Sorted(maps.Keys(r.wantedImages))
	for _, s := range r.steps {
		res.Changes = append(res.Changes, s.changes...)
	}
	res.Ignores = r.ignores.unused(r.passes)
	res.Ignore, res.Context = r.ignored(), r.context
	res.Proof.Refused = r.refused
	return res
}

// visit runs one pass, and once more for each claim it has fixes of, so that
// every step makes one claim: the strongest first.
func (r *runner) visit(p *Pass, f *dockerfile.File, lint *[]proof.Warning) (*dockerfile.File, []Change, error) {
	for claim := SameBuild; ; claim-- {
		c := &Context{File: f, Facts: r.opt.Facts, pass: p, run: r, lint: lint}
		c.Facts.Context = r.context
		p.Run(c)
		var found []Change
		var edits []dockerfile.Edit
		var applied []Change
		next := Advice
		for _, finding := range c.findings {
			if r.ignores.ignored(finding) {
				continue
			}
			finding.Fix = r.claimed(f, finding.Fix)
			change := Change{finding, r.original(f, f.LineStart(finding.Line))}
			switch fix := finding.Fix; {
			case fix == nil || !r.wanted(p, f, &change, applied):
				found = append(found, change)
			case fix.Claim != claim:
				if fix.Claim < claim {
					next = max(next, fix.Claim)
				}
				found = append(found, change)
			case !dockerfile.Overlap(edits, fix.Edits):
				edits = append(edits, fix.Edits...)
				applied = append(applied, change)
			}
		}
		if len(applied) > 0 {
			after, err := reparse(f, edits)
			if err != nil {
				r.withhold(p, claim, applied[0].Line, err)
				continue // found again below, and not wanted any more
			}
			ignore := r.newPatterns(applied)
			r.steps = append(r.steps, step{p, claim, f, after, edits, ignore, applied})
			r.context = r.context.With(ignore)
			f, *lint = after, nil
		}
		if next == Advice {
			return f, found, nil
		}
		claim = next + 1 // the loop steps down to it
	}
}

// wanted reports whether a finding's fix is to be applied, together with those
// before it, and takes away the fix where nothing can show what it claims.
func (r *runner) wanted(p *Pass, f *dockerfile.File, c *Change, before []Change) bool {
	claim := c.Fix.Claim
	if why := r.unignorable(f, before, c.Fix.Ignore); why != "" {
		c.Fix, c.Refused = nil, why
		return false
	}
	if slices.Contains(r.withheld, withheld{p, claim}) {
		c.Fix, c.Refused = nil, "the fix did not pass its check on this file"
		return false
	}
	if r.refused != "" && claim > NoClaim {
		c.Fix, c.Refused = nil, r.refused
		return false
	}
	return claim != Advice && r.opt.Apply != nil && r.opt.Apply(p, claim.Safety())
}

// reparse applies edits and parses what they give: a rewrite that BuildKit's
// parser refuses never gets any further.
func reparse(f *dockerfile.File, edits []dockerfile.Edit) (*dockerfile.File, error) {
	src, err := dockerfile.Apply(f.Src, edits)
	if err != nil {
		return nil, err
	}
	return dockerfile.Parse(f.Name, src)
}

func (r *runner) withhold(p *Pass, claim Claim, line int, err error) {
	r.withheld = append(r.withheld, withheld{p, claim})
	r.reports = append(r.reports, fmt.Sprintf("%d: %s: the fix is withheld, since it does not keep its claim (%s): %v", line, p.Name, claim, err))
}

// original is the line that an offset of the current text f has in the file as
// it was read.
func (r *runner) original(f *dockerfile.File, off int) int {
	for _, s := range slices.Backward(r.steps) {
		off = dockerfile.Origin(s.edits, off)
		f = s.before
	}
	return f.Line(off)
}
