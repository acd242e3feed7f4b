// Command gen writes the tables that the pass apt-no-recommends judges by. It
// reads Debian's package lists: those of the machine it runs on, or those that its
// arguments name, as files or addresses of Packages or Packages.gz. The packages
// to judge are those of the table as it stands, and those that -add names.
//
//	go run ./gen [-add name,...] table.go [Packages ...]
//
// The same lists give the same table. What is left out, and what is added without
// asking, are people's judgments: they stand in judged.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	add := flag.String("add", "", "more packages to judge, separated by commas")
	flag.Parse()
	if err := run(flag.Args(), strings.FieldsFunc(*add, func(r rune) bool { return r == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args, add []string) error {
	if len(args) == 0 {
		return fmt.Errorf("the table's file is missing")
	}
	old, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	sources := args[1:]
	if len(sources) == 0 {
		if sources, err = machine(); err != nil {
			return err
		}
	}
	a := newArchive()
	var releases []string
	for _, source := range sources {
		if err := a.read(source); err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		release, err := releaseOf(source)
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		if !slices.Contains(releases, release) {
			releases = append(releases, release)
		}
	}
	slices.Sort(releases)
	a.settle()
	names := append(judgedNames(string(old)), add...)
	return os.WriteFile(args[0], []byte(a.table(names, releases)), 0o644)
}

// judgedNames are the packages of a table: the first word of each entry, and those
// that bring nothing.
func judgedNames(table string) (names []string) {
	for entry := range strings.SplitSeq(constant(table, "aptRecommended"), ";") {
		if words := strings.Fields(entry); len(words) > 0 {
			names = append(names, words[0])
		}
	}
	return append(names, strings.Fields(constant(table, "aptPlain"))...)
}

// constant is the text of a raw string constant.
func constant(src, name string) string {
	_, text, _ := strings.Cut(src, "const "+name+" = `")
	text, _, _ = strings.Cut(text, "`")
	return text
}
