// Package host is what the lab takes from the machine it runs on: Debian
// packages, the package mirror, the certificates the machine trusts, and the
// first file tree of all, made by debootstrap.
package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// needs lists the packages of the lab and a file that shows each is there.
var needs = []struct{ pkg, program string }{
	{"runc", "runc"},
	{"debootstrap", "debootstrap"},
	{"debian-archive-keyring", keyring},
	{"ca-certificates", bundle},
}

// keyring holds the keys that debootstrap checks the mirror with.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// Check says why a lab cannot run here.
func Check() error {
	if os.Getuid() != 0 {
		return errors.New("the lab needs root: its BuildKit mounts file systems and starts containers with runc")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("the lab needs a Debian machine: there is no apt-get here")
	}
	return nil
}

// InstallPackages installs what is missing and returns its names.
func InstallPackages(ctx context.Context) ([]string, error) {
	var missing []string
	for _, need := range needs {
		if strings.HasPrefix(need.program, "/") {
			if _, err := os.Stat(need.program); err != nil {
				missing = append(missing, need.pkg)
			}
		} else if _, err := exec.LookPath(need.program); err != nil {
			missing = append(missing, need.pkg)
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	// An update that fails for one foreign source must not stop an installation
	// that does not need it; if it does need it, the installation says so.
	_, updateErr := run(ctx, "apt-get", "update")
	args := append([]string{"install", "-y", "--no-install-recommends"}, missing...)
	if _, err := run(ctx, "apt-get", args...); err != nil {
		return nil, errors.Join(err, updateErr)
	}
	return missing, nil
}

// run runs a command without a terminal and returns its output; an error
// carries the end of what the command said.
func run(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	var stdout, all bytes.Buffer
	cmd.Stdout = &tee{&stdout, &all}
	cmd.Stderr = &all
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(all.String()), "\n")
		if len(lines) > 15 {
			lines = lines[len(lines)-15:]
		}
		return nil, fmt.Errorf("%s: %w\n%s", name, err, strings.Join(lines, "\n"))
	}
	return stdout.Bytes(), nil
}

type tee struct{ a, b *bytes.Buffer }

func (t *tee) Write(p []byte) (int, error) {
	t.a.Write(p)
	return t.b.Write(p)
}
