package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/passes"
)

type fixFlags struct {
	shared
	builds
	write, list, diff, verify bool
}

func fixCommand(a *app) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix [flags] [path ...]",
		Short: "Show what would be rewritten as a diff, or write it",
		Long: `Fix rewrites the Dockerfiles under the given paths (default: the current
folder) and prints a diff that git apply takes; with --write it changes the
files instead. Each change stands on standard error with its reason and what
was proven of it: identical (the same build graph and image config), safe
(another claim that was checked on this very file), unsafe (nothing was claimed;
made only with --unsafe).

- reads one Dockerfile from standard input; with --write the result goes to
standard output.

` + lookedFor + "\n\n" + exitCodes,
		RunE: func(_ *cobra.Command, args []string) error { return a.fix(&f, args) },
	}
	f.shared.add(cmd)
	f.builds.add(cmd)
	registryFlags(cmd)
	formatFlag(cmd, &f.shared)
	fs := cmd.Flags()
	fs.BoolVar(&f.verify, "verify", false, "apply an unsafe fix where a build before and after gives the same image, and call it proven")
	fs.BoolVarP(&f.write, "write", "w", false, "write the files instead of printing a diff")
	fs.BoolVarP(&f.list, "list", "l", false, "print the names of files that change instead of a diff")
	fs.BoolVarP(&f.diff, "diff", "d", false, "print the diff even with --write or --list")
	fs.Bool("unsafe", false, "apply unsafe fixes too")
	fs.String("merge", "related", "which RUNs become one: related, those that belong together, or all")
	fs.String("caches", "clean", "what managers download: clean takes it out of the image, mount keeps it in cache mounts")
	swapFlags(fs)
	return cmd
}

// totals is what a run of fix adds up to.
type totals struct {
	files, handled, failed int // failed: also paths that could not be looked at
	changed, written       int
	applied                map[string]int
	unsafe, refused        int
	unknown                int // places whose digest nobody could tell
	badSetup               bool
}

func (a *app) fix(f *fixFlags, args []string) error {
	f.lookup = newLookup(a.environ)
	return a.rewriteAll(f, args, passes.Fixing(), fixing(f.cmd.Context()), nil)
}

