package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/restow/restow/internal/debian/debiantest"
)

// builder runs restow base build against an archive of the test's own.
type builder struct {
	t       *testing.T
	archive *debiantest.Archive
	dir     string
}

func newBuilder(t *testing.T, packages ...debiantest.Package) *builder {
	b := &builder{t: t, archive: debiantest.Serve(t, packages...), dir: t.TempDir()}
	t.Chdir(b.dir)
	t.Setenv("RESTOW_OFFLINE", "")
	t.Setenv("XDG_CACHE_HOME", b.dir)
	t.Setenv("CONTAINERS_REGISTRIES_CONF", filepath.Join(b.dir, "empty.conf"))
	if err := os.WriteFile("empty.conf", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("keys.asc", b.archive.Keys, 0o644); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *builder) run(want int, args ...string) (out, errs string) {
	b.t.Helper()
	at := debiantest.When.Add(time.Hour).Format(time.RFC3339)
	args = append([]string{"base", "build", "--mirror", b.archive.URL, "--security-mirror", b.archive.URL, "--keyring", "keys.asc", "--at", at}, args...)
	var o, e bytes.Buffer
	if code := run(context.Background(), args, strings.NewReader(""), &o, &e); code != want {
		b.t.Fatalf("%v ends with %d: %s", args, code, e.String())
	}
	return o.String(), e.String()
}

func small() []debiantest.Package {
	return []debiantest.Package{
		{Name: "tool", Version: "1.2-3", Fields: "Depends: libtool1 (>= 1), debconf, extra", Files: []debiantest.File{
			{Name: "./usr/bin/tool", Body: "#!/bin/sh\n", Mode: 0o755}, {Name: "./usr/share/man/man1/tool.1.gz", Body: "manual"},
		}},
		{Name: "libtool1", Version: "1.2-3", Files: []debiantest.File{{Name: "./lib/libtool.so.1", Body: "library"}}, Scripts: map[string]string{"postinst": "#!/bin/sh\nadduser --system tool\n"}},
		{Name: "libtool1", Version: "1.2-4", Suite: "-security", Files: []debiantest.File{{Name: "./lib/libtool.so.1", Body: "better library"}}},
		{Name: "debconf", Version: "1"},
		{Name: "extra", Version: "1"},
	}
}

// TestBaseBuild: one build to each of the three outputs, which have one digest, and
// what is said of it.
func TestBaseBuild(t *testing.T) {
	b := newBuilder(t, small()...)
	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	out, errs := b.run(exitOK, "tool", "--exclude", "extra", "--user", "nonroot", "--entrypoint", "/usr/bin/tool -v", "-o", host+"/team/tool:1")
	if want := "fetching 2 packages"; !strings.Contains(errs, want) {
		t.Errorf("%q is not in %q", want, errs)
	}
	for _, want := range []string{
		"PACKAGE   VERSION  UNPACKED\nlibtool1  1.2-4    ", "\ntool      1.2-3    ",
		"  debconf, for tool: only for maintainer scripts: asks questions while installing\n",
		"  extra, for tool: excluded; whether it does without is not known\n", "  manual pages: 1 file, 0.0 MB\n",
		"  /bin/sh is not in the image; 1 script of tool cannot run\n",
		"bookworm-security of 2026-01-02T03:04:05Z, signed by ", "2 packages, 3 layers: 0.0 MB unpacked",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	told := new(bytes.Buffer)
	if code := run(t.Context(), []string{"base", "show", "--registry", "--packages", host + "/team/tool:1"}, strings.NewReader(""), told, told); code != exitOK {
		t.Fatalf("%d: %s", code, told)
	}
	for _, want := range []string{`ENTRYPOINT    ["/usr/bin/tool" "-v"]`, "USER          65532:65532", "WORKDIR       /home/nonroot", "libtool1 tool\n"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("%q is not in:\n%s", want, told)
		}
	}
	digests := map[string]bool{}
	for _, to := range []string{"oci:one", "oci:two", "tar:one.tar", "tar:two.tar", host + "/team/tool:2"} {
		out, _ := b.run(exitOK, "tool", "--exclude", "extra", "--user", "nonroot", "--entrypoint", `["/usr/bin/tool", "-v"]`, "--json", "-o", to)
		var d builtDoc
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		if digests[d.Digest] = true; len(d.Packages) != 2 || d.Packages[0].Version != "1.2-4" || len(d.LeftOut) != 2 || d.Layers != 3 {
			t.Errorf("%+v", d)
		}
	}
	for d := range digests {
		if len(digests) != 1 || !strings.Contains(out, host+"/team/tool:1 "+d+"\n") {
			t.Errorf("builds of the same have the digests %v, and:\n%s", digests, out)
		}
	}
	one, err := os.ReadFile("one.tar")
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile("two.tar"); err != nil || !bytes.Equal(one, two) {
		t.Errorf("two archives of the same differ (%v)", err)
	}
	left, err := filepath.Glob(".restow-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
}

// TestBaseBuildRefuses: what is asked for wrongly is a matter of usage, and what goes
// wrong leaves nothing behind.
func TestBaseBuildRefuses(t *testing.T) {
	b := newBuilder(t, small()...)
	for want, args := range map[string][]string{
		"-o says where the image goes":               {"tool"},
		"build takes the names of packages":          {"-o", "oci:x"},
		"only releases of Debian can be built from":  {"tool", "-o", "oci:x", "--from", "ubuntu:24.04"},
		"--from debian:../x":                         {"tool", "-o", "oci:x", "--from", "debian:../x"},
		"it is none of Debian's architectures":       {"tool", "-o", "oci:x", "--arch", "x86_64"},
		"it is no day (2026-01-31) and no time":      {"tool", "-o", "oci:x", "--at", "yesterday"},
		`there is no user "me"`:                      {"tool", "-o", "oci:x", "--user", "me"},
		"words with quotes are given as a JSON list": {"tool", "-o", "oci:x", "--entrypoint", "sh -c 'x'"},
		"is not an image reference":                  {"tool", "-o", "no reference"},
		"is not among the registries that may be":    {"tool", "-o", "r.example.com/x:1", "--allow-registry", "other.example.com"},
		"it is no JSON list of words":                {"tool", "-o", "oci:x", "--entrypoint", "[1]"},
		"no OpenPGP keyring":                         {"tool", "-o", "oci:x", "--keyring", "basebuild_test.none"},
	} {
		if strings.HasPrefix(want, "no OpenPGP") {
			if err := os.WriteFile("basebuild_test.none", []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, errs := b.run(exitUsage, args...); !strings.Contains(errs, want) {
			t.Errorf("%v: %s, want %q", args, errs, want)
		}
	}
	for want, args := range map[string][]string{
		`has no package "nothing"`:      {"nothing", "-o", "oci:x"},
		"which is yet to come":          {"tool", "-o", "oci:x", "--at", debiantest.When.Add(-30 * time.Hour).Format(time.RFC3339)},
		"the mirror does not have it":   {"tool", "-o", "oci:x", "--from", "debian:13"},
		"has files and is no OCI layou": {"tool", "-o", "oci:."},
	} {
		if _, errs := b.run(exitPartial, args...); !strings.Contains(errs, want) {
			t.Errorf("%v: %s, want %q", args, errs, want)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a build that failed has written its output")
	}
}

// TestBaseBuildEnv: RESTOW_EXCLUDE leaves Dockerfiles out, and no packages.
func TestBaseBuildEnv(t *testing.T) {
	b := newBuilder(t, small()...)
	t.Setenv("RESTOW_EXCLUDE", "extra")
	if out, _ := b.run(exitOK, "tool", "-o", "oci:x"); !strings.Contains(out, "\nextra ") {
		t.Error(out)
	}
}
