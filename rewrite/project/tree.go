// Package project holds facts about the build context: which files it has and
// which of them .dockerignore lets through. It reads through the file system it
// is given, never follows a link out of it, and answers "unknown" for whatever
// it cannot see.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Tree is a build context. A nil tree knows nothing.
type Tree struct {
	fsys   fs.FS
	ignore *patternmatcher.PatternMatcher
	// ignoreFile is what ignore was read from.
	ignoreFile IgnoreFile
	rules      ruleSet
	files      fileList
}

// maxIgnore bounds .dockerignore, in bytes.
const maxIgnore = 1 << 20

// New describes the build context fsys. dockerfile is the Dockerfile's path in
// it, whose own ignore file (Dockerfile.dockerignore) goes before .dockerignore,
// as docker build does it; it may be "". A broken ignore file is an error.
func New(fsys fs.FS, dockerfile string) (*Tree, error) {
	t := &Tree{fsys: fsys}
	for _, name := range []string{dockerfile + ".dockerignore", ".dockerignore"} {
		data, err := readBounded(fsys, name, maxIgnore)
		if errors.Is(err, fs.ErrNotExist) || !fs.ValidPath(name) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return t.ignoring(IgnoreFile{Name: name, Data: data})
	}
	return t.ignoring(IgnoreFile{Name: ".dockerignore"})
}

func readBounded(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}

// clean is a COPY source as a path of the context, "." for its root.
func clean(src string) string {
	return strings.TrimPrefix(path.Join("/", strings.ReplaceAll(src, `\`, "/")), "/")
}

// Plain reports whether a COPY or ADD source of the context is known to be
// something that ADD would not unpack: the root of the context, which is always
// a folder, a folder, or regular files that no archive format begins like. A
// pattern is plain when it matches something and all its matches are.
func (t *Tree) Plain(src string) bool {
	name := clean(src)
	if name == "" {
		return true // BuildKit never unpacks a folder (isArchivePath in moby's archive)
	}
	if t == nil {
		return false
	}
	if !strings.ContainsAny(name, `*?[\`) {
		return t.plainFile(name)
	}
	matches, err := fs.Glob(t.fsys, name)
	if err != nil || len(matches) == 0 || len(matches) > 1000 {
		return false
	}
	for _, m := range matches {
		if !t.plainFile(m) {
			return false
		}
	}
	return true
}

func (t *Tree) plainFile(name string) bool {
	info, err := fs.Stat(t.fsys, name) // before opening: a pipe would block
	switch {
	case err != nil:
		return false
	case info.IsDir():
		return true
	case !info.Mode().IsRegular():
		return false
	}
	f, err := t.fsys.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return !archive(head[:n])
}

// archive reports whether a file that begins so could be one that ADD unpacks:
// a tar, or anything compressed in a way that moby's archive package knows.
func archive(head []byte) bool {
	for _, magic := range []string{"\x1f\x8b", "BZh", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "\x5d\x00\x00"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	if len(head) < 16 {
		return false
	}
	// A zstd file may begin with skippable frames of any of sixteen magics.
	if head[0]>>4 == 0x5 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}) {
		return true
	}
	return len(head) == 512 && tarHeader(head)
}

// tarHeader reports whether a block could be a tar header: its checksum field
// (bytes 148 to 155) holds an octal number, which text there hardly is. Old
// archives have no other mark.
func tarHeader(block []byte) bool {
	if bytes.HasPrefix(block[257:], []byte("ustar")) {
		return true
	}
	field := bytes.Trim(block[148:156], " \x00")
	return len(field) > 0 && len(bytes.Trim(field, "01234567")) == 0
}

// Exists reports whether a source without patterns is there; known is false
// when the context is not.
func (t *Tree) Exists(src string) (exists, known bool) {
	if t == nil {
		return false, false
	}
	name := clean(src)
	if name == "" {
		return true, true
	}
	if _, err := fs.Stat(t.fsys, name); err != nil {
		return false, errors.Is(err, fs.ErrNotExist)
	}
	return true, true
}

// Ignored reports whether .dockerignore keeps a COPY or ADD source out of the
// context, in the cases in which docker build --check says so: not where the
// file has exceptions (!pattern), and for the root only where a pattern excludes
// everything (validateCopySourcePath in dockerfile2llb).
func (t *Tree) Ignored(src string) bool {
	if t == nil || t.ignore == nil || t.ignore.Exclusions() {
		return false
	}
	name := path.Clean(strings.ReplaceAll(src, `\`, "/"))
	if name == "." || name == "/" {
		all := false
		for _, p := range t.ignore.Patterns() {
			all = all || p.String() == "*" || p.String() == "**" || p.String() == "**/*"
		}
		if !all {
			return false
		}
	}
	ok, err := t.ignore.MatchesOrParentMatches(name)
	return err == nil && ok
}

// manifests are files that stand at the root of a project. Names with * are
// patterns.
var manifests = []string{
	"package.json", "go.mod", "requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts",
	"Gemfile", "composer.json", "mix.exs", "*.csproj", "*.fsproj", "*.sln", "CMakeLists.txt", "Makefile", "deno.json", "Package.swift", "pubspec.yaml", "stack.yaml", "rebar.config", "build.sbt",
}

// Holds reports whether every source that f copies from its build context is in
// the tree, and there is one: then the tree may be taken for f's context where
// nobody says which it is. Where f copies nothing but the whole context, the tree
// has to look like the root of a project: by a manifest.
func (t *Tree) Holds(f *dockerfile.File) bool {
	found, whole := false, false
	for _, in := range f.Instructions {
		var sources []string
		switch c := in.Command.(type) {
		case *instructions.AddCommand:
			sources = c.SourcePaths
		case *instructions.CopyCommand:
			if c.From == "" {
				sources = c.SourcePaths
			}
		}
		for _, src := range sources {
			switch {
			case strings.Contains(src, "://"), strings.Contains(src, "$"):
				continue // says nothing about which folder it is
			case clean(src) == "":
				whole = true
				continue
			case strings.ContainsAny(src, `*?[\`):
				if m, err := fs.Glob(t.fsys, clean(src)); err != nil || len(m) == 0 {
					return false
				}
			default:
				if ok, _ := t.Exists(src); !ok {
					return false
				}
			}
			found = true
		}
	}
	return found || whole && slices.ContainsFunc(manifests, func(name string) bool {
		m, err := fs.Glob(t.fsys, name)
		return err == nil && len(m) > 0
	})
}
