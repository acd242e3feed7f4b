package pin

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layoutMarker is the content of the file oci-layout (OCI image layout).
const layoutMarker = `{"imageLayoutVersion":"1.0.0"}`

// member is a file of an image layout.
type member struct {
	path string
	data []byte
}

// layout lists the files of the image as an OCI layout, in order.
func (a *Assembled) layout() ([]member, error) {
	blobs := map[string][]byte{}
	add := func(data []byte, err error) error {
		if err == nil {
			blobs[blobPath(sum(data))] = data
		}
		return err
	}
	for _, image := range a.images {
		if err := errors.Join(add(image.RawManifest()), add(image.RawConfigFile())); err != nil {
			return nil, err
		}
		layers, err := image.Layers()
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			in, err := l.Compressed()
			if err != nil {
				return nil, err
			}
			if err := add(io.ReadAll(in)); err != nil {
				return nil, err
			}
		}
	}
	raw, err := a.index.RawManifest()
	if err := add(raw, err); err != nil {
		return nil, err
	}
	top, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{{
		MediaType: types.OCIImageIndex, Size: int64(len(raw)), Digest: sum(raw),
		Annotations: map[string]string{"org.opencontainers.image.ref.name": "latest"},
	}}})
	if err != nil {
		return nil, err
	}
	out := []member{{"oci-layout", []byte(layoutMarker)}, {"index.json", top}}
	for p, data := range blobs {
		out = append(out, member{p, data})
	}
	slices.SortFunc(out, func(x, y member) int { return strings.Compare(x.path, y.path) })
	return out, nil
}

// WriteLayout writes the image to a folder, as an OCI layout that names it latest. The
// folder is made, or empty, or an OCI layout already: what that names is replaced.
func (a *Assembled) WriteLayout(dir string) error {
	old, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(old) > 0 && !slices.ContainsFunc(old, func(e os.DirEntry) bool { return e.Name() == "oci-layout" }) {
		return fmt.Errorf("%s has files and is no OCI layout", dir)
	}
	files, err := a.layout()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	in, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	// What names the rest comes last, so that a layout is whole as soon as it is named.
	slices.SortStableFunc(files, func(x, y member) int { return strings.Count(y.path, "/") - strings.Count(x.path, "/") })
	for _, f := range files {
		if err := in.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return err
		}
		if err := in.WriteFile(f.path, f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// WriteTar writes the image as an archive: an OCI layout that docker load takes too.
func (a *Assembled) WriteTar(w io.Writer) error {
	files, err := a.layout()
	if err != nil {
		return err
	}
	manifest, err := a.images[0].Manifest()
	if err != nil {
		return err
	}
	layers := []string{}
	for _, l := range manifest.Layers {
		layers = append(layers, blobPath(l.Digest))
	}
	legacy, err := json.Marshal([]any{map[string]any{"Config": blobPath(manifest.Config.Digest), "RepoTags": nil, "Layers": layers}})
	if err != nil {
		return err
	}
	files = append(files, member{"manifest.json", legacy})
	tw := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{Name: f.path, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(f.data)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		if _, err := tw.Write(f.data); err != nil {
			return err
		}
	}
	return tw.Close()
}

// Push sends the image to a registry under a tag. What is there already is not sent
// again; progress is called as with Copy. Errors are *Error or wrap the context's.
func (r *Resolver) Push(ctx context.Context, a *Assembled, to string, progress func(Copied)) (Copied, error) {
	c := &copying{r: r, progress: progress}
	there, target, err := r.target(to)
	if err != nil {
		return Copied{}, r.named(ctx, to, err)
	}
	counted := func(t http.RoundTripper) http.RoundTripper { return &counting{c, t} }
	pusher, err := remote.NewPusher(c.options(ctx, there, counted)...)
	if err == nil {
		if err = pusher.Push(ctx, target, a.index); err != nil {
			err = copyError(ctx, there, err)
		}
	}
	return c.done(), r.named(ctx, to, err)
}

// CheckPush tells, without asking anybody, why an image cannot be pushed to a
// reference: before it is made.
func (r *Resolver) CheckPush(to string) error {
	_, _, err := r.target(to)
	return r.named(context.Background(), to, err)
}

// target is where a reference is pushed to.
func (r *Resolver) target(to string) (*station, name.Tag, error) {
	tag, err := name.NewTag(to)
	if err != nil {
		return nil, tag, badReference(to)
	}
	if r.opt.Offline {
		return nil, tag, failure(ErrOffline, tag.RegistryStr(), "nothing is sent")
	}
	there, err := r.destination(tag.Repository)
	if err != nil {
		return nil, tag, err
	}
	at, err := name.NewTag(there.wire.host+"/"+tag.RepositoryStr()+":"+tag.TagStr(), insecure(there.wire.scheme)...)
	if err != nil {
		return nil, tag, badReference(to)
	}
	return there, at, nil
}
