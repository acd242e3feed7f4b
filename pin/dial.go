package pin

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// notPublic are the address blocks beyond what netip itself can tell.
// 64:ff9b and 2002 carry IPv4 addresses, and so could reach any of the others.
var notPublic = func() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}()

// isPublic tells an address of the internet at large from one that only means
// something here: loopback, private, link-local, unspecified, multicast,
// carrier-grade NAT and reserved ones.
func isPublic(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// guard is a net.Dialer.Control: it sees the address after the name was
// resolved and before the connection is made, so no answer of DNS gets past it.
func (r *Resolver) guard(_, address string, _ syscall.RawConn) error {
	if !r.opt.PublicOnly {
		return nil
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return failure(ErrNotAllowed, "", "address %s cannot be read", quote(address))
	}
	if !r.public(ap.Addr()) {
		return failure(ErrNotAllowed, "", "its address %s is not a public one", ap.Addr())
	}
	return nil
}

// newTransport is an http.Transport with bounds. Proxies of the environment
// are used unless only public addresses may be: a proxy would resolve names
// out of our sight.
func (r *Resolver) newTransport(cas string, lax bool) (*http.Transport, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: lax}
	if cas != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM([]byte(cas)) {
			return nil, errors.New("no certificate can be read from the certificate authorities set for it")
		}
		conf.RootCAs = pool
	}
	dialer := &net.Dialer{Timeout: r.opt.Timeout, KeepAlive: 30 * time.Second, Control: r.guard}
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    r.opt.Timeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    r.opt.Parallel,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // digests are of the exact bytes
	}
	if r.opt.PublicOnly {
		t.Proxy = nil
	}
	return t, nil
}

// broken tells a connection that was cut, which may well work the next time.
func broken(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// explain finds clear words for why no answer came from a host.
func explain(host string, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		e := *own
		if e.Host == "" {
			e.Host = host
		}
		return &e
	}
	// The address may carry a signature that a redirect gave us.
	var addressed *url.Error
	if errors.As(err, &addressed) {
		err = addressed.Err
	}
	if text := err.Error(); strings.Contains(text, "malformed") || strings.Contains(text, "headers exceeded") {
		return &Error{Kind: ErrBadAnswer, Host: host, Err: &reason{"its answer is not HTTP: " + quote(text), err}}
	}
	return &Error{Kind: ErrUnreachable, Host: host, Err: &reason{words(err), err}}
}

func words(err error) string {
	var (
		dns     *net.DNSError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		cert    *tls.CertificateVerificationError
		alert   tls.AlertError
		record  tls.RecordHeaderError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host in DNS"
	case errors.As(err, &dns):
		return "DNS gives no answer for the host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	case errors.As(err, &unknown):
		return "TLS: its certificate is signed by an unknown authority"
	case errors.As(err, &name):
		return "TLS: its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "TLS: its certificate has expired or is not valid yet"
	case errors.As(err, &invalid), errors.As(err, &cert):
		return "TLS: its certificate is not valid: " + quote(err.Error())
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "it speaks plain http, not https"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "TLS: the handshake failed: " + quote(err.Error())
	case broken(err):
		return "the connection was cut"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return fmt.Sprintf("no usable answer: %s", quote(err.Error()))
}
