package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const secret = "hunter2-secret"

func credentials(asked *[]string) func(string) (string, string, string, error) {
	var mu sync.Mutex
	return func(host string) (string, string, string, error) {
		mu.Lock()
		defer mu.Unlock()
		*asked = append(*asked, host)
		return "me", secret, "", nil
	}
}

// tokened is a registry whose token server is at realm, or itself if that is
// empty. The token is good until revoked is called.
func tokened(t *testing.T, realm string) (f *fake, revoke func()) {
	var generation atomic.Int64
	f = start(t, true, func(w http.ResponseWriter, req *http.Request) {
		at := realm
		if at == "" {
			at = f.URL + "/token"
		}
		want := fmt.Sprintf("Bearer tok%d", generation.Load())
		switch {
		case req.URL.Path == "/token":
			fmt.Fprintf(w, `{"token":"tok%d"}`, generation.Load())
		case req.Header.Get("Authorization") != want:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="reg"`, at))
			refuse(w, 401, "UNAUTHORIZED", "log in")
		default:
			manifest(w, req)
		}
	})
	return f, func() { generation.Add(1) }
}

func TestTokens(t *testing.T) {
	f, revoke := tokened(t, "")
	var asked []string
	// One place in the lane: the token server is the same host.
	r, clock := resolver(t, f, Options{Credentials: credentials(&asked), Parallel: 1})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := r.Resolve(t.Context(), fmt.Sprintf("%s/app:%d", f.host(), i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.count("GET /v2/") != 1 || f.count("GET /token") != 1 || f.count("HEAD") != 20 {
		t.Errorf("requests %v", r.Requests())
	}
	if !slices.Equal(asked, []string{f.host()}) {
		t.Errorf("credentials asked for %v", asked)
	}
	for _, line := range f.authorizations() {
		if basic := strings.HasPrefix(line, "/token Basic "); !basic && !strings.Contains(line, "Bearer tok0") {
			t.Errorf("sent %s", line)
		}
	}
	// A token that has expired is renewed once.
	revoke()
	clock.now = clock.now.Add(time.Hour)
	for i := range 3 {
		if _, err := r.Resolve(t.Context(), fmt.Sprintf("%s/app:n%d", f.host(), i)); err != nil {
			t.Error(err)
		}
	}
	if f.count("GET /token") != 2 || f.count("HEAD") != 24 {
		t.Errorf("after expiry: requests %v", r.Requests())
	}
}

// TestLateChallenge: a registry that lets everybody ping may want a token for its images.
func TestLateChallenge(t *testing.T) {
	var f *fake
	f = serve(t, func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/token":
			_, _ = io.WriteString(w, `{"access_token":"late"}`)
			if got := req.URL.Query()["scope"]; !slices.Contains(got, "repository:app:pull") {
				t.Errorf("scopes %v", got)
			}
		case req.Header.Get("Authorization") != "Bearer late":
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+f.URL+`/token",scope="repository:other:pull"`)
			w.WriteHeader(401)
		default:
			manifest(w, req)
		}
	})
	r, _ := resolver(t, f, Options{})
	if _, err := r.Resolve(t.Context(), f.ref()); err != nil {
		t.Fatal(err)
	}
}

func basicOnly(w http.ResponseWriter, req *http.Request) {
	if user, password, _ := req.BasicAuth(); user != "me" || password != secret {
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(401)
		return
	}
	manifest(w, req)
}

func TestBasic(t *testing.T) {
	f := start(t, true, basicOnly)
	var asked []string
	r, _ := resolver(t, f, Options{Credentials: credentials(&asked)})
	if _, err := r.Resolve(t.Context(), f.ref()); err != nil {
		t.Error(err)
	}
	r, _ = resolver(t, f, Options{})
	_, err := r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrDenied, "no credentials were sent", "docker login "+f.host())
	r, _ = resolver(t, f, Options{Credentials: func(string) (string, string, string, error) { return "me", "wrong-" + secret, "", nil }})
	_, err = r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrDenied, "the credentials sent do not allow it")
	if strings.Contains(err.Error(), secret) {
		t.Errorf("a secret in %v", err)
	}
	r, _ = resolver(t, f, Options{Credentials: func(string) (string, string, string, error) { return "", "", "", errors.New("helper\x1b missing") }})
	_, err = r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrDenied, "cannot be read", "missing")
}

// TestUnasked: credentials stay here where nobody asks for them.
func TestUnasked(t *testing.T) {
	f := serve(t, manifest)
	var asked []string
	r, _ := resolver(t, f, Options{Credentials: credentials(&asked)})
	if _, err := r.Resolve(t.Context(), f.ref()); err != nil || len(asked) != 0 || len(f.authorizations()) != 0 {
		t.Errorf("%v, asked %v, sent %v", err, asked, f.authorizations())
	}
}

