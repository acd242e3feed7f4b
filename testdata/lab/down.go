package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// made are the entries of the state folder that the lab makes. Purging removes
// these and no others, so that a wrong RESTOW_LAB_DIR costs nothing.
var made = []string{
	"bin", "buildkit", "contexts", "images", "logs", "registry", "run",
	"buildkitd.sock", "buildkitd.toml", "env", "lock",
}

// Down stops both daemons and, with purge, removes all they kept.
func (l *Lab) Down(ctx context.Context, purge bool) error {
	if _, err := os.Stat(l.path("lock")); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(l.Out, "there is no lab in %s\n", l.Dir)
		return nil
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(l.buildkitd().Stop(20*time.Second), l.registry().Stop(5*time.Second)); err != nil {
		return err
	}
	if err := l.clearContainers(ctx); err != nil {
		return err
	}
	fmt.Fprintln(l.Out, "stopped")
	if !purge {
		return nil
	}
	// Removing a folder would go through a mount into whatever is behind it.
	if mounted, err := l.mounts(); err != nil {
		return err
	} else if len(mounted) > 0 {
		return fmt.Errorf("still mounted, so nothing is removed: %s", strings.Join(mounted, " "))
	}
	for _, name := range made {
		if err := os.RemoveAll(l.path(name)); err != nil {
			return err
		}
	}
	os.Remove(l.Dir) // fails, rightly, if something else is in it
	fmt.Fprintf(l.Out, "removed %s\n", l.Dir)
	return nil
}

// clearContainers ends what a killed daemon left running, and takes its mounts
// away. Each is the root of a container: executor/ID/rootfs.
func (l *Lab) clearContainers(ctx context.Context) error {
	mounted, err := l.mounts()
	if err != nil {
		return err
	}
	for _, point := range mounted {
		if !strings.HasPrefix(point, l.path("buildkit")+"/") {
			continue
		}
		if filepath.Base(point) == "rootfs" {
			// It fails for a container that has ended, which is as well.
			exec.CommandContext(ctx, "runc", "delete", "--force", filepath.Base(filepath.Dir(point))).Run()
		}
		if err := syscall.Unmount(point, syscall.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", point, err)
		}
	}
	return nil
}

// mounts lists what is mounted in the state folder, innermost first.
func (l *Lab) mounts() ([]string, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	var points []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], l.Dir+"/") {
			points = append(points, fields[4])
		}
	}
	slices.Reverse(points)
	return points, nil
}
