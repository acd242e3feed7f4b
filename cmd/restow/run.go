package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// shared are the flags that fix and check have in common.
type shared struct {
	cmd           *cobra.Command
	json, verbose bool
	format        string // of the report; empty for text
	stdinName     string
	lookup        *lookup // nil where no digests are wanted
	strict        bool    // an unknown digest is a failure even offline
	// wants are the references to ask about, if not those that a pin needs.
	wants func(*dockerfile.File, images.Options) []string
	// sharing tells who else has a context; nil before the run.
	sharing   *sharing
	histories histories
}

func (s *shared) add(cmd *cobra.Command) {
	s.cmd = cmd
	f := cmd.Flags()
	f.StringSlice("select", nil, "run only these passes (or BuildKit rules)")
	f.StringSlice("ignore", nil, "do not run these passes (or BuildKit rules)")
	f.StringSlice("exclude", nil, "do not look at paths that match these gitignore patterns")
	f.String("context", "", "build context (default: what compose or bake files say, else the Dockerfile's folder where it holds all that is copied)")
	f.Bool("offline", false, "ask no registry: digests come from restow.lock and the cache")
	f.String("color", "auto", "colour the output: auto, always or never")
	f.BoolVar(&s.json, "json", false, "print one JSON document instead of text")
	f.BoolVarP(&s.verbose, "verbose", "v", false, "say also what was refused and why")
	f.StringVar(&s.stdinName, "stdin-filename", "Dockerfile", "name for the Dockerfile that - reads from standard input")
}

// outcome is what became of one Dockerfile.
type outcome struct {
	source   workspace.Source
	settings config.Settings
	stamp    workspace.Stamp
	res      *rewrite.Result
	images   map[string]rewrite.Image // what was learned of the references
	lenient  bool                     // what nobody could tell was not asked, as the user wished
	proven   []*rewrite.Pass          // whose unsafe fixes a build has shown to be right
	notes    []string                 // ignores of nothing and other remarks, placed
	err      error                    // it could not be handled
	badSetup bool                     // err is about the configuration
	wrote    bool

	context *project.Tree // the build context as it is; nil when it is not known
	sharing func() ([]*dockerfile.File, string)
	history func(dir string, tree *project.Tree) func() *project.History
	ignore  *ignoreChange // nil where the context's ignore file stays
}

// job is how a verb runs the passes on one file.
type job func(f *dockerfile.File, s config.Settings, suite []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error)

// each handles every Dockerfile that the arguments name, in parallel, and calls
// visit in path order. It returns the settings of the current folder.
func (a *app) each(s *shared, args []string, candidates []*rewrite.Pass, do job, visit func(*outcome) error) (config.Settings, []error, error) {
	here, err := a.loader.Resolve(".", given(s.cmd), a.environ)
	if err != nil {
		return here, nil, exit{exitUsage, err}
	}
	if err := badContext(here); err != nil {
		return here, nil, exit{exitUsage, err}
	}
	var sources []workspace.Source
	var problems []error
	if slices.Contains(args, "-") {
		if len(args) > 1 {
			return here, nil, exit{exitUsage, errors.New("- stands alone: it reads one Dockerfile from standard input")}
		}
		src, err := a.stdin(s.cmd.Context(), s.stdinName)
		if err != nil {
			return here, nil, err
		}
		sources = append(sources, src)
	} else {
		sources, problems = workspace.Find(args, workspace.Options{Exclude: excludes(here)})
	}
	s.sharing = newSharing(sources, func(src workspace.Source) (config.Settings, error) {
		return a.loader.Resolve(folder(src), given(s.cmd), a.environ)
	})
	ctx := s.cmd.Context()
	results := make([]chan *outcome, len(sources))
	for i := range sources {
		results[i] = make(chan *outcome, 1)
	}
	// Many files wait for registries at a time, as many as there are cores compute.
	waiting, cores := make(chan struct{}, maxWaiting), make(slots, runtime.GOMAXPROCS(0))
	go func() {
		for i, src := range sources {
			waiting <- struct{}{}
			go func() {
				defer func() { <-waiting }()
				results[i] <- a.one(ctx, s, src, candidates, do, cores)
			}()
		}
	}()
	for i := range sources {
		o := <-results[i]
		if err := ctx.Err(); err != nil {
			return here, problems, err
		}
		if err := visit(o); err != nil {
			return here, problems, err
		}
	}
	return here, problems, nil
}

