// Command restow rewrites Dockerfiles so that what is built is smaller, pinned
// and quick to rebuild, and shows why each change is right.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite/passes"
)

// The exit codes, which are stable: scripts rely on them.
const (
	exitOK      = 0 // nothing to do, or all of it was written
	exitRemain  = 1 // changes or findings remain
	exitUsage   = 2 // usage or configuration
	exitPartial = 3 // some files could not be handled; the others were
)

const (
	exitCodes = `Exit codes: 0 nothing to do or all written, 1 changes or findings remain,
2 usage or configuration, 3 some files could not be handled (the others were).`

	lookedFor = `Folders are searched for files named Dockerfile, Dockerfile.*, *.Dockerfile,
Containerfile and Containerfile.*, and for those that compose and bake files name;
.gitignore and .restowignore are respected. A file given as a path is always taken.`
)

// exit is an error that says what code the process ends with. A nil err has
// been reported already.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// app is what every verb works with.
type app struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	loader   *config.Loader
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	a := &app{in: in, out: out, err: errs, environ: os.Environ()}
	root := &cobra.Command{
		Use:   "restow",
		Short: "Rewrite Dockerfiles, and show why each change is right",
		Long: `restow rewrites Dockerfiles so that what is built is smaller, pinned and quick
to rebuild. Every change comes with its reason, and with what was proven of it;
whatever cannot be shown to be right is refused, with the reason for that.

` + exitCodes,
		SilenceErrors: true, SilenceUsage: true,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.environment(cmd); err != nil {
				return exit{exitUsage, err}
			}
			return nil
		},
	}
	root.AddCommand(fixCommand(a), pinCommand(a), checkCommand(a), botCommand(a), verifyCommand(a), rebuildCommand(a), baseCommand(a), explainCommand(a), passesCommand(a), versionCommand(a), configCommand(a), docsCommand())
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultCompletionCmd(args...)
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noSuchCommand, root.RunE
		}
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	cmd, err := root.ExecuteContextC(ctx)
	var e exit
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errs, "restow: interrupted; files not yet written are as they were")
		return exitPartial
	case errors.As(err, &e):
		if e.err != nil {
			report(errs, e.err)
		}
		return e.code
	}
	report(errs, fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath()))
	return exitUsage
}

// noSuchCommand is the error for arguments of a command that only groups others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	if like, ok := config.Suggest(args[0], names); ok {
		return fmt.Errorf("%s has no command %q, did you mean %q?", cmd.CommandPath(), args[0], like)
	}
	return fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0])
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Print the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if err := noSuchCommand(cmd, rest); err != nil {
				return err
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

// report writes an error, each of those joined in it on a line of its own. A
// line break elsewhere, such as in a file name, begins no line.
func report(w io.Writer, err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		if list := all.Unwrap(); errors.Join(list...).Error() == err.Error() {
			for _, e := range list {
				report(w, e)
			}
			return
		}
	}
	fmt.Fprintf(w, "restow: %s\n", visible(err.Error()))
}

// environment sets the flags of a verb that RESTOW_* variables give and the
// command line does not, and makes the loader for configuration files.
func (a *app) environment(cmd *cobra.Command) error {
	values, err := config.EnvFlags(a.environ)
	if err != nil {
		return err
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if v, ok := values[f.Name]; ok && !f.Changed && err == nil {
			if setErr := f.Value.Set(v); setErr != nil {
				err = fmt.Errorf("%s: %w", config.EnvFor(f.Name), setErr)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, v := range config.UnknownEnv(a.environ) {
		note := fmt.Sprintf("%s is set, but there is no such setting", v.Name)
		if v.Suggestion != "" {
			note += fmt.Sprintf(" (did you mean %s?)", v.Suggestion)
		}
		report(a.err, errors.New(note))
	}
	var known []string
	aliases := map[string]string{}
	for _, p := range passes.Suite {
		known = append(known, p.Name)
		if p.Rule != "" {
			aliases[p.Rule] = p.Name
		}
	}
	a.loader, err = config.New(config.Options{Known: known, Aliases: aliases})
	return err
}

// given are the flags of a verb that were set, by name, as config takes them.
func given(cmd *cobra.Command) map[string]string {
	out := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if list, ok := f.Value.(pflag.SliceValue); ok {
			out[f.Name] = config.JoinList(list.GetSlice())
			return
		}
		out[f.Name] = f.Value.String()
	})
	return out
}
