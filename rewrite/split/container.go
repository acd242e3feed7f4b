package split

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// trees keeps the folders of build tools whole where programs may be linked with
// libraries in them.
func (w *walk) trees() {
	if !w.sharesLibraries() {
		return
	}
	for dir := range w.project.trees {
		w.files.at[dir].trash, w.files.at[dir].whole = false, true
	}
}

// container takes what the container runs: the last ENTRYPOINT, CMD and HEALTHCHECK.
func (w *walk) container() {
	var cmd *instructions.CmdCommand
	var entry *instructions.EntrypointCommand
	var health *instructions.HealthCheckCommand
	at := map[any]*dockerfile.Instruction{}
	for _, in := range w.stage.Instructions {
		switch c := in.Command.(type) {
		case *instructions.CmdCommand:
			cmd = c
			at[c] = in
		case *instructions.EntrypointCommand:
			entry = c
			at[c] = in
		case *instructions.HealthCheckCommand:
			health = c
			at[c] = in
		}
	}
	w.dir = w.workdir()
	if entry != nil && len(entry.CmdLine) > 0 {
		w.in = at[entry]
		w.line(entry.CmdLine, entry.PrependShell, "ENTRYPOINT")
		if cmd != nil && len(cmd.CmdLine) > 0 && !entry.PrependShell {
			w.in = at[cmd]
			w.arguments(entry, cmd)
		}
	} else if cmd != nil && len(cmd.CmdLine) > 0 {
		w.in = at[cmd]
		w.line(cmd.CmdLine, cmd.PrependShell, "CMD")
	} else {
		refuse("nothing says what the container runs")
	}
	if health != nil && health.Health != nil && len(health.Health.Test) > 1 {
		w.in = at[health]
		w.line(health.Health.Test[1:], health.Health.Test[0] == "CMD-SHELL", "HEALTHCHECK")
	}
	if len(w.plan.Runs) == 0 {
		refuse("the container runs nothing that the build makes")
	}
}

// arguments are a CMD behind an ENTRYPOINT, which may be the command that a script
// runs in turn.
func (w *walk) arguments(entry *instructions.EntrypointCommand, cmd *instructions.CmdCommand) {
	if cmd.PrependShell {
		return // words for the program: /bin/sh -c among them
	}
	if w.forwards {
		w.line(cmd.CmdLine, false, "CMD")
		return
	}
	if base := path.Base(entry.CmdLine[0]); w.lookup(entry.CmdLine[0]) == "" && (base == "tini" || base == "dumb-init" || base == "docker-entrypoint.sh") {
		w.line(cmd.CmdLine, false, "CMD")
		return
	}
	if base := path.Base(entry.CmdLine[0]); base == "java" || base == "node" || base == "dotnet" || base == "sh" || base == "bash" {
		w.words(append(slices.Clone(entry.CmdLine), cmd.CmdLine...), "CMD")
	}
}

// line takes a command line.
func (w *walk) line(words []string, prepend bool, by string) {
	if !prepend {
		w.words(words, by)
		return
	}
	text := strings.Join(words, " ")
	w.sh = by + " is for a shell"
	if by != "HEALTHCHECK" || w.sh == "" {
		w.sh = by + " is for a shell"
	}
	d, why := shell.DialectOf(w.env.Shell())
	if why != "" {
		refuse("%s", why)
	}
	if argv := w.env.Shell(); len(argv) > 0 {
		w.needs = append(w.needs, need{argv[0], "SHELL"})
	}
	w.shellText(text, d, by)
}

// words take a command without a shell.
func (w *walk) words(words []string, by string) {
	if len(words) == 0 {
		return
	}
	if words[0] == forwarded {
		w.forwards = true // what CMD says, which is looked at there
		return
	}
	if words[0] == "" {
		refuse("%s runs a program that only the shell knows", by)
	}
	w.scripts = append(w.scripts, strings.Join(words, " "))
	base := path.Base(words[0])
	switch {
	case (base == "sh" || base == "bash") && len(words) > 2 && strings.HasPrefix(words[1], "-") && strings.HasSuffix(words[1], "c"):
		w.sh = by + " runs a shell"
		w.needs = append(w.needs, need{base, by})
		d := shell.POSIX
		if base == "bash" {
			d = shell.Bash
		}
		w.shellText(words[2], d, by)
	case (base == "sh" || base == "bash") && len(words) > 1:
		w.sh = by + " runs a shell"
		w.needs = append(w.needs, need{base, by})
		w.runsFile(w.abs(words[1]), words[1], by)
	case base == "tini" || base == "dumb-init" || base == "gosu" || base == "su-exec" || base == "env" || base == "nice" || base == "nohup" || base == "time" || base == "xvfb-run":
		w.needs = append(w.needs, need{words[0], by})
		rest := words[1:]
		if base == "gosu" || base == "su-exec" {
			rest = rest[min(1, len(rest)):]
		}
		for len(rest) > 0 && (strings.HasPrefix(rest[0], "-") || base == "env" && strings.Contains(rest[0], "=")) {
			rest = rest[1:]
		}
		w.words(rest, by)
	default:
		w.program(words, by)
	}
}

