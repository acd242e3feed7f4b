// Package split says how a stage that both builds and runs a program is cut in two:
// what builds, what runs, and which files, packages, users and variables the part
// that runs needs. Every file that the stage leaves is accounted for: it is needed,
// or known to be needless, or lies in a folder that is kept whole. What cannot be
// accounted for is a refusal with its name. Nothing is run, and what is read is
// bounded.
package split

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
)

// Copy is a COPY of the last stage from the build: of a folder, or of files of one.
type Copy struct {
	Paths []string // in the build, absolute
	To    string   // in the last stage; it ends with a slash for what goes into a folder
}

// Plan is a stage cut in two.
type Plan struct {
	Ecosystem string                  // Go, Rust, C, Java, Node.js, Python
	Base      string                  // what the last stage is built on, as FROM writes it
	Cut       *dockerfile.Instruction // the last instruction of the build
	Manager   string                  // what installs packages in the last stage: apt, apk
	Packages  []string                // installed there
	// Recommended says that the packages are to come with what they recommend, as
	// they did in the build.
	Recommended bool
	Before      map[*dockerfile.Instruction]string // what RUNs of users and groups do, said again in their places
	Copies      []Copy
	Early       bool            // copies and After stand before the first USER
	After       []string        // commands said again behind the copies: ldconfig, ln -s
	Args        map[string]bool // build arguments that the last stage uses
	Env         []string        // variables of the build's image that the last stage uses: NAME=value
	Workdir     string          // the build image's own working directory, where the file sets none
	Needed      []string        // every path that the last stage has to have, of which copies may name folders
	Runs        []string        // the programs that the container runs
	Gain        string          // what leaves the image, by the facts of the base images
	Left        []string        // packages that stay in the build
}

// walk goes through a stage.
type walk struct {
	stage *dockerfile.Stage
	tree  *project.Tree
	env   effect.Env
	image *base.Image

	in      *dockerfile.Instruction
	files   files
	vars    map[string]string // that scripts and ENV set, for the RUN at hand
	dir     string
	ecos    []string // ecosystems whose tools build something, in the order of the text
	builds  int      // the last instruction that builds
	last    int      // the last instruction that changes files for the container
	plan    *Plan
	asked   []asked
	recs    bool
	install map[string]bool // programs that RUNs use to fetch, and nothing else needs
	users   map[string]bool
	links   []string // libraries that are linked by name: z of -lz
	project facts
	text    *sources
	scripts []string // texts of what the container runs: commands and scripts
	final   *base.Image
	sh      string // what needs a shell in the last stage
	needs   []need

	owners   []ownership // what is given to users, in order
	loose    bool        // a user's number is the next that is free, which may be another one in the last stage
	byUser   bool        // files are made by such a user
	forwards bool        // the ENTRYPOINT runs what CMD says
}

// ownership is a path that a command gives to a user.
type ownership struct{ at, text string }

// need is a program that the container runs, and who says so.
type need struct{ name, by string }

// asked is a package of the system that the build installs by name.
type asked struct {
	name, manager string
	purged        bool
}

// facts are what builds have told of the project.
type facts struct {
	static  bool // every Go program is built with CGO_ENABLED=0
	dynamic bool // some is not
	cargo   bool
	cxx     bool
	native  bool // something is compiled that may link libraries of the system
	web     bool // an ASP.NET application
	whole   bool // programs are interpreted: the folder stays whole
	unclear string
	prefix  string          // where configure is told to install
	trees   map[string]bool // folders that build tools have for themselves
}

// refusal is why a stage is not cut; it is raised with panic inside of this package
// only, and Of gives it back.
type refusal string

func refuse(format string, args ...any) { panic(refusal(fmt.Sprintf(format, args...))) }

