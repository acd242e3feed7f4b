package passes_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// stub is the program behind every command. It is built for the test, and not
// the test's own binary under another name: that takes four times as long to
// start, and most of the time of the test is this.
const stub = `package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	name := filepath.Base(os.Args[0])
	if name == "late" {
		time.Sleep(100 * time.Millisecond)
	}
	// What comes down a pipe is waited for, so that its writer is recorded first.
	stdin := "none"
	if fi, err := os.Stdin.Stat(); err == nil && (fi.Mode()&os.ModeNamedPipe != 0 || fi.Mode().IsRegular()) {
		text, _ := io.ReadAll(io.LimitReader(os.Stdin, 64<<10))
		io.Copy(io.Discard, os.Stdin)
		stdin = "text " + string(text)
	}
	live := "/.trace/live/" + strconv.Itoa(os.Getpid())
	if os.WriteFile(live, []byte(name), 0o644) != nil {
		os.Exit(98)
	}
	defer os.Remove(live)
	env := []string{}
	for _, kv := range os.Environ() {
		switch k, _, _ := strings.Cut(kv, "="); k {
		case "_", "SHLVL", "PWD", "OLDPWD":
		default:
			env = append(env, kv)
		}
	}
	sort.Strings(env)
	umask := syscall.Umask(0)
	syscall.Umask(umask)
	dir, _ := syscall.Getwd()
	var others []string
	alive, _ := os.ReadDir("/.trace/live")
	for _, a := range alive {
		if text, err := os.ReadFile("/.trace/live/" + a.Name()); err == nil && a.Name() != filepath.Base(live) {
			others = append(others, string(text))
		}
	}
	sort.Strings(others)
	line, _ := json.Marshal(map[string]any{"Argv": os.Args, "Dir": dir, "Env": env, "Stdin": stdin, "Umask": umask,
		"Ignored": signal.Ignored(syscall.SIGINT) || signal.Ignored(syscall.SIGHUP), "Live": strings.Join(others, " ")})
	log, err := os.OpenFile("/.trace/log", os.O_RDWR|os.O_APPEND, 0)
	if err != nil || syscall.Flock(int(log.Fd()), syscall.LOCK_EX) != nil {
		os.Exit(98)
	}
	before, _ := io.ReadAll(log)
	if strings.Count(string(before), "\n") > 1000 {
		syscall.Kill(0, syscall.SIGKILL) // an endless loop: the whole group ends
	}
	log.Write(append(line, '\n'))
	log.Close()
	if fail, _ := os.ReadFile("/.trace/fail"); string(fail) == strconv.Itoa(strings.Count(string(before), "\n")+1) {
		os.Remove(live)
		os.Exit(1)
	}
	switch name {
	case "mkdir":
		for _, dir := range os.Args[1:] {
			if !strings.HasPrefix(dir, "-") {
				os.MkdirAll(dir, 0o755)
			}
		}
	case "slow":
		time.Sleep(300 * time.Millisecond)
	}
	fmt.Println(name)
}
`

// bench is what every root is made from: the shells with their libraries, and the stub.
type bench struct {
	dir    string
	shells map[string]string // dash and bash, by the path in dir
	libs   []string
}

var sharedLibrary = regexp.MustCompile(`/\S+`)

// newBench skips the test where shells cannot be run, which under RESTOW_CI is a failure.
func newBench(t *testing.T) *bench {
	t.Helper()
	hearSignals()
	missing := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("RESTOW_CI") != "" {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	b := &bench{dir: t.TempDir(), shells: map[string]string{}}
	for _, name := range []string{"dash", "bash"} {
		path, err := exec.LookPath(name)
		if err != nil {
			missing("there is no %s to run scripts with", name)
		}
		out, err := exec.Command("ldd", path).Output()
		if err != nil && !bytes.Contains(out, []byte("not a dynamic")) {
			missing("ldd does not say what %s needs: %v", path, err)
		}
		b.shells[name] = "/.trace/" + name
		b.take(t, path, b.shells[name])
		for _, lib := range sharedLibrary.FindAllString(string(out), -1) {
			if !slices.Contains(b.libs, lib) && !strings.HasSuffix(lib, ":") {
				b.take(t, lib, lib)
				b.libs = append(b.libs, lib)
			}
		}
	}
	source := filepath.Join(b.dir, "stub.go")
	if err := os.WriteFile(source, []byte(stub), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(b.dir, "stub"), source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build of the stub: %v\n%s", err, out)
	}
	for name := range b.shells {
		s := stand{bench: b, shell: name, options: []string{"-c"}, dir: "/", programs: []string{"a"}}
		if got, err := s.trace([]string{"a"}, 0); errors.Is(err, fs.ErrPermission) {
			missing("no root of its own for a script: %v", err)
		} else if err != nil || len(got.Records) != 1 || !got.OK {
			t.Fatalf("%s does not run the stub: %+v, %v", name, got, err)
		}
	}
	return b
}

func (b *bench) take(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(b.dir+to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(b.dir+to, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// hearSignals undoes what a caller of the tests may have set: a shell ignores from
// its start what its caller ignores, as jobs in the background do, and no script
// could change that.
var hearSignals = sync.OnceFunc(func() {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		<-heard
		os.Exit(130)
	}()
})
