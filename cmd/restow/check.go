package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

func checkCommand(a *app) *cobra.Command {
	var s shared
	cmd := &cobra.Command{
		Use:   "check [flags] [path ...]",
		Short: "Print what there is to say about Dockerfiles, and change nothing",
		Long: `Check prints the findings of every pass, a line each. It shows at least what
docker build --check shows, under BuildKit's rule names, and says which findings
restow fix takes care of. Of findings that BuildKit has no rule for, those that
restow refuses to fix are shown with --verbose only.

- reads one Dockerfile from standard input.

` + lookedFor + "\n\n" + exitCodes,
		RunE: func(_ *cobra.Command, args []string) error { return a.check(&s, args) },
	}
	s.add(cmd)
	formatFlag(cmd, &s)
	return cmd
}

func (a *app) check(s *shared, args []string) error {
	rep, err := s.reporter(a, false)
	if err != nil {
		return err
	}
	var files, handled, findings, fixable, unsafe, failed int
	badSetup := false
	do := func(file *dockerfile.File, _ config.Settings, suite []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
		return rewrite.Run(s.cmd.Context(), file, suite, rewrite.Options{Facts: facts})
	}
	here, problems, err := a.each(s, args, passes.Suite, do, func(o *outcome) error {
		files++
		if o.err != nil {
			failed++
			badSetup = badSetup || o.badSetup
		} else {
			o.res.Findings = shown(o.res.Findings, s.verbose)
			handled++
			findings += len(o.res.Findings)
			for _, c := range o.res.Findings {
				if c.Fix != nil {
					fixable++
				}
				if c.Fix != nil && c.Fix.Claim == rewrite.NoClaim {
					unsafe++
				}
			}
		}
		if rep != nil {
			rep.add(o)
			return nil
		}
		a.showFindings(o, s.verbose)
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range problems {
		if s.format != "github" { // where it stands in the report, and all output is read
			report(a.err, p)
		}
		failed++
	}
	if rep != nil {
		sum := summary{Files: files, Findings: findings, Fixable: fixable, Failed: failed}
		if err := rep.finish(problems, sum); err != nil {
			return err
		}
	} else if files+failed == 0 {
		fmt.Fprintln(a.err, "no Dockerfile found; name one, or see restow check --help for what is looked for")
	} else {
		p := paletteFor(a.err, here.Color, a.environ)
		var text string
		switch {
		case findings > 0:
			text = fmt.Sprintf("%s in %s, %d with a fix (restow fix)", count(findings, "finding"), count(handled, "file"), fixable)
			if unsafe > 0 {
				text += fmt.Sprintf(", %d of them unsafe (restow fix --unsafe)", unsafe)
			}
		case handled > 0:
			text = fmt.Sprintf("%s looked at, no findings", count(handled, "file"))
		}
		fmt.Fprintln(a.err, p.paint(bold, withFailed(text, failed)))
	}
	switch {
	case badSetup:
		return exit{code: exitUsage}
	case failed > 0:
		return exit{code: exitPartial}
	case findings > 0:
		return exit{code: exitRemain}
	}
	return nil
}

// shown leaves out what is no finding to anyone but restow: that it will not
// merge two RUNs, say, where BuildKit has no word against them.
func shown(all []rewrite.Change, verbose bool) []rewrite.Change {
	var out []rewrite.Change
	for _, c := range all {
		if verbose || c.Fix != nil || c.Pass.Rule != "" || c.Pass.Shown || c.Refused == "" {
			out = append(out, c)
		}
	}
	return out
}

func (a *app) showFindings(o *outcome, verbose bool) {
	p := paletteFor(a.out, o.settings.Color, a.environ)
	for _, n := range o.notes {
		fmt.Fprintln(a.err, visible(n))
	}
	if o.err != nil {
		report(a.err, o.err)
		return
	}
	for _, c := range o.res.Findings {
		name := c.Pass.Name
		if c.Pass.Rule != "" {
			name += " (" + c.Pass.Rule + ")"
		}
		text := fmt.Sprintf("%s %s: %s", place(o, c), p.paint(bold, name), visible(c.Message))
		switch {
		case c.Fix != nil:
			text += " " + p.paint(green, fmt.Sprintf("[fix: %s]", c.Fix.Claim.Safety()))
		case verbose && c.Refused != "":
			text += " — " + p.paint(dim, "no fix: "+visible(c.Refused))
		}
		fmt.Fprintln(a.out, text)
	}
}
