package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// IgnoreFile is the file that says what is left out of a build context.
type IgnoreFile struct {
	Name string // its slash path in the context
	Data []byte // nil where there is none
}

// MaxExtended bounds an ignore file that lines are added to, in bytes.
const MaxExtended = 128 << 10

// IgnoreFile is the ignore file that Docker reads for the tree's Dockerfile, with
// the lines that With has added: Dockerfile.dockerignore where there is one,
// .dockerignore otherwise. A nil tree has a zero one.
func (t *Tree) IgnoreFile() IgnoreFile {
	if t == nil {
		return IgnoreFile{}
	}
	return t.ignoreFile
}

// With is the tree as it is once these patterns stand at the end of its ignore
// file. It is t itself where that changes nothing: for a nil tree, without
// patterns, where CheckPattern refuses one of them, or where the ignore file is
// larger than MaxExtended.
func (t *Tree) With(patterns []string) *Tree {
	if t == nil || len(patterns) == 0 || len(t.ignoreFile.Data) > MaxExtended {
		return t
	}
	for _, p := range patterns {
		if CheckPattern(p) != nil {
			return t
		}
	}
	file := t.ignoreFile
	file.Data = appendLines(file.Data, patterns)
	out, err := (&Tree{fsys: t.fsys}).ignoring(file)
	if err != nil {
		return t // each pattern was read by itself, and what stood there before
	}
	return out
}

// ignoring is t with what an ignore file leaves out.
func (t *Tree) ignoring(file IgnoreFile) (*Tree, error) {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(file.Data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	t.ignoreFile = file
	if len(patterns) == 0 {
		return t, nil
	}
	if t.ignore, err = patternmatcher.New(patterns); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	return t, nil
}

// appendLines adds lines to a text in its own style: its line ends, and a last
// line that stays without one. A text without lines gets whole ones.
func appendLines(data []byte, lines []string) []byte {
	eol := "\n"
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		eol = "\r\n"
	}
	more := strings.Join(lines, eol)
	switch {
	case len(data) == 0, bytes.HasSuffix(data, []byte("\n")):
		more += eol
	case len(bytes.TrimPrefix(data, []byte("\ufeff"))) == 0: // a byte order mark alone
		more += eol
	default:
		more = eol + more
	}
	return slices.Concat(data, []byte(more))
}

// CheckPattern reports why a text is no line of an ignore file that leaves
// something out: it has to be read back as it stands, as one pattern, and no
// exception.
func CheckPattern(line string) error {
	switch {
	case strings.ContainsFunc(line, unicode.IsControl), !utf8.ValidString(line):
		return errors.New("a pattern has no control characters")
	case strings.HasPrefix(line, "!"):
		return errors.New("it is an exception")
	}
	// A first line before it keeps a byte order mark of its own from being cut.
	read, err := ignorefile.ReadAll(strings.NewReader("x\n" + line + "\n"))
	if err != nil {
		return err
	}
	if len(read) != 2 || read[1] != strings.TrimPrefix(line, "/") {
		return errors.New("it would be read as something else")
	}
	m, err := patternmatcher.New(read[1:])
	if err != nil {
		return err
	}
	_, err = m.MatchesOrParentMatches("x") // only this compiles it
	return err
}

// Pattern is the pattern that leaves out exactly the path of the context, with all
// that is in it where it is a folder. It is false where no line of an ignore file
// means that path.
func Pattern(name string) (string, bool) {
	var b strings.Builder
	for i, r := range name {
		edge := i == 0 || i == len(name)-1
		switch {
		case strings.ContainsRune(`*?[]\^`, r), i == 0 && (r == '#' || r == '!'):
			b.WriteByte('\\')
		case edge && unicode.IsSpace(r):
			b.WriteString("[" + string(r) + "]") // blanks at the ends are cut off
			continue
		}
		b.WriteRune(r)
	}
	line := b.String()
	if clean(name) != name || name == "" || CheckPattern(line) != nil {
		return "", false
	}
	m, err := patternmatcher.New([]string{line})
	if err != nil {
		return "", false
	}
	it, err1 := m.MatchesOrParentMatches(name)
	other, err2 := m.MatchesOrParentMatches(name + "x")
	return line, it && !other && err1 == nil && err2 == nil
}

// Loses reports whether a source of COPY that the tree lets through is left out of
// with, and names it: the source itself, or for a pattern something it matches. A
// folder that only loses some of what is in it is none, and neither is all that a
// folder holds (dir/*) while something is left of it.
func (t *Tree) Loses(with *Tree, src string) (name string, lost bool) {
	if t == nil || with == nil {
		return "", false
	}
	src = clean(src)
	out := func(name string) bool { return name != "" && !t.excluded(name) && with.excluded(name) }
	if !strings.ContainsAny(src, `*?[\`) {
		return src, out(src)
	}
	if dir, last := path.Split(src); last == "*" && !strings.ContainsAny(dir, `*?[\`) {
		if out(path.Clean(dir)) {
			return path.Clean(dir), true
		}
		before, err := t.List(dir)
		if err != nil || len(before) == 0 {
			return "", false
		}
		left, err := with.List(dir)
		return src, err != nil || len(left) == 0
	}
	matches, err := fs.Glob(t.fsys, src)
	if err != nil || len(matches) > maxList {
		return src, true // it cannot be told
	}
	for _, m := range matches {
		if out(m) {
			return m, true
		}
	}
	return "", false
}

// Whole is the folder of the build context with all that is in it, what the ignore
// file leaves out included. A nil tree stays one.
func (t *Tree) Whole() *Tree {
	if t == nil {
		return nil
	}
	return &Tree{fsys: t.fsys}
}

// maxExceptions bounds the patterns that exceptions are looked for in: of a longer
// file it is not told what they let in.
const maxExceptions = 1000

// Exception is an exception of the ignore file (!pattern) that speaks of a path,
// or of something in the folder of that path, and false where there is none.
func (t *Tree) Exception(name string) (line string, ok bool) {
	if t == nil || t.ignore == nil || !t.ignore.Exclusions() {
		return "", false
	}
	if len(t.ignore.Patterns()) > maxExceptions {
		return "of more patterns than are looked at", true
	}
	name = clean(name)
	for _, p := range t.ignore.Patterns() {
		text := p.String()
		if !p.Exclusion() {
			continue
		}
		one := text
		if strings.HasPrefix(one, "!") {
			one = `\` + one // !!a excepts !a
		}
		m, err := patternmatcher.New([]string{one})
		if err != nil {
			return "!" + text, true
		}
		if hit, err := m.MatchesOrParentMatches(name); hit || err != nil || strings.HasPrefix(text, name+"/") {
			return "!" + text, true
		}
	}
	return "", false
}

// maxWeighed bounds the entries of a folder that are counted.
const maxWeighed = 100_000

// Weigh counts the files of a path of the context and their bytes, whatever
// .dockerignore says of them, up to 100,000; more is true where there are more.
func (t *Tree) Weigh(name string) (files int, size int64, more bool) {
	if t == nil {
		return 0, 0, false
	}
	seen := 0
	err := fs.WalkDir(t.fsys, at(name), func(_ string, d fs.DirEntry, err error) error {
		if seen++; seen > maxWeighed {
			more = true
			return fs.SkipAll
		}
		if err != nil {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		files++
		if info, err := d.Info(); err == nil && d.Type().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return files, size, more || err != nil
}
