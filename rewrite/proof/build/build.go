// Package build shows by building what a rewrite does: it builds a Dockerfile
// before and after on a real BuildKit, without the cache of earlier builds, and
// compares the images: configuration, files, libraries, programs, how commands
// and a server behave, sizes and times. It never calls two images the same for
// want of a look: what could not be compared is listed as not proven, and
// whatever differs without a known reason counts. Nothing of an image is
// unpacked on this machine; the build context is only read.
package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/identity"

	"github.com/restow/restow/rewrite/diff"
	"github.com/restow/restow/rewrite/project"
)

// Input says what to build and what to compare.
type Input struct {
	Name          string // the Dockerfile's path in the context, for messages too
	Before, After []byte // its text
	Context       string // the folder sent to BuildKit; "" for none
	Ignore        []byte // its own ignore file; nil for Name.dockerignore of the context
	IgnoreAfter   []byte // the ignore file after; nil for the same as before
	BuildArgs     map[string]string
	Target        string
	Platform      string   // "" for BuildKit's own
	Network       string   // host or none for all steps, as docker build --network; "" for BuildKit's own
	Allow         []string // entitlements, as docker build --allow
	BuiltIn       bool     // use BuildKit's built-in frontend, whatever # syntax= names

	Smoke        []Command
	SmokeOutput  bool          // they must write the same, too
	SmokeTimeout time.Duration // of each; a minute when 0
	Server       *Server

	Touch   []string                // files of the context that change most often; nil to choose one
	History func() *project.History // of the context, to choose by; nil where there is none
	Repeat  int                     // of each measurement; 3 when 0, negative for none
	Timeout time.Duration           // of all together; 30 minutes when 0

	// Expect says why a change is what the rewrite intends, or "". It is asked
	// about every change that is not volatile by its nature.
	Expect  func(Change) string
	Reasons []Reason // for the report
}

// Reason is why something was rewritten, as the passes say it.
type Reason struct {
	Pass  string `json:"pass"`
	Title string `json:"title"`
	Why   string `json:"why"`
}

// run is one verification.
type run struct {
	conn     *Conn
	in       *Input
	progress io.Writer
	terminal bool
	id       string // of this run: no other has the same
	layers   layerCache
	flat     bool
	touch    []string
	nonces   uint64
	doing    string
}

func (r *run) say(format string, args ...any) {
	r.doing = fmt.Sprintf(format, args...)
	if r.progress != nil && !r.terminal { // where BuildKit's display is drawn, a line would tear it
		fmt.Fprintf(r.progress, "# %s\n", r.doing)
	}
}

// nonce is a number that no build had before.
func (r *run) nonce() uint64 {
	r.nonces++
	return uint64(time.Now().UnixNano())<<8 | r.nonces&0xff
}

