package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// maxScripts bounds how deep scripts may run each other: npm run a → npm run b …
const maxScripts = 10

// lifecycle notes what the scripts of a package.json read that an install runs
// (docs.npmjs.com, scripts: "Life Cycle Operation Order"). A package with a
// binding.gyp and no scripts of its own is built by node-gyp.
func (p *nodeProject) lifecycle(m *packageJSON, events []string) {
	scripts := m.scripts()
	for _, event := range events {
		if line := scripts[event]; line != "" {
			r := &scriptReader{nodeProject: p, m: m, where: path.Join(m.dir, "package.json"), dir: m.dir, event: event, seen: map[string]bool{event: true}}
			r.script(line, 0)
		}
	}
	gyp := path.Join(m.dir, "binding.gyp")
	if scripts["install"] == "" && scripts["preinstall"] == "" && string(m.top["gypfile"]) != "false" && p.has(gyp) {
		p.hazard("%s is there, so node-gyp builds the sources", gyp)
	}
}

// scriptReader reads one script of a package.json and those that it runs.
type scriptReader struct {
	*nodeProject
	m     *packageJSON
	where string // the file that the script is in
	event string
	seen  map[string]bool
	dir   string // where its commands run
}

// refuse gives the hazard of a command in the script.
func (r *scriptReader) refuse(does string) {
	r.hazard("%s has a %s script that %s", r.where, r.event, does)
}

// script notes what a line reads: whatever its conditions say, every command of
// it is taken to run.
func (r *scriptReader) script(line string, depth int) {
	if !r.spend(10 * len(line)) {
		return
	}
	s, err := shell.Read(line, shell.POSIX)
	if err != nil {
		r.refuse("cannot be read")
		return
	}
	from := r.dir
	for _, c := range s.Commands {
		r.command(c, command.Of(c), depth)
	}
	r.dir = from // each script has a shell of its own
}

func (r *scriptReader) command(c *shell.Simple, m command.Meaning, depth int) {
	for _, d := range c.Redirs {
		r.redirect(d)
	}
	for range maxWrapped {
		inner, in, ok := unwrap(c, m)
		if !ok {
			break
		}
		c, m = inner, in
	}
	words := c.Words
	for len(words) > 0 && words[0].Static && slices.Contains(runners, words[0].Value) {
		words = unwrapRunner(words)
	}
	if len(words) == 0 {
		return // assignments only
	}
	if !words[0].Static {
		r.refuse("runs a command that is only known when it runs")
		return
	}
	if words[0].Lo != c.Words[0].Lo {
		c = &shell.Simple{Words: words, In: c.In}
		m = command.Of(c)
	}
	name := words[0].Value
	if name == "cd" {
		r.cd(c)
		return
	}
	if inBin, ok := strings.CutPrefix(name, "./node_modules/.bin/"); ok {
		name = inBin
	}
	name = strings.TrimPrefix(name, "node_modules/.bin/")
	switch {
	case slices.Contains(quiet, name):
		return
	case r.installs(c, m):
		return
	case name == "npm" || name == "yarn" || name == "pnpm" || name == "bun" || name == "run-s" || name == "run-p" || name == "npm-run-all":
		r.runs(name, c, depth)
		return
	}
	if tool, ok := nodeTools[name]; ok && r.dir == r.m.dir {
		for _, w := range words[1:] {
			if !w.Static {
				r.refuse("runs " + name + " with words that are only known when it runs")
				return
			}
		}
		tool(r, values(words[1:]))
		return
	}
	r.plain(name, c, m)
}

// quiet are commands that read nothing of the project whatever their words are.
// only-allow and is-ci look at the environment.
var quiet = []string{"echo", "true", "false", ":", "exit", "printf", "set", "export", "sleep", "only-allow", "is-ci", "check-engine", "opencollective", "opencollective-postinstall", "date", "whoami", "hostname", "uname"}

