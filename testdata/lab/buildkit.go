package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Disk space: the daemon collects its cache above maxCache, by a count of its own
// that is about a fifth below what the disk says. With the registry, which holds
// the base images once more in compressed form, and the programs, the state
// folder stays under some 15 GB.
const (
	maxCache  = "10GB"
	keepCache = "4GB"
)

// buildkitConfig sends every pull of the public registries to the lab's own, and
// gives builds the network of the machine: its resolver and its routes work, and
// nothing has to be installed for networking.
func (l *Lab) buildkitConfig() string {
	runc, err := exec.LookPath("runc")
	if err != nil {
		runc = "runc"
	}
	config := fmt.Sprintf(`root = %q

[grpc]
  address = [%q]

[otel]
  socketPath = %q

[cdi]
  disabled = true

[history]
  maxEntries = 20

[worker.oci]
  enabled = true
  binary = %q
  networkMode = "host"
  gc = true
  reservedSpace = %q
  maxUsedSpace = %q

[worker.containerd]
  enabled = false

[registry.%[7]q]
  http = true
`, l.path("buildkit"), l.BuildkitHost(), l.path("run", "otel.sock"), runc, keepCache, maxCache, l.Registry())
	for _, public := range publicRegistries {
		config += fmt.Sprintf("\n[registry.%q]\n  mirrors = [%q]\n", public, l.Registry())
	}
	return config
}

// startBuildkit makes sure that a daemon with the present configuration answers.
func (l *Lab) startBuildkit(ctx context.Context) (started bool, err error) {
	p := l.buildkitd()
	if pid, current := p.Running(); pid != 0 && current && l.buildkitAnswers(ctx) == nil {
		return false, nil
	}
	if err := p.Stop(20 * time.Second); err != nil {
		return false, err
	}
	if err := l.clearContainers(ctx); err != nil {
		return false, err
	}
	if err := os.WriteFile(l.path("buildkitd.toml"), []byte(l.buildkitConfig()), 0o644); err != nil {
		return false, err
	}
	// A killed daemon leaves its socket behind.
	for _, socket := range []string{l.path("buildkitd.sock"), l.path("run", "otel.sock")} {
		if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
			return false, err
		}
	}
	if err := p.Start(); err != nil {
		return false, err
	}
	return true, p.Await(60*time.Second, func() error { return l.buildkitAnswers(ctx) })
}

func (l *Lab) buildkitAnswers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.path("bin", "buildctl"), "--addr", l.BuildkitHost(), "debug", "workers")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
