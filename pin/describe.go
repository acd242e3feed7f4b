package pin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Described is what a registry has of an image, for one platform of it.
type Described struct {
	Digest     string   // of what the reference names: the index, where there is one
	Platforms  []string // os/architecture[/variant], in the order of the index
	Platform   string   // the one the rest is about
	Compressed int64    // size of its layers as they are sent, in bytes
	Config     Config
	// SBOM is nil where none is attached to the platform's image.
	SBOM *SBOM
}

// Config is the part of an image's configuration that Dockerfiles set.
type Config struct {
	Env          []string
	Entrypoint   []string
	Cmd          []string
	User         string
	WorkingDir   string
	ExposedPorts []string // sorted
	Volumes      []string // sorted
	StopSignal   string
	Shell        []string
	Healthcheck  []string // its test, the word CMD or CMD-SHELL first
	OnBuild      []string // the triggers
}

// What is taken of an image, far above what images have.
const (
	maxLayers = 1000
	maxConfig = 4 << 20 // bytes
)

// Describe reads the configuration of an image, name:tag or name@digest, for a
// platform such as linux/amd64, and the list of packages that is attached to it as
// BuildKit and Docker attach theirs. An image that is not of several platforms is
// described whatever its platform. What a digest holds never changes and is taken
// from the cache; what digest a tag has is found as [Resolver.Resolve] does. Errors
// are *Error or wrap the context's; an SBOM that cannot be read is one.
func (r *Resolver) Describe(ctx context.Context, ref, platform string) (Described, error) {
	repo, target, err := splitReference(ref)
	if err != nil {
		return Described{}, badReference(ref)
	}
	repository := repositoryName(repo)
	if !digestSyntax.MatchString(target) {
		img, err := r.Resolve(ctx, ref)
		if err != nil {
			return Described{}, err
		}
		target = img.Digest
	}
	kept := described{Ref: "description of " + repository + "@" + target + " for " + platform}
	if d, ok := r.opt.Cache.description(kept.Ref, target); ok {
		return d, nil
	}
	if r.opt.Offline {
		return Described{}, about(ref, failure(ErrOffline, "", "what %s holds is not in the cache, and nothing is asked offline", repository))
	}
	kept.Image, err = everywhere(ctx, r, repository, func(s *station, path string) (Described, error) {
		return s.describe(ctx, path, target, platform)
	})
	if err == nil {
		r.opt.Cache.put(kept.Ref, kept)
	}
	return kept.Image, r.named(ctx, ref, err)
}

// described is a file of the cache.
type described struct {
	Ref   string    `json:"ref"`
	Image Described `json:"image"`
}

// description finds what was kept of a digest. Who can write to the cache can
// change it, as with all that is there.
func (c *Cache) description(ref, digest string) (Described, bool) {
	var kept described
	if c == nil || c.Dir == "" || !readJSON(c.path(ref), &kept) || kept.Ref != ref || kept.Image.Digest != digest {
		return Described{}, false
	}
	return kept.Image, true
}

// splitReference takes a reference apart; the digest goes before the tag.
func splitReference(ref string) (repo name.Repository, target string, err error) {
	base, digest, pinned := strings.Cut(ref, "@")
	if pinned {
		if !digestSyntax.MatchString(digest) {
			return repo, "", badReference(ref)
		}
		repo, err = repositoryOf(base)
		return repo, digest, err
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		return repo, "", err
	}
	return tag.Repository, tag.TagStr(), nil
}

