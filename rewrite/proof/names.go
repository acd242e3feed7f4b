package proof

import (
	"context"
	"errors"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
)

// SameNames checks that after builds the same from the same images, under the
// names that renamed gives their repositories, tags and digests included.
func SameNames(ctx context.Context, before, after *Build, renamed func(repository string) (string, bool)) error {
	// Known digests are of one name only: both are compiled without.
	b, err := compile(ctx, before.file, before.StandIns, nil)
	if err != nil {
		return err
	}
	a, err := compile(ctx, after.file, before.StandIns, nil)
	if err != nil {
		return err
	}
	same := func(string) (string, bool) { return "", false }
	return each(b, a, func(b, a Target) error {
		bg, err := graphOf(b)
		if err != nil {
			return err
		}
		ag, err := graphOf(a)
		if err != nil {
			return err
		}
		if bg.hash(withNames(renamed)) != ag.hash(withNames(same)) {
			return errors.New("more than the names of images differs in " + b.title())
		}
		return nil
	})
}

const imageSource = "docker-image://"

// withNames renames the images of a graph. The digest that stands in for that of
// a tag is a hash of the name, and goes.
func withNames(renamed func(string) (string, bool)) func(digest.Digest, *pb.Op) {
	return func(_ digest.Digest, op *pb.Op) {
		name, ok := strings.CutPrefix(op.GetSource().GetIdentifier(), imageSource)
		if !ok {
			return
		}
		named, err := reference.ParseNormalizedNamed(name)
		if err != nil {
			return
		}
		tag, pin := "", ""
		if t, ok := named.(reference.Tagged); ok {
			tag = ":" + t.Tag()
		}
		if d, ok := named.(reference.Digested); ok && d.Digest() != digest.FromString(named.Name()+tag) {
			pin = "@" + d.Digest().String()
		}
		repository := named.Name()
		if other, ok := renamed(repository); ok {
			repository = other
		}
		op.GetSource().Identifier = imageSource + repository + tag + pin
	}
}
