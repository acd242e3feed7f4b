package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/proof/build"
	"github.com/restow/restow/workspace"
)

// builds are the flags of verbs that build.
type builds struct {
	address, target, platform string
	args                      []string
	repeat                    int
	timeout                   time.Duration
	conn                      *build.Conn
}

func (b *builds) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.address, "buildkit", "", "BuildKit's address (default: BUILDKIT_HOST, else its usual socket, else the one inside Docker)")
	f.StringArrayVar(&b.args, "build-arg", nil, "build argument NAME=VALUE, or NAME for the environment's value")
	f.StringVar(&b.target, "target", "", "stage to build (default: the last)")
	f.StringVar(&b.platform, "platform", "", "platform to build for (default: BuildKit's own)")
	f.IntVar(&b.repeat, "repeat", 3, "how often each time is measured; 0 measures none")
	f.DurationVar(&b.timeout, "timeout", 30*time.Minute, "for all builds of one Dockerfile together")
	f.StringArray("smoke", nil, "command that must end the same in both images: a line for the image's shell, or a JSON array")
	f.Bool("smoke-output", false, "smoke commands must write the same, too")
	f.StringArray("touch", nil, "file of the context that changes most often (default: by git's history)")
}

// connect reaches BuildKit, once a run.
func (b *builds) connect(ctx context.Context) (err error) {
	if b.conn != nil {
		return nil
	}
	b.conn, err = build.Connect(ctx, build.Endpoint{Address: b.address})
	var none *build.NotFoundError
	if !errors.As(err, &none) {
		return err
	}
	var lines []error // what was tried and what to do, each on a line of its own
	for line := range strings.SplitSeq(err.Error(), "\n") {
		lines = append(lines, errors.New(line))
	}
	return errors.Join(lines...)
}

// input is what to build for a Dockerfile and what to compare, but for the texts.
func (b *builds) input(o *outcome) (build.Input, error) {
	s := o.settings
	dir, _ := contextOf(o.source, s)
	in := build.Input{
		Name: inContext(dir, o.source.Path), Context: dir,
		BuildArgs: map[string]string{}, Target: b.target, Platform: b.platform,
		SmokeOutput: s.SmokeOutput, Touch: s.Touch, Repeat: b.repeat, Timeout: b.timeout,
		History: o.history(dir, o.context),
	}
	if b.repeat == 0 {
		in.Repeat = -1
	}
	if ignore, err := os.ReadFile(filepath.FromSlash(o.source.Path) + ".dockerignore"); err == nil {
		in.Ignore = ignore
	}
	for _, kv := range b.args {
		name, value, ok := strings.Cut(kv, "=")
		if !ok {
			value, ok = os.LookupEnv(name)
		}
		if !ok || name == "" {
			return in, exit{exitUsage, fmt.Errorf("--build-arg %s: no value is given, and the environment has none", kv)}
		}
		in.BuildArgs[name] = value
	}
	for _, c := range s.Smoke {
		in.Smoke = append(in.Smoke, build.Command{Argv: c.Argv, Shell: c.Shell, Output: s.SmokeOutputFor(c)})
	}
	if s.Server != nil {
		in.Server = &build.Server{Port: s.Server.Port, Path: s.Server.Path, Wait: s.Server.Wait}
	}
	return in, nil
}

type verifyFlags struct {
	shared
	builds
	before, after, against, html string
}

