package split

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// needed are the paths that have to be in the last stage: what is copied is found
// folder by folder, this one by one.
func (f *files) needed(w *walk) (out []string) {
	for _, p := range f.paths() {
		e := f.at[p]
		skip := f.local && strings.HasPrefix(p, "/usr/local/")
		switch {
		case inTemporary(p) && !e.used, skip:
		case e.dir && e.whole && !e.trash, e.dir && e.made && !e.trash && f.used(p):
			out = append(out, p)
		case !e.dir && !e.trash && (e.used || e.from == "" || !w.needless(p, e.from)):
			out = append(out, p)
		}
	}
	return out
}

// Missing compares a last stage with the plan and with the stage that was cut, and
// names what it has not: an instruction, a package, a user, a path. It reads the last
// stage as it stands in the file, whoever wrote it.
func (p *Plan) Missing(before, last *dockerfile.Stage) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if name := last.From.From.BaseName; name != p.Base {
		say("FROM %s", p.Base)
	}
	was, is := settings(before), settings(last)
	for _, kv := range p.Env {
		name, _, _ := strings.Cut(kv, "=")
		if len(is) == 0 || !strings.Contains(is[0], name+"=") {
			say("ENV %s", name)
		}
	}
	for _, text := range is {
		if i := slices.Index(was, text); i >= 0 {
			for _, lost := range was[:i] {
				say("%s", lost)
			}
			was = was[i+1:]
		}
	}
	for _, lost := range was {
		say("%s", lost)
	}
	r := readLast(last)
	for _, name := range p.Packages {
		if !slices.Contains(r.packages, name) {
			say("the package %s", name)
		}
	}
	for _, in := range before.Instructions {
		if text := p.Before[in]; text != "" && !slices.Contains(r.runs, "RUN "+text) {
			say("`%s`", text)
		}
	}
	for _, text := range p.After {
		if !slices.ContainsFunc(r.behind, func(run string) bool { return slices.Contains(strings.Split(run, " && "), text) }) {
			say("`%s`", text)
		}
	}
	for _, name := range p.Needed {
		if !slices.ContainsFunc(r.copied, func(c string) bool { return name == c || strings.HasPrefix(name, c+"/") }) {
			say("%s", name)
		}
	}
	for _, name := range r.unset {
		say("ARG %s", name)
	}
	return out
}

// settings are the instructions that decide the image's configuration, and nothing
// else.
func settings(stage *dockerfile.Stage) (out []string) {
	for _, in := range stage.Instructions {
		switch in.Command.(type) {
		case *instructions.RunCommand, *instructions.CopyCommand, *instructions.AddCommand, *instructions.ArgCommand:
		default:
			out = append(out, strings.Join(strings.Fields(in.Text.S), " "))
		}
	}
	return out
}

// lastStage is what a last stage says of files.
type lastStage struct {
	packages []string
	runs     []string // all RUNs
	behind   []string // the scripts of those behind the first COPY
	copied   []string
	unset    []string // variables of RUNs that nothing sets
}

func readLast(stage *dockerfile.Stage) (r lastStage) {
	set := map[string]bool{"PATH": true, "HOME": true}
	for _, in := range stage.Instructions {
		switch c := in.Command.(type) {
		case *instructions.ArgCommand:
			for _, a := range c.Args {
				set[a.Key] = true
			}
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				set[kv.Key] = true
			}
		case *instructions.CopyCommand:
			for _, src := range c.SourcePaths {
				r.copied = append(r.copied, path.Clean(src))
			}
		case *instructions.RunCommand:
			script := strings.Join(c.CmdLine, " ")
			r.runs = append(r.runs, "RUN "+script)
			if len(r.copied) > 0 {
				r.behind = append(r.behind, script)
			}
			r.packages = append(r.packages, packagesOf(script)...)
		}
		if in.Is("RUN") || in.Is("USER") {
			for _, m := range reference.FindAllStringSubmatch(in.Text.S, -1) {
				if name := m[1] + m[2]; !set[name] && !slices.Contains(r.unset, name) {
					r.unset = append(r.unset, name)
				}
			}
		}
	}
	return r
}

// packagesOf are the packages that a script installs.
func packagesOf(script string) (out []string) {
	s, err := shell.Read(script, shell.POSIX)
	if err != nil {
		return nil
	}
	for _, c := range s.Commands {
		if m := command.Of(c); m.Verb == "install" && m.Manager != "" {
			for _, i := range m.Packages {
				out = append(out, c.Words[i].Value)
			}
		}
	}
	return out
}
