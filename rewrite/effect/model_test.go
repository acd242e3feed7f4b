package effect

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// model is an image's files as a toy: what a build makes of COPY, WORKDIR, USER
// and of a few commands in RUN, followed step by step. It knows nothing of
// effects.
type model struct {
	nodes      map[string]node // by path
	user       int
	dir        string
	vars, args map[string]string
}

type node struct {
	kind  byte   // 'd', 'f', 'l'
	text  string // of a file; where a link leads
	owner int
}

var errModel = errors.New("the build fails")

func newModel() *model {
	m := &model{nodes: map[string]node{"/": {kind: 'd'}}, dir: "/", vars: map[string]string{}, args: map[string]string{}}
	for _, f := range []string{"/dev", "/etc", "/home", "/proc", "/root", "/tmp", "/usr", "/usr/bin", "/var"} {
		m.nodes[f] = node{kind: 'd'}
	}
	return m
}

func (m *model) String() string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(m.nodes)) {
		n := m.nodes[p]
		fmt.Fprintf(&b, "%s %c%d %s\n", p, n.kind, n.owner, n.text)
	}
	return b.String()
}

// real is where a path leads through links, the last part followed or not.
func (m *model) real(p string, follow bool) (string, error) {
	at, rest := "/", strings.Split(strings.Trim(p, "/"), "/")
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		n, ok := m.nodes[next]
		if ok && n.kind == 'l' && (follow || len(rest) > 0) {
			if hops++; hops > 8 {
				return "", errModel
			}
			if path.IsAbs(n.text) {
				at = "/"
			}
			rest = append(strings.Split(n.text, "/"), rest...)
			continue
		}
		if ok && n.kind == 'f' && len(rest) > 0 {
			return "", errModel
		}
		at = next
	}
	return at, nil
}

func (m *model) isDir(p string) bool { return m.nodes[p].kind == 'd' }

// put makes or replaces what stands at a real path, as a user may.
func (m *model) put(p string, n node, as int) error {
	old, exists := m.nodes[p]
	switch dir := m.nodes[path.Dir(p)]; {
	case dir.kind != 'd', exists && old.kind == 'd':
		return errModel
	case exists && as != 0 && old.owner != as, !exists && as != 0 && dir.owner != as:
		return errModel
	case exists && old.kind == 'f' && n.kind == 'f':
		n.owner = old.owner
	}
	m.nodes[p] = n
	return nil
}

// mkdirAll makes a folder and those above it. A caller that is no file operation
// needs the right to.
func (m *model) mkdirAll(p string, owner, as int) (string, error) {
	at := "/"
	for part := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		next, err := m.real(path.Join(at, part), true)
		if err != nil {
			return "", err
		}
		if n, ok := m.nodes[next]; !ok {
			if as != 0 && m.nodes[path.Dir(next)].owner != as || !m.isDir(path.Dir(next)) {
				return "", errModel
			}
			m.nodes[next] = node{kind: 'd', owner: owner}
		} else if n.kind != 'd' {
			return "", errModel
		}
		at = next
	}
	return at, nil
}

func (m *model) remove(p string) {
	maps.DeleteFunc(m.nodes, func(q string, _ node) bool { return below(q, p) })
}

// context are the files of the build context.
var modelContext = map[string]map[string]string{
	"f": nil, "g": nil, "s": {"x": "sx", "b/y": "sy"}, "t": {"x": "tx", "b/z": "tz"},
	"app":     {"package.json": "p", "package-lock.json": "l", "index.js": "i", "src/a.js": "a"},
	"app/src": {"a.js": "a"},
}

func (m *model) run(ins []*dockerfile.Instruction) error {
	for _, in := range ins {
		if err := m.step(in); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) step(in *dockerfile.Instruction) error {
	switch c := in.Command.(type) {
	case *instructions.UserCommand:
		_, err := fmt.Sscan(c.User, &m.user)
		return err
	case *instructions.WorkdirCommand:
		m.dir = path.Join(m.dir, c.Path)
		if path.IsAbs(c.Path) {
			m.dir = path.Clean(c.Path)
		}
		_, err := m.mkdirAll(m.dir, m.user, 0)
		return err
	case *instructions.CopyCommand:
		return m.copy(c)
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			m.vars[kv.Key] = kv.Value
		}
		return nil
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			m.args[kv.Key] = "given"
			if kv.Value != nil {
				m.args[kv.Key] = *kv.Value
			}
		}
		return nil
	case *instructions.RunCommand:
		dir, err := m.mkdirAll(m.dir, m.user, 0)
		if err != nil {
			return err
		}
		for cmd := range strings.SplitSeq(c.CmdLine[0], " && ") {
			if dir, err = m.exec(strings.Fields(cmd), dir); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("the model has no %s", in.Keyword().S)
}

func (m *model) copy(c *instructions.CopyCommand) error {
	dest := c.DestPath
	if !path.IsAbs(dest) {
		dest = m.dir + "/" + dest
	}
	owner := 0
	if c.Chown != "" {
		if _, err := fmt.Sscan(c.Chown, &owner); err != nil {
			return err
		}
	}
	if c.Link {
		m.detach(path.Clean(dest), owner)
	}
	files := map[string]string{}
	for _, doc := range c.SourceContents {
		files[doc.Path] = doc.Data
	}
	for _, src := range c.SourcePaths {
		if tree := modelContext[src]; tree != nil {
			base, err := m.mkdirAll(path.Clean(dest), owner, 0)
			if err != nil {
				return err
			}
			for _, name := range slices.Sorted(maps.Keys(tree)) {
				// Folders in what is copied get their owner, whoever made them before
				// (copyDirectoryOnly in fsutil, which is told to overwrite).
				if dir := path.Dir(name); dir != "." {
					at, err := m.mkdirAll(path.Join(base, dir), owner, 0)
					if err != nil {
						return err
					}
					m.nodes[at] = node{kind: 'd', owner: owner}
				}
				if err := m.copyFile(path.Join(base, name), tree[name], owner, c.Link); err != nil {
					return err
				}
			}
			continue
		}
		if dir, base := path.Split(src); dir != "" {
			files[base] = modelContext[path.Clean(dir)][base]
			continue
		}
		files[src] = src
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := path.Clean(dest)
		if at, err := m.real(to, true); err != nil {
			return err
		} else if strings.HasSuffix(dest, "/") || !c.Link && m.isDir(at) {
			to = path.Join(to, name)
		}
		if err := m.copyFile(to, files[name], owner, c.Link); err != nil {
			return err
		}
	}
	return nil
}

// detach does to the folders above a --link destination what laying a layer over
// the image does: they are the copy's owner's, and no links.
func (m *model) detach(p string, owner int) {
	for at := path.Dir(p); at != "/"; at = path.Dir(at) {
		if n, ok := m.nodes[at]; ok && n.kind != 'd' {
			m.remove(at)
		}
		m.nodes[at] = node{kind: 'd', owner: owner}
	}
}

func (m *model) copyFile(to, text string, owner int, linked bool) error {
	dir, err := m.mkdirAll(path.Dir(to), owner, 0)
	if err != nil {
		return err
	}
	to = path.Join(dir, path.Base(to))
	if linked {
		m.remove(to)
	}
	if m.nodes[to].kind != 'd' {
		m.remove(to)
	}
	return m.put(to, node{kind: 'f', text: text, owner: owner}, 0)
}
