package build

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	controlapi "github.com/moby/buildkit/api/services/control"
	apitypes "github.com/moby/buildkit/api/types"
	"github.com/moby/buildkit/solver/pb"
	"google.golang.org/grpc"
)

// fakeBuildKit answers what a connection asks first.
type fakeBuildKit struct {
	controlapi.UnimplementedControlServer
	version string
}

func (f fakeBuildKit) ListWorkers(context.Context, *controlapi.ListWorkersRequest) (*controlapi.ListWorkersResponse, error) {
	return &controlapi.ListWorkersResponse{Record: []*apitypes.WorkerRecord{{
		ID: "w", Labels: map[string]string{"org.mobyproject.buildkit.worker.network": "host"},
		Platforms: []*pb.Platform{{OS: "linux", Architecture: "riscv64"}},
	}}}, nil
}

func (f fakeBuildKit) Info(context.Context, *controlapi.InfoRequest) (*controlapi.InfoResponse, error) {
	return &controlapi.InfoResponse{BuildkitVersion: &apitypes.BuildkitVersion{Version: f.version}}, nil
}

func serveBuildKit(t *testing.T, l net.Listener, version string) {
	t.Helper()
	s := grpc.NewServer()
	controlapi.RegisterControlServer(s, fakeBuildKit{version: version})
	go s.Serve(l)
	t.Cleanup(s.Stop)
}

func socket(t *testing.T, name string) (net.Listener, string) {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	l, err := net.Listen("unix", p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, "unix://" + p
}

// queue is a listener of connections that came another way.
type queue struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}
func (q *queue) Close() error   { q.once.Do(func() { close(q.closed) }); return nil }
func (q *queue) Addr() net.Addr { return &net.UnixAddr{} }

// serveEngine is a Docker Engine whose API hands over connections to BuildKit.
func serveEngine(t *testing.T, l net.Listener, status int) {
	t.Helper()
	q := &queue{conns: make(chan net.Conn, 8), closed: make(chan struct{})}
	serveBuildKit(t, q, "v0.12.0")
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status != http.StatusSwitchingProtocols || r.URL.Path != "/grpc" || r.Header.Get("Upgrade") != "h2c" {
			http.Error(w, "no", status)
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		rw.WriteString("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
		rw.Flush()
		q.conns <- &upgraded{conn, bufio.NewReader(rw)}
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
}

func environment(kv map[string]string) func(string) string {
	return func(name string) string { return kv[name] }
}

// TestConnectOrder: what is given goes before what is found, BuildKit's socket
// before the Engine's.
func TestConnectOrder(t *testing.T) {
	l, given := socket(t, "given.sock")
	serveBuildKit(t, l, "v1-given")
	l, host := socket(t, "host.sock")
	serveBuildKit(t, l, "v2-host")
	l, usual := socket(t, "buildkitd.sock")
	serveBuildKit(t, l, "v3-usual")
	l, engine := socket(t, "docker.sock")
	serveEngine(t, l, http.StatusSwitchingProtocols)
	nowhere := "unix://" + filepath.Join(t.TempDir(), "none.sock")

	tests := []struct {
		name string
		e    Endpoint
		want string
	}{
		{"flag", Endpoint{Address: given, Env: environment(map[string]string{"BUILDKIT_HOST": host}), Sockets: []string{usual, engine}}, "v1-given"},
		{"BUILDKIT_HOST", Endpoint{Env: environment(map[string]string{"BUILDKIT_HOST": host, "DOCKER_HOST": engine}), Sockets: []string{usual}}, "v2-host"},
		{"DOCKER_HOST", Endpoint{Env: environment(map[string]string{"DOCKER_HOST": engine}), Sockets: []string{usual}}, "v0.12.0"},
		{"usual", Endpoint{Env: environment(nil), Sockets: []string{usual, engine}}, "v3-usual"},
		{"engine", Endpoint{Env: environment(nil), Sockets: []string{nowhere, engine}}, "v0.12.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := Connect(t.Context(), tt.e)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if conn.Version != tt.want || conn.Engine != (tt.want == "v0.12.0") || !conn.hostNet || !conn.local || conn.platform != "linux/riscv64" {
				t.Errorf("%+v", conn)
			}
		})
	}
}

func TestConnectNowhere(t *testing.T) {
	nowhere := "unix://" + filepath.Join(t.TempDir(), "docker.sock")
	l, refusing := socket(t, "docker.sock")
	serveEngine(t, l, http.StatusNotFound)
	_, err := Connect(t.Context(), Endpoint{Env: environment(nil), Sockets: []string{nowhere, refusing}})
	var none *NotFoundError
	if !errors.As(err, &none) {
		t.Fatalf("error %v", err)
	}
	for _, part := range []string{
		"BUILDKIT_HOST: not set", "DOCKER_HOST: not set", nowhere + ": no such file", refusing + ": the Docker Engine answers 404",
		"docker run -d --name buildkitd", "export BUILDKIT_HOST=docker-container://buildkitd",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the message lacks %q:\n%v", part, err)
		}
	}
}

// TestConnectGivenOnly: an address that somebody gave is the only one tried.
func TestConnectGivenOnly(t *testing.T) {
	l, usual := socket(t, "buildkitd.sock")
	serveBuildKit(t, l, "v3")
	dead := "unix://" + filepath.Join(t.TempDir(), "dead.sock")
	for name, tt := range map[string]struct {
		e    Endpoint
		want string
	}{
		"flag":          {Endpoint{Address: dead, Env: environment(nil)}, "dead.sock: BuildKit does not answer: dial unix"},
		"BUILDKIT_HOST": {Endpoint{Env: environment(map[string]string{"BUILDKIT_HOST": dead})}, "BUILDKIT_HOST=" + dead},
		"DOCKER_HOST":   {Endpoint{Env: environment(map[string]string{"DOCKER_HOST": dead})}, "DOCKER_HOST=" + dead},
		"no address":    {Endpoint{Address: "buildkitd", Env: environment(nil)}, "this is no address"},
		"ssh engine":    {Endpoint{Env: environment(map[string]string{"DOCKER_HOST": "ssh://host"})}, "ssh:// cannot be reached from here"},
		"certificates":  {Endpoint{Address: "tcp://127.0.0.1:1", TLS: TLS{CA: "/none/ca.pem"}, Env: environment(nil)}, "ca certificate"},
		"engine's certificates": {Endpoint{Env: environment(map[string]string{
			"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/none",
		})}, "DOCKER_TLS_VERIFY is set"},
	} {
		tt.e.Sockets = []string{usual}
		conn, err := Connect(t.Context(), tt.e)
		if err == nil {
			conn.Close()
			t.Errorf("%s: it connected to %s", name, conn.Address)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v lacks %q", name, err, tt.want)
		}
	}
}

func TestUsualSockets(t *testing.T) {
	got := Endpoint{Env: environment(map[string]string{"XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/h"})}.sockets()
	for _, want := range []string{"unix:///run/user/1/buildkit/buildkitd.sock", "unix:///var/run/docker.sock", "unix:///h/.docker/run/docker.sock"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %q", want, got)
		}
	}
}
