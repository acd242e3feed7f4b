package pin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answers runs one reference against a registry that answers so.
func answers(t *testing.T, answer http.HandlerFunc) (Image, *fake, *nap, error) {
	t.Helper()
	f := serve(t, answer)
	r, clock := resolver(t, f, Options{})
	img, err := r.Resolve(t.Context(), f.ref())
	return img, f, clock, err
}

func TestRegistryDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	r := New(Options{})
	_, err = r.Resolve(t.Context(), host+"/app:1")
	wantError(t, err, ErrUnreachable, host+": connection refused")
	_, err = r.Resolve(t.Context(), host+"/app:2")
	wantError(t, err, ErrUnreachable)
	if n := r.Requests(); n["GET"] != 1 {
		t.Errorf("a registry that is down was asked %v", n)
	}
}

func TestNoSuchHost(t *testing.T) {
	r := New(Options{Timeout: 5 * time.Second})
	_, err := r.Resolve(t.Context(), "registry.invalid/app:1")
	wantError(t, err, ErrUnreachable, "registry.invalid: ", "DNS")
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		t.Errorf("the cause of %v is lost", err)
	}
}

func TestSelfSigned(t *testing.T) {
	f := serve(t, manifest)
	plain := func(ep Endpoint) Options {
		return Options{Endpoints: func(repository string) ([]Endpoint, error) {
			ep.Repository = repository
			return []Endpoint{ep}, nil
		}}
	}
	r, _ := resolver(t, f, plain(Endpoint{}))
	_, err := r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrUnreachable, "TLS: its certificate is signed by an unknown authority")
	r, _ = resolver(t, f, plain(Endpoint{SkipVerify: true}))
	if _, err = r.Resolve(t.Context(), f.ref()); err != nil {
		t.Error(err)
	}
	r, _ = resolver(t, f, plain(Endpoint{CAs: []byte("nothing")}))
	_, err = r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrUnreachable, "certificate authorities")
	open := start(t, false, manifest)
	r, _ = resolver(t, open, plain(Endpoint{}))
	_, err = r.Resolve(t.Context(), open.ref())
	wantError(t, err, ErrUnreachable, "plain http")
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		status        int
		code, message string
		kind          error
		words         []string
	}{
		{401, "UNAUTHORIZED", "who", ErrDenied, []string{"(401)", "no credentials were sent", "docker login 127.0.0.1"}},
		{403, "DENIED", "no", ErrDenied, []string{"(403)", "docker login"}},
		{404, "MANIFEST_UNKNOWN", "", ErrNotFound, []string{"there is no tag 1 in app (404)"}},
		{404, "NAME_UNKNOWN", "", ErrNotFound, []string{"there is no repository app (404)"}},
		{404, "", "", ErrNotFound, []string{"or no such repository"}},
		{400, "NAME_INVALID", "a\x1b[31mb\x00" + strings.Repeat("x", 5000), ErrBadAnswer, []string{"status 400", `\x1b[31m`, "…"}},
	} {
		t.Run(fmt.Sprint(test.status, test.code), func(t *testing.T) {
			_, f, _, err := answers(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, test.status, test.code, test.message) })
			e := wantError(t, err, test.kind, append(test.words, f.host())...)
			if e.Status != test.status || len(err.Error()) > 500 {
				t.Errorf("status %d, %d bytes of message", e.Status, len(err.Error()))
			}
		})
	}
}

func TestLimitedWithRetryAfter(t *testing.T) {
	var n atomic.Int64
	img, f, clock, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
		switch n.Add(1) {
		case 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(429)
		case 2:
			w.Header().Set("Retry-After", noon.Add(20*time.Second).Format(http.TimeFormat))
			w.WriteHeader(503)
		default:
			manifest(w, req)
		}
	})
	if err != nil || img.Digest != digestLike("", []byte(tinyManifest)) {
		t.Fatal(img, err)
	}
	if fmt.Sprint(clock.slept) != "[7s 13s]" || f.count("HEAD") != 3 {
		t.Errorf("slept %v, asked %v", clock.slept, f.got())
	}
}

