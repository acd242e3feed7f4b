package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/restow/restow/bot"
	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof"
)

type botFlags struct {
	shared
	dryRun, html bool
}

func botCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bot",
		Short: "Plan pull requests with what fix would change",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(botRunCommand(a))
	return cmd
}

func botRunCommand(a *app) *cobra.Command {
	var f botFlags
	cmd := &cobra.Command{
		Use:   "run --dry-run [flags] [path]",
		Short: "Print the pull requests that the bot would open for a folder",
		Long: `Run --dry-run looks at a folder (default: the current one) as the bot looks at a
repository, and prints the pull requests that it would open: pins apart from what
concerns the build, unless the key bot of .restow.yaml at the top of the repository
groups them otherwise. Nothing is changed or sent; --offline asks no registry.

` + lookedFor + `

Exit codes: 0 nothing to propose, 1 there are pull requests to open,
2 usage or configuration, 3 some files could not be handled (the others were).`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.botRun(&f, args) },
	}
	f.shared.add(cmd)
	registryFlags(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.dryRun, "dry-run", false, "print what would be opened, and open nothing")
	fs.BoolVar(&f.html, "html", false, "print a page instead of text")
	fs.Bool("unsafe", false, "propose unsafe fixes too")
	fs.String("merge", "related", "which RUNs become one: related, those that belong together, or all")
	fs.String("caches", "clean", "what managers download: clean takes it out of the image, mount keeps it in cache mounts")
	return cmd
}

func (a *app) botRun(f *botFlags, args []string) error {
	switch {
	case !f.dryRun:
		return exit{exitUsage, errors.New("bot run opens no pull requests yet: add --dry-run to see those it would open")}
	case f.json && f.html:
		return exit{exitUsage, errors.New("--json and --html do not go together")}
	case len(args) == 1 && args[0] == "-":
		return exit{exitUsage, errors.New("bot run takes a folder")}
	}
	path := "."
	if len(args) == 1 {
		path = args[0]
	}
	top, err := topOf(path)
	if err != nil {
		return exit{exitUsage, err}
	}
	settings, err := a.loader.Resolve(top, given(f.cmd), a.environ)
	if err != nil {
		return exit{exitUsage, err}
	}
	plan, err := a.plan(f, path, top, settings.Bot)
	if err != nil {
		return err
	}
	if err := plan.print(a, f); err != nil {
		return err
	}
	switch {
	case plan.badSetup:
		return exit{code: exitUsage}
	case plan.failed > 0:
		return exit{code: exitPartial}
	case len(plan.requests) > 0:
		return exit{code: exitRemain}
	}
	return nil
}

// botPlan is what a dry run says.
type botPlan struct {
	settings config.Bot
	requests []bot.Request
	notes    []string
	errors   []string
	files    int
	failed   int
	badSetup bool
}

// plan runs the passes of every group over every Dockerfile.
func (a *app) plan(f *botFlags, path, top string, settings config.Bot) (*botPlan, error) {
	f.lookup = newLookup(a.environ)
	p := &botPlan{settings: settings}
	var pieces sync.Map // by Dockerfile: what became of it in each group
	do := func(file *dockerfile.File, s config.Settings, suite []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
		one := fixing(f.cmd.Context())
		run := func(file *dockerfile.File, facts rewrite.Facts, suite []*rewrite.Pass) (*rewrite.Result, error) {
			return one(file, s, suite, facts)
		}
		whole, all, err := bot.Split(file, facts, suite, bot.Grouping(settings.Groups), run)
		pieces.Store(file.Name, all)
		return whole, err
	}
	var parts []bot.Part
	ignored := map[string]ignoreFiles{} // what a group adds to ignore files
	defer func() {
		for _, g := range ignored {
			g.close()
		}
	}()
	_, problems, err := a.each(&f.shared, []string{path}, passes.Fixing(), do, func(o *outcome) error {
		p.files++
		for _, n := range o.notes {
			p.notes = append(p.notes, visible(n))
		}
		if o.err != nil {
			p.fail(o.err)
			p.badSetup = p.badSetup || o.badSetup
			return nil
		}
		for _, u := range o.unknown() {
			p.fail(fmt.Errorf("%s:%d: %s: %s", o.source.Path, u.Line, u.Message, u.Refused))
		}
		if o.source.ReadOnly != "" {
			return nil // it is shown by fix, and nobody can merge it
		}
		all, _ := pieces.Load(o.source.Path)
		for _, piece := range all.([]bot.Piece) {
			part, err := a.part(o, piece, top, ignored)
			if err != nil {
				p.fail(err)
				continue
			}
			if len(part.Files) > 0 {
				parts = append(parts, part)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, err := range problems {
		p.fail(err)
	}
	p.requests = bot.Plan(parts, bot.Config{
		By: bot.Grouping(settings.Groups), Labels: settings.Labels, Reviewers: settings.Reviewers,
		Limit: settings.Limit, Automerge: settings.Automerge,
	})
	return p, nil
}

func (p *botPlan) fail(err error) {
	p.errors = append(p.errors, visible(err.Error()))
	p.failed++
}

// part is a piece with what becomes of the ignore file of its group.
func (a *app) part(o *outcome, piece bot.Piece, top string, ignored map[string]ignoreFiles) (bot.Part, error) {
	name, err := fromTop(top, o.source.Path)
	if err != nil {
		return bot.Part{}, err
	}
	alone := *o
	alone.res = piece.Result
	sortByLine(alone.res)
	if ignored[piece.Group] == nil {
		ignored[piece.Group] = ignoreFiles{}
	}
	if err := ignored[piece.Group].take(&alone); err != nil {
		return bot.Part{}, err
	}
	var ignore *bot.File
	if alone.ignore != nil {
		path, err := fromTop(top, alone.ignore.path())
		if err != nil {
			return bot.Part{}, err
		}
		ignore = &bot.File{Path: path, Before: alone.ignore.before, After: alone.ignore.after}
	}
	part := bot.PartOf(piece, name, ignore, nil, proof.Compared)
	if strings.HasPrefix(part.Group, bot.FilePrefix) {
		part.Group = bot.FilePrefix + name // the same wherever restow is started
	}
	return part, nil
}

// topOf is the top of the repository around a path, or the folder itself where
// there is no repository.
func topOf(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	if err != nil || !info.IsDir() {
		return "", fmt.Errorf("%s: bot run takes a folder", path)
	}
	for dir := abs; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return abs, nil
		}
	}
}

// fromTop is a path, as workspace shows it, from the top of the repository.
func fromTop(top, shown string) (string, error) {
	abs, err := filepath.Abs(filepath.FromSlash(shown))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s: stands outside of the repository", shown)
	}
	return filepath.ToSlash(rel), nil
}
