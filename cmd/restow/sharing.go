package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// sharing finds out which Dockerfiles are built with one context: what a pattern
// of its ignore file leaves out is gone for all of them.
type sharing struct {
	run      []workspace.Source
	settings func(workspace.Source) (config.Settings, error)

	mu    sync.Mutex
	below map[string]func() ([]workspace.Source, []error) // found in a context's folder
}

func newSharing(run []workspace.Source, settings func(workspace.Source) (config.Settings, error)) *sharing {
	return &sharing{run: run, settings: settings, below: map[string]func() ([]workspace.Source, []error){}}
}

// find are the Dockerfiles in a folder, whatever the user leaves out of the run.
func (sh *sharing) find(dir string) ([]workspace.Source, []error) {
	sh.mu.Lock()
	look := sh.below[dir]
	if look == nil {
		var once sync.Once
		var found []workspace.Source
		var errs []error
		look = func() ([]workspace.Source, []error) {
			once.Do(func() { found, errs = workspace.Find([]string{dir}, workspace.Options{}) })
			return found, errs
		}
		sh.below[dir] = look
	}
	sh.mu.Unlock()
	return look()
}

// others are the Dockerfiles besides src that may be built with its context dir,
// and read the same ignore file. kept is why that file must stay as it is: that it
// is not known for whom it is, or that it cannot be written.
func (sh *sharing) others(src workspace.Source, s config.Settings, dir string, tree *project.Tree) (out []*dockerfile.File, kept string) {
	name := tree.IgnoreFile().Name
	if kept := ignoreKept(src, s, dir, name); kept != "" {
		return nil, kept
	}
	if name != ".dockerignore" {
		return nil, "" // the Dockerfile's own
	}
	found, errs := sh.find(dir)
	if len(errs) > 0 {
		return nil, "what else is built with this context cannot be told: " + errs[0].Error()
	}
	self, seen := identity(src), map[string]bool{}
	for _, other := range slices.Concat(sh.run, found) {
		id := identity(other)
		if id == self || seen[id] {
			continue
		}
		seen[id] = true
		f, err := sh.shares(other, dir, tree)
		if err != nil {
			return nil, fmt.Sprintf("what %s needs of this context cannot be told: %v", other.Path, err)
		}
		if f != nil {
			out = append(out, f)
		}
	}
	return out, ""
}

// shares gives a Dockerfile that is built with the context dir or may be: one of
// which a compose or bake file or a setting says so, and where nothing says which
// context it has, one that stands in dir and whose own folder does not hold what
// it copies, or one anywhere that only dir holds.
func (sh *sharing) shares(src workspace.Source, dir string, tree *project.Tree) (*dockerfile.File, error) {
	s, err := sh.settings(src)
	if err != nil {
		return nil, err
	}
	sure, is := s.Context != "", s.Context != "" && same(s.Context, dir)
	if s.Context == "" {
		sure = len(src.Uses) > 0
		for _, use := range src.Uses {
			sure = sure && use.Context != ""
			is = is || use.Context != "" && same(filepath.FromSlash(use.Context), dir)
		}
	}
	own := folder(src)
	if !is && (sure || !sh.inside(src, dir) && !slices.ContainsFunc(sh.run, func(r workspace.Source) bool { return r.Path == src.Path })) {
		return nil, nil
	}
	if in := inContext(dir, src.Path); in != "" {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(in)) + ".dockerignore"); err == nil {
			return nil, nil // reads its own
		}
	}
	data := src.Content
	if data == nil {
		if data, _, err = src.Read(); err != nil {
			return nil, err
		}
	}
	f, err := dockerfile.Parse(src.Path, data)
	if err != nil {
		return nil, err
	}
	switch {
	case is, same(own, dir):
		return f, nil
	case holds(own, f):
		return nil, nil
	case sh.inside(src, dir), tree.Holds(f):
		return f, nil
	}
	return nil, nil
}

func (sh *sharing) inside(src workspace.Source, dir string) bool {
	rel, err := filepath.Rel(real(dir), real(folder(src)))
	return err == nil && filepath.IsLocal(rel)
}

// holds reports whether a folder has all that a Dockerfile copies.
func holds(dir string, f *dockerfile.File) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	tree, err := project.New(root.FS(), "")
	return err == nil && tree.Holds(f)
}

// ignoreKept is why a Dockerfile's run must not change an ignore file of its
// context, whoever else has that; "" where it may.
func ignoreKept(src workspace.Source, s config.Settings, dir, name string) string {
	switch {
	case src.Content != nil && src.ReadOnly == "":
		return "the Dockerfile is read from standard input, and nothing else is written then"
	case src.ReadOnly != "":
		return src.ReadOnly
	}
	contexts := map[string]bool{}
	for _, use := range src.Uses {
		contexts[use.Context] = true
		if use.Context == "" && s.Context == "" {
			return use.File + " does not say which folder is the build context"
		}
	}
	if len(contexts) > 1 && s.Context == "" {
		return "it is built with several build contexts"
	}
	beside := filepath.FromSlash(src.Path) + ".dockerignore"
	_, err := os.Lstat(beside)
	if outside := !same(filepath.Join(dir, filepath.FromSlash(inContext(dir, src.Path))), filepath.FromSlash(src.Path)); outside && (!errors.Is(err, fs.ErrNotExist) || name != ".dockerignore") {
		return "the Dockerfile stands outside of its build context, and may have an ignore file of its own there"
	}
	if _, err := src.Companion(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
		return err.Error()
	}
	return ""
}

// identity tells two Sources apart, whatever their paths look like.
func identity(src workspace.Source) string {
	file, inline, _ := strings.Cut(src.Path, "#")
	if src.Content == nil {
		file, inline = src.Path, ""
	}
	return real(filepath.FromSlash(file)) + "#" + inline
}

// real is a path without symlinks, or as it stands where that cannot be told.
func real(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if to, err := filepath.EvalSymlinks(name); err == nil {
		return to
	}
	return name
}

func same(a, b string) bool { return real(a) == real(b) }
