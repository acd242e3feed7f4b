package split

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// tools matches what may build; strong what does. The words are looked at again one
// by one, so that a match too many costs nothing.
var (
	tools  = regexp.MustCompile(`\b(go (build|install|get)|cargo|rustc|gcc|cc|clang|make|cmake|ninja|meson|configure|javac|mvn|mvnw|gradle|gradlew|ant|npm|yarn|pnpm|tsc|pip3?|dotnet)\b|\b[gc]\+\+ `)
	strong = regexp.MustCompile(`\b(go (build|install)|cargo (build|install)|rustc|gcc|make|cmake|ninja|meson|javac|(mvn|mvnw|gradle|gradlew|ant) |npm run build|yarn build|dotnet (publish|build))\b|\b[gc]\+\+ `)
)

// cmd is a command of a script, its words with the values that are known.
type cmd struct {
	*shell.Simple
	m    command.Meaning
	name string
	args []arg // without the name
	text string
	line int // index of the instruction in its stage
}

type arg struct {
	s    string
	ok   bool // its value is known
	glob bool
}

// always reports whether the command runs whenever the script does.
func (c *cmd) always() bool {
	return c.In&(shell.Conditional|shell.Loop|shell.Function|shell.Background|shell.Negated|shell.Condition|shell.Substitution) == 0
}

// operands are the words that are no options. Options in takes have a value behind
// them, which is none either.
func (c *cmd) operands(takes ...string) (out []arg) {
	for i := 0; i < len(c.args); i++ {
		switch s := c.args[i].s; {
		case s == "--":
			return append(out, c.args[i+1:]...)
		case slices.Contains(takes, s):
			i++
		case strings.HasPrefix(s, "-") && s != "-" && c.args[i].ok:
		default:
			out = append(out, c.args[i])
		}
	}
	return out
}

// option is the value of an option, as -o X, -oX or --output=X.
func (c *cmd) option(names ...string) (value string, given bool) {
	for i, a := range c.args {
		for _, n := range names {
			if a.s == n && i+1 < len(c.args) {
				c.known(c.args[i+1])
				return c.args[i+1].s, true
			}
			if rest, ok := strings.CutPrefix(a.s, n+"="); ok && strings.HasPrefix(n, "-") {
				c.known(a)
				return rest, true
			}
			if rest, ok := strings.CutPrefix(a.s, n); ok && len(n) == 2 && n[0] == '-' && rest != "" && a.s[1] != '-' && n != "-s" && n != "-C" {
				c.known(a)
				return rest, true
			}
		}
	}
	return "", false
}

func (c *cmd) has(flags ...string) bool {
	return slices.ContainsFunc(c.args, func(a arg) bool { return slices.Contains(flags, a.s) })
}

func (c *cmd) known(a arg) {
	if !a.ok {
		refuse("`%s` has a word that only the shell knows", clip(c.text))
	}
}

// assigned is a variable before the command.
func (w *walk) assigned(c *cmd, name string) string {
	for _, a := range c.Assigns {
		if a.Name == name && a.Value.Static {
			return a.Value.Value
		}
	}
	v, _ := w.variable(name)
	return v
}

var reference = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)

// resolve replaces the variables of a word, and is false where one is not known.
func (w *walk) resolve(s string) (string, bool) {
	ok := true
	out := reference.ReplaceAllStringFunc(s, func(m string) string {
		v, known := w.variable(strings.Trim(m, "${}"))
		ok = ok && known
		return v
	})
	return out, ok && !strings.ContainsAny(out, "$`")
}

// variable is what scripts, ENV, or the base image have set.
func (w *walk) variable(name string) (string, bool) {
	if v, ok := w.vars[name]; ok {
		return v, v != "\x00"
	}
	if v, ok := w.env.Var(name); ok {
		return v, true
	}
	if name == "HOME" {
		if user, ok := w.env.User(); ok && (user == "" || user == "root") {
			return "/root", true
		}
		return "", false
	}
	if slices.Contains(w.env.Args(), name) {
		return "", false
	}
	return w.inherited(name)
}

