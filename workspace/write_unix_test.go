//go:build unix

package workspace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child runs in a process of its own, in the folder the test made.
func child(name string) int {
	if strings.HasPrefix(name, "user ") {
		// Root may do what these tests want refused.
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	if name == "kill" {
		beforeRename = func() {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				fmt.Println(err)
			}
			select {}
		}
	}
	sources, errs := Find(nil, Options{})
	for _, s := range sources {
		fmt.Println("found", s.Path)
		_, stamp, err := s.Read()
		errs = append(errs, err)
		if err == nil {
			errs = append(errs, s.Write([]byte("FROM new\n"), stamp))
		}
	}
	for _, err := range errs {
		if err != nil {
			fmt.Println(err)
		}
	}
	return 0
}

const nobody = 65534

func runChild(t *testing.T, name string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+name)
	out, err := cmd.Output()
	return string(out), err
}

func TestKilledBeforeRename(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "FROM old\n"})
	_, err := runChild(t, "kill")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child ended with %v", err)
	}
	if got := readFile(t, "Dockerfile"); got != "FROM old\n" {
		t.Errorf("after the kill the file holds %q", got)
	}
	left, err := filepath.Glob(tempPrefix + "*")
	if err != nil || len(left) != 1 {
		t.Fatalf("left behind: %q, %v; the kill came at the wrong moment", left, err)
	}
	expect(t, nil, Options{}, []string{"Dockerfile"}, nil)
	plant(t, ".", map[string]string{"compose.yaml": "services: {a: {build: {dockerfile: " + left[0] + "}}}"})
	expect(t, nil, Options{}, []string{"Dockerfile"}, nil)
	if out, err := runChild(t, "again"); err != nil || out != "found Dockerfile\n" {
		t.Errorf("later run: %q, %v", out, err)
	}
	if got := readFile(t, "Dockerfile"); got != "FROM new\n" {
		t.Errorf("after the later run the file holds %q", got)
	}
}

func TestModeAndOwner(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "FROM old\n"})
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = nobody, nobody
	}
	const mode = 0o751 | os.ModeSetuid | os.ModeSetgid
	if err := errors.Join(os.Chown("Dockerfile", uid, gid), os.Chmod("Dockerfile", mode)); err != nil {
		t.Fatal(err)
	}
	s := find1(t, "Dockerfile")
	_, stamp, _ := s.Read()
	if err := s.Write([]byte("FROM new\n"), stamp); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if info.Mode() != mode || int(owner.Uid) != uid || int(owner.Gid) != gid {
		t.Errorf("mode %v, owner %d:%d", info.Mode(), owner.Uid, owner.Gid)
	}
}

func TestHardLinkIsReplacedUnderOneName(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "FROM old\n"})
	if err := os.Link("Dockerfile", "other"); err != nil {
		t.Fatal(err)
	}
	s := find1(t, "Dockerfile")
	_, stamp, _ := s.Read()
	if err := s.Write([]byte("FROM new\n"), stamp); err != nil {
		t.Fatal(err)
	}
	if a, b := readFile(t, "Dockerfile"), readFile(t, "other"); a != "FROM new\n" || b != "FROM old\n" {
		t.Errorf("the names hold %q and %q", a, b)
	}
}

func TestFIFONeverHangs(t *testing.T) {
	tree(t, map[string]string{"a/": "", "b/Dockerfile": ""})
	for _, name := range []string{"Dockerfile", "compose.yaml", ".gitignore", "a/docker-bake.hcl"} {
		if err := syscall.Mkfifo(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		expect(t, nil, Options{}, []string{"b/Dockerfile"}, nil)
		s := expect(t, []string{"Dockerfile", "/dev/null"}, Options{}, []string{"/dev/null", "Dockerfile"}, nil)
		for i, kind := range []string{"a device", "a named pipe"} {
			if _, _, err := s[i].Read(); err == nil || !strings.Contains(err.Error(), "not a regular file but "+kind) {
				t.Errorf("Read: %v", err)
			}
		}
		// The name is looked at before it is opened; this is what happens when
		// it is swapped in between.
		root, err := os.OpenRoot(".")
		if err != nil {
			t.Error(err)
			return
		}
		file, err := root.OpenFile("Dockerfile", os.O_RDONLY|nonblock, 0)
		if err != nil {
			t.Error(err)
			return
		}
		file.Close()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("hangs on a FIFO")
	}
}

// TestAsAnotherUser needs root, to become someone who is refused things.
func TestAsAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("not root")
	}
	for _, tc := range []struct {
		name  string
		setup func() error
		want  []string
	}{
		{
			"folder cannot be read", func() error { return errors.Join(os.Mkdir("a", 0o700), os.Chmod("Dockerfile", 0o444)) },
			[]string{"found Dockerfile", "a: folder cannot be read: permission denied, make it readable or exclude it", "Dockerfile: is read-only, chmod u+w it or exclude it"},
		},
		{
			"file cannot be read", func() error { return os.Chmod("Dockerfile", 0o600) },
			[]string{"found Dockerfile", "Dockerfile: permission denied, make it readable or exclude it"},
		},
		{
			"folder cannot be written", func() error { return os.Chown("Dockerfile", nobody, nobody) },
			[]string{"found Dockerfile", "Dockerfile: no temporary file can be made in its folder: permission denied; make the folder writable"},
		},
		{
			"owner cannot be kept", func() error { return errors.Join(os.Chmod(".", 0o777), os.Chmod("Dockerfile", 0o666)) },
			[]string{"found Dockerfile", "Dockerfile: its owner or group cannot be kept: operation not permitted; run restow as its owner"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := tree(t, map[string]string{"Dockerfile": "FROM old\n"})
			// The folders of t.TempDir are closed to others.
			for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
				if info, err := os.Stat(d); err == nil && info.Mode().Perm()&0o005 != 0o005 {
					if err := os.Chmod(d, info.Mode().Perm()|0o055); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := tc.setup(); err != nil {
				t.Fatal(err)
			}
			out, err := runChild(t, "user "+tc.name)
			if err != nil || out != strings.Join(tc.want, "\n")+"\n" {
				t.Errorf("child says\n%s%v", out, err)
			}
			if got := readFile(t, "Dockerfile"); got != "FROM old\n" {
				t.Errorf("file holds %q", got)
			}
			noLeftovers(t, ".")
		})
	}
}
