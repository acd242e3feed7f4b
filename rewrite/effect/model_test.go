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
	nodes map[string]node // by path
	user  int
	dir   string
	vars  map[string]string
}

type node struct {
	kind  byte   // 'd', 'f', 'l'
	text  string // of a file; where a link leads
	owner int
}

var errModel = errors.New("the build fails")

func newModel() *model {
	m := &model{nodes: map[string]node{"/": {kind: 'd'}}, dir: "/", vars: map[string]string{}}
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
		m.detach(path.Clean(dest))
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
				if err := m.copyFile(path.Join(base, name), tree[name], owner, c.Link); err != nil {
					return err
				}
			}
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
// the image does: they are root's, and no links.
func (m *model) detach(p string) {
	for at := path.Dir(p); at != "/"; at = path.Dir(at) {
		if n, ok := m.nodes[at]; ok && n.kind != 'd' {
			m.remove(at)
		}
		m.nodes[at] = node{kind: 'd'}
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

// exec runs one command and returns the working directory behind it.
func (m *model) exec(argv []string, dir string) (string, error) {
	abs := func(p string) string {
		if path.IsAbs(p) {
			return p
		}
		return dir + "/" + p
	}
	out := ""
	if n := len(argv); n > 2 && argv[n-2] == ">" {
		out, argv = argv[n-1], argv[:n-2]
	}
	opt := ""
	if len(argv) > 1 && strings.HasPrefix(argv[1], "-") {
		opt, argv = argv[1], slices.Delete(slices.Clone(argv), 1, 2)
	}
	text, err := "", error(nil)
	one := func(follow bool) string {
		p, e := m.real(abs(argv[1]), follow)
		if err == nil {
			err = e
		}
		return p
	}
	switch argv[0] {
	case "cd":
		to := one(true)
		if err != nil || !m.isDir(to) {
			return "", errModel
		}
		return to, nil
	case "echo":
		text = strings.Join(argv[1:], " ")
	case "cat":
		n, ok := m.nodes[one(true)]
		if text = n.text; !ok || n.kind != 'f' {
			return "", errModel
		}
	case "ls":
		at := one(true)
		if !m.isDir(at) {
			return "", errModel
		}
		for p := range m.nodes {
			if path.Dir(p) == at {
				text += path.Base(p) + " "
			}
		}
		parts := strings.Fields(text)
		slices.Sort(parts)
		text = strings.Join(parts, " ")
	case "test":
		if _, ok := m.nodes[one(true)]; !ok {
			return "", errModel
		}
	case "touch":
		if p := one(true); m.nodes[p].kind == 0 {
			err = errors.Join(err, m.put(p, node{kind: 'f', owner: m.user}, m.user))
		}
	case "mkdir":
		if opt == "-p" {
			_, err = m.mkdirAll(abs(argv[1]), m.user, m.user)
			break
		}
		p := one(false)
		if _, ok := m.nodes[p]; ok {
			return "", errModel
		}
		err = errors.Join(err, m.put(p, node{kind: 'd', owner: m.user}, m.user))
	case "rm":
		p := one(false)
		n, ok := m.nodes[p]
		if !ok && opt == "-rf" {
			break
		}
		if !ok || n.kind == 'd' && opt == "" || p == "/" || m.user != 0 && m.nodes[path.Dir(p)].owner != m.user {
			return "", errModel
		}
		m.remove(p)
	case "chown":
		p := one(true)
		n, ok := m.nodes[p]
		if !ok || m.user != 0 {
			return "", errModel
		}
		if _, err := fmt.Sscan(opt[1:], &n.owner); err != nil {
			return "", err
		}
		m.nodes[p] = n
	case "cp", "mv", "ln":
		err = errors.Join(err, m.two(argv[0], opt, argv[1], abs(argv[1]), abs(argv[2])))
	default:
		return "", fmt.Errorf("the model has no %s", argv[0])
	}
	if err == nil && out != "" {
		var p string
		if p, err = m.real(abs(out), true); err == nil {
			err = m.put(p, node{kind: 'f', text: text, owner: m.user}, m.user)
		}
	}
	return dir, err
}

// two runs a command of a source and a destination.
func (m *model) two(name, opt, word, src, dest string) error {
	to, err := m.real(dest, true)
	if err != nil {
		return err
	}
	if m.isDir(to) {
		to = path.Join(to, path.Base(src))
	}
	if name == "ln" {
		if _, ok := m.nodes[to]; ok {
			return errModel
		}
		return m.put(to, node{kind: 'l', text: word, owner: m.user}, m.user)
	}
	from, err := m.real(src, name == "cp" && opt == "")
	if err != nil {
		return err
	}
	n, ok := m.nodes[from]
	if !ok || n.kind == 'd' && name == "cp" && opt == "" || below(to, from) || below(from, to) {
		return errModel
	}
	tree := map[string]node{}
	for p, k := range m.nodes {
		if below(p, from) {
			tree[to+p[len(from):]] = k
		}
	}
	if name == "mv" {
		if m.user != 0 && m.nodes[path.Dir(from)].owner != m.user {
			return errModel
		}
		m.remove(from)
	}
	for _, p := range slices.Sorted(maps.Keys(tree)) {
		k := tree[p]
		if name == "cp" {
			k.owner = m.user
		}
		if k.kind == 'd' && m.isDir(p) {
			continue
		}
		if err := m.put(p, k, m.user); err != nil {
			return err
		}
	}
	return nil
}
