package install_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

var update = flag.Bool("update", false, "write want of the golden cases anew; read it before it is kept")

// golden is one case: a txtar archive with a comment that says what it shows.
//
//	command      the command line as a RUN has it, and below it, one a line:
//	             "dir /app/sub", "root sub", "at /app", "env NAME=value",
//	             "link NAME TARGET" for a symbolic link of the context,
//	             "listed NAME" for a file of the context that is there, but cannot be read;
//	             without them the whole context lies in /app, where the command runs
//	context/...  the build context
//	want         what the installs of the command line need, in their order
type golden struct {
	archive *txtar.Archive
	line    string
	site    install.Site
	want    string
}

// listed is a context in which some files are there but cannot be read.
type listed struct {
	fstest.MapFS
	names map[string]bool
}

func (l listed) Open(name string) (fs.File, error) {
	if l.names[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("only listed")}
	}
	return l.MapFS.Open(name)
}

func readGolden(t *testing.T, path string) *golden {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(bytes.TrimSpace(archive.Comment)) == 0 {
		t.Errorf("the archive's comment does not say what the case shows")
	}
	g := &golden{archive: archive, site: install.Site{Root: ".", At: "/app"}}
	tree, env := listed{fstest.MapFS{}, map[string]bool{}}, map[string]string{}
	for _, file := range archive.Files {
		name, inContext := strings.CutPrefix(file.Name, "context/")
		switch {
		case inContext:
			tree.MapFS[name] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
		case name == "want":
			g.want = string(file.Data)
		case name == "command":
			head, rest, _ := strings.Cut(string(file.Data), "\n")
			g.line = head
			for line := range strings.Lines(rest) {
				key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
				switch key {
				case "dir":
					g.site.Dir = value
				case "root":
					g.site.Root = value
				case "at":
					g.site.At = value
				case "env":
					name, value, _ := strings.Cut(value, "=")
					env[name] = value
				case "link":
					name, target, _ := strings.Cut(value, " ")
					tree.MapFS[name] = &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
				case "listed":
					tree.MapFS[value] = &fstest.MapFile{Mode: 0o644}
					tree.names[value] = true
				default:
					t.Errorf("command does not know %q", line)
				}
			}
		default:
			t.Errorf("the archive has a file %s, which no case has", name)
		}
	}
	if g.site.Dir == "" {
		g.site.Dir = g.site.At
	}
	g.site.Env = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	if g.site.Tree, err = project.New(tree, "Dockerfile"); err != nil {
		t.Fatal(err)
	}
	return g
}

// describe is what a command line needs, in words.
func describe(s install.Site, line string) (string, error) {
	script, err := shell.Read(line, shell.POSIX)
	if err != nil {
		return "", err
	}
	var out []string
	s.Text = line
	for _, cmd := range script.Commands {
		if n, ok := install.Of(s, cmd, command.Of(cmd)); ok {
			out = append(out, needs(n))
		}
	}
	if len(out) == 0 {
		return "no install\n", nil
	}
	return strings.Join(out, "\n"), nil
}

func needs(n install.Needs) string {
	var out strings.Builder
	for _, part := range []struct {
		name   string
		values []string
	}{
		{"ecosystem", []string{n.Ecosystem}},
		{"reads", n.Reads},
		{"absent", n.Absent},
		{"makes", n.Makes},
		{"fetch", []string{n.Fetch}},
		{"frozen", []string{n.Frozen}},
		{"hazard", []string{n.Hazard}},
		{"source", []string{n.Source}},
	} {
		for _, v := range part.values {
			if v != "" {
				fmt.Fprintf(&out, "%s %s\n", part.name, v)
			}
		}
	}
	return out.String()
}

// TestGolden checks what commands are said to need, case by case.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			g := readGolden(t, path)
			got, err := describe(g.site, g.line)
			if err != nil {
				t.Fatal(err)
			}
			if *update && got != g.want {
				g.update(t, path, got)
				return
			}
			if got != g.want {
				t.Errorf("%s needs\n%s\nand should need\n%s", g.line, got, g.want)
			}
		})
	}
}

func (g *golden) update(t *testing.T, path, want string) {
	t.Helper()
	var files []txtar.File
	for _, f := range g.archive.Files {
		if f.Name != "want" {
			files = append(files, f)
		}
	}
	g.archive.Files = append(files, txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(path, txtar.Format(g.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
