// Package proof checks what a rewrite claims. It compiles the Dockerfile before
// and after with BuildKit's own compiler (dockerfile2llb), in-process, without
// a daemon, a registry or a build context, and compares build graphs and image
// configurations. Nothing is ever taken to be equal because the check could not
// be made: then the claim is refused, with the reason.
package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Compared says in words which properties of a build [Compile] captures, for
// reports: the rest of an image (its history and dates) is not a claim.
const Compared = "build graph and image config of every stage that can be a target (history and creation dates left out), linux/amd64, BuildKit's built-in frontend v0.33.1"

// Build is a compiled Dockerfile: a build graph and an image configuration for
// each stage that docker build --target can name, and for the last one.
type Build struct {
	Targets  []Target
	StandIns map[string]string // build arguments given so that it compiles, the same on both sides
	file     *dockerfile.File
	digests  map[string]string
}

// Target is one compiled stage.
type Target struct {
	Name   string // "" for the last stage
	Root   digest.Digest
	Config string // JSON, without History and Created
	def    *llb.Definition
}

// platform is what everything is compiled for. One is enough to compare two
// texts, and it is fixed so that the result is the same on every machine.
var platform = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// Compile compiles every target of f. A file that does not compile as it stands
// because a build argument has no default is compiled with stand-in values;
// with is a set of them from an earlier compilation, to be used again. digests
// are what tags stand for, by full reference: a tag then compiles to the same as
// the tag with its digest.
func Compile(ctx context.Context, f *dockerfile.File, with, digests map[string]string) (*Build, error) {
	if err := ourFrontend(f); err != nil {
		return nil, err
	}
	if err := legible(f); err != nil {
		return nil, err
	}
	if err := bounded(f); err != nil {
		return nil, err
	}
	b, err := compile(ctx, f, with, digests)
	if err == nil || with != nil {
		return b, err
	}
	if values := standIns(f); len(values) > 0 {
		if b, err2 := compile(ctx, f, values, digests); err2 == nil {
			return b, nil
		}
	}
	return nil, err
}

// ourFrontend refuses files that another frontend than docker/dockerfile reads:
// what that one makes of them is not known here.
func ourFrontend(f *dockerfile.File) error {
	_, syntax, _, ok := parser.DetectSyntax(f.Src)
	if !ok {
		return nil
	}
	syntax, _, _ = strings.Cut(syntax, " ")
	ref, err := reference.ParseNormalizedNamed(syntax)
	if err == nil && slices.Contains([]string{"docker/dockerfile", "docker/dockerfile-upstream"}, reference.FamiliarName(ref)) {
		return nil
	}
	return fmt.Errorf("%s:1: # syntax=%s names another frontend than docker/dockerfile", f.Name, syntax)
}

// targets are the names that --target can take, and "" for the last stage.
func targets(f *dockerfile.File) []string {
	names := []string{""}
	for _, s := range f.Stages {
		last := s == f.Stages[len(f.Stages)-1]
		if s.Name != "" && !last && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

func compile(ctx context.Context, f *dockerfile.File, args, digests map[string]string) (*Build, error) {
	b := &Build{StandIns: args, file: f, digests: digests}
	for _, name := range targets(f) {
		t, err := compileTarget(ctx, f, options(name, args, digests))
		if err != nil {
			return nil, located(f, err)
		}
		b.Targets = append(b.Targets, t)
	}
	return b, nil
}

func compileTarget(ctx context.Context, f *dockerfile.File, opt dockerfile2llb.ConvertOpt) (t Target, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("BuildKit's compiler failed on this file: %v", p)
		}
	}()
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, f.Src, opt)
	if err != nil {
		return t, err
	}
	// local.unique is random unless it is given: a fixed one makes the root
	// digest a hash of the whole graph, since operations name inputs by digest.
	def, err := res.State.Marshal(ctx, llb.LocalUniqueID("restow"), llb.Platform(platform))
	if err != nil {
		return t, err
	}
	img := *res.Image
	img.History, img.Created = nil, nil
	config, err := json.Marshal(img)
	if err != nil {
		return t, err
	}
	root := digest.FromString("scratch")
	if n := len(def.Def); n > 0 {
		root = digest.FromBytes(def.Def[n-1])
	}
	return Target{opt.Target, root, string(config), def}, nil
}

