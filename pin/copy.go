package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Copied is how far a copy has come.
type Copied struct {
	Sent  int64 // bytes of layers and manifests sent
	There int64 // layers that the destination had already
}

// Copy copies what ref (name:tag@sha256:…) names to the tag to, byte by byte: the
// index with the images of all platforms and the attestations in it, and what the
// registry lists as referring to it. What is there already is not sent again, so
// that a copy that broke off is resumed by another. progress, which may be nil, is
// called from several goroutines as bytes go out. Errors are *Error or wrap the
// context's.
func (r *Resolver) Copy(ctx context.Context, ref, to string, progress func(Copied)) (Copied, error) {
	c := &copying{r: r, progress: progress}
	tag, err := name.NewTag(to)
	if err != nil {
		return Copied{}, badReference(to)
	}
	base, digest, _ := strings.Cut(ref, "@")
	repo, err := repositoryOf(base)
	if err != nil || !digestSyntax.MatchString(digest) {
		return Copied{}, badReference(ref)
	}
	_, err = everywhere(ctx, r, repositoryName(repo), func(s *station, path string) (struct{}, error) {
		return struct{}{}, c.from(ctx, s, path, digest, tag)
	})
	return c.done(), r.named(ctx, ref+" to "+to, err)
}

type copying struct {
	r        *Resolver
	progress func(Copied)
	sent     atomic.Int64
	there    atomic.Int64
}

func (c *copying) done() Copied { return Copied{Sent: c.sent.Load(), There: c.there.Load()} }

// from copies out of one place where the image can be had.
func (c *copying) from(ctx context.Context, s *station, path, digest string, tag name.Tag) error {
	source, err := name.NewDigest(s.wire.host+"/"+path+"@"+digest, insecure(s.wire.scheme)...)
	if err != nil {
		return badReference(path)
	}
	there, err := c.r.destination(tag.Repository)
	if err != nil {
		return err
	}
	target, err := name.NewTag(there.wire.host+"/"+tag.RepositoryStr()+":"+tag.TagStr(), insecure(there.wire.scheme)...)
	if err != nil {
		return badReference(tag.String())
	}
	puller, err := remote.NewPuller(c.options(ctx, s)...)
	if err != nil {
		return explain(s.label, err)
	}
	counted := func(t http.RoundTripper) http.RoundTripper { return &counting{c, t} }
	pusher, err := remote.NewPusher(c.options(ctx, there, counted)...)
	if err != nil {
		return explain(there.label, err)
	}
	image, err := puller.Get(ctx, source)
	if err != nil {
		return copyError(ctx, s, err)
	}
	if err := pusher.Push(ctx, target, image); err != nil {
		return copyError(ctx, there, err)
	}
	// Signatures and the like that stand beside the image; no registry has to list
	// them, and an image without is whole.
	list, err := remote.Referrers(source, c.options(ctx, s)...)
	if err != nil {
		return ctx.Err()
	}
	index, err := list.IndexManifest()
	if err != nil {
		return ctx.Err()
	}
	for _, m := range index.Manifests {
		if err := c.beside(ctx, puller, pusher, source, target, m); err != nil {
			return copyError(ctx, there, err)
		}
	}
	return nil
}

func (c *copying) beside(ctx context.Context, puller *remote.Puller, pusher *remote.Pusher, source name.Digest, target name.Tag, m v1.Descriptor) error {
	desc, err := puller.Get(ctx, source.Context().Digest(m.Digest.String()))
	if err != nil {
		return err
	}
	return pusher.Push(ctx, target.Context().Digest(m.Digest.String()), desc)
}

// destination is where a repository is pushed to: the registry itself, and plain
// http where its endpoint says so.
func (r *Resolver) destination(repo name.Repository) (*station, error) {
	places, err := r.endpoints(repositoryName(repo))
	if err != nil {
		return nil, err
	}
	for _, e := range places {
		if !e.Mirror {
			s, _, err := r.reach(e)
			return s, err
		}
	}
	return nil, failure(ErrNotAllowed, repo.RegistryStr(), "no place to push to is known")
}

func insecure(scheme string) []name.Option {
	if scheme == "http" {
		return []name.Option{name.Insecure}
	}
	return nil
}

func (c *copying) options(ctx context.Context, s *station, wrap ...func(http.RoundTripper) http.RoundTripper) []remote.Option {
	t := s.wire.trust // the wire itself lets no body through that is as large as a layer
	for _, w := range wrap {
		t = w(t)
	}
	auth := authn.Anonymous
	if conf, err := s.logins.do(ctx, "", s.login); err == nil && conf != (authn.AuthConfig{}) {
		auth = authn.FromConfig(conf)
	}
	return []remote.Option{
		remote.WithContext(ctx), remote.WithTransport(t), remote.WithAuth(auth),
		remote.WithJobs(c.r.opt.Parallel), remote.WithUserAgent(c.r.opt.UserAgent),
	}
}

// copyError puts an error of the library into our words.
func copyError(ctx context.Context, s *station, err error) error {
	host := s.label
	conf, _ := s.logins.do(ctx, "", s.login) // known since the options were made
	var status *transport.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &status) && (status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden):
		return denied(host, status.StatusCode, conf != (authn.AuthConfig{}), "")
	case errors.As(err, &status):
		e := failure(ErrBadAnswer, host, "it answers with status %d", status.StatusCode)
		e.Status = status.StatusCode
		return e
	}
	return explain(host, err)
}

// counting notes what goes out and what was there.
type counting struct {
	c    *copying
	next http.RoundTripper
}

func (t *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	upload := req.Method == http.MethodPatch || req.Method == http.MethodPut
	if upload && req.Body != nil && req.Body != http.NoBody {
		out := req.Clone(req.Context())
		out.Body = &countedBody{t.c, req.Body}
		req = out
	}
	resp, err := t.next.RoundTrip(req)
	if err == nil && req.Method == http.MethodHead && resp.StatusCode == http.StatusOK && strings.Contains(req.URL.Path, "/blobs/") {
		t.c.there.Add(1)
	}
	return resp, err
}

type countedBody struct {
	c *copying
	io.ReadCloser
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.c.sent.Add(int64(n))
	if n > 0 && b.c.progress != nil {
		b.c.progress(b.c.done())
	}
	return n, err
}

// String is a copy in words.
func (c Copied) String() string {
	return fmt.Sprintf("%.1f MB sent, %d layers there already", float64(c.Sent)/1e6, c.There)
}
