package build

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/client"
)

// dialEngine connects to the BuildKit inside a Docker Engine. The Engine's API
// hands over the connection of a POST to /grpc, and one to /session for what
// BuildKit asks back.
func dialEngine(ctx context.Context, host string, env func(string) string) (*Conn, error) {
	dial, err := engineDialer(host, env)
	if err != nil {
		return nil, err
	}
	hijack := func(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		up, err := upgrade(ctx, conn, path, proto, meta)
		if err != nil {
			conn.Close()
			return nil, err
		}
		return up, nil
	}
	// The connection is tried by hand first: through gRPC the reason why an
	// Engine refuses would be lost.
	first, err := hijack(ctx, "/grpc", "h2c", nil)
	if err != nil {
		return nil, err
	}
	first.Close()
	c, err := client.New(ctx, "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return hijack(ctx, "/grpc", "h2c", nil) }),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return hijack(ctx, "/session", proto, meta)
		}))
	if err != nil {
		return nil, err
	}
	conn := &Conn{Address: "the Docker Engine at " + host, Engine: true, client: c, local: strings.HasPrefix(host, "unix://")}
	return conn.ready(ctx)
}

// engineDialer understands DOCKER_HOST as the docker command does: unix://, and
// tcp:// with the certificates of DOCKER_CERT_PATH under DOCKER_TLS_VERIFY.
func engineDialer(host string, env func(string) string) (func(context.Context) (net.Conn, error), error) {
	u, err := url.Parse(host)
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "unix":
		return func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", u.Path)
		}, nil
	case "tcp", "http", "https":
		if env("DOCKER_TLS_VERIFY") == "" && u.Scheme != "https" {
			return func(ctx context.Context) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", u.Host)
			}, nil
		}
		config, err := engineTLS(env)
		if err != nil {
			return nil, err
		}
		config.ServerName = u.Hostname()
		return func(ctx context.Context) (net.Conn, error) {
			return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", u.Host)
		}, nil
	}
	return nil, fmt.Errorf("%s:// cannot be reached from here; forward the Engine's socket and name it as unix://…, or set BUILDKIT_HOST", u.Scheme)
}

func engineTLS(env func(string) string) (*tls.Config, error) {
	dir := env("DOCKER_CERT_PATH")
	if dir == "" {
		dir = filepath.Join(env("HOME"), ".docker")
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, fmt.Errorf("DOCKER_TLS_VERIFY is set: %w", err)
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		return nil, fmt.Errorf("DOCKER_TLS_VERIFY is set: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s has no certificate", filepath.Join(dir, "ca.pem"))
	}
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// upgrade asks for another protocol on a connection, which is then the caller's.
func upgrade(ctx context.Context, conn net.Conn, path, proto string, meta map[string][]string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	req, err := http.NewRequest(http.MethodPost, "http://docker"+path, nil)
	if err != nil {
		return nil, err
	}
	for k, vs := range meta {
		for _, v := range vs {
			req.Header.Add(k, v)
		}
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", proto)
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return nil, fmt.Errorf("the Docker Engine did not answer: %w", err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body.Close()
		return nil, fmt.Errorf("the Docker Engine answers %s to %s: its BuildKit cannot be reached; use Docker 18.09 or newer", resp.Status, path)
	}
	if !stop() {
		return nil, errors.New("interrupted while connecting")
	}
	return &upgraded{conn, r}, nil
}

// upgraded reads first what came with the answer.
type upgraded struct {
	net.Conn
	r *bufio.Reader
}

func (u *upgraded) Read(p []byte) (int, error) { return u.r.Read(p) }
