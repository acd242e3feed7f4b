package effect

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// At is like [Start], but programs are taken for what their manuals say they are,
// and the build context for what tree has, which may be nil. What is trusted then:
//
//   - A package manager of the system keeps to the folders in which a system keeps
//     its programs, its libraries, its configuration and its data.
//   - One of a language keeps to those, to dotted folders of a home, and to what
//     [install.Of] says of the project it is run in. Programs that packages bring
//     along to be run when they are installed keep to that as well.
//   - Neither reads a variable of which the script does not speak, but for those
//     that such programs are known to look at.
//   - An image of which the table of base images knows the whole configuration has
//     the user and the working directory that stand there.
//
// Whatever runs a program of the project's own, or one that is not known, still
// reads and writes everything.
func At(stage *dockerfile.Stage, tree *project.Tree) Env {
	known := newSite(tree)
	e := start(stage, known)
	if tree == nil {
		return e
	}
	// Which folder of the context a folder of the image stands for is told by all
	// copies of the stage and its bases, those behind an install among them.
	for _, in := range stage.Instructions {
		e = e.After(in)
	}
	if known.seen.asked {
		known = newSite(tree) // what was found without knowing all of them may be wrong
	}
	known.laid, known.whole = e.site.laid, true
	return start(stage, known)
}

// Placed is an instruction with what stands before it and what it does there.
type Placed struct {
	In  *dockerfile.Instruction
	Env Env
	Step
}

// Walk gives all instructions of a stage, each where it stands, as [At] has it.
func Walk(stage *dockerfile.Stage, tree *project.Tree) []Placed {
	known := newSite(tree)
	out := walk(stage, start(stage, known))
	if known.seen.asked && tree != nil {
		return walk(stage, At(stage, tree)) // the first time, not all copies were known
	}
	return out
}

func walk(stage *dockerfile.Stage, e Env) []Placed {
	out := make([]Placed, 0, len(stage.Instructions))
	for _, in := range stage.Instructions {
		out = append(out, Placed{in, e, StepOf(in, e)})
		e = e.After(in)
	}
	return out
}

func newSite(tree *project.Tree) *site {
	return &site{tree: tree, seen: &seen{
		copies: map[*dockerfile.Instruction]taken{}, effects: map[*dockerfile.Instruction]done{}, scripts: map[*dockerfile.Instruction]script{},
	}}
}

// site is what is known of a stage beyond its text.
type site struct {
	tree *project.Tree
	// laid are the folders of the context that were copied, and where to.
	laid  []laid
	whole bool   // these are all
	last  *event // what was copied and written by then
	seen  *seen  // shared by all that follow each other
}

// seen is what was found of instructions where they stand. What stands before one is
// the same each time that a stage is walked, so that each is looked at once.
type seen struct {
	copies  map[*dockerfile.Instruction]taken
	effects map[*dockerfile.Instruction]done
	scripts map[*dockerfile.Instruction]script
	asked   bool // somebody asked which folder of the context a folder stands for
}

// script is a RUN's script taken apart, or why it is not.
type script struct {
	parsed *shell.Script
	why    string
}

// of is what [Of] gives, for an instruction that e stands before.
func (e Env) of(in *dockerfile.Instruction) done {
	if e.site == nil {
		return doneBy(Of(in, e))
	}
	out, ok := e.site.seen.effects[in]
	if !ok {
		out = doneBy(Of(in, e))
		e.site.seen.effects[in] = out
	}
	return out
}

type laid struct{ root, at string }

// event is a COPY or a RUN of a stage, behind those before it.
type event struct {
	before *event
	files  []Laid  // that a COPY laid
	writes []Place // that a RUN may have changed
}

// stale reports whether a RUN may have changed a file since it was copied. What was
// not copied is not there to be changed.
func (s *site) stale(file string) bool {
	at, changed := Place{File, file}, false
	for e := s.last; e != nil; e = e.before {
		if _, ok := slices.BinarySearchFunc(e.files, file, byDest); ok {
			return changed
		}
		changed = changed || slices.ContainsFunc(e.writes, func(p Place) bool { return p.changes(at) })
	}
	return false
}

// copiedFrom notes which folder of the context a COPY lays down where.
func (e *Env) copiedFrom(sources []string, dest string) {
	if e.site == nil || e.site.tree == nil || e.site.whole {
		return
	}
	next := *e.site
	for _, src := range sources {
		at, ok := e.within(dest)
		if !ok || strings.ContainsAny(src, "*?[\\$") || strings.Contains(src, "://") {
			continue
		}
		src = strings.TrimPrefix(path.Clean("/"+src), "/")
		root := src
		if !next.tree.IsDir(src) {
			// A file, which tells as well what folder stands for what.
			if !next.tree.Has(src) {
				continue
			}
			root = path.Dir(src)
			if !strings.HasSuffix(dest, "/") && !strings.HasSuffix(dest, ".") && !e.folders.has(at) {
				if path.Base(at) != path.Base(src) {
					continue // it gets another name
				}
				at = path.Dir(at)
			}
		}
		if root == "" {
			root = "."
		}
		if l := (laid{root, at}); !slices.Contains(next.laid, l) {
			next.laid = append(slices.Clip(next.laid), l)
		}
	}
	e.site = &next
}

// ranOver notes what a RUN writes, in case an install later reads it.
func (e *Env) ranOver(writes []Place) {
	if e.site != nil && e.site.tree != nil {
		e.happened(&event{writes: writes})
	}
}

// laidAnew notes that files are as the context has them.
func (e *Env) laidAnew(files []Laid) { e.happened(&event{files: files}) }

func (e *Env) happened(what *event) {
	next := *e.site
	what.before, next.last = next.last, what
	e.site = &next
}

// over is the copy that holds a folder of the image: the nearest above it, or one
// around that which has the same files there.
func (s *site) over(dir string) (best laid, found bool) {
	s.seen.asked = true
	for _, l := range s.laid {
		if below(dir, l.at) && (!found || len(l.at) > len(best.at)) {
			best, found = l, true
		}
	}
	for _, l := range s.laid {
		// Two copies to one place: what is there is told by neither alone.
		if found && l.at == best.at && l.root != best.root {
			return laid{}, false
		}
	}
	for _, l := range s.laid {
		if found && len(l.at) < len(best.at) && below(best.at, l.at) && best.root == path.Join(l.root, strings.TrimPrefix(best.at, l.at)) {
			best = l
		}
	}
	return best, found
}

func inFolder(name, root string) (string, bool) {
	if root == "." {
		return name, true
	}
	if name == root {
		return ".", true
	}
	return strings.CutPrefix(name, root+"/")
}

// enter notes that a folder is gone into: it has to be there, whatever is in it.
func (r *reading) enter(dir string) {
	for _, f := range r.env.files(dir) {
		if f.Name == "*" {
			r.stop("links lead anywhere")
			return
		}
		r.out.reads(Place{Folder, f.Name}, Place{RootFolder, f.Name})
	}
}
