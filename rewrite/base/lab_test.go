package base

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestLab: the packages that the table predicts are those of images that were built
// from Debian's packages the way the official ones are. The lab must be up, whose
// registry RESTOW_LAB_REGISTRY names; testdata/lab says how it is built.
func TestLab(t *testing.T) {
	if os.Getenv("RESTOW_LAB") != "1" {
		t.Skip("needs a lab that is up and RESTOW_LAB=1")
	}
	const nis = "libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libnsl2 libtirpc-common libtirpc3"
	for ref, more := range map[string]string{
		"debian:bookworm":              "",
		"debian:bookworm-slim":         "",
		"buildpack-deps:bookworm-curl": "",
		"buildpack-deps:bookworm-scm":  "",
		"buildpack-deps:bookworm":      "",
		"python:3.11-slim-bookworm":    nis, // the lab's Python has that module
		"python:3.11-bookworm":         "",
		"ruby:3.1-slim-bookworm":       "libgdbm6 libreadline8 readline-common", // which Ruby 4 does without
		"ruby:3.1-bookworm":            "",
		"node:18-bookworm-slim":        "",
		"node:18-bookworm":             "",
		"php:8.2-cli-bookworm":         "",
		"golang:1.26-bookworm":         "",
	} {
		i, _ := Find(ref)
		want, exact := i.Packages()
		if exact == Unknown {
			t.Errorf("the packages of %s are not known", ref)
			continue
		}
		got := installed(t, os.Getenv("RESTOW_LAB_REGISTRY")+"/library/"+ref)
		added := strings.Fields(more)
		for _, p := range got {
			if _, ok := slices.BinarySearch(want, p); !ok && !slices.Contains(added, p) {
				t.Errorf("%s has %s, which is not predicted", ref, p)
			}
		}
		for _, p := range want {
			if !slices.Contains(got, p) {
				t.Errorf("%s does not have %s, which is predicted", ref, p)
			}
		}
		t.Logf("%s: %d packages, %d predicted (%s)", ref, len(got), len(want), exact)
	}
}

// installed are the packages in the topmost dpkg status of an image.
func installed(t *testing.T, ref string) []string {
	t.Helper()
	r, err := name.ParseReference(ref, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(r)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range slices.Backward(layers) {
		if names := status(t, l); names != nil {
			return names
		}
	}
	t.Fatalf("%s has no dpkg status", ref)
	return nil
}

func status(t *testing.T, l v1.Layer) (names []string) {
	t.Helper()
	in, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimPrefix(h.Name, "./") != "var/lib/dpkg/status" {
			continue
		}
		last := ""
		for s := bufio.NewScanner(r); s.Scan(); {
			if p, ok := strings.CutPrefix(s.Text(), "Package: "); ok {
				last = p
			}
			if s.Text() == "Status: install ok installed" {
				names = append(names, last)
			}
		}
		slices.Sort(names)
		return names
	}
}
