package host

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Rootfs is the first file tree of the lab, as the build context of a recipe:
// rootfs.tar and the folder machine.
type Rootfs struct {
	Suite  string
	Mirror Mirror
	files  map[string][]byte
}

// NewRootfs reads what the tree depends on, without making it.
func NewRootfs(ctx context.Context, suite string) (*Rootfs, error) {
	mirror, err := FindMirror(ctx)
	if err != nil {
		return nil, err
	}
	files, err := machineFiles(mirror, suite)
	if err != nil {
		return nil, err
	}
	return &Rootfs{Suite: suite, Mirror: mirror, files: files}, nil
}

// Identity changes when the tree would.
func (r *Rootfs) Identity() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(r.files[name]), r.files[name])
	}
	return fmt.Sprintf("%s %s %x", r.Suite, r.Mirror.Main, h.Sum(nil))
}

// Write puts the context into dir; scratch is a folder for the unpacked tree. A
// tar that is there already is kept: it depends on suite and mirror only, and
// the recipe brings its packages up to date.
func (r *Rootfs) Write(ctx context.Context, dir, scratch string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	machine := filepath.Join(dir, "machine")
	if err := os.RemoveAll(machine); err != nil {
		return err
	}
	if err := writeFiles(machine, r.files); err != nil {
		return err
	}
	tar, from := filepath.Join(dir, "rootfs.tar"), filepath.Join(dir, "rootfs.from")
	origin := r.Suite + " " + r.Mirror.Main + "\n"
	if made, err := os.ReadFile(from); err == nil && string(made) == origin {
		if _, err := os.Stat(tar); err == nil {
			return nil
		}
	}
	if err := r.debootstrap(ctx, tar, scratch); err != nil {
		return err
	}
	return os.WriteFile(from, []byte(origin), 0o644)
}

func (r *Rootfs) debootstrap(ctx context.Context, tar, scratch string) error {
	if err := os.RemoveAll(scratch); err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// In a mount namespace of its own, so that what debootstrap mounts is gone
	// when it is interrupted.
	_, err := run(ctx, "unshare", "--mount", "debootstrap", "--variant=minbase", "--keyring="+keyring,
		r.Suite, scratch, r.Mirror.Main)
	if err != nil {
		return err
	}
	// Device files belong to the container runtime; the rest is caches and logs.
	_, err = run(ctx, "tar", "--create", "--file", tar+".new", "--directory", scratch, "--numeric-owner", "--sort=name",
		"--exclude=./dev/*", "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./var/lib/apt/lists/*_*",
		"--exclude=./var/log/*.log", "--exclude=./var/cache/apt/*.bin", ".")
	if err != nil {
		return err
	}
	return os.Rename(tar+".new", tar)
}
