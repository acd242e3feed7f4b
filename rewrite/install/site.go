package install

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// maxWrapped bounds how many commands may run each other: env sudo nice …
const maxWrapped = 8

// unwrap is the command that sudo, env, sh -c and the like run; false for others,
// and where that is not one command.
func unwrap(cmd *shell.Simple, m command.Meaning) (*shell.Simple, command.Meaning, bool) {
	switch {
	case m.Inner == nil:
		return nil, m, false
	case m.InnerWords > 0 && m.InnerWords < len(cmd.Words):
		return &shell.Simple{Words: cmd.Words[m.InnerWords:], In: cmd.In}, *m.Inner, true
	case m.Script != nil && len(m.Script.Commands) == 1:
		return m.Script.Commands[0], *m.Inner, true
	}
	return nil, m, false
}

// with is the site with what the command's assignments set, and why it may need
// more than its ecosystem says: an unknown setting, or a file that it is fed.
func (s Site) with(cmd *shell.Simple, why string) (Site, string) {
	for _, a := range cmd.Assigns {
		if !a.Value.Static || a.Append || a.Array {
			s, why = s.note(assigned{name: a.Name}), unknownSetting(a.Name, why)
			continue
		}
		s = s.set(a.Name, a.Value.Value)
	}
	for _, r := range cmd.Redirs {
		if r.Op == "<" || r.Op == "<>" {
			why = "a file is redirected into it"
		}
	}
	return s, why
}

// beforeInner is the same for the A=b of env and sudo.
func (s Site) beforeInner(cmd *shell.Simple, m command.Meaning, why string) (Site, string) {
	for i := 1; i < m.InnerWords && i < len(cmd.Words); i++ {
		w := cmd.Words[i]
		name, value, ok := strings.Cut(w.Prefix, "=")
		switch {
		case !ok || name == "" || m.Roles[i].Kind != command.Text:
		case w.Static:
			s = s.set(name, value)
		default:
			s, why = s.note(assigned{name: name}), unknownSetting(name, why)
		}
	}
	return s, why
}

// assigned is a variable that is set for the command alone: A=b.
type assigned struct {
	name, value string
	known       bool
}

func (s Site) note(a assigned) Site {
	s.assigned = append(slices.Clone(s.assigned), a)
	return s
}

func (s Site) set(name, value string) Site {
	s = s.note(assigned{name, value, true})
	outer := s.Env
	s.Env = func(asked string) (string, bool) {
		if asked == name {
			return value, true
		}
		if outer == nil {
			return "", false
		}
		return outer(asked)
	}
	return s
}

// env is a variable's value, "" where it is not known.
func (s Site) env(name string) string {
	if s.Env == nil {
		return ""
	}
	v, _ := s.Env(name)
	return v
}

// settings begin the names of variables that tell a package manager which files
// to read or what to make, in upper case. Others, such as tokens, only let it in.
var settings = []string{
	"NPM_CONFIG_", "PNPM_", "YARN_", "BUN_", "COREPACK_", "NODE_ENV", "NODE_OPTIONS", "COMPOSER", "BUNDLE_", "GEM_", "RUBYOPT", "RUBYLIB", "MIX_", "HEX_", "REBAR_",
	"PIP_", "UV_", "POETRY_", "PYTHON", "GOFLAGS", "GOWORK", "GOMOD", "GOPATH", "GO111MODULE", "CARGO_", "RUST", "MAVEN_", "GRADLE_", "JAVA_", "DOTNET_", "NUGET_",
}

func unknownSetting(name, why string) string {
	if setting(name) {
		return "the value of " + name + " is not known before it runs"
	}
	return why
}

func setting(name string) bool {
	return slices.ContainsFunc(settings, func(prefix string) bool {
		return strings.HasPrefix(strings.ToUpper(name), prefix)
	})
}

// linked is the first of some paths that is a symbolic link of the context, or
// lies behind one: a copy of it alone is another thing than the link. It is "" as
// a rule.
func (s Site) linked(paths []string) string {
	links := s.links()
	if len(links) == 0 {
		return ""
	}
	for _, p := range paths {
		for at := p; at != "." && at != "/"; at = path.Dir(at) {
			if links[at] {
				return at
			}
		}
	}
	return ""
}

// links are the symbolic links of the context.
func (s Site) links() map[string]bool {
	out := map[string]bool{}
	for _, f := range s.Tree.Files().List {
		if f.Type&fs.ModeSymlink != 0 {
			out[f.Path] = true
		}
	}
	return out
}
