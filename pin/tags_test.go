package pin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// tagged is a registry with these tags; those in same have the digest of
// tinyManifest, the others one of their own.
func tagged(t *testing.T, tags, same []string) *fake {
	return serve(t, func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/tags/list") {
			_ = json.NewEncoder(w).Encode(map[string]any{"name": "app", "tags": tags})
			return
		}
		tag := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
		if slices.Contains(same, tag) {
			manifest(w, req)
			return
		}
		sendManifest(w, req, strings.Replace(tinyManifest, "[]", `["`+tag+`"]`, 1), ociManifest)
	})
}

func TestMostSpecific(t *testing.T) {
	words := func(s string) []string { return strings.Fields(s) }
	many := words("latest 3 2")
	for minor := range 30 {
		for patch := range 10 {
			v := fmt.Sprintf("3.%d.%d", minor, patch)
			many = append(many, v, v+"-slim", v+"-alpine", v+"-alpine3.20", v+"-windowsservercore", v+"-bookworm", v+"-slim-bookworm", v+"-amd64")
		}
		many = append(many, fmt.Sprintf("3.%d", minor))
	}
	for _, test := range []struct {
		name       string
		tags, same []string
		want       string
	}{
		{"suffix", words("latest 3 3.13 3.13.2 3.13.2-bookworm 3.13.2-slim 3.12.9 3.14.0rc1"), words("latest 3 3.13 3.13.2 3.13.2-bookworm"), "3.13.2-bookworm"},
		{"patch", words("latest 3 3.13 3.13.2 3.13.2-slim"), words("latest 3 3.13 3.13.2"), "3.13.2"},
		{"minor", words("latest 3 3.13"), words("latest 3 3.13"), "3.13"},
		{"major", words("latest 3 bookworm"), words("latest 3 bookworm"), "3"},
		{"none", words("latest 3 bookworm"), words("latest bookworm"), ""},
		{"dates and versions", words("latest 20260228 2026-02-28 20260228.1 1.2"), words("latest 20260228 2026-02-28 1.2"), "1.2"},
		{"junk and versions", words("latest 20260228 1.2"), words("latest 20260228"), ""},
		{"dates", words("latest 20260228 20260227 nightly"), words("latest 20260228"), "20260228"},
		{"calendar", words("latest 24.04 22.04 24.10 noble"), words("latest 24.04 noble"), "24.04"},
		{"older line", words("latest 25.0.1 24.0.3 23.0.2 21.0.5 21.0.4 21"), words("latest 21 21.0.5"), "21.0.5"},
		{"v", words("latest v1.9.0 v1.10.0"), words("latest v1.10.0"), "v1.10.0"},
		{"suffix only", words("latest 21-jdk 21.0.5_11-jdk 21.0.5_11-jdk-noble 21.0.5_11-jre"), words("latest 21-jdk 21.0.5_11-jdk-noble"), "21.0.5_11-jdk-noble"},
		{"early", words("latest 2.0.0-rc1 2.0.0-rc2 1.9.1"), words("latest 2.0.0-rc2"), "2.0.0-rc2"},
		{"commits", words("latest 1234567 4fd2a71 sha256-ab.sig"), words("latest 1234567"), ""},
		{"many", many, words("latest 3 3.29 3.29.9 3.29.9-bookworm"), "3.29.9-bookworm"},
		{"many, none", many, words("latest"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := tagged(t, test.tags, test.same)
			r, _ := resolver(t, f, Options{})
			got, err := r.MostSpecific(t.Context(), f.host()+"/app:latest", digestLike("", []byte(tinyManifest)))
			if err != nil || got != test.want {
				t.Errorf("%q %v, want %q; asked %v", got, err, test.want, f.got())
			}
			if f.count("HEAD") > maxTries || f.count("HEAD /v2/app/manifests/latest") != 0 {
				t.Errorf("asked %v", f.got())
			}
		})
	}
}

func TestTagPages(t *testing.T) {
	page := 0
	last := 3
	f := serve(t, func(w http.ResponseWriter, req *http.Request) {
		if !strings.HasSuffix(req.URL.Path, "/tags/list") {
			manifest(w, req)
			return
		}
		page++
		if page < last {
			w.Header().Set("Link", fmt.Sprintf(`</v2/app/tags/list?n=1&last=%d>; rel="next"`, page))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"tags": []string{fmt.Sprintf("1.%d", page), "bad tag\x00"}})
	})
	r, _ := resolver(t, f, Options{})
	got, err := r.MostSpecific(t.Context(), f.host()+"/app:latest", digestLike("", []byte(tinyManifest)))
	if err != nil || got != "1.3" || page != 3 {
		t.Errorf("%q %v after %d pages", got, err, page)
	}
	// A list without an end is read so far and no further.
	page, last = 0, 1<<30
	r, _ = resolver(t, f, Options{})
	got, err = r.MostSpecific(t.Context(), f.host()+"/app:latest", digestLike("", []byte(tinyManifest)))
	if err != nil || got != "1.20" || page != maxTagPages {
		t.Errorf("%q %v after %d pages", got, err, page)
	}
}

func TestBadTagLists(t *testing.T) {
	list := func(link, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if link != "" {
				w.Header().Set("Link", link)
			}
			fmt.Fprint(w, body)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		kind   error
		words  string
	}{
		"the same page":  {list(`</v2/app/tags/list?n=1000>; rel="next"`, `{"tags":[]}`), ErrBadAnswer, "a page it gave before"},
		"another host":   {list(`<https://169.254.169.254/v2/>; rel="next"`, `{"tags":[]}`), ErrBadAnswer, "another host"},
		"no link":        {list("nonsense", `{"tags":[]}`), ErrBadAnswer, "cannot be read"},
		"no json":        {list("", "<html>"), ErrBadAnswer, "not valid JSON"},
		"huge":           {list("", strings.Repeat(" ", maxBody+2)), ErrBadAnswer, "larger than"},
		"not there":      {func(w http.ResponseWriter, _ *http.Request) { refuse(w, 404, "NAME_UNKNOWN", "") }, ErrNotFound, "no repository app"},
		"not for us":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, ErrDenied, "docker login"},
		"nothing at all": {func(http.ResponseWriter, *http.Request) {}, ErrBadAnswer, "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, test.answer)
			r, _ := resolver(t, f, Options{})
			_, err := r.MostSpecific(t.Context(), f.host()+"/app:latest", digestLike("", nil))
			wantError(t, err, test.kind, test.words)
		})
	}
}

// TestManyTags: more than are looked at are left.
func TestManyTags(t *testing.T) {
	tags := make([]string, maxTags+500)
	for i := range tags {
		tags[i] = fmt.Sprintf("t%d", i)
	}
	f := tagged(t, tags, nil)
	r, _ := resolver(t, f, Options{})
	s, path, err := r.reach(Endpoint{Repository: f.host() + "/app", CAs: f.pem()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.tags(t.Context(), path)
	if err != nil || len(got) != maxTags {
		t.Errorf("%d tags, %v", len(got), err)
	}
}
