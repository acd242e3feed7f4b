package pin

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
)

// Endpoint is a place where a repository's manifests can be asked for: a
// mirror or the registry itself.
type Endpoint struct {
	Repository string // host[:port]/path, e.g. mirror.example.com/hub/library/python
	PlainHTTP  bool
	SkipVerify bool   // TLS certificate is not checked
	CAs        []byte // PEM, beyond the system's; nil for none
	Mirror     bool   // not the registry the reference names
}

// Options of a Resolver. The zero value asks the registries themselves.
type Options struct {
	// Endpoints lists where to ask for a repository such as
	// docker.io/library/python, in order of preference. With nil it is the
	// registry itself, by plain http for localhost and loopback addresses only.
	Endpoints func(repository string) ([]Endpoint, error)
	// Credentials for a host as in an Endpoint, docker.io for Docker Hub. It is
	// called once per host and only where the registry asks for them. With nil
	// or empty results we are anonymous.
	Credentials func(host string) (user, password, identityToken string, err error)
	// Parallel is how many requests may be under way per host; 0 means 4.
	Parallel int
	// Offline asks nothing: only the cache answers, whatever its age.
	Offline bool
	// Cache may be nil.
	Cache *Cache
	// Allow lists the endpoint hosts, host[:port], that may be asked; empty allows all.
	// *.example.com covers subdomains. Where an allowed host itself sends us,
	// by a redirect or for a token, is not limited by it.
	Allow []string
	// PublicOnly refuses to connect to addresses that are not public ones,
	// for redirects and token servers too. It uses no proxy.
	PublicOnly bool
	// Timeout of one request with its body; 0 means 30 s.
	Timeout time.Duration
	// MaxWait is the longest total time that Retry-After may make a request
	// wait; 0 means 60 s.
	MaxWait time.Duration
	// UserAgent is sent with each request; empty means restow.
	UserAgent string
	// Sleep and Now replace the clock in tests.
	Sleep func(ctx context.Context, d time.Duration) error
	Now   func() time.Time
}

// Image is what a registry says of a reference.
type Image struct {
	Digest    string
	MediaType string
	When      time.Time // when the registry said so
	From      string    // "registry" or "cache"
}

// Where an Image comes from.
const (
	fromRegistry = "registry"
	fromCache    = "cache"
)

// Resolver asks registries. It is safe for concurrent use and remembers what
// it was told, errors included, as long as it lives.
type Resolver struct {
	opt    Options
	public func(netip.Addr) bool

	images    flight[Image]
	manifests flight[Manifest]

	mu         sync.Mutex
	requests   map[string]int
	lanes      map[string]*lane
	stations   map[string]*station
	transports map[string]*http.Transport
}

// New is a Resolver that has asked nothing yet.
func New(opt Options) *Resolver {
	if opt.Parallel <= 0 {
		opt.Parallel = 4
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 30 * time.Second
	}
	if opt.MaxWait <= 0 {
		opt.MaxWait = time.Minute
	}
	if opt.UserAgent == "" {
		opt.UserAgent = "restow"
	}
	if opt.Sleep == nil {
		opt.Sleep = realSleep
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Resolver{
		opt:        opt,
		public:     isPublic,
		requests:   map[string]int{},
		lanes:      map[string]*lane{},
		stations:   map[string]*station{},
		transports: map[string]*http.Transport{},
	}
}

// Resolve finds the digest of a full tagged name such as
// docker.io/library/python:3.11. Each distinct reference is asked once in a
// Resolver's life, however many ask at once; errors are remembered too, but
// for those of an ended context. Errors are *Error or wrap the context's.
func (r *Resolver) Resolve(ctx context.Context, ref string) (Image, error) {
	tag, err := name.NewTag(ref)
	if err != nil {
		return Image{}, badReference(ref)
	}
	repository := repositoryName(tag.Repository)
	key := repository + ":" + tag.TagStr()
	img, err := r.images.do(ctx, key, func() (Image, error) {
		return r.resolve(ctx, repository, tag.TagStr(), key)
	})
	return img, r.named(ctx, ref, err)
}

func (r *Resolver) resolve(ctx context.Context, repository, tag, key string) (Image, error) {
	if e, ok := r.opt.Cache.load(key, r.now(), r.opt.Offline); ok {
		return Image{Digest: e.Digest, MediaType: e.MediaType, When: e.When, From: fromCache}, nil
	}
	if r.opt.Offline {
		return Image{}, failure(ErrOffline, "", "%s is not in the cache, and nothing is asked offline", key)
	}
	img, err := everywhere(ctx, r, repository, func(s *station, path string) (Image, error) {
		got, err := s.resolve(ctx, path, tag)
		return Image{Digest: got.digest, MediaType: got.mediaType}, err
	})
	if err != nil {
		return Image{}, err
	}
	img.When, img.From = r.now(), fromRegistry
	r.opt.Cache.store(entry{Ref: key, Digest: img.Digest, MediaType: img.MediaType, When: img.When})
	return img, nil
}

// Requests tells how many requests were made, by method.
func (r *Resolver) Requests() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.requests)
}

func (r *Resolver) count(method string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests[method]++
}

func (r *Resolver) now() time.Time { return r.opt.Now() }

func (r *Resolver) sleep(ctx context.Context, d time.Duration) error { return r.opt.Sleep(ctx, d) }

func (r *Resolver) lane(host string) *lane {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.lanes[host]
	if !ok {
		l = newLane(r.opt.Parallel)
		r.lanes[host] = l
	}
	return l
}

// transport is shared by all who trust the same certificates, so that
// connections are too.
func (r *Resolver) transport(cas string, lax bool) (*http.Transport, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fmt.Sprintf("%t %x", lax, sha256.Sum256([]byte(cas)))
	if t, ok := r.transports[key]; ok {
		return t, nil
	}
	t, err := r.newTransport(cas, lax)
	if err != nil {
		return nil, err
	}
	r.transports[key] = t
	return t, nil
}

// named makes an error that names the reference the caller asked for. An ended
// context is told as such, and not as what it broke.
func (r *Resolver) named(ctx context.Context, ref string, err error) error {
	if err == nil {
		return nil
	}
	if cut := ctx.Err(); cut != nil {
		return fmt.Errorf("%s: %w", ref, cut)
	}
	return about(ref, toError(err, ""))
}

func badReference(ref string) *Error {
	e := failure(ErrReference, "", "%s is not an image reference", quote(ref))
	e.Ref = ref
	return e
}

// dockerHub is how users write the registry whose host is hubHost.
const (
	dockerHub = "docker.io"
	hubHost   = name.DefaultRegistry
)

// hostLabel is a host as users write it.
func hostLabel(host string) string {
	if host == hubHost {
		return dockerHub
	}
	return host
}

func repositoryName(repo name.Repository) string {
	return hostLabel(repo.RegistryStr()) + "/" + repo.RepositoryStr()
}

// allowed tells whether the host of an endpoint may be asked. A port is part
// of the host: what else listens there is not a registry that was allowed.
func (r *Resolver) allowed(host string) bool {
	if len(r.opt.Allow) == 0 {
		return true
	}
	for _, pattern := range r.opt.Allow {
		if strings.EqualFold(hostLabel(pattern), host) {
			return true
		}
		domain, wild := strings.CutPrefix(strings.ToLower(pattern), "*.")
		if wild && domain != "" && strings.HasSuffix(strings.ToLower(host), "."+domain) {
			return true
		}
	}
	return false
}
