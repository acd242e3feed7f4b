package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
)

// modules looks at packages of a language that come from another stage: the program
// of the new image must find them, and be able to load them.
func (s *swap) modules(stage *dockerfile.Stage) string {
	if s.run.path == "" {
		return ""
	}
	for _, in := range stage.Instructions {
		cmd, ok := in.Command.(*instructions.CopyCommand)
		if !ok || cmd.From == "" {
			continue
		}
		for _, from := range s.behind(in, nil) {
			n := needsOf(s.c, from)
			image, _ := s.c.Facts.Bases.Find(rootOf(from).From.From.BaseName)
			if s.run.image == "python3" && len(n.Python) > 0 {
				if why := s.found(stage, in, cmd); why != "" {
					return why
				}
				if !sameMinor(image.Version(), s.to.Version()) {
					return fmt.Sprintf("line %d: packages of %s are for another Python than %s", s.c.Line(in), image.Short(), s.to.Version())
				}
			}
			for _, of := range languages(n) {
				for _, dep := range of.list {
					known, _ := of.find(dep.Name, s.to.Suite, false)
					for _, p := range known.run {
						if has, _ := s.to.Packages(); !slices.Contains(has, p) {
							return fmt.Sprintf("line %d: %s needs %s, which distroless images lack", s.c.Line(in), dep.Name, p)
						}
					}
					if image.Libc != "glibc" && (dep.Compiled || native(dep.Name)) {
						return fmt.Sprintf("line %d: %s was installed for the C library of %s", s.c.Line(in), dep.Name, image.Short())
					}
				}
			}
		}
	}
	return ""
}

// native tells packages of Python and Node that are not only text.
func native(name string) bool {
	p, ok1 := base.PythonPackage(name)
	n, ok2 := base.NodePackage(name)
	return ok1 && p.Glibc != base.Pure || ok2 && n.Glibc != base.Pure && n.Glibc != base.NoWord
}

func rootOf(stage *dockerfile.Stage) *dockerfile.Stage {
	for stage.Base != nil {
		stage = stage.Base
	}
	return stage
}

// found says why Debian's Python would not find packages: it does not look below
// /usr/local/lib as the one of the official image does, and has no part in a virtual
// environment of that.
func (s *swap) found(stage *dockerfile.Stage, in *dockerfile.Instruction, cmd *instructions.CopyCommand) string {
	dest := path.Clean(cmd.DestPath)
	for _, other := range stage.Instructions {
		env, ok := other.Command.(*instructions.EnvCommand)
		if !ok {
			continue
		}
		for _, kv := range env.Env {
			for at := range strings.SplitSeq(kv.Value, ":") {
				if kv.Key == "PYTHONPATH" && (at == dest || strings.HasPrefix(at, dest+"/")) {
					return ""
				}
			}
		}
	}
	return fmt.Sprintf("line %d: the Python of distroless does not look into %s: install with pip --target, and set PYTHONPATH", s.c.Line(in), cmd.DestPath)
}

// alone looks at a program that another stage has built: nothing but it may be run.
func (s *swap) alone(stage *dockerfile.Stage) string {
	argv, ok := s.command(stage)
	if !ok || len(argv) == 0 {
		return "what the container runs needs a shell"
	}
	from := s.origin(stage, argv[0])
	if from == nil {
		return fmt.Sprintf("%s comes from no stage of the file: what it is linked with is not known", argv[0])
	}
	switch s.linked(from) {
	case "":
		return fmt.Sprintf("nobody says which libraries are linked with %s, which comes from stage %s", argv[0], title(from))
	case "static":
		s.note("linked with nothing, since stage " + title(from) + " is told so")
	}
	return ""
}
