// Package workspace finds the Dockerfiles under the paths a user names, reads
// them and puts their rewritten text back. Its invariant: whatever a checkout
// holds, nothing outside the root of a path is opened, nothing found is
// executed, every read is bounded, and a Dockerfile on disk is at all times
// either wholly the old text or wholly the new one.
package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// MaxFileSize is the largest file that is read unless Options.MaxSize says
	// otherwise. It also bounds compose, bake and ignore files.
	MaxFileSize = 1 << 20

	maxEntries = 200_000
	maxDepth   = 64
)

// Options says what Find leaves out and how large a Dockerfile may be.
type Options struct {
	// Exclude holds gitignore-style patterns. One with a slash is anchored at
	// the current directory when the walk is in the same repository, and at the
	// walked folder otherwise. They outrank every ignore file.
	Exclude []string
	// NoIgnore leaves .gitignore, .git/info/exclude and .restowignore unread.
	NoIgnore bool
	// MaxSize bounds Source.Read in bytes; 0 means MaxFileSize.
	MaxSize int64
}

// Source is one Dockerfile.
type Source struct {
	// Path is what to show: slash-separated, relative to the current directory
	// when below it. An inline Dockerfile is shown as "compose.yaml#web".
	Path string
	// Content is the text of an inline Dockerfile and nil for a file.
	Content []byte
	// ReadOnly says why Write refuses this Source; empty when it does not.
	ReadOnly string
	// Uses holds what compose and bake files found on the way say about it.
	Uses []Use

	root *os.Root // every access goes through it, so that none can leave it
	rel  string   // free of symlinks when it was found
	max  int64
}

// Use is one build of a Dockerfile, as a compose service or a bake target
// describes it. Only constants are reported.
type Use struct {
	File string // the compose or bake file, displayed like Source.Path
	Name string // service or target
	// Context is the build context as a slash path, displayed like Source.Path.
	// It is empty when another file or service decides it.
	Context       string
	Target        string            // build stage; empty for the last one
	BuildArgs     map[string]string // nil when there are none
	NamedContexts []string          // sorted
	// Unresolved names, sorted, what is set to something other than a constant
	// or may be set elsewhere: "args", "args.NAME", "context", "contexts",
	// "target". An empty Target with "target" in here is unknown, not last.
	Unresolved []string
}

// Find returns the Dockerfiles that paths name, sorted by Path, each once. A
// file is taken as it is; a folder is walked; no path means the current
// directory. What could not be looked at is in the errors, and does not keep
// the rest from being found.
func Find(paths []string, opt Options) ([]Source, []error) {
	f, err := newFinder(opt)
	if err != nil {
		return nil, []error{err}
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		f.start(p)
	}
	return f.sources(), f.errs
}

type finder struct {
	opt Options
	// Paths are built on realCwd, which holds no symlink; cwd is what the shell
	// shows, and only serves to display an absolute path given through it.
	cwd, realCwd string
	roots        map[string]*os.Root
	found        map[string]*candidate
	errs         []error
	said         map[string]bool
	maxEntries   int // of one walk
}

// candidate is a Source with what decides which of its names is displayed.
type candidate struct {
	Source
	link bool
}

func newFinder(opt Options) (*finder, error) {
	if opt.MaxSize <= 0 {
		opt.MaxSize = MaxFileSize
	}
	for _, p := range opt.Exclude {
		if err := checkPattern(p); err != nil {
			return nil, fmt.Errorf("exclude %q: %w, write it as in a .gitignore", p, err)
		}
	}
	cwd, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("current directory: %w, change to one that exists", reason(err))
	}
	realCwd, err := filepath.EvalSymlinks(cwd)
	if err != nil {
		return nil, fmt.Errorf("current directory: %w, change to one that exists", reason(err))
	}
	return &finder{
		opt: opt, cwd: cwd, realCwd: realCwd,
		roots: map[string]*os.Root{},
		found: map[string]*candidate{},
		said:  map[string]bool{},

		maxEntries: maxEntries,
	}, nil
}

// start takes one path as the user gave it.
func (f *finder) start(arg string) {
	if arg == "" {
		f.fail(errors.New(`"": an empty path, name a file or a folder`))
		return
	}
	abs := filepath.Clean(arg)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(f.realCwd, abs)
	}
	name := f.display(arg, abs)
	top, err := f.boundary(abs)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w, check the path", name, reason(err)))
		return
	}
	actual, err := filepath.EvalSymlinks(abs)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w, check the path", name, reason(err)))
		return
	}
	rel, ok := below(top, actual)
	if !ok {
		f.fail(fmt.Errorf("%s: a symlink leads out of %s to %s, name that path itself if it is meant", name, top, actual))
		return
	}
	// A checkout may hold a link Dockerfile -> .git/config: what the user sees
	// as a Dockerfile must not be the repository's own data.
	if actual != abs && hasSkipped(rel) && !hasSkipped(abs) {
		f.fail(fmt.Errorf("%s: a symlink leads into %s, which restow leaves alone", name, rel))
		return
	}
	info, err := os.Stat(actual)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w, check the path", name, reason(err)))
		return
	}
	if info.IsDir() {
		f.walk(top, actual, name)
		return
	}
	dir, err := f.open(top)
	if err != nil {
		f.fail(fmt.Errorf("%s: %w, make its folder readable", name, reason(err)))
		return
	}
	f.add(actual, candidate{Source: Source{Path: name, root: dir, rel: rel}, link: actual != abs})
}

// add records a Source under its identity. Of two names for one file the one
// that is no symlink is displayed, then the bytewise first.
func (f *finder) add(identity string, c candidate) {
	c.max = f.opt.MaxSize
	old := f.found[identity]
	if old == nil {
		f.found[identity] = &c
		return
	}
	for _, u := range c.Uses {
		if !slices.ContainsFunc(old.Uses, func(o Use) bool { return o.File == u.File && o.Name == u.Name }) {
			old.Uses = append(old.Uses, u)
		}
	}
	if old.link == c.link && c.Path < old.Path || old.link && !c.link {
		old.Path, old.link = c.Path, c.link
	}
}

func (f *finder) sources() []Source {
	var all []Source
	for _, c := range f.found {
		slices.SortFunc(c.Uses, func(a, b Use) int {
			return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Name, b.Name))
		})
		all = append(all, c.Source)
	}
	slices.SortFunc(all, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// fail keeps an error once: overlapping paths meet the same trouble twice.
func (f *finder) fail(err error) {
	if f.said[err.Error()] {
		return
	}
	f.said[err.Error()] = true
	f.errs = append(f.errs, err)
}

// display is how a path the user gave is shown.
func (f *finder) display(arg, abs string) string {
	for _, cwd := range []string{f.realCwd, f.cwd} {
		if rel, ok := below(cwd, abs); ok {
			return filepath.ToSlash(rel)
		}
	}
	return path.Clean(filepath.ToSlash(arg))
}
