package install

import (
	"path"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const gradleSource = "docs.gradle.org: Gradle Directories, Settings File Basics, Multi-Project Builds, Build Environment (gradle.properties), Gradle Wrapper, Version Catalogs, Sharing Build Logic (buildSrc), Composite Builds, dependencies task"

// gradle: the task dependencies resolves what the root project needs. It runs the
// settings and build scripts of all projects, so it reads those, and whatever they
// read: a scanner of lines looks for that, and what it does not know is a hazard.
// It gets the wrapper's Gradle, the plugins, and the metadata of dependencies, of
// which it downloads no archives.
func gradle(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Manager != "gradle" || m.Has("--offline") || m.Has("-v") || m.Has("--stop") || m.Has("--status") || m.Has("-h") {
		return Needs{}, false
	}
	g := &gradleBuild{line: newLine(s, cmd, m, "gradle", gradleSource)}
	dir, ok := g.dir("-p")
	if !ok {
		return g.Needs, true
	}
	for _, option := range []string{"-b", "-c", "-I"} {
		if m.Has(option) {
			g.hazard("%s names a script of its own", option)
		}
	}
	root, ok := g.root(dir)
	if !ok {
		return Needs{}, false // its build is not the context's
	}
	g.wrapper(root)
	g.build(root, 0)
	if home := g.env("GRADLE_USER_HOME"); home != "" {
		if at, ok := g.inContext(home); ok {
			g.makes(at)
		}
	}
	if home, ok := g.value("-g"); ok {
		if at, ok := g.inContext(home); ok {
			g.makes(at)
		}
	}
	only := true
	for _, i := range g.operands(command.Text) {
		name := cmd.Words[i].Value
		only = only && (strings.HasSuffix(name, "dependencies") || strings.HasSuffix(name, "buildEnvironment") || name == "help" || name == "tasks")
	}
	if only && len(g.operands(command.Text)) > 0 {
		return g.Needs, true
	}
	words := g.keep(keepOptions("-p", "-g", "-P*", "-D*", "-q", "-i", "-s", "--console", "--stacktrace"))
	program, ok := g.word(0)
	if !ok {
		g.hazard("its name cannot be repeated")
	}
	g.fetches(append([]string{program, "dependencies", "--no-daemon"}, words...)...)
	return g.Needs, true
}

// root is the nearest folder upwards with a settings script; otherwise the folder
// itself, if it has a build script.
func (g *gradleBuild) root(dir string) (string, bool) {
	for _, d := range g.upwards(dir) {
		for _, name := range settingsScripts {
			if g.has(path.Join(d, name)) {
				return d, true
			}
		}
	}
	for _, name := range buildScripts {
		if g.has(path.Join(dir, name)) {
			return dir, true
		}
	}
	return "", false
}

// wrapper notes gradlew and what it reads, or where plain gradle looks as well.
func (g *gradleBuild) wrapper(root string) {
	if path.Base(g.cmd.Words[0].Value) != "gradlew" {
		return
	}
	if at, ok := g.inContext(g.cmd.Words[0].Value); ok {
		g.needed(at)
		g.needed(path.Join(path.Dir(at), "gradle/wrapper"))
	}
}
