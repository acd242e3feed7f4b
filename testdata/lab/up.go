package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/restow/restow/testdata/lab/internal/host"
	"github.com/restow/restow/testdata/lab/internal/image"
	"github.com/restow/restow/testdata/lab/internal/store"
)

// Up brings the lab to the state its sources describe, from whatever it finds.
// With only, no images are built but that one and those it needs.
func (l *Lab) Up(ctx context.Context, only string) error {
	if err := host.Check(); err != nil {
		return err
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()

	recipes, err := image.Load(filepath.Join(l.Source, "images"))
	if err != nil {
		return err
	}
	images, err := image.Select(recipes, only)
	if err != nil {
		return err
	}

	err = l.step("packages", func() (string, error) {
		installed, err := host.InstallPackages(ctx)
		return strings.Join(installed, " "), err
	})
	if err == nil {
		err = l.step("programs", func() (string, error) {
			built, err := l.buildTools(ctx)
			return when(built, "built"), err
		})
	}
	if err == nil {
		err = l.step("registry", func() (string, error) {
			started, err := l.startRegistry(ctx)
			return l.Registry() + when(started, " started"), err
		})
	}
	if err == nil {
		err = l.step("buildkitd", func() (string, error) {
			started, err := l.startBuildkit(ctx)
			return l.BuildkitHost() + when(started, " started"), err
		})
	}
	if err == nil {
		err = errors.Join(
			os.WriteFile(l.path("env"), []byte(l.Env()), 0o644),
			os.WriteFile(l.path("registries.conf"), []byte(l.registriesConf()), 0o644))
	}
	if err != nil {
		return err
	}

	// Some images failing leaves a lab that is of use for the others.
	imageErr := l.step("images", func() (string, error) {
		builder, err := l.builder(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d", len(images)), builder.Build(ctx, images)
	})
	sweepErr := l.sweep(ctx)
	fmt.Fprint(l.Out, "\n", l.Env())
	return errors.Join(imageErr, sweepErr)
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// step reports what a part of the work came to and how long it took.
func (l *Lab) step(name string, work func() (string, error)) error {
	started := time.Now()
	result, err := work()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if result == "" {
		result = "ready"
	}
	fmt.Fprintf(l.Out, "%-10s %s (%s)\n", name, strings.TrimSpace(result), time.Since(started).Round(100*time.Millisecond))
	return nil
}

func (l *Lab) builder(ctx context.Context) (*image.Builder, error) {
	version, err := l.buildkitVersion(ctx)
	if err != nil {
		return nil, err
	}
	return &image.Builder{
		Buildctl:  l.path("bin", "buildctl"),
		Addr:      l.BuildkitHost(),
		Registry:  l.Registry(),
		Toolchain: version,
		Records:   l.path("images"),
		Contexts:  l.path("contexts"),
		Logs:      l.path("logs"),
		Out:       l.Out,
	}, nil
}

// startRegistry makes sure that the registry of the present sources answers. It
// comes back on the port it had, or on a free one that it writes down.
func (l *Lab) startRegistry(ctx context.Context) (started bool, err error) {
	p := l.registry()
	if pid, current := p.Running(); pid != 0 && current && l.registryAnswers(ctx) == nil {
		return false, nil
	}
	if err := p.Stop(5 * time.Second); err != nil {
		return false, err
	}
	// The address is valid only once the new process has written it.
	if err := os.Remove(l.path("run", "registry.addr")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if err := p.Start(); err != nil {
		return false, err
	}
	return true, p.Await(30*time.Second, func() error { return l.registryAnswers(ctx) })
}

func (l *Lab) registryAnswers(ctx context.Context) error {
	if l.Registry() == "" {
		return errors.New("it has no address yet")
	}
	return l.ask(ctx, http.MethodGet, "/v2/")
}

// sweep has the registry drop the layers of images that were replaced.
func (l *Lab) sweep(ctx context.Context) error {
	return l.ask(ctx, http.MethodPost, store.SweepPath)
}

func (l *Lab) ask(ctx context.Context, method, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+l.Registry()+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("registry: %s %s: %s", method, path, answer.Status)
	}
	return nil
}
