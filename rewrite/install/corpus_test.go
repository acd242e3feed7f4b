package install_test

import (
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// place is a folder of the context and where a COPY puts it in the image.
type place struct {
	root, at string
	file     bool // of which a file is copied
}

// scene is what is known of a stage at one of its instructions.
type scene struct {
	dir    string
	copies []place
	env    map[string]string
	shell  []string
}

// after follows WORKDIR, ENV, SHELL and COPY, near enough for a count.
func (s *scene) after(tree *project.Tree, in *dockerfile.Instruction) {
	absolute := func(p string) string {
		if !path.IsAbs(p) {
			p = path.Join(s.dir, p)
		}
		return path.Clean(p)
	}
	copied := func(sources []string, dest string) {
		for _, src := range sources {
			src = strings.TrimPrefix(path.Join("/", src), "/")
			if src == "" {
				src = "."
			}
			file := !tree.IsDir(src)
			if file {
				src = path.Dir(src)
			}
			s.copies = append(s.copies, place{src, absolute(dest), file})
		}
	}
	switch c := in.Command.(type) {
	case *instructions.WorkdirCommand:
		s.dir = absolute(c.Path)
	case *instructions.ShellCommand:
		s.shell = c.Shell
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			s.env[kv.Key] = kv.Value
		}
	case *instructions.CopyCommand:
		if c.From == "" {
			copied(c.SourcePaths, c.DestPath)
		}
	case *instructions.AddCommand:
		copied(c.SourcePaths, c.DestPath)
	}
}

// site is that of a command that runs in dir.
func (s *scene) site(tree *project.Tree, dir string) install.Site {
	out := install.Site{Tree: tree, Root: ".", At: dir, Dir: dir, Env: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok }}
	for _, file := range []bool{true, false} { // a folder that is copied counts before files that are
		for _, c := range slices.Backward(s.copies) {
			if c.file == file && (c.at == dir || c.at == "/" || strings.HasPrefix(dir, c.at+"/")) {
				out.Root, out.At = c.root, c.at
				break
			}
		}
	}
	return out
}

// sceneOf is a stage's begin: that of the stage it builds on.
func sceneOf(tree *project.Tree, stage *dockerfile.Stage) *scene {
	s := &scene{dir: "/", env: map[string]string{}}
	var chain []*dockerfile.Stage
	for b := stage.Base; b != nil; b = b.Base {
		chain = append(chain, b)
	}
	for _, b := range slices.Backward(chain) {
		for _, in := range b.Instructions {
			s.after(tree, in)
		}
	}
	return s
}

// TestCorpusNeeds counts what is known of the installs of real Dockerfiles in
// their real build contexts. That none of them breaks anything, and that each
// path it names is in the context, or is not where that is said, is checked.
func TestCorpusNeeds(t *testing.T) {
	type count struct{ installs, complete int }
	counts, reasons, seen := map[string]*count{}, map[string]int{}, map[string]bool{}
	for _, c := range corpus.Contexts(t) {
		src, err := readFile(c, c.Dockerfile)
		if err != nil {
			continue
		}
		f, err := dockerfile.Parse(c.Dockerfile, src)
		if err != nil {
			continue
		}
		tree, err := project.New(c.FS, c.Dockerfile)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		for _, stage := range f.Stages {
			s := sceneOf(tree, stage)
			for _, in := range stage.Instructions {
				run, ok := in.Command.(*instructions.RunCommand)
				if !ok {
					s.after(tree, in)
					continue
				}
				line := strings.Join(run.CmdLine, " ")
				d, why := shell.DialectOf(s.shell)
				script, err := shell.Read(line, d)
				if err != nil || why != "" {
					continue
				}
				dir := s.dir
				for _, cmd := range script.Commands {
					if cmd.Name() == "cd" && len(cmd.Words) == 2 && cmd.Words[1].Static {
						if dir = cmd.Words[1].Value; !path.IsAbs(dir) {
							dir = path.Join(s.dir, dir)
						}
					}
					site := s.site(tree, dir)
					site.Text = line
					n, ok := install.Of(site, cmd, command.Of(cmd))
					if !ok {
						continue
					}
					for _, p := range n.Reads {
						if !tree.Has(p) {
							t.Errorf("%s: reads %s, which is not there", c.Name, p)
						}
					}
					for _, p := range n.Absent {
						if tree.Has(p) {
							t.Errorf("%s: %s is said to be absent", c.Name, p)
						}
					}
					if counts[n.Ecosystem] == nil {
						counts[n.Ecosystem] = &count{}
					}
					counts[n.Ecosystem].installs++
					text := line[cmd.Lo:cmd.Hi]
					if n.Hazard == "" {
						counts[n.Ecosystem].complete++
					} else {
						reasons[n.Ecosystem+": "+n.Hazard]++
					}
					if key := c.Name + "\x00" + text; !seen[key] {
						seen[key] = true
						t.Logf("%s/%s: %s\n\treads %s\n\tmakes %s\n\tfetch %s\n\tfrozen %s\n\thazard %s", c.Name, c.Dockerfile, text, strings.Join(n.Reads, " "), strings.Join(n.Makes, " "), n.Fetch, n.Frozen, n.Hazard)
					}
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%s: %d installs, %d with complete needs", name, counts[name].installs, counts[name].complete)
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%d × %s", reasons[why], why)
	}
	if len(counts) < 5 {
		t.Errorf("installs of %d ecosystems were found", len(counts))
	}
}

func readFile(c corpus.Context, name string) ([]byte, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
