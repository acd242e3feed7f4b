package pin

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// everywhere asks at each endpoint of a repository until one has the answer.
// It gives up early only when the context ends.
func everywhere[T any](ctx context.Context, r *Resolver, repository string, ask func(*station, string) (T, error)) (T, error) {
	var none T
	endpoints, err := r.endpoints(repository)
	if err != nil {
		return none, err
	}
	var failed []*Error
	for _, ep := range endpoints {
		s, path, err := r.reach(ep)
		if err == nil {
			var v T
			if v, err = ask(s, path); err == nil {
				return v, nil
			}
		}
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		host, _, _ := strings.Cut(ep.Repository, "/")
		failed = append(failed, toError(err, host))
	}
	return none, join(failed)
}

func (r *Resolver) endpoints(repository string) ([]Endpoint, error) {
	if r.opt.Endpoints == nil {
		host, _, _ := strings.Cut(repository, "/")
		return []Endpoint{{Repository: repository, PlainHTTP: isLocal(host)}}, nil
	}
	all, err := r.opt.Endpoints(repository)
	if err != nil {
		return nil, &Error{Kind: ErrNotAllowed, Err: fmt.Errorf("where to ask for %s: %w", repository, err)}
	}
	if len(all) == 0 {
		return nil, failure(ErrNotAllowed, "", "nowhere to ask for %s", repository)
	}
	return all, nil
}

// reach finds the station of an endpoint, and the repository's path there.
func (r *Resolver) reach(ep Endpoint) (*station, string, error) {
	host, path, _ := strings.Cut(ep.Repository, "/")
	label := hostLabel(host)
	if !r.allowed(label) {
		return nil, "", failure(ErrNotAllowed, label, "is not among the registries that may be asked")
	}
	var opts []name.Option
	if ep.PlainHTTP {
		opts = append(opts, name.Insecure)
	}
	// The first part of an endpoint is always a host, so it is not left to
	// name.NewRepository to tell.
	reg, err := name.NewRegistry(host, append(opts, name.StrictValidation)...)
	if err != nil {
		return nil, "", failure(ErrReference, "", "%s is not a registry host", quote(host))
	}
	if _, err := name.NewRepository("registry.invalid/" + path); err != nil {
		return nil, "", failure(ErrReference, label, "%s is not a repository", quote(path))
	}
	s, err := r.station(reg, ep)
	if err != nil {
		return nil, "", &Error{Kind: ErrUnreachable, Host: label, Err: err}
	}
	return s, path, nil
}

func (r *Resolver) station(reg name.Registry, ep Endpoint) (*station, error) {
	trust, err := r.transport(string(ep.CAs), ep.SkipVerify)
	if err != nil {
		return nil, err
	}
	strangers, err := r.transport(string(ep.CAs), false)
	if err != nil {
		return nil, err
	}
	scheme := "https"
	if ep.PlainHTTP {
		scheme = "http"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fmt.Sprintf("%s %s %t %s", scheme, reg.RegistryStr(), ep.SkipVerify, ep.CAs)
	if s, ok := r.stations[key]; ok {
		return s, nil
	}
	w := &wire{r: r, scheme: scheme, host: reg.RegistryStr(), trust: trust, strangers: strangers}
	s := newStation(r, reg, w)
	r.stations[key] = s
	return s, nil
}

// hostname is a host without its port.
func hostname(host string) string {
	u := url.URL{Host: host}
	return u.Hostname()
}

// isLocal tells the hosts that are asked by plain http unless told otherwise.
func isLocal(host string) bool {
	h := hostname(host)
	if h == "localhost" || strings.HasSuffix(h, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(h)
	return err == nil && a.IsLoopback()
}
