package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// importHistory makes a repository of so many commits by git fast-import: each
// touches some of 2,000 files, and some move one.
func importHistory(b *testing.B, commits int) string {
	dir := b.TempDir()
	git := func(in io.Reader, args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Stdin = dir, in
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Skipf("git %v: %v: %s", args, err, out)
		}
	}
	git(nil, "init", "-q")
	pipe, feed := io.Pipe()
	go func() {
		w := bufio.NewWriter(feed)
		name := func(i int) string { return fmt.Sprintf("pkg%d/mod%d/file%d.go", i%20, i/20%10, i) }
		at := map[int]string{}
		for c := range commits {
			fmt.Fprintf(w, "commit refs/heads/main\nmark :%d\ncommitter n <n@example.com> %d +0000\ndata 1\nx\n", c+1, 1_500_000_000+60*c)
			for k := range 1 + c%5 {
				i := (c*7 + k*k*131) % 2000
				if at[i] == "" {
					at[i] = name(i)
				}
				text := fmt.Sprintf("package p\n\nconst c%d = %d\n", i, c)
				fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", at[i], len(text), text)
			}
			if moved := c * 7 % 2000; c%50 == 49 {
				to := fmt.Sprintf("moved/%d/%d.go", c, moved)
				fmt.Fprintf(w, "R %s %s\n", at[moved], to)
				at[moved] = to
			}
		}
		fmt.Fprintln(w, "done")
		feed.CloseWithError(w.Flush())
	}()
	git(pipe, "fast-import", "--quiet", "--done")
	git(nil, "symbolic-ref", "HEAD", "refs/heads/main")
	return dir
}

// BenchmarkHistory reads a history of 50,000 commits. gitlog-ms is what git log
// --name-only takes for the same, with its output read and thrown away.
func BenchmarkHistory(b *testing.B) {
	const commits = 50_000
	dir := importHistory(b, commits)
	best := time.Duration(1 << 62)
	for range 3 {
		start := time.Now()
		cmd := exec.Command("git", "log", "--name-only")
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	var h *project.History
	for b.Loop() {
		repo, err := workspace.RepositoryOf(context.Background(), dir)
		if err != nil {
			b.Fatal(err)
		}
		h = readHistory(context.Background(), repo, "", commits, time.Hour)
		if h.Commits() != commits || h.Stopped() != "" {
			b.Fatalf("%d commits: %s", h.Commits(), h.Stopped())
		}
		if n, _ := h.Changes("pkg1", "moved"); n == 0 || n == commits {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(best.Milliseconds()), "gitlog-ms")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/float64(best.Milliseconds()), "×gitlog")
}
