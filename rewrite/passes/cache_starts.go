package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// starts says why a container of a stage may run a build tool, and so need what it
// downloads.
func (w *cacheWorld) starts(k *storeKind, s *dockerfile.Stage) string {
	cmd, entrypoint := lastStarts(s)
	if cmd == nil && entrypoint == nil {
		return "the image has the tool in it and no CMD: whoever runs it may need the cache"
	}
	for _, in := range []*dockerfile.Instruction{cmd, entrypoint} {
		if in == nil {
			continue
		}
		if name := runsTool(commandWords(in), k.programs); name != "" {
			return fmt.Sprintf("%s of line %d runs `%s`", strings.ToUpper(in.Node.Value), w.c.Line(in), name)
		}
	}
	return ""
}

// lastStarts are the last CMD and ENTRYPOINT of a stage and of those it stands on.
func lastStarts(s *dockerfile.Stage) (cmd, entrypoint *dockerfile.Instruction) {
	for ; s != nil; s = s.Base {
		for _, in := range slices.Backward(s.Instructions) {
			switch in.Command.(type) {
			case *instructions.CmdCommand:
				if cmd == nil {
					cmd = in
				}
			case *instructions.EntrypointCommand:
				if entrypoint == nil {
					entrypoint = in
				}
			}
		}
	}
	return cmd, entrypoint
}

// commandWords are the words of CMD or ENTRYPOINT, roughly: those of a shell's
// script are cut at blanks.
func commandWords(in *dockerfile.Instruction) []string {
	var line []string
	switch c := in.Command.(type) {
	case *instructions.CmdCommand:
		line = c.CmdLine
	case *instructions.EntrypointCommand:
		line = c.CmdLine
	}
	var out []string
	for _, word := range line {
		out = append(out, strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune(" \t\n;&|(){}'\"", r) })...)
	}
	return out
}

// interactive are programs that run what they are told to, or watch files and build.
var interactive = wordSet("make task just mage bash sh zsh ash tail sleep air reflex fresh CompileDaemon dlv nodemon watchexec entr cargo-watch modd gin")

// runsTool is the first word that is, or may run, a build tool.
func runsTool(words []string, programs string) string {
	tools := wordSet(programs)
	for i, word := range words {
		name := path.Base(word)
		// A shell that is given a script is judged by the script's words.
		shell := (name == "sh" || name == "bash" || name == "ash") && i+1 < len(words) && strings.HasPrefix(words[i+1], "-") && strings.Contains(words[i+1], "c")
		switch {
		case shell:
		case tools[name] && (name != "dotnet" || i+1 < len(words) && wordSet("run watch test build publish")[words[i+1]]):
			return word
		case i == 0 && interactive[name], strings.HasSuffix(name, ".sh"):
			return word
		}
	}
	return ""
}
