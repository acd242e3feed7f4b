package install_test

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// FuzzOf gives installs a context of any content: a txtar archive of files. The
// seeds are the golden cases. Nothing panics, what is read is there and what is
// absent is not, all paths are those of the context, and asking again gives the
// same.
func FuzzOf(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("there are no cases", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		line, tree := "", &txtar.Archive{}
		for _, x := range archive.Files {
			if name, ok := strings.CutPrefix(x.Name, "context/"); ok {
				tree.Files = append(tree.Files, txtar.File{Name: name, Data: x.Data})
			}
			if x.Name == "command" {
				line, _, _ = strings.Cut(string(x.Data), "\n")
			}
		}
		f.Add(line, txtar.Format(tree))
	}
	f.Fuzz(func(t *testing.T, line string, data []byte) {
		tree := fstest.MapFS{}
		for _, x := range txtar.Parse(data).Files {
			if fs.ValidPath(x.Name) && x.Name != "." && len(tree) < 100 {
				tree[x.Name] = &fstest.MapFile{Data: x.Data, Mode: 0o644}
			}
		}
		for name := range tree {
			for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
				if tree[dir] != nil {
					return // a file that is a folder too
				}
			}
		}
		context, err := project.New(tree, "Dockerfile")
		if err != nil {
			return
		}
		script, err := shell.Read(line, shell.POSIX)
		if err != nil {
			return
		}
		for _, cmd := range script.Commands {
			s := install.Site{Tree: context, Root: ".", At: "/app", Dir: "/app", Text: line}
			n, ok := install.Of(s, cmd, command.Of(cmd))
			if !ok {
				continue
			}
			again, _ := install.Of(s, cmd, command.Of(cmd))
			if fmt.Sprint(again) != fmt.Sprint(n) {
				t.Errorf("twice:\n%v\n%v", n, again)
			}
			for _, list := range [][]string{n.Reads, n.Absent, n.Makes} {
				if !slices.IsSorted(list) {
					t.Errorf("not sorted: %q", list)
				}
				for _, p := range list {
					if p != path.Clean(p) || path.IsAbs(p) || strings.HasPrefix(p, "../") {
						t.Errorf("%q is no path of the context", p)
					}
				}
			}
			for _, p := range n.Reads {
				if !context.Has(p) {
					t.Errorf("%q is read and not there", p)
				}
			}
			for _, p := range n.Absent {
				if context.Has(p) {
					t.Errorf("%q is there", p)
				}
			}
		}
	})
}
