package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/split"
)

// cutting writes a plan into the file.
type cutting struct {
	c     *rewrite.Context
	stage *dockerfile.Stage
	plan  *split.Plan
	eol   string
	lines []string
}

// edits name the build, take away from it what only the image needs, and put the
// last stage's beginning behind it; what follows belongs to the last stage as it is.
func (s *cutting) edits() ([]dockerfile.Edit, string) {
	s.eol = s.stage.From.File.EOL(s.stage.From.Lines.Start)
	name, why := s.name()
	if why != "" {
		return nil, why
	}
	from := matchCase("FROM", s.stage.From.Node.Value) + " " + s.plan.Base
	as := matchCase("AS", s.stage.From.Node.Value)
	var edits []dockerfile.Edit
	fields := s.stage.From.Fields()
	if s.stage.Name != "" {
		last := fields[len(fields)-1]
		edit, ok := s.stage.From.Replace(last, name)
		if !ok {
			return nil, "the stage's name has no place of its own"
		}
		edits = append(edits, edit)
		from += " " + as + " " + last.S
	} else {
		span, ok := s.stage.From.Span(fields[len(fields)-1])
		if !ok {
			return nil, "the image's name has no place of its own"
		}
		edits = append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: span.End, End: span.End}, New: " " + as + " " + name})
	}
	s.line(from)
	if gone, why := s.begin(name); why != "" {
		return nil, why
	} else {
		edits = append(edits, gone...)
	}
	end := s.plan.Cut.Lines.End
	text := s.eol + strings.Join(s.lines, s.eol) + s.eol
	if src := s.stage.From.File.Src; end > 0 && src[end-1] != '\n' {
		text = s.eol + strings.TrimSuffix(text, s.eol)
	}
	return append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: end, End: end}, New: text}), ""
}

// account reads what would be written, and says what the last stage would lack; "" for
// nothing.
func (s *cutting) account(edits []dockerfile.Edit) string {
	src, err := dockerfile.Apply(s.stage.From.File.Src, edits)
	if err != nil {
		return err.Error()
	}
	after, err := dockerfile.Parse(s.stage.From.File.Name, src)
	if err != nil {
		return err.Error()
	}
	if missing := s.plan.Missing(s.stage, after.Stages[len(after.Stages)-1]); len(missing) > 0 {
		return "the last stage would lack " + names(missing)
	}
	return ""
}

func (s *cutting) line(text string) { s.lines = append(s.lines, text) }

// name is a name for the build that no stage has and no COPY speaks of.
func (s *cutting) name() (string, string) {
	for _, name := range []string{"build", "builder", "compile"} {
		taken := slices.ContainsFunc(s.c.File.Stages, func(other *dockerfile.Stage) bool { return other.Name == name }) ||
			slices.ContainsFunc(s.c.File.Refs(), func(r dockerfile.Ref) bool { return strings.EqualFold(r.Name, name) })
		if !taken {
			return name, ""
		}
	}
	return "", "the names build, builder and compile are taken"
}

// begin writes the last stage up to the cut, and takes out of the build what only
// stands there for the image.
func (s *cutting) begin(name string) (gone []dockerfile.Edit, why string) {
	if len(s.plan.Env) > 0 {
		var all []string
		for _, kv := range s.plan.Env {
			k, v, _ := strings.Cut(kv, "=")
			all = append(all, fmt.Sprintf("%s=%q", k, v))
		}
		s.line("ENV " + strings.Join(all, " "))
	}
	if len(s.plan.Packages) > 0 {
		s.line("RUN " + s.install())
	}
	if s.plan.Workdir != "" {
		s.line("WORKDIR " + s.plan.Workdir)
	}
	done := false
	for _, in := range s.stage.Instructions {
		if in.Index > s.plan.Cut.Index {
			break
		}
		switch cmd := in.Command.(type) {
		case *instructions.RunCommand:
			if text := s.plan.Before[in]; text != "" {
				if done {
					return nil, "users are made behind USER"
				}
				s.line("RUN " + text)
			}
		case *instructions.CopyCommand, *instructions.AddCommand:
		case *instructions.ArgCommand:
			if slices.ContainsFunc(cmd.Args, func(a instructions.KeyValuePairOptional) bool { return s.plan.Args[a.Key] }) {
				s.same(in)
			}
		case *instructions.UserCommand:
			if s.plan.Early && !done {
				s.take(name)
				done = true
			}
			s.same(in)
		case *instructions.EnvCommand, *instructions.WorkdirCommand, *instructions.ShellCommand:
			s.same(in)
		default:
			edits, ok := in.Delete()
			if !ok {
				return nil, fmt.Sprintf("a comment stands within line %d, or a comment would become a parser directive", s.c.Line(in))
			}
			for _, comment := range in.Leading {
				edits = append(edits, dockerfile.Edit{Span: comment})
				s.line(strings.TrimRight(string(in.File.Bytes(comment)), "\r\n"))
			}
			gone = append(gone, edits...)
			s.same(in)
		}
	}
	if !done {
		s.take(name)
	}
	return gone, ""
}

// same says an instruction again as it stands, with its comments inside.
func (s *cutting) same(in *dockerfile.Instruction) {
	s.line(strings.TrimRight(string(in.File.Bytes(in.Lines)), "\r\n"))
}

// take writes the copies, and what is said again behind them.
func (s *cutting) take(name string) {
	for _, c := range s.plan.Copies {
		s.line("COPY --from=" + name + " " + strings.Join(append(slices.Clone(c.Paths), c.To), " "))
	}
	if len(s.plan.After) > 0 {
		s.line("RUN " + strings.Join(s.plan.After, " && "))
	}
}

// install is the command that installs the packages.
func (s *cutting) install() string {
	list := strings.Join(s.plan.Packages, " ")
	if s.plan.Manager == "apk" {
		return "apk add --no-cache " + list
	}
	flag := "--no-install-recommends "
	if s.plan.Recommended {
		flag = ""
	}
	return "apt-get update && apt-get install -y " + flag + list + " && rm -rf /var/lib/apt/lists/*"
}
