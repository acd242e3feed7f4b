package split

import (
	"path"
	"slices"
	"strings"
)

// java is the JDK's own tools, Maven, Gradle and Ant.
func (w *walk) java(c *cmd) {
	if c.has("--version", "-version", "-v") {
		return
	}
	switch c.name {
	case "javac":
		w.building(c, "Java")
		if to, ok := c.option("-d"); ok {
			w.keep(w.abs(to))
		} else {
			w.keep(w.dir)
		}
	case "jar":
		w.building(c, "Java")
		if len(c.args) < 2 {
			refuse("`%s` is not understood", clip(c.text))
		}
		flags := strings.TrimLeft(c.args[0].s, "-")
		switch name, ok := c.option("--file", "-f"); {
		case strings.HasPrefix(c.args[0].s, "--") && ok:
			w.writes(c, arg{name, true, false})
		case strings.Contains(flags, "x"):
			w.keep(w.dir)
		case strings.Contains(flags, "f"):
			n := 1
			if strings.Contains(flags, "m") && strings.Index(flags, "m") < strings.Index(flags, "f") {
				n = 2
			}
			w.writes(c, c.args[n])
		default:
			refuse("`%s` is not understood", clip(c.text))
		}
	case "mvn", "mvnw":
		goals := c.operands("-f", "-pl", "-P", "-s", "-T", "--file", "--projects")
		if slices.ContainsFunc(goals, func(a arg) bool { return slices.Contains([]string{"package", "install", "verify", "compile"}, a.s) }) {
			w.building(c, "Java")
		}
		w.tool("target", c)
	case "gradle", "gradlew":
		goals := c.operands("-p", "-b", "-x", "-P")
		if slices.ContainsFunc(goals, func(a arg) bool {
			return strings.Contains(strings.ToLower(a.s), "jar") || slices.Contains([]string{"build", "assemble", "installDist"}, path.Base(strings.ReplaceAll(a.s, ":", "/")))
		}) {
			w.building(c, "Java")
		}
		w.tool("build", c)
		w.files.trash(path.Join(w.dir, ".gradle"))
	case "ant":
		w.building(c, "Java")
		w.keep(w.dir)
	}
}

// keep notes a folder of which nobody knows what is in it, but that it is the file's
// own.
func (w *walk) keep(dir string) {
	if w.files.isSystem(dir) {
		refuse("what is built in %s is not known", dir)
	}
	w.files.opaque(dir)
}

// tool notes the folder that a build tool works in: all that it makes is there.
func (w *walk) tool(name string, c *cmd) {
	if w.files.isSystem(w.dir) {
		refuse("`%s` works in %s", clip(c.text), w.dir)
	}
	w.files.trash(path.Join(w.dir, name))
}

// fat reports whether a project's jar has its dependencies in it: Spring Boot's
// plugins, Maven's shade and assembly, Gradle's shadow, Quarkus' uber-jar.
func (w *walk) fat() bool {
	return w.text.has("pom.xml", "spring-boot-maven-plugin", "maven-shade-plugin", "jar-with-dependencies") ||
		w.text.has("build.gradle", "org.springframework.boot", "shadow") || w.text.has("build.gradle.kts", "org.springframework.boot", "shadow")
}

// dependent reports whether a build names anything that its program takes from
// elsewhere.
func (w *walk) dependent() bool {
	return w.text.has("pom.xml", "<dependency>") || w.text.has("build.gradle", "implementation", "compile ") || w.text.has("build.gradle.kts", "implementation")
}

// jar takes the archive, or the class path, that java is given.
func (w *walk) jar(words []string, by string) {
	for i, word := range words {
		var list string
		switch {
		case word == "-jar" || word == "-cp" || word == "-classpath" || word == "--class-path":
			if i+1 == len(words) {
				return
			}
			list = words[i+1]
		case strings.HasPrefix(word, "-javaagent:"):
			list, _, _ = strings.Cut(strings.TrimPrefix(word, "-javaagent:"), "=")
		default:
			continue
		}
		for part := range strings.SplitSeq(list, ":") {
			if part == "" {
				part = "."
			}
			at := w.abs(strings.TrimSuffix(part, "/*"))
			if !w.files.has(at) && !w.files.isDir(at) {
				refuse("%s runs %s, which nothing is known to make", by, part)
			}
			if strings.HasSuffix(part, ".jar") && !strings.ContainsAny(part, "*?") {
				if w.files.within(at, func(e *entry) bool { return e.trash }) {
					if !w.fat() && w.dependent() {
						w.untrash(at) // its manifest may name others beside it
						continue
					}
					e := w.files.put(at, "")
					e.made, e.used = true, true
				}
				continue
			}
			w.untrash(at)
		}
	}
}

// untrash keeps the build's folder that holds a path.
func (w *walk) untrash(at string) {
	for d := at; d != "/"; d = path.Dir(d) {
		if e := w.files.at[d]; e != nil && e.trash {
			e.trash, e.whole, e.dir = false, true, true
			return
		}
	}
}
