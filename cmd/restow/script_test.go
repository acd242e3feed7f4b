package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"restow": main})
}

// TestScript runs the scripts of testdata/script. In them, restow is a process
// of its own, with nothing in its environment but what the script sets.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(env.WorkDir))
			// A registry of the script's own stands in for those it names. What is
			// about other things than pins sets nothing, and none is asked.
			h := newHub()
			env.Defer(h.Close)
			conf := filepath.Join(env.WorkDir, ".tmp", "registries.conf")
			env.Setenv("CONTAINERS_REGISTRIES_CONF", conf)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".tmp", "cache"))
			env.Setenv("HUB", h.host())
			env.Setenv("RESTOW_IGNORE", "pin-digest")
			env.Setenv("RESTOW_OFFLINE", "true")
			return os.WriteFile(conf, []byte(h.registriesConf("docker.io", "r.example.com")), 0o644)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "ci": // where a missing tool is a failure and no reason to skip
				return os.Getenv("RESTOW_CI") != "", nil
			case "root":
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":     exitCommand,
			"text":     textCommand,
			"json":     jsonCommand,
			"mode":     modeCommand,
			"generate": generateCommand,
		},
	})
}

// exit CODE PROGRAM ARGS… runs a program that must end with that code.
func exitCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARGS...")
	}
	err, code := ts.Exec(args[1], args[2:]...), 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// text FILE PART… writes a file of Go string literals without their quotes,
// which may hold any byte. COUNT*PART repeats one.
func textCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: text FILE PART...")
	}
	var b strings.Builder
	for _, part := range args[1:] {
		times := 1
		if n, rest, ok := strings.Cut(part, "*"); ok {
			if count, err := strconv.Atoi(n); err == nil {
				times, part = count, rest
			}
		}
		s, err := strconv.Unquote(`"` + strings.ReplaceAll(part, `"`, `\"`) + `"`)
		ts.Check(err)
		b.WriteString(strings.Repeat(s, times))
	}
	name, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(b.String()), 0o644))
}

// json FILE [PATH VALUE] parses a file, and compares what is at a path such as
// files.0.status; len as the last part counts. With ! there must be nothing there.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 && len(args) != 3 && (!neg || len(args) != 2) {
		ts.Fatalf("usage: [!] json FILE [PATH VALUE]")
	}
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var v any
	ts.Check(dec.Decode(&v))
	if dec.More() {
		ts.Fatalf("%s holds more than one JSON value", args[0])
	}
	if len(args) == 1 {
		return
	}
	for part := range strings.SplitSeq(args[1], ".") {
		v = member(v, part)
	}
	switch {
	case neg && v != nil:
		ts.Fatalf("%s is %v, want nothing", args[1], v)
	case !neg && fmt.Sprint(v) != args[2]:
		ts.Fatalf("%s is %v, want %s", args[1], v, args[2])
	}
}

func member(v any, part string) any {
	switch v := v.(type) {
	case map[string]any:
		if part == "len" {
			return len(v)
		}
		return v[part]
	case []any:
		if part == "len" {
			return len(v)
		}
		if i, err := strconv.Atoi(part); err == nil && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// mode FILE PERM compares the permissions of a file.
func modeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE PERM")
	}
	info, err := os.Lstat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("mode %s, want %s", got, args[1])
	}
}

// generate COUNT makes that many folders with a Dockerfile each, which differ in
// what there is to say of them.
func generateCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: generate COUNT")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for i := range n {
		lines := []string{"FROM alpine:3." + strconv.Itoa(i)}
		if i%2 == 0 {
			lines = append(lines, "RUN echo one", "RUN echo two")
		}
		if i%3 == 0 {
			lines = append(lines, "MAINTAINER me", "ENV A b")
		}
		if i%5 == 0 {
			lines = append(lines, "RUN cd /tmp", "RUN make; make install", "ADD x.tar.gz /")
		}
		if i%7 == 0 {
			lines = append(lines, "NONSENSE")
		}
		if i%11 == 0 {
			lines = append(lines, "# restow: ignore=merge-rnu", "CMD one", `CMD ["two"]`)
		}
		dir := ts.MkAbs(fmt.Sprintf("d%02d", i))
		ts.Check(os.MkdirAll(dir, 0o755))
		ts.Check(os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	}
}
