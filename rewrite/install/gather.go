package install

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"
)

// gather collects what one command needs. Paths are those of the context.
type gather struct {
	Site
	Needs
	noted map[string]bool
}

func newGather(s Site, ecosystem, source string) *gather {
	if s.spent == nil {
		s.spent = new(int)
	}
	return &gather{Site: s, Needs: Needs{Ecosystem: ecosystem, Source: source}, noted: map[string]bool{}}
}

// maxNoted bounds the files of one install: a workspace has some hundred members.
const maxNoted = 20_000

// maxSpent bounds the work of one command, and of the installs that its scripts
// run: bytes that are read, and as many for other work as it is worth.
const maxSpent = 64 << 20

// spend counts work, and is false once there was too much.
func (g *gather) spend(n int) bool {
	if *g.spent += n; *g.spent > maxSpent {
		g.hazard("there is too much to look at")
		return false
	}
	return true
}

// has notes a file or folder that the command reads where it is there.
func (g *gather) has(name string) bool {
	name = path.Clean(name)
	there := g.within(name) && g.Tree.Has(name)
	if g.noted[name] {
		return there
	}
	if g.noted[name] = true; len(g.noted) > maxNoted {
		g.hazard("it reads more than %d files", maxNoted)
		return there
	}
	if there {
		g.Reads = append(g.Reads, name)
	} else if g.within(name) {
		g.Absent = append(g.Absent, name)
	}
	return there
}

// read notes a file and gives what is in it; nil where it is not there.
func (g *gather) read(name string) []byte {
	if !g.has(name) {
		return nil
	}
	data, err := g.Tree.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		g.hazard("%s cannot be read", name)
		return nil
	}
	if !g.spend(len(data)) {
		return nil
	}
	if data == nil {
		data = []byte{}
	}
	return data
}

// makes notes a path that the command creates or changes.
func (g *gather) makes(names ...string) {
	for _, name := range names {
		if name = path.Clean(name); g.within(name) {
			g.Makes = append(g.Makes, name)
		}
	}
}

// home notes files of the user's home folder where that lies among the copied
// files: HOME, or what it is as a rule where that is not known.
func (g *gather) home(names ...string) {
	homes := []string{"/root"}
	if at := strings.Split(path.Clean(g.At), "/"); len(at) > 2 && at[1] == "home" {
		homes = append(homes, "/home/"+at[2])
	}
	if v := g.env("HOME"); v != "" {
		homes = []string{v}
	}
	for _, home := range homes {
		if at, ok := g.inContext(home); ok && path.IsAbs(home) {
			g.hasAll(at, names...)
		}
	}
}

func (g *gather) hasAll(dir string, names ...string) {
	for _, name := range names {
		g.has(path.Join(dir, name))
	}
}

// hazard keeps the first reason why the command may need more.
func (g *gather) hazard(format string, args ...any) {
	if g.Hazard == "" {
		g.Hazard = plainText(fmt.Sprintf(format, args...))
	}
}

// maxHazard bounds a reason, in bytes: names in it are those of the context.
const maxHazard = 300

// plainText is a text of one line without control characters, cut where it is long.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxHazard {
		s = strings.ToValidUTF8(s[:maxHazard], "") + "…"
	}
	return s
}

// within reports whether a path of the context is among what was copied.
func (s Site) within(name string) bool {
	root := path.Clean(s.Root)
	if root == "." {
		return name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name)
	}
	_, ok := cutFolder(name, root)
	return ok
}

// upwards are a folder of the context and those above it that were copied, from
// the inside out.
func (s Site) upwards(dir string) (out []string) {
	for dir = path.Clean(dir); s.within(dir); dir = path.Dir(dir) {
		out = append(out, dir)
		if dir == "." || dir == path.Clean(s.Root) {
			break
		}
	}
	return out
}

// start is the folder of the context that the command runs in, or that an option
// names; false, with the hazard, where that is not known or not copied.
func (g *gather) start(option []string, open bool) (string, bool) {
	if g.Tree == nil {
		g.hazard("the build context is not known")
		return "", false
	}
	dir := "."
	if len(option) > 0 {
		dir = option[len(option)-1]
	}
	if open || dir == "" {
		g.hazard("the folder that it runs in is only known when it runs")
		return "", false
	}
	at, ok := g.inContext(dir)
	if !ok {
		g.hazard("it runs in a folder that the copied files do not lie in")
		return "", false
	}
	return at, true
}
