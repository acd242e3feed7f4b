// Command gen makes the table of facts about base images that rewrite/base embeds:
//
//	gen DATA TABLE
//
// DATA is the folder of collected facts, whose README.md says what each file is and
// where it is from. A file that is not of the shape that is known here is an error:
// a column that is gone, a word that is new, far more or fewer rows than there were.
// The same data gives the same bytes.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/restow/restow/rewrite/base/table"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen DATA TABLE")
		os.Exit(2)
	}
	if err := run(os.DirFS(os.Args[1]), os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(data fs.FS, out string) error {
	made, err := generate(data)
	if err != nil {
		return err
	}
	if len(made) > 3<<20 {
		return fmt.Errorf("the table has %d bytes, more than the 3 MiB it may have", len(made))
	}
	return os.WriteFile(out, made, 0o644)
}

// generate reads all sources and makes the table's bytes.
func generate(data fs.FS) ([]byte, error) {
	g := &generator{data: data, entries: map[string]string{}, facts: map[string]bool{}, sets: map[string]set{}, old: map[string]oldFacts{}, typed: map[string]bool{}}
	for _, step := range []func() error{g.sources, g.packageSets, g.tags, g.images, g.retired, g.provides, g.libraries, g.languages, g.products} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return table.Write(g.lines)
}

// generator collects the lines of the table.
type generator struct {
	data    fs.FS
	lines   []table.Line
	entries map[string]string   // image:tag of live tags, to image:entry
	facts   map[string]bool     // keys of images with facts
	old     map[string]oldFacts // by image:tag, those of retired tags
	typed   map[string]bool     // those keys whose facts were typed by hand
	sets    map[string]set
	more    supplement
}

// oldFacts are the facts of a retired tag: their key and the suite.
type oldFacts struct{ key, suite string }

func (g *generator) add(key, value string) {
	g.lines = append(g.lines, table.Line{Key: key, Value: value})
}

var errShape = errors.New("the source has changed")
