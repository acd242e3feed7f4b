package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/base"
)

// attested is a registry with one image, team/app:1, to whose image for linux/amd64
// an SBOM is attached as BuildKit does it.
func attested(t *testing.T) *httptest.Server {
	blobs, manifests := map[string]string{}, map[string]string{}
	put := func(into map[string]string, text string) string {
		d := digestOf([]byte(text))
		into[d] = text
		return d
	}
	config := put(blobs, `{"os":"linux","architecture":"amd64","config":{"Env":["A=b\u001b[31m"],"Entrypoint":["/app"],"User":"10001","ExposedPorts":{"80/tcp":{}},"OnBuild":["RUN true"]}}`)
	image := put(manifests, fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"digest":%q,"size":%d},"layers":[{"size":1500000},{"size":500000}]}`, manifestType, config, len(blobs[config])))
	sbom := put(blobs, `{"predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","packages":[
		{"name":"x","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/libc6@2.36"}]},
		{"name":"y","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/bash@5.2"}]},
		{"name":"z","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/left-pad@1.0"}]}]}}`)
	attached := put(manifests, fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"digest":%q},"layers":[{"mediaType":"application/vnd.in-toto+json","digest":%q,"size":%d,"annotations":{"in-toto.io/predicate-type":"https://spdx.dev/Document"}}]}`, manifestType, config, sbom, len(blobs[sbom])))
	index := put(manifests, fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[{"mediaType":%q,"digest":%q,"platform":{"os":"linux","architecture":"amd64"}},
		{"mediaType":%q,"digest":%q,"platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":%q}}]}`, indexType, manifestType, image, manifestType, attached, image))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, target, _ := strings.Cut(r.URL.Path, "/team/app/manifests/")
		if target == "1" {
			target = index
		}
		if text, ok := manifests[target]; ok {
			w.Header().Set("Docker-Content-Digest", target)
			fmt.Fprint(w, text)
			return
		}
		_, target, _ = strings.Cut(r.URL.Path, "/team/app/blobs/")
		if text, ok := blobs[target]; ok {
			fmt.Fprint(w, text)
			return
		}
		if r.URL.Path != "/v2/" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestBaseRegistry: what the registry says of an image that the table does not have.
func TestBaseRegistry(t *testing.T) {
	s := attested(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "registries.conf")
	location := strings.TrimPrefix(s.URL, "http://")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[[registry]]\nprefix = \"r.example.com\"\nlocation = %q\ninsecure = true\n", location), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("CONTAINERS_REGISTRIES_CONF", conf)
	t.Setenv("RESTOW_OFFLINE", "")
	t.Setenv("XDG_CACHE_HOME", dir)
	restow := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &out, &errs); code != want {
			t.Fatalf("%v ends with %d: %s", args, code, errs.String())
		}
		return out.String() + errs.String()
	}
	const ref = "r.example.com/team/app:1"
	restow(exitRemain, "base", "show", ref)
	text := restow(exitOK, "base", "show", "--registry", "--packages", ref)
	for _, want := range []string{
		"unknown image: the table has nothing of it\n", "  platforms     linux/amd64\n", "  size          2.0 MB compressed\n",
		`  ENTRYPOINT    ["/app"]`, `  ENV           A=b\x1b[31m`, "  USER          10001\n", "  ONBUILD       RUN true\n",
		"  packages      2, and 1 of other kinds [SBOM sha256:", "bash libc6\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	var d baseDoc
	if err := json.Unmarshal([]byte(restow(exitOK, "base", "show", "--registry", "--json", ref)), &d); err != nil {
		t.Fatal(err)
	}
	if d.Known != "unknown image" || d.Registry == nil || !slices.Equal(d.Registry.SBOM.Names, []string{"bash", "libc6"}) || d.Registry.Compressed != 2_000_000 {
		t.Errorf("%+v", d)
	}
	item := restow(exitOK, "base", "show", "--registry", "--yaml", ref)
	if want := "bases:\n  - {image: \"r.example.com/team/app:1\", packages: [bash, libc6]}\n"; item != want {
		t.Errorf("the item is %q, want %q", item, want)
	}
	if text := restow(exitOK, "base", "diff", "--registry", ref, ref); strings.Contains(text, "- ") && strings.Contains(text, "\n- ") {
		t.Errorf("an image differs from itself:\n%s", text)
	}
	if text := restow(exitPartial, "base", "show", "--registry", "--platform", "linux/s390x", ref); !strings.Contains(text, `it has no image for "linux/s390x", but for "linux/amd64"`) {
		t.Errorf("another platform: %s", text)
	}
	if text := restow(exitPartial, "base", "show", "--registry", "r.example.com/team/other:1"); !strings.Contains(text, "404") {
		t.Errorf("another image: %s", text)
	}
	if text := restow(exitOK, "base", "show", "--registry", "--offline", ref); !strings.Contains(text, "packages      2,") {
		t.Errorf("from the cache: %s", text)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if text := restow(exitPartial, "base", "show", "--registry", "--allow-registry", "other.example.com", ref); !strings.Contains(text, "is not among the registries that may be asked") {
		t.Errorf("a registry that is not allowed: %s", text)
	}
}

// TestNoFactsNoTable: a fix that needs no facts about base images decodes none.
func TestNoFactsNoTable(t *testing.T) {
	if cost := decoded(t, "FROM alpine\nMAINTAINER me\nENV A b\nRUN echo a\nRUN echo b\n", "--select", "merge-run,legacy-env"); cost != 0 {
		t.Errorf("%d blocks were decoded", cost)
	}
	before := base.Decoded()
	base.Find("r-base:3.4.4")
	if base.Decoded() == before {
		t.Error("the count does not count")
	}
}

// decoded is how many blocks of the table a fix of a Dockerfile decodes.
func decoded(tb testing.TB, dockerfile string, flags ...string) int {
	tb.Helper()
	before := base.Decoded()
	var out, errs bytes.Buffer
	args := append([]string{"fix", "--offline", "--ignore", "pin-digest"}, flags...)
	if code := run(context.Background(), append(args, "-"), strings.NewReader(dockerfile), &out, &errs); code > exitRemain {
		tb.Fatalf("exit code %d: %s", code, errs.String())
	}
	return base.Decoded() - before
}

// BenchmarkFixWithoutFacts shows that the table costs nothing where nobody asks it.
func BenchmarkFixWithoutFacts(b *testing.B) {
	n := 0
	for b.Loop() {
		n += decoded(b, "FROM alpine\nENV A b\nRUN echo a\nRUN echo b\n", "--select", "merge-run,legacy-env")
	}
	b.ReportMetric(float64(n), "blocks")
}
