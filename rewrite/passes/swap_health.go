package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// npmScript is what npm start and its like run, where that is one command; empty
// where it is more.
func (s *swap) npmScript(stage *dockerfile.Stage, words []string) (out []string, ok bool) {
	name := ""
	switch {
	case len(words) == 2 && words[1] != "run":
		name = words[1]
	case len(words) == 3 && words[1] == "run":
		name = words[2]
	default:
		return nil, false
	}
	text, ok := needsFile(s.c).NodeScript(stage, name)
	if !ok {
		return nil, false
	}
	out, _ = shell.Fields(text, shell.POSIX)
	return out, true
}

// health writes HEALTHCHECK in exec form.
func (s *swap) health(stage *dockerfile.Stage, st starting) string {
	if st.health == nil || st.health.Stage != stage {
		return ""
	}
	check := st.health.Command.(*instructions.HealthCheckCommand).Health
	if check == nil || len(check.Test) < 2 {
		return "" // NONE
	}
	line := s.c.Line(st.health)
	words := check.Test[1:]
	if check.Test[0] == "CMD-SHELL" {
		text := strings.TrimSpace(check.Test[1])
		if cut, ok := strings.CutSuffix(text, "|| exit 1"); ok {
			text = strings.TrimSpace(cut) // any failure is one to Docker
		}
		var why string
		if words, why = plainLine(text, st.argv); why != "" {
			return fmt.Sprintf("line %d: HEALTHCHECK needs a shell: %s", line, why)
		}
	}
	switch {
	case s.run.path != "" && slices.Contains(s.run.programs, words[0]):
		words = append([]string{s.run.path}, words[1:]...)
	case s.run.path == "" && s.origin(stage, words[0]) != nil && s.linked(s.origin(stage, words[0])) != "":
	default:
		return fmt.Sprintf("line %d: HEALTHCHECK runs %s, which distroless images lack", line, words[0])
	}
	if text := "CMD " + array(words); text != st.health.Args().S {
		edit, ok := st.health.Replace(st.health.Args(), text)
		if !ok {
			return fmt.Sprintf("line %d: a line continuation cuts it", line)
		}
		s.edits = append(s.edits, edit)
	}
	return ""
}
