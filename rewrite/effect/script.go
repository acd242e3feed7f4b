package effect

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// reading collects what a script reads and writes, or why that is not known.
type reading struct {
	env  Env
	out  *Effect
	dirs []string // folders that may be the working directory, over the whole script
	why  string
	// script is what was read, nil where it could not be.
	script  *shell.Script
	managed map[bool]bool // whose folders are among them already: a system's, a language's
}

func (r *reading) stop(format string, args ...any) {
	if r.why == "" {
		r.why = fmt.Sprintf(format, args...)
	}
}

// machinery are the folders that any program is found and loaded from. What else
// a base image has in PATH is taken to hold none of the plain programs.
var machinery = []string{"/bin", "/sbin", "/lib", "/usr/libexec", "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/etc"}

// whole reads the script of a RUN. It is understood where it is made of plain
// commands, whose words tell all that they touch.
func (r *reading) whole(in *dockerfile.Instruction, c *instructions.RunCommand) {
	if r.env.odd != "" {
		r.stop("%s", r.env.odd)
		return
	}
	if r.env.loose != "" {
		r.stop("%s", r.env.loose)
		return
	}
	s, why := parsed(in, c, r.env)
	if why != "" {
		r.stop("%s", why)
		return
	}
	r.script, r.managed = s, map[bool]bool{}
	links, why := linksOf(s, r.env)
	if why != "" {
		r.stop("%s", why)
		return
	}
	r.env.links, r.dirs = links, begin(r.env)
	for _, m := range slices.Concat(machinery, r.env.path) {
		r.out.reads(r.env.files(m)...)
	}
	if len(r.env.shell) > 0 && absolute(r.env.shell[0]) {
		r.file(r.env.shell[0], false)
	}
	// The working directory is made where it is missing, for the user (GenerateSpec
	// and the executors of BuildKit); a base image's own is taken to be there.
	for _, d := range r.dirs {
		if r.env.site != nil {
			if !r.env.folders.has(d) {
				r.enter(d)
			}
			continue // who takes away the folder that it works in is not looked for
		}
		r.file(join(d, "."), false)
	}
	r.node(s.Root)
	for _, cmd := range s.Commands {
		r.command(cmd)
	}
}

// node refuses what is more than commands in a row, and reads redirections that
// hold for several of them.
func (r *reading) node(n *shell.Node) {
	switch n.Kind {
	case shell.KindSimple, shell.KindList, shell.KindAndOr, shell.KindPipe, shell.KindGroup, shell.KindSubshell, shell.KindIf:
	default:
		r.stop("it has a loop, a function or another compound command")
	}
	if n.Background {
		r.stop("& leaves a command running")
	}
	if n.Kind != shell.KindSimple {
		r.redirs(n.Redirs)
	}
	for _, k := range n.Kids {
		r.node(k)
	}
}

func (r *reading) redirs(all []shell.Redir) {
	for _, d := range all {
		switch {
		case strings.HasPrefix(d.Op, "<<"):
			continue
		case strings.HasSuffix(d.Op, "&") && d.Target.Static && strings.Trim(d.Target.Value, "0123456789-") == "":
			continue // >&2
		case !d.Target.Static || d.Target.Value == "":
			r.stop("a redirection goes to a file that only the shell knows")
			continue
		}
		r.word(d.Target.Value, d.Op != "<")
	}
}

// builtins of the shell that touch no file beyond redirections, whatever their
// words are, and are found without looking for a program.
var builtins = []string{"echo", "printf", ":", "true", "false", "exit"}

// readers and writers are programs of which nothing but their words, and
// redirections, tells what files they read and write.
var (
	readers = []string{"cat", "head", "wc", "ls", "stat", "test", "[", "basename", "dirname", "pwd", "id", "whoami", "uname", "sleep"}
	writers = []string{"touch", "mkdir", "rm", "rmdir", "cp", "mv", "ln", "chmod", "chown", "chgrp", "install", "unlink", "truncate", "tee"}
)

