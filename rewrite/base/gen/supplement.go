package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// supplement.tsv is what the facts lack: see its head. That buildpack-deps:bookworm
// has 413 packages with it is what the lab's own build of it has, and python:3.12
// the 469 of the published list.
//
//go:embed supplement.tsv
var supplementText string

// addition is a package with its commands.
type addition struct {
	name                   string
	commands, alternatives []string
}

// supplement are the additions by suite, and what they leave out of sets.
type supplement struct {
	added   map[string][]addition
	dropped map[string][]string // by set
}

func readSupplement() (supplement, error) {
	s := supplement{added: map[string][]addition{}, dropped: map[string][]string{}}
	for line := range strings.Lines(supplementText) {
		line = strings.TrimSuffix(line, "\n")
		cells := strings.Split(line, "\t")
		switch {
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "where\t"):
		case len(cells) != 4:
			return s, fmt.Errorf("supplement.tsv: %q has %d columns", line, len(cells))
		case strings.HasPrefix(cells[1], "-"):
			s.dropped[cells[0]] = append(s.dropped[cells[0]], cells[1][1:])
		default:
			s.added[cells[0]] = append(s.added[cells[0]], addition{cells[1], strings.Fields(cells[2]), strings.Fields(cells[3])})
		}
	}
	return s, nil
}

// onBuildpack matches the chain of what is built on the whole of buildpack-deps.
var onBuildpack = regexp.MustCompile(`(^|= |<- )buildpack-deps:([a-z]+)( |$)`)

// of are the additions to a set, by the chain of images that it was made from.
func (s supplement) of(chain string) []addition {
	m := onBuildpack.FindStringSubmatch(chain)
	if m == nil {
		return nil
	}
	return s.added[m[2]]
}

// packages adds to a set's packages. One that is there already says that the facts
// are whole by now.
func (s supplement) packages(set string, names []string, more []addition) ([]string, error) {
	for _, a := range more {
		if slices.Contains(names, a.name) && strings.HasPrefix(set, "buildpack-deps_") {
			return nil, fmt.Errorf("packages/%s.txt.gz: %w: it has %s, which supplement.tsv adds to it", set, errShape, a.name)
		}
		names = append(names, a.name)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(s.dropped[set], n) })
	slices.Sort(names)
	return slices.Compact(names), nil
}

// commands adds to a set's commands, by what provides them.
func (s supplement) commands(set string, by map[string][]string, more []addition) {
	for _, a := range more {
		by[a.name] = append(by[a.name], a.commands...)
		if len(a.alternatives) > 0 {
			by["~"+a.name] = append(by["~"+a.name], a.alternatives...)
		}
	}
	for _, name := range s.dropped[set] {
		delete(by, name)
		delete(by, "~"+name)
	}
	for name, list := range by {
		if len(list) == 0 {
			delete(by, name)
		}
	}
}

// asked are the packages that the Dockerfile of buildpack-deps names.
var asked = strings.Fields(`autoconf automake bzip2 default-libmysqlclient-dev dpkg-dev file g++ gcc imagemagick libbz2-dev libc6-dev
	libcurl4-openssl-dev libdb-dev libevent-dev libffi-dev libgdbm-dev libglib2.0-dev libgmp-dev libjpeg-dev libkrb5-dev liblzma-dev
	libmagickcore-dev libmagickwand-dev libmaxminddb-dev libncurses5-dev libncursesw5-dev libpng-dev libpq-dev libreadline-dev
	libsqlite3-dev libssl-dev libtool libwebp-dev libxml2-dev libxslt-dev libyaml-dev make patch unzip xz-utils zlib1g-dev`)

// askFor puts the names that are missing behind those of buildpack-deps that an
// image's facts have.
func askFor(f *table.Facts, ref string) {
	whole := slices.ContainsFunc(append([]string{ref}, f.Bases...), func(ref string) bool {
		name, tag, _ := cutTag(ref)
		return name == "buildpack-deps" && !strings.HasSuffix(tag, "-scm") && !strings.HasSuffix(tag, "-curl") && tag != "scm" && tag != "curl"
	})
	at := slices.Index(f.Asked, "dpkg-dev")
	if !whole || at < 0 {
		return
	}
	var missing []string
	for _, name := range asked {
		if !slices.Contains(f.Asked, name) {
			missing = append(missing, name)
		}
	}
	f.Asked = slices.Insert(slices.Clone(f.Asked), at+1, missing...)
}
