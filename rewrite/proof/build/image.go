package build

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
)

// image is a built image, taken apart.
type image struct {
	config dockerspec.DockerOCIImage
	raw    map[string]any // the configuration with all it has
	tree   *tree
	layers []Layer
	notes  []string
	// flat says that the builder could only give the files: an Engine without
	// the containerd image store. Then layers have no compressed sizes.
	flat bool
}

// Layer is one layer of an image, as reports show it.
type Layer struct {
	Digest     string `json:"digest,omitempty"`
	CreatedBy  string `json:"createdBy"`
	Compressed int64  `json:"compressed"` // bytes, as a registry has it
	Unpacked   int64  `json:"unpacked"`   // bytes of its regular files
	Files      int    `json:"files"`
}

// maxJSON bounds manifests and configurations.
const maxJSON = 16 << 20

// layerCache holds layers by digest: before and after share most of theirs.
type layerCache map[string]*layer

// readOCI reads an image as BuildKit's oci exporter streams it: blobs in any
// order, so that layers are taken apart as they come and put together at the
// end.
func (c layerCache) readOCI(r io.Reader) (*image, error) {
	blobs, docs, index := map[string]int64{}, map[string][]byte{}, []byte(nil)
	budget := int64(maxBytes)
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the image: %w", err)
		}
		if h.Name == "index.json" {
			if index, err = readDoc(tr); err != nil {
				return nil, err
			}
		}
		algorithm, hex, ok := strings.Cut(strings.TrimPrefix(h.Name, "blobs/"), "/")
		if !ok || h.Typeflag != tar.TypeReg || !strings.HasPrefix(h.Name, "blobs/") {
			continue
		}
		dgst := algorithm + ":" + hex
		blobs[dgst] = h.Size
		if c[dgst] != nil {
			continue
		}
		br := bufio.NewReaderSize(tr, 64<<10)
		if head, _ := br.Peek(1); len(head) == 1 && head[0] == '{' {
			if docs[dgst], err = readDoc(br); err != nil {
				return nil, err
			}
			continue
		}
		if c[dgst], err = readBlob(br, &budget); err != nil {
			return nil, fmt.Errorf("layer %s: %w", dgst, err)
		}
	}
	return c.assemble(index, docs, blobs)
}

func readDoc(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxJSON+1))
	if err == nil && len(data) > maxJSON {
		err = errors.New("a manifest or configuration of the image is too large")
	}
	return data, err
}

// readBlob reads a layer, compressed or not.
func readBlob(br *bufio.Reader, budget *int64) (*layer, error) {
	head, _ := br.Peek(4)
	var r io.Reader = br
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		gz, err := gzip.NewReader(br)
		if err != nil {
			return nil, err
		}
		defer gz.Close()
		r = gz
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		zr, err := zstd.NewReader(br, zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer zr.Close()
		r = zr
	}
	return readLayer(r, budget)
}

// assemble follows index, manifest and configuration, and puts the layers onto
// each other.
func (c layerCache) assemble(index []byte, docs map[string][]byte, blobs map[string]int64) (*image, error) {
	var m manifest
	if err := findManifest(index, docs, &m, 0); err != nil {
		return nil, err
	}
	img := &image{tree: newTree()}
	if err := img.setConfig(docs[m.Config.Digest]); err != nil {
		return nil, err
	}
	by := img.createdBy()
	for i, desc := range m.Layers {
		l := c[desc.Digest]
		if l == nil {
			return nil, fmt.Errorf("the image lacks its layer %s", desc.Digest)
		}
		img.tree.apply(l)
		img.notes = append(img.notes, l.strange...)
		out := Layer{Digest: desc.Digest, Compressed: blobs[desc.Digest], Unpacked: l.size, Files: len(l.entries)}
		if i < len(by) {
			out.CreatedBy = by[i]
		}
		img.layers = append(img.layers, out)
	}
	return img, nil
}

// manifest and descriptor are the parts of the OCI documents that matter here.
type manifest struct {
	Config descriptor
	Layers []descriptor
}

type descriptor struct {
	Digest      string
	Annotations map[string]string
}

// findManifest finds the image's manifest below an index; those of attestations
// are none.
func findManifest(index []byte, docs map[string][]byte, out *manifest, depth int) error {
	var i struct{ Manifests []descriptor }
	if err := json.Unmarshal(index, &i); err != nil {
		return fmt.Errorf("the image's index: %w", err)
	}
	for _, d := range i.Manifests {
		if d.Annotations["vnd.docker.reference.type"] != "" {
			continue
		}
		doc := docs[d.Digest]
		if err := json.Unmarshal(doc, out); err == nil && out.Config.Digest != "" {
			return nil
		}
		if depth < 3 && findManifest(doc, docs, out, depth+1) == nil {
			return nil
		}
	}
	return errors.New("the image has no manifest")
}

func (img *image) setConfig(data []byte) error {
	if err := json.Unmarshal(data, &img.config); err != nil {
		return fmt.Errorf("the image's configuration: %w", err)
	}
	if err := json.Unmarshal(data, &img.raw); err != nil {
		return fmt.Errorf("the image's configuration: %w", err)
	}
	return nil
}

// readFlat reads an image's files from the tar exporter, which the Engine's
// classic image store has in place of oci.
func readFlat(r io.Reader) (*image, error) {
	budget := int64(maxBytes)
	l, err := readLayer(r, &budget)
	if err != nil {
		return nil, err
	}
	img := &image{tree: newTree(), flat: true, notes: l.strange}
	img.tree.apply(l)
	return img, nil
}

// flatLayers lists what the history says of layers whose sizes are not known.
func (img *image) flatLayers() {
	for _, by := range img.createdBy() {
		img.layers = append(img.layers, Layer{CreatedBy: by})
	}
}

// createdBy are the history's texts for the layers that are there.
func (img *image) createdBy() (out []string) {
	for _, h := range img.config.History {
		if h.EmptyLayer {
			continue
		}
		by := h.CreatedBy
		if by == "" {
			by = or(h.Comment, "(not said)")
		}
		by = strings.TrimSuffix(by, " # buildkit")
		for _, front := range []string{"/bin/sh -c #(nop) ", "RUN /bin/sh -c "} {
			if rest, ok := strings.CutPrefix(by, front); ok {
				by = rest
				if strings.HasPrefix(front, "RUN") {
					by = "RUN " + rest
				}
			}
		}
		out = append(out, clip(strings.TrimSpace(by), 400))
	}
	return out
}

func lookupEnv(env []string, name string) string {
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
