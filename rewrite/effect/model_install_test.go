package effect

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// lookup is a variable as a command sees it: ENV goes before ARG.
func (m *model) lookup(name string) string {
	if v, ok := m.vars[name]; ok {
		return v
	}
	return m.args[name]
}

// expand replaces the variables of a text, each a word of its own.
func (m *model) expand(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		if name, ok := strings.CutPrefix(w, "$"); ok {
			words[i] = m.lookup(name)
		}
	}
	return strings.Join(words, " ")
}

// below is all that stands in a folder, as one text.
func (m *model) below(dir string) string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(m.nodes)) {
		if below(p, dir) {
			b.WriteString(p + "=" + m.nodes[p].text + " ")
		}
	}
	return b.String()
}

// write puts a file where root wants it, with the folders above it.
func (m *model) write(name, text string) error {
	dir, err := m.mkdirAll(path.Dir(name), 0, 0)
	if err != nil {
		return err
	}
	return m.put(path.Join(dir, path.Base(name)), node{kind: 'f', text: text}, 0)
}

// apt is a package manager of the system: it reads its settings and what is there,
// and adds to the list of what is installed.
func (m *model) apt(opt string, argv []string) error {
	if m.user != 0 {
		return errModel
	}
	settings := m.below("/etc/apt") + m.lookup("DEBIAN_FRONTEND")
	if argv[1] == "update" {
		return m.write("/var/lib/apt/lists", settings)
	}
	pkg := argv[len(argv)-1]
	had := m.nodes["/var/lib/dpkg"].text
	if err := m.write("/var/lib/dpkg", had+" "+pkg); err != nil {
		return err
	}
	return m.write("/usr/bin/"+pkg, settings+m.nodes["/var/lib/apt/lists"].text)
}

// npm is a package manager of a language: it reads the project's manifests, its own
// settings, and every variable but those that tell which build this is.
func (m *model) npm(dir string) error {
	if m.user != 0 {
		return errModel
	}
	at, err := m.real(dir, true)
	if err != nil {
		return err
	}
	read := ""
	for _, name := range []string{"package.json", "package-lock.json"} {
		n, ok := m.nodes[path.Join(at, name)]
		if !ok {
			return errModel
		}
		read += n.text + " "
	}
	read += m.nodes[path.Join(at, ".npmrc")].text + m.nodes["/root/.npmrc"].text
	for _, vars := range []map[string]string{m.vars, m.args} {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			if !Stamp(name) {
				read += " " + name + "=" + m.lookup(name)
			}
		}
	}
	m.remove(path.Join(at, "node_modules"))
	return m.write(path.Join(at, "node_modules/left-pad/index.js"), read)
}
