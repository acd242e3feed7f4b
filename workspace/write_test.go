package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadAndWrite(t *testing.T) {
	tree(t, map[string]string{"a/Dockerfile": "FROM old\n", "link": "-> a/Dockerfile"})
	s := find1(t, "link")
	data, stamp, err := s.Read()
	if err != nil || string(data) != "FROM old\n" {
		t.Fatalf("Read = %q, %v", data, err)
	}
	if err := s.Write([]byte("FROM new\n"), stamp); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, "a/Dockerfile"); got != "FROM new\n" {
		t.Errorf("file holds %q", got)
	}
	if target, err := os.Readlink("link"); target != "a/Dockerfile" || err != nil {
		t.Errorf("the link is now %q, %v", target, err)
	}
	noLeftovers(t, "a")

	// The stamp is used up: what it vouched for is gone.
	if err := s.Write([]byte("FROM newer\n"), stamp); !errors.Is(err, ErrChanged) || !strings.HasPrefix(err.Error(), "link: ") {
		t.Errorf("second Write: %v", err)
	}
}

func TestWriteUnchanged(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "x"})
	s := find1(t, "Dockerfile")
	before, err := os.Stat("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	data, stamp, _ := s.Read()
	if err := s.Write(data, stamp); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat("Dockerfile"); err != nil || !os.SameFile(before, after) {
		t.Error("writing the same text replaced the file")
	}
}

func TestWriteRefusesWhatChanged(t *testing.T) {
	for name, change := range map[string]func() error{
		"edited":  func() error { return os.WriteFile("Dockerfile", []byte("FROM edited\n"), 0o644) },
		"removed": func() error { return os.Remove("Dockerfile") },
		"folder":  func() error { return errors.Join(os.Remove("Dockerfile"), os.Mkdir("Dockerfile", 0o755)) },
		"linked":  func() error { return errors.Join(os.Rename("Dockerfile", "x"), os.Symlink("x", "Dockerfile")) },
		"huge":    func() error { return os.Truncate("Dockerfile", MaxFileSize+1) },
	} {
		for _, late := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				tree(t, map[string]string{"Dockerfile": "FROM old\n"})
				s := find1(t, "Dockerfile")
				_, stamp, err := s.Read()
				if err != nil {
					t.Fatal(err)
				}
				act := func() {
					if err := change(); err != nil {
						t.Error(err)
					}
				}
				if late {
					beforeRename = act
					defer func() { beforeRename = func() {} }()
				} else {
					act()
				}
				if err := s.Write([]byte("FROM new\n"), stamp); !errors.Is(err, ErrChanged) {
					t.Errorf("Write: %v", err)
				}
				noLeftovers(t, ".")
			})
		}
	}
}

func TestWriteReplacedBySameText(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "FROM old\n"})
	s := find1(t, "Dockerfile")
	_, stamp, _ := s.Read()
	if err := errors.Join(os.Remove("Dockerfile"), os.WriteFile("Dockerfile", []byte("FROM old\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]byte("FROM new\n"), stamp); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat("Dockerfile"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestReadOnlyFile(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "x"})
	s := find1(t, "Dockerfile")
	_, stamp, _ := s.Read()
	if err := os.Chmod("Dockerfile", 0o444); err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]byte("y"), stamp); err == nil || err.Error() != "Dockerfile: is read-only, chmod u+w it or exclude it" {
		t.Errorf("Write: %v", err)
	}
	if got := readFile(t, "Dockerfile"); got != "x" {
		t.Errorf("file holds %q", got)
	}
}

func TestInlineIsReadOnly(t *testing.T) {
	tree(t, map[string]string{"compose.yaml": "services: {web: {build: {dockerfile_inline: FROM scratch}}}"})
	s := expect(t, nil, Options{}, []string{"compose.yaml#web"}, nil)[0]
	data, stamp, err := s.Read()
	if err != nil || string(data) != "FROM scratch" {
		t.Fatalf("Read = %q, %v", data, err)
	}
	want := "compose.yaml#web: inline in compose.yaml (service web): restow does not rewrite inline Dockerfiles yet"
	if err := s.Write([]byte("x"), stamp); err == nil || err.Error() != want {
		t.Errorf("Write: %v", err)
	}
}

func TestReadRefusals(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "FROM scratch\n", "big": strings.Repeat("x", MaxFileSize+1), "full": strings.Repeat("x", MaxFileSize)})
	if _, _, err := find1(t, "big").Read(); err == nil || !strings.HasPrefix(err.Error(), "big: too large to read, more than 1048576 bytes;") {
		t.Errorf("big: %v", err)
	}
	if _, _, err := find1(t, "full").Read(); err != nil {
		t.Errorf("full: %v", err)
	}
	small, _ := Find([]string{"Dockerfile"}, Options{MaxSize: 3})
	if _, _, err := small[0].Read(); err == nil || !strings.Contains(err.Error(), "more than 3 bytes") {
		t.Errorf("small: %v", err)
	}
	s := find1(t, "Dockerfile")
	if err := errors.Join(os.Remove("Dockerfile"), os.Mkdir("Dockerfile", 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Read(); err == nil || !strings.HasPrefix(err.Error(), "Dockerfile: not a regular file but a folder") {
		t.Errorf("folder: %v", err)
	}
	if err := os.Remove("Dockerfile"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Read(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("gone: %v", err)
	}
}

func noLeftovers(t *testing.T, dir string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*")); len(left) != 0 || err != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
