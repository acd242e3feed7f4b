// Package needs says what a stage of a Dockerfile needs of its base image: the
// programs that its steps and its container run, those that scripts from the build
// context and package managers call in turn, and the packages of languages that are
// compiled or linked. What cannot be read is in [Stage.Unknown] with its name, never
// passed over; what is read is bounded, and nothing is run.
package needs

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// Kind says what a Need is.
type Kind int

// The kinds of needs.
const (
	Command      Kind = iota // a program, found by its name or in a folder of the system
	Certificates             // the certificate authorities of the system, for https
	Zones                    // the time zones of the system
	Package                  // a package of Debian by its name, such as a library
)

// Need is one thing that has to be there.
type Need struct {
	Kind Kind
	Name string
	By   string // who needs it: RUN, HEALTHCHECK, docker/entry.sh, pip
	In   *dockerfile.Instruction
	// At orders needs and installs of a stage: what is installed before has a
	// smaller one. What the container needs has the largest there is.
	At int
}

// Running is the [Need.At] of what the container needs.
const Running = math.MaxInt

// Run tells what the container needs from what a step of the build does.
func (n Need) Run() bool { return n.At == Running }

// Dependency is a package of a language that is installed.
type Dependency struct {
	Name     string
	Compiled bool // by what the lock file says: it has a program to build, and none that is ready
	By       string
	In       *dockerfile.Instruction
	At       int
}

// Install is a package of the system that a step installs.
type Install struct {
	Name    string
	Manager string // apt, apk, dnf
	In      *dockerfile.Instruction
	At      int
}

// Unknown is why more may be needed than is said.
type Unknown struct {
	Why string
	In  *dockerfile.Instruction
	Run bool
}

// Stage is what the instructions of a stage need, without those of the stages that
// it is built on.
type Stage struct {
	Needs     []Need
	Python    []Dependency
	Node      []Dependency
	Ruby      []Dependency
	Rust      []Dependency
	Installed []Install
	Unknown   []Unknown
	// Programs are those of the project, run by an interpreter, whose own calls of
	// other programs were looked for in their text where that is to be had.
	Programs []string
	Unread   bool // some of their text is not to be had
}

// limits of what is read for one stage.
const (
	maxDepth   = 6       // scripts that run each other
	maxScript  = 1 << 20 // bytes of a script or manifest
	maxLock    = 8 << 20 // bytes of a lock file
	maxScripts = 200
	maxLaid    = 2000 // files and folders that are copied
)

// File reads the stages of a file, and keeps what they share.
type File struct {
	tree    *project.Tree
	layouts map[*dockerfile.Stage]*layout
}

// New is for the stages of one file. tree may be nil.
func New(tree *project.Tree) *File { return &File{tree, map[*dockerfile.Stage]*layout{}} }

// Of reads a stage of the file.
func (f *File) Of(stage *dockerfile.Stage) *Stage {
	r := &reader{File: f, stage: stage, in: stage.From, out: &Stage{}, seen: map[string]bool{}}
	r.env = effect.At(stage, f.tree)
	r.files = r.layoutOf(stage)
	if r.files.partly != "" {
		r.unknown(r.files.partly)
	}
	last := lastOf(stage)
	argv := shellOf(stage.Base)
	for _, in := range stage.Instructions {
		r.in = in
		switch c := in.Command.(type) {
		case *instructions.ShellCommand:
			argv = c.Shell
		case *instructions.RunCommand:
			r.at, r.by = r.at+1, "RUN"
			r.run(c, argv)
		case *instructions.EnvCommand:
			r.zone(c)
		case *instructions.CmdCommand:
			r.container(last, c, "CMD", c.CmdLine, c.PrependShell, argv)
		case *instructions.EntrypointCommand:
			r.container(last, c, "ENTRYPOINT", c.CmdLine, c.PrependShell, argv)
		case *instructions.HealthCheckCommand:
			r.health(last, c, argv)
		case *instructions.OnbuildCommand:
			r.unknown("ONBUILD decides what builds on the image run")
		}
		r.env = r.env.After(in)
	}
	r.sources()
	r.sort()
	return r.out
}

type reader struct {
	*File
	stage *dockerfile.Stage
	env   effect.Env
	out   *Stage
	files *layout
	seen  map[string]bool // scripts that were read, by path and time

	in      *dockerfile.Instruction
	at      int // of the RUN; commands within add to it
	running bool
	by      string
	dir     string // the working directory where a script has changed it; "" for that of the stage
	depth   int
	read    int // scripts
}

