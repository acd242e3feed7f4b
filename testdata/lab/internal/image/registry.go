package image

import (
	"context"
	"fmt"

	"github.com/distribution/reference"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// mirrored is the place of an image in the lab's registry, where a mirror is
// asked for it: docker.io/library/python:3.11 is HOST/library/python:3.11, and
// other registries lose their names likewise.
func (b *Builder) mirrored(full string) string {
	named, err := reference.ParseNormalizedNamed(full)
	if err != nil {
		return full
	}
	tagged, ok := reference.TagNameOnly(named).(reference.NamedTagged)
	if !ok {
		return full
	}
	return b.Registry + "/" + reference.Path(tagged) + ":" + tagged.Tag()
}

func (b *Builder) digest(ctx context.Context, full string) (string, error) {
	ref, err := name.ParseReference(b.mirrored(full), name.Insecure)
	if err != nil {
		return "", err
	}
	desc, err := remote.Head(ref, remote.WithContext(ctx))
	if err != nil {
		return "", err
	}
	return desc.Digest.String(), nil
}

// Size is what the layers of an image weigh, compressed as they are pulled.
type Size struct {
	Digest string
	Bytes  int64
	Layers int
}

// Size asks the registry about an image.
func (b *Builder) Size(ctx context.Context, image *Image) (Size, error) {
	ref, err := name.ParseReference(b.mirrored(fullName(image.Names[0])), name.Insecure)
	if err != nil {
		return Size{}, err
	}
	desc, err := remote.Get(ref, remote.WithContext(ctx))
	if err != nil {
		return Size{}, err
	}
	img, err := desc.Image()
	if err != nil {
		return Size{}, fmt.Errorf("%s: %w", image, err)
	}
	manifest, err := img.Manifest()
	if err != nil {
		return Size{}, err
	}
	size := Size{Digest: desc.Digest.String(), Layers: len(manifest.Layers)}
	for _, layer := range manifest.Layers {
		size.Bytes += layer.Size
	}
	return size, nil
}
