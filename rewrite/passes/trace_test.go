package passes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The harness runs scripts under a real shell in a root of their own (chroot),
// as nobody, where every program is a stub that records how it was called. So
// absolute paths, cd and redirections mean what they say and touch nothing.

// nobody is who the scripts run as, where the test may choose.
const nobody = 65534

// stand is what scripts find when they start.
type stand struct {
	*bench
	shell    string   // dash or bash
	options  []string // of the shell, -c included
	env      []string
	dir      string   // WORKDIR
	dirs     []string // that are there, absolute
	programs []string // names for the folders of PATH, and absolute paths
}

// record is how a stub was called.
type record struct {
	Argv, Env        []string
	Dir, Stdin, Live string
	Umask            int
	Ignored          bool
}

// outcome is what came of running scripts.
type outcome struct {
	Records []record
	OK      bool     // whether all scripts ended well
	Files   []string // all there is in the root then
	stderr  string
}

var errSlow = errors.New("a script does not end")

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// trace runs scripts one after another, a shell each, up to the first that fails;
// the stub that is called as number fail fails, counted from 1.
func (s stand) trace(scripts []string, fail int) (out outcome, err error) {
	root, err := os.MkdirTemp(s.bench.dir, "root")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(root)
	if err := s.furnish(root, fail); err != nil {
		return out, err
	}
	errs, err := os.Create(filepath.Join(root, ".trace", "stderr"))
	if err != nil {
		return out, err
	}
	defer errs.Close()
	out.OK = true
	for _, script := range scripts {
		// The limits: no file over 4 MB, two seconds of computing, and no more processes
		// than a script may want. Time by the clock would depend on what else runs.
		cmd := &exec.Cmd{
			Path: s.shells["dash"], Dir: s.dir, Stderr: errs, WaitDelay: time.Second,
			Args:        append(append([]string{"sh", "-c", `ulimit -f 8192 && ulimit -t 2 && ulimit -p 2000 && exec "$@"`, "sh", s.shells[s.shell]}, s.options...), script),
			Env:         append([]string{"PATH=" + searchPath, "HOME=/root"}, s.env...),
			SysProcAttr: &syscall.SysProcAttr{Chroot: root, Setpgid: true},
		}
		if os.Geteuid() == 0 {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		} else {
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Geteuid(), Size: 1}}
		}
		if err := cmd.Start(); err != nil {
			return out, err
		}
		timer := time.AfterFunc(2*time.Minute, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		failed := cmd.Wait()
		timer.Stop()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // a RUN takes down what it left running
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() == syscall.SIGKILL || status.Signal() == syscall.SIGXCPU {
			return out, errSlow
		}
		live, _ := filepath.Glob(filepath.Join(root, ".trace", "live", "*"))
		for _, l := range live {
			os.Remove(l)
		}
		if out.OK = failed == nil; !out.OK {
			break
		}
	}
	return out, s.read(root, &out)
}

// furnish makes a root, in which the scripts' user may write where a build may.
func (s stand) furnish(root string, fail int) error {
	if err := os.Chmod(root, 0o777); err != nil {
		return err
	}
	dirs := []string{"/.trace", "/.trace/live", "/usr", "/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/dev", "/etc", "/opt", "/root", "/srv", "/tmp", "/var", s.dir}
	for _, dir := range append(dirs, s.dirs...) {
		if err := mkdirAll(root, dir); err != nil {
			return err
		}
	}
	files := []struct{ from, to string }{{"/stub", "/.trace/stub"}}
	for _, path := range s.shells {
		files = append(files, struct{ from, to string }{path, path})
	}
	for _, path := range s.libs {
		files = append(files, struct{ from, to string }{path, path})
	}
	for _, file := range files {
		if err := mkdirAll(root, filepath.Dir(file.to)); err != nil {
			return err
		}
		if err := os.Link(s.bench.dir+file.from, root+file.to); err != nil {
			return err
		}
	}
	for _, p := range s.programs {
		at := "/usr/bin/" + p
		if strings.HasPrefix(p, "/") {
			at = filepath.Clean(p)
		}
		if err := mkdirAll(root, filepath.Dir(at)); err != nil {
			return err
		}
		if err := os.Symlink("/.trace/stub", root+at); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	for name, text := range map[string]string{"/.trace/log": "", "/.trace/fail": fmt.Sprint(fail), "/dev/null": ""} {
		if err := os.WriteFile(root+name, []byte(text), 0o666); err != nil {
			return err
		}
		if err := os.Chmod(root+name, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// mkdirAll makes folders below a root that anyone may write to.
func mkdirAll(root, dir string) error {
	if dir = filepath.Clean(dir); dir == "/" || dir == "." {
		return nil
	}
	if err := mkdirAll(root, filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(root+dir, 0o777); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return os.Chmod(root+dir, 0o777)
}

// read takes the records of the stubs, and the files of a build that succeeds:
// those of one that fails are thrown away.
func (s stand) read(root string, out *outcome) error {
	text, err := os.ReadFile(root + "/.trace/stderr")
	if err != nil {
		return err
	}
	out.stderr = string(text)
	log, err := os.ReadFile(root + "/.trace/log")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(log) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("a stub's record: %w", err)
		}
		out.Records = append(out.Records, r)
	}
	if !out.OK {
		return nil
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root)
		if name == "/.trace" || name == "/dev" || name == "/lib" || name == "/lib64" {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		entry := name + " " + info.Mode().String()
		if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			entry += fmt.Sprintf(" %q", text)
		}
		out.Files = append(out.Files, entry)
		return nil
	})
}

// differ says where two outcomes differ, or "".
func differ(before, after outcome) string {
	for i := range max(len(before.Records), len(after.Records)) {
		switch {
		case i >= len(before.Records):
			return fmt.Sprintf("call %d is new: %q", i+1, after.Records[i].Argv)
		case i >= len(after.Records):
			return fmt.Sprintf("call %d is missing: %q", i+1, before.Records[i].Argv)
		case !reflect.DeepEqual(before.Records[i], after.Records[i]):
			return fmt.Sprintf("call %d is\n%+v\nand was\n%+v", i+1, after.Records[i], before.Records[i])
		}
	}
	if before.OK != after.OK {
		return fmt.Sprintf("the build succeeds: %v, and did: %v", after.OK, before.OK)
	}
	for _, f := range after.Files {
		if !slices.Contains(before.Files, f) {
			return "a file is new: " + f
		}
	}
	for _, f := range before.Files {
		if !slices.Contains(after.Files, f) {
			return "a file is missing: " + f
		}
	}
	return ""
}

// maxFail is how many of a script's calls are made to fail, one at a time.
const maxFail = 40

// verdict is what comparing scripts with their merger came to.
type verdict struct {
	runs       int    // of either side
	difference string // "" where there is none
	clean      outcome
	err        error
}

// compare runs scripts, and the one that they became, with no failure and with
// each of their calls failing.
func (s stand) compare(before []string, after string) (v verdict) {
	for fail, calls := 0, 0; fail <= calls; fail++ {
		b, err := s.trace(before, fail)
		if err != nil {
			v.err = err
			return v
		}
		a, err := s.trace([]string{after}, fail)
		if err != nil && !errors.Is(err, errSlow) {
			v.err = err
			return v
		}
		v.runs++
		if fail == 0 {
			v.clean, calls = b, min(len(b.Records), maxFail)
		}
		v.difference = differ(b, a)
		if err != nil {
			v.difference = "it does not end any more"
		}
		if v.difference != "" {
			v.difference = fmt.Sprintf("%s, call %d failing: %s", s.shell, fail, v.difference)
			return v
		}
	}
	return v
}
