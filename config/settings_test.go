package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestEnabled(t *testing.T) {
	for _, c := range []struct {
		name, file string
		flags      map[string]string
		pass, rule string
		on         bool
		why        string
	}{
		{"default", "", nil, "merge-run", "", true, "on by default"},
		{"off", "passes: {merge-run: off}", nil, "merge-run", "", false, "turned off as merge-run by .restow.yaml:1"},
		{"other off", "passes: {merge-run: off}", nil, "workdir", "WorkdirRelativePath", true, "on by default"},
		{"on", "\npasses:\n  merge-run: on", nil, "merge-run", "", true, "turned on as merge-run by .restow.yaml:3"},
		{"off by map", "passes: {merge-run: {enabled: false}}", nil, "merge-run", "", false, "turned off as merge-run by .restow.yaml:1"},
		{"empty map", "passes: {merge-run: {}}", nil, "merge-run", "", true, "turned on as merge-run by .restow.yaml:1"},
		{"off by rule", "passes: {StageNameCasing: off}", nil, "stage-name-casing", "StageNameCasing", false, "turned off as stage-name-casing by .restow.yaml:1"},
		{"off by rule, asked by pass", "passes: {StageNameCasing: off}", nil, "stage-name-casing", "", false, "turned off as stage-name-casing by .restow.yaml:1"},
		{"ignored", "ignore: [merge-run]", nil, "merge-run", "", false, "ignored as merge-run by .restow.yaml:1"},
		{"ignored by rule", "ignore: [StageNameCasing]", nil, "stage-name-casing", "StageNameCasing", false, "ignored as StageNameCasing by .restow.yaml:1"},
		{"ignored by rule, asked by pass", "ignore: [StageNameCasing]", nil, "stage-name-casing", "", false, "ignored as StageNameCasing by .restow.yaml:1"},
		{"selected", "select: [merge-run]", nil, "merge-run", "", true, "selected as merge-run by .restow.yaml:1"},
		{"not selected", "select: [merge-run]", nil, "workdir", "", false, "not selected by .restow.yaml:1"},
		{"not selected but on", "select: [merge-run]\npasses: {workdir: on}", nil, "workdir", "", false, "not selected by .restow.yaml:1"},
		{"selected by rule", "", map[string]string{"select": "StageNameCasing"}, "stage-name-casing", "StageNameCasing", true, "selected as StageNameCasing by flag --select"},
		{"selected and ignored", "ignore: [merge-run]", map[string]string{"select": "merge-run"}, "merge-run", "", false, "ignored as merge-run by .restow.yaml:1"},
		{"selected and off", "passes: {merge-run: off}", map[string]string{"select": "merge-run"}, "merge-run", "", false, "turned off as merge-run by .restow.yaml:1"},
		{"ignored but on", "passes: {merge-run: on}", map[string]string{"ignore": "merge-run"}, "merge-run", "", false, "ignored as merge-run by flag --ignore"},
		{"empty select", "select: []", nil, "merge-run", "", true, "on by default"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, map[string]string{FileName: c.file})
			s := must(loader(t, root).Resolve("", c.flags, nil))(t)
			if on, why := s.Enabled(c.pass, c.rule); on != c.on || why != c.why {
				t.Errorf("%t, %q", on, why)
			}
		})
	}
	if on, why := (Settings{}).Enabled("any", ""); !on || why != "on by default" {
		t.Errorf("empty settings: %t, %q", on, why)
	}
	byHand := Settings{Passes: map[string]PassSetting{"Rule": {}}, Ignore: []string{""}}
	if on, why := byHand.Enabled("any", "Rule"); on || why != "turned off as Rule by passes" {
		t.Errorf("settings made by hand: %t, %q", on, why)
	}
	if on, _ := byHand.Enabled("any", "rule"); !on {
		t.Error("rules are not compared by case")
	}
}

