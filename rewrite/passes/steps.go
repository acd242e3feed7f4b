package passes

import (
	"path"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
)

// placed is an instruction with what stands before it and what it does there.
type placed struct {
	in  *dockerfile.Instruction
	env effect.Env
	effect.Step
}

// ofStage is the key of a stage's steps: they depend on the context, which a fix
// may change.
type ofStage struct {
	stage *dockerfile.Stage
	tree  *project.Tree
}

// stepsOf are the instructions of a stage, with programs taken at their word.
func stepsOf(c *rewrite.Context, stage *dockerfile.Stage) []placed {
	return rewrite.Memo(c, ofStage{stage, c.Facts.Context}, func() []placed {
		out := make([]placed, 0, len(stage.Instructions))
		for _, p := range effect.Walk(stage, c.Facts.Context) {
			out = append(out, placed{p.In, p.Env, p.Step})
		}
		return out
	})
}

// sources is what a COPY takes from a folder of the build context: that folder, and
// where its content goes. It is false for other copies.
func (p placed) sources(tree *project.Tree) (root, at string, ok bool) {
	copies, isCopy := p.in.Command.(*instructions.CopyCommand)
	if !isCopy || !p.Known || len(copies.SourcePaths) != 1 {
		return "", "", false
	}
	root = path.Clean("." + path.Join("/", copies.SourcePaths[0]))
	if !tree.IsDir(root) {
		return "", "", false
	}
	at = copies.DestPath
	if !path.IsAbs(at) {
		dir, known := p.env.Workdir()
		if !known {
			return "", "", false
		}
		at = path.Join(dir, at)
	}
	return root, path.Clean(at), true
}

// installing is a command that installs, and what it needs.
type installing struct {
	meant
	install.Needs
}

// installs are the commands of a script that install, with what each needs of a
// folder of the build context that lies at a folder of the image. It is false where
// the folder that one of them runs in is not known.
func (s *script) installs(p placed, tree *project.Tree, root, at string) (out []installing, ok bool) {
	dir, known := p.env.Workdir()
	for _, m := range s.meanings() {
		if m.Name() == "cd" {
			to := m.value(1)
			if to == "" || !m.always() || m.In != 0 {
				known = false
				continue
			}
			if !path.IsAbs(to) {
				to = path.Join(dir, to)
			}
			dir = path.Clean(to)
			continue
		}
		site := install.Site{Tree: tree, Root: root, At: at, Dir: dir, Env: p.env.Var, Text: s.Text}
		if !within(dir, at) {
			site.Tree = nil
		}
		n, found := install.Of(site, m.Simple, command.Of(m.Simple))
		switch {
		case !found:
		case !known || !m.always() || !within(dir, at):
			ok = false
			return nil, false
		default:
			out = append(out, installing{m, n})
		}
	}
	return out, true
}

// within reports whether a folder is another one or lies in it.
func within(dir, at string) bool {
	return dir == at || at == "/" || len(dir) > len(at) && dir[:len(at)] == at && dir[len(at)] == '/'
}