// inherited is a variable of the base image, where no version decides its value.
func (w *walk) inherited(name string) (string, bool) {
	if !slices.Contains([]string{"GOPATH", "CARGO_HOME", "JAVA_HOME", "GRADLE_HOME", "MAVEN_HOME", "PATH"}, name) {
		return "", false
	}
	cfg := w.config()
	if cfg == nil {
		return "", false
	}
	for _, kv := range cfg.Env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// script takes the script of a RUN.
func (w *walk) script(i int, in *dockerfile.Instruction, c *instructions.RunCommand) {
	text := strings.Join(c.CmdLine, " ")
	switch {
	case len(in.Heredocs) == 1 && c.PrependShell && strings.HasPrefix(in.Args().S, "<<") && !strings.ContainsAny(in.Args().S, " |;&"):
		if text = in.Heredocs[0].Content; strings.HasPrefix(text, "#!") {
			refuse("RUN is a script of its own")
		}
	case len(in.Heredocs) > 0:
		refuse("RUN is given a heredoc")
	case !c.PrependShell:
		var quoted []string
		for _, word := range c.CmdLine {
			quoted = append(quoted, "'"+strings.ReplaceAll(word, "'", `'\''`)+"'")
		}
		text = strings.Join(quoted, " ")
	}
	d := shell.POSIX
	if c.PrependShell {
		var why string
		if d, why = shell.DialectOf(w.env.Shell()); why != "" {
			refuse("%s", why)
		}
	}
	s, err := shell.Read(text, d)
	if err != nil {
		refuse("RUN cannot be read: %v", err)
	}
	w.commands(i, s)
}

func (w *walk) commands(i int, s *shell.Script) {
	for _, sc := range s.Commands {
		w.simple(i, s, sc, command.Of(sc), 0)
	}
	if functions(s.Root) {
		refuse("RUN has functions of its own")
	}
}

func functions(n *shell.Node) bool {
	return n.Kind == shell.KindFunction || slices.ContainsFunc(n.Kids, functions)
}

// simple takes one command; from is the word that it begins at, behind sudo, env
// and the like.
func (w *walk) simple(i int, s *shell.Script, sc *shell.Simple, m command.Meaning, from int) {
	if len(sc.Words) <= from {
		for _, a := range sc.Assigns {
			w.set(s, a)
		}
		w.redirects(s, sc)
		return
	}
	if m.Inner != nil && m.InnerWords > 0 && m.Program != "xargs" {
		w.simple(i, s, sc, *m.Inner, from+m.InnerWords)
		return
	}
	if m.Script != nil {
		w.commands(i, m.Script)
		return
	}
	c := &cmd{Simple: sc, m: m, text: s.Text[sc.Lo:sc.Hi], line: i}
	for _, word := range sc.Words[from:] {
		c.args = append(c.args, w.arg(s, word))
	}
	if !c.args[0].ok {
		refuse("RUN runs `%s`, which only the shell knows", clip(c.text))
	}
	c.name = path.Base(c.args[0].s)
	own := c.args[0].s
	c.args = c.args[1:]
	w.redirects(s, sc)
	w.does(c, own)
}

func (w *walk) arg(s *shell.Script, word shell.Word) arg {
	if word.Static {
		return arg{word.Value, true, false}
	}
	if word.Glob {
		return arg{word.Value, true, true}
	}
	text := s.Text[word.Lo:word.Hi]
	if strings.ContainsAny(text, "'\\`(") {
		return arg{text, false, false}
	}
	out, ok := w.resolve(strings.ReplaceAll(text, `"`, ""))
	return arg{out, ok, strings.ContainsAny(out, "*?[")}
}

// set keeps a variable of the script.
func (w *walk) set(s *shell.Script, a shell.Assign) {
	value := w.arg(s, a.Value)
	if a.Array || a.Append || !value.ok {
		w.vars[a.Name] = "\x00"
		return
	}
	w.vars[a.Name] = value.s
}

func clip(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 50 {
		return string(r[:49]) + "…"
	}
	return text
}
