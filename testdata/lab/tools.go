package lab

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are built into the state folder. The two of BuildKit are tools that
// the module's go.mod names, which fixes their version.
var programs = []string{
	"github.com/moby/buildkit/cmd/buildkitd",
	"github.com/moby/buildkit/cmd/buildctl",
	Module + "/cmd/registry",
}

// buildTools builds the programs unless the ones that are there are of the same
// sources.
func (l *Lab) buildTools(ctx context.Context) (built bool, err error) {
	want, err := l.sourceHash()
	if err != nil {
		return false, err
	}
	if l.toolsStamp() == want && l.toolsPresent() {
		return false, nil
	}
	if err := os.MkdirAll(l.path("bin"), 0o755); err != nil {
		return false, err
	}
	version, err := l.buildkitVersion(ctx)
	if err != nil {
		return false, err
	}
	// The daemon tells its clients what it is only if it is told so itself.
	args := []string{
		"build", "-buildvcs=false", "-ldflags=-X github.com/moby/buildkit/version.Version=" + version,
		"-o", l.path("bin") + "/",
	}
	cmd := exec.CommandContext(ctx, "go", append(args, programs...)...)
	cmd.Dir = l.Source
	// Without cgo no C compiler is needed, and nothing of BuildKit needs cgo.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return false, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return true, os.WriteFile(l.path("bin", "stamp"), []byte(want), 0o644)
}

func (l *Lab) toolsStamp() string {
	stamp, err := os.ReadFile(l.path("bin", "stamp"))
	if err != nil {
		return ""
	}
	return string(stamp)
}

func (l *Lab) toolsPresent() bool {
	for _, program := range programs {
		if _, err := os.Stat(l.path("bin", filepath.Base(program))); err != nil {
			return false
		}
	}
	return true
}

// sourceHash covers what the programs are made of: the modules by go.mod and
// go.sum, how they are built, and the registry's own sources.
func (l *Lab) sourceHash() (string, error) {
	h := sha256.New()
	add := func(path string) error {
		data, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", filepath.Base(path), len(data), data)
		return err
	}
	for _, name := range []string{"go.mod", "go.sum", "tools.go"} {
		if err := add(filepath.Join(l.Source, name)); err != nil {
			return "", err
		}
	}
	for _, dir := range []string{"cmd/registry", "internal/store"} {
		err := filepath.WalkDir(filepath.Join(l.Source, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			return add(path)
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// buildkitVersion is the version that go.mod names.
func (l *Lab) buildkitVersion(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "github.com/moby/buildkit")
	cmd.Dir = l.Source
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
