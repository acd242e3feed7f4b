package pin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shelf is the content of a registry with one image: an index of two platforms,
// whose first has an SBOM.
type shelf struct {
	docs map[string]string // by digest
	kind map[string]string
	tag  string // digest of app:1
}

func (s *shelf) put(kind, text string) descriptor {
	d := digestLike("", []byte(text))
	s.docs[d], s.kind[d] = text, kind
	return descriptor{MediaType: kind, Digest: d, Size: int64(len(text))}
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const aStatement = `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","subject":[],"predicate":{
"spdxVersion":"SPDX-2.3","files":[{"fileName":"/etc/passwd"}],"packages":[
{"name":"zlib1g","versionInfo":"1:1.3","externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a"},{"referenceType":"purl","referenceLocator":"pkg:deb/debian/zlib1g@1%3A1.3?arch=amd64"}]},
{"name":"adduser","versionInfo":"3.1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/adduser@3.1"}]},
{"name":"core","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/%40babel/core@7.0.0"}]},
{"name":"plain","versionInfo":"2"},
{"name":"evil\u001b[31m","externalRefs":[]},
{"name":"odd","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/%zz"}]}]}}`

// fill makes the shelf; st is the statement of the SBOM, "" for an image without.
func fill(t testing.TB, st string) *shelf {
	s := &shelf{docs: map[string]string{}, kind: map[string]string{}}
	manifests := []map[string]any{}
	add := func(d descriptor, arch string, annotations map[string]string) {
		os := "linux"
		if arch == "unknown" {
			os = "unknown"
		}
		manifests = append(manifests, map[string]any{
			"mediaType": d.MediaType, "digest": d.Digest, "size": d.Size, "annotations": annotations,
			"platform": map[string]string{"os": os, "architecture": arch},
		})
	}
	for _, arch := range []string{"amd64", "arm64"} {
		config := s.put("application/vnd.oci.image.config.v1+json", `{"os":"linux","architecture":"`+arch+`","config":{"Env":["PATH=/bin","LANG=C"],"Entrypoint":["/run"],"Cmd":["serve"],"User":"app","WorkingDir":"/srv","ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Volumes":{"/data":{}},"StopSignal":"SIGQUIT","Healthcheck":{"Test":["CMD","curl","localhost"]},"OnBuild":["COPY . /app"]}}`)
		image := s.put(ociManifest, toJSON(t, map[string]any{
			"schemaVersion": 2, "mediaType": ociManifest, "config": config,
			"layers": []any{map[string]any{"mediaType": "l", "digest": "sha256:" + strings.Repeat("1", 64), "size": 1000}, map[string]any{"mediaType": "l", "digest": "sha256:" + strings.Repeat("2", 64), "size": 234}},
		}))
		add(image, arch, nil)
		if arch == "amd64" && st != "" {
			sbom := s.put(inToto, st)
			attached := s.put(ociManifest, toJSON(t, map[string]any{
				"schemaVersion": 2, "mediaType": ociManifest, "config": config,
				"layers": []any{
					map[string]any{"mediaType": inToto, "digest": "sha256:" + strings.Repeat("3", 64), "size": 5, "annotations": map[string]string{predicateType: "https://slsa.dev/provenance/v0.2"}},
					map[string]any{"mediaType": inToto, "digest": sbom.Digest, "size": sbom.Size, "annotations": map[string]string{predicateType: spdxDocument}},
				},
			}))
			add(attached, "unknown", map[string]string{referenceType: attestation, referenceDigest: image.Digest})
		}
	}
	s.tag = s.put(ociIndex, toJSON(t, map[string]any{"schemaVersion": 2, "mediaType": ociIndex, "manifests": manifests})).Digest
	return s
}

func (s *shelf) answer(w http.ResponseWriter, req *http.Request) {
	if digest, ok := strings.CutPrefix(req.URL.Path, "/v2/app/blobs/"); ok && s.docs[digest] != "" {
		_, _ = io.WriteString(w, s.docs[digest])
		return
	}
	target, _ := strings.CutPrefix(req.URL.Path, "/v2/app/manifests/")
	if target == "1" {
		target = s.tag
	}
	if text, ok := s.docs[target]; ok {
		sendManifest(w, req, text, s.kind[target])
		return
	}
	refuse(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no")
}

func TestDescribe(t *testing.T) {
	s := fill(t, aStatement)
	f := serve(t, s.answer)
	r, _ := resolver(t, f, Options{})
	d, err := r.Describe(context.Background(), f.ref(), "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	if d.Digest != s.tag || d.Platform != "linux/amd64" || d.Compressed != 1234 || !slices.Equal(d.Platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("described is %+v", d)
	}
	if got, want := fmt.Sprint(d.Config), "{[PATH=/bin LANG=C] [/run] [serve] app /srv [443/tcp 80/tcp] [/data] SIGQUIT [] [CMD curl localhost] [COPY . /app]}"; got != want {
		t.Errorf("the config is %s, want %s", got, want)
	}
	if d.SBOM == nil {
		t.Fatal("there is no SBOM")
	}
	if got, want := fmt.Sprint(d.SBOM.Packages), "[{deb zlib1g 1:1.3} {deb adduser 3.1} {npm @babel/core } {generic plain 2} {generic odd }]"; got != want {
		t.Errorf("the packages are %s, want %s", got, want)
	}
	if got := d.SBOM.Of("deb", "apk"); !slices.Equal(got, []string{"adduser", "zlib1g"}) {
		t.Errorf("packages of Debian are %v", got)
	}
	// By digest; the other platform has no SBOM.
	d, err = r.Describe(context.Background(), f.host()+"/app@"+s.tag, "linux/arm64")
	if err != nil || d.SBOM != nil || d.Platform != "linux/arm64" {
		t.Errorf("arm64 is %+v, %v", d, err)
	}
	_, err = r.Describe(context.Background(), f.ref(), "linux/s390x")
	wantError(t, err, ErrNotFound, "linux/s390x", "linux/amd64, linux/arm64")
	_, err = r.Describe(context.Background(), "not a reference", "linux/amd64")
	wantError(t, err, ErrReference)
	quiet, _ := resolver(t, f, Options{Offline: true})
	_, err = quiet.Describe(context.Background(), f.ref(), "linux/amd64")
	wantError(t, err, ErrOffline)
}

// TestDescribeCached: what a digest holds is asked once, and known offline then.
func TestDescribeCached(t *testing.T) {
	s := fill(t, aStatement)
	f := serve(t, s.answer)
	cache := &Cache{Dir: t.TempDir()}
	r, _ := resolver(t, f, Options{Cache: cache})
	first, err := r.Describe(context.Background(), f.ref(), "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	asked := len(f.got())
	for _, offline := range []bool{false, true} {
		again, _ := resolver(t, f, Options{Cache: cache, Offline: offline})
		d, err := again.Describe(context.Background(), f.ref(), "linux/amd64")
		if err != nil || toJSON(t, d) != toJSON(t, first) {
			t.Errorf("offline %v: %+v, %v", offline, d, err)
		}
		if n := len(f.got()) - asked; n != 0 {
			t.Errorf("offline %v: %d more requests", offline, n)
		}
	}
	// Another platform is another answer, and a changed file is none.
	offline, _ := resolver(t, f, Options{Cache: cache, Offline: true})
	_, err = offline.Describe(context.Background(), f.ref(), "linux/arm64")
	wantError(t, err, ErrOffline)
	files, err := filepath.Glob(filepath.Join(cache.Dir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the cache has %v, %v", files, err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte(`{"ref":"x","image":{}}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = offline.Describe(context.Background(), f.host()+"/app@"+s.tag, "linux/amd64")
	wantError(t, err, ErrOffline)
}

// TestDescribeSingle: an image without an index is described as it is.
func TestDescribeSingle(t *testing.T) {
	s := fill(t, "")
	var index struct{ Manifests []descriptor }
	if err := json.Unmarshal([]byte(s.docs[s.tag]), &index); err != nil {
		t.Fatal(err)
	}
	s.tag = index.Manifests[1].Digest
	f := serve(t, s.answer)
	r, _ := resolver(t, f, Options{})
	d, err := r.Describe(context.Background(), f.ref(), "linux/amd64")
	if err != nil || d.Platform != "linux/arm64" || len(d.Platforms) != 1 || d.SBOM != nil {
		t.Errorf("described is %+v, %v", d, err)
	}
}

// TestDescribeHostile: what a registry may send costs an error and no more.
func TestDescribeHostile(t *testing.T) {
	for _, c := range []struct {
		what, statement string
		spoil           func(*shelf)
		says            string
	}{
		{"another predicate", strings.Replace(aStatement, "spdx.dev/Document", "other.example/x", 1), nil, "not a statement about an SPDX document"},
		{"another version", strings.Replace(aStatement, "SPDX-2.3", "SPDX-3.0", 1), nil, "only SPDX-2"},
		{"no JSON", "{", nil, "not a statement"},
		{"other bytes", aStatement, func(s *shelf) {
			for d, k := range s.kind {
				if k == inToto {
					s.docs[d] += " "
				}
			}
		}, "other bytes"},
		{"too many packages", strings.Replace(aStatement, `"packages":[`, `"packages":[`+strings.Repeat(`{"name":"x"},`, maxComponents), 1), nil, "more than 100000 packages"},
		{"too large", aStatement + strings.Repeat(" ", maxSBOM), nil, "larger than 64 MiB"},
		{"larger than it says", aStatement, func(s *shelf) {
			for d, k := range s.kind {
				if k == inToto {
					s.docs[d] += strings.Repeat(" ", maxSBOM)
				}
			}
		}, "larger than 64 MiB"},
		{"a layer of negative size", aStatement, func(s *shelf) {
			index := s.docs[s.tag]
			for d, k := range s.kind {
				if k == ociManifest {
					text := strings.ReplaceAll(s.docs[d], `"size":1000`, `"size":-1000`)
					if strings.Contains(index, d) {
						index = strings.ReplaceAll(index, d, s.put(ociManifest, text).Digest)
					}
				}
			}
			s.tag = s.put(ociIndex, index).Digest
		}, "-1000 bytes"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := fill(t, c.statement)
			if c.spoil != nil {
				c.spoil(s)
			}
			f := serve(t, s.answer)
			r, _ := resolver(t, f, Options{})
			_, err := r.Describe(context.Background(), f.ref(), "linux/amd64")
			wantError(t, err, ErrBadAnswer, c.says)
		})
	}
}

// TestDescribeElsewhere: a blob may be at another host, which gets no credentials.
func TestDescribeElsewhere(t *testing.T) {
	s := fill(t, aStatement)
	store := serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "" {
			t.Error("the store got credentials")
		}
		_, _ = io.WriteString(w, s.docs[req.URL.Query().Get("d")])
	})
	f := start(t, true, func(w http.ResponseWriter, req *http.Request) {
		if user, _, ok := req.BasicAuth(); !ok || user != "me" {
			w.Header().Set("Www-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if digest, ok := strings.CutPrefix(req.URL.Path, "/v2/app/blobs/"); ok {
			http.Redirect(w, req, store.URL+"/blob?d="+digest, http.StatusTemporaryRedirect)
			return
		}
		s.answer(w, req)
	})
	r, _ := resolver(t, f, Options{Credentials: func(string) (string, string, string, error) { return "me", "secret", "", nil }})
	d, err := r.Describe(context.Background(), f.ref(), "linux/amd64")
	if err != nil || d.SBOM == nil {
		t.Fatalf("described is %+v, %v", d, err)
	}
	if store.count("GET /blob") != 2 {
		t.Errorf("the store was asked for %v", store.got())
	}
}

func FuzzPackageURL(f *testing.F) {
	for _, seed := range []string{"pkg:deb/debian/libc6@2.36?arch=amd64", "pkg:npm/%40a/b@1", "pkg:", "pkg:/x", "pkg:deb/@", "pkg:golang/a/b@v1#c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, purl string) {
		c := Component{Type: "generic", Name: "name"}
		c.read(purl)
		if c.Type == "" || c.Type == "deb" && strings.Contains(c.Name, "/") {
			t.Errorf("%q is %+v", purl, c)
		}
	})
}
