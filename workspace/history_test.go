package workspace

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
	"testing"
	"time"
)

// gitIn runs git for a test, with nothing of the user's settings.
func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(environment(os.Environ()), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// commit writes files, with their own names and a text as content, and commits
// everything there is.
func commit(t testing.TB, dir, text string, names ...string) {
	t.Helper()
	for _, name := range names {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(strings.Repeat(text+" "+name+"\n", 9)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", text)
}

// logOf is what git says of a folder, one line a commit.
func logOf(t *testing.T, dir string, o LogOptions) string {
	t.Helper()
	r, err := RepositoryOf(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	o.Format, o.Time = "--format=format:%x01", time.Minute
	var text []byte
	err = r.Log(context.Background(), o, func(in io.Reader) (err error) {
		text, err = io.ReadAll(in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for c := range bytes.SplitSeq(text, []byte{1}) {
		if line := strings.Join(strings.Fields(strings.ReplaceAll(string(c), "\x00", " ")), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

func TestLog(t *testing.T) {
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	r, err := RepositoryOf(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	err = r.Log(context.Background(), LogOptions{Commits: 9, Format: "--format=%H", Time: time.Minute}, func(in io.Reader) error { _, err := io.ReadAll(in); return err })
	if err != nil {
		t.Errorf("a repository without commits: %v", err)
	}
	commit(t, dir, "one", "a", "app/b", "app/c d")
	commit(t, dir, "two", "a")
	commit(t, dir, "three", "app/b")
	gitIn(t, dir, "mv", "app/b", "app/new")
	gitIn(t, dir, "commit", "-q", "-m", "four")
	// A merge touches nothing by itself.
	gitIn(t, dir, "checkout", "-q", "-b", "side", "HEAD~1")
	commit(t, dir, "five", "side")
	gitIn(t, dir, "checkout", "-q", "main")
	gitIn(t, dir, "merge", "-q", "--no-ff", "side")
	all := logOf(t, dir, LogOptions{Commits: 99})
	for _, want := range []string{"A side", "R100 app/b app/new", "M app/b", "M a", "A a A app/b A app/c d"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
	for range 30 { // git is let to its end, and not taken for stopped
		if again := logOf(t, dir, LogOptions{Commits: 99}); again != all {
			t.Fatalf("%q, and then %q", all, again)
		}
	}
	if strings.Count(all, ";") != 4 {
		t.Errorf("%q: not five commits", all)
	}
	if got, want := logOf(t, dir, LogOptions{Folder: "app", Commits: 99}), "R100 b new; M b; A b A c d"; got != want {
		t.Errorf("in app: %q, want %q", got, want)
	}
	if got := logOf(t, dir, LogOptions{Commits: 1}); strings.Count(got, ";") != 1 {
		t.Errorf("one commit and one more: %q", got)
	}
	sub, err := RepositoryOf(context.Background(), filepath.Join(dir, "app"))
	if err != nil || sub.Prefix != "app" || !same(sub.Top, dir) || sub.Shallow || sub.Partial {
		t.Errorf("%+v, %v", sub, err)
	}
	// Who has read enough need not read all.
	err = r.Log(context.Background(), LogOptions{Commits: 99, Format: "--format=%H", Time: time.Minute}, func(in io.Reader) error {
		_, err := io.CopyN(io.Discard, in, 10)
		return err
	})
	if err != nil {
		t.Errorf("reading a part: %v", err)
	}
	failed := errors.New("not what was asked for")
	if err := r.Log(context.Background(), LogOptions{Commits: 9, Format: "--format=%H", Time: time.Minute}, func(io.Reader) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("the reader's error: %v", err)
	}
	if err := r.Log(context.Background(), LogOptions{Commits: 9, Format: "--format=%H", Time: time.Nanosecond}, func(in io.Reader) error { _, err := io.ReadAll(in); return err }); !errors.Is(err, ErrTooSlow) {
		t.Errorf("no time: %v", err)
	}
}

func TestNoRepository(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	if _, err := RepositoryOf(context.Background(), dir); !errors.Is(err, ErrNoRepository) {
		t.Errorf("%v", err)
	}
	other := t.TempDir()
	gitIn(t, other, "init", "-q")
	t.Setenv("GIT_DIR", filepath.Join(other, ".git")) // as in a hook
	if _, err := RepositoryOf(context.Background(), dir); !errors.Is(err, ErrNoRepository) {
		t.Errorf("GIT_DIR counts: %v", err)
	}
	// A repository that has its files in another folder says nothing of this one.
	gitIn(t, dir, "init", "-q")
	gitIn(t, dir, "config", "core.worktree", other)
	if _, err := RepositoryOf(context.Background(), dir); !errors.Is(err, ErrNoRepository) {
		t.Errorf("core.worktree counts: %v", err)
	}
}

// TestHostileRepository: nothing that a repository's own settings name is run.
func TestHostileRepository(t *testing.T) {
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	mark := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "run.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >> '"+mark+"'\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	commit(t, dir, "one", "a.txt", ".gitattributes")
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte("*.txt diff=evil filter=evil\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	commit(t, dir, "two", "a.txt")
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "pager.log", "pager.config", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
		"core.sshCommand", "core.gitProxy", "core.editor", "core.askPass", "credential.helper", "gpg.program", "gpg.ssh.program", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "interactive.diffFilter",
	} {
		gitIn(t, dir, "config", key, script)
	}
	for _, alias := range []string{"log", "rev-parse", "config"} {
		gitIn(t, dir, "config", "alias."+alias, "!"+script)
	}
	for key, value := range map[string]string{"core.hooksPath": filepath.Dir(script), "log.showSignature": "true", "log.follow": "true", "log.showRoot": "false", "diff.renames": "false", "diff.orderFile": filepath.Join(dir, "a.txt"), "format.pretty": "fuller", "color.ui": "always"} {
		gitIn(t, dir, "config", key, value)
	}
	for _, hook := range []string{"post-index-change", "reference-transaction", "fsmonitor-watchman"} {
		if err := os.MkdirAll(filepath.Join(dir, ".git/hooks"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ".git/hooks", hook), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Remove(mark) // what git did for the test itself
	t.Setenv("GIT_EXTERNAL_DIFF", script)
	t.Setenv("GIT_PAGER", script)
	t.Setenv("PAGER", script)
	t.Setenv("GIT_TRACE", mark)
	if got, want := logOf(t, dir, LogOptions{Commits: 9}), "M .gitattributes M a.txt; A .gitattributes A a.txt"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if ran, err := os.ReadFile(mark); err == nil {
		t.Errorf("the repository ran %s", ran)
	}
}

func TestShallowAndPartial(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	gitIn(t, dir, "init", "-q")
	for i := range 3 {
		commit(t, dir, fmt.Sprint(i), "a", fmt.Sprintf("f%d", i))
	}
	gitIn(t, dir, "mv", "f0", "g0")
	gitIn(t, dir, "commit", "-q", "-m", "move")
	gitIn(t, dir, "config", "uploadpack.allowFilter", "true")
	gitIn(t, to, "clone", "-q", "--depth", "2", "file://"+filepath.ToSlash(dir), "shallow")
	gitIn(t, to, "clone", "-q", "--bare", "--filter=blob:none", "file://"+filepath.ToSlash(dir), "partial.git")
	r, err := RepositoryOf(context.Background(), filepath.Join(to, "shallow"))
	if err != nil || !r.Shallow || r.Partial {
		t.Errorf("%+v, %v", r, err)
	}
	gitIn(t, to, "clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+filepath.ToSlash(dir), "partial")
	r, err = RepositoryOf(context.Background(), filepath.Join(to, "partial"))
	if err != nil || r.Shallow || !r.Partial {
		t.Errorf("%+v, %v", r, err)
	}
	// What is not there is not fetched: the repository it came from is gone.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := logOf(t, filepath.Join(to, "partial"), LogOptions{Commits: 9}); got != "R100 f0 g0; M a A f2; M a A f1; A a A f0" {
		t.Errorf("%q", got)
	}
}
