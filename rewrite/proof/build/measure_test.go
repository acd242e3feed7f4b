package build

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	digest "github.com/opencontainers/go-digest"
	"github.com/tonistiigi/fsutil"

	"github.com/restow/restow/rewrite/project"
)

func TestSteps(t *testing.T) {
	at := func(ms int) *time.Time { v := time.UnixMilli(int64(ms)); return &v }
	s := newSteps()
	add := func(name string, cached bool, from, to int, failed string) {
		s.add(&client.SolveStatus{Vertexes: []*client.Vertex{{Digest: digest.FromString(name), Name: name, Cached: cached, Started: at(from), Completed: at(to), Error: failed}}})
	}
	add("[internal] load build definition from Dockerfile", false, 0, 5000, "")
	add("[stage-0 1/4] FROM docker.io/library/x", false, 0, 9000, "")
	add("[2/4] COPY . .", false, 0, 100, "")
	add("[2/4] COPY . .", false, 1000, 1500, "") // it started again
	add("[2/4] COPY . .", false, 1200, 1700, "") // and overlaps with itself
	add("[build 3/4] RUN a", false, 0, 10, "")
	add("[build 3/4] RUN a", true, 20, 30, "")
	add("[4/4] RUN b", false, 0, 2000, "exit code: 1")
	add("https://example.com/x", false, 0, 50, "")
	add("exporting to oci image format", false, 0, 7000, "")
	s.add(&client.SolveStatus{Logs: []*client.VertexLog{{Vertex: digest.FromString("[4/4] RUN b"), Data: []byte(strings.Repeat("x", maxLog) + "the end\xff")}}})
	steps, sum, total := s.executed()
	if total != 4 || len(steps) != 3 || steps[0].Name != "[4/4] RUN b" || sum != 2000*time.Millisecond+800*time.Millisecond+50*time.Millisecond {
		t.Errorf("%d steps, %v, %v", total, sum, steps)
	}
	if name, log := s.failure(); name != "[4/4] RUN b" || !strings.HasSuffix(log, "the end\uFFFD") || len(log) > maxLog+3 {
		t.Errorf("%s: %q", name, log)
	}
	if s.pulled {
		t.Error("nothing was pulled")
	}
	s.add(&client.SolveStatus{Statuses: []*client.VertexStatus{{ID: "extracting sha256:1"}}})
	if !s.pulled {
		t.Error("a base was pulled")
	}
}

func TestTimes(t *testing.T) {
	got := timesOf([]time.Duration{3 * time.Second, time.Second, 2 * time.Second})
	if got.Median != 2 || got.Min != 1 || got.Max != 3 || got.String() != "2.0 s (1.0 to 3.0 in 3 runs)" {
		t.Errorf("%+v: %s", got, got)
	}
	if got := timesOf([]time.Duration{3 * time.Second, time.Second}); got.Median != 2 {
		t.Errorf("%+v", got)
	}
	if s := (Times{}).String(); s != "not measured" {
		t.Error(s)
	}
}

