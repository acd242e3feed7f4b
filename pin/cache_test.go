package pin

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cached resolves the same reference with a new Resolver.
func cached(t *testing.T, f *fake, opt Options) (Image, map[string]int, error) {
	t.Helper()
	r, _ := resolver(t, f, opt)
	img, err := r.Resolve(t.Context(), f.ref())
	return img, r.Requests(), err
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func TestCache(t *testing.T) {
	f := serve(t, manifest)
	cache := &Cache{Dir: filepath.Join(t.TempDir(), "a", "b")}
	first, _, err := cached(t, f, Options{Cache: cache})
	if err != nil || first.From != "registry" {
		t.Fatal(first, err)
	}
	second, n, err := cached(t, f, Options{Cache: cache})
	if err != nil || len(n) != 0 || second.From != "cache" || second.Digest != first.Digest || !second.When.Equal(noon) {
		t.Errorf("%+v %v, requests %v", second, err, n)
	}
	for _, test := range []struct {
		name  string
		opt   Options
		asked bool
	}{
		{"young", Options{Now: at(noon.Add(time.Hour - 1))}, false},
		{"old", Options{Now: at(noon.Add(time.Hour))}, true},
		{"from the future", Options{Now: at(noon.Add(-time.Second))}, true},
		{"old, offline", Options{Now: at(noon.Add(1e6 * time.Hour)), Offline: true}, false},
		{"short time", Options{Cache: &Cache{Dir: cache.Dir, TTL: time.Nanosecond}, Now: at(noon.Add(2))}, true},
	} {
		// Each starts from the entry of the first.
		cache.store(entry{Ref: f.ref(), Digest: first.Digest, MediaType: first.MediaType, When: noon})
		if test.opt.Cache == nil {
			test.opt.Cache = cache
		}
		_, n, err := cached(t, f, test.opt)
		if err != nil || (len(n) > 0) != test.asked {
			t.Errorf("%s: %v, requests %v", test.name, err, n)
		}
	}
}

func TestOffline(t *testing.T) {
	f := serve(t, manifest)
	for _, cache := range []*Cache{nil, {Dir: t.TempDir()}, {}} {
		_, n, err := cached(t, f, Options{Offline: true, Cache: cache})
		wantError(t, err, ErrOffline, f.ref()+" is not in the cache")
		if len(n) != 0 {
			t.Errorf("requests %v", n)
		}
	}
	r, _ := resolver(t, f, Options{Offline: true})
	_, err := r.MostSpecific(t.Context(), f.ref(), "sha256:0")
	wantError(t, err, ErrOffline)
	_, err = r.Inspect(t.Context(), f.host()+"/app@"+digestLike("", nil))
	wantError(t, err, ErrOffline)
}

// TestSpoiltCache: what is not a good entry is passed over and replaced.
func TestSpoiltCache(t *testing.T) {
	f := serve(t, manifest)
	cache := &Cache{Dir: t.TempDir()}
	path := cache.path(f.ref())
	good := digestLike("", []byte(tinyManifest))
	text := func(ref, digest, kind string) string {
		return `{"ref":"` + ref + `","digest":"` + digest + `","mediaType":"` + kind + `","when":"2026-03-01T12:00:00Z"}`
	}
	for name, spoil := range map[string]func() error{
		"empty":        func() error { return os.WriteFile(path, nil, 0o600) },
		"cut":          func() error { return os.WriteFile(path, []byte(text(f.ref(), good, ociManifest)[:80]), 0o600) },
		"another ref":  func() error { return os.WriteFile(path, []byte(text("other:1", good, ociManifest)), 0o600) },
		"no digest":    func() error { return os.WriteFile(path, []byte(text(f.ref(), "../../x", ociManifest)), 0o600) },
		"another type": func() error { return os.WriteFile(path, []byte(text(f.ref(), good, "text/x")), 0o600) },
		"huge":         func() error { return os.WriteFile(path, []byte(strings.Repeat(" ", maxBody+1)), 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		img, n, err := cached(t, f, Options{Cache: cache})
		if err != nil || img.Digest != good || n[http.MethodHead] != 1 {
			t.Errorf("%s: %+v %v, requests %v", name, img, err, n)
		}
		if _, n, err = cached(t, f, Options{Cache: cache}); err != nil || len(n) != 0 {
			t.Errorf("%s: not replaced: %v, requests %v", name, err, n)
		}
	}
	// A folder there, or a cache that is a file, only costs the request.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Cache{cache, {Dir: file}} {
		if _, _, err := cached(t, f, Options{Cache: c}); err != nil {
			t.Error(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(cache.Dir, ".new-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestSharedCache: readers never see half an entry.
func TestSharedCache(t *testing.T) {
	cache := &Cache{Dir: t.TempDir()}
	e := entry{Ref: "a:1", Digest: digestLike("", nil), MediaType: ociIndex, When: noon}
	cache.store(e)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				cache.store(e)
				if _, ok := cache.load("a:1", noon, false); !ok {
					t.Error("an entry went missing")
				}
			}
		})
	}
	wg.Wait()
}

func TestDefaultCacheDir(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/caches")
	if dir, err := DefaultCacheDir(); err != nil || dir != "/caches/restow/digests" {
		t.Errorf("%q %v", dir, err)
	}
}
