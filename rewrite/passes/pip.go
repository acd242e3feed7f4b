package passes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// PipNoCache lets pip keep no downloads in the image.
var PipNoCache = &rewrite.Pass{
	Name:     "pip-no-cache",
	Hadolint: []string{"DL3042"},
	Claim:    rewrite.NoClaim,
	Run:      pipNoCache,
	Doc: `Add --no-cache-dir to pip install.

pip keeps what it downloads, and the wheels that it builds, in ~/.cache/pip for
the next call, which in an image seldom comes.

Unsafe, since the files of the image change: the cache is not among them. Wheels
are still built where a package comes as source, only not kept; a later RUN that
installs the same package downloads and builds it again.

Refused: a cache that a later command needs, such as chown or an rm without -f,
or that COPY --from= or a mount takes from the stage. Nothing is said of a RUN with a
cache mount for it, of one that empties the cache behind it, where
PIP_NO_CACHE_DIR, PIP_CACHE_DIR or pip's configuration speak of the cache, nor of
stages whose files are only copied from.`,
}

func pipNoCache(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps what this would take out
	}
	shipped := shippedStages(c)
	settled := sync.OnceValue(func() map[*dockerfile.Instruction]bool { return pipSettled(c.File) })
	all := scripts(c)
	for _, s := range all {
		if !slices.Contains(s.managers, "pip") || !shipped[s.stage] || settled()[s.in] || pipSpeaks(s.Text) || cacheMounted(s.in, ".cache/pip") {
			continue
		}
		cmds := s.meanings()
		for i, m := range cmds {
			in, from := unwrapped(m)
			if strings.TrimRight(in.Program, "0123456789.") != "pip" || in.Verb != "install" {
				continue
			}
			if in.Has("--no-cache-dir") || in.Has("--no-cache") || in.Has("--cache-dir") || in.Has("--dry-run") || slices.ContainsFunc(cmds[i+1:], s.pipEmpties) {
				continue
			}
			s.reportPip(c, m, in, from, pipNeeded(c, s, all))
		}
	}
}

func (s *script) reportPip(c *rewrite.Context, m meant, in command.Meaning, from int, needed *dockerfile.Instruction) {
	f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: "pip install keeps its downloads in the image"}
	edit, ok := s.behindVerb(m, in, from, " --no-cache-dir")
	switch {
	case needed != nil:
		f.Also, f.Refused = needed, fmt.Sprintf("line %d needs the cache", c.Line(needed))
	case !ok:
		f.Refused = "a line continuation cuts its words"
	default:
		f.Fix = &rewrite.Fix{
			Title: "add --no-cache-dir", Why: "pip's cache is of no use in an image",
			Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
		}
	}
	c.Report(f)
}

// pipEmpties reports whether a command removes pip's cache.
func (s *script) pipEmpties(m meant) bool {
	in, _ := unwrapped(m)
	if in.Manager == "pip" {
		return in.Verb == "clean"
	}
	return in.Program == "rm" && slices.ContainsFunc(m.Words, func(w shell.Word) bool {
		text := s.Text[w.Lo:w.Hi]
		return strings.Contains(text, ".cache") || text == "/root" || text == "/root/*"
	})
}

// pipCache finds words that name pip's cache or the folder around it.
var pipCache = regexp.MustCompile(`\.cache(/\*?|/pip\b.*)?["']?$`)

// pipNeeded is an instruction behind a script, or one of another stage, that fails
// or comes to something else where there is no cache.
func pipNeeded(c *rewrite.Context, s *script, all []*script) *dockerfile.Instruction {
	for _, r := range c.File.Refs() {
		cp, ok := r.In.Command.(*instructions.CopyCommand)
		if ok && buildsOn(r.Stage, s.stage) && slices.ContainsFunc(cp.SourcePaths, pipCache.MatchString) {
			return r.In
		}
	}
	for _, in := range c.File.Instructions {
		for _, m := range mountsOf(in) {
			if m.from != "" && pipCache.MatchString(m.source) && buildsOn(c.File.StageByName(m.from), s.stage) {
				return in
			}
		}
	}
	for _, later := range all {
		if later.in.Index <= s.in.Index || !buildsOn(later.stage, s.stage) {
			continue
		}
		for _, m := range later.meanings() {
			in, _ := unwrapped(m)
			if in.Program == "rm" && in.Has("-f") || in.Program == "mkdir" || in.Program == "echo" {
				continue
			}
			if slices.ContainsFunc(m.Words, func(w shell.Word) bool { return pipCache.MatchString(later.Text[w.Lo:w.Hi]) }) {
				return later.in
			}
		}
	}
	return nil
}

// pipSpeaks reports whether a text decides about pip's cache.
func pipSpeaks(text string) bool {
	if strings.Contains(text, "PIP_NO_CACHE_DIR") || strings.Contains(text, "PIP_CACHE_DIR") {
		return true
	}
	return strings.Contains(text, "no-cache-dir") && (strings.Contains(text, "pip.conf") || strings.Contains(text, "config set"))
}

// pipSettled are the instructions for which one before them, of their stage or of
// those it stands on, decides about pip's cache. What the base image's own config
// sets is not seen.
func pipSettled(f *dockerfile.File) map[*dockerfile.Instruction]bool {
	out, ends := map[*dockerfile.Instruction]bool{}, map[*dockerfile.Stage]bool{}
	for _, s := range f.Stages {
		on := ends[s.Base]
		for _, in := range s.Instructions {
			out[in] = on
			switch in.Command.(type) {
			case *instructions.EnvCommand, *instructions.ArgCommand, *instructions.RunCommand:
				on = on || pipSpeaks(in.Text.S)
			}
		}
		ends[s] = on
	}
	return out
}
