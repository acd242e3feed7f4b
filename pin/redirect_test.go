package pin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// TestRedirectKeepsSecrets: another host is followed to and told nothing, even
// when it asks.
func TestRedirectKeepsSecrets(t *testing.T) {
	for _, asks := range []bool{false, true} {
		second := start(t, true, func(w http.ResponseWriter, req *http.Request) {
			if asks {
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(401)
				return
			}
			manifest(w, req)
		})
		f := start(t, true, func(w http.ResponseWriter, req *http.Request) {
			switch {
			case req.Header.Get("Authorization") == "":
				basicOnly(w, req)
			case req.URL.Path == "/v2/":
			default:
				http.Redirect(w, req, second.URL+"/blob", http.StatusTemporaryRedirect)
			}
		})
		var asked []string
		r, _ := resolver(t, f, Options{Credentials: credentials(&asked)})
		_, err := r.Resolve(t.Context(), f.ref())
		if asks {
			wantError(t, err, ErrDenied)
		} else if err != nil {
			t.Error(err)
		}
		if len(f.authorizations()) == 0 || len(second.got()) == 0 || len(second.authorizations()) != 0 {
			t.Errorf("first got %v, second was asked %v and got %v", f.authorizations(), second.got(), second.authorizations())
		}
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	second := start(t, false, manifest)
	_, f, _, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, second.URL+"/x", http.StatusFound)
	})
	wantError(t, err, ErrNotAllowed, f.host()+": it redirects from https to plain http")
	if len(second.got()) != 0 {
		t.Errorf("it was asked %v", second.got())
	}
}

func TestRedirectLoop(t *testing.T) {
	_, f, _, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, req.URL.Path, http.StatusFound)
	})
	wantError(t, err, ErrBadAnswer, "redirects more than 5 times")
	if n := f.count("HEAD"); n != maxRedirects+1 {
		t.Errorf("%d HEADs", n)
	}
}

// TestRedirectToPrivate: with PublicOnly no connection is made to an address
// that is not public, and none to a registry at one.
func TestRedirectToPrivate(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	r, _ := resolver(t, f, Options{PublicOnly: true})
	var seen []string
	r.public = only("127.0.0.1", &seen)
	_, err := r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrNotAllowed, "169.254.169.254 is not a public one")
	if !slices.Contains(seen, "169.254.169.254") {
		t.Errorf("the guard saw %v", seen)
	}
	r, _ = resolver(t, f, Options{PublicOnly: true})
	n := len(f.got())
	_, err = r.Resolve(t.Context(), f.ref())
	wantError(t, err, ErrNotAllowed, "127.0.0.1 is not a public one")
	// A name that leads to such an address is seen through.
	_, err = r.Resolve(t.Context(), strings.Replace(f.ref(), "127.0.0.1", "localhost", 1))
	wantError(t, err, ErrNotAllowed, "is not a public one")
	if len(f.got()) != n {
		t.Errorf("it was asked %v", f.got()[n:])
	}
}

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false,
		"198.18.0.1": false, "::1": false, "::": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:169.254.169.254": false, "::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s public: %t", address, got)
		}
	}
}
