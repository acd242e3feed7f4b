package needs

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// run reads a RUN.
func (r *reader) run(c *instructions.RunCommand, argv []string) {
	text := strings.Join(c.CmdLine, " ")
	switch {
	case len(r.in.Heredocs) > 0:
		if len(r.in.Heredocs) != 1 || !c.PrependShell || !strings.HasPrefix(r.in.Args().S, "<<") {
			text = r.in.Args().S
			for _, h := range r.in.Heredocs {
				text += "\n" + h.Content + h.Name
			}
			break
		}
		text = r.in.Heredocs[0].Content
		if bang, ok := strings.CutPrefix(text, "#!"); ok {
			line, rest, _ := strings.Cut(bang, "\n")
			r.interpreted(line, rest, r.by)
			return
		}
	case !c.PrependShell:
		r.words(c.CmdLine)
		return
	}
	r.script(text, argv)
}

// text reads a script.
func (r *reader) text(text string, d shell.Dialect) {
	s, err := shell.Read(strings.ReplaceAll(text, "\r\n", "\n"), d)
	if err != nil && d == shell.POSIX {
		// Debian's sh is stricter than bash, but which of the two runs it makes no
		// difference to the programs that it names.
		s, err = shell.Read(strings.ReplaceAll(text, "\r\n", "\n"), shell.Bash)
	}
	if err != nil {
		r.unknown(r.by + " cannot be read: " + err.Error())
		return
	}
	if strings.Contains(text, "https://") {
		r.need(Certificates, "ca-certificates")
	}
	own := functions(s.Root, nil)
	dir := r.dir
	for i, c := range s.Commands {
		if !r.running {
			r.at++
		}
		if slices.Contains(own, c.Name()) {
			continue
		}
		r.simple(s, i, c)
		r.cd(c)
	}
	if r.depth > 0 {
		r.dir = dir
	}
	if !r.running {
		r.at++
	}
	if r.depth == 0 {
		r.dir = ""
	}
}

// cd follows a change of the working directory.
func (r *reader) cd(c *shell.Simple) {
	if name := c.Name(); name != "cd" && name != "pushd" || len(c.Words) < 2 {
		return
	}
	if w := c.Words[1]; w.Static {
		r.dir = r.abs(w.Value)
	} else if text := r.expand(w.Prefix); text != "" && w.Prefix != "" && !w.Split {
		r.dir = r.abs(text)
	}
}

// functions are the names that a script gives to functions of its own.
func functions(n *shell.Node, names []string) []string {
	if n.Kind == shell.KindFunction {
		names = append(names, n.Name)
	}
	for _, kid := range n.Kids {
		names = functions(kid, names)
	}
	return names
}

