package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/rewrite/passes"
)

const lockName = "restow.lock"

type pinFlags struct {
	fixFlags
	update, check, repair, lock, copy, managed bool
	policy                                     string
}

func pinCommand(a *app) *cobra.Command {
	var f pinFlags
	cmd := &cobra.Command{
		Use:   "pin [flags] [path ...]",
		Short: "Pin image references to digests, and keep them alive",
		Long: `Pin does of all that restow fix does only this: it writes the digest that each
image reference has today beside its tag, and prints the diff or, with --write,
changes the files.

Digests come from restow.lock if there is one, then from the cache, then from the
registries, which are asked with the credentials of docker login or podman login,
through the mirrors that .restow.yaml, registries.conf or hosts.toml name.

  --update    moves digests that are there to what their tags say today
  --repair    turns the digest of one platform's image into that of the index
  --check     asks whether each digest still exists, all platforms of it, and
              whether its tag has moved; exit code 1 where one is gone or moved
  --lock      writes what every tag stands for to restow.lock, no Dockerfile
  --policy    writes the same as a source policy for BuildKit, for builds that pin
              without a change to the Dockerfile
  --copy      copies the images to where the mirror setting says they go

--update and --repair leave files alone whose repository has renovate or dependabot
look after Docker images, unless --managed is given.

` + lookedFor + "\n\n" + exitCodes,
		RunE: func(_ *cobra.Command, args []string) error { return a.pin(&f, args) },
	}
	f.shared.add(cmd)
	registryFlags(cmd)
	fs := cmd.Flags()
	fs.BoolVarP(&f.write, "write", "w", false, "write the files instead of printing a diff")
	fs.BoolVarP(&f.list, "list", "l", false, "print the names of files that change instead of a diff")
	fs.BoolVarP(&f.diff, "diff", "d", false, "print the diff even with --write or --list")
	fs.Bool("unsafe", false, "name the most specific tag where latest is pinned")
	fs.BoolVar(&f.update, "update", false, "move digests to what their tags say today")
	fs.BoolVar(&f.repair, "repair", false, "turn the digest of a single platform into that of the index")
	fs.BoolVar(&f.check, "check", false, "ask whether the digests still exist and their tags still say them")
	fs.BoolVar(&f.lock, "lock", false, "write "+lockName)
	fs.StringVar(&f.policy, "policy", "", "write a BuildKit source policy to this file (- for standard output)")
	fs.BoolVar(&f.copy, "copy", false, "copy the images to where the mirror setting says")
	fs.BoolVar(&f.managed, "managed", false, "with --update and --repair: also where renovate or dependabot looks after images")
	return cmd
}

func (a *app) pin(f *pinFlags, args []string) error {
	var modes []string
	for name, on := range map[string]bool{"--update": f.update, "--repair": f.repair, "--check": f.check, "--lock": f.lock, "--policy": f.policy != "", "--copy": f.copy} {
		if on {
			modes = append(modes, name)
		}
	}
	slices.Sort(modes)
	if len(modes) > 1 {
		return exit{exitUsage, fmt.Errorf("%s do not go together", strings.Join(modes, " and "))}
	}
	f.lookup, f.strict = newLookup(a.environ), true
	switch {
	case f.check:
		return a.pinCheck(f, args)
	case f.lock || f.policy != "" || f.copy:
		return a.pinList(f, args)
	}
	suite := []*rewrite.Pass{passes.PinDigest}
	f.wants = tagsOf
	switch {
	case f.update:
		f.lookup.fresh = true
		suite, f.wants = []*rewrite.Pass{passes.PinUpdate}, everyTag
	case f.repair:
		f.lookup.fresh = true
		suite, f.wants = []*rewrite.Pass{passes.PinRepair}, pinnedTags
	}
	do := fixing(f.cmd.Context())
	if f.update || f.repair {
		do = f.repinning(suite)
	}
	return a.rewriteAll(&f.fixFlags, args, suite, do, f.leaveManaged)
}

// repinning is the job of --update and --repair, whose passes are asked for by
// name and so need no --unsafe.
func (f *pinFlags) repinning(suite []*rewrite.Pass) job {
	return func(file *dockerfile.File, s config.Settings, _ []*rewrite.Pass, facts rewrite.Facts) (*rewrite.Result, error) {
		return rewrite.Run(f.cmd.Context(), file, suite, rewrite.Options{
			Facts: facts,
			Apply: func(p *rewrite.Pass, _ rewrite.Safety) bool { return slices.Contains(suite, p) },
		})
	}
}

// everyTag are all references with a tag, pinned or not.
func everyTag(f *dockerfile.File, opt images.Options) (refs []string) {
	for _, s := range images.Collect(f, opt) {
		if s.Ref != "" && !slices.Contains(refs, s.Ref) {
			refs = append(refs, s.Ref)
		}
	}
	return refs
}

// pinnedTags are the pinned references, tag and digest.
func pinnedTags(f *dockerfile.File, opt images.Options) (refs []string) {
	for _, s := range images.Collect(f, opt) {
		if ref := s.Ref + "@" + s.Digest; s.Ref != "" && s.Digest != "" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// containing finds the index that holds the image that tag@digest names: the one
// that the tag means today. An index needs no other.
func containing(ctx context.Context, r *pin.Resolver, ref string) rewrite.Image {
	tag, digest, _ := strings.Cut(ref, "@")
	pinned, err := r.Inspect(ctx, images.Repository(tag)+"@"+digest)
	if err != nil {
		return rewrite.Image{Problem: problem(err)}
	}
	if len(pinned.Children) > 0 {
		return rewrite.Image{Digest: digest}
	}
	today, err := r.Resolve(ctx, tag)
	if err != nil {
		return rewrite.Image{Problem: problem(err)}
	}
	if today.Digest == digest {
		return rewrite.Image{Digest: digest} // the tag has no index
	}
	index, err := r.Inspect(ctx, images.Repository(tag)+"@"+today.Digest)
	if err != nil {
		return rewrite.Image{Problem: problem(err)}
	}
	for _, child := range index.Children {
		if child.Digest == digest {
			return rewrite.Image{Digest: today.Digest}
		}
	}
	return rewrite.Image{Problem: "the index that its tag means today does not hold it; restow pin --update takes that one"}
}

// leaveManaged takes the fixes of a file back whose digests a bot looks after.
func (f *pinFlags) leaveManaged(o *outcome) {
	if f.managed || !f.update && !f.repair || len(o.res.Changes) == 0 {
		return
	}
	if by := managedBy(folder(o.source)); by != "" {
		o.notes = append(o.notes, fmt.Sprintf("%s: %s left to the bot that %s sets up (--managed moves them all the same)", o.source.Path, count(len(o.res.Changes), "digest"), by))
		o.res = &rewrite.Result{Before: o.res.Before, After: o.res.Before}
	}
}
