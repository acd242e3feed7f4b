package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

var quiet = log.New(io.Discard, "", 0)

// TestGoodRegistry: a whole registry, asked as one by plain http on loopback.
func TestGoodRegistry(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(quiet)))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	img, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(host + "/team/app:3.11")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, img); err != nil {
		t.Fatal(err)
	}
	want, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	r := New(Options{})
	got, err := r.Resolve(t.Context(), tag.String())
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.String() || got.MediaType != dockerManifest || got.From != "registry" || got.When.IsZero() {
		t.Errorf("got %+v, want digest %s", got, want)
	}
	if n := r.Requests(); n["HEAD"] != 1 || n["GET"] != 1 {
		t.Errorf("requests %v, want a ping and a HEAD", n)
	}
	_, err = r.Resolve(t.Context(), host+"/team/app:9")
	wantError(t, err, ErrNotFound, "tag 9 in team/app", "404")
	_, err = r.Resolve(t.Context(), host+"/none:9")
	wantError(t, err, ErrNotFound, "no repository none")
}

// TestOneHead: however many ask at once, the registry is asked once.
func TestOneHead(t *testing.T) {
	f := serve(t, manifest)
	r, _ := resolver(t, f, Options{})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := r.Resolve(t.Context(), f.ref()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := f.got(); !slices.Equal(got, []string{"GET /v2/", "HEAD /v2/app/manifests/1"}) {
		t.Errorf("asked %v", got)
	}
}

// TestErrorsAreRemembered, but not those of a context.
func TestErrorsAreRemembered(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, "MANIFEST_UNKNOWN", "no") })
	r, _ := resolver(t, f, Options{})
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := r.Resolve(ended, f.ref()); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended context: %v", err)
	}
	if len(f.got()) != 0 {
		t.Errorf("an ended context asked %v", f.got())
	}
	for range 3 {
		_, err := r.Resolve(t.Context(), f.ref())
		if e := wantError(t, err, ErrNotFound); e.Ref != f.ref() || e.Host != f.host() || e.Status != 404 {
			t.Errorf("error %+v", e)
		}
	}
	if n := f.count("HEAD"); n != 1 {
		t.Errorf("%d HEADs", n)
	}
}

// TestWaitersOutliveTheFirst: when who asked gives up, another one asks.
func TestWaitersOutliveTheFirst(t *testing.T) {
	arrived := make(chan struct{}, 2)
	release := make(chan struct{})
	f := serve(t, func(w http.ResponseWriter, req *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
			manifest(w, req)
		case <-req.Context().Done():
		}
	})
	r, _ := resolver(t, f, Options{})
	firstCtx, giveUp := context.WithCancel(t.Context())
	firstDone := make(chan error)
	go func() {
		_, err := r.Resolve(firstCtx, f.ref())
		firstDone <- err
	}()
	<-arrived
	second := make(chan error)
	go func() {
		_, err := r.Resolve(t.Context(), f.ref())
		second <- err
	}()
	begin := time.Now()
	giveUp()
	if err := <-firstDone; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("it took %v to give up", d)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("second: %v", err)
	}
}

// TestParallel: no more requests are under way at one host than set.
func TestParallel(t *testing.T) {
	var now, most atomic.Int64
	f := serve(t, func(w http.ResponseWriter, req *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(3 * time.Millisecond)
		manifest(w, req)
	})
	r, _ := resolver(t, f, Options{Parallel: 3})
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if _, err := r.Resolve(t.Context(), fmt.Sprintf("%s/app:%d", f.host(), i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 3 {
		t.Errorf("up to %d at once, want 3", most.Load())
	}
}

func TestAllow(t *testing.T) {
	f := serve(t, manifest)
	r, _ := resolver(t, f, Options{Allow: []string{"docker.io", "*.example.com"}})
	_, err := r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrNotAllowed, "not among the registries")
	if len(f.got()) != 0 {
		t.Errorf("asked %v", f.got())
	}
	for host, want := range map[string]bool{
		"docker.io": true, "a.example.com": true, "a.b.example.com": true, "A.Example.COM": true,
		"example.com": false, "badexample.com": false, "docker.io:22": false, "ghcr.io": false,
	} {
		if got := r.allowed(host); got != want {
			t.Errorf("%s allowed: %t", host, got)
		}
	}
	r, _ = resolver(t, f, Options{Allow: []string{f.host()}})
	if _, err := r.Resolve(t.Context(), f.ref()); err != nil {
		t.Error(err)
	}
}

func TestBadReference(t *testing.T) {
	r := New(Options{})
	for _, ref := range []string{"", "UPPER/Case:1", "a:b:c", "x\x1b[31m:1", "a@sha256:0"} {
		_, err := r.Resolve(t.Context(), ref)
		wantError(t, err, ErrReference, "is not an image reference")
	}
}

// TestMirrors: the next place is asked whatever the one before has; the
// registry's own word decides what kind of error it is.
func TestMirrors(t *testing.T) {
	mirror := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, "NAME_UNKNOWN", "no") })
	var own http.HandlerFunc = manifest
	f := serve(t, func(w http.ResponseWriter, req *http.Request) { own(w, req) })
	opt := Options{Endpoints: func(string) ([]Endpoint, error) {
		return []Endpoint{
			{Repository: mirror.host() + "/hub/library/python", CAs: mirror.pem(), Mirror: true},
			{Repository: f.host() + "/library/python", CAs: f.pem()},
		}, nil
	}}
	r, _ := resolver(t, f, opt)
	if _, err := r.Resolve(t.Context(), "python:3"); err != nil {
		t.Error(err)
	}
	if mirror.count("HEAD /v2/hub/library/python/manifests/3") != 1 || f.count("HEAD /v2/library/python/manifests/3") != 1 {
		t.Errorf("mirror %v, registry %v", mirror.got(), f.got())
	}
	own = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }
	r, _ = resolver(t, f, opt)
	_, err := r.Resolve(t.Context(), "python:3")
	wantError(t, err, ErrDenied, "no repository hub/library/python (404); ", f.host()+": access denied (403)")
	if errors.Is(err, ErrNotFound) {
		t.Error("what a mirror lacks is taken for the registry's word")
	}
}

// TestHubName: users and endpoints say docker.io, and so do errors.
func TestHubName(t *testing.T) {
	r := New(Options{Allow: []string{"ghcr.io"}})
	_, err := r.Resolve(t.Context(), "docker.io/python:3")
	if e := wantError(t, err, ErrNotAllowed); e.Host != "docker.io" {
		t.Errorf("host %q", e.Host)
	}
	asked := ""
	r = New(Options{Endpoints: func(repository string) ([]Endpoint, error) {
		asked = repository
		return nil, errors.New("none set")
	}})
	_, err = r.Resolve(t.Context(), "python:3")
	wantError(t, err, ErrNotAllowed, "none set")
	if asked != "docker.io/library/python" {
		t.Errorf("asked for %q", asked)
	}
	s, path, err := r.reach(Endpoint{Repository: "docker.io/library/python"})
	if err != nil || s.url(path).String() != "https://index.docker.io/v2/library/python" || s.label != "docker.io" {
		t.Errorf("reach: %v %q %v", s.url(path), s.label, err)
	}
}
