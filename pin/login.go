package pin

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// obtain answers a challenge.
func (s *station) obtain(ctx context.Context, repo string, ch *transport.Challenge, scopes []string) (grant, error) {
	if ch == nil {
		return grant{when: s.r.now()}, nil
	}
	conf, err := s.logins.do(ctx, "", s.login)
	if err != nil {
		return grant{}, err
	}
	login := conf != authn.AuthConfig{}
	if strings.EqualFold(ch.Scheme, "basic") {
		g := grant{when: s.r.now(), scopes: scopes}
		// An identity token is only good for a token server.
		if conf.Username != "" && conf.Password != "" {
			g.header = "Basic " + base64.StdEncoding.EncodeToString([]byte(conf.Username+":"+conf.Password))
			g.login = true
		}
		return g, nil
	}
	if err := s.checkRealm(ch.Parameters["realm"]); err != nil {
		return grant{}, err
	}
	auth := authn.Anonymous
	if login {
		auth = authn.FromConfig(conf)
	}
	tok, err := transport.Exchange(ctx, s.reg, auth, s.wire, scopes, ch)
	if err != nil {
		return grant{}, s.tokenError(ctx, err, login)
	}
	value := tok.Token
	if tok.AccessToken != "" {
		value = tok.AccessToken
	}
	return grant{header: "Bearer " + value, login: login, scopes: scopes, when: s.r.now()}, nil
}

func (s *station) login() (authn.AuthConfig, error) {
	if s.r.opt.Credentials == nil {
		return authn.AuthConfig{}, nil
	}
	user, password, identity, err := s.r.opt.Credentials(s.label)
	if err != nil {
		return authn.AuthConfig{}, &Error{
			Kind: ErrDenied, Host: s.label,
			Err: &reason{"it asks for a login, and the credentials cannot be read: " + quote(err.Error()), err},
		}
	}
	if identity == "" && (user == "" || password == "") {
		return authn.AuthConfig{}, nil
	}
	return authn.AuthConfig{Username: user, Password: password, IdentityToken: identity}, nil
}

// checkRealm refuses token servers that our credentials must not go to.
func (s *station) checkRealm(realm string) error {
	u, err := url.Parse(realm)
	if err != nil || u.Host == "" {
		return failure(ErrBadAnswer, s.label, "it names no token server that can be read: %s", quote(realm))
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return failure(ErrNotAllowed, s.label, "its token server is not at an https address: %s", quote(realm))
	}
	if u.Scheme == "http" && (s.wire.scheme != "http" || u.Hostname() != hostname(s.wire.host)) {
		return failure(ErrNotAllowed, s.label, "its token server %s is on plain http, which credentials are not sent over", quote(u.Host))
	}
	// The library would refuse it too, in words of its own.
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && u.Host != s.wire.host && !isPublic(a) {
		return failure(ErrNotAllowed, s.label, "its token server %s is at a private address", quote(u.Host))
	}
	return nil
}

// tokenError never shows what a token server sent beyond an error of the
// protocol: the rest may hold tokens.
func (s *station) tokenError(ctx context.Context, err error, login bool) error {
	var own *Error
	var status *transport.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &own):
		return s.advise(own, login)
	case !errors.As(err, &status):
		return failure(ErrBadAnswer, s.label, "its token server gives no token")
	}
	said := ""
	if len(status.Errors) > 0 {
		said = status.Errors[0].Message
	}
	if status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden {
		return denied(s.label, status.StatusCode, login, said)
	}
	e := failure(ErrBadAnswer, s.label, "its token server answers with status %d%s", status.StatusCode, serverSays(said))
	e.Status = status.StatusCode
	return e
}

// advise adds to a limit that a login would have helped.
func (s *station) advise(err error, login bool) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != ErrLimited || login {
		return err
	}
	return limited(e.Host, e.Status, e.Until, s.r.now(), "log in, or try again later")
}
