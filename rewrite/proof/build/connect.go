package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/appdefaults"

	// The schemes of addresses that are reached through another program.
	_ "github.com/moby/buildkit/client/connhelper/dockercontainer"
	_ "github.com/moby/buildkit/client/connhelper/kubepod"
	_ "github.com/moby/buildkit/client/connhelper/nerdctlcontainer"
	_ "github.com/moby/buildkit/client/connhelper/podmancontainer"
	_ "github.com/moby/buildkit/client/connhelper/ssh"
)

// Endpoint says where BuildKit is to be found. The zero value looks where the
// environment says, then where BuildKit and Docker usually listen.
type Endpoint struct {
	Address string // unix://, tcp://, docker-container://… ; "" to look for one
	TLS     TLS    // for tcp://
	// Env reads the environment; nil is os.Getenv.
	Env func(string) string
	// Sockets are the usual places, looked at last; nil is BuildKit's own socket
	// and the Docker Engine's.
	Sockets []string
}

// TLS names the files of a TLS connection, as buildctl's --tls… flags do.
// Where a field is empty, BUILDKIT_TLS_CACERT, _CERT, _KEY and _SERVERNAME are
// looked at.
type TLS struct{ CA, Cert, Key, ServerName string }

// Conn is a connection to a BuildKit that answered.
type Conn struct {
	Address string // as a person would write it
	Version string // "" where BuildKit is too old to say
	Engine  bool   // the one inside a Docker Engine

	client   *client.Client
	hostNet  bool // its containers share the network of its host
	local    bool // it listens on this machine
	platform string

	mu     sync.Mutex
	layers layerCache // of earlier verifications: bases are the same again and again
}

// maxCached bounds the files of the layers that a connection remembers.
const maxCached = 500_000

// known are the layers that are known by now, and remember adds to them.
func (c *Conn) known() layerCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := layerCache{}
	maps.Copy(out, c.layers)
	return out
}

func (c *Conn) remember(layers layerCache) {
	files := 0
	for _, l := range layers {
		files += len(l.entries)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.layers = layers; files > maxCached {
		c.layers = nil
	}
}

// Close ends the connection.
func (c *Conn) Close() error { return c.client.Close() }

// NotFoundError says that no BuildKit was found.
type NotFoundError struct {
	Tried []string // what was looked at, and why it would not do
}

func (e *NotFoundError) Error() string {
	return "no BuildKit to build with. Tried:\n  " + strings.Join(e.Tried, "\n  ") + `
Start one and name it, for instance:
  docker run -d --name buildkitd --privileged moby/buildkit:latest
  export BUILDKIT_HOST=docker-container://buildkitd
or start a Docker Engine of version 23 or newer, or buildkitd itself (BUILDKIT_HOST=unix:///run/buildkit/buildkitd.sock)`
}

// answerWithin bounds how long an address may take to answer.
const answerWithin = 20 * time.Second

// Connect reaches BuildKit: at the address of e, else at BUILDKIT_HOST, else at
// BuildKit's usual socket, else inside the Docker Engine that DOCKER_HOST names
// or that listens at its usual socket. An address that somebody gave and that
// does not answer is an error; nothing else is tried in its place.
func Connect(ctx context.Context, e Endpoint) (*Conn, error) {
	if e.Env == nil {
		e.Env = os.Getenv
	}
	given, source := e.Address, "the address "
	if given == "" {
		given, source = e.Env("BUILDKIT_HOST"), "BUILDKIT_HOST="
	}
	if given != "" {
		conn, err := e.buildkit(ctx, given)
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", source, given, err)
		}
		return conn, nil
	}
	tried := []string{"BUILDKIT_HOST: not set"}
	if host := e.Env("DOCKER_HOST"); host != "" {
		conn, err := dialEngine(ctx, host, e.Env)
		if err != nil {
			return nil, fmt.Errorf("DOCKER_HOST=%s: %w", host, err)
		}
		return conn, nil
	}
	tried = append(tried, "DOCKER_HOST: not set")
	for _, socket := range e.sockets() {
		path := strings.TrimPrefix(socket, "unix://")
		if _, err := os.Stat(path); err != nil {
			tried = append(tried, socket+": "+shortErr(err))
			continue
		}
		dial := e.buildkit
		if strings.HasSuffix(path, "docker.sock") {
			dial = func(ctx context.Context, a string) (*Conn, error) { return dialEngine(ctx, a, e.Env) }
		}
		conn, err := dial(ctx, socket)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		tried = append(tried, fmt.Sprintf("%s: %v", socket, err))
	}
	return nil, &NotFoundError{tried}
}

