package build

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// Limits of what an image may make this process hold or read. An image beyond
// them is refused, since a part of it must not pass for the whole.
const (
	maxEntries = 1_000_000
	maxBytes   = 200 << 30 // of unpacked content, a bound for compression bombs
	maxName    = 8 << 10
	maxKept    = 4 << 20 // of a file whose content is compared by meaning
	maxELF     = 2 << 30
)

// entry is a file as an image has it. Content is there as its hash; a few small
// files that mean something to the checks are kept.
type entry struct {
	kind     byte // a type flag of archive/tar; hard links are resolved
	mode     uint32
	uid, gid int
	size     int64
	hash     string
	link     string // of symbolic links
	device   string
	xattrs   string
	elf      *elfFile // of programs and libraries
	shebang  string   // of scripts: the line, without #!
	data     []byte
}

// layerEntry is an entry with its path, as a layer lists it.
type layerEntry struct {
	path string
	hard string // a hard link's target
	entry
}

// layer is what one layer does to the tree below it.
type layer struct {
	size    int64 // of its regular files
	entries []layerEntry
	removed []string // whiteouts
	opaque  []string // folders whose content below is hidden
	strange []string // entries that were left out, with the reason
}

// readLayer reads a layer's tar, or that of a whole root file system. Nothing is
// written to disk but programs and libraries of some size, one at a time, into a
// temporary file without a name.
func readLayer(r io.Reader, budget *int64) (*layer, error) {
	l := &layer{}
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a layer: %w", err)
		}
		if len(l.entries)+len(l.removed) >= maxEntries {
			return nil, fmt.Errorf("a layer has more than %d files", maxEntries)
		}
		if err := l.add(h, tr, budget); err != nil {
			return nil, err
		}
	}
}

func (l *layer) add(h *tar.Header, content io.Reader, budget *int64) error {
	name, ok := inside(h.Name)
	switch {
	case !ok || len(h.Linkname) > maxName:
		l.leaveOut(h.Name, "its name leads out of the image")
		return nil
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	}
	if dir, base := path.Split(name); strings.HasPrefix(base, ".wh.") {
		switch {
		case base == ".wh..wh..opq":
			l.opaque = append(l.opaque, path.Clean("/" + dir)[1:])
		case !strings.HasPrefix(base, ".wh..wh."): // others are bookkeeping of aufs
			l.removed = append(l.removed, path.Join(dir, base[len(".wh."):]))
		}
		return nil
	}
	e := layerEntry{path: name, entry: entry{kind: h.Typeflag, mode: uint32(h.Mode) & 0o7777, uid: h.Uid, gid: h.Gid, xattrs: xattrs(h)}}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		e.kind, e.size = tar.TypeReg, h.Size
		if *budget -= h.Size; *budget < 0 {
			return fmt.Errorf("the image unpacks to more than %d GiB", maxBytes>>30)
		}
		l.size += h.Size
		if err := e.read(content, name); err != nil {
			return fmt.Errorf("reading %s of a layer: %w", clip(name, 200), err)
		}
	case tar.TypeSymlink:
		e.link = h.Linkname
	case tar.TypeLink:
		if e.hard, ok = inside(h.Linkname); !ok {
			l.leaveOut(h.Name, "its link leads out of the image")
			return nil
		}
	case tar.TypeChar, tar.TypeBlock:
		e.device = fmt.Sprintf("%d:%d", h.Devmajor, h.Devminor)
	case tar.TypeDir, tar.TypeFifo:
	default:
		l.leaveOut(h.Name, fmt.Sprintf("its type %q is not known", h.Typeflag))
		return nil
	}
	l.entries = append(l.entries, e)
	return nil
}

func (l *layer) leaveOut(name, why string) {
	if len(l.strange) < 20 {
		l.strange = append(l.strange, fmt.Sprintf("%q: %s", clip(name, 200), why))
	}
}

// read hashes a regular file's content and looks at how it begins.
func (e *layerEntry) read(r io.Reader, name string) error {
	hash := sha256.New()
	r = io.TeeReader(r, hash)
	head := make([]byte, 256)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	whole := io.MultiReader(bytes.NewReader(head), r)
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")) && e.size <= maxELF:
		if e.elf, err = readELF(whole, e.size); err != nil {
			return err
		}
	case bytes.HasPrefix(head, []byte("#!")):
		line, _, _ := bytes.Cut(head[2:], []byte("\n"))
		e.shebang = strings.TrimSpace(string(line))
	case kept(name) && e.size <= maxKept:
		if e.data, err = io.ReadAll(whole); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	e.hash = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// kept reports whether a file's content means something to the checks.
func kept(name string) bool {
	return name == "etc/ld.so.cache" || name == "var/lib/dpkg/status" ||
		strings.HasPrefix(name, "etc/ld-musl-") && strings.HasSuffix(name, ".path")
}

// inside is a tar entry's name as a path below the root, "" for the root. It is
// false where .. would lead out, and for names that are longer than any file's.
func inside(name string) (string, bool) {
	if len(name) > maxName || strings.ContainsRune(name, 0) {
		return "", false
	}
	depth := 0
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return "", false
			}
		default:
			depth++
		}
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/"), true
}

// xattrs are a file's extended attributes (capabilities among them) as a text
// that can be compared and shown.
func xattrs(h *tar.Header) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if name, ok := strings.CutPrefix(k, "SCHILY.xattr."); ok && len(h.PAXRecords[k]) < maxName {
			fmt.Fprintf(&b, "%s=%x ", name, h.PAXRecords[k])
		}
	}
	return strings.TrimSpace(b.String())
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