// maxWaiting bounds how many files are held in memory while digests are asked for.
const maxWaiting = 512

// slots let as many work at once as they hold.
type slots chan struct{}

// outside runs what needs no slot, between two pieces of work that do.
func (s slots) outside(do func()) {
	<-s
	defer func() { s <- struct{}{} }()
	do()
}

// excludes are the patterns of the settings as seen from the current folder,
// where those of a file further up or down have to be anchored.
func excludes(s config.Settings) []string {
	here, err := filepath.Abs(".")
	if err != nil || s.ExcludeDir == "" || s.ExcludeDir == here {
		return s.Exclude
	}
	down, err := filepath.Rel(s.ExcludeDir, here)
	if err != nil || strings.HasPrefix(down, "..") {
		return s.Exclude
	}
	var out []string
	for _, p := range s.Exclude {
		not, body := "", p
		if strings.HasPrefix(p, "!") {
			not, body = "!", p[1:]
		}
		if !strings.Contains(strings.TrimSuffix(body, "/"), "/") || strings.HasPrefix(body, "**/") {
			out = append(out, p) // a name, at any depth
			continue
		}
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(body, "/"), filepath.ToSlash(down)+"/"); ok {
			out = append(out, not+"/"+rest)
		}
	}
	return out
}

// badContext says where a build context was given that is no folder.
func badContext(s config.Settings) error {
	if info, err := os.Stat(s.Context); s.Context == "" || err == nil && info.IsDir() {
		return nil
	}
	for _, o := range s.Origins() {
		if o.Key == "context" {
			return fmt.Errorf("%s: there is no folder %s", o.From, o.Value)
		}
	}
	return nil
}

// stdin is the Dockerfile on standard input, as a source that has no file.
func (a *app) stdin(ctx context.Context, name string) (workspace.Source, error) {
	var data []byte
	done := make(chan error, 1)
	go func() {
		var err error
		data, err = io.ReadAll(io.LimitReader(a.in, workspace.MaxFileSize+1))
		done <- err
	}()
	select {
	case <-ctx.Done(): // reading cannot be ended, but need not be waited for
		return workspace.Source{}, ctx.Err()
	case err := <-done:
		if err != nil {
			return workspace.Source{}, exit{exitPartial, fmt.Errorf("standard input: %w", err)}
		}
	}
	if len(data) > workspace.MaxFileSize {
		return workspace.Source{}, exit{exitPartial, fmt.Errorf("%s: too large to read, more than %d bytes", name, workspace.MaxFileSize)}
	}
	if data == nil {
		data = []byte{}
	}
	return workspace.Source{Path: filepath.ToSlash(filepath.Clean(name)), Content: data}, nil
}