// Verify builds before and after and compares them. A Dockerfile that does not
// build is a result; an error is what keeps from getting one. Progress, which
// may be nil, gets BuildKit's display on a terminal and plain lines elsewhere.
func Verify(ctx context.Context, conn *Conn, in Input, progress io.Writer) (*Report, error) {
	in.defaults()
	tooLong := fmt.Errorf("it did not end within %s", in.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, in.Timeout, tooLong)
	defer cancel()
	r := &run{conn: conn, in: &in, progress: progress, id: identity.NewID(), layers: conn.known()}
	rep, err := r.verify(ctx)
	if errors.Is(err, tooLong) {
		return nil, fmt.Errorf("%s: %w (in: %s); nothing is known about the rewrite", in.Name, err, r.doing)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return rep, nil
}

func (in *Input) defaults() {
	if in.Name == "" {
		in.Name = "Dockerfile"
	}
	if in.Repeat == 0 {
		in.Repeat = 3
	}
	if in.Timeout == 0 {
		in.Timeout = 30 * time.Minute
	}
	if in.SmokeTimeout == 0 {
		in.SmokeTimeout = time.Minute
	}
}

// built is one side, built and tried.
type built struct {
	img   *image
	trial *trial
	steps *steps
}

func (r *run) verify(ctx context.Context) (*Report, error) {
	rep := &Report{
		Name: r.in.Name, Target: r.in.Target, Platform: or(r.in.Platform, r.conn.platform),
		BuildArgs: slices.Sorted(maps.Keys(r.in.BuildArgs)), BuildKit: r.conn.Version, Reasons: r.in.Reasons,
		Diff: diff.Unified(r.in.Name, r.in.Before, r.in.After), Date: time.Now().UTC().Truncate(time.Second),
	}
	before, failed, err := r.build(ctx, "before", r.in.Before)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		rep.Before.Failure = failed
		rep.decide()
		return rep, nil
	}
	rep.Before.describe(before)
	after, failed, err := r.build(ctx, "after", r.in.After)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		rep.After.Failure = failed
		rep.decide()
		return rep, nil
	}
	rep.After.describe(after)
	if err := r.compare(ctx, rep, before, after); err != nil {
		return nil, err
	}
	rep.decide()
	if r.in.Repeat > 0 && rep.Verdict != Broken {
		if err := r.measure(ctx, rep, before, after); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// build builds one side without the cache, tries what it has to do and takes
// its image apart.
func (r *run) build(ctx context.Context, side string, text []byte) (*built, *Failure, error) {
	out := &built{}
	img, st, failed, err := r.solve(ctx, r.attempt(side, text, attempt{
		title: "building " + side, cold: true, loud: true, export: true, mounts: r.id + side + "0",
		inside: func(ctx context.Context, c gateway.Client, ref gateway.Reference, config []byte) (err error) {
			out.trial, err = r.try(ctx, c, ref, config, side == "before")
			return err
		},
	}))
	out.img, out.steps = img, st
	return out, failed, err
}

func (r *run) attempt(side string, text []byte, a attempt) attempt {
	a.side, a.text = side, text
	r.doing = a.title
	return a
}

// compare lists every difference of the images, each with whether it counts.
func (r *run) compare(ctx context.Context, rep *Report, before, after *built) error {
	r.doing = "comparing"
	changes := compareConfig(before.img, after.img)
	trials, tried, notes := compareTrials(r.in, before.trial, after.trial)
	changes = append(changes, tried...)
	if s := r.in.Server; s != nil {
		answered, more := compareAnswers(s, before.trial.answer, after.trial.answer)
		changes, notes = append(changes, answered...), append(notes, more...)
		rep.Server = &ServerTrial{Port: s.Port, Path: s.Path, Before: before.trial.answer, After: after.trial.answer}
	}
	changes = append(changes, comparePrograms(before.img, after.img)...)
	changes = append(changes, compareLibraries(before.img, after.img)...)
	files := compareFiles(before.img.tree, after.img.tree)
	r.expect(changes)
	r.expect(files)
	if slices.ContainsFunc(files, func(c Change) bool { return c.Class == Unexpected }) {
		if err := r.unstable(ctx, files, before); err != nil {
			return err
		}
	}
	if before.img.flat {
		notes = append(notes, "sizes of layers: this Docker Engine's image store does not give them; one with the containerd image store does")
	}
	r.conn.remember(r.layers)
	rep.Smoke, rep.Changes = trials, append(changes, collapse(files)...)
	rep.notes = append(notes, slices.Concat(before.img.notes, after.img.notes)...)
	return nil
}

// expect asks the caller about each change that would count.
func (r *run) expect(changes []Change) {
	if r.in.Expect == nil {
		return
	}
	for i := range changes {
		if c := &changes[i]; c.Class == Unexpected {
			if why := r.in.Expect(*c); why != "" {
				c.Class, c.Why = Expected, why
			}
		}
	}
}

// unstable builds before once more: what differs between its own two builds says
// nothing about the rewrite. It counts for a file's content only; what comes and
// goes by itself has to do so in the same way.
func (r *run) unstable(ctx context.Context, files []Change, before *built) error {
	again, _, failed, err := r.solve(ctx, r.attempt("before", r.in.Before, attempt{
		title: "building before once more, to see which files differ by themselves", cold: true, export: true, mounts: r.id + "again",
	}))
	if err != nil {
		return err
	}
	if failed != nil {
		return nil // a build that fails now and then excuses nothing
	}
	excuse(files, compareFiles(before.img.tree, again.tree))
	return nil
}

// excuse marks as unstable what two builds of before differ in as well: in the
// same way, or, for what came, by as many new names in the same folder. Tools that
// name their files at random (rustc's incremental compilation) leave those.
func excuse(files, own []Change) {
	same, came := map[[2]string]bool{}, map[string]int{}
	for _, c := range own {
		same[[2]string{c.Path, c.What}] = true
		if c.What == "added" {
			came[path.Dir(c.Path)]++
		}
	}
	now := map[string]int{}
	for _, c := range files {
		if c.What == "added" {
			now[path.Dir(c.Path)]++
		}
	}
	const why = "names in this folder differ between two builds of the Dockerfile before, too"
	within := "" // a folder that came and is excused, with all that is in it
	for i := range files {
		c := &files[i]
		dir := path.Dir(c.Path)
		switch {
		case c.Class != Unexpected:
		case same[[2]string{c.Path, c.What}]:
			c.Class, c.Why = Unstable, "two builds of the Dockerfile before differ in the same way"
		case c.What == "added" && came[dir] > 0 && came[dir] == now[dir]:
			c.Class, c.Why = Unstable, why
			within = c.Path + "/"
		case c.What == "added" && within != "" && strings.HasPrefix(c.Path, within):
			c.Class, c.Why = Unstable, why
		}
	}
}

// measure times cold builds and rebuilds, turn by turn so that what else the
// machine does falls on both sides.
func (r *run) measure(ctx context.Context, rep *Report, before, after *built) error {
	sides := []struct {
		name string
		text []byte
		out  *Measured
		cold []time.Duration
		warm []time.Duration
		last string // the namespace of the last cold build's cache mounts
	}{{name: "before", text: r.in.Before, out: &rep.Before.Measured}, {name: "after", text: r.in.After, out: &rep.After.Measured}}
	for i, b := range []*built{before, after} {
		sides[i].last = r.id + sides[i].name + "0"
		// A build that pulled its base unpacked it in the first step's time.
		if steps, sum, _ := b.steps.executed(); !before.steps.pulled && !after.steps.pulled {
			sides[i].cold = append(sides[i].cold, sum)
			sides[i].out.ColdSteps = steps
		}
	}
	for n := len(sides[0].cold); n < r.in.Repeat; n++ {
		for k := range sides {
			s := &sides[(k+n)%2]
			s.last = r.id + s.name + strconv.Itoa(n+1)
			st, err := r.timed(ctx, r.attempt(s.name, s.text, attempt{title: fmt.Sprintf("cold build of %s, %d of %d", s.name, n+1, r.in.Repeat), cold: true, mounts: s.last}))
			if err != nil {
				return err
			}
			steps, sum, _ := st.executed()
			s.cold = append(s.cold, sum)
			s.out.ColdSteps = steps
		}
	}
	files, why := chooseTouch(r.in)
	r.touch, rep.Touched, rep.TouchedWhy = files, files, why
	for n := 0; n < r.in.Repeat && len(files) > 0; n++ {
		for k := range sides {
			s := &sides[(k+n)%2]
			st, err := r.timed(ctx, r.attempt(s.name, s.text, attempt{title: fmt.Sprintf("rebuild of %s, %d of %d", s.name, n+1, r.in.Repeat), touched: true, mounts: s.last}))
			if err != nil {
				return err
			}
			steps, sum, total := st.executed()
			s.warm = append(s.warm, sum)
			s.out.Reran, s.out.Steps = steps, total
		}
	}
	for i := range sides {
		sides[i].out.Cold, sides[i].out.Rebuild = timesOf(sides[i].cold), timesOf(sides[i].warm)
	}
	return nil
}

func (r *run) timed(ctx context.Context, a attempt) (*steps, error) {
	_, st, failed, err := r.solve(ctx, a)
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, fmt.Errorf("%s failed, though it built before: %s", a.title, failed.Message)
	}
	return st, nil
}
