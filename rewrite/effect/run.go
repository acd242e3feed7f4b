package effect

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// run notes what a RUN reads and writes. Its whole environment reaches the
// program, and is part of what BuildKit remembers it by.
func (w *wording) run(in *dockerfile.Instruction, c *instructions.RunCommand) {
	out := w.out
	out.reads(Place{Kind: User}, Place{Kind: Workdir})
	out.shellForm(c.PrependShell)
	if instructions.GetNetwork(c) != instructions.NetworkNone {
		out.reads(Place{Network, "*"})
	}
	files, why := w.mounts(in, c)
	r := &reading{env: w.env, out: &files}
	if why == "" {
		r.whole(in, c)
		why = r.why
	}
	if w.env.site == nil || why != "" || !w.environment(r.script) {
		out.reads(Place{EnvVar, "*"}, Place{ArgVar, "*"}, variables)
	}
	if why != "" {
		out.Opaque = why
		out.reads(everyFile)
		out.writes(everyFile)
		return
	}
	// None of these is among them already: they are files, and what goes with those.
	out.Reads = append(out.Reads, files.Reads...)
	out.Writes = append(out.Writes, files.Writes...)
}

// mounts notes where a RUN's mounts come from, and in the effect it returns where
// they cover the files of the image. What is in a cache mount belongs to no image:
// a build must not depend on it, so that it orders nothing (RUN --mount=type=cache
// in the Dockerfile reference).
func (w *wording) mounts(in *dockerfile.Instruction, c *instructions.RunCommand) (files Effect, why string) {
	raw := instructions.GetMounts(c)
	if len(raw) == 0 {
		return files, ""
	}
	for _, m := range raw {
		if m.From != "" { // the one field that is there before the rest is expanded
			w.out.reads(Place{Image, literal(m.From)})
		}
	}
	mounts, err := w.expandedMounts(in)
	if err != nil {
		w.out.reads(Place{Context, "*"})
		return files, "where it mounts is not known: " + err.Error()
	}
	for _, m := range mounts {
		target := m.Target
		switch {
		case m.Type == instructions.MountTypeBind && m.From == "":
			w.out.reads(contextPath(m.Source, true))
		case m.Type == instructions.MountTypeSecret && target == "":
			target = "/run/secrets" // below it, by the secret's name (dispatchSecret)
		case m.Type == instructions.MountTypeSSH && target == "":
			target = "/run/buildkit"
		}
		name, known := w.env.within(target)
		if !known {
			return files, "where it mounts " + target + " is not known"
		}
		r := &reading{env: w.env, out: &files}
		if r.file(name, true); r.why != "" {
			return files, r.why
		}
	}
	return files, ""
}

// errOpen is what a word of a mount comes to whose value is not known.
var errOpen = errors.New("a variable has no known value")

// expandedMounts are the mounts with their variables expanded. The instruction is
// read anew for them: expanding changes it.
func (w *wording) expandedMounts(in *dockerfile.Instruction) ([]*instructions.Mount, error) {
	cmd, err := instructions.ParseInstructionWithLinter(in.Node, linter.New(&linter.Config{}))
	if err != nil {
		return nil, err
	}
	c, ok := cmd.(*instructions.RunCommand)
	if !ok {
		return nil, errOpen
	}
	err = c.Expand(func(word string) (string, error) {
		value, known := w.expand(word)
		if !known {
			return "", errOpen
		}
		return value, nil
	})
	if err != nil {
		return nil, err
	}
	return instructions.GetMounts(c), nil
}

// text is the script that a RUN in shell form gives to its shell, put together as
// dispatchRun does.
func text(c *instructions.RunCommand) (script, why string) {
	if len(c.CmdLine) != 1 {
		return "", "it has no one script"
	}
	script = c.CmdLine[0]
	if len(c.Files) == 0 {
		return script, ""
	}
	if parser.MustParseHeredoc(script) == nil {
		var b strings.Builder
		b.WriteString(script)
		for _, f := range c.Files {
			b.WriteByte('\n')
			b.WriteString(f.Data)
			b.WriteString(f.Name)
		}
		return b.String(), ""
	}
	data := c.Files[0].Data
	if c.Files[0].Chomp {
		data = parser.ChompHeredocContent(data)
	}
	if line, _, _ := strings.Cut(data, "\n"); strings.HasPrefix(data, "#!") {
		return "", "its script is run by " + line
	}
	return data, ""
}

// parsed is the script of a RUN taken apart, or its one command in exec form.
func parsed(in *dockerfile.Instruction, c *instructions.RunCommand, e Env) (s *shell.Script, why string) {
	if e.site == nil {
		return takenApart(in, c, e)
	}
	kept, ok := e.site.seen.scripts[in]
	if !ok {
		kept.parsed, kept.why = takenApart(in, c, e)
		e.site.seen.scripts[in] = kept
	}
	return kept.parsed, kept.why
}

func takenApart(in *dockerfile.Instruction, c *instructions.RunCommand, e Env) (s *shell.Script, why string) {
	if !c.PrependShell {
		cmd := &shell.Simple{}
		for _, arg := range c.CmdLine {
			cmd.Words = append(cmd.Words, shell.Word{Value: arg, Prefix: arg, Static: true})
		}
		return &shell.Script{Commands: []*shell.Simple{cmd}, Root: &shell.Node{Kind: shell.KindSimple, Simple: cmd}}, ""
	}
	script, why := text(c)
	if why != "" {
		return nil, why
	}
	if in.File.Escape == '`' && e.site == nil {
		return nil, "the file is one for Windows"
	}
	// Where the file has no SHELL it is the base image's, or /bin/sh: plain
	// commands mean the same to all that read a script at all as they do.
	d, why := shell.DialectOf(e.shell)
	if why != "" {
		return nil, why
	}
	s, err := shell.Read(script, d)
	if err != nil {
		return nil, err.Error()
	}
	return s, ""
}