// forwarded stands for the words that a script is given.
const forwarded = "\x00@"

// program takes a program that is started with its words.
func (w *walk) program(words []string, by string) {
	name := words[0]
	at := w.lookup(name)
	if at != "" {
		if w.scriptAt(at) != "" || w.files.at[at] != nil && w.files.at[at].from != "" {
			w.runsFile(at, name, by)
			return
		}
		w.ran(name, at)
		return
	}
	switch path.Base(name) {
	case "java":
		if w.plan.Ecosystem != "Java" {
			w.needs = append(w.needs, need{"java", by})
		}
		w.jar(words, by)
		w.runs("java")
		return
	case "node", "nodejs":
		w.nodeProgram(words, by)
		return
	case "npm", "yarn", "pnpm":
		w.script_(words, by)
		return
	case "dotnet":
		if len(words) < 2 || !strings.HasSuffix(words[1], ".dll") {
			refuse("%s runs the SDK", by)
		}
		if at := w.abs(words[1]); !w.files.has(at) {
			refuse("%s runs %s, which nothing is known to make", by, words[1])
		}
		w.runs("dotnet")
		return
	case "go", "cargo", "make", "mvn", "gradle", "gcc":
		refuse("%s runs %s, which builds", by, path.Base(name))
	}
	if strings.Contains(name, "/") && !strings.HasPrefix(name, "/bin/") && !strings.HasPrefix(name, "/usr/bin/") && !strings.HasPrefix(name, "/usr/sbin/") && !strings.HasPrefix(name, "/sbin/") {
		refuse("%s runs %s, which nothing is known to make", by, name)
	}
	w.needs = append(w.needs, need{name, by})
}

func (w *walk) runs(name string) {
	if !slices.Contains(w.plan.Runs, name) {
		w.plan.Runs = append(w.plan.Runs, name)
	}
}

// ran notes a program that the build has made and the container runs.
func (w *walk) ran(name, at string) {
	if e := w.files.at[at]; e == nil || e.trash {
		if !w.files.within(path.Dir(at), func(e *entry) bool { return e.trash }) || w.sharesLibraries() {
			w.untrash(at)
		} else {
			w.files.put(at, "").made = true
		}
	}
	if e := w.files.at[at]; e != nil {
		e.used = true
	}
	w.runs(name)
}

// sharesLibraries reports whether programs of a build's folder may be linked with
// libraries in it.
func (w *walk) sharesLibraries() bool {
	return w.text.has("Cargo.toml", "dylib") || w.text.has("CMakeLists.txt", "SHARED")
}

// lookup finds a program among what the file has made or copied, "" for none.
func (w *walk) lookup(name string) string {
	if strings.Contains(name, "/") {
		if at := w.abs(name); w.files.has(at) {
			return at
		}
		return ""
	}
	search, _ := w.resolvePath()
	if w.files.local && !essential[name] {
		if has, known := w.image.Has(name); known && !has {
			w.files.put(path.Join("/usr/local/bin", name), "").used = true
		}
	}
	for _, dir := range search {
		if at := path.Join(dir, name); w.files.at[at] != nil && !w.files.at[at].dir {
			return at
		}
	}
	return ""
}

// resolvePath are the folders of PATH.
func (w *walk) resolvePath() ([]string, bool) {
	list := []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
	if v, ok := w.env.Var("PATH"); ok {
		return strings.Split(v, ":"), true
	}
	if v, ok := w.inherited("PATH"); ok {
		list = strings.Split(v, ":")
	}
	for _, in := range w.stage.Instructions {
		if c, ok := in.Command.(*instructions.EnvCommand); ok {
			for _, kv := range c.Env {
				if kv.Key == "PATH" {
					for part := range strings.SplitSeq(strings.Trim(kv.Value, `"'`), ":") {
						if v, ok := w.resolve(part); ok && part != "$PATH" && part != "${PATH}" {
							list = append([]string{v}, list...)
						}
					}
				}
			}
		}
	}
	return list, true
}
