package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// starting is what a stage has set for its container.
type starting struct {
	entrypoint, cmd, health *dockerfile.Instruction
	argv                    []string // the shell of the shell form
}

func startingOf(stage *dockerfile.Stage) (out starting) {
	if stage == nil {
		return out
	}
	out = startingOf(stage.Base)
	for _, in := range stage.Instructions {
		switch c := in.Command.(type) {
		case *instructions.ShellCommand:
			out.argv = c.Shell
		case *instructions.CmdCommand:
			out.cmd = in
		case *instructions.EntrypointCommand:
			out.entrypoint = in
			if out.cmd != nil && out.cmd.Stage != stage {
				out.cmd = nil // an ENTRYPOINT resets the CMD of the image it is built on
			}
		case *instructions.HealthCheckCommand:
			out.health = in
		}
	}
	return out
}

// wordsOf are the words of CMD or ENTRYPOINT: those of the shell form only where a
// shell does nothing but split them.
func wordsOf(in *dockerfile.Instruction, argv []string) (words []string, why string) {
	var line instructions.ShellDependantCmdLine
	switch c := in.Command.(type) {
	case *instructions.CmdCommand:
		line = c.ShellDependantCmdLine
	case *instructions.EntrypointCommand:
		line = c.ShellDependantCmdLine
	}
	if !line.PrependShell {
		return line.CmdLine, ""
	}
	// exec gives the shell's process away, of which there is none then.
	return plainLine(strings.TrimPrefix(strings.Join(line.CmdLine, " "), "exec "), argv)
}

func plainLine(text string, argv []string) ([]string, string) {
	d, why := shell.DialectOf(argv)
	if why != "" {
		return nil, why
	}
	return shell.Fields(text, d)
}

// command is what the container of a stage runs, as one list.
func (s *swap) command(stage *dockerfile.Stage) (argv []string, ok bool) {
	st := startingOf(stage)
	if st.entrypoint != nil {
		words, why := wordsOf(st.entrypoint, st.argv)
		if why != "" {
			return nil, false
		}
		argv = words
	}
	if st.cmd != nil {
		words, why := wordsOf(st.cmd, st.argv)
		if why != "" {
			return nil, false
		}
		argv = append(slices.Clone(argv), words...)
	}
	return argv, true
}

// passing are ENTRYPOINTs of images that run the words of CMD as they are.
var passing = wordSet("docker-entrypoint.sh /__cacert_entrypoint.sh")

// starts writes ENTRYPOINT, CMD and HEALTHCHECK for an image without a shell, whose
// ENTRYPOINT is its program.
func (s *swap) starts(stage *dockerfile.Stage) string {
	st := startingOf(stage)
	if why := s.health(stage, st); why != "" {
		return why
	}
	for _, in := range []*dockerfile.Instruction{st.entrypoint, st.cmd} {
		if in == nil || in.Stage != stage {
			continue
		}
		words, why := wordsOf(in, st.argv)
		if why == "" && in == st.entrypoint && st.cmd != nil && !in.JSON() {
			why = "a shell leaves CMD out"
		}
		if why != "" {
			return fmt.Sprintf("line %d needs a shell: %s", s.c.Line(in), why)
		}
		if len(words) == 0 || in == st.cmd && st.entrypoint != nil {
			if in == st.cmd && !in.JSON() {
				return fmt.Sprintf("line %d: CMD in shell form beside an ENTRYPOINT", s.c.Line(in))
			}
			continue // words for the ENTRYPOINT
		}
		if why := s.rewrite(stage, in, words, in == st.cmd); why != "" {
			return why
		}
	}
	config, _ := s.from.Config()
	if config != nil && len(config.Entrypoint) > 0 && st.entrypoint == nil && !passing[config.Entrypoint[0]] {
		return fmt.Sprintf("the ENTRYPOINT of %s does more than to run CMD", s.from.Short())
	}
	return ""
}

// rewrite writes what a container runs for the new image.
func (s *swap) rewrite(stage *dockerfile.Stage, in *dockerfile.Instruction, words []string, asCmd bool) string {
	keyword := ""
	if s.run.path != "" {
		if at := path.Base(words[0]); at == "npm" || at == "yarn" || at == "pnpm" {
			script, ok := s.npmScript(stage, words)
			if !ok {
				return fmt.Sprintf("line %d runs %s, which distroless images lack", s.c.Line(in), at)
			}
			if words, ok = script, len(script) > 0; !ok {
				return fmt.Sprintf("line %d runs a script of package.json that needs a shell", s.c.Line(in))
			}
		}
		if !slices.Contains(s.run.programs, words[0]) {
			return fmt.Sprintf("line %d runs %s, which %s does not have", s.c.Line(in), words[0], shortOf(s.to))
		}
		jar := slices.Index(words, "-jar")
		switch {
		case !asCmd && s.run.image[0] == 'j', asCmd && len(s.run.entry) > 0 && jar < 0:
			keyword = "ENTRYPOINT" // which takes the place of the image's own
		case !asCmd:
			words = append([]string{s.run.path}, words[1:]...)
		case len(s.run.entry) > 0:
			words = slices.Delete(slices.Clone(words), jar, jar+1)[1:]
		default:
			words = words[1:]
		}
	}
	if len(words) == 0 {
		return fmt.Sprintf("line %d waits for commands of a person", s.c.Line(in))
	}
	text := array(words)
	if in.Args().S != text {
		edit, ok := in.Replace(in.Args(), text)
		if !ok {
			return fmt.Sprintf("line %d: a line continuation cuts it", s.c.Line(in))
		}
		s.edits = append(s.edits, edit)
	}
	if keyword != "" && !in.Is(keyword) {
		edit, ok := in.Replace(in.Keyword(), keyword)
		if !ok {
			return fmt.Sprintf("line %d: a line continuation cuts it", s.c.Line(in))
		}
		s.edits = append(s.edits, edit)
	}
	return ""
}