func TestLimitedWithoutRetryAfter(t *testing.T) {
	_, f, clock, err := answers(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) })
	e := wantError(t, err, ErrLimited, f.host()+": limited our requests (429); log in, or try again later")
	if !e.Until.IsZero() || f.count("HEAD") != 4 || len(clock.slept) != 3 {
		t.Errorf("until %v, slept %v, asked %v", e.Until, clock.slept, f.got())
	}
	for i, d := range clock.slept {
		base := 500 * time.Millisecond << i
		if d < base || d > base+base/10 {
			t.Errorf("pause %d is %v", i, d)
		}
	}
}

// TestLimitedForLong: nobody waits an hour, and nobody else knocks meanwhile.
func TestLimitedForLong(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	r, clock := resolver(t, f, Options{})
	_, err := r.Resolve(t.Context(), f.ref())
	e := wantError(t, err, ErrLimited, "limited our requests (429) until 13:00:00; log in, or try again later")
	if !e.Until.Equal(noon.Add(time.Hour)) || e.Status != 429 {
		t.Errorf("error %+v", e)
	}
	_, err = r.Resolve(t.Context(), f.host()+"/app:2")
	wantError(t, err, ErrLimited)
	if f.count("HEAD") != 1 || len(clock.slept) != 0 {
		t.Errorf("slept %v, asked %v", clock.slept, f.got())
	}
}

func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "-1": 0, "soon": 0, "99999999999999999999": 0, "9999999999999": maxRetryAfter,
		noon.Add(-time.Hour).Format(http.TimeFormat): 0, noon.Add(time.Minute).Format(http.TimeFormat): time.Minute,
	} {
		if got := retryAfter(http.Header{"Retry-After": {in}}, noon); got != want {
			t.Errorf("%q is %v, want %v", in, got, want)
		}
	}
}

func TestServerErrors(t *testing.T) {
	var n atomic.Int64
	_, f, clock, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
		if n.Add(1) <= 3 {
			w.WriteHeader(500)
			return
		}
		manifest(w, req)
	})
	if err != nil || f.count("HEAD") != 4 || len(clock.slept) != 3 {
		t.Errorf("%v, slept %v, asked %v", err, clock.slept, f.got())
	}
	_, f, _, err = answers(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) })
	e := wantError(t, err, ErrUnreachable, "status 502, asked 4 times")
	if e.Status != 502 || f.count("HEAD") != 4 {
		t.Errorf("%+v, asked %v", e, f.got())
	}
}

// TestCutConnection: a connection that breaks before an answer is tried again.
func TestCutConnection(t *testing.T) {
	var n atomic.Int64
	_, _, clock, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
		if n.Add(1) <= 2 {
			panic(http.ErrAbortHandler)
		}
		manifest(w, req)
	})
	if err != nil || len(clock.slept) == 0 {
		t.Errorf("%v, slept %v", err, clock.slept)
	}
}

// TestSlow: a registry that accepts and never answers is given up on.
func TestSlow(t *testing.T) {
	for _, headers := range []bool{false, true} {
		f := serve(t, get(func(w http.ResponseWriter, req *http.Request) {
			if headers {
				w.WriteHeader(200)
				_ = http.NewResponseController(w).Flush()
			}
			<-req.Context().Done()
		}))
		r, _ := resolver(t, f, Options{Timeout: 100 * time.Millisecond})
		_, err := r.Resolve(t.Context(), f.ref())
		wantError(t, err, ErrUnreachable, "no answer within 100ms")
	}
}

// TestCancel: an ended context ends a request and a pause at once.
func TestCancel(t *testing.T) {
	arrived := make(chan struct{}, 10)
	for name, answer := range map[string]http.HandlerFunc{
		"request": func(_ http.ResponseWriter, req *http.Request) {
			arrived <- struct{}{}
			<-req.Context().Done()
		},
		"pause": func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			w.Header().Set("Retry-After", "50")
			w.WriteHeader(429)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, answer)
			r, _ := resolver(t, f, Options{Sleep: realSleep, Now: time.Now})
			ctx, end := context.WithCancel(t.Context())
			go func() {
				<-arrived
				end()
			}()
			begin := time.Now()
			_, err := r.Resolve(ctx, f.ref())
			if !errors.Is(err, context.Canceled) || time.Since(begin) > 3*time.Second {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		})
	}
}

// TestNotHTTP: what cannot be read as an answer is not shown raw.
func TestNotHTTP(t *testing.T) {
	_, _, _, err := answers(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Odd", "a\x01b") })
	wantError(t, err, ErrBadAnswer, "not HTTP")
}
