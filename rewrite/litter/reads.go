package litter

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// Reader is a Dockerfile with what it takes of its context.
type Reader struct {
	f       *dockerfile.File
	sources []effect.Source
	text    []string                  // of each instruction
	spoken  map[string]map[int]string // see mentions
	tools   map[string]string         // what the build's own files say, by the entry's name
}

// Read reads a Dockerfile.
func Read(f *dockerfile.File) *Reader {
	r := &Reader{f: f, sources: effect.Sources(f), spoken: map[string]map[int]string{}, tools: map[string]string{}}
	for _, in := range f.Instructions {
		r.text = append(r.text, text(in))
	}
	return r
}

// Copies reports whether the Dockerfile takes anything of its context.
func (r *Reader) Copies() bool { return len(r.sources) > 0 }

// Takes is the first instruction that takes an entry along with a folder it names,
// and that folder as the file has it; nil where none does. A mount, which leaves
// nothing in the image, is named only where no COPY or ADD takes it.
func (r *Reader) Takes(e *Entry) (*dockerfile.Instruction, string) {
	all := r.taking(e.Path)
	if len(all) == 0 {
		return nil, ""
	}
	i := max(0, slices.IndexFunc(all, func(s effect.Source) bool { return !isRun(s.In) }))
	return all[i].In, all[i].Path
}

func (r *Reader) taking(name string) (out []effect.Source) {
	for _, s := range r.sources {
		if s.Known && project.Covers(s.Path, name) && !leavesOut(s.In, name) {
			out = append(out, s)
		}
	}
	return out
}

// leavesOut reports whether COPY --exclude= or ADD --exclude= speaks of a name.
func leavesOut(in *dockerfile.Instruction, name string) bool {
	var patterns []string
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		patterns = c.ExcludePatterns
	case *instructions.AddCommand:
		patterns = c.ExcludePatterns
	}
	return slices.ContainsFunc(patterns, func(p string) bool {
		return matches([]string{p}, name) || matches([]string{path.Base(p)}, path.Base(name))
	})
}

// Needs is why the Dockerfile, with the context t, may need an entry there, ""
// where it does not: something in it names the entry, or reads it without naming
// it, or nothing makes it anew. What a COPY names is for the engine to see.
func (r *Reader) Needs(e *Entry, t *project.Tree) string {
	sources := r.taking(e.Path)
	if len(sources) == 0 {
		return ""
	}
	if e.rule != nil && e.rule.made != nil {
		return r.unmade(e, sources)
	}
	said := r.mentions(e)
	for i, in := range r.f.Instructions {
		if word := said[i]; word != "" {
			return fmt.Sprintf("%s names %s", r.f.Place(in.Lines.Start), word)
		}
		if tool := e.readUnnamed(r.text[i]); tool != "" && isRun(in) {
			return fmt.Sprintf("%s runs %s", r.f.Place(in.Lines.Start), tool)
		}
	}
	key := path.Base(e.Path)
	if e.Group == History {
		key = ""
	}
	why, asked := r.tools[key]
	switch {
	case asked:
	case e.Group == History:
		why = r.readsHistory(t)
	default:
		why = e.namedInTools(t)
	}
	r.tools[key] = why
	return why
}

// mentions are the words of instructions that name an entry, by the instructions'
// indexes: the same for all entries of a name.
func (r *Reader) mentions(e *Entry) map[int]string {
	base := path.Base(e.Path)
	said, asked := r.spoken[base]
	if !asked {
		said = map[int]string{}
		for i, text := range r.text {
			if word, ok := e.mentioned(text); ok {
				said[i] = word
			}
		}
		r.spoken[base] = said
	}
	return said
}

