package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/cost"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
)

type rebuildFlags struct {
	shared
	commits      int
	target, html string
	reports      sync.Map // *rebuildReport by *rewrite.Result
}

func rebuildCommand(a *app) *cobra.Command {
	var f rebuildFlags
	cmd := &cobra.Command{
		Use:   "rebuild [flags] [path ...]",
		Short: "Say how often each step would have run again, before and after",
		Long: `Rebuild goes through the last commits that touched a Dockerfile's build context, as
git has them, and says of each step how often it would have run again, by the rules
of BuildKit's cache: for the file as it is, and as restow fix would write it with the
same flags. Nothing is built, written or asked of a registry.

A step runs again where a commit touched a file that it takes of the context (after
.dockerignore; renames count), and with it all steps behind it in its stage and in
the stages that take from it. Where BuildKit finds that a stage came out the same
after all, fewer steps run than are counted here. What the history does not hold
counts as unchanged: base images, build arguments, what is fetched. Without a
history, lock files count as changed in 2 of 100 builds, manifests and settings in
5, sources in 80, the whole context in 95.

The times are estimates by the kind of command, for all steps that run, also where
BuildKit runs stages side by side. Where restow verify has built the file on this
machine, the times that it measured take their place.

Exit codes: 0 all Dockerfiles were looked at; 2 usage or configuration; 3 some could
not be handled (the others were).`,
		RunE: func(_ *cobra.Command, args []string) error { return a.rebuild(&f, args) },
	}
	f.shared.add(cmd)
	fs := cmd.Flags()
	fs.Bool("unsafe", false, "apply unsafe fixes too")
	fs.String("merge", "related", "which RUNs become one: related, those that belong together, or all")
	fs.String("caches", "clean", "what managers download: clean takes it out of the image, mount keeps it in cache mounts")
	swapFlags(fs)
	fs.IntVar(&f.commits, "commits", 200, "how many commits to look at, 50000 at most")
	fs.StringVar(&f.target, "target", "", "stage to build (default: the last)")
	fs.StringVar(&f.html, "html", "", "write the report as one HTML page to this file")
	return cmd
}

func (a *app) rebuild(f *rebuildFlags, args []string) error {
	if f.commits < 1 || f.commits > 50_000 {
		return exit{exitUsage, errors.New("--commits takes a number from 1 to 50000")}
	}
	f.histories.commits = max(historyCommits, f.commits)
	var reports []*rebuildReport
	failed := 0
	_, problems, err := a.each(&f.shared, args, passes.Fixing(), f.job, func(o *outcome) error {
		if o.err != nil {
			report(a.err, o.err)
			failed++
			if o.badSetup {
				return exit{code: exitUsage}
			}
			return nil
		}
		one, _ := f.reports.LoadAndDelete(o.res)
		r := one.(*rebuildReport)
		r.notes = o.notes
		reports = append(reports, r)
		if !f.json {
			if len(reports) > 1 {
				fmt.Fprintln(a.out)
			}
			r.text(a.out, paletteFor(a.out, o.settings.Color, a.environ))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range problems {
		report(a.err, p)
		failed++
	}
	if f.json {
		if err := a.json(rebuildDoc(reports, problems)); err != nil {
			return err
		}
	} else if len(reports) == 0 && failed == 0 {
		fmt.Fprintf(a.err, "no Dockerfile found; name one, or see %s --help for what is looked for\n", f.cmd.CommandPath())
	}
	if f.html != "" && len(reports) > 0 {
		if err := writePage(f.html, func(w io.Writer) error { return rebuildPage(w, reports) }); err != nil {
			return exit{exitPartial, err}
		}
	}
	if failed > 0 {
		return exit{code: exitPartial}
	}
	return nil
}

// job rewrites a file as restow fix would, and sees when its steps run before and
// after: now, while the build context can be read.
func (f *rebuildFlags) job(file *dockerfile.File, s config.Settings, suite []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
	res, err := fixing(f.cmd.Context())(file, s, suite, facts)
	if err != nil {
		return nil, err
	}
	var h *project.History
	if facts.History != nil {
		h = facts.History().Newest(f.commits)
	}
	later := h
	if len(res.Ignore) > 0 && h.Known() {
		later = h.Only(func(name string) bool { return !res.Context.Excluded(name) })
	} else if len(res.Ignore) > 0 {
		later = project.Assumed(res.Context.Files())
	}
	r := &rebuildReport{path: file.Name, history: h, same: bytes.Equal(res.Before.Src, res.After.Src) && len(res.Ignore) == 0}
	if r.before, err = f.side(file, h, facts.Times); err == nil {
		r.after, err = f.side(res.After, later, facts.Times)
	}
	if err != nil {
		return nil, err
	}
	f.reports.Store(res, r)
	return res, nil
}

// side is what runs when, for the stages that the target needs.
func (f *rebuildFlags) side(file *dockerfile.File, h *project.History, times cost.Times) (side rebuildSide, err error) {
	target, err := targetOf(file, f.target)
	if err != nil {
		return side, err
	}
	needed, certain := file.Needs(target)
	side.commits = h.Commits()
	for _, s := range cost.Simulate(file, h) {
		if certain && !needed[s.In.Stage] {
			continue
		}
		step := rebuildStep{Step: s, line: file.Line(s.In.Lines.Start)}
		step.seconds, step.what = times.Of(s.In)
		_, step.measured = times[cost.Key(s.In)]
		side.steps = append(side.steps, step)
	}
	return side, nil
}

// targetOf is the stage that is built: the last, or the one of that name or number.
func targetOf(file *dockerfile.File, name string) (*dockerfile.Stage, error) {
	if name == "" {
		return file.Stages[len(file.Stages)-1], nil
	}
	if s := file.StageByName(name); s != nil {
		return s, nil
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(file.Stages) {
		return file.Stages[i], nil
	}
	return nil, fmt.Errorf("%s: it has no stage %s", file.Name, name)
}