// Of cuts a stage in two. It gives no plan and no reason for a stage that does not
// both build and run, and a reason where it does and something stands in the way.
// at is the instruction that the reason is about, if it is one.
func Of(stage *dockerfile.Stage, tree *project.Tree) (p *Plan, why string, at *dockerfile.Instruction) {
	if !worthALook(stage) {
		return nil, "", nil
	}
	w := &walk{
		stage: stage, tree: tree, env: effect.At(stage, tree), builds: -1, last: -1,
		files: files{}, plan: &Plan{Before: map[*dockerfile.Instruction]string{}, Args: map[string]bool{}},
		users: map[string]bool{}, install: map[string]bool{},
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			p, why, at = nil, string(r), w.in
			if w.builds < 0 && !w.later() {
				why = "" // it builds nothing, so that there is nothing to cut
			}
		default:
			panic(r)
		}
	}()
	return w.run(), "", nil
}

// worthALook reports whether a stage has something to run and a word that builds.
func worthALook(stage *dockerfile.Stage) bool {
	runs, builds := false, false
	for _, in := range stage.Instructions {
		switch in.Command.(type) {
		case *instructions.CmdCommand, *instructions.EntrypointCommand:
			runs = true
		case *instructions.RunCommand:
			text := in.Text.S
			for _, h := range in.Heredocs {
				text += "\n" + h.Content
			}
			builds = builds || tools.MatchString(text)
		}
	}
	return runs && builds && stage.Base == nil
}

// later reports whether a step that was not reached builds.
func (w *walk) later() bool {
	return w.in != nil && slices.ContainsFunc(w.stage.Instructions, func(in *dockerfile.Instruction) bool {
		return in.Index >= w.in.Index && in.Is("RUN") && strong.MatchString(in.Text.S)
	})
}

func (w *walk) run() *Plan {
	w.base()
	w.folders()
	for i, in := range w.stage.Instructions {
		w.in = in
		w.instruction(i, in)
		w.env = w.env.After(in)
	}
	w.in = nil
	if w.builds < 0 {
		return nil
	}
	w.in = w.stage.Instructions[w.builds]
	if w.tree == nil {
		refuse("the build context is not known, and so not what the program needs of it")
	}
	w.plan.Ecosystem = w.ecos[0]
	w.plan.Cut = w.stage.Instructions[w.last]
	w.read()
	w.trees()
	w.container()
	w.plan.Copies = w.files.copies(w)
	w.give()
	w.plan.Needed = w.files.needed(w)
	w.choose()
	w.variables()
	w.packages()
	w.gain()
	return w.plan
}

// instruction takes one instruction.
func (w *walk) instruction(i int, in *dockerfile.Instruction) {
	switch c := in.Command.(type) {
	case *instructions.RunCommand:
		if user, known := w.env.User(); !known || user != "" && user != "root" && user != "0" {
			w.byUser = true
		}
		w.dir = w.workdir()
		w.vars = map[string]string{}
		before := w.plan.Before[in]
		w.script(i, in, c)
		if w.plan.Before[in] == before || before != "" {
			w.last = max(w.last, i)
		} else if w.files.touched {
			w.last = i
		}
		w.files.touched = false
	case *instructions.CopyCommand:
		w.byUser = w.byUser || c.Chown != "" && !strings.HasPrefix(c.Chown, "root")
		w.copied(in, c)
		w.last = i
	case *instructions.AddCommand:
		w.added(c)
		w.last = i
	case *instructions.WorkdirCommand:
		if dir, ok := w.env.After(in).Workdir(); ok {
			w.files.mkdir(dir)
		} else {
			refuse("WORKDIR %s depends on a variable", c.Path)
		}
	case *instructions.OnbuildCommand:
		refuse("ONBUILD is for builds on this image, which need what builds")
	}
}

// workdir is the working directory of a step.
func (w *walk) workdir() string {
	if dir, ok := w.env.Workdir(); ok && dir != "" {
		return dir
	}
	if cfg := w.config(); cfg != nil && cfg.WorkingDir != "" {
		return cfg.WorkingDir
	}
	return "/"
}
