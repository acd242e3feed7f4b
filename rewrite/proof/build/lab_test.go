package build

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// connect reaches the lab's BuildKit. Tests that need it are skipped by name
// elsewhere; where RESTOW_LAB=1 promises it, its absence is a failure.
func connect(t *testing.T) *Conn {
	t.Helper()
	if os.Getenv("RESTOW_LAB") != "1" {
		t.Skip("needs a BuildKit with the lab's base images: set RESTOW_LAB=1 and BUILDKIT_HOST")
	}
	conn, err := Connect(t.Context(), Endpoint{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// folder writes a build context.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// verify builds a pair and keeps the report where RESTOW_REPORTS says.
func verify(t *testing.T, conn *Conn, in Input) *Report {
	t.Helper()
	in.Timeout, in.Network = 5*time.Minute, os.Getenv("RESTOW_LAB_NETWORK") // for daemons without a network of their own
	if in.Repeat == 0 {
		in.Repeat = -1
	}
	var progress io.Writer
	if testing.Verbose() {
		progress = os.Stderr
	}
	rep, err := Verify(t.Context(), conn, in, progress)
	if err != nil {
		t.Fatal(err)
	}
	var text, page, doc bytes.Buffer
	if err := rep.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := rep.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := rep.JSON(&doc); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("RESTOW_REPORTS"); dir != "" {
		name := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "_"))
		for ext, b := range map[string]*bytes.Buffer{".txt": &text, ".html": &page, ".json": &doc} {
			if err := os.WriteFile(name+ext, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("\n%s", text.String())
	return rep
}

const base = "FROM debian:bookworm-slim\n"

// TestLabControls: for each compared property a pair that differs in just that.
func TestLabControls(t *testing.T) {
	conn := connect(t)
	// Packages come from the base alone, so that the controls need no network.
	common := base + "COPY app /app/\nRUN chmod 755 /app/run.sh && echo one > /app/data\nENV LANG=C.UTF-8\nCMD [\"/app/run.sh\"]\n"
	files := map[string]string{
		"app/run.sh":  "#!/bin/sh\ncat /app/data\n",
		"app/tool.pl": "#!/usr/bin/perl\nprint 1;\n",
	}
	// The program of libz's package is not in a minimal base; awk is a program
	// with a library of its own there.
	cases := []struct {
		name          string
		before, after string
		want          Verdict
		kind          Kind
		what, path    string
		in            Input
	}{
		{name: "same", before: common, after: common, want: Same},
		{name: "same-comment", before: common, after: "# nothing\n" + common, want: Same},
		{name: "lost-file", before: common, after: common + "RUN rm /app/data\n", want: Different, kind: File, what: "removed", path: "/app/data"},
		{name: "new-file", before: common, after: common + "RUN touch /app/new\n", want: Different, kind: File, what: "added", path: "/app/new"},
		{name: "content", before: common, after: common + "RUN echo two > /app/data\n", want: Different, kind: File, what: "content", path: "/app/data"},
		{name: "mode", before: common, after: common + "RUN chmod 600 /app/data\n", want: Different, kind: File, what: "mode", path: "/app/data"},
		{name: "owner", before: common, after: common + "RUN chown 7:8 /app/data\n", want: Different, kind: File, what: "owner", path: "/app/data"},
		{name: "link", before: common + "RUN ln -s a /l\n", after: common + "RUN ln -s b /l\n", want: Different, kind: File, what: "link", path: "/l"},
		{name: "library", before: common, after: common + "RUN rm /usr/lib/x86_64-linux-gnu/libtinfo.so.6*\n", want: Broken, kind: Library, what: "missing", path: "/usr/bin/bash"},
		{name: "user", before: common, after: common + "USER nobody\n", want: Different, kind: Config, what: "value", path: "User"},
		{name: "env", before: common, after: common + "ENV LANG=C\n", want: Different, kind: Config, what: "value", path: "Env LANG"},
		{name: "shell", before: common, after: common + "RUN [\"/bin/rm\", \"/bin/sh\", \"/bin/dash\"]\n", want: Broken, kind: Program, what: "missing", path: "/app/run.sh"},
		{
			name: "shell-form", before: common + "CMD exec cat /app/data\n", after: common + "CMD exec cat /app/data\nRUN [\"/bin/rm\", \"/bin/sh\"]\n",
			want: Broken, kind: Program, what: "missing", path: "CMD",
		},
		{name: "cmd-gone", before: common, after: common + "RUN rm /app/run.sh\n", want: Broken, kind: Program, what: "missing", path: "CMD"},
		{name: "cmd-not-executable", before: common, after: common + "RUN chmod 644 /app/run.sh\n", want: Broken, kind: Program, what: "missing", path: "CMD"},
		{name: "healthcheck", before: common + "HEALTHCHECK CMD cat /app/data\n", after: common + "HEALTHCHECK NONE\n", want: Different, kind: Config, what: "value", path: "Healthcheck"},
		{
			name: "output", before: common, after: common + "RUN echo two > /app/data\n", want: Different, kind: Smoke, what: "output", path: "cat /app/data",
			in: Input{Smoke: []Command{{Argv: []string{"cat", "/app/data"}}}, SmokeOutput: true},
		},
		{
			name: "smoke", before: common, after: common + "RUN rm /app/data\n", want: Broken, kind: Smoke, what: "exit", path: "cat /app/data",
			in: Input{Smoke: []Command{{Shell: "cat /app/data"}}},
		},
		{name: "after-fails", before: common, after: common + "RUN exit 3\n", want: Broken},
		{name: "before-fails", before: common + "RUN echo about to fail && exit 3\n", after: common, want: Undecided},
		{name: "volatile", before: common, after: common + "RUN echo x > /var/log/some.log && echo y > /etc/passwd-\n", want: Same},
		{name: "unstable", before: common + "RUN cat /proc/sys/kernel/random/uuid > /app/id\n", after: "# other\n" + common + "RUN cat /proc/sys/kernel/random/uuid > /app/id\n", want: Same},
		{
			name: "expected", before: common, after: common + "RUN rm /app/data\n", want: Same,
			in: Input{Expect: func(c Change) string {
				if c.Kind == File && c.What == "removed" && c.Path == "/app/data" {
					return "the data is not needed"
				}
				return ""
			}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := c.in
			in.Name, in.Before, in.After, in.Context = "Dockerfile", []byte(c.before), []byte(c.after), folder(t, files)
			rep := verify(t, conn, in)
			if rep.Verdict != c.want {
				t.Errorf("verdict %s, want %s", rep.Verdict, c.want)
			}
			switch c.name {
			case "after-fails":
				if f := rep.After.Failure; f == nil || f.Line != 6 || !strings.Contains(f.Message, "exit code: 3") {
					t.Errorf("after: %+v", f)
				}
			case "before-fails":
				if f := rep.Before.Failure; f == nil || f.Line != 6 || !strings.Contains(f.Log, "about to fail") || !strings.Contains(f.Source, ">>>") || rep.After.Files != 0 {
					t.Errorf("before: %+v", f)
				}
			}
			if c.kind == "" {
				return
			}
			found := false
			for _, ch := range rep.Of(Unexpected) {
				found = found || ch.Kind == c.kind && ch.What == c.what && ch.Path == c.path
			}
			if !found {
				t.Errorf("no %s %s of %s among the unexpected changes", c.kind, c.what, c.path)
			}
		})
	}
}

// TestLabMerge: both sides of a merged RUN have the same files in fewer layers.
func TestLabMerge(t *testing.T) {
	conn := connect(t)
	before := base + "RUN echo one > /one\nRUN echo two > /two && sleep 0.2\nCOPY app /app\nRUN sleep 0.3 && cp /app/main.py /app/copy.py\nCMD [\"cat\", \"/one\"]\n"
	after := base + "RUN echo one > /one && \\\n    echo two > /two && sleep 0.2\nCOPY app /app\nRUN sleep 0.3 && cp /app/main.py /app/copy.py\nCMD [\"cat\", \"/one\"]\n"
	rep := verify(t, conn, Input{
		Name: "Dockerfile", Before: []byte(before), After: []byte(after), Repeat: 2,
		Context: folder(t, map[string]string{"app/main.py": "print(1)\n", "README.md": "x"}),
		Smoke:   []Command{{}, {Argv: []string{"cat", "/two"}}}, SmokeOutput: true,
		Reasons: []Reason{{"merge-run", "two RUN become one", "each RUN is a layer"}},
	})
	if rep.Verdict != Same || len(rep.Of(Unexpected)) != 0 {
		t.Errorf("verdict %s", rep.Verdict)
	}
	if b, a := len(rep.Before.Layers), len(rep.After.Layers); b != a+1 || rep.Before.Files != rep.After.Files {
		t.Errorf("%d layers before, %d after; %d and %d files", b, a, rep.Before.Files, rep.After.Files)
	}
	if rep.Before.Steps != 4 || len(rep.Before.Reran) != 2 || rep.After.Steps != 3 || len(rep.After.Reran) != 2 {
		t.Errorf("rebuild: %d of %d before, %d of %d after", len(rep.Before.Reran), rep.Before.Steps, len(rep.After.Reran), rep.After.Steps)
	}
	if rep.Before.Cold.Median < 0.4 || rep.Before.Rebuild.Median < 0.3 || rep.Before.Rebuild.Median > rep.Before.Cold.Median {
		t.Errorf("times: %+v", rep.Before.Measured)
	}
	if len(rep.Touched) != 1 || rep.Touched[0] != "app/main.py" {
		t.Errorf("touched %v", rep.Touched)
	}
}

// TestLabIgnore: the Dockerfile's own ignore file goes before .dockerignore.
func TestLabIgnore(t *testing.T) {
	conn := connect(t)
	text := []byte("FROM scratch\nCOPY . /\n")
	rep := verify(t, conn, Input{Name: "d/My.Dockerfile", Before: text, After: text, Context: folder(t, map[string]string{
		".dockerignore": "kept\n", "d/My.Dockerfile.dockerignore": "lost\nd\n", "kept": "1", "lost": "2",
	})})
	if rep.Verdict != Same || rep.Before.Files != 2 { // kept and .dockerignore
		t.Errorf("%s, %d files", rep.Verdict, rep.Before.Files)
	}
}

// TestLabTimeout: a verification ends when its time is over, and says where.
func TestLabTimeout(t *testing.T) {
	conn := connect(t)
	text := []byte(base + "RUN sleep 60\n")
	began := time.Now()
	_, err := Verify(t.Context(), conn, Input{Before: text, After: text, Timeout: 3 * time.Second}, nil)
	if err == nil || !strings.Contains(err.Error(), "did not end within 3s (in: building before)") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := Verify(ctx, conn, Input{Before: text, After: text}, nil); err == nil {
		t.Error("cancelling gave no error")
	}
	if took := time.Since(began); took > 25*time.Second {
		t.Errorf("it took %s to end", took)
	}
}
