package config

import (
	"maps"
	"slices"
	"testing"
)

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Table() {
		if row.Type == Commands && row.Env == "" {
			row.Env = EnvFor(row.Flag) // there is none on purpose
		}
		if row.Flag == "" != (row.Env == "") || (row.Flag != "" && EnvFor(row.Flag) != row.Env) {
			t.Errorf("flag %q and variable %q do not belong together", row.Flag, row.Env)
		}
		// lock is different: --lock would sound as if it locked.
		if row.Key != "" && row.Flag != "" && row.Key != row.Flag && row.Key != "lock" {
			t.Errorf("key %q has flag %q", row.Key, row.Flag)
		}
		if name := row.name(); seen[name] || name == "" {
			t.Errorf("row %q is not unique", name)
		} else {
			seen[name] = true
		}
		if row.Description == "" || row.Key != "" && row.assign == nil {
			t.Errorf("row %+v is incomplete", row)
		}
		if _, err := row.parseText(row.Default); err != nil {
			t.Errorf("default of %s%s: %v", row.Key, row.Flag, err)
		}
		if (row.Type == Choice) != (len(row.Choices) > 0) {
			t.Errorf("%s: choices %q", row.Key, row.Choices)
		}
	}
	color := func() Setting {
		i := slices.IndexFunc(Table(), func(s Setting) bool { return s.Key == "color" })
		return Table()[i]
	}
	color().Choices[0] = "changed"
	if color().Choices[0] != "auto" {
		t.Error("the table can be changed from outside")
	}
}

func TestEnvFor(t *testing.T) {
	for flag, want := range map[string]string{"stdin-filename": "RESTOW_STDIN_FILENAME", "write": "RESTOW_WRITE"} {
		if got := EnvFor(flag); got != want {
			t.Errorf("EnvFor(%q) = %q", flag, got)
		}
	}
}

func TestUnknownEnv(t *testing.T) {
	got := UnknownEnv([]string{
		"PATH=/bin", "RESTOW_UNSAFE=1", "RESTOW_STDIN_FILENAME=x", "RESTOW_CORPUS=y", "RESTOW_LAB=z", "RESTOW_LAB_DIR=z",
		"RESTOW_LAB_REGISTRY=z", "RESTOW_SMOKE=true", "RESTOW_SMOKES=true", "RESTOW_TOUCH=a", "RESTOW_SERVER=1",
		"RESTOW_LOCK_FILE=x", "RESTOW_PUBLIC_ONLY=1", "RESTOW_ALLOW_REGISTRY=x", "RESTOW_PUBLICONLY=1", "RESTOW_MIRROR=x",
		"RESTOW_UNSFE=1", "RESTOW_STDINFILENAME=x", "RESTOW_QWERTYUIOP=1", "RESTOW_unsafe=1",
		"RESTOW_=1", "RESTOW_GONE=", "restow_write=1", "malformed", "=RESTOW_X=1",
	})
	want := []UnknownVariable{
		{"RESTOW_", ""},
		{"RESTOW_MIRROR", ""},
		{"RESTOW_PUBLICONLY", "RESTOW_PUBLIC_ONLY"},
		{"RESTOW_QWERTYUIOP", ""},
		{"RESTOW_SERVER", ""},
		{"RESTOW_SMOKES", ""},
		{"RESTOW_STDINFILENAME", "RESTOW_STDIN_FILENAME"},
		{"RESTOW_UNSFE", "RESTOW_UNSAFE"},
		{"RESTOW_unsafe", "RESTOW_UNSAFE"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestEnvFlags(t *testing.T) {
	got := must(EnvFlags([]string{
		"RESTOW_WRITE=1", "RESTOW_LIST=FALSE", "RESTOW_DIFF=", "RESTOW_JSON=0", "RESTOW_JSON=true",
		"RESTOW_VERBOSE= true ", "RESTOW_STDIN_FILENAME=a b/Dockerfile", "RESTOW_UNSAFE=nonsense",
		"RESTOW_PUBLIC_ONLY=nonsense", "RESTOW_ALLOW_REGISTRY=/", // Resolve reads these
	}))(t)
	want := map[string]string{"write": "true", "list": "false", "json": "true", "verbose": "true", "stdin-filename": "a b/Dockerfile"}
	if !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	_, err := EnvFlags([]string{"RESTOW_WRITE=yes", "RESTOW_JSON=2"})
	wantErrors(t, err,
		`environment RESTOW_WRITE: expected true or false, found "yes"`,
		`environment RESTOW_JSON: expected true or false, found "2"`)
}

func TestLists(t *testing.T) {
	for text, want := range map[string][]string{
		"":              nil,
		" , ,":          nil,
		"a":             {"a"},
		"a, b ,,c":      {"a", "b", "c"},
		`a\,b,c`:        {"a,b", "c"},
		`\*.tmp,a\\b,\`: {`\*.tmp`, `a\\b`, `\`},
		`a\ ,b`:         {`a\`, "b"},
	} {
		got := splitList(text)
		if !slices.Equal(got, want) {
			t.Errorf("splitList(%q) = %q", text, got)
		}
		if again := splitList(JoinList(got)); !slices.Equal(again, got) {
			t.Errorf("%q came back as %q", got, again)
		}
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"merge-run", "merge-env", "StageNameCasing", "workdir"}
	for word, want := range map[string]string{
		"merge-rnu":       "merge-run",
		"merge_env":       "merge-env",
		"MERGE-RUN":       "merge-run",
		"stagenamecasing": "StageNameCasing",
		"wrkdir":          "workdir",
		"":                "",
		"zzz":             "",
		"write":           "",
		"w":               "",
	} {
		if got, ok := Suggest(word, names); got != want || ok != (want != "") {
			t.Errorf("Suggest(%q) = %q, %t", word, got, ok)
		}
	}
	long := string(make([]byte, 1<<20))
	if _, ok := Suggest(long, []string{long}); ok {
		t.Error("a very long word is compared")
	}
}