func (e Endpoint) sockets() []string {
	if e.Sockets != nil {
		return e.Sockets
	}
	out := []string{appdefaults.Address}
	if dir := e.Env("XDG_RUNTIME_DIR"); dir != "" { // rootless daemons
		out = append(out, "unix://"+dir+"/buildkit/buildkitd.sock")
	}
	out = append(out, "unix:///var/run/docker.sock")
	if dir := e.Env("XDG_RUNTIME_DIR"); dir != "" {
		out = append(out, "unix://"+dir+"/docker.sock")
	}
	if home := e.Env("HOME"); home != "" { // Docker Desktop
		out = append(out, "unix://"+home+"/.docker/run/docker.sock")
	}
	return out
}

// buildkit connects to a BuildKit daemon's own address.
func (e Endpoint) buildkit(ctx context.Context, address string) (*Conn, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return nil, errors.New("this is no address; one looks like unix:///run/buildkit/buildkitd.sock, tcp://host:1234 or docker-container://name")
	}
	var opts []client.ClientOpt
	if tls := e.tls(); tls != (TLS{}) && u.Scheme == "tcp" {
		if tls.Cert != "" || tls.Key != "" {
			opts = append(opts, client.WithCredentials(tls.Cert, tls.Key))
		}
		name := tls.ServerName
		if name == "" {
			name = u.Hostname()
		}
		if tls.CA != "" {
			opts = append(opts, client.WithServerConfig(name, tls.CA))
		} else {
			opts = append(opts, client.WithServerConfigSystem(name))
		}
	}
	c, err := client.New(ctx, address, opts...)
	if err != nil {
		return nil, err
	}
	conn := &Conn{Address: address, client: c, local: u.Scheme == "unix"}
	return conn.ready(ctx)
}

func (e Endpoint) tls() TLS {
	or := func(v, name string) string {
		if v == "" {
			return e.Env(name)
		}
		return v
	}
	return TLS{
		CA: or(e.TLS.CA, "BUILDKIT_TLS_CACERT"), Cert: or(e.TLS.Cert, "BUILDKIT_TLS_CERT"),
		Key: or(e.TLS.Key, "BUILDKIT_TLS_KEY"), ServerName: or(e.TLS.ServerName, "BUILDKIT_TLS_SERVERNAME"),
	}
}

// ready asks what answers there, and closes the connection where nothing does.
func (c *Conn) ready(ctx context.Context) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	workers, err := c.client.ListWorkers(ctx)
	if err == nil && len(workers) == 0 {
		err = errors.New("it has no worker to build with")
	}
	if err != nil {
		c.client.Close()
		return nil, fmt.Errorf("BuildKit does not answer: %s", shortErr(err))
	}
	w := workers[0]
	c.hostNet = w.Labels["org.mobyproject.buildkit.worker.network"] == "host"
	if len(w.Platforms) > 0 {
		c.platform = w.Platforms[0].OS + "/" + w.Platforms[0].Architecture
	}
	// Builds from modules say 0.0.0+unknown, which says nothing.
	if info, err := c.client.Info(ctx); err == nil && !strings.HasPrefix(info.BuildkitVersion.Version, "v0.0.0") {
		c.Version = info.BuildkitVersion.Version
	}
	return c, nil
}

// shortErr cuts what libraries put before the part that tells people something.
func shortErr(err error) string {
	s := err.Error()
	for _, front := range []string{"rpc error: code = Unavailable desc = ", "connection error: desc = ", "failed to list workers: ", "transport: ", "Error while dialing: "} {
		if i := strings.LastIndex(s, front); i >= 0 {
			s = s[i+len(front):]
		}
	}
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return strings.Trim(s, `"`)
}
