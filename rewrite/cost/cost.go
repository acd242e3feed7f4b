// Package cost says how long the steps of a Dockerfile are expected to take, and
// how often each runs again as the build context changes. Both are estimates: the
// seconds come from a table of kinds of commands, or from builds that were
// measured; how often comes from a history of commits and the rules of BuildKit's
// cache. Neither decides whether a rewrite is right, only whether it is worth it.
package cost

import (
	"math"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// Times are measured times of steps in seconds, by [Key]. A nil one has none.
type Times map[string]float64

// Key is what a step is known by in Times: its text with each run of white space
// as one blank. A RUN with heredocs has none, "".
func Key(in *dockerfile.Instruction) string {
	if len(in.Heredocs) > 0 {
		return ""
	}
	return strings.Join(strings.Fields(in.Text.S), " ")
}

// Of is the time that an instruction takes when it runs, in seconds: as measured,
// else as [Of] estimates it. what says what takes it.
func (t Times) Of(in *dockerfile.Instruction) (seconds float64, what string) {
	if s, ok := t[Key(in)]; ok && isStep(in) && s >= 0 && !math.IsInf(s, 0) && !math.IsNaN(s) {
		_, what = Of(in)
		return s, what
	}
	return Of(in)
}

// Of estimates the time that an instruction takes when it runs, in seconds, by the
// table of this package: 0 for what runs nothing. what says what takes most of it:
// "npm install", "copies files".
func Of(in *dockerfile.Instruction) (seconds float64, what string) {
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		return copySeconds, "copies files"
	case *instructions.AddCommand:
		for _, src := range c.SourcePaths {
			if remote(src) {
				return fetchSeconds, "fetches " + src
			}
		}
		return copySeconds, "copies files"
	case *instructions.WorkdirCommand:
		return workdirSeconds, "makes a folder"
	case *instructions.RunCommand:
		return ofRun(c)
	}
	return 0, ""
}

// remote reports whether a source of ADD is fetched from elsewhere.
func remote(src string) bool {
	return strings.Contains(src, "://") || strings.HasPrefix(src, "git@")
}

// isStep reports whether an instruction does anything in a build.
func isStep(in *dockerfile.Instruction) bool {
	switch in.Command.(type) {
	case *instructions.RunCommand, *instructions.CopyCommand, *instructions.AddCommand:
		return true
	}
	return false
}

func ofRun(c *instructions.RunCommand) (seconds float64, what string) {
	most := 0.0
	take := func(cmd *shell.Simple) {
		s, name := ofCommand(command.Of(cmd), cmd)
		seconds += s
		if s > most {
			most, what = s, name
		}
	}
	if !c.PrependShell {
		cmd := &shell.Simple{}
		for _, arg := range c.CmdLine {
			cmd.Words = append(cmd.Words, shell.Word{Value: arg, Prefix: arg, Static: true})
		}
		take(cmd)
	} else {
		s, err := shell.Read(script(c), shell.Bash) // what POSIX shells read, bash does
		if err != nil {
			return startSeconds + unknownSeconds, "a script that restow does not read"
		}
		for _, cmd := range s.Commands {
			take(cmd)
		}
	}
	if most < smallSeconds {
		what = "small commands"
	}
	return startSeconds + seconds, what
}

// script is what the shell of a RUN gets. One of several heredocs is none of it.
func script(c *instructions.RunCommand) string {
	text := strings.Join(c.CmdLine, " ")
	if len(c.Files) == 0 {
		return text
	}
	if parser.MustParseHeredoc(text) != nil {
		return c.Files[0].Data
	}
	var b strings.Builder
	b.WriteString(text)
	for _, f := range c.Files {
		b.WriteString("\n" + f.Data + f.Name)
	}
	return b.String()
}

// maxInner bounds how many commands that run each other are looked through.
const maxInner = 8

// ofCommand estimates one command, or what it runs where it is sudo, env, sh -c.
func ofCommand(m command.Meaning, cmd *shell.Simple) (float64, string) {
	words := wordsOf(cmd)
	for range maxInner {
		if m.Inner != nil && m.InnerWords > 0 && m.InnerWords < len(words) {
			m, words = *m.Inner, words[m.InnerWords:]
			continue
		}
		if m.Script != nil && len(m.Script.Commands) > 0 {
			sum, most, what := 0.0, -1.0, ""
			for _, c := range m.Script.Commands {
				s, name := ofPlain(command.Of(c), wordsOf(c))
				if sum += s; s > most {
					most, what = s, name
				}
			}
			return sum, what
		}
		break
	}
	return ofPlain(m, words)
}

func wordsOf(cmd *shell.Simple) (out []string) {
	for _, w := range cmd.Words {
		if w.Static {
			out = append(out, w.Value)
		} else {
			out = append(out, "$")
		}
	}
	return out
}

// ofPlain estimates a command that runs no other.
func ofPlain(m command.Meaning, words []string) (float64, string) {
	if len(words) == 0 {
		return 0, ""
	}
	family := m.Manager
	if family == "" {
		family = path.Base(words[0])
	}
	if m.Program == "" {
		m.Program = family
	}
	for _, e := range tableOf[family] {
		if e.matches(m, words[1:]) {
			name := e.what
			if name == "" {
				name = strings.TrimSpace(m.Program + " " + m.Verb)
			}
			return e.seconds + e.each*float64(min(len(m.Packages), maxCounted)), name
		}
	}
	switch {
	case m.Known && m.Manager != "":
		return managerSeconds, strings.TrimSpace(m.Program + " " + m.Verb)
	case m.Known && m.Network:
		return networkSeconds, m.Program
	case m.Known:
		return plainSeconds, m.Program
	}
	return unknownSeconds, strings.ReplaceAll(m.Program, "$", "a program")
}