// rewriteAll does a job on every file, and shows or writes what comes of it.
// adjust, if there is one, has its say on each outcome before that.
func (a *app) rewriteAll(f *fixFlags, args []string, candidates []*rewrite.Pass, do job, adjust func(*outcome)) error {
	rep, err := f.reporter(a, true)
	if err != nil {
		return err
	}
	sum := totals{applied: map[string]int{}}
	ignored := ignoreFiles{}
	defer ignored.close()
	here, problems, err := a.each(&f.shared, args, candidates, do, func(o *outcome) error {
		if adjust != nil && o.err == nil {
			adjust(o)
		}
		if f.verify && o.err == nil {
			if err := a.proveByBuild(f, o); err != nil {
				return err
			}
		}
		if o.err == nil {
			o.err = ignored.take(o)
		}
		a.apply(f, o)
		sum.add(o)
		if rep != nil {
			rep.add(o)
			return nil
		}
		a.show(f, o)
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range problems {
		if f.format != "github" { // where it stands in the report, and all output is read
			report(a.err, p)
		}
		sum.failed++
	}
	if rep != nil {
		if err := rep.finish(problems, summary{Files: sum.files, Changed: sum.changed, Written: sum.written, Failed: sum.failed, Unsafe: sum.unsafe, Refused: sum.refused, Unknown: sum.unknown}); err != nil {
			return err
		}
	} else {
		sum.print(a, f, here)
	}
	return sum.exit()
}

// apply writes a changed file, if that is wanted and can be done.
func (a *app) apply(f *fixFlags, o *outcome) {
	stdin := o.source.Content != nil && o.source.ReadOnly == ""
	switch {
	case !f.write || o.err != nil:
		return
	case stdin:
		if !f.reports() { // the result is the output, changed or not
			a.out.Write(o.res.After.Src)
			o.wrote = true
		}
		return
	case len(o.res.Changes) == 0 || o.source.ReadOnly != "":
		return
	}
	// The ignore file first: a Dockerfile may need what it leaves out, and never
	// the reverse.
	if o.ignore != nil {
		if o.err = o.ignore.write(); o.err != nil {
			return
		}
	}
	if err := o.source.Write(o.res.After.Src, o.stamp); err != nil {
		o.err = err
		if o.ignore != nil {
			o.err = fmt.Errorf("%w (%s has been changed already)", err, o.ignore.path())
		}
		return
	}
	o.wrote = true
}

func (t *totals) add(o *outcome) {
	t.files++
	if o.err != nil {
		t.failed++
		t.badSetup = t.badSetup || o.badSetup
		return
	}
	t.handled++
	for _, c := range o.res.Changes {
		t.applied[o.safetyOf(c)]++
	}
	for _, c := range o.res.Findings {
		switch {
		case c.Fix != nil && c.Fix.Claim == rewrite.NoClaim:
			t.unsafe++
		case c.Failed && !o.lenient: // unknown
		case c.Refused != "":
			t.refused++
		}
	}
	t.unknown += len(o.unknown())
	if len(o.res.Changes) > 0 {
		t.changed++
		if o.wrote {
			t.written++
		}
	}
}

func (t *totals) exit() error {
	switch {
	case t.badSetup:
		return exit{code: exitUsage}
	case t.failed > 0 || t.unknown > 0:
		return exit{code: exitPartial}
	case t.changed > t.written:
		return exit{code: exitRemain}
	}
	return nil
}

// show prints what became of one file: the diff or its name on standard output,
// the reasons on standard error.
func (a *app) show(f *fixFlags, o *outcome) {
	out, errs := paletteFor(a.out, o.settings.Color, a.environ), paletteFor(a.err, o.settings.Color, a.environ)
	for _, n := range o.notes {
		fmt.Fprintln(a.err, visible(n))
	}
	if o.err != nil {
		report(a.err, o.err)
		return
	}
	stdin := o.source.Content != nil && o.source.ReadOnly == ""
	changed := len(o.res.Changes) > 0
	if changed && f.list && !(f.write && stdin) {
		if !bytes.Equal(o.res.Before.Src, o.res.After.Src) {
			fmt.Fprintln(a.out, visible(o.source.Path))
		}
		if o.ignore != nil {
			fmt.Fprintln(a.out, visible(o.ignore.path()))
		}
	}
	if changed && (f.diff || !f.write && !f.list || o.source.ReadOnly != "") && !(f.write && stdin) {
		printDiff(a.out, diff.Unified(o.source.Path, o.res.Before.Src, o.res.After.Src), out)
		if o.ignore != nil {
			printDiff(a.out, o.ignore.diff(), out)
		}
	}
	for _, c := range o.res.Changes {
		fmt.Fprintln(a.err, line(o, c, errs, o.safetyOf(c)))
	}
	for _, c := range o.unknown() {
		report(a.err, fmt.Errorf("%s:%d: %s: %s", o.source.Path, c.Line, c.Message, c.Refused))
	}
	if f.verbose {
		for _, c := range o.res.Findings {
			switch {
			case c.Failed && !o.lenient: // said above
			case c.Fix != nil:
				fmt.Fprintln(a.err, line(o, c, errs, string(c.Fix.Claim.Safety())+", not applied"))
			case c.Refused != "":
				fmt.Fprintf(a.err, "%s %s: %s — %s\n", place(o, c), c.Pass.Name, visible(c.Message), errs.paint(dim, "refused: "+visible(c.Refused)))
			}
		}
	}
	if names := standIns(o.res); changed && names != "" {
		fmt.Fprintf(a.err, "%s: proven with stand-in values for the build arguments %s, which have no default\n", visible(o.source.Path), visible(names))
	}
	if changed && o.source.ReadOnly != "" {
		fmt.Fprintf(a.err, "%s: read only: %s\n", visible(o.source.Path), visible(o.source.ReadOnly))
	}
}

func place(o *outcome, c rewrite.Change) string {
	return fmt.Sprintf("%s:%d", visible(o.source.Path), c.Line)
}

func line(o *outcome, c rewrite.Change, p palette, tag string) string {
	code := green
	if strings.HasPrefix(tag, string(rewrite.Unsafe)) {
		code = yellow
	}
	return fmt.Sprintf("%s %s: %s — %s %s", place(o, c), p.paint(bold, c.Pass.Name), visible(c.Fix.Title), visible(c.Fix.Why), p.paint(code, "["+tag+"]"))
}

func standIns(res *rewrite.Result) string {
	var names []string
	for name := range res.Proof.StandIns {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// print ends a run with one line that says what it came to.
func (t *totals) print(a *app, f *fixFlags, s config.Settings) {
	p := paletteFor(a.err, s.Color, a.environ)
	if t.files == 0 && t.failed == 0 {
		fmt.Fprintf(a.err, "no Dockerfile found; name one, or see %s --help for what is looked for\n", f.cmd.CommandPath())
		return
	}
	var kinds []string
	total := 0
	for _, safety := range []string{string(rewrite.Identical), string(rewrite.Safe), "proven", string(rewrite.Unsafe)} {
		if n := t.applied[safety]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, safety))
			total += n
		}
	}
	var text string
	switch {
	case t.handled > 0 && t.changed == 0:
		text = fmt.Sprintf("%s looked at, nothing to change", count(t.handled, "file"))
	case t.changed > 0:
		verb := "would change"
		if f.write {
			verb = "changed"
		}
		text = fmt.Sprintf("%s of %s %s: %s (%s)", count(t.changed, "file"), fmt.Sprint(t.handled), verb, count(total, "fix"), strings.Join(kinds, ", "))
	}
	if t.unsafe > 0 {
		text += fmt.Sprintf("; %d more with --unsafe", t.unsafe)
	}
	if t.refused > 0 {
		text += fmt.Sprintf("; %d refused", t.refused)
		if !f.verbose {
			text += " (-v says why)"
		}
	}
	if t.unknown > 0 {
		text += fmt.Sprintf("; %s could not be looked up", count(t.unknown, "image"))
	}
	fmt.Fprintln(a.err, p.paint(bold, withFailed(text, t.failed)))
}