func TestUnsafeFor(t *testing.T) {
	const file = "passes: {merge-run: {unsafe: true}, StageNameCasing: {unsafe: false}, workdir: on}\n"
	for _, c := range []struct {
		name, file, flag, env string
		merge, stage, workdir bool
	}{
		{"only passes", file, "", "", true, false, false},
		{"file false", file + "unsafe: false\n", "", "", true, false, false},
		{"file true", file + "unsafe: true\n", "", "", true, false, true},
		{"flag true", file, "true", "", true, false, true},
		{"flag false", file + "unsafe: true\n", "false", "", false, false, false},
		{"env false", file, "", "0", false, false, false},
		{"env true", file, "", "1", true, false, true},
		{"no file", "", "", "", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, map[string]string{FileName: c.file})
			flags := map[string]string{}
			if c.flag != "" {
				flags["unsafe"] = c.flag
			}
			s := must(loader(t, root).Resolve("", flags, []string{"RESTOW_UNSAFE=" + c.env}))(t)
			for pass, want := range map[string]bool{"merge-run": c.merge, "stage-name-casing": c.stage, "workdir": c.workdir} {
				if got := s.UnsafeFor(pass, ""); got != want {
					t.Errorf("%s: %t", pass, got)
				}
			}
			if got := s.UnsafeFor("stage-name-casing", "StageNameCasing"); got != c.stage {
				t.Errorf("by rule: %t", got)
			}
		})
	}
}

func TestWriteShow(t *testing.T) {
	root := tree(t, map[string]string{
		"sub/" + FileName: "passes:\n  merge-run: off\n  workdir: on\n  StageNameCasing: {unsafe: true}\ncontext: ..\nunsafe: true\nexclude: ['*.tmp', on, a b, \"c\\nd\"]\n",
	})
	s := must(loader(t, root).Resolve("sub", map[string]string{"ignore": "workdir"}, []string{"RESTOW_OFFLINE=1"}))(t)
	var b strings.Builder
	if err := WriteShow(&b, s); err != nil {
		t.Fatal(err)
	}
	const longest = `passes: {merge-run: off, stage-name-casing: {enabled: true, unsafe: true}, workdir: on}`
	pad := func(s string) string { return s + strings.Repeat(" ", len(longest)-len(s)) + "    # " }
	want := pad(`bases: []`) + "default\n" +
		pad(`bot: {groups: kind, limit: 5}`) + "default\n" +
		pad(`cache-ttl: 1h`) + "default\n" +
		pad(`caches: clean`) + "default\n" +
		pad(`color: auto`) + "default\n" +
		pad(`context: .`) + "sub/.restow.yaml:5\n" +
		pad(`exclude: ["*.tmp", "on", "a b", "c\nd"]`) + "sub/.restow.yaml:7\n" +
		pad(`ignore: [workdir]`) + "flag --ignore\n" +
		pad(`inline-args: false`) + "default\n" +
		pad(`insecure-registries: []`) + "default\n" +
		pad(`lock: ""`) + "default\n" +
		pad(`merge: related`) + "default\n" +
		pad(`mirror: {}`) + "default\n" +
		pad(`mirrors: {}`) + "default\n" +
		pad(`offline: true`) + "environment RESTOW_OFFLINE\n" +
		pad(`parallel: 4`) + "default\n" +
		pad(longest) + "sub/.restow.yaml:1\n" +
		pad(`registry-args: false`) + "default\n" +
		pad(`reorder-gain: 2`) + "default\n" +
		pad(`select: []`) + "default\n" +
		pad(`server: {}`) + "default\n" +
		pad(`smoke: []`) + "default\n" +
		pad(`smoke-output: false`) + "default\n" +
		pad(`swap-to: slim`) + "default\n" +
		pad(`touch: []`) + "default\n" +
		pad(`unsafe: true`) + "sub/.restow.yaml:6\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	// What is shown can be pasted into a file.
	if again, err := resolveText(t, b.String()); err != nil || yamlList(again.Exclude) != yamlList(s.Exclude) || !again.Offline {
		t.Errorf("shown settings are read as %+v, %v", again, err)
	}
}

func TestShownTextIsYAML(t *testing.T) {
	for _, text := range []string{"", "a", "a/b", "on", "Yes", "NULL", "~", ".", "..", "-", "- a", "#x", "a #b", "a: b", "!x", "*.go", "[", "1", "1e3", "é", "\x00\x1b", "\u2028\ufeff", `\"'`, "😀", ".inf", "0x1", "a,b"} {
		var got []any
		if err := yaml.Unmarshal([]byte(yamlList([]string{text})), &got); err != nil || len(got) != 1 || got[0] != text {
			t.Errorf("%q is written as %s and read as %#v (%v)", text, yamlText(text), got, err)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteShowReportsErrors(t *testing.T) {
	if err := WriteShow(brokenWriter{}, Default()); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{"a b/.restow.yaml:1": "a b/.restow.yaml:1", "a\nb": `"a\nb"`, "é": "é"} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %s", in, got)
		}
	}
}
