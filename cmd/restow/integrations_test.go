package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func readYAML(t *testing.T, name string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	var docs []map[string]any
	for _, part := range bytes.Split(data, []byte("\n---\n")) {
		doc := map[string]any{}
		if err := yaml.Unmarshal(part, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		docs = append(docs, doc)
	}
	return docs
}

// fakeTools makes programs that say how they are called, and end with a code.
func fakeTools(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, n := range names {
		text := "#!/bin/sh\nfor a; do printf '<%s>' \"$a\"; done\necho\nexit ${FAKE_CODE:-0}\n"
		if err := os.WriteFile(filepath.Join(dir, n), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAction: the action's steps run restow with what the inputs say, whatever
// they say, and end as the inputs ask.
func TestAction(t *testing.T) {
	doc := readYAML(t, "action.yml")[0]
	runs := doc["runs"].(map[string]any)
	steps := runs["steps"].([]any)
	if runs["using"] != "composite" || doc["name"] == "" || doc["description"] == "" {
		t.Errorf("%v", doc)
	}
	last := steps[len(steps)-1].(map[string]any)
	script := last["run"].(string)
	for _, s := range steps {
		s := s.(map[string]any)
		text, isRun := s["run"].(string)
		if isRun && (s["shell"] != "bash" || strings.Contains(text, "${{")) {
			t.Errorf("a step without a shell, or with an input in its script: %v", s)
		}
	}
	inputs := doc["inputs"].(map[string]any)
	for name, value := range last["env"].(map[string]any) {
		input := regexp.MustCompile(`inputs\.(\w+)`).FindStringSubmatch(value.(string))
		if input == nil || inputs[input[1]] == nil {
			t.Errorf("%s is %v, which is no input", name, value)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	for _, c := range []struct {
		path, args, summary, fail, code string
		want, sum                       string
		exit                            int
	}{
		{".", "", "true", "true", "0", "<check><--format><github><--><.>\n", "<fix><--format><markdown><--><.>\n", 0},
		{"-x; $(id)", "--offline -v", "false", "true", "1", "<check><--format><github><--offline><-v><--><-x; $(id)>\n", "", 1},
		{".", "", "true", "false", "1", "<check><--format><github><--><.>\n", "<fix><--format><markdown><--><.>\n", 0},
		{".", "", "false", "false", "3", "<check><--format><github><--><.>\n", "", 3},
	} {
		dir := t.TempDir()
		fakeTools(t, dir, "restow")
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
		cmd.Env = []string{
			"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"),
			"LOOK_AT=" + c.path, "MORE_FLAGS=" + c.args, "WANT_SUMMARY=" + c.summary, "WANT_FAIL=" + c.fail, "FAKE_CODE=" + c.code,
		}
		out, err := cmd.CombinedOutput()
		code := 0
		if failed, ok := err.(*exec.ExitError); ok {
			code = failed.ExitCode()
		}
		sum, _ := os.ReadFile(filepath.Join(dir, "summary")) // none where it is not wanted
		if string(out) != c.want || string(sum) != c.sum || code != c.exit {
			t.Errorf("%+v: %q, %q, %d", c, out, sum, code)
		}
	}
}

// TestComponent: GitLab's component has the job and the report.
func TestComponent(t *testing.T) {
	docs := readYAML(t, "templates/restow.yml")
	if len(docs) != 2 {
		t.Fatalf("%d documents, a component has its spec and its jobs", len(docs))
	}
	inputs := docs[0]["spec"].(map[string]any)["inputs"].(map[string]any)
	job := docs[1]["restow"].(map[string]any)
	report := job["artifacts"].(map[string]any)["reports"].(map[string]any)["codequality"].(string)
	var script strings.Builder
	for _, line := range job["script"].([]any) {
		if strings.Contains(line.(string), "$[[") {
			t.Errorf("an input stands in the script: %v", line)
		}
		script.WriteString(line.(string) + "\n")
	}
	if !strings.Contains(script.String(), "check --format gitlab") || !strings.Contains(script.String(), ">"+report) {
		t.Error(script.String())
	}
	data, err := os.ReadFile("../../templates/restow.yml")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`\$\[\[ inputs\.(\w+) \]\]`).FindAllStringSubmatch(string(data), -1)
	for _, m := range used {
		if inputs[m[1]] == nil {
			t.Errorf("%s is no input", m[1])
		}
	}
	if len(used) != len(inputs) {
		t.Errorf("%d inputs, %d used", len(inputs), len(used))
	}
}

// TestPreCommit: the hooks run restow on the files that it would find by itself.
func TestPreCommit(t *testing.T) {
	data, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Name, Entry, Language, Files string }
	if err := yaml.Unmarshal(data, &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 2 || hooks[0].ID != "restow-check" || hooks[1].ID != "restow-fix" || hooks[1].Entry != "restow fix --write" {
		t.Fatalf("%+v", hooks)
	}
	for _, h := range hooks {
		files := regexp.MustCompile(h.Files)
		if h.Language != "golang" || !strings.HasPrefix(h.Entry, "restow ") {
			t.Errorf("%+v", h)
		}
		for name, want := range map[string]bool{
			"Dockerfile": true, "a/Dockerfile.dev": true, "x.dockerfile": true, "b/Containerfile": true, "c/api.Dockerfile": true,
			"Dockerfiles": false, "docs/Dockerfile-notes.md": false, "main.go": false,
		} {
			if files.MatchString(name) != want {
				t.Errorf("%s: %s", h.ID, name)
			}
		}
	}
}