// runners run the words behind them and read nothing themselves.
var runners = []string{"npx", "pnpx", "bunx", "cross-env", "cross-env-shell", "dotenv", "exec"}

// unwrapRunner is what npx, cross-env and the like run.
func unwrapRunner(words []shell.Word) []shell.Word {
	name := words[0].Value
	words = words[1:]
	if name == "dotenv" {
		return nil
	}
	for len(words) > 0 && (strings.HasPrefix(words[0].Prefix, "-") || strings.HasPrefix(name, "cross-env") && strings.Contains(words[0].Prefix, "=")) {
		if v := words[0].Value; v == "-p" || v == "-c" || v == "--package" || v == "--call" {
			return []shell.Word{{Prefix: name}} // open: what runs is in an option
		}
		words = words[1:]
	}
	return words
}

func values(words []shell.Word) (out []string) {
	for _, w := range words {
		out = append(out, w.Value)
	}
	return out
}

// plain notes what a command of the table reads and writes, where that is all it
// does.
func (r *scriptReader) plain(name string, c *shell.Simple, m command.Meaning) {
	if builds, ok := nodeBuilders[name]; ok {
		r.refuse("runs " + name + ", which " + builds)
		return
	}
	switch {
	case name == "node" && len(c.Words) > 1:
		r.node(c)
		return
	case m.Known && (m.Program == "test" || m.Program == "[") && len(m.Unknown) == 0: // of $CI and the like, nothing is read
	case !m.Known || !m.Whole || m.Network || m.Inner != nil:
		r.refuse("runs " + name + ", and what that reads is not known")
		return
	}
	for _, i := range m.Reads {
		r.file(c.Words[i], m.Roles[i].Value, true)
	}
	for _, i := range m.Writes {
		r.file(c.Words[i], m.Roles[i].Value, false)
	}
	for _, w := range m.WritesFixed {
		r.file(shell.Word{Static: true, Value: w}, w, false)
	}
	if m.Program == "pushd" || m.Program == "popd" {
		r.refuse("changes the folder")
	}
}

func (r *scriptReader) redirect(d shell.Redir) {
	if strings.HasPrefix(d.Op, "<<") || strings.HasSuffix(d.Op, "&") {
		return
	}
	r.file(d.Target, d.Target.Value, strings.HasPrefix(d.Op, "<"))
}

// file notes a file that a script's command names.
func (r *scriptReader) file(w shell.Word, name string, read bool) {
	if !w.Static || name == "" {
		r.refuse("names files that are only known when it runs")
		return
	}
	at := path.Join(r.dir, name)
	switch {
	case path.IsAbs(name) && r.outside(name):
		return // of the image
	case path.IsAbs(name), !r.within(at):
		r.refuse("names " + name + ", outside of the copied files")
	case strings.HasPrefix(at+"/", path.Join(r.dir, "node_modules")+"/"), strings.HasPrefix(at+"/", path.Join(r.root, "node_modules")+"/"):
		return // what the install makes
	case read:
		r.has(at)
	default:
		r.has2(at)
		r.makes(at)
	}
}

// outside reports whether a path of the image does not lie among the copied
// files, nor holds them.
func (r *scriptReader) outside(name string) bool {
	name, at := path.Clean(name), path.Clean(r.At)
	_, in := cutFolder(name, at)
	_, above := cutFolder(at, name)
	return !in && !above
}

// node: what a program of the project reads is its own matter.
func (r *scriptReader) node(c *shell.Simple) {
	w := c.Words[1]
	switch {
	case w.Static && (w.Value == "-v" || w.Value == "--version"):
	case strings.HasPrefix(w.Prefix, "-"), !w.Static:
		r.refuse("runs code with node, and what that reads is not known")
	case strings.HasPrefix(path.Clean(w.Value)+"/", "node_modules/"):
		r.refuse("runs " + w.Value + ", and what that reads is not known")
	default:
		r.has(path.Join(r.dir, w.Value))
		r.refuse("runs " + w.Value + ", and what that reads is not known")
	}
}
