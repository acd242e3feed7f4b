package debian

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/restow/restow/internal/debian/debiantest"
)

func xzPack(dict int) func([]byte) (string, []byte) {
	return func(data []byte) (string, []byte) {
		var out bytes.Buffer
		w, err := xz.WriterConfig{DictCap: dict}.NewWriter(&out)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			panic(err)
		}
		return ".xz", out.Bytes()
	}
}

func zstdPack(data []byte) (string, []byte) {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return ".zst", w.EncodeAll(data, nil)
}

func whole() *budget { return &budget{maxTree, maxFiles} }

// TestCompressions: all that packages are compressed with.
func TestCompressions(t *testing.T) {
	for name, pack := range map[string]func([]byte) (string, []byte){
		"none": func(data []byte) (string, []byte) { return "", data }, "gzip": nil, "zstd": zstdPack, "xz": xzPack(1 << 20),
	} {
		p := debiantest.Package{Name: "a", Version: "1", Pack: pack, Files: []debiantest.File{{Name: "./usr/x", Body: strings.Repeat("hello", 1000)}}}
		d, err := openDeb(p.Build(t), whole())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(d.files) != 1 || len(d.files[0].data) != 5000 || d.control["md5sums"] == nil {
			t.Errorf("%s: %d files", name, len(d.files))
		}
	}
}

// TestHostileDebs: what a package must not hold is refused before anything is done.
func TestHostileDebs(t *testing.T) {
	file := func(f ...debiantest.File) []byte {
		return debiantest.Package{Name: "a", Version: "1", Files: f}.Build(t)
	}
	good := file(debiantest.File{Name: "./x", Body: "x"})
	control := debiantest.Gzip(debiantest.Tar(t, debiantest.File{Name: "./control", Body: "Package: a\nVersion: 1\n"}))
	format := []byte("2.0\n")
	for name, c := range map[string]struct {
		deb  []byte
		want string
	}{
		"path upward":        {file(debiantest.File{Name: "../etc/passwd", Body: "x"}), "leads outside"},
		"path upward inside": {file(debiantest.File{Name: "./usr/../../x", Body: "x"}), "leads outside"},
		"absolute path":      {file(debiantest.File{Name: "/etc/passwd", Body: "x"}), "leads outside"},
		"two slashes":        {file(debiantest.File{Name: ".//etc/passwd", Body: "x"}), "leads outside"},
		"path of two forms":  {file(debiantest.File{Name: "./usr//x", Body: "x"}), "not in plain form"},
		"device":             {file(debiantest.File{Name: "./dev/sda", Kind: tar.TypeBlock}), "is a device"},
		"named pipe":         {file(debiantest.File{Name: "./run/x", Kind: tar.TypeFifo}), "is a device or the like"},
		"hard link outside":  {file(debiantest.File{Name: "./x", Kind: tar.TypeLink, Link: "../../etc/shadow"}), "leads outside"},
		"hard link to another's file": {
			file(debiantest.File{Name: "./x", Kind: tar.TypeLink, Link: "./etc/shadow"}), "the package has no file of",
		},
		"hard link to a link": {
			file(debiantest.File{Name: "./l", Kind: tar.TypeSymlink, Link: "/etc"}, debiantest.File{Name: "./x", Kind: tar.TypeLink, Link: "./l"}), "the package has no file of",
		},
		"top that is a link": {file(debiantest.File{Name: "./", Kind: tar.TypeSymlink, Link: "/"}), "its top is no folder"},
		"link to nowhere":    {file(debiantest.File{Name: "./l", Kind: tar.TypeSymlink}), "a link to nowhere"},
		"attributes":         {file(debiantest.File{Name: "./x", Body: "x", PAX: map[string]string{"SCHILY.xattr.security.capability": "x"}}), "extended attributes"},
		"no archive":         {[]byte("hello"), "no ar archive"},
		"cut":                {good[:len(good)-10], "impossible size"},
		"cut in the head":    {good[:50], "truncated"},
		"cut inside gzip":    {debiantest.Ar("debian-binary", format, "control.tar.gz", control[:20], "data.tar", []byte{}), "control.tar.gz"},
		"no data":            {debiantest.Ar("debian-binary", format, "control.tar.gz", control), "truncated"},
		"no control":         {debiantest.Ar("debian-binary", format, "data.tar", []byte{}), "where control.tar is due"},
		"another format":     {debiantest.Ar("debian-binary", []byte("3.0\n")), "its format is"},
		"another member":     {debiantest.Ar("debian-binary", format, "evil", []byte("x")), `it has "evil"`},
		"bzip2":              {debiantest.Ar("debian-binary", format, "control.tar.bz2", []byte("x")), `compression ".bz2"`},
		"huge dictionary":    {hugeDictionary(t), "wants too much memory"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openDeb(c.deb, whole())
			wantError(t, err, c.want)
		})
	}
	if _, err := openDeb(debiantest.Ar("debian-binary", format, "_more", []byte("x"), "control.tar.gz", control, "data.tar", []byte{}), whole()); err != nil {
		t.Errorf("a member that deb(5) says to pass over: %v", err)
	}
}

// hugeDictionary is a package whose data wants 1 GiB of memory to be unpacked.
func hugeDictionary(t *testing.T) []byte {
	return debiantest.Package{Name: "a", Version: "1", Pack: func(data []byte) (string, []byte) {
		ending, packed := xzPack(1 << 20)(data)
		header := packed[12:]
		size := (int(header[0]) + 1) * 4
		for i := range size - 4 {
			if header[i] == 0x21 && header[i+1] == 1 {
				header[i+2] = 36 // 2 << (36/2 + 11)
			}
		}
		putCRC(header[:size])
		return ending, packed
	}}.Build(t)
}

// putCRC mends the checksum at the end of an xz header.
func putCRC(header []byte) {
	n := len(header) - 4
	binary.LittleEndian.PutUint32(header[n:], crc32.ChecksumIEEE(header[:n]))
}

// TestBudget: files are unpacked up to a size and number, whatever their headers say.
func TestBudget(t *testing.T) {
	p := debiantest.Package{Name: "a", Version: "1", Files: []debiantest.File{{Name: "./x", Body: strings.Repeat("x", 1000)}, {Name: "./y", Body: "y"}}}
	if _, err := openDeb(p.Build(t), &budget{1001, 2}); err != nil {
		t.Error(err)
	}
	_, err := openDeb(p.Build(t), &budget{999, 2})
	wantError(t, err, "/x: with it, the files are larger than")
	_, err = openDeb(p.Build(t), &budget{2000, 1})
	wantError(t, err, "more than")
}

func FuzzOpenDeb(f *testing.F) {
	f.Add(debiantest.Package{Name: "a", Version: "1", Files: []debiantest.File{{Name: "./x", Body: "x"}}}.Build(f))
	f.Add(debiantest.Package{Name: "a", Version: "1", Pack: zstdPack, Files: []debiantest.File{{Name: "./l", Kind: tar.TypeSymlink, Link: "/x"}}}.Build(f))
	f.Add(debiantest.Package{Name: "a", Version: "1", Pack: xzPack(4096)}.Build(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := openDeb(data, &budget{1 << 20, 100})
		if err != nil {
			return
		}
		r := newRoot()
		if r.unpack(&Package{Name: "a"}, d.files) != nil || r.configure(debiantest.When) != nil {
			return
		}
		r.lacks()
		tree := &Tree{Packages: []Placed{{Package: &Package{Name: "a"}}}}
		tree.layers(r)
		for _, l := range tree.Layers {
			_ = l.WriteTar(io.Discard) // an error is fine, a panic is not
		}
	})
}
