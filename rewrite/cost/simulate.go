package cost

import (
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// Step is an instruction that does something, and when it runs again.
type Step struct {
	In *dockerfile.Instruction
	// Own are the commits that touched what the step itself takes of the build
	// context, or that changed a stage it copies from or mounts.
	Own project.Set
	// Reruns are the commits after which it runs again: those of Own, and those
	// after which a step before it does.
	Reruns project.Set
	// After is the first step before it, in its own stage or one that it takes from,
	// that most of its other runs are owed to; nil where there are none.
	After *dockerfile.Instruction
}

// Simulate tells when each step of a file would run again, were it built at each
// commit of the history with the cache of the commit before. It is the rule of
// BuildKit's cache: a step is found there if nothing changed in what it takes and
// all steps before it in its stage, and in the stages that it builds on, were. A
// step of COPY --link is found whatever comes before it.
//
// Three things it cannot know. A stage that comes out the same after it ran again
// is a hit for a COPY --from in BuildKit, and a miss here. What the history does
// not hold never changes: base images, build arguments, what is fetched. And every
// commit meets the Dockerfile as it is now.
//
// The history is that of the build context without what .dockerignore leaves out
// ([project.History.Only]). The steps are RUN, COPY and ADD, in the order of the
// file, those of stages that nobody needs included.
func Simulate(f *dockerfile.File, h *project.History) []Step {
	s := simulation{h: h, ends: map[*dockerfile.Stage]chain{}, refs: map[*dockerfile.Instruction][]*dockerfile.Stage{}}
	for _, r := range f.Refs() {
		if r.Stage != nil && r.In.Command != nil {
			s.refs[r.In] = append(s.refs[r.In], r.Stage)
		}
	}
	for _, stage := range f.Stages {
		s.stage(stage)
	}
	return s.steps
}

type simulation struct {
	h     *project.History
	ends  map[*dockerfile.Stage]chain
	refs  map[*dockerfile.Instruction][]*dockerfile.Stage
	steps []Step
}

// chain is what has changed at a point of a stage.
type chain struct {
	runs  project.Set
	first *dockerfile.Instruction // the step whose own changes are the most of it
	most  int
}

func (s *simulation) stage(stage *dockerfile.Stage) {
	at, ok := s.ends[stage.Base]
	if stage.Base == nil || !ok {
		at = chain{runs: project.NewSet(s.h.Commits())}
	}
	env := vars{env: effect.Start(stage), args: map[string]string{}}
	for _, in := range stage.Instructions {
		if isStep(in) {
			at = s.step(in, at, env)
		}
		env = env.after(in)
	}
	s.ends[stage] = at
}

// step adds a step and gives what has changed behind it.
func (s *simulation) step(in *dockerfile.Instruction, at chain, env vars) chain {
	sources, exclude := taken(in, env)
	own := project.NewSet(s.h.Commits())
	cause, most := in, 0
	if len(sources) > 0 {
		own = s.h.Taken(sources, exclude)
		most = own.Len()
	}
	for _, stage := range s.refs[in] {
		if end, ok := s.ends[stage]; ok {
			own.Join(end.runs)
			if end.most > most {
				cause, most = end.first, end.most
			}
		}
	}
	step := Step{In: in, Own: own, Reruns: own.Clone()}
	if cause != in {
		step.After = cause
	}
	all := at.runs.Clone()
	all.Join(own)
	if !linked(in) {
		step.Reruns = all.Clone()
		if at.most > most {
			step.After = at.first
		}
	}
	s.steps = append(s.steps, step)
	next := chain{all, at.first, at.most}
	if most > at.most {
		next.first, next.most = cause, most
	}
	return next
}

// linked reports whether a step is made on its own: COPY and ADD --link.
func linked(in *dockerfile.Instruction) bool {
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		return c.Link
	case *instructions.AddCommand:
		return c.Link
	}
	return false
}

// taken are the sources of a step in the build context, and the patterns of those
// of them that it leaves out.
func taken(in *dockerfile.Instruction, env vars) (sources, exclude []string) {
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			return nil, nil
		}
		sources, exclude = c.SourcePaths, c.ExcludePatterns
	case *instructions.AddCommand:
		for _, src := range c.SourcePaths {
			if !remote(src) {
				sources = append(sources, src)
			}
		}
		exclude = c.ExcludePatterns
	case *instructions.RunCommand:
		return mounted(in, c, env), nil
	}
	out := make([]string, len(sources))
	for i, src := range sources {
		out[i] = env.expand(src)
	}
	for _, e := range exclude {
		if strings.ContainsAny(e, "$\"'") {
			return out, nil // what it leaves out is not known
		}
	}
	return out, exclude
}

// mounted are the sources of a RUN's bind mounts in the build context. The fields
// of a mount are there only once its variables are expanded, which changes the
// command: it is read anew for that.
func mounted(in *dockerfile.Instruction, c *instructions.RunCommand, env vars) (sources []string) {
	if len(instructions.GetMounts(c)) == 0 {
		return nil
	}
	cmd, err := instructions.ParseInstructionWithLinter(in.Node, linter.New(&linter.Config{}))
	if err != nil {
		return nil
	}
	run, ok := cmd.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	if err := run.Expand(func(word string) (string, error) { return env.expand(word), nil }); err != nil {
		return []string{"."} // a variable decides what is mounted
	}
	for _, m := range instructions.GetMounts(run) {
		if m.Type == instructions.MountTypeBind && m.From == "" {
			sources = append(sources, m.Source)
		}
	}
	return sources
}

// vars are the variables at a point of a stage: build arguments have their
// defaults.
type vars struct {
	env  effect.Env
	args map[string]string
}

func (v vars) after(in *dockerfile.Instruction) vars {
	if c, ok := in.Command.(*instructions.ArgCommand); ok {
		next := map[string]string{}
		for name, value := range v.args {
			next[name] = value
		}
		for _, kv := range c.Args {
			switch {
			case kv.Value != nil:
				next[kv.Key] = v.expand(*kv.Value)
			default:
				delete(next, kv.Key)
				if value, ok := global(in.File, kv.Key); ok {
					next[kv.Key] = value
				}
			}
		}
		v.args = next
	}
	switch in.Command.(type) {
	case *instructions.EnvCommand, *instructions.ArgCommand:
		v.env = v.env.After(in) // no other sets a variable
	}
	return v
}

// global is the default of an ARG before the first FROM.
func global(f *dockerfile.File, name string) (value string, ok bool) {
	for _, in := range f.Instructions {
		c, isArg := in.Command.(*instructions.ArgCommand)
		if in.Stage != nil || !isArg {
			continue
		}
		for _, kv := range c.Args {
			if kv.Key == name && kv.Value != nil {
				value, ok = *kv.Value, !strings.ContainsAny(*kv.Value, `$"'\`)
			}
		}
	}
	return value, ok
}

var variable = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)

// expand is a source with its variables, or the whole context where one is not
// known.
func (v vars) expand(src string) string {
	if !strings.ContainsAny(src, `$"'\`) {
		return src
	}
	unknown := false
	out := variable.ReplaceAllStringFunc(src, func(m string) string {
		name := strings.Trim(m, "${}")
		if value, ok := v.env.Var(name); ok {
			return value
		}
		value, ok := v.args[name]
		unknown = unknown || !ok || strings.ContainsAny(value, `*$`)
		return value
	})
	if len(out) > 1 && (out[0] == '"' || out[0] == '\'') && out[len(out)-1] == out[0] {
		out = out[1 : len(out)-1]
	}
	if unknown || strings.ContainsAny(out, `$"'`) {
		return "."
	}
	return out
}
