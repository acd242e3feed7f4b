package pin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// stock is a registry of manifests by digest.
type stock struct {
	mu   sync.Mutex
	have map[string][2]string // text and media type
}

func (s *stock) put(text, kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := digestLike("", []byte(text))
	if s.have == nil {
		s.have = map[string][2]string{}
	}
	s.have[digest] = [2]string{text, kind}
	return digest
}

func (s *stock) drop(digest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.have, digest)
}

func (s *stock) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	m, ok := s.have[req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]]
	s.mu.Unlock()
	if !ok {
		refuse(w, 404, "MANIFEST_UNKNOWN", "gone")
		return
	}
	sendManifest(w, req, m[0], m[1])
}

func (s *stock) index() (digest string, children []string) {
	var lines []string
	for _, platform := range []string{
		`"os":"linux","architecture":"amd64"`, `"os":"linux","architecture":"arm64","variant":"v8"`, `"os":"unknown","architecture":"unknown"`,
	} {
		child := s.put(strings.Replace(tinyManifest, "[]", "[{"+platform+"}]", 1), ociManifest)
		children = append(children, child)
		lines = append(lines, fmt.Sprintf(`{"digest":%q,"platform":{%s}}`, child, platform))
	}
	return s.put(`{"schemaVersion":2,"mediaType":"`+ociIndex+`","manifests":[`+strings.Join(lines, ",")+`]}`, ociIndex), children
}

func TestInspect(t *testing.T) {
	s := &stock{}
	index, children := s.index()
	f := serve(t, s.ServeHTTP)
	cache := &Cache{Dir: t.TempDir()}
	look := func() (Manifest, map[string]int, error) {
		r, _ := resolver(t, f, Options{Cache: cache})
		m, err := r.Inspect(t.Context(), f.host()+"/app:1@"+index)
		return m, r.Requests(), err
	}
	m, n, err := look()
	if err != nil || m.Digest != index || m.MediaType != ociIndex || n["HEAD"] != 3 || n["GET"] != 2 {
		t.Fatal(m, err, n)
	}
	if fmt.Sprint(m.Children) != fmt.Sprintf("[{%s linux/amd64 false} {%s linux/arm64/v8 false} {%s unknown/unknown false}]", children[0], children[1], children[2]) {
		t.Errorf("children %v", m.Children)
	}
	// What an index holds is kept; that it and its children are there is asked.
	s.drop(children[1])
	m, n, err = look()
	if err != nil || m.MediaType != ociIndex || !m.Children[1].Missing || m.Children[0].Missing || m.Children[2].Missing {
		t.Error(m, err)
	}
	if n["HEAD"] != 4 {
		t.Errorf("requests %v", n)
	}
	s.drop(index)
	_, _, err = look()
	wantError(t, err, ErrNotFound, "there is no digest "+index)
}

func TestInspectOnePlatform(t *testing.T) {
	s := &stock{}
	digest := s.put(tinyManifest, ociManifest)
	f := serve(t, s.ServeHTTP)
	r, _ := resolver(t, f, Options{})
	m, err := r.Inspect(t.Context(), f.host()+"/app@"+digest)
	if err != nil || len(m.Children) != 0 || m.MediaType != ociManifest {
		t.Error(m, err)
	}
	for _, ref := range []string{"app", "app@sha256:1", "@" + digest, f.host() + "/app:1"} {
		_, err := r.Inspect(t.Context(), ref)
		wantError(t, err, ErrReference)
	}
}

func TestInspectBadAnswers(t *testing.T) {
	digest := digestLike("", []byte(tinyManifest))
	for _, answer := range map[string]http.HandlerFunc{
		"other bytes": func(w http.ResponseWriter, req *http.Request) { sendManifest(w, req, tinyManifest+" ", ociManifest) },
		"broken":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) },
	} {
		f := serve(t, answer)
		r, _ := resolver(t, f, Options{})
		_, err := r.Inspect(t.Context(), f.host()+"/app@"+digest)
		wantError(t, err, ErrBadAnswer, "other bytes")
	}
	s := &stock{}
	bad := s.put(`{"schemaVersion":2,"manifests":[{"digest":"../../x"}]}`, ociIndex)
	long := s.put(`{"schemaVersion":2,"manifests":[`+strings.Repeat(`{},`, maxChildren)+`{}]}`, ociIndex)
	f := serve(t, s.ServeHTTP)
	r, _ := resolver(t, f, Options{})
	_, err := r.Inspect(t.Context(), f.host()+"/app@"+bad)
	wantError(t, err, ErrBadAnswer, "not a digest")
	_, err = r.Inspect(t.Context(), f.host()+"/app@"+long)
	wantError(t, err, ErrBadAnswer, "more than")
}

// TestInspectHalf: a child that nobody can tell of is not taken for one that is there.
func TestInspectHalf(t *testing.T) {
	s := &stock{}
	index, children := s.index()
	f := serve(t, func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, children[1]) {
			w.WriteHeader(403)
			return
		}
		s.ServeHTTP(w, req)
	})
	r, _ := resolver(t, f, Options{})
	m, err := r.Inspect(t.Context(), f.host()+"/app@"+index)
	wantError(t, err, ErrDenied)
	if m.Digest != "" || m.Children != nil {
		t.Errorf("half an answer: %v", m)
	}
}

// TestInspectMirrors: what any endpoint has exists; that the mirror lacks it
// says nothing while the registry is silent.
func TestInspectMirrors(t *testing.T) {
	s := &stock{}
	digest := s.put(tinyManifest, ociManifest)
	full := serve(t, s.ServeHTTP)
	empty := serve(t, (&stock{}).ServeHTTP)
	failing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	ask := func(all ...*fake) error {
		r, _ := resolver(t, full, Options{Endpoints: func(string) ([]Endpoint, error) {
			var eps []Endpoint
			for _, f := range all {
				eps = append(eps, Endpoint{Repository: f.host() + "/app", CAs: f.pem(), Mirror: true})
			}
			return eps, nil
		}})
		_, err := r.Inspect(t.Context(), "registry.example.com/app@"+digest)
		return err
	}
	if err := ask(empty, failing, full); err != nil {
		t.Error(err)
	}
	wantError(t, ask(failing, empty), ErrNotFound)
	err := ask(empty, failing)
	wantError(t, err, ErrUnreachable)
	if errors.Is(err, ErrNotFound) {
		t.Errorf("%v counts as gone", err)
	}
}
