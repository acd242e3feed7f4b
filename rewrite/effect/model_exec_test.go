package effect

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

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
		text = m.expand(strings.Join(argv[1:], " "))
	case "apt-get":
		err = m.apt(opt, argv)
	case "npm":
		err = m.npm(dir)
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
