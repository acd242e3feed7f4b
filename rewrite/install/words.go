package install

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// line is a gather for one command line, whose words it reads and repeats.
type line struct {
	*gather
	cmd   *shell.Simple
	m     command.Meaning
	bytes int
	xmls  map[string]*element // files that were read
	uses  map[string]bool
}

// maxManifestBytes bounds what is read for one command.
const maxManifestBytes = 32 << 20

func newLine(s Site, cmd *shell.Simple, m command.Meaning, ecosystem, source string) *line {
	l := &line{gather: newGather(s, ecosystem, source), cmd: cmd, m: m, uses: map[string]bool{}, xmls: map[string]*element{}}
	if s.Tree == nil {
		l.hazard("the build context is not known")
	}
	for _, i := range m.Unknown {
		l.hazard("what `%s` means to %s is not known", cmd.Words[i].Prefix, m.Program)
	}
	return l
}

// text notes a file and gives what is in it; false where it is not there.
func (l *line) text(name string) (string, bool) {
	if l.bytes > maxManifestBytes {
		l.hazard("it reads more than %d MB", maxManifestBytes>>20)
		return "", false
	}
	data := l.read(name)
	l.bytes += len(data)
	return string(data), data != nil
}

// needed notes a path that the command could not do without.
func (l *line) needed(name string) bool {
	if l.has(name) {
		return true
	}
	l.hazard("%s is not in the build context", name)
	return false
}

// first reports whether a path was not asked about before for that use.
func (l *line) first(use, name string) bool {
	key := use + "\x00" + name
	if l.uses[key] {
		return false
	}
	l.uses[key] = true
	return true
}

// at is the path in the context that name has from the folder dir of the context;
// false where that leaves what was copied.
func (l *line) at(dir, name string) (string, bool) {
	if path.IsAbs(name) {
		return l.inContext(name)
	}
	p := path.Join(dir, name)
	return p, l.within(p)
}

// nearest finds a file in a folder or the nearest above it, and notes where it is
// not.
func (l *line) nearest(dir string, names ...string) (string, bool) {
	for _, d := range l.upwards(dir) {
		for _, name := range names {
			if p := path.Join(d, name); l.has(p) {
				return p, true
			}
		}
	}
	return "", false
}

// dir is the folder of the context that the command runs in, or the one that an
// option names.
func (l *line) dir(options ...string) (string, bool) {
	var values []string
	for _, o := range options {
		if v, ok := l.value(o); ok {
			values = []string{v}
		}
	}
	return l.start(values, len(values) > 0 && values[0] == "")
}

// operands are the words of some kinds that are no option's.
func (l *line) operands(kinds ...command.Kind) []int {
	var out []int
	for i, r := range l.m.Roles {
		if r.Option == "" && slices.Contains(kinds, r.Kind) {
			out = append(out, i)
		}
	}
	return out
}

// written notes the files that the command's words name as written.
func (l *line) written() {
	for _, i := range l.m.Writes {
		if at, ok := l.inContext(l.m.Roles[i].Value); ok && l.m.Roles[i].Value != "" {
			l.makes(at)
		}
	}
}

// value is the last value of an option, false where it is not given. One that is
// only known when the command runs is a hazard.
func (l *line) value(option string) (string, bool) {
	all := l.m.Options[option]
	if len(all) == 0 {
		return "", false
	}
	for i, r := range l.m.Roles {
		if r.Option == option && !l.cmd.Words[i].Static {
			l.hazard("the value of %s is only known when it runs", option)
		}
	}
	return all[len(all)-1], true
}

// simple are words that no shell changes.
var simple = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)

// quoted is a word as a shell reads it back; false for what stands in no sane
// project.
func quoted(word string) (string, bool) {
	switch {
	case simple.MatchString(word):
		return word, true
	case strings.ContainsAny(word, "'\n\r\x00"):
		return "", false
	}
	return "'" + word + "'", true
}

// word is a word of the command as it can stand in another one before it. It is
// false for one whose value is the output of a command: that may read anything.
func (l *line) word(i int) (string, bool) {
	w := l.cmd.Words[i]
	if w.Static {
		return quoted(w.Value)
	}
	if w.Lo < 0 || w.Hi > len(l.Text) || w.Lo >= w.Hi {
		return "", false
	}
	text := l.Text[w.Lo:w.Hi]
	return text, !strings.ContainsAny(text, "`\n") && !strings.Contains(text, "$(") && !strings.Contains(text, "<(")
}

// keep gives those words of the command that pass, in their order. One that cannot
// be repeated is a hazard.
func (l *line) keep(pass func(i int, r command.Role) bool) []string {
	var out []string
	for i, r := range l.m.Roles {
		if i == 0 || !pass(i, r) {
			continue
		}
		text, ok := l.word(i)
		if !ok {
			l.hazard("what `%s…` stands for is only known when it runs", l.cmd.Words[i].Prefix)
		}
		out = append(out, text)
	}
	return out
}

// keepOptions passes the words of options that are in the list. A word that
// holds several options has the name of the last.
func keepOptions(names ...string) func(int, command.Role) bool {
	return func(_ int, r command.Role) bool {
		return r.Option != "" && slices.ContainsFunc(names, func(n string) bool {
			prefix, wild := strings.CutSuffix(n, "*")
			return r.Option == n || wild && strings.HasPrefix(r.Option, prefix)
		})
	}
}

// builds are settings of a build that do not change what it fetches.
var builds = []string{"CGO_ENABLED", "GOOS", "GOARCH", "GOARM", "GOARM64", "GOAMD64", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS"}

// fetches puts together the command that fetches, with the variables that were
// set for the given command.
func (l *line) fetches(words ...string) {
	var out []string
	for _, a := range l.assigned {
		if slices.Contains(builds, a.name) {
			continue
		}
		value, ok := "", a.known
		if a.value != "" {
			value, ok = quoted(a.value)
		}
		if !ok {
			l.hazard("the value of %s is only known when it runs", a.name)
		}
		out = append(out, a.name+"="+value)
	}
	l.Fetch = strings.Join(append(out, words...), " ")
}
