package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// field returns what a key became, written the same way for every type.
func field(s Settings, key string) string {
	switch key {
	case "select":
		return fmt.Sprint(s.Select)
	case "ignore":
		return fmt.Sprint(s.Ignore)
	case "unsafe":
		return fmt.Sprint(s.Unsafe)
	case "caches":
		return s.Caches
	case "swap-to":
		return s.SwapTo
	case "merge":
		return s.Merge
	case "exclude":
		return fmt.Sprint(s.Exclude) + " " + s.ExcludeDir
	case "context":
		return s.Context
	case "offline":
		return fmt.Sprint(s.Offline)
	case "color":
		return s.Color
	case "smoke":
		return fmt.Sprint(s.Smoke)
	case "smoke-output":
		return fmt.Sprint(s.SmokeOutput)
	case "touch":
		return fmt.Sprint(s.Touch)
	case "lock":
		return s.LockFile
	case "registry-args":
		return fmt.Sprint(s.RegistryArgs)
	case "inline-args":
		return fmt.Sprint(s.InlineArgs)
	case "cache-ttl":
		return s.CacheTTL.String()
	case "parallel":
		return fmt.Sprint(s.Parallel)
	case "reorder-gain":
		return fmt.Sprint(s.ReorderGain)
	}
	return ""
}

func TestPrecedence(t *testing.T) {
	root := tree(t, map[string]string{"sub/" + FileName: `
select: [merge-run]
ignore: [workdir]
unsafe: false
exclude: [file]
context: ctx
offline: true
color: never
smoke: [file]
smoke-output: true
touch: [file]
lock: a/x.lock
registry-args: true
inline-args: true
cache-ttl: 30m
parallel: 9
caches: mount
merge: all
reorder-gain: 7
swap-to: alpine
`})
	l := loader(t, root)
	in := func(dir string) string { return filepath.Join(root, dir) }
	for _, c := range []struct {
		key, flag, env                      string
		wantDefault, wantFile, wantE, wantF string
		line                                int
	}{
		{"select", "unused-stage", "StageNameCasing,workdir", "[]", "[merge-run]", "[StageNameCasing workdir]", "[unused-stage]", 2},
		{"ignore", "unused-stage", "merge-run, workdir", "[]", "[workdir]", "[merge-run workdir]", "[unused-stage]", 3},
		{"unsafe", "false", "1", "false", "false", "true", "false", 4},
		{"exclude", "flag", "a,b", "[] ", "[file] " + in("sub"), "[a b] " + root, "[flag] " + root, 5},
		{"context", "../out", "/else/where", "", in("sub/ctx"), "/else/where", filepath.Join(filepath.Dir(root), "out"), 6},
		{"offline", "true", "0", "false", "true", "false", "true", 7},
		{"color", "auto", "always", "auto", "never", "always", "auto", 8},
		{"smoke-output", "false", "false", "false", "true", "false", "false", 10},
		{"touch", "flag", "a,b", "[]", "[file]", "[a b]", "[flag]", 11},
		{"lock", "../out/x.lock", "/else/x.lock", "", in("sub/a/x.lock"), "/else/x.lock", filepath.Join(filepath.Dir(root), "out", "x.lock"), 12},
		{"registry-args", "false", "1", "false", "true", "true", "false", 13},
		{"inline-args", "false", "1", "false", "true", "true", "false", 14},
		{"cache-ttl", "0s", "7d", "1h0m0s", "30m0s", "168h0m0s", "0s", 15},
		{"parallel", "64", " 1 ", "4", "9", "1", "64", 16},
		{"caches", "clean", "mount", "clean", "mount", "mount", "clean", 17},
		{"merge", "related", "all", "related", "all", "all", "related", 18},
		{"swap-to", "slim", "distroless", "slim", "alpine", "distroless", "slim", 20},
		{"reorder-gain", "64", " 1 ", "2", "7", "1", "64", 19},
	} {
		row, _ := settingFor(c.key)
		environ := []string{"HOME=/", row.Env + "=" + c.env}
		flags := map[string]string{row.Flag: c.flag, "write": "true", "help": "x"}
		fileFrom := fmt.Sprintf("sub/.restow.yaml:%d", c.line)
		for _, step := range []struct {
			dir        string
			flags      map[string]string
			environ    []string
			want, from string
		}{
			{".", nil, nil, c.wantDefault, "default"},
			{"sub", nil, nil, c.wantFile, fileFrom},
			{"sub", nil, []string{row.Env + "="}, c.wantFile, fileFrom},
			{".", nil, environ, c.wantE, "environment " + row.Env},
			{"sub", nil, environ, c.wantE, "environment " + row.Env},
			{".", flags, nil, c.wantF, "flag --" + row.Flag},
			{"sub", flags, environ, c.wantF, "flag --" + row.Flag},
		} {
			s, err := l.Resolve(step.dir, step.flags, step.environ)
			if err != nil {
				t.Errorf("%s: %v", c.key, err)
				continue
			}
			if got := field(s, c.key); got != step.want {
				t.Errorf("%s from %s = %q, want %q", c.key, step.from, got, step.want)
			}
			for _, o := range s.Origins() {
				if o.Key == c.key && o.From != step.from {
					t.Errorf("%s from %q, want %q", c.key, o.From, step.from)
				}
			}
		}
	}
}

