package split

import (
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// scriptAt is the text of a script that was copied to a place, "" for none.
func (w *walk) scriptAt(at string) string {
	e := w.files.at[at]
	if e == nil || e.from == "" {
		return ""
	}
	data, err := w.tree.Read(e.from)
	if err != nil || len(data) > 1<<20 || !strings.HasPrefix(string(data), "#!") && !strings.HasSuffix(e.from, ".sh") {
		return ""
	}
	return string(data)
}

// runsFile takes a script of the context that the container runs.
func (w *walk) runsFile(at, name, by string) {
	text := w.scriptAt(at)
	if text == "" {
		refuse("%s runs %s, which is no script that can be read", by, name)
	}
	if w.install[at] {
		return
	}
	w.install[at] = true
	from := w.files.at[at].from
	d := shell.POSIX
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case strings.Contains(first, "bash"):
		d = shell.Bash
		w.needs = append(w.needs, need{"bash", from})
	case strings.HasPrefix(first, "#!") && !strings.Contains(first, "sh"):
		refuse("%s is run by %s", from, strings.TrimSpace(strings.TrimPrefix(first, "#!")))
	default:
		w.needs = append(w.needs, need{"sh", from})
	}
	w.sh = by + " runs a script"
	w.files.at[at].made, w.files.at[at].used = true, true
	dir := w.dir
	w.shellText(text, d, from)
	w.dir = dir
}

// shellText takes a script that the container runs.
func (w *walk) shellText(text string, d shell.Dialect, by string) {
	w.scripts = append(w.scripts, text)
	s, err := shell.Read(strings.ReplaceAll(text, "\r\n", "\n"), d)
	if err != nil {
		refuse("%s cannot be read: %v", by, err)
	}
	if functions(s.Root) {
		refuse("%s has functions of its own", by)
	}
	w.vars = map[string]string{}
	for _, sc := range s.Commands {
		for _, a := range sc.Assigns {
			w.set(s, a)
		}
		w.called(s, sc, command.Of(sc), by)
	}
}

func (w *walk) called(s *shell.Script, sc *shell.Simple, m command.Meaning, by string) {
	if len(sc.Words) == 0 {
		return
	}
	var words []string
	for _, word := range sc.Words {
		a := w.arg(s, word)
		if text := strings.Trim(s.Text[word.Lo:word.Hi], `"`); text == "$@" || text == "$*" || text == "${@}" {
			a = arg{forwarded, true, false}
		}
		if !a.ok {
			a.s = "" // only the shell knows
		}
		words = append(words, a.s)
	}
	switch words[0] {
	case "cd":
		if len(words) > 1 && words[1] != "" {
			w.dir = w.abs(words[1])
		}
		return
	case "exec":
		words = words[1:]
	case ".", "source", "eval":
		refuse("%s reads another script", by)
	}
	if len(words) == 0 || builtins[words[0]] {
		return
	}
	w.words(words, by)
}

var builtins = words(`: [ alias bg break command continue echo exit export false fg getopts hash jobs kill local printf pwd read readonly return set shift test times trap true type ulimit umask unset wait let declare shopt [[`)
