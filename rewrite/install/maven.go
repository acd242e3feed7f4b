package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const mavenSource = "maven.apache.org: POM Reference (Inheritance, Aggregation, Dependencies, Profiles), Configuring Maven (.mvn), Maven Wrapper; dependency:go-offline"

// maven: dependency:go-offline reads pom.xml, its parents by relativePath, its
// modules, and .mvn of the nearest folder upwards that has one. Commands that build
// get the same on their way. It does not know of modules that are only built
// later, so where modules need each other it fails.
func maven(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Manager != "mvn" || m.Has("-o") || m.Has("-v") || m.Has("-h") {
		return Needs{}, false
	}
	p := &poms{line: newLine(s, cmd, m, "maven", mavenSource), ours: map[string]bool{}}
	builds, fetches := p.goals()
	if !builds && !fetches {
		return Needs{}, false
	}
	dir, ok := p.dir()
	if !ok {
		return p.Needs, true
	}
	pom := path.Join(dir, "pom.xml")
	if file, ok := p.value("-f"); ok {
		if pom, ok = p.inContext(file); !ok {
			return Needs{}, false
		}
		if p.Tree.IsDir(pom) {
			pom = path.Join(pom, "pom.xml")
		}
	}
	if builds && !fetches && !p.Tree.Has(pom) {
		return Needs{}, false
	}
	p.wrapper(dir)
	p.settings(dir, path.Dir(pom))
	p.project(pom, 0)
	p.reactor()
	for _, property := range m.Options["-D"] {
		if value, ok := strings.CutPrefix(property, "maven.repo.local="); ok {
			p.repository(value)
		}
	}
	if !builds {
		return p.Needs, true
	}
	words := p.keep(func(i int, r command.Role) bool {
		if r.Option == "-D" && (strings.HasPrefix(r.Value, "skipTests") || strings.HasPrefix(r.Value, "maven.test")) {
			return false
		}
		return keepOptions("-B", "-q", "-U", "-nsu", "-ntp", "-N", "-f", "-s", "-gs", "-t", "-gt", "-pl", "-am", "-P*", "-D*", "-e")(i, r)
	})
	if !m.Has("-B") {
		words = append([]string{"-B"}, words...)
	}
	program, ok := p.word(0)
	if !ok {
		p.hazard("its name cannot be repeated")
	}
	p.fetches(append(append([]string{program}, words...), "dependency:go-offline")...)
	return p.Needs, true
}

// offline are the goals of the dependency plugin that only fetch.
var offline = []string{"go-offline", "resolve", "resolve-plugins", "tree", "list", "sources", "get"}

// goals tells what the command's phases and goals do: whether any builds, or
// fetches and no more.
func (p *poms) goals() (builds, fetches bool) {
	for _, i := range p.operands(command.Text) {
		goal := p.cmd.Words[i].Value
		plugin, name, isGoal := strings.Cut(goal, ":")
		if at := strings.LastIndex(goal, ":"); isGoal && strings.Contains(plugin, ".") {
			plugin, name = goal, goal[at+1:] // group:artifact:version:goal
		}
		switch {
		case !p.cmd.Words[i].Static:
			p.hazard("which goals it runs is only known when it runs")
			builds = true
		case goal == "clean" || goal == "validate" || plugin == "help" || plugin == "wrapper" || plugin == "archetype":
		case isGoal && (plugin == "dependency" || strings.Contains(plugin, "maven-dependency-plugin")) && slices.Contains(offline, name):
			fetches = true
		default:
			builds = true
		}
	}
	return builds, fetches
}

// wrapper: mvnw fetches Maven itself, as .mvn/wrapper says.
func (p *poms) wrapper(dir string) {
	if path.Base(p.cmd.Words[0].Value) != "mvnw" {
		return
	}
	if at, ok := p.inContext(p.cmd.Words[0].Value); ok {
		p.needed(at)
		if jar := path.Join(path.Dir(at), ".mvn/wrapper/maven-wrapper.jar"); !p.Tree.Has(jar) {
			p.makes(jar)
		}
	}
}

// settings notes .mvn and the files that options name, of which .mvn/maven.config
// holds some.
func (p *poms) settings(dirs ...string) {
	for _, option := range []string{"-s", "-gs", "-t", "-gt"} {
		if name, ok := p.value(option); ok {
			if at, ok := p.inContext(name); ok {
				p.needed(at)
			}
		}
	}
	for _, f := range strings.Fields(p.env("MAVEN_ARGS")) {
		if !strings.HasPrefix(f, "-D") && f != "-B" && f != "-ntp" {
			p.hazard("MAVEN_ARGS has %s", f)
		}
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		at, ok := p.nearest(dir, ".mvn")
		if !ok {
			continue
		}
		conf, _ := p.text(path.Join(at, "maven.config"))
		p.Absent = slices.DeleteFunc(p.Absent, func(name string) bool { return path.Dir(name) == at }) // .mvn is read as a whole
		p.Reads = slices.DeleteFunc(p.Reads, func(name string) bool { return path.Dir(name) == at })
		words := strings.Fields(conf)
		for i, w := range words {
			name, value, attached := strings.Cut(w, "=")
			if !attached && i+1 < len(words) {
				value = words[i+1]
			}
			switch name {
			case "-s", "-gs", "-t", "-gt", "--settings", "--global-settings", "--toolchains", "--global-toolchains":
				if file, ok := p.inContext(value); ok {
					p.needed(file)
				}
			case "-f", "--file":
				p.hazard("%s names another pom.xml", path.Join(at, "maven.config"))
			case "-Dmaven.repo.local":
				p.repository(value)
			}
		}
	}
}

func (p *poms) repository(value string) {
	if at, ok := p.inContext(value); ok && value != "" {
		p.makes(at)
	}
}
