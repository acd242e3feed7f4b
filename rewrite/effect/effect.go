// Package effect says what an instruction of a Dockerfile reads and writes:
// files of the image, variables, the user, the configuration, the build context.
// The sets are bounds from above: what is not known to stay untouched counts as
// touched, so that two instructions that [Commutes] allows to change places give
// the same image in either order. The one thing taken on trust is in [Env]: where
// folders are links that the text does not tell of.
package effect

import (
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Effect is what an instruction reads and writes, both bounds from above.
type Effect struct {
	Reads, Writes []Place
	// Opaque names why a RUN is taken to read and write every file there is; ""
	// where its script is understood whole.
	Opaque string
}

// Commutes reports whether two instructions that follow each other may change
// places: neither writes what the other reads or writes (Bernstein's
// conditions). The effects are those in the order of the text, the second one's
// with what the first one sets.
func Commutes(a, b Effect) bool {
	_, conflict := a.Conflict(b)
	return !conflict
}

// Conflict is the first place that keeps two instructions apart, as e names it,
// and false where they commute.
func (e Effect) Conflict(b Effect) (Place, bool) {
	for _, w := range e.Writes {
		if slices.ContainsFunc(b.Reads, w.changes) ||
			slices.ContainsFunc(b.Writes, func(v Place) bool { return w.changes(v) || v.changes(w) }) {
			return w, true
		}
	}
	for _, r := range e.Reads {
		if slices.ContainsFunc(b.Writes, func(w Place) bool { return w.changes(r) }) {
			return r, true
		}
	}
	return Place{}, false
}

func (e *Effect) reads(ps ...Place)  { e.Reads = add(e.Reads, ps) }
func (e *Effect) writes(ps ...Place) { e.Writes = add(e.Writes, ps) }

func add(to, ps []Place) []Place {
	for _, p := range ps {
		if !slices.Contains(to, p) {
			to = append(to, p)
		}
	}
	return to
}

// Of is the effect of an instruction where e stands before it. It is that of
// BuildKit's dispatch functions (convert.go in dockerfile2llb), one by one. FROM,
// and an ARG before the first FROM, have none: neither stands in a stage.
func Of(in *dockerfile.Instruction, e Env) Effect {
	var out Effect
	if in.Is("RUN") {
		out.Reads, out.Writes = make([]Place, 0, 128), make([]Place, 0, 64)
	}
	if in.Stage == nil || in.Command == nil {
		return out
	}
	w := wording{env: e, escape: in.File.Escape, out: &out}
	switch c := in.Command.(type) {
	case *instructions.EnvCommand:
		// All values are made before the first is set (Expand): B=$A of the same
		// instruction is the old A, which the reads say.
		for _, kv := range c.Env {
			w.expand(kv.Value)
			out.writes(Place{EnvVar, w.key(kv.Key)})
		}
		// A new variable goes behind those there are, in the image's list and in
		// the environment of each RUN.
		out.writes(variables)
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if kv.Value != nil {
				w.expand(*kv.Value)
			}
			out.writes(Place{ArgVar, kv.Key}) // the name is taken as it stands (dispatchArg)
			if e.site != nil {
				out.writes(Place{EnvVar, kv.Key})
			}
		}
		// AddEnv: an ARG joins the same list as ENV. Where programs are taken at their
		// word, its place there counts only beside an ENV of the same name.
		if e.site == nil {
			out.writes(variables)
		}
	case *instructions.LabelCommand:
		for _, kv := range c.Labels {
			w.expand(kv.Value)
			out.writes(config("Labels", w.key(kv.Key)))
		}
	case *instructions.MaintainerCommand:
		out.writes(Place{Config, "Author"})
	case *instructions.ExposeCommand:
		// Ports join a set, so two EXPOSE could always change places; that two of
		// the same port do not is the price of saying who exposes it.
		for _, p := range c.Ports {
			w.expand(p)
			out.writes(config("ExposedPorts", literal(p)))
		}
	case *instructions.VolumeCommand:
		// The configuration alone: BuildKit keeps what a later RUN or COPY puts
		// there, the classic builder threw it away.
		for _, v := range c.Volumes {
			w.expand(v)
			out.writes(config("Volumes", literal(v)))
		}
	case *instructions.UserCommand:
		w.expand(c.User)
		out.writes(Place{Kind: User})
	case *instructions.ShellCommand:
		out.writes(Place{Kind: Shell})
	case *instructions.CmdCommand:
		out.writes(Place{Config, "Cmd"})
		out.shellForm(c.PrependShell)
	case *instructions.EntrypointCommand:
		// ENTRYPOINT clears the CMD of the base, never one of this stage, before it
		// or behind it (dispatchEntrypoint asks whether CMD is set here).
		out.writes(Place{Config, "Entrypoint"}, Place{Config, "BaseCmd"})
		out.shellForm(c.PrependShell)
	case *instructions.HealthCheckCommand:
		out.writes(Place{Config, "Healthcheck"}) // its shell is the container's, later
	case *instructions.StopSignalCommand:
		w.expand(c.Signal)
		out.writes(Place{Config, "StopSignal"})
	case *instructions.OnbuildCommand:
		out.writes(Place{Config, "OnBuild"}) // a list: the order counts, the text is not expanded
	case *instructions.WorkdirCommand:
		w.workdir(c)
	case *instructions.CopyCommand:
		w.copy(c)
	case *instructions.AddCommand:
		w.add(c)
	case *instructions.RunCommand:
		w.run(in, c)
	default:
		// BuildKit has no other; whatever it were, nothing may pass it.
		out.Opaque = "restow does not know " + in.Command.Name()
		for k := File; k <= Network; k++ {
			out.writes(Place{k, "*"})
		}
	}
	return out
}

