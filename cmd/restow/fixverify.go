package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof/build"
)

// proveByBuild tries the unsafe fixes that a file still has, each pass alone and
// then all that passed together, by building before and after. Those that pass
// are applied and count as proven; for the others a note says why they are not.
func (a *app) proveByBuild(f *fixFlags, o *outcome) error {
	ctx := f.cmd.Context()
	var tried, good []*rewrite.Pass
	for _, c := range o.res.Findings {
		if c.Fix != nil && c.Fix.Claim == rewrite.NoClaim && !slices.Contains(tried, c.Pass) {
			tried = append(tried, c.Pass)
		}
	}
	if len(tried) == 0 {
		return nil
	}
	if err := f.connect(ctx); err != nil {
		return exit{exitPartial, fmt.Errorf("--verify: %w", err)}
	}
	facts, done, err := o.facts(o.res.Before, f.sharing)
	if err != nil {
		return err
	}
	defer done()
	suite := chosen(passes.Fixing(), o.settings)
	try := func(which []*rewrite.Pass) (*rewrite.Result, string, error) {
		res, err := rewrite.Run(ctx, o.res.Before, suite, rewrite.Options{Facts: facts, Apply: func(p *rewrite.Pass, s rewrite.Safety) bool {
			return s == rewrite.Identical || s == rewrite.Safe || slices.Contains(which, p)
		}})
		if err != nil {
			return nil, "", err
		}
		why, err := a.buildsSame(ctx, f, o, res)
		return res, why, err
	}
	refuse := func(who, why string) {
		o.notes = append(o.notes, fmt.Sprintf("%s: %s is not applied: %s", o.source.Path, who, why))
	}
	var res *rewrite.Result
	for _, p := range tried {
		one, why, err := try([]*rewrite.Pass{p})
		if err != nil {
			return err
		}
		if why != "" {
			refuse(p.Name, why)
			continue
		}
		good, res = append(good, p), one
	}
	if len(good) > 1 {
		var why string
		if res, why, err = try(good); err != nil {
			return err
		}
		if why != "" {
			refuse(names(good)+" together", why)
			return nil
		}
	}
	if len(good) > 0 {
		sortByLine(res)
		o.res, o.proven = res, good
	}
	return nil
}

func names(ps []*rewrite.Pass) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return strings.Join(out, ", ")
}

// buildsSame builds a file as it is and as a run would leave it. why is empty
// where nothing differs but what the fixes intend.
func (a *app) buildsSame(ctx context.Context, f *fixFlags, o *outcome, res *rewrite.Result) (why string, err error) {
	in, err := f.input(o)
	if err != nil {
		return "", err
	}
	in.Before, in.After = res.Before.Src, res.After.Src
	in.IgnoreAfter = ignoreAfter(res)
	in.Repeat = -1 // it is about whether it is right, not how fast
	in.Expect = expected(res.Changes)
	rep, err := build.Verify(ctx, f.conn, in, a.err)
	if err != nil {
		return "", fmt.Errorf("%s: --verify: %w", o.source.Path, err)
	}
	if rep.OK() {
		return "", nil
	}
	return rep.Summary, nil
}

// ignoreAfter is the text of the ignore file that a run leaves, nil where it stays.
func ignoreAfter(res *rewrite.Result) []byte {
	if len(res.Ignore) == 0 {
		return nil
	}
	return res.Context.IgnoreFile().Data
}

// safetyOf is what users see of a change: proven where a build has passed.
func (o *outcome) safetyOf(c rewrite.Change) string {
	if c.Fix.Claim == rewrite.NoClaim && slices.Contains(o.proven, c.Pass) {
		return "proven"
	}
	return string(c.Fix.Claim.Safety())
}
