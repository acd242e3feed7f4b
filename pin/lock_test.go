package pin

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

const lockText = `# Digests that restow fix and restow pin take first. Written by restow pin --lock.
version: 1
images:
  "[::1]:5000/a/b:x":
    digest: sha256:4444444444444444444444444444444444444444444444444444444444444444
  docker.io/library/python:3.11:
    digest: sha256:1111111111111111111111111111111111111111111111111111111111111111
    mediaType: application/vnd.oci.image.index.v1+json
    resolved: 2026-11-21T04:00:00Z
  localhost:5000/a/b:x:
    digest: sha256:3333333333333333333333333333333333333333333333333333333333333333
    mediaType: application/vnd.docker.distribution.manifest.list.v2+json
`

func TestLock(t *testing.T) {
	lock, err := ParseLock("restow.lock", []byte(lockText))
	if err != nil {
		t.Fatal(err)
	}
	want := Locked{"sha256:" + strings.Repeat("1", 64), "application/vnd.oci.image.index.v1+json", time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)}
	if got := lock.Images["docker.io/library/python:3.11"]; got != want {
		t.Errorf("got %v", got)
	}
	if got := string(lock.Format()); got != lockText {
		t.Errorf("formatted:\n%s", got)
	}
	// As people leave it: other order, quotes, flow style, CRLF, another zone.
	other := "images: {'docker.io/library/python:3.11': {resolved: '2026-11-21T06:00:00.5+02:00', digest: \"sha256:" + strings.Repeat("1", 64) +
		"\", mediaType: application/vnd.oci.image.index.v1+json}}\r\nversion: '1' # ours\r\n"
	lock, err = ParseLock("restow.lock", []byte(other))
	if err != nil || lock.Images["docker.io/library/python:3.11"] != want {
		t.Errorf("got %v, %v", lock, err)
	}
	for _, empty := range []string{"version: 1\n", "version: 1\nimages:\n", "version: 1\nimages: {}\n"} {
		lock, err := ParseLock("restow.lock", []byte(empty))
		if err != nil || len(lock.Images) != 0 || string(lock.Format()) != lockText[:strings.Index(lockText, "  \"")] {
			t.Errorf("%q: %v, %v", empty, lock, err)
		}
	}
	// What a caller gives is written to the second and in UTC.
	of := Lock{map[string]Locked{"a.b/c:d": {Digest: want.Digest, Resolved: want.Resolved.In(time.FixedZone("x", 3600)).Add(time.Millisecond)}}}
	if got := string(of.Format()); !strings.HasSuffix(got, "    resolved: 2026-11-21T04:00:00Z\n") {
		t.Errorf("got %s", got)
	}
}

