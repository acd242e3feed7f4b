package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/restow/restow/testdata/lab/internal/host"
)

// Builder builds images on a BuildKit daemon and pushes them to the lab's
// registry. It remembers in Records what each image was made of.
type Builder struct {
	Buildctl  string
	Addr      string // of the daemon
	Registry  string // host:port
	Toolchain string // stands for the version of BuildKit
	Records   string
	Contexts  string
	Logs      string
	Out       io.Writer
}

type record struct {
	Hash   string   `json:"hash"`
	Digest string   `json:"digest"`
	Names  []string `json:"names"`
}

// atOnce is how many images are built side by side: while one compiles, another
// unpacks packages or has its layers compressed, which keep one core busy.
const atOnce = 3

// Build builds those images that are missing or outdated, and goes on past a
// failure to whatever does not need the failed image. The images come in an order
// in which each stands behind those it builds on.
func (b *Builder) Build(ctx context.Context, images []*Image) error {
	for _, dir := range []string{b.Records, b.Contexts, b.Logs} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	jobs := make([]*job, len(images))
	makers := map[string]*job{}
	slots := make(chan struct{}, atOnce)
	for i, image := range images {
		j := &job{done: make(chan struct{})}
		var needs []*job
		for _, base := range image.Recipe.Bases {
			if maker := makers[base]; maker != nil {
				needs = append(needs, maker)
			}
		}
		// The images of a recipe share stages: one after the other they are built once.
		if i > 0 && images[i-1].Recipe == image.Recipe {
			j.turn = jobs[i-1]
		}
		jobs[i] = j
		for _, name := range image.Names {
			makers[fullName(name)] = j
		}
		go func() {
			defer close(j.done)
			if j.err = j.wait(ctx, needs); j.err != nil {
				return
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			j.err = b.build(ctx, image)
		}()
	}
	failures := 0
	for i, j := range jobs {
		<-j.done
		if j.err != nil {
			failures++
			fmt.Fprintf(b.Out, "  %s FAILED: %v\n", images[i], j.err)
		}
	}
	if failures > 0 {
		return fmt.Errorf("%d of %d images failed", failures, len(images))
	}
	return nil
}

// job is the build of one image; err is valid once done is closed.
type job struct {
	turn *job // the build to wait for whatever becomes of it
	done chan struct{}
	err  error
}

func (j *job) wait(ctx context.Context, needs []*job) error {
	if j.turn != nil {
		<-j.turn.done
	}
	for _, need := range needs {
		<-need.done
		if need.err != nil {
			return errors.New("not built, because an image it needs is not")
		}
	}
	return ctx.Err()
}

func (b *Builder) build(ctx context.Context, image *Image) error {
	r := image.Recipe
	bases := map[string]string{}
	for _, base := range r.Bases {
		digest, err := b.digest(ctx, base)
		if err != nil {
			return err
		}
		bases[base] = digest
	}
	inputs := []string{b.Toolchain, r.Goroot}
	var rootfs *host.Rootfs
	if r.Rootfs != "" {
		var err error
		if rootfs, err = host.NewRootfs(ctx, r.Rootfs); err != nil {
			return err
		}
		inputs = append(inputs, rootfs.Identity())
	}
	hash, err := r.hash(bases, inputs...)
	if err != nil {
		return err
	}
	if b.current(ctx, image, hash) {
		return nil
	}

	started := time.Now()
	fmt.Fprintf(b.Out, "  building %s\n", strings.Join(image.Names, " "))
	args, err := b.contexts(ctx, r, rootfs)
	if err != nil {
		return err
	}
	digest, err := b.solve(ctx, image, args)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "  built    %s in %s\n", image, time.Since(started).Round(100*time.Millisecond))
	data, err := json.MarshalIndent(record{Hash: hash, Digest: digest, Names: image.Names}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(b.record(image), append(data, '\n'), 0o644)
}

func (b *Builder) record(image *Image) string {
	return filepath.Join(b.Records, image.ID()+".json")
}

// current says whether the registry has under every name what would be built.
func (b *Builder) current(ctx context.Context, image *Image, hash string) bool {
	data, err := os.ReadFile(b.record(image))
	if err != nil {
		return false
	}
	var rec record
	if json.Unmarshal(data, &rec) != nil || rec.Hash != hash {
		return false
	}
	for _, name := range image.Names {
		if digest, err := b.digest(ctx, fullName(name)); err != nil || digest != rec.Digest {
			return false
		}
	}
	return true
}

// contexts prepares what the recipe builds from, and returns buildctl's options
// for it.
func (b *Builder) contexts(ctx context.Context, r *Recipe, rootfs *host.Rootfs) ([]string, error) {
	dir := r.Dir
	if rootfs != nil {
		// Two sources become one folder: the tree, and a copy of the recipe.
		dir = filepath.Join(b.Contexts, r.Name)
		if err := rootfs.Write(ctx, dir, filepath.Join(b.Contexts, r.Name+".unpacked")); err != nil {
			return nil, err
		}
		if err := copyRecipe(r.Dir, dir); err != nil {
			return nil, err
		}
	}
	args := []string{"--local", "context=" + dir, "--local", "dockerfile=" + r.Dir}
	if r.Goroot != "" {
		root, err := goroot(ctx, r.Goroot)
		if err != nil {
			return nil, err
		}
		args = append(args, "--local", "goroot="+root, "--opt", "context:goroot=local:goroot")
	}
	return args, nil
}

// copyRecipe replaces what an earlier recipe left behind.
func copyRecipe(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return os.CopyFS(to, os.DirFS(from))
}

// goroot returns the folder of a Go toolchain, which the go command fetches as
// a module if it is not the one at hand.
func goroot(ctx context.Context, version string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+version)
	cmd.Dir = os.TempDir() // no go.mod may ask for another version
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("toolchain %s: %w\n%s", version, err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// solve runs the build and returns the digest of the pushed image.
func (b *Builder) solve(ctx context.Context, image *Image, contexts []string) (string, error) {
	targets := make([]string, len(image.Names))
	for i, name := range image.Names {
		targets[i] = b.mirrored(fullName(name))
	}
	metadata, err := os.CreateTemp("", "lab-build-*.json")
	if err != nil {
		return "", err
	}
	metadata.Close()
	defer os.Remove(metadata.Name())

	logFile := filepath.Join(b.Logs, "image-"+image.ID()+".log")
	log, err := os.Create(logFile)
	if err != nil {
		return "", err
	}
	defer log.Close()

	args := []string{
		"--addr", b.Addr, "build", "--progress=plain", "--metadata-file", metadata.Name(),
		"--frontend", "dockerfile.v0", "--opt", "target=" + image.Target,
		"--output", fmt.Sprintf("type=image,%q,push=true,registry.insecure=true,oci-mediatypes=true", "name="+strings.Join(targets, ",")),
	}
	cmd := exec.CommandContext(ctx, b.Buildctl, append(args, contexts...)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w; the end of %s:\n%s", err, logFile, tail(logFile, 25))
	}
	data, err := os.ReadFile(metadata.Name())
	if err != nil {
		return "", err
	}
	var result struct {
		Digest string `json:"containerimage.digest"`
	}
	if err := json.Unmarshal(data, &result); err != nil {
		return "", err
	}
	return result.Digest, nil
}

func tail(file string, count int) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return "    " + strings.Join(lines[max(0, len(lines)-count):], "\n    ")
}
