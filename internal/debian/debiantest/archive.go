// Package debiantest makes small signed Debian archives for tests, and serves them.
package debiantest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/restow/restow/internal/debian/signed"
)

// When is the date of the archives and of what is in them.
var When = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// File is a member of a package: a regular file unless Kind says otherwise.
type File struct {
	Name         string // as in the archive, ./ included
	Kind         byte
	Mode         int64
	Body, Link   string
	Owner, Group string
	PAX          map[string]string
}

// Package is a package to be.
type Package struct {
	Name, Version string
	Arch          string // amd64 unless it says otherwise
	Fields        string // more lines of its control file
	Suite         string // -updates or -security; empty for the release itself
	Files         []File
	Scripts       map[string]string // postinst and the like
	// Pack compresses the data archive and says by which ending; nil for gzip.
	Pack func([]byte) (ending string, packed []byte)
	Deb  []byte // instead of one made of the above
}

func (p Package) arch() string {
	if p.Arch == "" {
		return "amd64"
	}
	return p.Arch
}

func (p Package) control() string {
	return fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: Nobody <nobody@example.com>\nDescription: a package\n of a test\n%s", p.Name, p.Version, p.arch(), lines(p.Fields))
}

func lines(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

// Build makes the package file.
func (p Package) Build(t testing.TB) []byte {
	t.Helper()
	if p.Deb != nil {
		return p.Deb
	}
	control := []File{{Name: "./control", Body: p.control()}}
	var sums strings.Builder
	for _, f := range p.Files {
		if f.Kind == 0 {
			fmt.Fprintf(&sums, "%x  %s\n", md5.Sum([]byte(f.Body)), strings.TrimPrefix(f.Name, "./"))
		}
	}
	control = append(control, File{Name: "./md5sums", Body: sums.String()})
	for _, name := range slices.Sorted(maps.Keys(p.Scripts)) {
		control = append(control, File{Name: "./" + name, Body: p.Scripts[name], Mode: 0o755})
	}
	pack := p.Pack
	if pack == nil {
		pack = func(data []byte) (string, []byte) { return ".gz", Gzip(data) }
	}
	ending, data := pack(Tar(t, p.Files...))
	return Ar("debian-binary", []byte("2.0\n"), "control.tar.gz", Gzip(Tar(t, control...)), "data.tar"+ending, data)
}

// Ar makes an ar archive of names and contents in turn.
func Ar(members ...any) []byte {
	out := bytes.NewBufferString("!<arch>\n")
	for i := 0; i+1 < len(members); i += 2 {
		data := members[i+1].([]byte)
		fmt.Fprintf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", members[i], When.Unix(), 0, 0, "100644", len(data))
		out.Write(data)
		if len(data)%2 == 1 {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// Tar makes a tar archive.
func Tar(t testing.TB, files ...File) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		h := &tar.Header{Name: f.Name, Typeflag: f.Kind, Mode: f.Mode, Linkname: f.Link, ModTime: When, Uname: f.Owner, Gname: f.Group, PAXRecords: f.PAX}
		if f.Kind == 0 {
			h.Typeflag, h.Size = tar.TypeReg, int64(len(f.Body))
		}
		if f.Mode == 0 {
			h.Mode = 0o644
			if f.Kind == tar.TypeDir {
				h.Mode = 0o755
			}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if f.Kind == 0 {
			if _, err := w.Write([]byte(f.Body)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Gzip compresses.
func Gzip(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(data) // a buffer takes all
	_ = w.Close()
	return out.Bytes()
}

// Archive is an archive of the suite bookworm, its updates and security updates, with
// everything below one address.
type Archive struct {
	URL   string
	Keys  []byte            // the keyring that trusts it
	Key   *signed.Key       // that it is signed with
	Files map[string][]byte // by path; a test changes what it wants wrong
	Asked []string          // paths, in the order of requests
}

// Serve makes an archive of packages and serves it until the test ends.
func Serve(t testing.TB, packages ...Package) *Archive {
	t.Helper()
	key, err := signed.NewKey("archive", When.Add(-48*time.Hour), 0)
	if err != nil {
		t.Fatal(err)
	}
	a := &Archive{Key: key, Files: map[string][]byte{}}
	if a.Keys, err = key.Public(); err != nil {
		t.Fatal(err)
	}
	for _, suite := range []string{"", "-updates", "-security"} {
		var index strings.Builder
		for _, p := range packages {
			if p.Suite != suite {
				continue
			}
			deb := p.Build(t)
			path := fmt.Sprintf("pool/main/%s/%s_%s_%s.deb", p.Name[:1], p.Name, strings.ReplaceAll(p.Version, ":", "%3a"), p.arch())
			a.Files["/"+path] = deb
			fmt.Fprintf(&index, "%sFilename: %s\nSize: %d\nSHA256: %x\n\n", p.control(), path, len(deb), sha256.Sum256(deb))
		}
		a.Release(t, "bookworm"+suite, index.String(), "")
	}
	var server *httptest.Server
	asked := make(chan struct{}, 1)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		a.Asked = append(a.Asked, r.URL.Path)
		data, ok := a.Files[r.URL.EscapedPath()]
		<-asked
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// Release makes the index of a suite and signs it. more are further lines of its
// InRelease file.
func (a *Archive) Release(t testing.TB, suite, index, more string) {
	t.Helper()
	packed := Gzip([]byte(index))
	text := fmt.Sprintf("Origin: Test\nSuite: %s\nCodename: %s\nVersion: 12.1\nDate: %s\n%sArchitectures: all amd64\nComponents: main\nSHA256:\n %x %d main/binary-amd64/Packages\n %x %d main/binary-amd64/Packages.gz\n",
		suite, suite, When.Format("Mon, 02 Jan 2006 15:04:05 MST"), lines(more), sha256.Sum256([]byte(index)), len(index), sha256.Sum256(packed), len(packed))
	a.Sign(t, suite, text)
	a.Files["/dists/"+suite+"/main/binary-amd64/Packages.gz"] = packed
}

// Sign puts a text in place of a suite's InRelease file, signed.
func (a *Archive) Sign(t testing.TB, suite, text string) {
	t.Helper()
	data, err := a.Key.Sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a.Files["/dists/"+suite+"/InRelease"] = data
}
