// Package rewrite is the engine: it runs passes over a Dockerfile one after
// another, each on freshly parsed text, and lets through only what proof could
// show. It does no input or output: facts reach it as data.
package rewrite

import (
	"time"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/proof"
)

// Pass finds one kind of flaw and may fix it. It is a value: one file and one
// variable each, and the suite says in which order they run.
type Pass struct {
	Name     string   // lower-case words with hyphens
	Doc      string   // first line: what it does; then why, why that is sound, when it refuses
	Claim    Claim    // the strongest claim of its fixes; Advice when it never fixes
	Rule     string   // BuildKit's check of the same flaw, if there is one
	Hadolint []string // hadolint's rules for the same flaw, whose ignores are honoured
	Shown    bool     // what it finds is for people to know, fixed or refused
	Run      func(*Context)
}

// Claim is what a fix promises about the build. Proof can check all of them but
// the first two.
type Claim int

// The claims. The zero value is the harmless one.
const (
	Advice    Claim = iota // shown, never applied
	NoClaim                // may change what the image contains or does
	SameWork               // the same operations in another order that keeps every dependency
	SameFiles              // copies instead of unpacking, where the source cannot be unpacked
	SameNames              // images come from other registries, by a given map
	SamePins               // images gain the digests that their tags stand for
	SameSteps              // the same commands in the same order, cut into other layers
	SameBuild              // BuildKit compiles both files to the same graph and config
)

// Safety is what users see of a claim.
type Safety string

// The safeties. No pass can call a fix safe: it is what a checked claim gives.
const (
	Identical  Safety = "identical"
	Safe       Safety = "safe"
	Unsafe     Safety = "unsafe"
	AdviceOnly Safety = "advice"
)

// Safety of a fix with this claim, once proof has checked it.
func (c Claim) Safety() Safety {
	switch c {
	case SameBuild:
		return Identical
	case SameSteps, SameFiles, SamePins, SameNames, SameWork:
		return Safe
	case NoClaim:
		return Unsafe
	}
	return AdviceOnly
}

// String is the claim in words, as reports show it.
func (c Claim) String() string {
	switch c {
	case SameBuild:
		return "the same build graph and image config"
	case SameSteps:
		return "the same commands in the same order, in other layers"
	case SameWork:
		return "the same operations, in an order that keeps what each of them reads"
	case SameNames:
		return "the same images under the names that the mirror setting gives them"
	case SamePins:
		return "the same images, by the digests that their tags have"
	case SameFiles:
		return "the same files, copied without trying to unpack them"
	case NoClaim:
		return "none: it may change what the image contains or does"
	}
	return "none: advice is never applied"
}

// Fix is a change that is made whole or not at all.
type Fix struct {
	Title string // what it does to this place
	Why   string // what is gained
	Claim Claim
	Edits []dockerfile.Edit
	// Ignore are patterns to add at the end of the ignore file of the build context
	// (project.Pattern makes them), each of which is added once. Where that takes
	// something away that the file copies with a folder, the fix has no claim.
	Ignore []string
}

// Finding is a flaw at a place: with a fix, or with the reason why there is
// none, or neither where it is for people to decide.
type Finding struct {
	Pass    *Pass
	At      *dockerfile.Instruction // where it stands; ignores above it apply
	Also    *dockerfile.Instruction // another instruction it concerns, if any
	Line    int                     // 1-based; 0 for the first line of At
	Message string
	Fix     *Fix
	Refused string // why there is no fix, naming what stands in the way
	Failed  bool   // Refused is a failure to learn a fact: another run may have better luck
}

