package effect

import (
	"fmt"
	"io/fs"
	"path"
	"testing/fstest"

	"github.com/restow/restow/rewrite/dockerfile"
)

// For the tests that ask BuildKit, which stand outside: proof imports this package.
var (
	Parse    = parse
	Effects  = effects
	Literals = literals
)

// Tally is for the same tests.
type Tally = tally

// ModelOutcome is what the model makes of a stage's instructions: its files and what
// the next command would see; "" where the build fails.
func ModelOutcome(ins []*dockerfile.Instruction) string {
	m := newModel()
	if m.run(ins) != nil {
		return ""
	}
	return fmt.Sprintf("%s%d %s %v %v", m, m.user, m.dir, m.vars, m.args)
}

// ModelContext is the model's build context, with manifests that are some.
func ModelContext() fs.FS {
	out := fstest.MapFS{}
	for name, folder := range modelContext {
		if folder == nil {
			out[name] = &fstest.MapFile{Data: []byte(name), Mode: 0o644}
		}
		for in, text := range folder {
			switch in {
			case "package.json":
				text = `{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0"}}`
			case "package-lock.json":
				text = `{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0","dependencies":{"left-pad":"1.3.0"}},"node_modules/left-pad":{"version":"1.3.0"}}}`
			}
			out[name+"/"+in] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
			for dir := name + "/" + in; dir != "."; {
				dir = path.Dir(dir)
				out[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
			}
		}
	}
	return out
}
