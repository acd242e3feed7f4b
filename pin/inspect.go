package pin

import (
	"context"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
)

// Manifest is a digest that exists.
type Manifest struct {
	Digest    string
	MediaType string
	Children  []Child // empty for a single platform
}

// Child is one manifest of an index, those of attestations included, whose
// platform is unknown/unknown.
type Child struct {
	Digest   string `json:"digest"`
	Platform string `json:"platform"` // os/architecture[/variant]; empty if not given
	Missing  bool   `json:"-"`
}

// maxChildren bounds the requests that one index can cause.
const maxChildren = 500

// Inspect asks whether a digest still exists at any endpoint, and each of its
// children. ref is name@sha256:…. The error Is ErrNotFound when the digest is
// gone. What an index holds may come from the cache; that it exists never does.
func (r *Resolver) Inspect(ctx context.Context, ref string) (Manifest, error) {
	base, digest, _ := strings.Cut(ref, "@")
	repo, err := repositoryOf(base)
	if err != nil || !digestSyntax.MatchString(digest) {
		return Manifest{}, badReference(ref)
	}
	repository := repositoryName(repo)
	key := repository + "@" + digest
	m, err := r.manifests.do(ctx, key, func() (Manifest, error) {
		return r.inspect(ctx, repository, digest, key)
	})
	// The answer is shared, and a caller may change its own.
	m.Children = append([]Child(nil), m.Children...)
	return m, r.named(ctx, ref, err)
}

// repositoryOf drops the tag of a name, if it has one.
func repositoryOf(base string) (name.Repository, error) {
	if i := strings.LastIndex(base, ":"); i > strings.LastIndex(base, "/") {
		base = base[:i]
	}
	return name.NewRepository(base)
}

func (r *Resolver) inspect(ctx context.Context, repository, digest, key string) (Manifest, error) {
	if r.opt.Offline {
		return Manifest{}, failure(ErrOffline, "", "whether %s still exists is not asked offline", key)
	}
	m := Manifest{Digest: digest}
	if e, ok := r.opt.Cache.load(key, r.now(), true); ok && e.Digest == digest {
		m.MediaType, m.Children = e.MediaType, e.Children
		if err := r.exists(ctx, repository, digest); err != nil {
			return Manifest{}, err
		}
	} else {
		got, err := everywhere(ctx, r, repository, func(s *station, path string) (found, error) {
			return s.fetch(ctx, path, digest)
		})
		if err != nil {
			return Manifest{}, err
		}
		m.MediaType = got.mediaType
		if m.Children, err = childrenOf(got); err != nil {
			return Manifest{}, err
		}
		r.opt.Cache.store(entry{Ref: key, Digest: digest, MediaType: m.MediaType, When: r.now(), Children: m.Children})
	}
	if err := r.look(ctx, repository, m.Children); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

func (r *Resolver) exists(ctx context.Context, repository, digest string) error {
	_, err := everywhere(ctx, r, repository, func(s *station, path string) (struct{}, error) {
		return struct{}{}, s.exists(ctx, path, digest)
	})
	return err
}

func childrenOf(got found) ([]Child, error) {
	if got.doc.Manifests == nil || (got.mediaType != ociIndex && got.mediaType != dockerList) {
		return nil, nil
	}
	all := *got.doc.Manifests
	if len(all) > maxChildren {
		return nil, failure(ErrBadAnswer, "", "%s lists %d manifests, more than the %d that are looked at", got.digest, len(all), maxChildren)
	}
	children := make([]Child, 0, len(all))
	for _, m := range all {
		if !digestSyntax.MatchString(m.Digest) {
			return nil, failure(ErrBadAnswer, "", "%s lists %s, which is not a digest", got.digest, quote(m.Digest))
		}
		c := Child{Digest: m.Digest}
		if p := m.Platform; p != nil {
			c.Platform = p.OS + "/" + p.Architecture
			if p.Variant != "" {
				c.Platform += "/" + p.Variant
			}
		}
		children = append(children, c)
	}
	return children, nil
}

// look marks the children that are gone. The first error that tells neither
// ends it: half an answer would pass for a whole one.
func (r *Resolver) look(ctx context.Context, repository string, children []Child) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	var (
		wg    sync.WaitGroup
		once  sync.Once
		first error
		next  = make(chan int)
	)
	for range min(r.opt.Parallel, len(children)) {
		wg.Go(func() {
			for i := range next {
				err := r.exists(inner, repository, children[i].Digest)
				switch {
				case isKind(err, ErrNotFound):
					children[i].Missing = true
				case err != nil:
					once.Do(func() {
						first = err
						stop()
					})
				}
			}
		})
	}
	for i := range children {
		next <- i
	}
	close(next)
	wg.Wait()
	return first
}