// unmade is why the Dockerfile may need what the context has of dependencies or
// outputs: a stage takes it and does not make it, or reads it before that.
func (r *Reader) unmade(e *Entry, sources []effect.Source) string {
	made := slices.IndexFunc(r.f.Instructions, func(in *dockerfile.Instruction) bool { return r.makes(in, e.rule.made) })
	said := r.mentions(e)
	for i, in := range r.f.Instructions {
		if !isRun(in) || made >= 0 && i > made {
			continue
		}
		word := said[i]
		if word != "" && i == made {
			word, _ = e.mentioned(r.text[i][:e.rule.made.FindStringIndex(r.text[i])[0]])
		}
		if word != "" {
			return fmt.Sprintf("%s names %s before anything makes it", r.f.Place(in.Lines.Start), word)
		}
	}
	if named := e.rule.named; named != nil && !slices.ContainsFunc(r.f.Instructions, func(in *dockerfile.Instruction) bool { return r.makes(in, named) }) {
		for i, in := range r.f.Instructions {
			if word := said[i]; word != "" {
				return fmt.Sprintf("%s names %s, and nothing makes it", r.f.Place(in.Lines.Start), word)
			}
		}
	}
	for _, s := range sources {
		if !r.madeIn(e, s.In.Stage) {
			return fmt.Sprintf("%s takes it along, and nothing in the stage makes it anew", r.f.Place(s.In.Lines.Start))
		}
	}
	return ""
}

func (r *Reader) makes(in *dockerfile.Instruction, command *regexp.Regexp) bool {
	return isRun(in) && command.MatchString(r.text[in.Index])
}

// madeIn reports whether a stage, or one it builds on, makes the entry or copies
// what another stage has of that name.
func (r *Reader) madeIn(e *Entry, stage *dockerfile.Stage) bool {
	for s := stage; s != nil; s = s.Base {
		for _, in := range s.Instructions {
			if r.makes(in, e.rule.made) {
				return true
			}
			c, ok := in.Command.(*instructions.CopyCommand)
			if ok && c.From != "" && slices.ContainsFunc(append([]string{c.DestPath}, c.SourcePaths...), func(p string) bool {
				return slices.Contains(strings.Split(p, "/"), path.Base(e.Path))
			}) {
				return true
			}
		}
	}
	return false
}

func isRun(in *dockerfile.Instruction) bool {
	_, ok := in.Command.(*instructions.RunCommand)
	return ok && in.Stage != nil
}

// text is what an instruction runs or sets for what runs, a word of its exec form
// like one of its script; "" for the others.
func text(in *dockerfile.Instruction) string {
	var words []string
	switch c := in.Command.(type) {
	case *instructions.RunCommand:
		words = c.CmdLine
		for _, doc := range c.Files {
			words = append(slices.Clone(words), "\n"+doc.Data)
		}
	case *instructions.CmdCommand:
		words = c.CmdLine
	case *instructions.EntrypointCommand:
		words = c.CmdLine
	case *instructions.HealthCheckCommand:
		if c.Health != nil {
			words = c.Health.Test
		}
	case *instructions.OnbuildCommand:
		words = []string{c.Expression}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			words = append(words, kv.Value)
		}
	}
	return strings.Join(words, " ")
}

var (
	words = regexp.MustCompile("[^\\s\"'`;|&()<>=,{}:$@\\\\]+")
	// removes is a command that may name what is not there.
	removes = regexp.MustCompile(`(?:^|[;&|(\n])\s*rm\s+-[a-zA-Z]*f[^;&|\n]*$`)
	// system are folders of an image in which nothing of a context stands.
	system = regexp.MustCompile(`^/(?:usr/(?:bin|sbin|lib|local/bin|local/lib|share)|s?bin|lib(?:64)?|etc|var|proc|sys|dev)(?:/|$)`)
)

// mentioned finds the first word of a text that has the entry's name as a part of
// a path, or a pattern that the name matches.
func (e *Entry) mentioned(text string) (string, bool) {
	base := path.Base(e.Path)
	for _, at := range words.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		if system.MatchString(word) || removes.MatchString(text[:at[0]]) {
			continue
		}
		for part := range strings.SplitSeq(word, "/") {
			if part == base || strings.Trim(part, "*") != "" && strings.ContainsAny(part, "*?[") && matches([]string{part}, base) {
				return word, true
			}
		}
	}
	return "", false
}