func TestBadLock(t *testing.T) {
	digest := "digest: sha256:" + strings.Repeat("1", 64)
	image := "version: 1\nimages:\n  a.b/c:d:\n    " + digest + "\n"
	for _, tc := range []struct{ text, want string }{
		{"", ":1: empty, write version: 1"},
		{"# only this\n", ":1: empty"},
		{"[]", ":1: not a mapping"},
		{"images: {}\n", ":1: no version"},
		{"version: 2\n", `:1: version "2" is not known, this restow reads 1`},
		{"version: [1]\n", ":1: not a plain value"},
		{"version: 1\nnew: 1\n", `:2: "new" is not a key`},
		{"version: 1\nversion: 1\n", `:2: "version" is there twice, on line 1 too`},
		{image + "  a.b/c:d:\n    " + digest + "\n", `:5: "a.b/c:d" is there twice, on line 3 too; keep one`},
		{image + "    " + digest + "\n", ":5: \"digest\" is there twice"},
		{image + "    more: x\n", `:5: "more" is not a key of an image`},
		{image + "    mediaType: \"a/b\\nc\"\n", ":5: \"a/b\\nc\" is not a media type"},
		{image + "    resolved: yesterday\n", `:5: "yesterday" is not a time`},
		{image + "    resolved: 0000-01-01T00:00:00+14:00\n", "is not a time"},
		{image + "    resolved: 9999-12-31T23:59:59-01:00\n", "is not a time"},
		{image + "  python:\n    " + digest, `:5: "python": not a full reference`},
		{image + "  docker.io/python:3:\n    " + digest, ":5: "},
		{image + "  index.docker.io/library/python:3:\n    " + digest, ":5: "},
		{image + "  a.b/c:\n    " + digest, "not a full reference"},
		{image + "  a.b:5000/c:\n    " + digest, "not a full reference"},
		{image + "  a.b/c:d@sha256:" + strings.Repeat("1", 64) + ":\n    " + digest, "not a full reference"},
		{image + "  a.b/e:f: {}\n", ":5: no digest"},
		{image + "  a.b/e:f:\n", ":5: not a mapping"},
		{image + "  a.b/e:f:\n    digest: sha256:11\n", ":6: \"sha256:11\" is not a digest"},
		{image + "  a.b/e:f:\n    digest: md5:" + strings.Repeat("1", 32), "is not a digest"},
		{image + "  a.b/e:f:\n    digest: sha256:" + strings.Repeat("A", 64), "is not a digest"},
		{"version: 1\nimages:\n  a.b/c:d: &x\n    " + digest + "\n  a.b/e:f: *x\n", ":5: "},
		{"version: 1\nimages:\n  a.b/c:d: &x\n    " + digest + "\n  a.b/e:f:\n    <<: *x\n", `:6: `},
		{"version: 1\n<<<<<<< HEAD\nimages:\n", ":2: a merge left its conflict here"},
		{"version: 1\n=======\r\nimages:\n", ":2: a merge left its conflict here"},
		{"version: 1\n>>>>>>> theirs", ":2: a merge left its conflict here"},
		{"version: 1\n---\nversion: 1\n", "a second document"},
		{"version: 1\n- x\n", ":2: not valid YAML"},
		{"version: 1\n\x01\n", ":2: not valid YAML"},
		{"version: 1\nimages: [\n", ":3: not valid YAML: did not find expected node content, correct it"},
		{"version: 1\nimages:\n\t- x\n", ":3: not valid YAML: found character that cannot start any token"},
		{"version: 1\nimages: *x\n", ":2: not valid YAML: unknown anchor"},
		{"{version: 1}}\n", ":1: not valid YAML: did not find expected <document start>"},
		{strings.Repeat("#", maxLock+1), ": larger than 1 MiB"},
	} {
		_, err := ParseLock("restow.lock", []byte(tc.text))
		if err == nil || !strings.HasPrefix(err.Error(), "restow.lock:") || !strings.Contains(err.Error(), tc.want) || strings.ContainsAny(err.Error(), "\n\x01") {
			t.Errorf("%.200q:\ngot  %v\nwant %s", tc.text, err, tc.want)
		}
	}
}

func TestLargeLock(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nimages: {")
	for b.Len() < 90_000 {
		b.WriteString("a,")
	}
	b.WriteString("}\n")
	if _, err := ParseLock("x", []byte(b.String())); err == nil || !strings.Contains(err.Error(), "more than 10000 images") {
		t.Errorf("got %v", err)
	}
	for _, part := range []string{"[", "{a: ", "- ", "? ", "&a ", "*a ", "a:\n", "\n", "'", "!a ", "x: &a\n", "---\n"} {
		start := time.Now()
		_, err := ParseLock("x", []byte(strings.Repeat(part, maxLock/4/len(part))))
		if took := time.Since(start); err == nil || took > 10*time.Second {
			t.Errorf("%q: %v after %v", part, err, took)
		}
	}
}

// FuzzLock: what parses, formats and parses to the same.
func FuzzLock(f *testing.F) {
	f.Add([]byte(lockText))
	f.Add([]byte("version: 1\nimages: {a.b/c:d: {digest: 'sha256:" + strings.Repeat("1", 64) + "', resolved: 2026-11-21T04:00:00.123+05:00}}\n"))
	f.Add([]byte("version: 1\nimages:\n  a.b/c:d: &x\n    <<: *x\n"))
	f.Add([]byte("<<<<<<< a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lock, err := ParseLock("restow.lock", data)
		if err != nil {
			if lock != nil || strings.ContainsRune(err.Error(), '\n') || !strings.HasPrefix(err.Error(), "restow.lock:") {
				t.Fatalf("%v, %q", lock, err)
			}
			return
		}
		text := lock.Format()
		again, err := ParseLock("restow.lock", text)
		if err != nil || !reflect.DeepEqual(lock, again) || !bytes.Equal(again.Format(), text) {
			t.Fatalf("%v: %v became %v", err, lock, again)
		}
	})
}
