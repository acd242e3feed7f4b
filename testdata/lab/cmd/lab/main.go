// Command lab brings the lab up, takes it down, and says how it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/restow/restow/testdata/lab"
)

const usage = `usage: go run ./cmd/lab COMMAND

up [--only NAME]   install, build and start whatever is missing
down [--purge]     stop both daemons; with --purge remove all they kept
status             what runs, which images there are, what it all takes
env                the lines a shell has to evaluate to use the lab

The state folder is $RESTOW_LAB_DIR, or restow-lab in the user's cache folder.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	only := flags.String("only", "", "build this recipe or image and what it needs")
	purge := flags.Bool("purge", false, "remove the state too")
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return errUsage
	}
	if flags.NArg() > 0 {
		return errUsage
	}
	l, err := lab.Open(os.Stdout)
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return l.Up(ctx, *only)
	case "down":
		return l.Down(ctx, *purge)
	case "status":
		return l.Status(ctx)
	case "env":
		if l.Registry() == "" {
			return fmt.Errorf("there is no lab in %s yet: run up first", l.Dir)
		}
		fmt.Print(l.Env())
		return nil
	}
	return errUsage
}
