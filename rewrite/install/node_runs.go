package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// cd follows a change to a literal folder, for the commands behind it.
func (r *scriptReader) cd(c *shell.Simple) {
	to := "."
	if len(c.Words) == 2 && c.Words[1].Static {
		to = c.Words[1].Value
	}
	at := path.Join(r.dir, to)
	if to == "." || to == "-" || path.IsAbs(to) || strings.HasPrefix(to, "~") || !r.within(at) || c.In&^shell.Conditional != 0 {
		r.refuse("changes the folder")
		return
	}
	r.dir = at
}

// maxNested bounds how deep installs may run each other by their scripts.
const maxNested = 3

// installs notes what an install in a script needs, which is part of what the
// outer one does.
func (r *scriptReader) installs(c *shell.Simple, m command.Meaning) bool {
	s := r.Site
	s.Text, s.assigned = "", nil
	rest, _ := cutFolder(r.dir, path.Clean(s.Root))
	if path.Clean(s.Root) == "." {
		rest = r.dir
	}
	s.Dir = path.Join(s.At, rest)
	if r.Hazard != "" {
		return true // what else it needs does not matter
	}
	if s.nested++; s.nested > maxNested {
		r.refuse("installs again")
		return true
	}
	if !r.spend(1 << 18) {
		return true
	}
	n, ok := Of(s, c, m)
	if !ok {
		return false
	}
	for _, name := range n.Reads {
		r.has(name)
	}
	for _, name := range n.Absent {
		r.has(name)
	}
	r.Makes = append(r.Makes, n.Makes...)
	if n.Hazard != "" {
		r.hazard("%s", n.Hazard)
	}
	return true
}

// runs follows npm run x and its like to the script that they name.
func (r *scriptReader) runs(tool string, c *shell.Simple, depth int) {
	var names []string
	for _, w := range c.Words[1:] {
		if !w.Static {
			r.refuse("runs " + tool + " with words that are only known when it runs")
			return
		}
		names = append(names, w.Value)
	}
	if r.dir != r.m.dir {
		r.refuse("runs " + tool + " in another folder")
		return
	}
	all := strings.HasPrefix(tool, "run-") || strings.HasPrefix(tool, "npm-run")
	skip := func() {
		for len(names) > 0 && slices.Contains([]string{"-s", "--silent", "--if-present", "-l", "-c", "-n", "--serial", "--sequential", "--parallel"}, names[0]) {
			names = names[1:]
		}
	}
	skip()
	if !all {
		switch {
		case len(names) > 0 && (names[0] == "run" || names[0] == "run-script"):
			names = names[1:]
			skip()
		case len(names) > 1 && (names[0] == "exec" || names[0] == "dlx" || names[0] == "x"):
			names = names[1:]
			r.words(c, names, depth)
			return
		case tool != "npm" && len(names) > 0 && r.m.scripts()[names[0]] != "":
		case tool != "npm" && len(names) > 0 && nodeTools[names[0]] != nil:
			r.words(c, names, depth)
			return
		default:
			r.refuse("runs " + strings.TrimSpace(tool+" "+strings.Join(names, " ")))
			return
		}
		names = names[:min(len(names), 1)]
	}
	for _, name := range names {
		skipped := !all && slices.Contains([]string{"--if-present"}, name)
		if skipped || strings.HasPrefix(name, "-") {
			r.refuse("runs " + tool + " with " + name)
			return
		}
		line, ok := r.m.scripts()[name]
		switch {
		case !ok:
			r.refuse("runs its script " + name + ", which is not there")
			return
		case r.seen[name]:
			continue
		case depth >= maxScripts:
			r.refuse("runs too many others")
			return
		}
		r.seen[name] = true
		for _, part := range []string{r.m.scripts()["pre"+name], line, r.m.scripts()["post"+name]} {
			r.script(part, depth+1)
		}
	}
}

// words reads the end of a command line as one of its own.
func (r *scriptReader) words(c *shell.Simple, names []string, depth int) {
	tail := &shell.Simple{Words: c.Words[len(c.Words)-len(names):], In: c.In}
	r.command(tail, command.Of(tail), depth+1)
}
