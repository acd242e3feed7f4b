package pin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// station is one registry host and how far we are let in. It pings the host
// once and gets a token once per repository.
type station struct {
	r      *Resolver
	reg    name.Registry
	label  string // the host as users write it
	wire   *wire
	pings  flight[*transport.Challenge]
	logins flight[authn.AuthConfig]
	grants flight[grant]

	mu      sync.Mutex
	current map[string]grant // by repository
}

// grant is what we send to be let in to one repository.
type grant struct {
	header string // Authorization; may be empty
	login  bool   // by credentials, and not anonymous
	scopes []string
	when   time.Time
}

// staleAfter is the age from which a refused token is taken to have expired
// rather than to lack the right.
const staleAfter = 30 * time.Second

func newStation(r *Resolver, reg name.Registry, w *wire) *station {
	return &station{r: r, reg: reg, label: hostLabel(reg.RegistryStr()), wire: w, current: map[string]grant{}}
}

// url is an address below the API's root at this registry.
func (s *station) url(path string) *url.URL {
	return &url.URL{Scheme: s.wire.scheme, Host: s.wire.host, Path: "/v2/" + path}
}

// do sends a request for something of a repository, with the right to it. The
// answer's status may be any that a second try cannot mend; login tells
// whether credentials were used.
func (s *station) do(ctx context.Context, method, repo string, target *url.URL, accept string) (resp *http.Response, login bool, err error) {
	g, err := s.grant(ctx, repo)
	if err != nil {
		return nil, false, err
	}
	resp, err = s.send(ctx, method, target, accept, g)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, g.login, err
	}
	ch := s.challenge(ctx, resp)
	scopes := scopesOf(ch, repo)
	if ch == nil || !s.worthRenewing(g, scopes) {
		return resp, g.login, nil
	}
	// The place in the lane is given back before a token is asked for: the
	// token server may be the same host.
	settle(resp)
	next, err := s.grants.do(ctx, repo+"\x00"+g.header, func() (grant, error) {
		return s.obtain(ctx, repo, ch, scopes)
	})
	if err != nil {
		return nil, g.login, err
	}
	if next.header == g.header {
		return resp, next.login, nil
	}
	s.keep(repo, next)
	resp, err = s.send(ctx, method, target, accept, next)
	return resp, next.login, err
}

func (s *station) worthRenewing(g grant, scopes []string) bool {
	if g.header == "" || s.r.now().Sub(g.when) > staleAfter {
		return true
	}
	return slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(g.scopes, scope) })
}

func (s *station) keep(repo string, g grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current[repo] = g
}

// grant is the one at hand for a repository, or what the ping leads to.
func (s *station) grant(ctx context.Context, repo string) (grant, error) {
	s.mu.Lock()
	g, ok := s.current[repo]
	s.mu.Unlock()
	if ok {
		return g, nil
	}
	ch, err := s.pings.do(ctx, "", func() (*transport.Challenge, error) { return s.ping(ctx) })
	if err != nil {
		return grant{}, err
	}
	return s.grants.do(ctx, repo, func() (grant, error) {
		g, err := s.obtain(ctx, repo, ch, scopesOf(ch, repo))
		if err == nil {
			s.keep(repo, g)
		}
		return g, err
	})
}

// ping asks the registry how it wants us to log in. It is nil where it does
// not say: what refuses a ping may still hand out manifests, and what lets
// everybody ping may ask for a token later.
func (s *station) ping(ctx context.Context) (*transport.Challenge, error) {
	ch, err := transport.Ping(ctx, s.reg, s.wire)
	if err == nil {
		return known(ch), nil
	}
	var own *Error
	var status *transport.Error
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &own):
		return nil, own
	case errors.As(err, &status):
		return nil, nil
	}
	return nil, explain(s.label, err)
}

// known leaves out a challenge that we cannot answer.
func known(ch *transport.Challenge) *transport.Challenge {
	switch strings.ToLower(ch.Scheme) {
	case "basic", "bearer":
		return ch
	}
	return nil
}

// challenge reads a refusal the way a ping is read, without asking again. A
// host we were redirected to has no claim on our credentials.
func (s *station) challenge(ctx context.Context, resp *http.Response) *transport.Challenge {
	if resp.Request.URL.Host != s.wire.host {
		return nil
	}
	ch, err := transport.Ping(ctx, s.reg, replay{resp})
	if err != nil {
		return nil
	}
	return known(ch)
}

// replay answers with the head of an answer that came before.
type replay struct{ resp *http.Response }

func (p replay) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: p.resp.StatusCode, Header: p.resp.Header, Body: http.NoBody, Request: p.resp.Request,
	}, nil
}

// scopesOf lists the rights to ask for: those the registry names, and ours.
func scopesOf(ch *transport.Challenge, repo string) []string {
	ours := "repository:" + repo + ":pull"
	if ch == nil || ch.Parameters["scope"] == "" || ch.Parameters["scope"] == ours {
		return []string{ours}
	}
	return []string{ch.Parameters["scope"], ours}
}

// send makes one request with a grant, which goes to this registry only.
func (s *station) send(ctx context.Context, method string, target *url.URL, accept string, g grant) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, target.String(), nil)
	if err != nil {
		return nil, failure(ErrReference, s.label, "no address can be made for it")
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	client := http.Client{Transport: &bearer{s, g}}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, s.advise(explain(s.label, err), g.login)
	}
	return resp, nil
}

// bearer puts the grant on requests to the registry, and on no other: it is
// set below http.Client so that a redirect cannot carry it away.
type bearer struct {
	s *station
	g grant
}

func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	if b.g.header == "" || req.URL.Host != b.s.wire.host || req.URL.Scheme != b.s.wire.scheme {
		return b.s.wire.RoundTrip(req)
	}
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", b.g.header)
	return b.s.wire.RoundTrip(out)
}

// settle reads what is shown of a refusal and gives the connection back.
func settle(resp *http.Response) {
	// A refusal that breaks off is still a refusal.
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(text))
}