func (r *reading) command(c *shell.Simple) {
	if r.why != "" {
		return
	}
	r.redirs(c.Redirs)
	for _, a := range c.Assigns {
		if bends(a.Name) || a.Array {
			r.stop("it sets %s", a.Name)
		}
	}
	if len(c.Words) == 0 {
		return
	}
	switch name := c.Name(); {
	case name == "":
		r.stop("what it runs is known to the shell only")
	case slices.Contains(builtins, name):
		r.words(c)
	case name == "cd":
		r.chdir(c)
	case name == "set":
		for _, w := range c.Words[1:] {
			plain := strings.HasPrefix(w.Value, "-") && strings.Trim(w.Value, "-euxo") == "" || w.Value == "pipefail"
			if !w.Static || !plain {
				r.stop("set changes the shell")
			}
		}
	case name == "export":
		for _, w := range c.Words[1:] {
			variable, _, cut := strings.Cut(w.Prefix, "=")
			if !cut || bends(variable) {
				r.stop("it exports %s", variable)
			}
		}
	case slices.Contains(readers, path.Base(name)), slices.Contains(writers, path.Base(name)):
		r.program(c, path.Base(name))
	default:
		if r.trusted(c, path.Base(name)) {
			return
		}
		r.stop("%s may read and write anything", path.Base(name))
	}
}

// words looks at words that are text to their command: only a pattern, or what
// the shell splits and may take for one, reads anything.
func (r *reading) words(c *shell.Simple) {
	for _, w := range c.Words {
		switch {
		case w.Glob:
			r.word(beforePattern(w.Value), false)
		case w.Split:
			r.stop("%s may have a word that is a pattern", c.Name())
		}
	}
}

// program reads a command of the two lists by the roles that its words have.
func (r *reading) program(c *shell.Simple, name string) {
	if strings.Contains(c.Name(), "/") {
		r.word(c.Name(), false)
	}
	m := command.Of(c)
	if !m.Known || !m.Whole || m.Inner != nil || len(m.Roles) != len(c.Words) {
		r.stop("%s has words that are not understood", name)
		return
	}
	if r.unusual(c, name); r.why != "" {
		return
	}
	for i, role := range m.Roles {
		if role.Kind != command.Read && role.Kind != command.Write && role.Kind != command.Change {
			continue
		}
		value, w := role.Value, c.Words[i]
		switch {
		case w.Glob && value == w.Value:
			value = beforePattern(value)
		case !w.Static || value == "":
			r.stop("%s has a word that only the shell knows", name)
			return
		}
		r.word(value, slices.Contains(writers, name) && (role.Kind != command.Read || name == "mv"))
	}
	for _, f := range m.WritesFixed {
		r.word(f, true)
	}
	if name == "ls" {
		r.word(".", false) // without a word, that is what it lists
	}
}

// unusual refuses options that make a program touch more than its words say:
// backups beside a file, links for copies, parents that go with a folder, names
// that are read from a file.
func (r *reading) unusual(c *shell.Simple, name string) {
	for _, w := range c.Words[1:] {
		o := w.Value
		if !w.Static || !strings.HasPrefix(o, "-") || o == "-" {
			continue
		}
		long := strings.HasPrefix(o, "--")
		switch name {
		case "cp", "mv", "ln", "install":
			if long && !slices.Contains([]string{"--", "--force", "--recursive", "--archive", "--verbose", "--no-clobber", "--symbolic"}, o) ||
				!long && strings.ContainsAny(o, "bStls") && name != "ln" || !long && strings.ContainsAny(o, "bStr") && name == "ln" {
				r.stop("%s %s", name, o)
			}
		case "rmdir":
			if strings.HasPrefix(o, "--p") || !long && strings.Contains(o, "p") {
				r.stop("rmdir -p removes the folders above")
			}
		case "wc":
			if strings.HasPrefix(o, "--files0") {
				r.stop("wc %s", o)
			}
		}
	}
}