// Facts are what is known beyond the Dockerfile's text.
type Facts struct {
	Context *project.Tree // the build context; nil when it is not known
	// History tells how often the paths of the context changed. It may read a
	// repository when it is called: only who needs it does. nil stands for a
	// function that gives nil, which is a history too.
	History func() *project.History
	// Times are measured times of steps in seconds, by cost.Key; nil where nobody
	// measured.
	Times map[string]float64
	// Sharing, if there is one, gives the other Dockerfiles that are built with the
	// same context and ignore file, or may be: what they name must stay in it. kept
	// says why no fix may change the ignore file; "" where one may.
	Sharing func() (others []*dockerfile.File, kept string)
	Targets []string // stages that compose or bake files build by name
	// AnyTarget says that one of them builds a stage whose name is not known.
	AnyTarget bool
	Names     images.Options   // what decides which names mean images
	Images    map[string]Image // by full reference with its tag; nil when nobody asked
	// ReorderGain is what a move has to save to be made, in seconds a build; 0 for
	// the default.
	ReorderGain float64
	// MergeAll asks for RUNs to be merged that do not belong together.
	MergeAll bool
	// Caches says what becomes of what package managers download: "mount" keeps it
	// in cache mounts, "clean", and the zero value, takes it out of the image.
	Caches string
	// BaseTo is what swap-base swaps to: slim, the zero value, distroless or alpine.
	BaseTo string
	// Bases are what a team says of its own images; nil for nothing.
	Bases *base.Overlay
	// Today is the day for which it is asked what has reached its end of life; zero
	// for nobody asks.
	Today time.Time
	// InlineArgs asks for a reference to be written out where a digest has no place
	// among its build arguments.
	InlineArgs bool
}

// Image is what is known of a tag.
type Image struct {
	Digest   string
	Specific string // the most specific tag that has the digest too, or ""
	Problem  string // why there is no digest
}

// Context is what a pass sees of a file, and where it reports.
type Context struct {
	File     *dockerfile.File
	Facts    Facts
	pass     *Pass
	run      *runner
	lint     *[]proof.Warning
	findings []Finding
}

// Report adds a finding.
func (c *Context) Report(f Finding) {
	f.Pass = c.pass
	if f.Line == 0 {
		f.Line = c.File.Line(f.At.Lines.Start)
	}
	c.findings = append(c.findings, f)
}

// Line is the line of an instruction in the file as it was read, for messages:
// earlier passes may have moved it.
func (c *Context) Line(in *dockerfile.Instruction) int {
	return c.run.original(c.File, in.Lines.Start)
}

// Memo keeps what make gives for as long as the file is worked on: passes that look
// at the same text share what was read in it. The key's type belongs to the caller,
// and whatever is kept must not be changed.
func Memo[T any](c *Context, key any, make func() T) T {
	if kept, ok := c.run.memo[key]; ok {
		return kept.(T)
	}
	made := make()
	c.run.memo[key] = made
	return made
}

// Want asks for what is known of an image, by full reference with its tag, and
// with a platform behind a blank for whether it is there for that one. What
// nobody has asked for yet is noted in Result.Wanted, for another run.
func (c *Context) Want(ref string) (Image, bool) {
	img, ok := c.Facts.Images[ref]
	if !ok && c.Facts.Images != nil {
		c.run.wantedImages[ref] = true
	}
	return img, ok
}

// Ignored reports whether a comment above an instruction switches the pass off
// there, for passes whose findings concern more instructions than two.
func (c *Context) Ignored(in *dockerfile.Instruction) bool {
	return c.run.ignores.ignored(Finding{Pass: c.pass, At: in})
}

// Warnings are what BuildKit's own checks say of the file under the pass's rule.
func (c *Context) Warnings() []proof.Warning {
	if *c.lint == nil {
		*c.lint = append([]proof.Warning{}, proof.Lint(c.run.ctx, c.File)...)
	}
	var out []proof.Warning
	for _, w := range *c.lint {
		if w.Rule == c.pass.Rule {
			out = append(out, w)
		}
	}
	return out
}

// At finds the instruction that covers a line, or the next one after it.
func (c *Context) At(line int) *dockerfile.Instruction {
	for _, in := range c.File.Instructions {
		if c.File.Line(in.Lines.End-1) >= line {
			return in
		}
	}
	return c.File.Instructions[len(c.File.Instructions)-1]
}
