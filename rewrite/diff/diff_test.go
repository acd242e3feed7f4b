package diff_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/restow/restow/rewrite/diff"
)

// TestGitApply: git makes after of before with the diff, whatever the endings,
// bytes and names.
func TestGitApply(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	for _, c := range []struct{ name, path, before, after string }{
		{"plain", "Dockerfile", "FROM a\nRUN b\n", "FROM a\nRUN c\n"},
		{"no final newline", "Dockerfile", "FROM a\nRUN b", "FROM a\nRUN c"},
		{"CRLF", "Dockerfile", "FROM a\r\nRUN b\r\n", "FROM a\r\nRUN c\r\n"},
		{"not UTF-8", "Dockerfile", "FROM a\nRUN \xff\xfe\nCMD x\n", "FROM a\nRUN \xff\nCMD x\n"},
		{"blank in the name", "my files/Docker file", "FROM a\n", "FROM b\n"},
		{"quote in the name", `a"b\c`, "FROM a\n", "FROM b\n"},
		{"line break in the name", "a\nb", "FROM a\n", "FROM b\n"},
		{"letters beyond ASCII", "é/ü", "FROM a\n", "FROM b\n"},
		{"to nothing but the head", "Dockerfile", "FROM a\nRUN x\nRUN y\n", "FROM a\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, filepath.FromSlash(c.path))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(c.before), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(git, "apply", "--whitespace=nowarn", "-")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
			cmd.Stdin = bytes.NewBufferString(diff.Unified(c.path, []byte(c.before), []byte(c.after)))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("git apply: %v\n%s", err, out)
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != c.after {
				t.Fatalf("got %q, %v; want %q", got, err, c.after)
			}
		})
	}
	if d := diff.Unified("x", []byte("a"), []byte("a")); d != "" {
		t.Errorf("equal texts have a diff: %q", d)
	}
}
