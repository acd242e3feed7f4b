package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const fullFile = `# settings
passes:
  merge-run: off
  unused-stage: {enabled: true, unsafe: true}
  StageNameCasing: true
  workdir:
    unsafe: false
select: [merge-run, StageNameCasing]
ignore:
  - workdir # not here
unsafe: true
exclude: ["vendor/", '*.tmp', "a,b"]
context: sub/..
offline: true
color: never
smoke:
  - app --selftest
  - [app, "--name", "a, b"]
  - {run: app sum 1 2, output: true}
  - run: [app, sum]
smoke-output: true
server:
  port: 8080
  path: /health?full=1
touch: [src/main.c, ./web]
lock: sub/../pins.lock
registry-args: true
inline-args: true
mirrors:
  docker.io: [mirror.example.com/hub, "localhost:5000"]
  docker.io/library: cache.example.com:443/a/b__c
insecure-registries: [registry.example.com:5000, "https://10.0.0.1"]
mirror:
  ghcr.io/*: registry.example.com/ghcr/*
  docker.io/library/python: registry.example.com/python
cache-ttl: 7d
caches: mount
parallel: 64
bases:
  - image: registry.example.com/base/python:*
    like: python:*-slim
    packages: [libc6, zlib1g]
    shell: bash
  - {from: "python:*-slim", to: "registry.example.com/hardened/python:*", rename: {libpq5: libpq}}
`

func TestFullFile(t *testing.T) {
	root := tree(t, map[string]string{FileName: fullFile})
	s := must(loader(t, root).Resolve(root, nil, nil))(t)
	yes, no := true, false
	want := map[string]PassSetting{
		"merge-run":         {Enabled: false, From: ".restow.yaml:3"},
		"unused-stage":      {Enabled: true, Unsafe: &yes, From: ".restow.yaml:4"},
		"stage-name-casing": {Enabled: true, From: ".restow.yaml:5"},
		"workdir":           {Enabled: true, Unsafe: &no, From: ".restow.yaml:6"},
	}
	if !reflect.DeepEqual(s.Passes, want) {
		t.Errorf("passes %+v", s.Passes)
	}
	if got := fmt.Sprint(s.Select, s.Ignore, s.Exclude); got != "[merge-run StageNameCasing] [workdir] [vendor/ *.tmp a,b]" {
		t.Errorf("lists %s", got)
	}
	wantSmoke := []SmokeCommand{
		{Shell: "app --selftest"},
		{Argv: []string{"app", "--name", "a, b"}},
		{Shell: "app sum 1 2", Output: true},
		{Argv: []string{"app", "sum"}},
	}
	if !reflect.DeepEqual(s.Smoke, wantSmoke) || !s.SmokeOutput {
		t.Errorf("smoke %+v, %t", s.Smoke, s.SmokeOutput)
	}
	if s.Server == nil || *s.Server != (Server{8080, "/health?full=1", 30 * time.Second}) {
		t.Errorf("server %+v", s.Server)
	}
	if got := fmt.Sprint(s.Touch); got != "[src/main.c web]" {
		t.Errorf("touch %s", got)
	}
	if got := fmt.Sprint(s.Mirrors, s.Insecure, s.Mirror); got != "map[docker.io:[mirror.example.com/hub localhost:5000] docker.io/library:[cache.example.com:443/a/b__c]] "+
		"[registry.example.com:5000 https://10.0.0.1] [{ghcr.io/* registry.example.com/ghcr/*} {docker.io/library/python registry.example.com/python}]" {
		t.Errorf("registries %s", got)
	}
	if s.LockFile != filepath.Join(root, "pins.lock") || !s.RegistryArgs || !s.InlineArgs || s.CacheTTL != 7*24*time.Hour || s.Parallel != 64 || s.Caches != "mount" {
		t.Errorf("settings %+v", s)
	}
	if !s.Unsafe || !s.Offline || s.Color != "never" || s.Context != root || s.ExcludeDir != root || s.File != FileName {
		t.Errorf("settings %+v", s)
	}
}

