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

// MultiStage cuts a stage that builds and runs in two.
var MultiStage = &rewrite.Pass{
	Name:  "multi-stage",
	Claim: rewrite.NoClaim,
	Run:   multiStage,
	Doc: `Build in one stage, run in another.

A file with one stage leaves the compiler, its packages and all intermediate files
in the image. The stage is cut behind its last step that changes files. What stands
before stays as it is and builds; a new last stage, on the smallest image with what
the program needs, takes over the program and the files that it may read.

What runs is read from CMD, ENTRYPOINT and HEALTHCHECK, through scripts of the
build context and the scripts of package.json. Every command of every RUN has to be
one whose files are known: compilers and build tools of Go, Rust, C and C++, Java
and Node.js, package managers, file commands. Of what was copied, sources and files
for builds and for readers stay behind unless a string of the sources or a script
names them; all the rest is taken over, with owners and modes. A folder of which
not all is known is taken whole.

The last stage has the same ENV, WORKDIR, USER, EXPOSE, LABEL, VOLUME, CMD and so
on in the same order, users are made again, libraries of -dev packages that the
build installs come as their run-time packages, certificates and time zones where
the program may use them. Variables of the compiler's image, such as GOLANG_VERSION,
are gone unless something names them.

The base is of the same distribution and release: distroless static for Go without
cgo where nothing needs a shell, slim or Alpine images else, the JRE for a JDK.

Unsafe: it makes another image. restow fix --verify builds both and compares. It is
refused with the name of what is not known: a command that may write anything, a
program that sources run by a variable, a library without a known package.`,
}

func multiStage(c *rewrite.Context) {
	if len(c.File.Stages) == 0 {
		return
	}
	stage := c.File.Stages[len(c.File.Stages)-1]
	plan, why, at := split.Of(stage, c.Facts.Context)
	if plan == nil && why == "" {
		return
	}
	f := rewrite.Finding{At: stage.From, Also: at, Message: "the image has all that builds it"}
	if plan == nil {
		f.Refused = why
		if at != nil {
			f.Refused = fmt.Sprintf("line %d: %s", c.Line(at), why)
		}
		c.Report(f)
		return
	}
	f.Message = fmt.Sprintf("the image has all that builds %s", strings.Join(plan.Runs, ", "))
	cut := cutting{c: c, stage: stage, plan: plan}
	edits, why := cut.edits()
	if why == "" {
		why = cut.account(edits)
	}
	if why != "" {
		f.Refused = why
	} else {
		f.Fix = &rewrite.Fix{
			Title: fmt.Sprintf("build in a stage of its own, run on %s", plan.Base),
			Why:   plan.Gain,
			Claim: rewrite.NoClaim,
			Edits: edits,
		}
	}
	c.Report(f)
}

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
