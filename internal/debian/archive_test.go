package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/restow/restow/internal/debian/debiantest"
	"github.com/restow/restow/internal/debian/signed"
)

func options(t testing.TB, a *debiantest.Archive) Options {
	t.Helper()
	keys, err := signed.ReadKeyring(a.Keys)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Suite: "bookworm", Arch: "amd64", Mirror: a.URL, Security: a.URL, Keys: keys, Now: debiantest.When.Add(time.Hour), Transport: http.DefaultTransport}
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("the error is %q; want %q in it", err, p)
		}
	}
}

// TestUntrusted: what is not signed, not by the right key, out of date or of another
// suite is not looked into.
func TestUntrusted(t *testing.T) {
	hello := debiantest.Package{Name: "hello", Version: "1"}
	const inRelease = "/dists/bookworm/InRelease"
	for name, c := range map[string]struct {
		wrong func(a *debiantest.Archive, o *Options)
		want  string
	}{
		"no signature": {func(a *debiantest.Archive, _ *Options) {
			a.Files[inRelease] = []byte("Origin: Test\nCodename: bookworm\n")
		}, "it is not signed"},
		"another key": {func(a *debiantest.Archive, _ *Options) {
			key, err := signed.NewKey("other", debiantest.When, 0)
			if err != nil {
				t.Fatal(err)
			}
			if a.Files[inRelease], err = key.Sign([]byte("Codename: bookworm\n")); err != nil {
				t.Fatal(err)
			}
		}, "no key of the keyring has signed it"},
		"changed text": {func(a *debiantest.Archive, _ *Options) {
			a.Files[inRelease] = []byte(strings.Replace(string(a.Files[inRelease]), "Origin: Test", "Origin: Tost", 1))
		}, "no key of the keyring has signed it"},
		"text before": {func(a *debiantest.Archive, _ *Options) {
			a.Files[inRelease] = append([]byte("Origin: Evil\n"), a.Files[inRelease]...)
		}, "text that the signature does not cover"},
		"text behind": {func(a *debiantest.Archive, _ *Options) {
			a.Files[inRelease] = append(a.Files[inRelease], "\nOrigin: Evil\n"...)
		}, "text that the signature does not cover"},
		"still valid": {func(a *debiantest.Archive, _ *Options) {
			a.Release(t, "bookworm-security", "", "Valid-Until: Sat, 03 Jan 2026 00:00:00 UTC")
		}, ""},
		"expired": {func(a *debiantest.Archive, o *Options) {
			a.Release(t, "bookworm-security", "", "Valid-Until: Sat, 03 Jan 2026 00:00:00 UTC")
			o.Now = o.Now.Add(48 * time.Hour)
		}, "valid until 2026-01-03"},
		"end that cannot be read": {func(a *debiantest.Archive, _ *Options) {
			a.Release(t, "bookworm-security", "", "Valid-Until: some day")
		}, "is no time"},
		"from the future": {func(_ *debiantest.Archive, o *Options) { o.Now = o.Now.Add(-30 * time.Hour) }, "which is yet to come"},
		"another suite": {func(a *debiantest.Archive, _ *Options) {
			a.Files["/dists/bookworm-security/InRelease"] = a.Files[inRelease]
		}, `of the suite "bookworm", not "bookworm-security"`},
		"no security": {func(a *debiantest.Archive, _ *Options) {
			delete(a.Files, "/dists/bookworm-security/InRelease")
		}, "the mirror does not have it"},
		"another index": {func(a *debiantest.Archive, _ *Options) {
			a.Files["/dists/bookworm/main/binary-amd64/Packages.gz"] = debiantest.Gzip([]byte("Package: evil\n"))
		}, "size or SHA-256 is not what"},
		"index of the same size": {func(a *debiantest.Archive, _ *Options) {
			data := slices.Clone(a.Files["/dists/bookworm/main/binary-amd64/Packages.gz"])
			data[len(data)-9] ^= 1
			a.Files["/dists/bookworm/main/binary-amd64/Packages.gz"] = data
		}, "size or SHA-256 is not what the archive's index says"},
		"nothing listed": {func(a *debiantest.Archive, _ *Options) {
			a.Sign(t, "bookworm", "Codename: bookworm\nDate: Fri, 02 Jan 2026 03:04:05 UTC\n")
		}, "vouches for no file"},
		"a huge index": {func(a *debiantest.Archive, _ *Options) {
			a.Sign(t, "bookworm", fmt.Sprintf("Codename: bookworm\nDate: Fri, 02 Jan 2026 03:04:05 UTC\nSHA256:\n %064d 99999999999 main/binary-amd64/Packages\n", 0))
		}, "is larger than"},
		"an index that unpacks to more than was signed": {func(a *debiantest.Archive, _ *Options) {
			data := debiantest.Gzip([]byte(strings.Repeat("\n", 1000)))
			sum := sha256.Sum256(data)
			a.Sign(t, "bookworm", fmt.Sprintf("Codename: bookworm\nDate: Fri, 02 Jan 2026 03:04:05 UTC\nSHA256:\n %064d 10 main/binary-amd64/Packages\n %s %d main/binary-amd64/Packages.gz\n", 0, hex.EncodeToString(sum[:]), len(data)))
			a.Files["/dists/bookworm/main/binary-amd64/Packages.gz"] = data
		}, "larger than 10 bytes"},
		"a package elsewhere": {func(a *debiantest.Archive, _ *Options) {
			a.Release(t, "bookworm", fmt.Sprintf("Package: x\nVersion: 1\nArchitecture: all\nFilename: ../../x.deb\nSize: 1\nSHA256: %064d\n", 0), "")
		}, "no place in an archive"},
	} {
		t.Run(name, func(t *testing.T) {
			a := debiantest.Serve(t, hello)
			o := options(t, a)
			c.wrong(a, &o)
			_, err := Open(t.Context(), o)
			if c.want != "" {
				wantError(t, err, c.want)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

// TestHashOfPackage: a package file that is not the one the index names is not opened.
func TestHashOfPackage(t *testing.T) {
	a := debiantest.Serve(t, debiantest.Package{Name: "hello", Version: "1", Files: []debiantest.File{{Name: "./usr/bin/hello", Body: "x"}}})
	for p, data := range a.Files {
		if strings.HasSuffix(p, ".deb") {
			changed := slices.Clone(data)
			changed[len(changed)-1] ^= 1
			a.Files[p] = changed
		}
	}
	_, err := Build(t.Context(), options(t, a), Choice{Want: []string{"hello"}}, nil)
	wantError(t, err, "hello_1_amd64.deb", "SHA-256 is not what")
}

// TestByHash: where the archive offers it, an index is asked for by its digest.
func TestByHash(t *testing.T) {
	a := debiantest.Serve(t)
	index := "Package: hello\nVersion: 1\nArchitecture: all\nFilename: pool/hello.deb\nSize: 1\nSHA256: " + strings.Repeat("0", 64) + "\n"
	a.Release(t, "bookworm", index, "Acquire-By-Hash: yes")
	const p = "/dists/bookworm/main/binary-amd64/"
	data := a.Files[p+"Packages.gz"]
	delete(a.Files, p+"Packages.gz")
	a.Files[fmt.Sprintf("%sby-hash/SHA256/%x", p, sha256.Sum256(data))] = data
	for range 2 {
		opened, err := Open(t.Context(), options(t, a))
		if err != nil {
			t.Fatal(err)
		}
		if len(opened.byName["hello"]) != 1 {
			t.Error("the package is not there")
		}
		clear(a.Files) // and where a mirror keeps no such links, by its name
		a.Release(t, "bookworm-updates", "", "")
		a.Release(t, "bookworm-security", "", "")
		a.Release(t, "bookworm", index, "Acquire-By-Hash: yes")
	}
}

// TestOtherArchitecture: an architecture that the archive does not have is refused.
func TestOtherArchitecture(t *testing.T) {
	a := debiantest.Serve(t)
	o := options(t, a)
	o.Arch = "s390x"
	_, err := Open(t.Context(), o)
	wantError(t, err, "has nothing for s390x, but for all, amd64")
}

// TestCancelled: an interrupted fetch ends.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, options(t, debiantest.Serve(t))); err == nil {
		t.Error("a cancelled fetch came to an end")
	}
}