func TestSameMeaning(t *testing.T) {
	plain := must(resolveText(t, fullFile))(t)
	for name, text := range map[string]string{
		"bom":       "\xef\xbb\xbf" + fullFile,
		"crlf":      strings.ReplaceAll(fullFile, "\n", "\r\n"),
		"bom crlf":  "\xef\xbb\xbf" + strings.ReplaceAll(fullFile, "\n", "\r\n"),
		"directive": strings.Replace(fullFile, "# settings", "---", 1) + "...\n",
		"quoted":    strings.Replace(fullFile, "merge-run: off", `"merge-run": "off"`, 1),
		"false":     strings.Replace(fullFile, "merge-run: off", `merge-run: false`, 1),
		"anchors":   strings.Replace(strings.Replace(fullFile, "unsafe: true\nexclude", "unsafe: &y true\nexclude", 1), "offline: true", "offline: *y", 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := must(resolveText(t, text))(t)
			// The folders differ, everything else must not.
			s.Context, s.ExcludeDir, s.LockFile = plain.Context, plain.ExcludeDir, plain.LockFile
			for i, o := range s.Origins() {
				if w := plain.Origins()[i]; o.From != w.From || (o.Key != "context" && o.Key != "lock" && o != w) {
					t.Errorf("%+v, want %+v", o, w)
				}
			}
		})
	}
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# only a comment\n", "---\n", "---\n# x\n", "{}", "null\n", "~", "\xef\xbb\xbf", " \r\n"} {
		s, err := resolveText(t, text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if s.File != FileName || s.Color != "auto" {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestFileErrors(t *testing.T) {
	const passWant = "expected on, off, true, false or a map with enabled and unsafe, found "
	for _, c := range []struct {
		text string
		want []string
	}{
		{"pases:\n  merge-run: off\n", []string{`:1:1: unknown key "pases" (did you mean "passes"?)`}},
		{"\r\nfoo: 1\r\nunsfe: true\r\n", []string{`:2:1: unknown key "foo"`, `:3:1: unknown key "unsfe" (did you mean "unsafe"?)`}},
		{"write: true\nPasses: {}\n", []string{`:1:1: unknown key "write"`, `:2:1: unknown key "Passes" (did you mean "passes"?)`}},
		{"é: 1\n", []string{`:1:1: unknown key "é"`}},
		{"unsafe: \"true\"\noffline: on\n", []string{`:1:9: expected true or false, found "true"`, `:2:10: expected true or false, found "on"`}},
		{"unsafe: 1\noffline:\n", []string{`:1:9: expected true or false, found the number 1`, `:2:10: expected true or false, found nothing`}},
		{"unsafe: []\noffline:\n  a: b\n", []string{`:1:9: expected true or false, found a list`, `:3:3: expected true or false, found a map`}},
		{"color: alway\n", []string{`:1:8: expected auto, always or never, found "alway" (did you mean "always"?)`}},
		{"color: true\n", []string{`:1:8: expected auto, always or never, found true`}},
		{"select: merge-run\n", []string{`:1:9: expected a list of pass names, found "merge-run"`}},
		{"select:\n  - mrege-run\nignore: [stagenamecasing, 3]\n", []string{
			`:2:5: unknown pass "mrege-run" (did you mean "merge-run"?)`,
			`:3:10: unknown pass "stagenamecasing" (did you mean "StageNameCasing"?)`,
			`:3:27: expected text, found the number 3`,
		}},
		{"passes:\n  megre-run: off\n  Zzz: off\n", []string{`:2:3: unknown pass "megre-run" (did you mean "merge-run"?)`, `:3:3: unknown pass "Zzz"`}},
		{"passes: [merge-run]\n", []string{`:1:9: expected a map from pass name to on or off, found a list`}},
		{"passes:\n  merge-run: yes\n  workdir:\n  unused-stage: [on]\n", []string{
			`:2:14: ` + passWant + `"yes"`, `:3:11: ` + passWant + `nothing`, `:4:17: ` + passWant + `a list`,
		}},
		{"passes:\n  merge-run: {enable: true, unsafe: on, unsafe: true}\n", []string{
			`:2:15: unknown key "enable" (did you mean "enabled"?)`,
			`:2:37: expected true or false, found "on"`,
			`:2:41: duplicate key "unsafe", already set on line 2`,
		}},
		{"passes:\n  workdir: on\n  WorkdirRelativePath: off\n", []string{`:3:3: "WorkdirRelativePath" is already set as "workdir", remove one of them`}},
		{"unsafe: true\ncolor: auto\nunsafe: false\n", []string{`:3:1: duplicate key "unsafe", already set on line 1`}},
		{"exclude: [a, '', ' ']\n", []string{`:1:14: expected a pattern, found an empty one, remove it`, `:1:18: expected a pattern, found an empty one, remove it`}},
		{"context: ''\n", []string{`:1:10: expected the path of a folder, found an empty one, remove the key`}},
		{"context: 7\n", []string{`:1:10: expected the path of a folder, found the number 7`}},
		{"- a\n", []string{`:1:1: expected a map of settings, found a list`}},
		{"hello\n", []string{`:1:1: expected a map of settings, found "hello"`}},
		{"3: x\ntrue: y\n", []string{`:1:1: expected a key that is text, found the number 3, correct or quote it`, `:2:1: expected a key that is text, found true, correct or quote it`}},
		{"<<: {unsafe: true}\n", []string{`:1:1: merge keys are not supported, write the keys themselves`}},
		{"unsafe: !!bool true\n", []string{`:1:9: tags such as "!!bool" are not supported, remove it`}},
		{"unsafe: *x\n", []string{`:1:9: unknown alias "x", define it with & first`}},
		{"select: &x [*x]\n", []string{`:1:12: expected text, found a list`}},
		{"unsafe: true\n---\ncolor: auto\n", []string{`:3:1: a second document, remove it or the --- before it`}},
		{"select: [a\ncolor: b\n", []string{`:2:1: not valid YAML: ',' or ']' must be specified`}},
		{"\tunsafe: true\n", []string{`:1:7: not valid YAML: tab character cannot use as a map key directly`}},
		{"unsafe: true\ncolor: \"\xff\"\n", []string{`:2:9: not UTF-8, save the file in that encoding`}},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := resolveText(t, c.text)
			for i := range c.want {
				c.want[i] = FileName + c.want[i]
			}
			wantErrors(t, err, c.want...)
			var e *Error
			if !errors.As(err, &e) || e.File != FileName || e.Line == 0 || e.Col == 0 {
				t.Errorf("no place in %#v", err)
			}
		})
	}
}

