// Package lab brings up a real BuildKit with a registry that stands in for the
// public ones, on a Debian machine without a container engine. Everything it
// makes is in one state folder, and everything it serves is on a loopback
// address or a Unix socket.
package lab

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/restow/restow/testdata/lab/internal/daemon"
)

// Module is the path of the module that holds the lab.
const Module = "github.com/restow/restow/testdata/lab"

// Lab is one state folder and the sources it is made from.
type Lab struct {
	Source string // folder of the lab's module
	Dir    string // state folder
	Out    io.Writer
}

// Open finds the sources from the working directory and the state folder from
// the environment.
func Open(out io.Writer) (*Lab, error) {
	source, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", Module).Output()
	if err != nil {
		return nil, fmt.Errorf("run this in the folder of the module %s: %w", Module, err)
	}
	dir, err := stateDir()
	if err != nil {
		return nil, err
	}
	return &Lab{Source: strings.TrimSpace(string(source)), Dir: dir, Out: out}, nil
}

func stateDir() (string, error) {
	dir := os.Getenv("RESTOW_LAB_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(cache, "restow-lab")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	// The kernel's limit for the path of a Unix socket is 108 bytes.
	if len(filepath.Join(dir, "buildkitd.sock")) > 100 {
		return "", fmt.Errorf("%s is too long a path for a socket: set RESTOW_LAB_DIR to a shorter one", dir)
	}
	return dir, nil
}

func (l *Lab) path(parts ...string) string {
	return filepath.Join(append([]string{l.Dir}, parts...)...)
}

// BuildkitHost is the address of the daemon, for BUILDKIT_HOST.
func (l *Lab) BuildkitHost() string { return "unix://" + l.path("buildkitd.sock") }

// Registry is the address of the registry, which it writes down itself.
func (l *Lab) Registry() string {
	data, err := os.ReadFile(l.path("run", "registry.addr"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// Env is what a shell has to know to use the lab.
func (l *Lab) Env() string {
	return fmt.Sprintf("export BUILDKIT_HOST=%s\nexport RESTOW_LAB_REGISTRY=%s\nexport CONTAINERS_REGISTRIES_CONF=%s\n",
		l.BuildkitHost(), l.Registry(), l.path("registries.conf"))
}

// registriesConf has other clients than the daemon look the public registries'
// images up in the lab's registry, by containers-registries.conf(5).
func (l *Lab) registriesConf() (config string) {
	for _, public := range publicRegistries {
		config += fmt.Sprintf("[[registry]]\nprefix = %q\nlocation = %q\n\n[[registry.mirror]]\nlocation = %q\ninsecure = true\n\n", public, public, l.Registry())
	}
	return config
}

// publicRegistries are those that the lab's registry stands in for.
var publicRegistries = []string{"docker.io", "gcr.io"}

func (l *Lab) registry() *daemon.Process {
	listen := l.Registry()
	if listen == "" {
		listen = "127.0.0.1:5001"
	}
	return &daemon.Process{
		Name: "registry",
		Command: []string{
			l.path("bin", "registry"), "--dir", l.path("registry"),
			"--listen", listen, "--announce", l.path("run", "registry.addr"),
		},
		Record:   l.path("run", "registry.json"),
		Log:      l.path("logs", "registry.log"),
		Identity: l.toolsStamp(),
	}
}

func (l *Lab) buildkitd() *daemon.Process {
	return &daemon.Process{
		Name:     "buildkitd",
		Command:  []string{l.path("bin", "buildkitd"), "--config", l.path("buildkitd.toml")},
		Record:   l.path("run", "buildkitd.json"),
		Log:      l.path("logs", "buildkitd.log"),
		Identity: fmt.Sprintf("%s %x", l.toolsStamp(), sha256.Sum256([]byte(l.buildkitConfig()))),
	}
}

// lock makes this command the only one that changes the lab; the lock ends with
// the process whatever becomes of it.
func (l *Lab) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(l.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		fmt.Fprintln(l.Out, "another command is changing the lab; waiting for it to finish")
		locked := make(chan error, 1)
		go func() { locked <- syscall.Flock(int(file.Fd()), syscall.LOCK_EX) }()
		select {
		case err = <-locked:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return func() { file.Close() }, nil
}