func TestEmptyFlagClears(t *testing.T) {
	root := tree(t, map[string]string{FileName: "select: [merge-run]\ncontext: x\n"})
	s := must(loader(t, root).Resolve("", map[string]string{"select": "", "context": ""}, nil))(t)
	if len(s.Select) != 0 || s.Context != "" {
		t.Errorf("%+v", s)
	}
}

func TestResolveErrors(t *testing.T) {
	root := tree(t, map[string]string{FileName: "select: [x]\ncolor: 1\n"})
	_, err := loader(t, root).Resolve("", map[string]string{"unsafe": "maybe", "select": "merg-run,b"},
		[]string{"RESTOW_COLOR=red", "RESTOW_OFFLINE=2", "RESTOW_UNSAFE=nonsense", "RESTOW_IGNORE=stageNameCasing"})
	wantErrors(t, err,
		`.restow.yaml:1:10: unknown pass "x"`,
		`.restow.yaml:2:8: expected auto, always or never, found the number 1`,
		`flag --select: unknown pass "merg-run" (did you mean "merge-run"?)`,
		`flag --select: unknown pass "b"`,
		`environment RESTOW_IGNORE: unknown pass "stageNameCasing" (did you mean "StageNameCasing"?)`,
		`flag --unsafe: expected true or false, found "maybe"`,
		`environment RESTOW_OFFLINE: expected true or false, found "2"`,
		`environment RESTOW_COLOR: expected auto, always or never, found "red"`,
	)
}

func TestNamesUncheckedWithoutKnown(t *testing.T) {
	root := tree(t, map[string]string{FileName: "passes: {anything: off}\nselect: [Other]\n"})
	l := must(New(Options{Dir: root}))(t)
	s := must(l.Resolve("", nil, nil))(t)
	if s.Passes["anything"].Enabled || s.Select[0] != "Other" || l.Names() != nil {
		t.Errorf("%+v", s)
	}
}

func TestContextOfFile(t *testing.T) {
	root := tree(t, map[string]string{"a/b/Dockerfile": "", "in/x": ""})
	for link, to := range map[string]string{"a/out": os.TempDir(), "a/in": "../in"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	alone := t.TempDir()
	write(t, alone, "a/b/Dockerfile", "")
	const leaves = ` leaves the repository, name a folder inside it or use --context`
	const absolute = ` is absolute, make it relative to the folder of this file or use --context`
	for _, c := range []struct{ base, context, want, err string }{
		{root, ".", "a/b", ""},
		{root, "x y/z", "a/b/x y/z", ""},
		{root, "../..", "", ""},
		{root, "../../other", "other", ""},
		{root, "../in", "a/in", ""},
		{root, "..more", "a/b/..more", ""},
		{root, "../../..", "", `"../../.."` + leaves},
		{root, "../../../" + filepath.Base(root) + "x", "", `"../../../` + filepath.Base(root) + `x"` + leaves},
		{root, "/etc", "", `"/etc"` + absolute},
		{root, "../out", "", `"../out" leaves the repository by a symbolic link, name a folder inside it or use --context`},
		{alone, "c", "a/b/c", ""},
		{alone, "..", "", `".."` + leaves},
	} {
		write(t, c.base, "a/b/"+FileName, "unsafe: true\ncontext: "+c.context+"\n")
		s, err := loader(t, c.base).Resolve("a/b", nil, nil)
		if c.err != "" {
			wantErrors(t, err, "a/b/.restow.yaml:2:10: context "+c.err)
			continue
		}
		if want := filepath.Join(c.base, c.want); err != nil || s.Context != want {
			t.Errorf("%s: %q, want %q (%v)", c.context, s.Context, want, err)
		}
	}
}

func TestDefault(t *testing.T) {
	s := must(loader(t, tree(t, nil)).Resolve("", nil, nil))(t)
	if got, want := Default().Origins(), s.Origins(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if s.Color != "auto" || s.Unsafe || s.Offline || s.Context != "" || s.ExcludeDir != "" || s.File != "" {
		t.Errorf("%+v", s)
	}
}
