package split

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// makefile is a Makefile without includes and conditions, as far as it is read:
// GNU make manual, "Writing Makefiles".
type makefile struct {
	vars  map[string]string
	rules map[string]*rule
}

type rule struct {
	needs  []string
	recipe []string
}

var (
	makeVar  = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(:=|::=|\?=|\+=|=)\s*(.*)$`)
	makeRef  = regexp.MustCompile(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)
	makeRule = regexp.MustCompile(`^([^\s:=][^:=]*)::?([^=].*)?$`)
)

// makefile reads that of a folder; nil where it cannot be read, or has more than
// variables and rules.
func (w *walk) makefile(c *cmd, dir string) *makefile {
	name, given := c.option("-f")
	names := []string{"GNUmakefile", "makefile", "Makefile"}
	if given {
		names = []string{name}
	}
	var data []byte
	for _, n := range names {
		e := w.files.at[path.Join(dir, n)]
		if e == nil || e.from == "" || e.made {
			continue
		}
		d, err := w.tree.Read(e.from)
		if err != nil || len(d) > 256<<10 {
			return nil
		}
		data = d
		break
	}
	if data == nil {
		return nil
	}
	m := &makefile{map[string]string{}, map[string]*rule{}}
	var at []*rule
	text := strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\\\n", " ")
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "\t") {
			for _, r := range at {
				r.recipe = append(r.recipe, strings.TrimSpace(line))
			}
			continue
		}
		if i := strings.IndexByte(line, '#'); i >= 0 {
			line = line[:i]
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if v := makeVar.FindStringSubmatch(line); v != nil {
			switch {
			case v[2] == "+=":
				m.vars[v[1]] = strings.TrimSpace(m.vars[v[1]] + " " + v[3])
			case v[2] != "?=" || m.vars[v[1]] == "":
				m.vars[v[1]] = v[3]
			}
			continue
		}
		r := makeRule.FindStringSubmatch(line)
		if r == nil {
			return nil // include, ifdef, define: more than is read here
		}
		before, after, _ := strings.Cut(r[2], ";")
		if after != "" {
			return nil
		}
		at = nil
		for target := range strings.FieldsSeq(m.expand(r[1], 0)) {
			if m.rules[target] == nil {
				m.rules[target] = &rule{}
			}
			m.rules[target].needs = append(m.rules[target].needs, strings.Fields(m.expand(before, 0))...)
			at = append(at, m.rules[target])
		}
	}
	return m
}

func (m *makefile) expand(s string, depth int) string {
	if depth > 10 || len(s) > 1<<16 {
		return ""
	}
	return makeRef.ReplaceAllStringFunc(s, func(ref string) string {
		return m.expand(m.vars[ref[2:len(ref)-1]], depth+1)
	})
}

// cleans reports whether `clean` takes away every target that is made.
func (m *makefile) cleans() bool {
	r := m.rules["clean"]
	if r == nil {
		return false
	}
	var gone []string
	for _, line := range r.recipe {
		words := strings.Fields(strings.TrimLeft(m.expand(line, 0), "@-"))
		if len(words) == 0 || words[0] != "rm" {
			return false
		}
		gone = append(gone, words[1:]...)
	}
	phony := []string{}
	if p := m.rules[".PHONY"]; p != nil {
		phony = p.needs
	}
	for name := range m.rules {
		if strings.HasPrefix(name, ".") || slices.Contains(phony, name) || len(m.rules[name].recipe) == 0 && !strings.HasSuffix(name, ".o") {
			continue
		}
		pattern := strings.Replace(name, "%", "*", 1)
		if !slices.ContainsFunc(gone, func(g string) bool {
			ok, _ := path.Match(g, strings.ReplaceAll(pattern, "*", "x"))
			return ok || g == pattern
		}) {
			return false
		}
	}
	return true
}

// installs are the files that `make install` makes, where its recipe has nothing but
// install, mkdir and cp of files by name.
func (m *makefile) installs(w *walk, c *cmd, dir string) (out []string, ok bool) {
	vars := map[string]string{}
	for k, v := range m.vars {
		vars[k] = v
	}
	for _, a := range c.args {
		if name, value, found := strings.Cut(a.s, "="); found {
			vars[name] = value
		}
	}
	own := &makefile{vars, m.rules}
	seen := map[string]bool{}
	var collect func(target string) bool
	collect = func(target string) bool {
		r := m.rules[target]
		if seen[target] || r == nil {
			return true
		}
		seen[target] = true
		for _, n := range r.needs {
			if strings.HasPrefix(n, "install") && !collect(n) {
				return false
			}
		}
		for _, line := range r.recipe {
			text := strings.ReplaceAll(strings.TrimLeft(own.expand(line, 0), "@-"), "$$", "$")
			list, ok := installed(text, dir)
			if !ok {
				return false
			}
			out = append(out, list...)
		}
		return true
	}
	for _, a := range c.args {
		if strings.HasPrefix(a.s, "install") && !strings.Contains(a.s, "=") {
			if m.rules[a.s] == nil || !collect(a.s) {
				return nil, false
			}
		}
	}
	return out, len(out) > 0
}

// installed are the files that a line of a recipe makes.
func installed(text, dir string) (out []string, ok bool) {
	s, err := shell.Read(text, shell.POSIX)
	if err != nil {
		return nil, false
	}
	for _, sc := range s.Commands {
		m := command.Of(sc)
		if !m.Known || !m.Whole {
			return nil, false
		}
		abs := func(name string) string {
			if path.IsAbs(name) {
				return path.Clean(name)
			}
			return path.Join(dir, name)
		}
		var reads, writes []string
		for i, r := range m.Roles {
			if i > 0 && r.Kind == command.Read {
				reads = append(reads, sc.Words[i].Value)
			} else if i > 0 && r.Kind == command.Write && r.Option == "" {
				writes = append(writes, sc.Words[i].Value)
			}
		}
		switch {
		case m.Program == "mkdir", m.Program == "install" && m.Has("-d"), m.Program == "echo", m.Program == "ldconfig":
		case (m.Program == "install" || m.Program == "cp") && len(writes) == 1 && !m.Has("-t") && !m.Has("-r") && !m.Has("-a"):
			to := writes[0]
			for _, src := range reads {
				if strings.ContainsAny(src, "*?[") {
					return nil, false
				}
				switch {
				case strings.HasSuffix(to, "/") || isSystem(abs(to)) || len(reads) > 1:
					out = append(out, path.Join(abs(to), path.Base(src)))
				case path.Ext(to) == path.Ext(src) || path.Base(to) == path.Base(src):
					out = append(out, abs(to))
				default:
					return nil, false
				}
			}
		default:
			return nil, false
		}
	}
	return out, true
}
