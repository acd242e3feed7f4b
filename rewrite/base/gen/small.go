package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// provides reads which packages have a command.
func (g *generator) provides() error {
	s, err := g.sheet("command2package.tsv.gz", 6451, "command", "suite", "packages", "directory", "note")
	if err != nil {
		return err
	}
	err = first(
		s.filled("command", "directory"),
		s.enum("suite", "bookworm", "trixie"),
		s.enum("directory", "bin", "sbin", "usr/bin", "usr/sbin"),
	)
	if err != nil {
		return err
	}
	for _, r := range s.rows {
		note := strings.TrimSpace(s.get(r, "note"))
		alternatives, ok := strings.CutPrefix(note, "alternative: ")
		more := ""
		switch {
		case !ok && note == "":
		case !ok && strings.HasPrefix(note, "(+"):
			more = note
		case !ok:
			if i := strings.Index(note, "alternative: "); i >= 0 {
				alternatives, more = note[i+len("alternative: "):], strings.TrimSpace(note[:i])
				break
			}
			return fmt.Errorf("%s:%d: %w: the note %q is new", s.name, r.line, errShape, note)
		}
		if i := strings.Index(alternatives, " (+"); i >= 0 {
			alternatives, more = alternatives[:i], alternatives[i+1:]
		}
		list := strings.Join(strings.FieldsFunc(s.get(r, "packages"), func(c rune) bool { return c == ',' || c == ' ' }), " ")
		g.add(table.Provides+s.get(r, "suite")+"/"+s.get(r, "command"),
			strings.Join([]string{list, strings.ReplaceAll(alternatives, ",", " "), s.get(r, "directory"), more}, "\t"))
	}
	return nil
}

// libraries reads what the -dev packages stand for at run time.
func (g *generator) libraries() error {
	s, err := g.sheet("devlibs.tsv", 734, "dev_package", "suite", "runtime_packages", "source_package", "note")
	if err != nil {
		return err
	}
	if err := first(s.filled("dev_package", "runtime_packages"), s.enum("suite", "bookworm", "trixie")); err != nil {
		return err
	}
	for _, r := range s.rows {
		runtime := s.get(r, "runtime_packages")
		if runtime == "-" {
			runtime = ""
		}
		g.add(table.Library+s.get(r, "suite")+"/"+s.get(r, "dev_package"), runtime+"\t"+s.get(r, "note"))
	}
	return nil
}

// needs reads a list of packages: one of a single suite gets @SUITE, one that is
// optional ?. What is not a package any more ends the list, and rest says so.
func needs(list string) (packages []string, rest bool) {
	for word := range strings.FieldsSeq(list) {
		last := len(packages) - 1
		switch {
		case last >= 0 && (word == "(bookworm)" || word == "(trixie)"):
			suite := "@" + strings.Trim(word, "()")
			name := packages[last]
			packages[last] += suite
			// libxmlsec1 libxmlsec1-openssl (bookworm) means both.
			if last > 0 && strings.HasPrefix(name, packages[last-1]+"-") {
				packages[last-1] += suite
			}
		case last >= 0 && word == "optional":
			packages[last] += "?"
		case packageName.MatchString(word):
			packages = append(packages, word)
		default:
			return packages, true
		}
	}
	return packages, false
}

// lists are the columns of a languages' sheet that hold packages.
func (s *sheet) lists() []string {
	return []string{"build_needs_debian", "build_needs_alpine", "runtime_debian", "runtime_alpine"}
}

var separators = regexp.MustCompile(`[-_.]+`)

// languages reads what packages of PyPI and npm need of the system.
func (g *generator) languages() error {
	for _, of := range []struct {
		file, kind, name, glibc, musl string
		about                         int
	}{
		{"pysdist.tsv", table.Python, "pypi_name", "wheels_glibc", "wheels_musl", 265},
		{"npmnative.tsv", table.Node, "npm_name", "prebuilt_glibc", "prebuilt_musl", 109},
	} {
		s, err := g.sheet(of.file, of.about, of.name, of.glibc, of.musl, "build_needs_debian", "build_needs_alpine", "runtime_debian", "runtime_alpine", "notes", "confidence")
		if err != nil {
			return err
		}
		err = first(
			s.filled(of.name),
			s.enum(of.glibc, "yes", "no", "pure", "n/a"), s.enum(of.musl, "yes", "no", "pure", "n/a"),
			s.enum("confidence", "high", "medium", "low"),
		)
		if err != nil {
			return err
		}
		for _, r := range s.rows {
			name := s.get(r, of.name)
			if of.kind == table.Python {
				name = strings.ToLower(separators.ReplaceAllString(name, "-")) // PEP 503
			}
			cells := slices.Clone(r.cells[1:])
			for n, column := range s.lists() {
				packages, rest := needs(s.get(r, column))
				if rest {
					cells[6] = strings.TrimPrefix(cells[6]+"; "+s.get(r, column), "; ")
				}
				cells[2+n] = strings.Join(packages, " ")
			}
			g.add(of.kind+name, strings.Join(cells, "\t"))
		}
	}
	return nil
}

// products reads the ends of life.
func (g *generator) products() error {
	const file = "raw/endoflife.json"
	data, err := g.read(file)
	if err != nil {
		return err
	}
	var all map[string]struct {
		Title    string
		Releases []struct {
			Cycle    string          `json:"releaseCycle"`
			Codename string          `json:"codename"`
			Released string          `json:"releaseDate"`
			EOL      json.RawMessage `json:"eol"`
			Extended json.RawMessage `json:"eoes"`
			Latest   string          `json:"latest"`
		}
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("%s: %w: %w", file, errShape, err)
	}
	if len(all) < 30 || len(all) > 120 {
		return fmt.Errorf("%s: %w: it has %d products, it had about 59", file, errShape, len(all))
	}
	for _, name := range sorted(all) {
		p := all[name]
		out := table.Releases{Title: p.Title}
		for _, r := range p.Releases {
			release := table.Release{Cycle: r.Cycle, Codename: r.Codename, Released: r.Released, Latest: r.Latest}
			if release.End, release.Ended, err = dateOrTruth(r.EOL); err == nil && r.Extended != nil {
				release.Extended, _, err = dateOrTruth(r.Extended)
			}
			if err != nil || r.Cycle == "" || r.EOL == nil {
				return fmt.Errorf("%s: %w: %s %s has no cycle or no end that is a date, true or false", file, errShape, name, r.Cycle)
			}
			out.Cycles = append(out.Cycles, release)
		}
		if out.Title == "" || len(out.Cycles) == 0 {
			return fmt.Errorf("%s: %w: %s has no title or no releases", file, errShape, name)
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		g.add(table.Product+name, string(text))
	}
	return nil
}

var isDate = regexp.MustCompile(`^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$`)

func dateOrTruth(raw json.RawMessage) (date string, truth bool, err error) {
	if json.Unmarshal(raw, &truth) == nil {
		return "", truth, nil
	}
	if err := json.Unmarshal(raw, &date); err != nil || !isDate.MatchString(date) {
		return "", false, fmt.Errorf("%s is no date", raw)
	}
	return date, false, nil
}