// list walks a context as BuildKit does.
func list(t *testing.T, fsys fsutil.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fsys.Walk(t.Context(), "", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := fsys.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		info, infoErr := d.Info()
		if infoErr == nil && info.Size() != int64(len(data)) {
			t.Errorf("%s has %d bytes, and is listed with %d", p, len(data), info.Size())
		}
		out[p] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTouched(t *testing.T) {
	dir := folder(t, map[string]string{"a/x.go": "package x", "b": "b"})
	base, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	fsys := touched{FS: base, files: []string{"a/x.go"}, tail: tailFor(5), date: time.Now()}
	got := list(t, fsys)
	if got["b"] != "b" || !strings.HasPrefix(got["a/x.go"], "package x\n") || strings.TrimSpace(got["a/x.go"]) != "package x" || len(got["a/x.go"]) < 12 {
		t.Errorf("%q", got)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "a/x.go")); err != nil || string(data) != "package x" {
		t.Error("the file on disk changed")
	}
	if string(tailFor(6)) == string(tailFor(5)) || string(tailFor(1<<40)) == string(tailFor(1<<41)) {
		t.Error("two numbers have the same tail")
	}
	r := &run{}
	if first := r.nonce(); first == r.nonce() {
		t.Error("a number came twice")
	}
}

func TestDockerfileDir(t *testing.T) {
	ctx := folder(t, map[string]string{"d/F.dockerignore": "x", ".dockerignore": "y"})
	dir, name, err := dockerfileDir([]byte("FROM a"), &Input{Name: "d/F", Context: ctx})
	if err != nil || name != "F" {
		t.Fatal(err)
	}
	if got := list(t, dir); got["F"] != "FROM a" || got["F.dockerignore"] != "x" || len(got) != 2 {
		t.Errorf("%q", got)
	}
	dir, _, err = dockerfileDir([]byte("FROM a"), &Input{Name: "d/F", Context: ctx, Ignore: []byte("z")})
	if got := list(t, dir); err != nil || got["F.dockerignore"] != "z" {
		t.Errorf("%q, %v", got, err)
	}
	dir, _, err = dockerfileDir([]byte("FROM a"), &Input{Name: "G", Context: ctx})
	if got := list(t, dir); err != nil || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := dir.Open("none"); err == nil {
		t.Error("a file that is not there was opened")
	}
	for side, want := range map[string]string{"before": "x", "after": "w"} {
		in := &Input{Name: "d/F", Context: ctx, IgnoreAfter: []byte("w")}
		dir, _, err = dockerfileDir([]byte("FROM a"), in.onSide(side))
		if got := list(t, dir); err != nil || got["F.dockerignore"] != want {
			t.Errorf("%s: %q, %v", side, got, err)
		}
	}
}

// history is that of commits, each the paths that it touched.
func history(t *testing.T, commits ...string) func() *project.History {
	t.Helper()
	var b strings.Builder
	for _, c := range commits {
		b.WriteString("\x01\n")
		for name := range strings.FieldsSeq(c) {
			b.WriteString("M\x00" + name + "\x00")
		}
		b.WriteString("\x00")
	}
	h, err := project.ReadHistory(strings.NewReader(b.String()), project.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return func() *project.History { return h }
}

func TestChooseTouch(t *testing.T) {
	dir := folder(t, map[string]string{
		"src/often.py": "1", "src/seldom.py": "1", "docs/most.md": "1", "ignored/x.py": "1", "outside.py": "1", "package-lock.json": "1",
		".dockerignore": "ignored\n",
	})
	text := []byte("FROM x\nCOPY src package-lock.json ignored /app/\n")
	in := &Input{Name: "Dockerfile", Before: text, Context: dir}
	if files, why := chooseTouch(in); !slices.Contains([]string{"src/often.py", "src/seldom.py"}, strings.Join(files, " ")) || why != "a source file that is copied into the image" {
		t.Errorf("without git: %v, %s", files, why)
	}
	dull := "docs/most.md ignored/x.py outside.py package-lock.json"
	in.History = history(t, "src/often.py docs/most.md", "src/often.py", dull, dull, dull, "src/seldom.py src/gone.py", "src/gone.py", "src/gone.py", "src/gone.py", "src/often.py src/seldom.py")
	if files, why := chooseTouch(in); !slices.Equal(files, []string{"src/often.py"}) || !strings.Contains(why, "3 commits") {
		t.Errorf("with git: %v, %s", files, why)
	}
	in.Touch = []string{"outside.py"}
	if files, _ := chooseTouch(in); !slices.Equal(files, in.Touch) {
		t.Errorf("asked for: %v", files)
	}
	for _, bad := range []string{"none.py", "../x", "/etc/passwd", "src"} {
		in.Touch = []string{bad}
		if files, why := chooseTouch(in); files != nil || !strings.Contains(why, "no file of the build context") {
			t.Errorf("%s: %v, %s", bad, files, why)
		}
	}
	if files, why := chooseTouch(&Input{Before: text}); files != nil || why == "" {
		t.Errorf("no context: %v, %s", files, why)
	}
	if files, _ := chooseTouch(&Input{Name: "Dockerfile", Before: []byte("FROM x\nRUN y\n"), Context: dir}); files != nil {
		t.Errorf("nothing is copied, and %v was chosen", files)
	}
}

func TestCopiedBy(t *testing.T) {
	for _, tt := range []struct {
		text, file string
		want       bool
	}{
		{"COPY . .", "a/b", true},
		{"COPY a /", "a/b", true},
		{"COPY a/b /", "a/c", false},
		{"COPY *.go /", "x.go", true},
		{"COPY ./a/*.go /", "a/x.go", true},
		{"COPY $X /", "x", true},
		{"COPY --from=b . /", "x", false},
		{"RUN --mount=type=bind,target=/s make", "x", true},
		{"RUN --mount=type=bind,source=a,target=/s make", "b", false},
	} {
		files, _ := chooseTouch(&Input{Name: "D", Before: []byte("FROM x AS b\nFROM b\n" + tt.text + "\n"), Context: folder(t, map[string]string{tt.file: "", "note.txt": ""})})
		got := slices.Contains(files, tt.file)
		if strings.Contains(tt.file, ".go") || !tt.want {
			if got != tt.want {
				t.Errorf("%s: %s taken: %t", tt.text, tt.file, got)
			}
		}
	}
}
