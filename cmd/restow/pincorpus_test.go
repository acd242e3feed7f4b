package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// TestCorpusPin pins every real Dockerfile with the whole command, by a registry
// that has an index for every reference: each digest must be that of its tag, and
// nothing else may change. Refusals are counted by reason.
func TestCorpusPin(t *testing.T) {
	files := corpus.Load(t)
	t.Chdir(t.TempDir())
	registries := map[string]bool{}
	before := map[string]*dockerfile.File{}
	for i, file := range files {
		f, err := dockerfile.Parse(file.Name, file.Src)
		if err != nil {
			continue
		}
		for _, s := range images.Collect(f, images.Options{}) {
			if host, _, ok := strings.Cut(s.Ref, "/"); ok {
				registries[host] = true
			}
		}
		path := filepath.Join(strconv.Itoa(i), "Dockerfile")
		if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Src, 0o644); err != nil {
			t.Fatal(err)
		}
		before[path] = f
	}
	h := newHub()
	defer h.Close()
	conf := filepath.Join(t.TempDir(), "registries.conf")
	if err := os.WriteFile(conf, []byte(h.registriesConf(slices.Sorted(maps.Keys(registries))...)), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_REGISTRIES_CONF", conf)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"pin", "--write", "--json"}, nil, &out, &errs)
	if code != exitOK {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	var doc document
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Files) != len(before) {
		t.Errorf("%d files looked at, of %d", len(doc.Files), len(before))
	}
	pins, refused, reasons := 0, 0, map[string]int{}
	for _, file := range doc.Files {
		for _, c := range file.Findings {
			if c.Refused != "" {
				refused++
				reasons[anyName.ReplaceAllString(c.Refused, "X")]++
			}
		}
		for _, note := range file.Notes {
			if strings.Contains(note, "a bug of restow") {
				t.Error(note)
			}
		}
		path := filepath.FromSlash(file.Path)
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pins += checkPins(t, before[path], src)
	}
	t.Logf("%d files, %d references pinned in %d, %d refused, %d requests by HEAD", len(before), pins, doc.Summary.Written, refused, h.heads)
	for _, r := range slices.SortedFunc(maps.Keys(reasons), func(a, b string) int { return reasons[b] - reasons[a] }) {
		t.Logf("%5d %s", reasons[r], r)
	}
}

var anyName = regexp.MustCompile(`\bARG \w+|\$\{\w+[^}]*\}|\$\w+|line \d+|^\S+ (is not)|\b[A-Z]{5,}\b`)

// checkPins: what a file gained are the digests of its tags, and no more.
func checkPins(t *testing.T, f *dockerfile.File, src []byte) (pins int) {
	after, err := dockerfile.Parse(f.Name, src)
	if err != nil {
		t.Error(err)
		return 0
	}
	text := string(src)
	was := map[string]bool{}
	for _, s := range images.Collect(f, images.Options{}) {
		was[s.Digest] = true
	}
	for _, s := range images.Collect(after, images.Options{}) {
		if s.Digest == "" || was[s.Digest] {
			continue
		}
		pins++
		repo := images.Repository(s.Ref)
		index, _ := image(portless(repo), strings.TrimPrefix(s.Ref, repo+":"))
		if want := digestOf(index); s.Digest != want {
			t.Errorf("%s:%d: %s is pinned to %s, and has %s", f.Name, s.Line, s.Ref, s.Digest, want)
		}
		text = strings.ReplaceAll(text, ":latest@"+s.Digest, "")
		text = strings.ReplaceAll(text, "@"+s.Digest, "")
	}
	if strings.ReplaceAll(string(f.Src), ":latest", "") != strings.ReplaceAll(text, ":latest", "") {
		t.Errorf("%s: more than digests changed", f.Name)
	}
	return pins
}
