package base

import (
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// Provider says which packages of a suite have a command.
type Provider struct {
	Packages     []string // those with such a file, at most 6, the best first
	Alternatives []string // those whose installation makes a link of that name
	Directory    string   // usr/bin
	Note         string
}

// Provides finds the packages with a command in a Debian suite (bookworm, trixie).
// It is false where the command is not in the table; [Covers] tells whether the
// suite is.
func Provides(command, suite string) (Provider, bool) {
	value, ok := get(table.Provides, suite, command)
	if !ok {
		return Provider{}, false
	}
	f := strings.Split(value, "\t")
	return Provider{strings.Fields(f[0]), strings.Fields(f[1]), f[2], f[3]}, true
}

// Covers reports whether the commands and libraries of a suite are in the table.
func Covers(suite string) bool { return suite == "bookworm" || suite == "trixie" }

// RuntimeOf are the library packages that a -dev package stands for at run time,
// without what these need in turn. An empty list is a package of headers and static
// libraries; ok is false where the table does not have it for that suite.
func RuntimeOf(dev, suite string) (libraries []string, note string, ok bool) {
	value, ok := get(table.Library, suite, dev)
	if !ok {
		return nil, "", false
	}
	list, note, _ := strings.Cut(value, "\t")
	return strings.Fields(list), note, true
}

func get(kind, suite, name string) (string, bool) {
	if strings.ContainsAny(suite+name, "\t\n/") {
		return "", false
	}
	return facts.Get(kind + suite + "/" + name)
}

// Ready says whether a package comes ready to use.
type Ready string

// What is published for a platform.
const (
	Binary Ready = "yes"  // wheels or prebuilt addons
	Source Ready = "no"   // it is compiled where it is installed
	Pure   Ready = "pure" // nothing is to be compiled
	NoWord Ready = "n/a"
)

// Package is what a package of PyPI or npm needs of the system. Its versions are
// not told apart.
type Package struct {
	Glibc, Musl Ready  // for current Pythons or Nodes on Linux amd64
	Note        string // what the lists below cannot say
	Confidence  string // high, medium, low

	build, runtime [2]string // for Debian and for Alpine
}

// Build are the packages to build it from source on a suite; ok is false where
// their names are not known there.
func (p Package) Build(suite string) (packages []string, ok bool) { return needs(p.build, suite) }

// Runtime are the packages that are needed to use it on a suite, without those
// that are optional; ok is false where their names are not known there.
func (p Package) Runtime(suite string) (packages []string, ok bool) { return needs(p.runtime, suite) }

func needs(lists [2]string, suite string) (packages []string, ok bool) {
	list := lists[0]
	switch {
	case strings.HasPrefix(suite, "alpine"):
		list = lists[1]
	case !codename("debian", suite):
		return nil, false
	}
	specific, found := false, false
	for word := range strings.FieldsSeq(list) {
		if strings.HasSuffix(word, "?") {
			continue
		}
		name, only, bound := strings.Cut(word, "@")
		specific = specific || bound
		found = found || bound && only == suite
		if !bound || only == suite {
			packages = append(packages, name)
		}
	}
	return packages, !specific || found
}

// PythonPackage finds a package of PyPI, in whatever spelling (PEP 503).
func PythonPackage(name string) (Package, bool) {
	return packageOf(table.Python + strings.ToLower(separators.ReplaceAllString(name, "-")))
}

var separators = regexp.MustCompile(`[-_.]+`)

// NodePackage finds a package of npm, with its scope if it has one.
func NodePackage(name string) (Package, bool) { return packageOf(table.Node + name) }

func packageOf(key string) (Package, bool) {
	if strings.ContainsAny(key, "\t\n") {
		return Package{}, false
	}
	value, ok := facts.Get(key)
	if !ok {
		return Package{}, false
	}
	f := strings.Split(value, "\t")
	return Package{
		Glibc: Ready(f[0]), Musl: Ready(f[1]),
		build: [2]string{f[2], f[3]}, runtime: [2]string{f[4], f[5]},
		Note: f[6], Confidence: f[7],
	}, true
}
