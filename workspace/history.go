package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Repository is the git repository that a folder is in.
type Repository struct {
	Top    string // its folder, absolute and free of symlinks
	Prefix string // the folder's slash path in it, "" for the top itself
	// Shallow and Partial say that it has not all of its history, or not all of the
	// objects.
	Shallow, Partial bool

	safe []string // folders of other people that the user trusts
}

// ErrNoRepository says that a folder is in no git repository that can be asked: git
// is not there, or there is none.
var ErrNoRepository = errors.New("no git repository")

// gitTime bounds the small questions to git.
const gitTime = 10 * time.Second

// RepositoryOf finds the repository of a folder. What its own settings could make
// git run is switched off; one that belongs to somebody else is opened only where
// the user's safe.directory says so, as by git itself.
func RepositoryOf(ctx context.Context, dir string) (*Repository, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	r := &Repository{}
	out, err := r.ask(ctx, dir)
	if err != nil && strings.Contains(err.Error(), "dubious ownership") {
		if r.safe = trusted(ctx); len(r.safe) > 0 {
			out, err = r.ask(ctx, dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoRepository, err)
	}
	lines := strings.SplitN(out, "\n", 4)
	if len(lines) < 3 {
		return nil, fmt.Errorf("%w: git tells neither its folder nor whether it is shallow", ErrNoRepository)
	}
	r.Shallow, r.Top = lines[0] == "true", filepath.FromSlash(lines[1])
	r.Prefix = strings.TrimSuffix(lines[2], "/")
	// A repository may say that its files are elsewhere (core.worktree).
	if !same(dir, filepath.Join(r.Top, filepath.FromSlash(r.Prefix))) {
		return nil, fmt.Errorf("%w: the one that git finds has its files elsewhere", ErrNoRepository)
	}
	// Whatever git says of it, exit code 1 means that it is not set.
	partial, err := r.output(ctx, dir, "config", "--local", "--get-regexp", `^(remote\..*\.promisor|extensions\.partialclone)$`)
	r.Partial = err == nil && partial != ""
	return r, nil
}

func same(a, b string) bool {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, other)
}

func (r *Repository) ask(ctx context.Context, dir string) (string, error) {
	return r.output(ctx, dir, "rev-parse", "--is-shallow-repository", "--show-toplevel", "--show-prefix")
}

// trusted are the values of safe.directory in the user's and the system's settings,
// the only places where git itself heeds them.
func trusted(ctx context.Context) (out []string) {
	for _, where := range []string{"--system", "--global"} {
		cmd := exec.CommandContext(ctx, "git", "config", where, "--null", "--get-all", "safe.directory")
		cmd.Dir = os.TempDir()
		text, err := cmd.Output()
		if err != nil {
			continue // none is set
		}
		for dir := range strings.SplitSeq(string(text), "\x00") {
			if dir != "" {
				out = append(out, dir)
			}
		}
	}
	return out
}

// command is git, told to run nothing that a repository asks for, to read no
// settings but the repository's own, to fetch nothing and to ask nobody.
func (r *Repository) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	all := []string{"--no-pager", "--no-optional-locks", "--no-replace-objects"}
	set := []string{
		"core.fsmonitor=false", "core.hooksPath=" + os.DevNull, "core.quotePath=false", "core.askPass=", "core.attributesFile=" + os.DevNull,
		"credential.helper=", "protocol.allow=never", "gc.auto=0", "maintenance.auto=false",
		"diff.renameLimit=1000", "log.showSignature=false", "log.mailmap=false", "log.follow=false", "log.showRoot=true",
	}
	for _, dir := range r.safe {
		set = append(set, "safe.directory="+dir)
	}
	for _, s := range set {
		all = append(all, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	cmd.Env = append(environment(os.Environ()),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_SSH_COMMAND=false",
		"GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=", "GIT_ATTR_NOSYSTEM=1", "GIT_PAGER=cat", "LC_ALL=C")
	return cmd
}

// environment is what git gets of the environment: nothing that is meant for git,
// but the folders above which it must not look for a repository.
func environment(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		name = strings.ToUpper(name) // Windows has no case
		return strings.HasPrefix(name, "GIT_") && name != "GIT_CEILING_DIRECTORIES" || name == "PAGER" || name == "SSH_ASKPASS" || name == "LC_ALL"
	})
}

// maxAnswer bounds what is read of git's answers but the log, in bytes.
const maxAnswer = 1 << 20

func (r *Repository) output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := r.command(ctx, dir, args...)
	var out, errs limited
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", gitError(err, &errs)
	}
	return out.String(), nil
}

func gitError(err error, errs *limited) error {
	line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
	if line = strings.TrimPrefix(line, "fatal: "); line != "" {
		return errors.New("git: " + line)
	}
	return fmt.Errorf("git: %w", err)
}

// limited keeps the first bytes that are written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), max(0, maxAnswer-l.Len()))])
	return len(p), nil
}

// LogOptions say which commits of a repository are read, and how.
type LogOptions struct {
	Folder  string        // slash path in the repository: only commits that touch it; "" for all
	Commits int           // the newest so many, and one more where there are more
	Format  string        // of a commit, --format=…
	Time    time.Duration // after which git is stopped
}

// ErrTooSlow says that git was stopped after the time it was given.
var ErrTooSlow = errors.New("git took too long")

// Log lets read have what git's own log says of the newest commits without merges:
// names and status of the files that each touches, renames among them, each ended
// by NUL (-z). Paths count from the folder. read may stop early; then git is
// stopped, too.
func (r *Repository) Log(ctx context.Context, o LogOptions, read func(io.Reader) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Time, ErrTooSlow)
	defer cancel()
	renames := "-M"
	if r.Partial {
		renames = "-M100%" // by name of the object: files that are not there need not be compared
	}
	args := []string{
		"log", "-n", strconv.Itoa(o.Commits + 1), "--no-merges", "--no-color", "--no-decorate", "--no-notes", "--no-mailmap", "--no-show-signature",
		"--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "-O" + os.DevNull, renames, "--name-status", "-z", o.Format,
	}
	dir := r.Top
	if o.Folder != "" {
		// Every commit that touches the folder, also where a merge took another side.
		dir = filepath.Join(r.Top, filepath.FromSlash(o.Folder))
		args = append(args, "--relative", "--full-history", "--", ".")
	}
	cmd := r.command(ctx, dir, args...)
	var errs limited
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	readErr := read(out)
	rest, _ := io.CopyN(io.Discard, out, 1) // 1 where read stopped early
	cause := context.Cause(ctx)
	if rest > 0 {
		cancel() // else git has said all, and ends by itself
	}
	err = cmd.Wait()
	switch {
	case cause != nil:
		return cause
	case readErr != nil:
		return readErr
	case rest > 0:
		return nil
	case err != nil && !strings.Contains(errs.String(), "does not have any commits"):
		return gitError(err, &errs)
	}
	return nil
}