func options(target string, args, digests map[string]string) dockerfile2llb.ConvertOpt {
	caps := pb.Caps.CapSet(pb.Caps.All())
	return dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			Target:         target,
			BuildArgs:      maps.Clone(args), // BuildKit writes to it
			BuildPlatforms: []ocispecs.Platform{platform},
		},
		MetaResolver: standInImages{digests},
		LLBCaps:      &caps,
	}
}

// located gives an error of the compiler its file:line.
func located(f *dockerfile.File, err error) error {
	line := 1
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		line = max(1, at.Locations[0][0].Start.Line)
	}
	return fmt.Errorf("%s:%d: BuildKit: %w", f.Name, line, err)
}

// standInImages answers for every base image without a registry. Its
// configuration has something in each field that instructions inherit or reset,
// so that a rewrite that leans on an empty one shows; its diff_ids are not
// empty, or BuildKit would take the image for scratch and drop FROM from the
// graph; and it returns the digest that stands in the reference, or a wrong pin
// would compare equal to a right one.
type standInImages struct{ digests map[string]string }

func (known standInImages) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", "", nil, err
	}
	dgst := digest.FromString(ref)
	if d, ok := known.digests[reference.TagNameOnly(named).String()]; ok {
		dgst = digest.Digest(d)
	}
	if d, ok := named.(reference.Digested); ok {
		dgst = d.Digest()
	}
	if err := dgst.Validate(); err != nil {
		return "", "", nil, err
	}
	p := platform
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		p = *opt.ImageOpt.Platform
	}
	if p.OS == platform.OS && p.Architecture == platform.Architecture && p.Variant == "" {
		return ref, dgst, standInConfig, nil
	}
	return ref, dgst, configFor(p), nil
}

var standInConfig = configFor(platform)

func configFor(p ocispecs.Platform) []byte {
	config, err := json.Marshal(ocispecs.Image{
		Platform: platforms.Normalize(p),
		Author:   "stand-in",
		Config: ocispecs.ImageConfig{
			User: "standin", WorkingDir: "/stand-in",
			Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "STAND_IN=1"},
			Cmd:          []string{"stand-in"},
			Entrypoint:   []string{"/stand-in"},
			ExposedPorts: map[string]struct{}{"1/tcp": {}},
			Volumes:      map[string]struct{}{"/stand-in": {}},
			Labels:       map[string]string{"stand": "in"},
			StopSignal:   "SIGTERM",
		},
		RootFS: ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString("stand-in")}},
	})
	if err != nil {
		panic(err) // a constant value always marshals
	}
	return config
}

// Warning is a finding of BuildKit's own checks, as docker build --check shows it.
type Warning struct {
	Rule, Message, URL string
	Line               int
}

// Lint runs BuildKit's checks on all stages. They see what docker build --check
// sees but for base images, of which no configuration is known here, and
// .dockerignore. Warnings found before BuildKit gives a file up are returned.
func Lint(ctx context.Context, f *dockerfile.File) (out []Warning) {
	if ourFrontend(f) != nil || legible(f) != nil || bounded(f) != nil {
		return nil
	}
	defer func() {
		_ = recover() // the warnings so far stand; compiling reports the failure
	}()
	run := func(args map[string]string) error {
		out = nil
		opt := options("", args, nil)
		opt.AllStages = true
		opt.Warn = func(rule, _, url, msg string, at []parser.Range) {
			w := Warning{Rule: rule, Message: msg, URL: url, Line: 1}
			if len(at) > 0 {
				w.Line = max(1, at[0].Start.Line)
			}
			out = append(out, w)
		}
		_, err := dockerfile2llb.Dockerfile2LLB(ctx, f.Src, opt)
		return err
	}
	if err := run(nil); err != nil {
		plain := out
		if values := standIns(f); len(values) == 0 || run(values) != nil && len(out) < len(plain) {
			out = plain
		}
	}
	return sortedWarnings(out)
}

// FailsOnWarnings reports whether the file asks for # check=error=true, under
// which any warning ends the build.
func FailsOnWarnings(f *dockerfile.File) bool {
	value, _, _, ok := parser.ParseDirective("check", f.Src)
	if !ok {
		return false
	}
	opt, err := linter.ParseLintOptions(value)
	return err == nil && opt.ReturnAsError
}