// lastOf are the instructions of a stage of which only the last counts.
func lastOf(stage *dockerfile.Stage) map[any]bool {
	last := map[string]any{}
	for _, in := range stage.Instructions {
		switch c := in.Command.(type) {
		case *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.HealthCheckCommand:
			last[in.Command.Name()] = c
		}
	}
	out := map[any]bool{}
	for _, c := range last {
		out[c] = true
	}
	return out
}

// shellOf is the SHELL that a stage leaves to one that builds on it.
func shellOf(stage *dockerfile.Stage) []string {
	for ; stage != nil; stage = stage.Base {
		for _, in := range slices.Backward(stage.Instructions) {
			if sh, ok := in.Command.(*instructions.ShellCommand); ok {
				return sh.Shell
			}
		}
	}
	return nil
}

func (r *reader) when() int {
	if r.running {
		return Running
	}
	return r.at
}

func (r *reader) need(kind Kind, name string) {
	n := Need{Kind: kind, Name: name, By: r.by, In: r.in, At: r.when()}
	same := func(o Need) bool {
		return o.Kind == n.Kind && o.Name == n.Name && (o.In == n.In || o.At <= n.At && n.At != Running)
	}
	if !slices.ContainsFunc(r.out.Needs, same) {
		r.out.Needs = append(r.out.Needs, n)
	}
}

func (r *reader) unknown(why string) {
	u := Unknown{why, r.in, r.running}
	if !slices.Contains(r.out.Unknown, u) {
		r.out.Unknown = append(r.out.Unknown, u)
	}
}

func (r *reader) program(name string) {
	if !slices.Contains(r.out.Programs, name) {
		r.out.Programs = append(r.out.Programs, name)
	}
}

// sort puts needs in the order of their use; what is used at one time stays in the
// order of the text.
func (r *reader) sort() {
	slices.SortStableFunc(r.out.Needs, func(a, b Need) int { return cmp.Compare(a.At, b.At) })
}

// zone takes a time zone: the libraries read it from the system's table.
func (r *reader) zone(c *instructions.EnvCommand) {
	for _, kv := range c.Env {
		if kv.Key == "TZ" && strings.Contains(kv.Value, "/") {
			r.by, r.running = "ENV TZ", true
			r.need(Zones, "tzdata")
			r.running = false
		}
	}
}

// container reads what the container runs.
func (r *reader) container(last map[any]bool, c any, name string, line []string, prepend bool, argv []string) {
	if !last[c] || len(line) == 0 {
		return
	}
	r.by, r.running = name, true
	defer func() { r.running = false }()
	if name == "CMD" && r.entrypoint() {
		// These are words for the ENTRYPOINT, which runs them or takes them as its own.
		if prepend {
			r.script(strings.Join(line, " "), argv)
			return
		}
		if !strings.HasPrefix(line[0], "-") {
			r.lenient(line)
		}
		return
	}
	if prepend {
		r.script(strings.Join(line, " "), argv)
		return
	}
	r.words(line)
}

// entrypoint reports whether the stage, or one that it is built on, has one.
func (r *reader) entrypoint() bool {
	for s := r.stage; s != nil; s = s.Base {
		for _, in := range s.Instructions {
			if c, ok := in.Command.(*instructions.EntrypointCommand); ok && len(c.CmdLine) > 0 {
				return true
			}
		}
	}
	return false
}

// lenient reads words that may be a command, and may not.
func (r *reader) lenient(line []string) {
	before := len(r.out.Unknown)
	r.words(line)
	r.out.Unknown = r.out.Unknown[:before]
}

func (r *reader) health(last map[any]bool, c *instructions.HealthCheckCommand, argv []string) {
	if !last[c] || c.Health == nil || len(c.Health.Test) < 2 {
		return
	}
	r.by, r.running = "HEALTHCHECK", true
	defer func() { r.running = false }()
	switch c.Health.Test[0] {
	case "CMD":
		r.words(c.Health.Test[1:])
	case "CMD-SHELL":
		r.script(c.Health.Test[1], argv)
	}
}

// words reads a command that no shell is needed for.
func (r *reader) words(line []string) {
	var quoted []string
	for _, w := range line {
		quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
	}
	r.text(strings.Join(quoted, " "), shell.POSIX)
}

// script reads what a SHELL array is given.
func (r *reader) script(text string, argv []string) {
	d, why := shell.DialectOf(argv)
	if why != "" {
		r.unknown(r.by + " is for a shell that is not read: " + why)
		return
	}
	if len(argv) > 0 {
		r.command(argv[0])
	} else {
		r.need(Command, "sh")
	}
	r.text(text, d)
}
