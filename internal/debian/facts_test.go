package debian

import (
	"archive/tar"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/restow/restow/internal/debian/debiantest"
)

func certificate(t testing.TB) ([]byte, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestConfigured: what maintainer scripts would have done.
func TestConfigured(t *testing.T) {
	der, text := certificate(t)
	tree, err := build(
		t, Choice{Want: []string{"openjdk-17-jre-headless", "openjdk-8-jre-headless", "nginx-common", "mawk"}},
		debiantest.Package{Name: "base-files", Version: "12", Files: []debiantest.File{
			{Name: "./tmp/", Kind: dir, Mode: 0o1777}, {Name: "./var/run/", Kind: dir}, {Name: "./var/lock/", Kind: dir}, {Name: "./root/", Kind: dir, Mode: 0o700},
		}},
		debiantest.Package{Name: "tzdata", Version: "1", Files: []debiantest.File{{Name: "./usr/share/zoneinfo/Etc/UTC", Body: "utc"}}},
		debiantest.Package{Name: "ca-certificates", Version: "1", Files: []debiantest.File{
			{Name: "./usr/share/ca-certificates/mozilla/B.crt", Body: text},
			{Name: "./usr/share/ca-certificates/mozilla/A.crt", Body: strings.TrimSpace(text)},
			{Name: "./usr/share/ca-certificates/mozilla/bad.crt", Body: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
		}},
		debiantest.Package{Name: "ca-certificates-java", Version: "1"},
		debiantest.Package{Name: "openjdk-17-jre-headless", Version: "17", Fields: "Depends: ca-certificates-java", Files: []debiantest.File{
			{Name: "./usr/lib/jvm/java-17-openjdk-amd64/bin/java", Body: "17", Mode: 0o755}, {Name: "./usr/lib/jvm/java-17-openjdk-amd64/bin/notes", Body: "x"},
		}},
		debiantest.Package{Name: "openjdk-8-jre-headless", Version: "8", Files: []debiantest.File{{Name: "./usr/lib/jvm/java-8-openjdk-amd64/bin/java", Body: "8", Mode: 0o755}}},
		debiantest.Package{Name: "nginx-common", Version: "1", Files: []debiantest.File{
			{Name: "./usr/share/nginx/html/index.html", Body: "hello"}, {Name: "./var/log/nginx/", Kind: dir}, {Name: "./etc/nginx/sites-enabled/", Kind: dir},
		}},
		debiantest.Package{Name: "mawk", Version: "1", Files: []debiantest.File{{Name: "./usr/bin/mawk", Body: "x", Mode: 0o755}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	files := layered(t, tree)
	for p, want := range map[string]string{
		"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "usr/bin/java": "/etc/alternatives/java", "usr/bin/awk": "mawk",
		"etc/alternatives/java": "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "etc/localtime": "/usr/share/zoneinfo/Etc/UTC",
		"etc/nginx/sites-enabled/default": "/etc/nginx/sites-available/default", "var/run": "/run", "var/lock": "/run/lock",
		"etc/ssl/certs/A.pem": "/usr/share/ca-certificates/mozilla/A.crt", "usr/lib/ssl/cert.pem": "/etc/ssl/certs/ca-certificates.crt",
	} {
		if h := files[p]; h == nil || h.Typeflag != tar.TypeSymlink || h.Linkname != want {
			t.Errorf("/%s is %+v, want a link to %s", p, h, want)
		}
	}
	for p, want := range map[string]string{
		"var/www/html/index.nginx-debian.html": "hello", "etc/ssl/certs/ca-certificates.crt": text + text, "etc/passwd": passwd,
	} {
		if h := files[p]; h == nil || h.Uname != want {
			t.Errorf("/%s is %+v", p, h)
		}
	}
	for p, want := range map[string][3]int64{"tmp": {0o1777, 0, 0}, "home/nonroot": {0o700, Nonroot, Nonroot}, "var/log/nginx": {0o755, 0, 4}, "root": {0o700, 0, 0}, "run/lock": {0o1777, 0, 0}} {
		if h := files[p]; h == nil || h.Typeflag != tar.TypeDir || [3]int64{h.Mode, int64(h.Uid), int64(h.Gid)} != want {
			t.Errorf("/%s is %+v, want %v", p, h, want)
		}
	}
	for _, p := range []string{"lib64", "usr/bin/notes", "etc/ssl/certs/bad.pem"} {
		if files[p] != nil {
			t.Errorf("/%s is there", p)
		}
	}
	if !tree.Bundle || len(tree.Notes) != 1 || !strings.Contains(tree.Notes[0], "bad.crt is no certificate") {
		t.Errorf("bundle %t, notes %q", tree.Bundle, tree.Notes)
	}
	store := []byte(files["etc/ssl/certs/java/cacerts"].Uname)
	if got := storeEntries(t, store); !slices.Equal(got, []string{"debian:a.pem", "debian:b.pem"}) || bytes.Count(store, der) != 2 {
		t.Errorf("the key store has %q", got)
	}
}

// TestAlternatives: what update-alternatives and the scripts of shells make reachable.
func TestAlternatives(t *testing.T) {
	shell := func(name string) debiantest.Package {
		return debiantest.Package{Name: name, Version: "1", Files: []debiantest.File{{Name: "./bin/" + name, Body: "x", Mode: 0o755}}}
	}
	all := []debiantest.Package{
		shell("bash"), shell("dash"),
		{Name: "libblas3", Version: "1", Files: []debiantest.File{{Name: "./usr/lib/x86_64-linux-gnu/blas/libblas.so.3", Body: "x"}}},
		{Name: "libopenblas0-pthread", Version: "1", Files: []debiantest.File{{Name: "./usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", Body: "x"}}},
	}
	for want, asked := range map[string][]string{
		"usr/bin/sh → dash": {"bash", "dash"},
		"usr/bin/sh → bash": {"bash"},
		"usr/lib/x86_64-linux-gnu/libblas.so.3 → /usr/lib/x86_64-linux-gnu/blas/libblas.so.3":             {"libblas3"},
		"usr/lib/x86_64-linux-gnu/libblas.so.3 → /usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3": {"libblas3", "libopenblas0-pthread"},
	} {
		tree, err := build(t, Choice{Want: asked}, all...)
		if err != nil {
			t.Fatal(err)
		}
		if got := shownTree(layered(t, tree)); !slices.Contains(strings.Split(got, "\n"), want) {
			t.Errorf("%v: %q is not in\n%s", asked, want, got)
		}
	}
}

// storeEntries reads a key store as Java's JavaKeyStore does.
func storeEntries(t testing.TB, data []byte) (aliases []string) {
	t.Helper()
	sum := sha1.New()
	for _, c := range "changeit" {
		sum.Write([]byte{0, byte(c)})
	}
	sum.Write([]byte("Mighty Aphrodite"))
	sum.Write(data[:len(data)-20])
	if !bytes.Equal(sum.Sum(nil), data[len(data)-20:]) {
		t.Fatal("the key store's digest is wrong")
	}
	in := bytes.NewReader(data[:len(data)-20])
	var head struct{ Magic, Version, Count uint32 }
	err := binary.Read(in, binary.BigEndian, &head)
	text := func() string {
		var n uint16
		err = errors.Join(err, binary.Read(in, binary.BigEndian, &n))
		s := make([]byte, n)
		_, e := in.Read(s)
		err = errors.Join(err, e)
		return string(s)
	}
	for range head.Count {
		var tag, size uint32
		var when int64
		err = errors.Join(err, binary.Read(in, binary.BigEndian, &tag))
		aliases = append(aliases, text())
		err = errors.Join(err, binary.Read(in, binary.BigEndian, &when))
		if kind := text(); tag != 2 || kind != "X.509" || time.UnixMilli(when).UTC() != debiantest.When {
			t.Errorf("tag %d, %q of %d", tag, kind, when)
		}
		err = errors.Join(err, binary.Read(in, binary.BigEndian, &size))
		der := make([]byte, size)
		_, e := in.Read(der)
		err = errors.Join(err, e)
		if _, e := x509.ParseCertificate(der); e != nil {
			t.Error(e)
		}
	}
	if err != nil || head.Magic != 0xfeedfeed || head.Version != 2 || in.Len() != 0 {
		t.Fatalf("%+v, %v, %d bytes left", head, err, in.Len())
	}
	return aliases
}

// TestRegistered: scanners find each package, and the digests of files that are there.
func TestRegistered(t *testing.T) {
	tree, err := build(t, Choice{Want: []string{"a"}}, debiantest.Package{Name: "a", Version: "1:2", Fields: "Source: s", Files: []debiantest.File{
		{Name: "./bin/x", Body: "x"}, {Name: "./usr/share/man/man1/x.1", Body: "m"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	files := layered(t, tree)
	if got := files["var/lib/dpkg/status.d/a"].Uname; !strings.HasPrefix(got, "Package: a\nStatus: install ok installed\nVersion: 1:2\n") {
		t.Error(got)
	}
	if got := files["var/lib/dpkg/status.d/a.md5sums"].Uname; got != "9dd4e461268c8034f5c8564e155c67a6  bin/x\n" {
		t.Error(got)
	}
	sbom, err := tree.SBOM()
	if err != nil || !json.Valid(sbom) {
		t.Fatalf("%s %v", sbom, err)
	}
	for _, want := range []string{`"referenceLocator":"pkg:deb/debian/a@1:2?arch=amd64\u0026distro=debian-12"`, "built from the source package s", `"created":"2026-01-02T03:04:05Z"`} {
		if !bytes.Contains(sbom, []byte(want)) {
			t.Errorf("%s is not in %s", want, sbom)
		}
	}
}

// TestUnrun: scripts that do more than is known here are named, and no others.
func TestUnrun(t *testing.T) {
	const auto = "#!/bin/sh\nset -e\n# Automatically added by dh_installsystemd/13\nif [ x ]; then\n\tdeb-systemd-helper enable x\nfi\n# End automatically added section\n\nexit 0\n"
	for name, c := range map[string]struct{ of, script, want string }{
		"debhelper's alone": {"a", auto, ""},
		"own work":          {"a", strings.Replace(auto, "exit 0", "case \"$1\" in\n  configure)\n  ldconfig\n ;;\nesac", 1), "its postinst script"},
		"users":             {"a", auto + "adduser --system x\n", "its postinst script, which makes users,"},
		"known":             {"tzdata", "ln -s x y\n", ""},
	} {
		d := &deb{control: map[string][]byte{"postinst": []byte(c.script)}}
		if got := unrun(c.of, d); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestUser(t *testing.T) {
	for s, want := range map[string][2]string{
		"": {"", "/"}, "root": {"", "/"}, "nonroot": {"65532:65532", "/home/nonroot"}, "www-data": {"33:33", "/"}, "1000": {"1000", "/"}, "1000:5": {"1000:5", "/"},
	} {
		if user, home, err := User(s); err != nil || user != want[0] || home != want[1] {
			t.Errorf("%q: %q in %q, %v", s, user, home, err)
		}
	}
	for _, s := range []string{"nobody:x", "somebody", "-1", "01", "1:", ":1", "99999999999", "1:2:3"} {
		if _, _, err := User(s); err == nil {
			t.Errorf("%q is a user", s)
		}
	}
}
