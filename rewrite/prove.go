package rewrite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/proof"
)

// prove checks the steps taken. Steps with one claim in a row share one check,
// since equality carries over; only where that fails is each step checked by
// itself, to find the one at fault. It is false when a fix was withheld and the
// run has to start again without it.
func (r *runner) prove(res *Result) (bool, error) {
	from := res.Before
	if n := len(r.settled); n > 0 {
		from = r.settled[n-1].after
	}
	before, err := proof.Compile(r.ctx, from, nil, r.digests)
	if err != nil {
		return r.unprovable(err)
	}
	res.Proof.StandIns = before.StandIns
	last := before
	for i := len(r.settled); i < len(r.steps); {
		n := i + 1
		for n < len(r.steps) && r.steps[n].claim == r.steps[i].claim {
			n++
		}
		after, err := r.check(last, r.steps[i].claim, r.steps[n-1].after, before.StandIns)
		if ctxErr := r.ctx.Err(); ctxErr != nil {
			return false, ctxErr
		}
		if err != nil {
			r.blame(last, r.steps[i:n], before.StandIns, err)
			return false, nil
		}
		if claim := r.steps[i].claim; claim != NoClaim && !slices.Contains(res.Proof.Checked, claim) {
			res.Proof.Checked = append(res.Proof.Checked, claim)
		}
		last, i = after, n
	}
	if err := r.noNewWarnings(res); err != nil {
		s := r.steps[len(r.steps)-1]
		r.withhold(s.pass, s.claim, s.changes[0].Line, err)
		return false, nil
	}
	return true, nil
}

// unprovable gives up every claim on a file that BuildKit does not compile. A
// fix without a claim may still be applied: it may be what makes it compile.
func (r *runner) unprovable(err error) (bool, error) {
	if ctxErr := r.ctx.Err(); ctxErr != nil {
		return false, ctxErr
	}
	if r.refused != "" {
		return true, nil // only fixes without a claim are left
	}
	r.refused = fmt.Sprintf("nothing can be shown of this file as it stands: %v", err)
	return false, nil
}

// check compiles a step's result and checks the claim on it.
func (r *runner) check(before *proof.Build, claim Claim, f *dockerfile.File, standIns map[string]string) (*proof.Build, error) {
	if standIns == nil {
		standIns = map[string]string{} // not to be looked for again: both sides get the same
	}
	after, err := proof.Compile(r.ctx, f, standIns, r.digests)
	if err != nil {
		return nil, err
	}
	switch claim {
	case SameBuild:
		err = proof.SameBuild(before, after)
	case SameSteps:
		err = proof.SameSteps(before, after)
	case SameNames:
		err = proof.SameNames(r.ctx, before, after, r.opt.Facts.Names.Mirrored)
	case SamePins:
		err = proof.SamePins(r.ctx, before, after)
	case SameWork:
		err = proof.SameWork(r.ctx, before, after, r.context)
	case SameFiles:
		err = proof.SameFiles(before, after, r.opt.Facts.Context.Plain)
	case NoClaim: // that it still compiles is all that is asked
	default:
		err = errors.New("there is no check for this claim")
	}
	return after, err
}

// blame finds the first step of a failed check and withholds its fixes.
func (r *runner) blame(last *proof.Build, steps []step, standIns map[string]string, whole error) {
	for _, s := range steps {
		after, err := r.check(last, s.claim, s.after, standIns)
		if err != nil {
			r.withhold(s.pass, s.claim, s.changes[0].Line, err)
			return
		}
		last = after
	}
	// Each step passes by itself, the chain does not: none of them is trusted.
	for _, s := range steps {
		r.withhold(s.pass, s.claim, s.changes[0].Line, whole)
	}
}

// noNewWarnings guards files with # check=error=true, whose build ends at any
// warning: no rewrite may add one there.
func (r *runner) noNewWarnings(res *Result) error {
	if !proof.FailsOnWarnings(res.Before) {
		return nil
	}
	before := map[string]int{}
	for _, w := range proof.Lint(r.ctx, res.Before) {
		before[w.Rule]++
	}
	for _, w := range proof.Lint(r.ctx, res.After) {
		if before[w.Rule]--; before[w.Rule] < 0 {
			return fmt.Errorf("it adds a warning, %s, and the file asks for # check=error=true", w.Rule)
		}
	}
	return nil
}

// digests are those of the images that are known, by full reference.
func (f Facts) digests() map[string]string {
	out := map[string]string{}
	for ref, img := range f.Images {
		if img.Digest != "" {
			out[ref] = img.Digest
		}
	}
	return out
}