// builtins of POSIX's shell and of bash, which are no programs.
var builtins = words(`. : [ alias bg bind break builtin caller case cd command compgen complete continue declare dirs disown echo enable
	eval exec exit export false fc fg getopts hash help history if jobs kill let local logout mapfile popd printf pushd pwd read readarray
	readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait [[`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// simple reads one command of a script.
func (r *reader) simple(s *shell.Script, i int, c *shell.Simple) {
	if len(c.Words) == 0 {
		return
	}
	m := command.Of(c)
	at := 0
	for in := &m; in != nil; in = in.Inner {
		if at >= len(c.Words) {
			return
		}
		w := c.Words[at]
		if in.Script != nil { // what sh -c, eval or su -c runs
			r.called(c, *in, at)
			r.inner(in.Script)
			return
		}
		if !w.Static {
			r.variable(s, c, w)
			return
		}
		r.called(c, *in, at)
		if in.Inner == nil || in.InnerWords == 0 {
			break
		}
		at += in.InnerWords
	}
	r.piped(s, i, c)
	r.found(c)
}

// inner reads the script in a word of a command.
func (r *reader) inner(s *shell.Script) {
	if r.depth >= maxDepth {
		r.unknown(r.by + " has scripts within scripts")
		return
	}
	r.depth++
	for i, c := range s.Commands {
		r.simple(s, i, c)
	}
	r.depth--
}

// variable is a command whose name only the shell knows.
func (r *reader) variable(s *shell.Script, c *shell.Simple, w shell.Word) {
	text := s.Text[w.Lo:w.Hi]
	switch name := strings.Trim(text, `"${}`); {
	case name == "@" || name == "*" || strings.HasPrefix(name, "@:") || len(name) == 1 && name >= "1" && name <= "9":
		return // the words that the script is given: a CMD is looked at where it stands
	case assigned(s, name) != "":
		r.command(assigned(s, name))
		return
	}
	if value := r.expand(text); value != "" && !strings.ContainsAny(value, "$`\"' ") {
		r.command(value)
		return
	}
	if base := path.Base(strings.TrimSuffix(text, `"`)); strings.Contains(text, "/") && !strings.ContainsAny(base, "$`{}") {
		if known(base) || strings.Contains(text, "bin/") {
			return // a program of a folder that the file has made
		}
	}
	r.unknown(r.by + " runs `" + clip(text) + "`, which only the shell knows")
}

// assigned is the one value that a script gives a variable.
func assigned(s *shell.Script, name string) (value string) {
	for _, c := range s.Commands {
		for _, a := range c.Assigns {
			if a.Name != name {
				continue
			}
			if !a.Value.Static || value != "" && value != a.Value.Value {
				return ""
			}
			value = a.Value.Value
		}
	}
	if strings.ContainsAny(value, " \t") {
		return ""
	}
	return value
}

// known reports whether the table of commands has a program.
func known(name string) bool {
	s, err := shell.Read(name, shell.POSIX)
	return err == nil && len(s.Commands) == 1 && command.Of(s.Commands[0]).Known
}

func clip(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return text
}

// systemBin are the folders in which programs of the system are.
var systemBin = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}

// command takes a program by the word that names it.
func (r *reader) command(word string) {
	if word == "" || builtins[word] || word[0] == '-' {
		return // behind [[ in a shell that has none
	}
	if !strings.Contains(word, "/") {
		for _, dir := range systemBin {
			if r.names(path.Join(dir, word)) && r.file(path.Join(dir, word), nil) {
				return
			}
		}
		r.need(Command, word)
		return
	}
	at := r.abs(word)
	if r.file(at, nil) {
		return
	}
	name := path.Base(at)
	switch dir := path.Dir(at); {
	case slices.Contains(systemBin, dir):
		r.need(Command, name)
	case name == "gradlew", name == "mvnw":
		// The wrappers of Gradle and Maven need java and a POSIX shell's programs.
		r.need(Command, "java")
	case path.Base(dir) == "bin" && dir != r.abs("bin"), path.Base(dir) == ".bin", known(name) && name != "configure":
		// installed there by a step before: by a package manager, or unpacked
	case interpreterOf(name) != "":
		r.program(name)
		r.out.Unread = true
	case r.running && r.fromStage(at) != "":
		r.built(r.fromStage(at), name)
	case r.running && r.makes():
		// built in the stage itself, with the libraries that are there
		r.program(name)
		r.out.Unread = true
	case r.tree == nil:
		r.unknown(r.by + " runs " + word + ", which cannot be read without the build context")
	default:
		r.unknown(r.by + " runs " + word + ", which is not in the build context")
	}
}

// makes reports whether a step of the stage builds programs.
func (r *reader) makes() bool {
	for s := r.stage; s != nil; s = s.Base {
		for _, in := range s.Instructions {
			if !in.Is("RUN") {
				continue
			}
			for _, w := range strings.FieldsFunc(in.Text.S, func(c rune) bool { return strings.ContainsRune(" \t;&|\"'/=", c) }) {
				if w == "cargo" || w == "go" || w == "make" || w == "gcc" || w == "g++" || w == "cmake" {
					return true
				}
			}
		}
	}
	return false
}
