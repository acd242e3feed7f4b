package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// set is a list of packages and commands of an image.
type set struct {
	exact string // simulated, listed or partial
	words string // those of the tag it was made for
	more  []addition
}

// A condition is that a command is there from a version, or up to one.
type condition struct{ commands, when string }

// notes are what the first line of a list of commands says, and what it means for
// the commands of other versions than the one that the list was made for. A note
// that is not known here is an error: its meaning would be lost.
var notes = []struct {
	pattern    *regexp.Regexp
	conditions []condition
}{
	{regexp.MustCompile(`^versioned names follow the Python version; 2to3 and 2to3-3\.x up to 3\.12;`), []condition{{"2to3 2to3-{minor}", "<=3.12"}}},
	{regexp.MustCompile(`^corepack up to 24; yarn 1 \(yarn, yarnpkg\) up to 24$`), []condition{{"corepack yarn yarnpkg", "<=24"}}},
	{regexp.MustCompile(`^26: no corepack, no yarn$`), nil},
	{regexp.MustCompile(`^in /usr/local/openjdk-N/bin; jshell, jlink and jmod from 9$`), []condition{{"jshell jlink jmod", ">=9"}}},
	{regexp.MustCompile(`^(in /|GEM_HOME/bin /usr|ghc in /opt/ghc/VERSION/bin; cabal)`), nil},
	{regexp.MustCompile(`^busybox applets: from knowledge of`), nil},
	{regexp.MustCompile(`^gosu or setpriv depending on the version$`), nil},
}

var (
	packageName = regexp.MustCompile(`^[a-z0-9.][a-z0-9A-Z+._-]*$`)
	imageTag    = regexp.MustCompile(`^([a-z0-9-]+):([^ ]+)( = .*)?$`)
	pythonMinor = regexp.MustCompile(`3\.[0-9]+`)
)

// packageSets reads the lists of packages and commands. Those of Debian come from
// apt's simulation, those of Alpine from published lists.
func (g *generator) packageSets() error {
	debian, err := g.sheet("packages/index.tsv", 73, "name", "source_image", "packages", "installed_kib", "commands", "not_simulated")
	if err != nil {
		return err
	}
	if g.more, err = readSupplement(); err != nil {
		return err
	}
	for _, r := range debian.rows {
		s := set{exact: "simulated"}
		source := debian.get(r, "source_image")
		s.more = g.more.of(source)
		if m := imageTag.FindStringSubmatch(source); m != nil {
			s.words = table.Words(m[2])
		}
		if len(s.more) > 0 {
			source += "; what buildpack-deps installs completed from its Dockerfile"
		}
		missing := debian.get(r, "not_simulated")
		if missing != "" {
			s.exact = "partial"
			source += "; not simulated: " + missing
		}
		if err := g.set(debian.get(r, "name"), s, "apt's simulation of "+source, debian.get(r, "packages"), debian.get(r, "commands")); err != nil {
			return err
		}
	}
	alpine, err := g.sheet("packages/index-alpine.tsv", 10, "name", "page (docker-library/repo-info repos/)", "image_date", "disk_mb", "packages", "commands", "complete")
	if err != nil {
		return err
	}
	if err := alpine.enum("complete", "yes", "partly"); err != nil {
		return err
	}
	for _, r := range alpine.rows {
		s := set{exact: "listed"}
		if alpine.get(r, "complete") != "yes" {
			s.exact = "partial"
		}
		source := "docker-library/repo-info repos/" + alpine.get(r, "page (docker-library/repo-info repos/)") + ", " + alpine.get(r, "image_date")
		if err := g.set(alpine.get(r, "name"), s, source, alpine.get(r, "packages"), alpine.get(r, "commands")); err != nil {
			return err
		}
	}
	return nil
}

// set reads one list of packages and its commands, whose numbers must be those of
// the index.
func (g *generator) set(name string, s set, source, packages, commands string) error {
	file := "packages/" + name + ".txt.gz"
	data, err := g.read(file)
	if err != nil {
		return err
	}
	var names []string
	for line := range strings.Lines(string(data)) {
		n := strings.TrimSpace(line)
		if strings.HasPrefix(n, "#") {
			source += "; " + strings.TrimSpace(strings.TrimPrefix(n, "#"))
			continue
		}
		names = append(names, n)
		if !packageName.MatchString(n) {
			return fmt.Errorf("%s: %w: %q is no package", file, errShape, n)
		}
	}
	if n := fmt.Sprint(len(names)); n != packages {
		return fmt.Errorf("%s: %w: %s packages, its index says %s", file, errShape, n, packages)
	}
	if names, err = g.more.packages(name, names, s.more); err != nil {
		return err
	}
	g.sets[name] = s
	g.add(table.Packages+name, s.exact+"\t"+source+"\t"+strings.Join(names, " "))
	return g.commandSet(name, s, commands)
}

// commandSet reads the commands of a set and groups them by what provides them:
// the name of a package, one behind ~ for update-alternatives' links, . for the
// image itself.
func (g *generator) commandSet(name string, s set, count string) error {
	file := "commands/" + name + ".txt.gz"
	data, err := g.read(file)
	if err != nil {
		return err
	}
	python := strings.HasPrefix(name, "python_")
	by := map[string][]string{}
	note, n := "", 0
	var conditions []condition
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if said, ok := strings.CutPrefix(line, "# "); ok {
			if note != "" {
				return fmt.Errorf("%s: %w: it has two notes", file, errShape)
			}
			if note, conditions, err = meaning(said); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			continue
		}
		command, from, ok := strings.Cut(line, "\t")
		if !ok || command == "" || strings.ContainsAny(command, " {}") {
			return fmt.Errorf("%s: %w: the line %q is not a command and its package", file, errShape, line)
		}
		n++
		switch p, alternative := strings.CutSuffix(from, " (alternative)"); {
		case from == "(image)":
			from = "."
			if python {
				command = pythonMinor.ReplaceAllString(command, "{minor}")
			}
		case alternative:
			from = "~" + p
		case !packageName.MatchString(from):
			return fmt.Errorf("%s: %w: %q is no package", file, errShape, from)
		}
		by[from] = append(by[from], command)
	}
	if fmt.Sprint(n) != count {
		return fmt.Errorf("%s: %w: %d commands, its index says %s", file, errShape, n, count)
	}
	g.more.commands(name, by, s.more)
	for _, c := range conditions {
		for command := range strings.FieldsSeq(c.commands) {
			if i := slices.Index(by["."], command); i >= 0 {
				by["."] = slices.Delete(by["."], i, i+1)
			}
			by["."] = append(by["."], command+"{"+c.when+"}")
		}
	}
	fields := []string{note}
	for _, from := range sorted(by) {
		slices.Sort(by[from])
		fields = append(fields, from+" "+strings.Join(slices.Compact(by[from]), " "))
	}
	g.add(table.Commands+name, strings.Join(fields, "\t"))
	return nil
}

func meaning(note string) (string, []condition, error) {
	for _, n := range notes {
		if n.pattern.MatchString(note) {
			return note, n.conditions, nil
		}
	}
	return "", nil, fmt.Errorf("%w: it has a note that is new: %s", errShape, note)
}