func TestManyErrors(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "wrong%d: 1\n", i)
	}
	_, err := resolveText(t, b.String())
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != mostErrors+1 || lines[mostErrors] != ".restow.yaml: more errors follow, fix the ones above first" {
		t.Errorf("%d lines, last %q", len(lines), lines[len(lines)-1])
	}
}

func TestHarmless(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 8), i-1)
	}
	n := maxFileSize - 100
	fill := func(unit string) string { return strings.Repeat(unit, n/len(unit)) }
	chain := "a: &a0 1\n"
	for i := range 30 {
		chain += fmt.Sprintf("b%d: &a%d *a%d\n", i, i+1, i)
	}
	shared := "passes:\n  merge-run: &m {" + strings.Repeat("z: 1, ", 900) + "}\n"
	for i := range 900 {
		shared += fmt.Sprintf("  p%d: *m\n", i)
	}
	for name, text := range map[string]string{
		"shared mistakes": shared,
		"bomb in list":    bomb + "select: [*a11, *a11]\n",
		"bomb in passes":  bomb + "passes: *a11\n",
		"bomb in bool":    bomb + "unsafe: *a11\n",
		"alias chain":     chain + "unsafe: *a30\n",
		"alias to itself": "unsafe: &a *a\n",
		"map in itself":   "passes: &a\n  merge-run: *a\n",
		"keys":            fill("a: b\n"),
		"flow keys":       "passes: {" + fill("a,") + "}",
		"colons":          fill("a: "),
		"question marks":  fill("? "),
		"dashes":          fill("- "),
		"brackets":        fill("["),
		"bracket pairs":   strings.Repeat("[", n/2) + strings.Repeat("]", n/2),
		"braces":          fill("{"),
		"brace keys":      fill("{a: "),
		"anchors":         fill("&a "),
		"tags":            fill("!a "),
		"aliases":         "select: [&a a, " + fill("*a, ") + "]",
		"documents":       fill("---\n"),
		"carriage":        fill("a: b\r"),
		"many documents":  fill("--- a\n"),
		"ended documents": fill("a\n...\n"),
		"empty items":     fill("-\n"),
		"commented items": fill("-\n#\n"),
		"blank lines":     "context: |\n  a" + fill("\n"),
		"tabs in quotes":  "context: \"" + fill("-\t"),
		"blank returns":   "context: |\n  a" + fill("\r") + "\ncolor: auto\n",
		"spaced lines":    "context: |-\n  a" + fill("\n \t") + "\n",
		"blocks":          fill("- |\n a" + strings.Repeat("\n", maxBlank)),
		"after a block":   "color: |\n " + strings.Repeat("a", n-maxBlank) + strings.Repeat("\n", maxBlank) + "# x\n",
		"bomb in smoke":   bomb + "smoke: *a11\n",
		"bomb in run":     bomb + "smoke: [{run: *a11}]\n",
		"bomb in server":  bomb + "server: {port: *a11, path: *a11}\n",
		"shared commands": "passes: {}\nsmoke:\n- &c [" + strings.Repeat("a,", 100_000) + "]\n" + strings.Repeat("- *c\n", 1000),
		"long commands":   "smoke:\n- &c [" + strings.Repeat("a,", 100_000) + "]\n" + strings.Repeat("- *c\n", 90),
		"many commands":   "smoke: [" + fill("a,") + "]",
		"touch on touch":  "touch: [" + strings.Repeat("/a,", 50_000) + "]",
		"bomb in mirrors": bomb + "mirrors: {docker.io: *a11}\nmirror: *a11\nlock: *a11\nparallel: *a11\n",
		"many mirrors":    "mirrors: {docker.io: [" + fill("a.b/c,") + "]}",
		"shared mirrors":  "mirrors:\n  a.b: &l [" + strings.Repeat("A,", 100) + "]\n" + strings.Repeat("  a.b/c: *l\n", 1900),
		"mirrored itself": "mirror: &a\n  a.b/*: *a\n",
		"long names":      "insecure-registries: [" + fill("a.") + "b]\n",
		"long host":       "mirrors: {" + fill("a-") + ": x}\n",
		"wrong list":      "select:\n" + fill("- a\n"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := resolveText(t, text)
			if err == nil {
				t.Error("no error")
			}
			if err != nil && len(err.Error()) > 10_000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			// Very generous: it is well below a second, but without the limits
			// many of these take minutes.
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestLongListIsFine(t *testing.T) {
	s := must(resolveText(t, "exclude:\n"+strings.Repeat("- some/folder/**\n", 10_000)))(t)
	if len(s.Exclude) != 10_000 {
		t.Errorf("%d patterns", len(s.Exclude))
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{fullFile, "a: &a [*a]", "? [x]\n: y", "smoke: [a, [b], {run: c}]", "server: {port: 1, path: /, wait: 1s}", "touch: [a]", "mirrors: {a.b: [c.d], e.f: g.h}", "mirror: {a.b/*: c.d/*}", "cache-ttl: 7d", "parallel: 1", "lock: a", "<<: *x", "a: |\n  b", "!!x {", "%YAML 1.2\n---\n", "&a : b", "passes: {? }", "- - ? -", "*a : b", "{a, b: , }", "!", "&a", "*a"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	l, err := New(Options{Dir: dir, Known: testKnown, Aliases: testAliases})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := l.decode(filepath.Join(dir, FileName), dir, data)
		if (file == nil) == (err == nil) {
			t.Errorf("file %v and error %v", file, err)
		}
	})
}
