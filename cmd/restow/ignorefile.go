package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// ignoreChange is what an outcome makes of its context's ignore file.
type ignoreChange struct {
	state         *ignoreState
	before, after []byte // before is nil where there was no file
}

func (c *ignoreChange) path() string { return c.state.file.Path }

func (c *ignoreChange) diff() string {
	if c.before == nil {
		return diff.Created(c.path(), c.after)
	}
	return diff.Unified(c.path(), c.before, c.after)
}

// ignoreFiles are the ignore files of a run as its outcomes leave them, one after
// another: Dockerfiles with one context add to the same.
type ignoreFiles map[string]*ignoreState

type ignoreState struct {
	file  *workspace.Companion
	root  *os.Root
	first *project.Tree // the context before the run
	added []string
	by    []*dockerfile.File // whose patterns were added, as they are then
	err   error              // the file could not be written
}

// close releases the contexts.
func (fs ignoreFiles) close() {
	for _, st := range fs {
		st.root.Close()
	}
}

// open looks at an ignore file for the first time.
func (fs ignoreFiles) open(o *outcome, dir string) (*ignoreState, error) {
	was := o.context.IgnoreFile()
	path := filepath.Join(dir, filepath.FromSlash(was.Name))
	if st := fs[real(path)]; st != nil {
		return st, st.err
	}
	file, err := o.source.Companion(path)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(file.Data, was.Data) || (file.Data == nil) != (was.Data == nil) {
		return nil, fmt.Errorf("%s: %w, run restow again", file.Path, workspace.ErrChanged)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	tree, err := project.New(root.FS(), inContext(dir, o.source.Path))
	if err != nil {
		root.Close()
		return nil, err
	}
	st := &ignoreState{file: file, root: root, first: tree}
	fs[real(path)] = st
	return st, nil
}

// take turns the patterns of an outcome into a change of the file as the outcomes
// before left it. What those have added already is dropped, and with it changes
// that were about nothing else.
func (fs ignoreFiles) take(o *outcome) error {
	if len(o.res.Ignore) == 0 {
		return nil
	}
	dir, _ := contextOf(o.source, o.settings)
	st, err := fs.open(o, dir)
	if err != nil {
		return err
	}
	all := slices.Clone(st.added)
	for _, p := range o.res.Ignore {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	// Each has looked at its own patterns; together they may leave nothing of what
	// one of them copies.
	others, _ := o.sharing()
	by := append(slices.Clone(st.by), o.res.After)
	if why := rewrite.Needed(st.first, append(slices.Clone(by), others...), all); why != "" {
		return fmt.Errorf("%s: nothing is changed: with what the Dockerfiles before add to %s, %s", o.source.Path, st.file.Path, why)
	}
	fresh := all[len(st.added):]
	o.res.Changes = slices.DeleteFunc(o.res.Changes, func(c rewrite.Change) bool {
		isNew := func(p string) bool { return slices.Contains(fresh, p) }
		return len(c.Fix.Edits) == 0 && len(c.Fix.Ignore) > 0 && !slices.ContainsFunc(c.Fix.Ignore, isNew)
	})
	before := st.first.With(st.added).IgnoreFile().Data
	st.by, st.added = by, all
	if len(fresh) > 0 {
		o.ignore = &ignoreChange{state: st, before: before, after: st.first.With(all).IgnoreFile().Data}
	}
	return nil
}

// write puts the ignore file in its place.
func (c *ignoreChange) write() error {
	c.state.err = c.state.file.Write(c.after)
	return c.state.err
}