// one handles one Dockerfile. A panic ends that file, not the run.
func (a *app) one(ctx context.Context, s *shared, src workspace.Source, candidates []*rewrite.Pass, do job, cores slots) (o *outcome) {
	o = &outcome{source: src}
	o.history = func(dir string, tree *project.Tree) func() *project.History {
		return s.histories.historyOf(ctx, dir, src.Path, tree)
	}
	cores <- struct{}{}
	defer func() { <-cores }()
	defer func() {
		if p := recover(); p != nil {
			o.err = fmt.Errorf("%s: restow failed on this file and left it as it was, please report it: %v", src.Path, p)
		}
	}()
	if o.settings, o.err = a.loader.Resolve(folder(src), given(s.cmd), a.environ); o.err != nil {
		o.badSetup = true
		return o
	}
	if o.err = badContext(o.settings); o.err != nil {
		o.badSetup = true
		return o
	}
	data := src.Content
	if data == nil {
		if data, o.stamp, o.err = src.Read(); o.err != nil {
			return o
		}
	}
	f, err := dockerfile.Parse(src.Path, data)
	if err != nil {
		o.err = err
		return o
	}
	suite := chosen(candidates, o.settings)
	o.lenient = o.settings.Offline && !s.strict
	if s.lookup != nil {
		var refs []string
		if s.wants != nil {
			refs = s.wants(f, namesOf(src, o.settings))
		} else if slices.Contains(suite, passes.PinDigest) {
			refs = tagsOf(f, namesOf(src, o.settings))
		}
		if o.err = o.learn(ctx, s, refs, cores); o.err != nil {
			return o
		}
	}
	facts, done, err := o.facts(f, s.sharing)
	if err != nil {
		o.err = err
		return o
	}
	defer done()
	o.context, o.sharing = facts.Context, facts.Sharing
	o.notes = unknownIgnores(f)
	for range 3 { // a pass may name images anew
		o.res, o.err = do(f, o.settings, suite, facts)
		if o.err != nil || len(o.res.Wanted) == 0 || s.lookup == nil {
			break
		}
		if o.err = o.learn(ctx, s, o.res.Wanted, cores); o.err != nil {
			return o
		}
	}
	if o.err == nil {
		sortByLine(o.res)
		for _, ig := range o.res.Ignores {
			o.notes = append(o.notes, fmt.Sprintf("%s:%d ignore: %s ignores nothing here; remove it", f.Name, ig.Line, ig.Name))
		}
		for _, w := range o.res.Withheld {
			o.notes = append(o.notes, fmt.Sprintf("%s:%s (a bug of restow: please report it)", f.Name, w))
		}
	}
	return o
}

// learn asks about references, and keeps what it is told.
func (o *outcome) learn(ctx context.Context, s *shared, refs []string, cores slots) (err error) {
	if o.images == nil {
		o.images = map[string]rewrite.Image{}
	}
	if len(refs) == 0 {
		return nil
	}
	var told map[string]rewrite.Image
	cores.outside(func() { told, err = s.lookup.images(ctx, folder(o.source), o.settings, refs) })
	maps.Copy(o.images, told)
	if err != nil {
		o.badSetup = ctx.Err() == nil
	}
	return err
}

// facts are those of the file with what was learned of its images.
func (o *outcome) facts(f *dockerfile.File, sh *sharing) (rewrite.Facts, func(), error) {
	facts, done, err := factsOf(f, o.source, o.settings)
	dir, _ := contextOf(o.source, o.settings)
	facts.History = o.history(dir, facts.Context)
	facts.Times = readTimes(o.source)
	if tree := facts.Context; tree != nil {
		facts.Sharing = sync.OnceValues(func() ([]*dockerfile.File, string) { return sh.others(o.source, o.settings, dir, tree) })
	}
	facts.Caches = o.settings.Caches
	facts.Names, facts.Images, facts.InlineArgs = namesOf(o.source, o.settings), o.images, o.settings.InlineArgs
	facts.MergeAll = o.settings.Merge == "all"
	facts.ReorderGain = float64(o.settings.ReorderGain)
	if err == nil {
		err = addBases(&facts, o.settings)
	}
	return facts, done, err
}

// unknown are findings that wait for what nobody could tell.
func (o *outcome) unknown() (out []rewrite.Change) {
	if o.err != nil {
		return nil
	}
	for _, c := range o.res.Findings {
		if c.Failed && !o.lenient {
			out = append(out, c)
		}
	}
	return out
}

// sortByLine orders what a run says as people read a file.
func sortByLine(res *rewrite.Result) {
	byLine := func(a, b rewrite.Change) int { return a.Line - b.Line }
	slices.SortStableFunc(res.Changes, byLine)
	slices.SortStableFunc(res.Findings, byLine)
}

// chosen are the passes that the settings leave on. Passes that only find run
// in fix when they are selected by name.
func chosen(candidates []*rewrite.Pass, s config.Settings) []*rewrite.Pass {
	var out []*rewrite.Pass
	for _, p := range passes.Suite {
		on, _ := s.Enabled(p.Name, p.Rule)
		named := slices.Contains(s.Select, p.Name) || p.Rule != "" && slices.Contains(s.Select, p.Rule)
		if on && (slices.Contains(candidates, p) || named) {
			out = append(out, p)
		}
	}
	return out
}