// imageManifest is what is read of the manifest of one platform, or of one with an
// attestation.
type imageManifest struct {
	Config descriptor   `json:"config"`
	Layers []descriptor `json:"layers"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    *struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
		Variant      string `json:"variant"`
	} `json:"platform"`
}

func (d descriptor) platform() string {
	if d.Platform == nil {
		return ""
	}
	p := d.Platform.OS + "/" + d.Platform.Architecture
	if d.Platform.Variant != "" {
		p += "/" + d.Platform.Variant
	}
	return p
}

func (s *station) describe(ctx context.Context, path, target, platform string) (Described, error) {
	got, err := s.fetch(ctx, path, target)
	if err != nil {
		return Described{}, err
	}
	d := Described{Digest: got.digest, Platform: platform}
	image := got
	var index struct {
		Manifests []descriptor `json:"manifests"`
	}
	if got.mediaType == ociIndex || got.mediaType == dockerList {
		if err := json.Unmarshal(got.data, &index); err != nil {
			return Described{}, s.bad("its index cannot be read")
		}
		if len(index.Manifests) > maxChildren {
			return Described{}, s.bad("its index lists more than the %d manifests that are looked at", maxChildren)
		}
		if image, err = s.ofPlatform(ctx, path, index.Manifests, &d); err != nil {
			return Described{}, err
		}
	}
	var m imageManifest
	if err := json.Unmarshal(image.data, &m); err != nil || len(m.Layers) > maxLayers {
		return Described{}, s.bad("its manifest cannot be read, or has more than %d layers", maxLayers)
	}
	for _, l := range m.Layers {
		if l.Size < 0 || l.Size > 1<<40 {
			return Described{}, s.bad("a layer is said to have %d bytes", l.Size)
		}
		d.Compressed += l.Size
	}
	if err := s.configure(ctx, path, m.Config, &d); err != nil {
		return Described{}, err
	}
	d.SBOM, err = s.sbom(ctx, path, image.digest, index.Manifests)
	return d, err
}

// ofPlatform fetches the manifest of the platform that is described.
func (s *station) ofPlatform(ctx context.Context, path string, all []descriptor, d *Described) (found, error) {
	child := ""
	for _, m := range all {
		p := m.platform()
		if p == "" || strings.HasPrefix(p, "unknown/") {
			continue
		}
		d.Platforms = append(d.Platforms, p)
		// linux/arm64 and linux/arm64/v8 are the same to whoever asks for the former.
		if child == "" && (p == d.Platform || strings.HasPrefix(p, d.Platform+"/")) {
			child, d.Platform = m.Digest, p
		}
	}
	if child == "" {
		return found{}, failure(ErrNotFound, s.label, "it has no image for %s, but for %s", quote(d.Platform), quote(strings.Join(d.Platforms, ", ")))
	}
	if !digestSyntax.MatchString(child) {
		return found{}, s.bad("its index lists %s, which is not a digest", quote(child))
	}
	return s.fetch(ctx, path, child)
}

// configure reads the configuration.
func (s *station) configure(ctx context.Context, path string, c descriptor, d *Described) error {
	data, err := s.blob(ctx, path, c, maxConfig)
	if err != nil {
		return err
	}
	var file v1.ConfigFile
	if err := json.Unmarshal(data, &file); err != nil {
		return s.bad("its configuration cannot be read")
	}
	if len(d.Platforms) == 0 {
		p := file.OS + "/" + file.Architecture
		if file.Variant != "" {
			p += "/" + file.Variant
		}
		d.Platform, d.Platforms = p, []string{p}
	}
	in := file.Config
	d.Config = Config{
		Env: in.Env, Entrypoint: in.Entrypoint, Cmd: in.Cmd, User: in.User, WorkingDir: in.WorkingDir,
		ExposedPorts: names(in.ExposedPorts), Volumes: names(in.Volumes), StopSignal: in.StopSignal, Shell: in.Shell, OnBuild: in.OnBuild,
	}
	if in.Healthcheck != nil {
		d.Config.Healthcheck = in.Healthcheck.Test
	}
	return nil
}

func names(set map[string]struct{}) []string {
	var out []string
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// blob reads a whole blob of at most limit bytes and checks its digest.
func (s *station) blob(ctx context.Context, path string, d descriptor, limit int64) ([]byte, error) {
	if !digestSyntax.MatchString(d.Digest) {
		return nil, s.bad("it names %s, which is not a digest", quote(d.Digest))
	}
	if d.Size > limit {
		return nil, tooLarge(s.label, limit)
	}
	ctx = allowing(ctx, limit)
	resp, login, err := s.do(ctx, http.MethodGet, path, s.url(path+"/blobs/"+d.Digest), "")
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, s.refused(resp, login, describe(path, d.Digest), path)
	}
	data, err := s.read(ctx, resp)
	if err != nil {
		return nil, err
	}
	if digestLike(d.Digest, data) != d.Digest {
		return nil, s.bad("it answers with other bytes for %s", d.Digest)
	}
	return data, nil
}

func (s *station) bad(format string, args ...any) *Error {
	return failure(ErrBadAnswer, s.label, format, args...)
}
