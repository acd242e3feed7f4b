package passes

import (
	"slices"
	"strings"

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

Refused: pip install in a branch, a loop or a function. Nothing is said of a RUN
with a cache mount for it, of one that empties the cache behind it, where
PIP_NO_CACHE_DIR, PIP_CACHE_DIR or pip's configuration speak of the cache, nor of
stages whose files are only copied from.`,
}

func pipNoCache(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps what this would take out
	}
	shipped, settled := shippedStages(c), pipSettled(c.File)
	for _, s := range scripts(c) {
		if !shipped[s.stage] || settled[s.in] || pipSpeaks(s.Text) || cacheMounted(s.in, ".cache/pip") {
			continue
		}
		all := s.meanings()
		for i, m := range all {
			in, from := unwrapped(m)
			if strings.TrimRight(in.Program, "0123456789.") != "pip" || in.Verb != "install" {
				continue
			}
			if in.Has("--no-cache-dir") || in.Has("--no-cache") || in.Has("--cache-dir") || in.Has("--dry-run") || slices.ContainsFunc(all[i+1:], s.pipEmpties) {
				continue
			}
			s.reportPip(c, m, in, from)
		}
	}
}

func (s *script) reportPip(c *rewrite.Context, m meant, in command.Meaning, from int) {
	f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: "pip install keeps its downloads in the image"}
	edit, ok := s.behindVerb(m, in, from, " --no-cache-dir")
	switch {
	case !m.always():
		f.Refused = "it stands in " + standsIn(m)
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