// TestIdentityToken is traded for a token, and not sent to where the token
// server would send us.
func TestIdentityToken(t *testing.T) {
	thief := start(t, true, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"token":"x"}`) })
	for _, honest := range []bool{true, false} {
		var f *fake
		f = start(t, true, func(w http.ResponseWriter, req *http.Request) {
			switch {
			case req.URL.Path == "/token" && honest:
				if req.Method != http.MethodPost || req.FormValue("refresh_token") != secret {
					t.Errorf("%s with %v", req.Method, req.Form)
				}
				_, _ = io.WriteString(w, `{"access_token":"good"}`)
			case req.URL.Path == "/token":
				http.Redirect(w, req, thief.URL+"/token", http.StatusTemporaryRedirect)
			case req.Header.Get("Authorization") != "Bearer good":
				w.Header().Set("WWW-Authenticate", `Bearer realm="`+f.URL+`/token"`)
				w.WriteHeader(401)
			default:
				manifest(w, req)
			}
		})
		r, _ := resolver(t, f, Options{Credentials: func(string) (string, string, string, error) { return "", "", secret, nil }})
		_, err := r.Resolve(t.Context(), f.ref())
		if honest && err != nil {
			t.Error(err)
		}
		if !honest {
			wantError(t, err, ErrNotAllowed, "sends us elsewhere")
		}
	}
	if len(thief.got()) != 0 {
		t.Errorf("the other host was asked %v", thief.got())
	}
}

func TestRealms(t *testing.T) {
	elsewhere := start(t, false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"token":"x"}`) })
	_, port, _ := net.SplitHostPort(elsewhere.host())
	for realm, kind := range map[string]error{
		"http://localhost:" + port + "/token": ErrNotAllowed,
		"http://" + elsewhere.host() + "/":    ErrNotAllowed,
		"https://169.254.169.254/token":       ErrNotAllowed,
		"ftp://example.com/":                  ErrNotAllowed,
		"/token":                              ErrBadAnswer,
		"%zz":                                 ErrBadAnswer,
	} {
		f, _ := tokened(t, realm)
		var asked []string
		r, _ := resolver(t, f, Options{Credentials: credentials(&asked)})
		_, err := r.Resolve(t.Context(), f.ref())
		wantError(t, err, kind, f.host(), "token server")
	}
	if len(elsewhere.got()) != 0 {
		t.Errorf("a token server over plain http was asked %v", elsewhere.got())
	}
	// The same rule for a registry on plain http: only itself.
	f := start(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://localhost:`+port+`/token"`)
		w.WriteHeader(401)
	})
	r, _ := resolver(t, f, Options{})
	_, err := r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrNotAllowed, "plain http")
}

// TestTokenServerElsewhere: over https it is asked, and it alone gets the password.
func TestTokenServerElsewhere(t *testing.T) {
	var status atomic.Int64
	status.Store(200)
	tokens := start(t, true, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		fmt.Fprintf(w, `{"token":"tok0","errors":[{"code":"DENIED","message":"wrong %s"}]}`, "password")
	})
	f, _ := tokened(t, "https://example.com/token")
	ask := func() error {
		var asked []string
		r, _ := resolver(t, f, Options{Credentials: credentials(&asked)})
		tr, err := r.transport(string(f.pem()), false)
		if err != nil {
			t.Fatal(err)
		}
		dial := tr.DialContext
		tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "example.com:443" {
				address = tokens.host()
			}
			return dial(ctx, network, address)
		}
		_, err = r.Resolve(t.Context(), f.ref())
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	for _, line := range f.authorizations() {
		if !strings.HasSuffix(line, "Bearer tok0") {
			t.Errorf("the registry got %s", line)
		}
	}
	if got := tokens.authorizations(); len(got) != 1 || !strings.HasPrefix(got[0], "/token Basic ") {
		t.Errorf("the token server got %v", got)
	}
	status.Store(401)
	wantError(t, ask(), ErrDenied, "the credentials sent do not allow it", `it says "wrong password"`)
	status.Store(429)
	wantError(t, ask(), ErrLimited, "example.com: limited our requests")
	status.Store(404)
	wantError(t, ask(), ErrBadAnswer, "token server answers with status 404")
}

// TestNoToken: what a token server sends in place of a token is not shown.
func TestNoToken(t *testing.T) {
	for _, body := range []string{`{"refresh_token":"` + secret + `"}`, secret, strings.Repeat(secret, 100_000)} {
		var f *fake
		f = start(t, true, func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == "/token" {
				_, _ = io.WriteString(w, body)
				return
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+f.URL+`/token"`)
			w.WriteHeader(401)
		})
		r, _ := resolver(t, f, Options{})
		_, err := r.Resolve(t.Context(), f.ref())
		e := wantError(t, err, ErrBadAnswer, "gives no token")
		if strings.Contains(fmt.Sprintf("%v %+v %v", err, *e, e.Err), secret) {
			t.Errorf("a secret in %v", err)
		}
	}
}
