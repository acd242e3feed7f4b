package effect

import (
	"fmt"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// ran notes in e what a RUN leaves behind for paths: folders that may be gone,
// and links that it may make.
func (e *Env) ran(in *dockerfile.Instruction, c *instructions.RunCommand) {
	does := e.of(in)
	e.forget(does.writes)
	e.ranOver(does.Writes)
	if e.loose != "" {
		return
	}
	place := in.File.Place(in.Lines.Start)
	s, why := parsed(in, c, *e)
	if why != "" {
		script := strings.Join(c.CmdLine, " ")
		for _, f := range c.Files {
			script += " " + f.Data
		}
		if namesLink(script) {
			e.loose = fmt.Sprintf("%s may link folders, and its script is not read: %s", place, why)
		}
		return
	}
	links, why := linksOf(s, *e)
	if why != "" {
		e.loose = place + " may link folders: " + why
		return
	}
	e.links = links
}

// namesLink reports whether a text has the word ln.
func namesLink(text string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], "ln")
		if i < 0 {
			return false
		}
		lo, hi := at+i, at+i+len("ln")
		if (lo == 0 || !letter(text[lo-1])) && (hi == len(text) || !letter(text[hi])) {
			return true
		}
		at = hi
	}
}

func letter(b byte) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-'
}

// begin is the folder a script begins in, none where it is not known.
func begin(e Env) []string {
	if !e.dirKnown {
		return nil
	}
	return []string{e.dir}
}

// linksOf are the links behind a script, those before it among them.
func linksOf(s *shell.Script, e Env) (links []link, why string) {
	l := linking{reading: reading{env: e, dirs: begin(e)}}
	for _, cmd := range s.Commands {
		if why := l.command(cmd); why != "" {
			return nil, why
		}
	}
	return l.env.links, ""
}

// linking follows the ln commands of a script, whatever else is in it.
type linking struct {
	reading
}

// command takes in one command, and says why if links can no longer be followed.
func (l *linking) command(c *shell.Simple) (why string) {
	name := path.Base(c.Name())
	switch name {
	case "cd", "pushd", "popd", "chdir":
		if l.chdir(c); l.why != "" {
			l.why, l.dirs = "", nil
		}
		return ""
	case "ln":
		return l.ln(c)
	case "cp", "mv":
		if len(l.env.links) > 0 {
			return name + " may take links along"
		}
	case "echo", "printf":
		return ""
	}
	for _, w := range c.Words {
		if namesLink(w.Prefix) {
			return "ln is run by another command"
		}
	}
	return ""
}

// ln takes in an ln: the name of the link, and what it leads to. Of a target that
// is partly open, what is known is the folder it is in.
func (l *linking) ln(c *shell.Simple) (why string) {
	var names []shell.Word
	soft := false
	for _, w := range c.Words[1:] {
		switch {
		case !strings.HasPrefix(w.Prefix, "-"):
			names = append(names, w)
		case !w.Static || strings.HasPrefix(w.Value, "--t") || !strings.HasPrefix(w.Value, "--") && strings.ContainsAny(w.Value, "tS"):
			return "ln with " + w.Prefix
		case strings.HasPrefix(w.Value, "--s") || !strings.HasPrefix(w.Value, "--") && strings.Contains(w.Value, "s"):
			soft = true
		}
	}
	if len(names) == 1 {
		names = append(names, shell.Word{Value: ".", Prefix: ".", Static: true})
	}
	if len(names) < 2 {
		return ""
	}
	last := names[len(names)-1]
	if !last.Static || last.Split {
		return "ln to a name that only the shell knows"
	}
	for _, dir := range l.paths(last.Value) {
		for _, target := range names[:len(names)-1] {
			l.link(dir, target, soft)
		}
	}
	if len(l.paths(last.Value)) == 0 {
		return "ln in a folder that is not known"
	}
	return l.why
}

// paths are those that a word may mean.
func (l *linking) paths(name string) []string {
	if absolute(name) {
		return []string{path.Clean(name)}
	}
	var out []string
	for _, d := range l.dirs {
		out = append(out, path.Join(d, name))
	}
	return out
}

// link notes a link of that name, or in the folder of that name.
func (l *linking) link(name string, target shell.Word, soft bool) {
	to, open := target.Value, !target.Static
	if open {
		if target.Prefix == "" {
			l.why = "ln to a target that only the shell knows"
			return
		}
		to = beforePattern(target.Prefix + "*")
	}
	for _, at := range []string{name, path.Join(name, path.Base(target.Value))} {
		tos := []string{path.Clean(to)}
		if !absolute(to) {
			tos = []string{path.Join(path.Dir(at), to)}
			if !soft {
				tos = l.paths(to)
			}
		}
		for _, t := range tos {
			if outside(t) {
				continue
			}
			if len(l.env.links) >= maxLinks {
				l.why = "it makes too many links"
				return
			}
			l.env.links = append(l.env.links[:len(l.env.links):len(l.env.links)], link{at, t, open})
		}
		if open {
			break // in a folder, the link's name is open as well: the folder counts
		}
	}
}

// maxLinks bounds the links that are followed.
const maxLinks = 64

// outside reports whether a path is in a file system that is made for each RUN
// and belongs to no layer.
func outside(name string) bool {
	return below(name, "/dev") || below(name, "/proc") || below(name, "/sys")
}
