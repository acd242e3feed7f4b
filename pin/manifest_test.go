package pin

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

// get answers HEADs with 405, so that the manifest itself is asked for.
func get(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodHead {
			w.WriteHeader(405)
			return
		}
		answer(w, req)
	}
}

func TestHeadRefused(t *testing.T) {
	img, f, _, err := answers(t, get(manifest))
	if err != nil || img.Digest != digestLike("", []byte(tinyManifest)) || f.count("GET /v2/app/") != 1 {
		t.Errorf("%v %v, asked %v", img, err, f.got())
	}
}

// TestHeadNotTrusted: a HEAD that lacks anything is followed by a GET.
func TestHeadNotTrusted(t *testing.T) {
	for name, spoil := range map[string]func(http.Header){
		"no digest":         func(h http.Header) { h.Del("Docker-Content-Digest") },
		"no true digest":    func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:abc") },
		"no content length": func(h http.Header) { h.Del("Content-Length"); h.Set("Transfer-Encoding", "chunked") },
		"content type":      func(h http.Header) { h.Set("Content-Type", "text/html") },
	} {
		t.Run(name, func(t *testing.T) {
			img, f, _, err := answers(t, func(w http.ResponseWriter, req *http.Request) {
				if req.Method != http.MethodHead {
					manifest(w, req)
					return
				}
				manifest(w, req)
				spoil(w.Header())
			})
			if err != nil || img.Digest != digestLike("", []byte(tinyManifest)) || f.count("GET /v2/app/") != 1 {
				t.Errorf("%v %v, asked %v", img, err, f.got())
			}
		})
	}
}

func TestBadManifests(t *testing.T) {
	send := func(text, kind string, header ...string) http.HandlerFunc {
		return get(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			_, _ = io.WriteString(w, text)
		})
	}
	other := digestLike("", []byte("other"))
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		words  string
	}{
		"truncated":      {send(tinyManifest, ociManifest, "Content-Length", "5000"), "truncated"},
		"html":           {send("<html>", "text/html"), "not valid JSON"},
		"other json":     {send(`{"ok":true}`, "application/json"), "not a manifest"},
		"claimed digest": {send(tinyManifest, ociManifest, "Docker-Content-Digest", other), "but the bytes have"},
		"odd digest":     {send(tinyManifest, ociManifest, "Docker-Content-Digest", "sha256:1"), "claims the digest"},
		"schema 1":       {send(`{"schemaVersion":1}`, schema1Prefix+"prettyjws"), "schema 1"},
		"schema 1 as 2":  {send(`{"schemaVersion":1}`, dockerManifest), "schema 1"},
		"other type":     {send(`{"schemaVersion":2,"mediaType":"text/x"}`, ociManifest), "not an image"},
	} {
		t.Run(name, func(t *testing.T) {
			_, f, _, err := answers(t, test.answer)
			wantError(t, err, ErrBadAnswer, f.host(), test.words)
		})
	}
}

// TestMislabelled: a wrong Content-Type is excused where the manifest says what it is.
func TestMislabelled(t *testing.T) {
	for text, want := range map[string]string{
		tinyManifest:                                                     ociManifest,
		`{"schemaVersion":2,"manifests":[]}`:                             ociIndex,
		`{"schemaVersion":2,"config":{}}`:                                ociManifest,
		`{"schemaVersion":2,"mediaType":"` + dockerList + `"}`:           dockerList,
		`{"schemaVersion":2,"mediaType":"` + dockerManifest + `"}` + " ": dockerManifest,
	} {
		img, _, _, err := answers(t, func(w http.ResponseWriter, req *http.Request) { sendManifest(w, req, text, "text/plain; charset=x") })
		if err != nil || img.MediaType != want || img.Digest != digestLike("", []byte(text)) {
			t.Errorf("%s: %+v %v", text, img, err)
		}
	}
}

// TestSha512: the registry chooses the algorithm.
func TestSha512(t *testing.T) {
	want := digestLike("sha512:", []byte(tinyManifest))
	img, _, _, err := answers(t, get(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Docker-Content-Digest", want)
		_, _ = io.WriteString(w, tinyManifest)
	}))
	if err != nil || img.Digest != want {
		t.Errorf("%+v %v", img, err)
	}
}

// TestHugeManifest: neither an announced nor an endless body is read whole.
func TestHugeManifest(t *testing.T) {
	for _, announced := range []bool{true, false} {
		var sent atomic.Int64
		stopped := make(chan struct{})
		_, _, _, err := answers(t, get(func(w http.ResponseWriter, _ *http.Request) {
			defer close(stopped)
			if announced {
				w.Header().Set("Content-Length", fmt.Sprint(100<<20))
			}
			block := make([]byte, 64<<10)
			for range 100 << 20 / len(block) {
				n, err := w.Write(block)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}))
		wantError(t, err, ErrBadAnswer, "larger than 4 MiB")
		<-stopped
		if sent.Load() > 50<<20 {
			t.Errorf("announced %t: %d bytes were taken", announced, sent.Load())
		}
	}
}
