package install_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// TestBounds: contexts that are made to take long come to an end with a reason.
func TestBounds(t *testing.T) {
	files := func(of map[string]string) fstest.MapFS {
		tree := fstest.MapFS{}
		for name, data := range of {
			tree[name] = &fstest.MapFile{Data: []byte(data)}
		}
		return tree
	}
	many := map[string]string{"package.json": `{"workspaces": ["**"]}`, "package-lock.json": "{}"}
	for i := range maxTestMembers {
		many[fmt.Sprintf("p%d/package.json", i)] = "{}"
	}
	for name, tt := range map[string]struct {
		line string
		tree fstest.MapFS
		want string
	}{
		"installs that run each other": {"npm ci", files(map[string]string{
			"package.json": `{"scripts": {"postinstall": "` + strings.Repeat("npm i; ", 5000) + `"}}`,
		}), "installs again"},
		"deep JSON":         {"npm ci", files(map[string]string{"package.json": strings.Repeat(`{"a":`, 100_000)}), "is no JSON object"},
		"deep overrides":    {"npm ci", files(map[string]string{"package.json": `{"overrides": ` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000) + "}"}), ""},
		"many members":      {"npm ci", files(many), "members"},
		"many patterns":     {"npm ci", files(map[string]string{"package.json": `{"workspaces": [` + strings.Repeat(`"a/*",`, 300) + `"b"]}`}), "patterns"},
		"a long script":     {"npm ci", files(map[string]string{"package.json": `{"scripts": {"prepare": "` + strings.Repeat("x", 1<<20) + `"}}`}), "cannot be read"},
		"a long name":       {"npm ci", files(map[string]string{"package.json": `{"scripts": {"prepare": "` + strings.Repeat("x", 1<<10) + `"}}`}), "…"},
		"aliases that grow": {"pnpm install", files(map[string]string{"package.json": "{}", "pnpm-workspace.yaml": yamlBomb()}), "is not understood"},
		"Gemfiles in circles": {"bundle install", files(map[string]string{
			"Gemfile": `eval_gemfile "a.rb"`, "a.rb": `eval_gemfile "Gemfile"`,
		}), ""},
		"configuration in circles": {"mix deps.get", files(map[string]string{
			"mix.exs": "", "config/config.exs": `import_config "#{env}.exs"`,
		}), ""},
	} {
		tree, err := project.New(tt.tree, "")
		if err != nil {
			t.Fatal(err)
		}
		script, err := shell.Read(tt.line, shell.POSIX)
		if err != nil {
			t.Fatal(err)
		}
		cmd := script.Commands[0]
		n, ok := install.Of(install.Site{Tree: tree, Root: ".", At: "/app", Dir: "/app"}, cmd, command.Of(cmd))
		if !ok || !strings.Contains(n.Hazard, tt.want) || (tt.want == "") != (n.Hazard == "") || len(n.Hazard) > 400 {
			t.Errorf("%s: %v, %q", name, ok, n.Hazard)
		}
	}
}

// maxTestMembers are more folders than a workspace may have members.
const maxTestMembers = 2500

func yamlBomb() string {
	var out strings.Builder
	out.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&out, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return out.String()
}
