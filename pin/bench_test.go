package pin

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkResolve200: a thousand questions about 200 references, to a registry
// that takes 50 ms for each. x-ideal is how many times longer it takes than four
// requests at once without a pause; warm is the same from the cache.
func BenchmarkResolve200(b *testing.B) {
	const (
		asks, refs = 1000, 200
		each       = 50 * time.Millisecond
		parallel   = 4
	)
	var heads atomic.Int64
	f := start(b, false, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/v2/" {
			return
		}
		if req.Method == http.MethodHead {
			heads.Add(1)
		}
		time.Sleep(each)
		manifest(w, req)
	})
	all := func(cache *Cache) map[string]int {
		r := New(Options{Parallel: parallel, Cache: cache})
		var wg sync.WaitGroup
		for i := range asks {
			wg.Go(func() {
				if _, err := r.Resolve(b.Context(), fmt.Sprintf("%s/team/app%d:1.%d", f.host(), i%refs%10, i%refs)); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		return r.Requests()
	}
	warm := &Cache{Dir: b.TempDir()}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			heads.Store(0)
			warm.Dir = b.TempDir()
			if n := all(warm); heads.Load() != refs || n[http.MethodHead] != refs {
				b.Fatalf("%d HEADs arrived, requests %v, want %d", heads.Load(), n, refs)
			}
		}
		ideal := refs / parallel * each
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(ideal), "x-ideal")
	})
	b.Run("warm", func(b *testing.B) {
		warm.Dir = b.TempDir()
		all(warm)
		for b.Loop() {
			if n := all(warm); len(n) != 0 {
				b.Fatalf("requests %v with a full cache", n)
			}
		}
	})
}
