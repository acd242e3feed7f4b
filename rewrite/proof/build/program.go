package build

import (
	"archive/tar"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// defaultPath is the PATH of a process in an image that sets none.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func (img *image) env() []string {
	env := slices.Clone(img.config.Config.Env)
	if lookupEnv(env, "PATH") == "" {
		env = append(env, "PATH="+defaultPath)
	}
	return env
}

func (img *image) workdir() string { return or(img.config.Config.WorkingDir, "/") }

// shell is the command that shell form runs with.
func (img *image) shell() []string {
	if len(img.config.Config.Shell) > 0 {
		return img.config.Config.Shell
	}
	return []string{"/bin/sh", "-c"}
}

// command is what the image runs when nothing else is asked for.
func (img *image) command() []string {
	return slices.Concat(img.config.Config.Entrypoint, img.config.Config.Cmd)
}

// program reports whether a program is there and may be executed, found as a
// container's first process is: by PATH, or from the working directory.
func (img *image) program(name string) bool {
	if name == "" {
		return false
	}
	if strings.Contains(name, "/") {
		return img.executable(path.Join(img.workdir(), name), path.IsAbs(name), name)
	}
	for _, dir := range splitPath([]string{lookupEnv(img.env(), "PATH")}) {
		if img.executable("", true, dir+"/"+name) {
			return true
		}
	}
	return false
}

func (img *image) executable(joined string, abs bool, name string) bool {
	if !abs {
		name = joined
	}
	n, _ := img.tree.lookup(name)
	return n != nil && n.kind == tar.TypeReg && n.mode&0o111 != 0
}

// need is a program that something of an image runs.
type need struct{ by, program string }

// needs are the programs that the configuration names.
func (img *image) needs() (out []need) {
	c := img.config.Config
	add := func(by string, argv []string) {
		if len(argv) == 0 {
			return
		}
		out = append(out, need{by, argv[0]})
		if sh := img.shell(); len(argv) == len(sh)+1 && slices.Equal(argv[:len(sh)], sh) {
			if word := firstWord(argv[len(argv)-1]); word != "" {
				out = append(out, need{by, word})
			}
		}
	}
	add("ENTRYPOINT", c.Entrypoint)
	add("CMD", c.Cmd)
	if h := c.Healthcheck; h != nil && len(h.Test) > 1 {
		switch h.Test[0] {
		case "CMD":
			add("HEALTHCHECK", h.Test[1:])
		case "CMD-SHELL":
			add("HEALTHCHECK", append(slices.Clone(img.shell()), h.Test[1]))
		}
	}
	return out
}

var (
	plainWord = regexp.MustCompile(`^(?:exec\s+)?([A-Za-z0-9_./+-]+)(?:\s|$)`)
	builtins  = map[string]bool{
		"cd": true, "exec": true, "export": true, "set": true, "if": true, "for": true, "while": true, "until": true, "case": true,
		"test": true, "true": true, "false": true, "echo": true, "printf": true, "exit": true, "trap": true, "eval": true, "umask": true,
		"ulimit": true, "source": true, ".": true, ":": true, "unset": true, "read": true, "wait": true, "command": true, "type": true,
	}
)

// firstWord is the program that a shell command starts with, where that can be
// told by looking at it.
func firstWord(script string) string {
	m := plainWord.FindStringSubmatch(strings.TrimSpace(script))
	if m == nil || builtins[m[1]] {
		return ""
	}
	return m[1]
}

// comparePrograms reports programs that the image before could run and the one
// after cannot: those of the configuration, and the interpreters of scripts.
func comparePrograms(before, after *image) (out []Change) {
	seen := map[need]bool{}
	for _, n := range after.needs() {
		if seen[n] {
			continue
		}
		seen[n] = true
		// CMD is often arguments of an ENTRYPOINT: only what was a program counts.
		if !after.program(n.program) && (before.program(n.program) || slices.ContainsFunc(before.needs(), func(b need) bool {
			return b.by == n.by && before.program(b.program)
		})) {
			out = append(out, Change{
				Kind: Program, What: "missing", Path: n.by, Before: n.program, Breaks: true,
				Why: fmt.Sprintf("it runs %s, which is not in the image or cannot be executed", n.program),
			})
		}
	}
	byProgram := map[string][]string{}
	for p, n := range after.tree.all() {
		if n.shebang == "" || n.mode&0o111 == 0 {
			continue
		}
		for _, prog := range interpreters(n.shebang) {
			if !after.program(prog) && before.program(prog) {
				byProgram[prog] = append(byProgram[prog], p)
			}
		}
	}
	for _, prog := range slices.Sorted(maps.Keys(byProgram)) {
		scripts := byProgram[prog]
		out = append(out, Change{
			Kind: Program, What: "missing", Path: scripts[0], Before: prog, Files: len(scripts) - 1, Breaks: true,
			Why: fmt.Sprintf("the script needs %s, which is not in the image any more or cannot be executed", prog),
		})
	}
	return out
}

// interpreters are the programs that a script's first line needs.
func interpreters(shebang string) []string {
	fields := strings.Fields(shebang)
	if len(fields) == 0 || !path.IsAbs(fields[0]) {
		return nil
	}
	out := fields[:1:1]
	if path.Base(fields[0]) == "env" {
		for _, f := range fields[1:] {
			if !strings.HasPrefix(f, "-") && !strings.Contains(f, "=") {
				return append(out, f)
			}
		}
	}
	return out
}