func verifyCommand(a *app) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [flags] [path ...]",
		Short: "Build before and after on a real BuildKit, compare and measure",
		Long: `Verify builds each Dockerfile as it is and as restow fix would write it, with the
same flags, on a real BuildKit, and compares the two images: configuration, files,
libraries, programs, smoke commands and a server's answer where there are some,
size, layers, and the time of a cold build and of a rebuild after a change.

--before and --after name two Dockerfiles instead; --against compares the file with
what it was at a revision of git.

Exit codes: 0 the same, or nothing to do; 1 something differs or does not work any
more; 2 usage or configuration; 3 it could not be found out, since BuildKit is not
there or the Dockerfile does not build as it is.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(&f, args) },
	}
	f.shared.add(cmd)
	f.builds.add(cmd)
	registryFlags(cmd)
	fs := cmd.Flags()
	fs.Bool("unsafe", false, "apply unsafe fixes too")
	fs.String("merge", "related", "which RUNs become one: related, those that belong together, or all")
	fs.String("caches", "clean", "what managers download: clean takes it out of the image, mount keeps it in cache mounts")
	swapFlags(fs)
	fs.StringVar(&f.before, "before", "", "Dockerfile to take for before")
	fs.StringVar(&f.after, "after", "", "Dockerfile to take for after")
	fs.StringVar(&f.against, "against", "", "take the file at this git revision for before, and as it is for after")
	fs.StringVar(&f.html, "html", "", "write the report as one HTML page to this file")
	return cmd
}

func (a *app) verify(f *verifyFlags, args []string) error {
	switch {
	case (f.before == "") != (f.after == ""):
		return exit{exitUsage, errors.New("--before and --after go together")}
	case f.before != "" && (f.against != "" || len(args) > 0):
		return exit{exitUsage, errors.New("--before and --after go with neither --against nor paths")}
	case f.before != "":
		args = []string{f.after}
	}
	do := fixing(f.cmd.Context())
	f.lookup = newLookup(a.environ)
	if f.before != "" || f.against != "" {
		do = func(file *dockerfile.File, _ config.Settings, _ []*rewrite.Pass, _ rewrite.Facts) (*rewrite.Result, error) {
			return &rewrite.Result{Before: file, After: file}, nil
		}
		f.lookup = nil
	}
	worst, pages := exitOK, 0
	_, problems, err := a.each(&f.shared, args, passes.Fixing(), do, func(o *outcome) error {
		code, err := a.verifyOne(f, o, &pages)
		worst = max(worst, code)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range problems {
		report(a.err, p)
		worst = exitPartial
	}
	if worst == exitOK {
		return nil
	}
	return exit{code: worst}
}

// fixing is the job of a run that applies what the settings ask for.
func fixing(ctx context.Context) job {
	return func(file *dockerfile.File, s config.Settings, suite []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
		return rewrite.Run(ctx, file, suite, rewrite.Options{
			Facts: facts,
			Apply: func(p *rewrite.Pass, safety rewrite.Safety) bool {
				return safety == rewrite.Identical || safety == rewrite.Safe || s.UnsafeFor(p.Name, p.Rule)
			},
		})
	}
}

// verifyOne verifies one Dockerfile and prints what came of it.
func (a *app) verifyOne(f *verifyFlags, o *outcome, pages *int) (int, error) {
	if o.err != nil {
		report(a.err, o.err)
		if o.badSetup {
			return exitUsage, nil
		}
		return exitPartial, nil
	}
	for _, c := range o.unknown() {
		report(a.err, fmt.Errorf("%s:%d: %s: %s", o.source.Path, c.Line, c.Message, c.Refused))
	}
	before, err := f.beforeOf(o)
	if err != nil {
		report(a.err, err)
		return exitPartial, nil
	}
	after := o.res.After.Src
	if bytes.Equal(before, after) && len(o.res.Ignore) == 0 {
		fmt.Fprintf(a.err, "%s: nothing changes, so there is nothing to verify\n", visible(o.source.Path))
		return exitOK, nil
	}
	in, err := f.input(o)
	if err != nil {
		return exitUsage, err
	}
	if err := f.connect(f.cmd.Context()); err != nil {
		return exitPartial, exit{exitPartial, err}
	}
	in.Before, in.After = before, after
	in.IgnoreAfter = ignoreAfter(o.res)
	in.Expect = expected(o.res.Changes)
	for _, c := range o.res.Changes {
		in.Reasons = append(in.Reasons, build.Reason{Pass: c.Pass.Name, Title: c.Fix.Title, Why: c.Fix.Why})
	}
	rep, err := build.Verify(f.cmd.Context(), f.conn, in, a.err)
	if err != nil {
		report(a.err, fmt.Errorf("%s: %w", o.source.Path, err))
		return exitPartial, nil
	}
	if err := saveTimes(o.source, rep); err != nil {
		report(a.err, fmt.Errorf("%s: the times of its steps were not kept for restow rebuild: %w", o.source.Path, err))
	}
	if err := a.showReport(f, rep, pages); err != nil {
		return exitPartial, err
	}
	switch {
	case rep.OK():
		return exitOK, nil
	case rep.Verdict == build.Undecided:
		return exitPartial, nil
	}
	return exitRemain, nil
}

// beforeOf is the text to compare with: the file as it is, the one that --before
// names, or the one git has at a revision.
func (f *verifyFlags) beforeOf(o *outcome) ([]byte, error) {
	switch {
	case f.before != "":
		return readFile(f.before)
	case f.against != "":
		return atRevision(f.cmd.Context(), f.against, filepath.FromSlash(o.source.Path))
	}
	return o.res.Before.Src, nil
}

func readFile(path string) ([]byte, error) {
	sources, errs := workspace.Find([]string{path}, workspace.Options{})
	if len(errs) > 0 || len(sources) != 1 {
		return nil, errors.Join(append(errs, fmt.Errorf("%s: name one Dockerfile", path))...)
	}
	data, _, err := sources[0].Read()
	return data, err
}

// atRevision asks git for a file as it was. Nothing of the repository is run:
// cat-file knows no filters, hooks or text converters.
func atRevision(ctx context.Context, rev, path string) ([]byte, error) {
	if strings.HasPrefix(rev, "-") || strings.Contains(rev, ":") {
		return nil, fmt.Errorf("--against %s is no revision", rev)
	}
	cmd := exec.CommandContext(ctx, "git", "-c", "core.fsmonitor=false", "cat-file", "blob", rev+":./"+filepath.Base(path))
	cmd.Dir = filepath.Dir(path)
	var text, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: git has no such file at %s: %s", path, rev, strings.TrimSpace(errs.String()))
	}
	if text.Len() > workspace.MaxFileSize {
		return nil, fmt.Errorf("%s at %s has more than %d bytes", path, rev, workspace.MaxFileSize)
	}
	return text.Bytes(), nil
}

func (a *app) showReport(f *verifyFlags, rep *build.Report, pages *int) error {
	write := rep.Text
	if f.json {
		write = rep.JSON
	}
	if err := write(a.out); err != nil {
		return err
	}
	if f.html == "" {
		return nil
	}
	name := f.html
	if *pages++; *pages > 1 { // the second Dockerfile's page is report-2.html
		ext := filepath.Ext(name)
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), *pages, ext)
	}
	return writePage(name, rep.HTML)
}

func writePage(name string, write func(io.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := write(file); err != nil {
		return err
	}
	return file.Close()
}

// expected says of a difference which fix intends it, if one does.
func expected(changes []rewrite.Change) func(build.Change) string {
	made := map[*rewrite.Pass]bool{}
	for _, c := range changes {
		made[c.Pass] = true
	}
	return func(c build.Change) string {
		switch {
		case made[passes.AptNoRecommends] && c.What == "removed" && (c.Kind == build.Package || c.Kind == build.File && packaged(c.Path)):
			// What needs any of it is looked at by itself: libraries, programs and
			// scripts must be there, and smoke commands end as before.
			return "apt-no-recommends: recommended packages are left out"
		case c.Kind != build.Config:
		case made[passes.MaintainerLabel] && (c.Path == "author" || c.Path == "Labels org.opencontainers.image.authors"):
			return "maintainer-label: the author is a label now"
		case made[passes.ExecForm] && (c.Path == "Cmd" || c.Path == "Entrypoint"):
			return "exec-form: the program is started without a shell around it"
		}
		return ""
	}
}

// packaged reports whether a path is where Debian's packages have their files.
func packaged(path string) bool {
	for _, dir := range []string{"/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/usr/share/", "/usr/include/", "/usr/games/", "/etc/", "/var/lib/", "/lib/", "/bin/", "/sbin/"} {
		if strings.HasPrefix(path+"/", dir) {
			return true
		}
	}
	return false
}
