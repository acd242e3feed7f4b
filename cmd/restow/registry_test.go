package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// hub is a registry that has every image: an index of three platforms, made from
// the name so that its digest is always the same. Some repositories fail on
// purpose, and latest is another name of 3.13.2-bookworm.
type hub struct {
	*httptest.Server
	delay time.Duration

	mu    sync.Mutex
	docs  map[string][]byte // by repository@digest, once its tag was asked for
	heads int
}

func newHub() *hub {
	h := &hub{docs: map[string][]byte{}}
	h.Server = httptest.NewServer(http.HandlerFunc(h.answer))
	return h
}

func digestOf(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
)

// image are the index of a tag and the manifests in it.
func image(repo, tag string) (index []byte, children [][]byte) {
	if tag == "latest" {
		tag = "3.13.2-bookworm"
	}
	var list []string
	for _, arch := range []string{"amd64", "arm64", `arm","variant":"v7`} {
		child := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"annotations":{"of":%q}}`, manifestType, repo+":"+tag+" "+arch)
		children = append(children, child)
		list = append(list, fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"platform":{"os":"linux","architecture":"%s"}}`, manifestType, digestOf(child), len(child), arch))
	}
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, indexType, strings.Join(list, ",")), children
}

func (h *hub) answer(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	repo, target, ok := strings.Cut(path, "/manifests/")
	if repo2, ok := strings.CutSuffix(path, "/tags/list"); ok {
		json.NewEncoder(w).Encode(map[string]any{"name": repo2, "tags": []string{"3", "3.13", "3.13.2", "3.13.2-bookworm", "latest"}})
		return
	}
	switch {
	case path == "":
		return
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		return
	case strings.Contains(repo, "denied"):
		w.WriteHeader(http.StatusUnauthorized)
		return
	case strings.Contains(repo, "limited"):
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case strings.Contains(repo, "nowhere"):
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"errors":[{"code":"NAME_UNKNOWN","message":"no such repository"}]}`)
		return
	case target == "gone":
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such tag"}]}`)
		return
	}
	time.Sleep(h.delay)
	data, kind := h.manifest(repo, target)
	if data == nil {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such digest"}]}`)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Docker-Content-Digest", digestOf(data))
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	if r.Method == http.MethodHead {
		h.mu.Lock()
		h.heads++
		h.mu.Unlock()
		return
	}
	w.Write(data)
}

// manifest finds a tag, or a digest of a tag that was asked for.
func (h *hub) manifest(repo, target string) ([]byte, string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.HasPrefix(target, "sha256:") {
		data := h.docs[repo+"@"+target]
		if strings.Contains(string(data), `"manifests"`) {
			return data, indexType
		}
		return data, manifestType
	}
	index, children := image(repo, target)
	h.docs[repo+"@"+digestOf(index)] = index
	for _, child := range children {
		h.docs[repo+"@"+digestOf(child)] = child
	}
	return index, indexType
}

// host is where the hub listens.
func (h *hub) host() string { return strings.TrimPrefix(h.URL, "http://") }

// registriesConf is a registries.conf by which the hub stands in for every
// registry that is named.
func (h *hub) registriesConf(registries ...string) string {
	var b strings.Builder
	for _, r := range registries {
		fmt.Fprintf(&b, "[[registry]]\nprefix = %q\nlocation = %q\n\n", r, h.host()+"/"+portless(r))
	}
	return b.String()
}

// portless is a registry as a folder of the hub.
func portless(name string) string { return strings.ReplaceAll(name, ":", "-") }
