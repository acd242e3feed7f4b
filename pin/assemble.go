package pin

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Contents is what an image is made of. The same contents make the same bytes.
type Contents struct {
	Platform string    // such as linux/arm64/v8
	Created  time.Time // in the configuration and its history
	Config   Config    // of what is set here, all that Assemble writes
	Labels   map[string]string
	Layers   []Content
	SBOM     []byte // an SPDX document in JSON; attached where there is one
}

// Content is a layer to be.
type Content struct {
	Title string                // for the history
	Write func(io.Writer) error // writes a tar archive, the same each time
}

// Assembled is an image in memory: an OCI index with the image of one platform, and
// beside it the SBOM as BuildKit attaches it.
type Assembled struct {
	Digest     string // of the index
	Image      string // digest of the image's manifest
	Compressed int64  // bytes of the layers
	index      v1.ImageIndex
	images     []v1.Image // the image, then the attestation
}

// Assemble packs and names everything.
func Assemble(c Contents) (*Assembled, error) {
	layers := make([]*packed, len(c.Layers))
	errs := make([]error, len(c.Layers))
	var wg sync.WaitGroup
	gate := make(chan struct{}, 2) // layers at once: each is in memory until it is packed
	for i, l := range c.Layers {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			layers[i], errs[i] = pack(l.Write)
		})
	}
	wg.Wait()
	p, err := v1.ParsePlatform(c.Platform)
	if err != nil {
		return nil, err
	}
	config := &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, Created: v1.Time{Time: c.Created}, RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			Env: c.Config.Env, Entrypoint: c.Config.Entrypoint, Cmd: c.Config.Cmd, User: c.Config.User,
			WorkingDir: c.Config.WorkingDir, Labels: c.Labels,
		},
	}
	image, err := emptyImage(config)
	if err != nil {
		return nil, err
	}
	a := &Assembled{}
	var add []mutate.Addendum
	for i, l := range layers {
		if errs[i] != nil {
			return nil, fmt.Errorf("layer %s: %w", c.Layers[i].Title, errs[i])
		}
		a.Compressed += int64(len(l.data))
		add = append(add, mutate.Addendum{Layer: l, MediaType: types.OCILayer, History: v1.History{Created: v1.Time{Time: c.Created}, CreatedBy: c.Layers[i].Title}})
	}
	if image, err = mutate.Append(image, add...); err != nil {
		return nil, err
	}
	return a, a.indexed(image, p, c)
}

func emptyImage(config *v1.ConfigFile) (v1.Image, error) {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	return mutate.ConfigFile(image, config)
}

// indexed makes the index around the image.
func (a *Assembled) indexed(image v1.Image, p *v1.Platform, c Contents) error {
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	a.Image, a.images = digest.String(), []v1.Image{image}
	adds := []mutate.IndexAddendum{{Add: image, Descriptor: v1.Descriptor{Platform: p}}}
	if len(c.SBOM) > 0 {
		beside, err := attest(digest, c.SBOM)
		if err != nil {
			return err
		}
		a.images = append(a.images, beside)
		adds = append(adds, mutate.IndexAddendum{Add: beside, Descriptor: v1.Descriptor{
			Platform:    &v1.Platform{OS: "unknown", Architecture: "unknown"},
			Annotations: map[string]string{referenceType: attestation, referenceDigest: a.Image},
		}})
	}
	a.index = mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), adds...)
	whole, err := a.index.Digest()
	a.Digest = whole.String()
	return err
}

// attest makes the manifest that carries an SBOM (see referenceType).
func attest(image v1.Hash, sbom []byte) (v1.Image, error) {
	statement, err := json.Marshal(map[string]any{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": spdxDocument, "predicate": json.RawMessage(sbom),
		"subject": []any{map[string]any{"name": "_", "digest": map[string]string{image.Algorithm: image.Hex}}},
	})
	if err != nil {
		return nil, fmt.Errorf("the SBOM: %w", err)
	}
	l := &packed{data: statement, diff: sum(statement), digest: sum(statement), kind: inToto}
	manifest, err := emptyImage(&v1.ConfigFile{OS: "unknown", Architecture: "unknown", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return nil, err
	}
	return mutate.Append(manifest, mutate.Addendum{Layer: l, MediaType: inToto, Annotations: map[string]string{predicateType: spdxDocument}})
}

// packed is a layer in memory.
type packed struct {
	data         []byte
	digest, diff v1.Hash
	kind         types.MediaType
}

// pack compresses what is written. gzip with no name and time in its header depends
// on the bytes alone.
func pack(write func(io.Writer) error) (*packed, error) {
	var out bytes.Buffer
	z, plain := gzip.NewWriter(&out), sha256.New()
	if err := write(io.MultiWriter(z, plain)); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	diff := v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(plain.Sum(nil))}
	return &packed{data: out.Bytes(), digest: sum(out.Bytes()), diff: diff, kind: types.OCILayer}, nil
}

func sum(data []byte) v1.Hash {
	s := sha256.Sum256(data)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(s[:])}
}

func (l *packed) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l *packed) DiffID() (v1.Hash, error)            { return l.diff, nil }
func (l *packed) Size() (int64, error)                { return int64(len(l.data)), nil }
func (l *packed) MediaType() (types.MediaType, error) { return l.kind, nil }
func (l *packed) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.data)), nil
}

func (l *packed) Uncompressed() (io.ReadCloser, error) {
	if l.kind == inToto {
		return l.Compressed()
	}
	return gzip.NewReader(bytes.NewReader(l.data))
}

// blobPath is where a layout has a blob (OCI image layout, "Blobs").
func blobPath(h v1.Hash) string { return strings.Join([]string{"blobs", h.Algorithm, h.Hex}, "/") }