// shellForm notes that a command in shell form gets SHELL put before it now
// (withShell), not when the container starts.
func (e *Effect) shellForm(yes bool) {
	if yes {
		e.reads(Place{Kind: Shell})
	}
}

// workdir sets the folder and makes it where it is missing, owned by the user of
// the moment (dispatchWorkdir: Mkdir with parents and the config's User).
func (w *wording) workdir(c *instructions.WorkdirCommand) {
	out, e := w.out, w.env
	out.writes(Place{Kind: Workdir})
	out.reads(Place{Kind: User})
	dir, known := w.expand(c.Path)
	if !absolute(dir) || !known {
		out.reads(Place{Kind: Workdir})
	}
	if known {
		dir, known = e.within(dir)
	}
	if !known {
		out.reads(e.accounts()...)
		out.writes(everyFile)
		return
	}
	if dir == "/" {
		return // nothing is made
	}
	root := e.userKnown && (e.user == "" || e.user == "0" || e.site != nil && e.user == "root")
	if !root && !(e.userKnown && numeric(e.user)) {
		out.reads(e.accounts()...)
	}
	// Only the entry is written, not what is in the folder: /. stands for that.
	for i, f := range e.files(dir) {
		if f.Name == "*" {
			out.writes(f)
			continue
		}
		out.writes(Place{File, join(f.Name, ".")})
		if missing, some := e.missing(f.Name); some {
			out.writes(Place{File, join(missing, ".")})
		}
		out.in(e, f.Name, root && i == 0) // what a link leads to is not relied on
	}
}

// in notes that something is done in a folder, which is made where it is missing,
// or whose lack is an error. Those that make it as root, mode 0755, change places
// with each other, since any of them leaves the same folder; they do not with
// those that make it otherwise or do not make it. Hence two kinds of places: the
// first kind of instruction reads Folder and writes RootFolder, the second reads
// both and writes Folder, and either writes only what is not known to be there.
func (e *Effect) in(env Env, folder string, asRoot bool) {
	missing, some := env.missing(folder)
	e.reads(Place{Folder, folder})
	if asRoot {
		if some {
			e.writes(Place{RootFolder, missing})
		}
		return
	}
	e.reads(Place{RootFolder, folder})
	if some {
		e.writes(Place{Folder, missing})
	}
}

// ReadsVariable reports whether a variable of that name decides what is done; * is
// for one of any name.
func (e Effect) ReadsVariable(name string) bool {
	return e.ReadsFrom(Place{EnvVar, name})
}

// ReadsFrom reports whether writing a place may be seen by what has the effect.
func (e Effect) ReadsFrom(p Place) bool { return slices.ContainsFunc(e.Reads, p.changes) }

// WritesTo reports whether what has the effect may change what is at a place.
func (e Effect) WritesTo(p Place) bool {
	return slices.ContainsFunc(e.Writes, func(w Place) bool { return w.changes(p) })
}
