package pin

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const tinyManifest = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[]}`

// fake is a registry over https whose answers a test sets.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

// serve starts a registry; the ping is answered before answer sees a request.
func serve(t testing.TB, answer http.HandlerFunc) *fake {
	t.Helper()
	return start(t, true, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/v2/" {
			return
		}
		answer(w, req)
	})
}

func start(t testing.TB, secure bool, answer http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, req.Clone(context.Background()))
		f.mu.Unlock()
		answer(w, req)
	}))
	// What clients do wrong is seen by the clients here.
	f.Config.ErrorLog = quiet
	if secure {
		f.StartTLS()
	} else {
		f.Start()
	}
	t.Cleanup(f.Close)
	return f
}

func (f *fake) host() string {
	return strings.TrimPrefix(strings.TrimPrefix(f.URL, "https://"), "http://")
}

func (f *fake) ref() string { return f.host() + "/app:1" }

// got lists what was asked, as in "HEAD /v2/app/manifests/1".
func (f *fake) got() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, req := range f.asked {
		all = append(all, req.Method+" "+req.URL.Path)
	}
	return all
}

// count is how many of the requests begin so.
func (f *fake) count(prefix string) int {
	n := 0
	for _, line := range f.got() {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

// authorizations lists the header of each request, empty ones left out.
func (f *fake) authorizations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, req := range f.asked {
		if a := req.Header.Get("Authorization"); a != "" {
			all = append(all, req.URL.Path+" "+a)
		}
	}
	return all
}

func (f *fake) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
}

// nap is a clock that sleeping moves.
type nap struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (n *nap) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *nap) Sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slept = append(n.slept, d)
	n.now = n.now.Add(d)
	return ctx.Err()
}

// resolver trusts the certificate that all test servers share, and sleeps in no time.
func resolver(t testing.TB, f *fake, opt Options) (*Resolver, *nap) {
	t.Helper()
	clock := &nap{now: noon}
	if opt.Sleep == nil {
		opt.Sleep = clock.Sleep
	}
	if opt.Now == nil {
		opt.Now = clock.Now
	}
	if opt.Endpoints == nil {
		opt.Endpoints = func(repository string) ([]Endpoint, error) {
			e := Endpoint{Repository: repository, PlainHTTP: f.TLS == nil}
			if f.TLS != nil {
				e.CAs = f.pem()
			}
			return []Endpoint{e}, nil
		}
	}
	r := New(opt)
	t.Cleanup(func() {
		for _, tr := range r.transports {
			tr.CloseIdleConnections()
		}
	})
	return r, clock
}

// only lets the test servers count as public.
func only(allowed string, seen *[]string) func(netip.Addr) bool {
	var mu sync.Mutex
	return func(a netip.Addr) bool {
		mu.Lock()
		defer mu.Unlock()
		*seen = append(*seen, a.String())
		return a.String() == allowed
	}
}

// manifest answers with a manifest, as a good registry does.
func manifest(w http.ResponseWriter, req *http.Request) {
	sendManifest(w, req, tinyManifest, ociManifest)
}

func sendManifest(w http.ResponseWriter, req *http.Request, text, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Docker-Content-Digest", digestLike("", []byte(text)))
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	if req.Method != http.MethodHead {
		_, _ = io.WriteString(w, text)
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

// wantError checks the kind and the words, and that nothing unprintable is in them.
func wantError(t *testing.T, err, kind error, words ...string) *Error {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error is %v, want the kind %v", err, kind)
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is a %T", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q lacks %q", err, w)
		}
	}
	for _, r := range err.Error() {
		if r < ' ' || r == 0x7f {
			t.Errorf("error %q has a control character", err)
		}
	}
	return e
}
