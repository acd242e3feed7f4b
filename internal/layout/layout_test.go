// Package layout holds the test of how packages may depend on each other.
package layout

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/restow/restow"

// allowed names, for each package, the packages of this module that it may
// import directly. Imports point down only.
var allowed = map[string][]string{
	"bot":                  {"bot/markdown", "rewrite", "rewrite/diff", "rewrite/dockerfile", "rewrite/project"},
	"bot/markdown":         {"internal/visible"},
	"bot/page":             {},
	"cmd/restow":           {"bot", "bot/markdown", "bot/page", "internal/visible", "config", "workspace", "rewrite", "rewrite/cost", "rewrite/diff", "rewrite/dockerfile", "rewrite/images", "rewrite/passes", "rewrite/project", "rewrite/proof", "rewrite/proof/build", "pin", "internal/credentials", "internal/debian", "internal/debian/signed", "rewrite/base"},
	"config":               {},
	"workspace":            {},
	"pin":                  {},
	"rewrite":              {"rewrite/base", "rewrite/dockerfile", "rewrite/effect", "rewrite/images", "rewrite/project", "rewrite/proof"},
	"rewrite/base":         {"rewrite/base/table"},
	"rewrite/base/gen":     {"rewrite/base/table"},
	"rewrite/base/table":   {},
	"rewrite/command":      {"rewrite/shell"},
	"rewrite/cost":         {"rewrite/command", "rewrite/dockerfile", "rewrite/effect", "rewrite/project", "rewrite/shell"},
	"rewrite/effect":       {"rewrite/base", "rewrite/dockerfile", "rewrite/shell", "rewrite/command", "rewrite/install", "rewrite/project"},
	"rewrite/images":       {"rewrite/dockerfile"},
	"rewrite/passes":       {"rewrite", "rewrite/base", "rewrite/command", "rewrite/cost", "rewrite/dockerfile", "rewrite/effect", "rewrite/images", "rewrite/install", "rewrite/litter", "rewrite/needs", "rewrite/project", "rewrite/proof", "rewrite/shell", "rewrite/split"},
	"rewrite/passes/gen":   {},
	"rewrite/proof":        {"rewrite/dockerfile", "rewrite/effect", "rewrite/images", "rewrite/project", "rewrite/shell"},
	"internal/credentials": {},
	"rewrite/proof/build":  {"internal/credentials", "rewrite/diff", "rewrite/dockerfile", "rewrite/project", "rewrite/proof"},
	"rewrite/install":      {"rewrite/command", "rewrite/project", "rewrite/shell"},
	"rewrite/needs":        {"rewrite/base", "rewrite/command", "rewrite/dockerfile", "rewrite/effect", "rewrite/project", "rewrite/shell"},
	"rewrite/split":        {"rewrite/base", "rewrite/command", "rewrite/dockerfile", "rewrite/effect", "rewrite/project", "rewrite/shell"},
	"rewrite/litter":       {"rewrite/dockerfile", "rewrite/effect", "rewrite/project"},
	"rewrite/project":      {"rewrite/dockerfile"},
	"rewrite/shell":        {},
	"rewrite/dockerfile":   {},
	"rewrite/diff":         {},
	"internal/corpus":      {},
	"internal/visible":     {},
	"internal/debian":      {"internal/debian/signed"},
	"internal/layout":      {},

	"internal/debian/signed":     {},
	"internal/debian/debiantest": {"internal/debian/signed"},
}

// shared are libraries that several packages import: BuildKit's reading of a
// Dockerfile is the vocabulary of the whole engine, references and digests are
// that of images, x/sys and x/sync have no behaviour of their own.
var shared = []string{
	"github.com/moby/buildkit/frontend/dockerfile/instructions",
	"github.com/moby/buildkit/frontend/dockerfile/parser",
	"github.com/moby/buildkit/frontend/dockerfile/linter",
	"github.com/distribution/reference", "github.com/opencontainers/go-digest",
	"go.yaml.in/yaml/v4",              // compose files and the lock
	"github.com/pelletier/go-toml/v2", // registries.conf and the manifests of projects
	"golang.org/x/sys", "golang.org/x/sync",
	"github.com/klauspost/compress", // zstd, of layers and of packages
}

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Standard   bool
	Module     *struct{ Path string }
}

// list asks the go command for the packages that match and all they need.
func list(t *testing.T, patterns ...string) map[string]pkg {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Dir,GoFiles,Imports,Standard,Module"}, patterns...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]pkg{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
		// A look at each file tells the go command what this test depends on, so
		// that it does not take an earlier result for today's.
		for _, file := range p.GoFiles {
			if !strings.HasPrefix(p.ImportPath, module) {
				break
			}
			if _, err := os.Stat(filepath.Join(p.Dir, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestImports: the packages of this module import each other in one direction.
func TestImports(t *testing.T) {
	seen := 0
	for path, p := range list(t, "./...") {
		name, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		may, known := allowed[name]
		if !known {
			t.Errorf("package %s is not in the layout: say what it may import", name)
			continue
		}
		seen++
		for _, imported := range p.Imports {
			if in, ours := strings.CutPrefix(imported, module+"/"); ours && !slices.Contains(may, in) {
				t.Errorf("%s imports %s, which points up or sideways", name, in)
			}
		}
	}
	if seen < 10 {
		t.Fatalf("go list found %d packages of this module", seen)
	}
}

// TestOneImporter: each library is behind one package of this module.
func TestOneImporter(t *testing.T) {
	importers := map[string][]string{} // by library
	all := list(t, "./...")
	for path, p := range all {
		if !strings.HasPrefix(path, module+"/") {
			continue
		}
		for _, imported := range p.Imports {
			in := all[imported]
			if in.Standard || in.Module == nil || in.Module.Path == module {
				continue
			}
			library := in.Module.Path
			if library == "github.com/moby/buildkit" {
				library = imported // one library of many; its parts are told apart
			}
			if !slices.Contains(importers[library], path) {
				importers[library] = append(importers[library], path)
			}
		}
	}
	for library, by := range importers {
		if len(by) > 1 && !slices.Contains(shared, library) {
			slices.Sort(by)
			t.Errorf("%s is imported by %s: it should be behind one of them", library, strings.Join(by, ", "))
		}
	}
	if len(importers) < 10 {
		t.Fatalf("go list found %d libraries", len(importers))
	}
}

// TestPure: what reads and writes files stays out of the engine.
func TestPure(t *testing.T) {
	for path, p := range list(t, "./rewrite/...") {
		if !strings.HasPrefix(path, module+"/rewrite") || path == module+"/rewrite/proof/build" || path == module+"/rewrite/base/gen" || path == module+"/rewrite/passes/gen" {
			continue // one talks to a BuildKit daemon, the others read the sources of tables: it is their job
		}
		for _, banned := range []string{"os", "os/exec", "net", "net/http", "io/ioutil"} {
			if slices.Contains(p.Imports, banned) {
				t.Errorf("%s imports %s: passes do no input or output", path, banned)
			}
		}
	}
}
