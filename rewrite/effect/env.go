package effect

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	lex "github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Env is what the instructions before one have set, as far as the text tells. It
// is a value that never changes: [Env.After] makes the next one.
//
// What the text cannot tell is taken on trust in one respect: that folders with
// different paths are different folders. Known to be one are those of the twins
// table and what an ln in a RUN links; an ln that cannot be followed makes every
// path any file. A link of another folder that a base image, a package or a
// copied folder brings along is not seen. It would have to join two folders that
// the file itself names by different paths.
type Env struct {
	dir, user           string
	dirKnown, userKnown bool
	shell               []string          // nil: the default, or that of the base image
	vars                map[string]string // whose value is known
	args                []string          // ARGs in scope, in order
	folders             folders           // known to exist, each with its parents
	links               []link
	loose               string   // why paths do not tell files apart; "" where they do
	path                []string // folders that the text adds to PATH, or where libraries are
	odd                 string   // why programs may not do what their names say
	site                *site    // nil where programs are not taken at their word
}

// link is a name that leads elsewhere: to a path, or for an open one to something
// in that folder.
type link struct {
	name, to string
	open     bool
}

// Start is what stands before the first instruction of a stage: what its base
// stages have set, down to scratch, of which all is known, or an image, of which
// nothing is. ARGs of a base stage stay in scope (init of dispatchState copies
// the state, which holds them).
func Start(stage *dockerfile.Stage) Env { return start(stage, nil) }

func start(stage *dockerfile.Stage, known *site) Env {
	chain := []*dockerfile.Stage{stage}
	for at := stage; at.Base != nil && len(chain) <= stage.Index; at = at.Base {
		chain = append(chain, at.Base)
	}
	root := chain[len(chain)-1]
	e := Env{site: known}
	if root.From.From.BaseName == "scratch" {
		e.dir, e.dirKnown, e.userKnown = "/", true, true
	} else if !strings.Contains(root.From.From.BaseName, "$") {
		// What Debian's, Alpine's, Fedora's, busybox's and the distroless images share.
		e.folders = folders{"/dev", "/etc", "/home", "/proc", "/root", "/tmp", "/usr", "/usr/bin", "/var"}
		if known != nil {
			e.configured(root)
		}
	}
	for _, s := range slices.Backward(chain) {
		if windows(s, known == nil) {
			e.loose = "it is a Windows stage, where paths are read in another way"
		}
		if s == stage {
			break
		}
		for _, in := range s.Instructions {
			e = e.After(in)
		}
	}
	return e
}

// windows reports whether a stage looks like one for Windows: by its image, or by
// the escape character that is in use there.
func windows(s *dockerfile.Stage, byEscape bool) bool {
	name := strings.ToLower(s.From.From.BaseName + " " + s.From.From.Platform)
	return byEscape && s.From.File.Escape == '`' || slices.ContainsFunc([]string{"windows", "nanoserver", "servercore"},
		func(mark string) bool { return strings.Contains(name, mark) })
}

// Workdir is the working directory, and false where it is not known.
func (e Env) Workdir() (string, bool) { return e.dir, e.dirKnown }

// User is the user as USER names it, "" for root by default, and false where it
// is not known.
func (e Env) User() (string, bool) { return e.user, e.userKnown }

// Shell is what SHELL has set, nil where the file sets none.
func (e Env) Shell() []string { return slices.Clone(e.shell) }

// Var is the value of a variable, and false where it is not known: one of the
// base image, an ARG, or one that is made of those.
func (e Env) Var(name string) (string, bool) {
	v, ok := e.vars[name]
	return v, ok
}

// Args are the build arguments in scope, in the order of their first ARG.
func (e Env) Args() []string { return slices.Clone(e.args) }

// After is what stands behind an instruction.
func (e Env) After(in *dockerfile.Instruction) Env {
	if in.Stage == nil || in.Command == nil {
		return e
	}
	before := e
	w := wording{env: e, escape: in.File.Escape, out: &Effect{}}
	switch c := in.Command.(type) {
	case *instructions.EnvCommand:
		next := e
		next.vars = maps.Clone(e.vars)
		for _, kv := range c.Env {
			value, known := w.expand(kv.Value)
			next.set(literal(kv.Key), value, known)
			next.programs(literal(kv.Key), kv.Value, w)
		}
		return next
	case *instructions.ArgCommand:
		next := e
		next.vars = maps.Clone(e.vars)
		for _, kv := range c.Args {
			next.set(kv.Key, "", false) // --build-arg may give it any value
			next.programs(kv.Key, "$"+kv.Key+"-", w)
			if !slices.Contains(next.args, kv.Key) {
				next.args = append(slices.Clip(next.args), kv.Key)
			}
		}
		return next
	case *instructions.ShellCommand:
		e.shell = slices.Clone(c.Shell)
	case *instructions.UserCommand:
		e.user, e.userKnown = w.expand(c.User)
	case *instructions.WorkdirCommand:
		dir, known := w.expand(c.Path)
		if known {
			dir, known = e.within(dir)
		}
		if !known {
			dir = ""
		}
		e.dir, e.dirKnown = dir, known
		if known {
			e.found(dir)
		}
	case *instructions.CopyCommand:
		w.copied(&e, c.DestPath, c.Link)
		if c.From == "" {
			e.copiedFrom(c.SourcePaths, c.DestPath)
			if laid, ok := LaidBy(in, before); ok {
				e.made(laid)
				e.laidAnew(laid)
			}
		}
	case *instructions.AddCommand:
		w.copied(&e, c.DestPath, c.Link)
		e.copiedFrom(c.SourcePaths, c.DestPath)
	case *instructions.RunCommand:
		e.ran(in, c)
	}
	return e
}

// set keeps the value of a variable, or that it is not known. A map of the
// receiver's own must be there to be written.
func (e *Env) set(name, value string, known bool) {
	switch {
	case name == "*":
		e.vars = nil
	case !known:
		delete(e.vars, name)
	default:
		if e.vars == nil {
			e.vars = map[string]string{}
		}
		e.vars[name] = value
	}
}

// programs notes a variable that decides which program a name stands for, or what
// it does besides.
func (e *Env) programs(name, word string, w wording) {
	switch {
	case name == "PATH", name == "LD_LIBRARY_PATH":
		e.search(name, word, w)
	case name == "*" || bends(name):
		e.odd = "the variable " + name + " may change what programs do"
	}
}

// bends reports whether a variable changes what a plain command reads or writes:
// the loader's, those that make the shell read a file or look elsewhere.
func bends(name string) bool {
	return strings.HasPrefix(name, "LD_") || slices.Contains([]string{
		"BASH_ENV", "BASHOPTS", "CDPATH", "ENV", "GLOBIGNORE", "IFS", "PATH", "SHELLOPTS", "VERSION_CONTROL",
	}, name)
}

// search notes the folders that a value of PATH adds, or one like it. What it had
// before is the base image's and stays among the folders of programs (machinery).
func (e *Env) search(name, word string, w wording) {
	l := lex.NewLex(rune(w.escape))
	for part := range strings.SplitSeq(strings.Trim(word, `"'`), ":") {
		if part == "$"+name || part == "${"+name+"}" {
			continue
		}
		names, ok := variablesIn(l, part)
		dir, known := valueOf(l, part, names, ok, w.env)
		if !known || !absolute(dir) {
			e.odd = name + " has a folder that is not known: " + part
			continue
		}
		e.path = append(slices.Clip(e.path), path.Clean(dir))
	}
}
