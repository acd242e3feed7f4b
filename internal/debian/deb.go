package debian

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	maxControl = 16 << 20 // bytes of a package's control files, unpacked
	maxFiles   = 400_000  // of all packages
	maxPath    = 4096     // bytes, as the kernel has it
	maxTree    = 2 << 30  // bytes of all files
)

// budget is what may still be unpacked, over all packages.
type budget struct {
	bytes int64
	files int
}

// content is the data of a file, which hard links share.
type content struct {
	data []byte
}

// file is a file, folder or link of a package. Its path has no slash at either end.
type file struct {
	path     string
	kind     byte // tar.TypeReg, tar.TypeDir or tar.TypeSymlink
	mode     int64
	uid, gid int
	owner    [2]string // user and group by name, where the package says so
	when     time.Time
	link     string
	*content        // of regular files
	pkg      string // who has it
}

// deb is a package taken apart.
type deb struct {
	control map[string][]byte // control, md5sums, postinst and so on
	files   []*file
}

// openDeb reads a package file (deb(5)), all of whose bytes are in memory.
func openDeb(data []byte, b *budget) (*deb, error) {
	d := &deb{control: map[string][]byte{}}
	rest, ok := bytes.CutPrefix(data, []byte("!<arch>\n"))
	if !ok {
		return nil, errors.New("it is no ar archive")
	}
	next := func(want string) (ending string, body []byte, err error) {
		for {
			var name string
			if name, body, rest, err = arMember(rest); err != nil {
				return "", nil, err
			}
			if e, ok := strings.CutPrefix(name, want); ok {
				return e, body, nil
			}
			if !strings.HasPrefix(name, "_") { // which deb(5) keeps for others
				return "", nil, fmt.Errorf("it has %.40q where %s is due", name, want)
			}
		}
	}
	_, version, err := next("debian-binary")
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(version, []byte("2.")) {
		return nil, fmt.Errorf("its format is %.20q, not 2.0", version)
	}
	for _, part := range []string{"control.tar", "data.tar"} {
		ending, body, err := next(part)
		if err != nil {
			return nil, err
		}
		in, err := decompress(ending, body)
		if err == nil {
			if part == "control.tar" {
				err = d.readControl(in)
			} else {
				err = d.readData(in, b)
			}
			_ = in.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", part, ending, err)
		}
	}
	if d.control["control"] == nil {
		return nil, errors.New("it has no control file")
	}
	return d, nil
}

// arMember reads the head of an ar archive (ar(5)).
func arMember(data []byte) (name string, body, rest []byte, err error) {
	const head = 60
	if len(data) < head || string(data[58:60]) != "`\n" {
		return "", nil, nil, errors.New("it is truncated")
	}
	size, err := strconv.ParseInt(strings.TrimSpace(string(data[48:58])), 10, 64)
	if err != nil || size < 0 || size > int64(len(data)-head) {
		return "", nil, nil, errors.New("it has a member of impossible size")
	}
	name = strings.TrimSuffix(strings.TrimSpace(string(data[:16])), "/")
	body, rest = data[head:head+size], data[head+size:]
	if size%2 == 1 && len(rest) > 0 {
		rest = rest[1:]
	}
	return name, body, rest, nil
}

func (d *deb) readControl(in io.Reader) error {
	left := int64(maxControl)
	for tr := tar.NewReader(io.LimitReader(in, 4*maxControl)); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := bounded(tr, left)
		if err != nil {
			return err
		}
		left -= int64(len(data))
		d.control[path.Base(h.Name)] = data
	}
}

// readData reads the files. What is written to the disk of nobody can do no harm,
// but it becomes an image that others unpack: paths that lead elsewhere, devices and
// the like are refused.
func (d *deb) readData(in io.Reader, b *budget) error {
	byPath := map[string]*file{}
	for tr := tar.NewReader(io.LimitReader(in, 2*maxTree)); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if b.files--; b.files < 0 {
			return fmt.Errorf("there are more than %d files", maxFiles)
		}
		p, err := innerPath(h.Name)
		if err != nil {
			return err
		}
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "SCHILY.xattr.") {
				return fmt.Errorf("/%s has extended attributes, which dpkg does not unpack", p)
			}
		}
		f := &file{path: p, kind: h.Typeflag, mode: h.Mode & 0o7777, uid: h.Uid, gid: h.Gid, owner: [2]string{h.Uname, h.Gname}, when: h.ModTime.UTC().Truncate(time.Second)}
		switch h.Typeflag {
		case tar.TypeDir:
		case tar.TypeReg:
			if b.bytes -= h.Size; b.bytes < 0 {
				return fmt.Errorf("/%s: with it, the files are larger than %d MB", p, maxTree/1_000_000)
			}
			f.content = &content{make([]byte, h.Size)}
			if _, err := io.ReadFull(tr, f.data); err != nil {
				return fmt.Errorf("/%s: %w", p, err)
			}
		case tar.TypeSymlink:
			if f.link = h.Linkname; f.link == "" || len(f.link) > maxPath || strings.ContainsRune(f.link, 0) {
				return fmt.Errorf("/%s is a link to nowhere", p)
			}
		case tar.TypeLink:
			target, err := innerPath(h.Linkname)
			if err != nil {
				return err
			}
			to := byPath[target]
			if to == nil || to.kind != tar.TypeReg {
				return fmt.Errorf("/%s is a hard link to what the package has no file of: %.200q", p, h.Linkname)
			}
			f.kind, f.content, f.mode, f.uid, f.gid, f.owner = tar.TypeReg, to.content, to.mode, to.uid, to.gid, to.owner
		default:
			return fmt.Errorf("/%s is a device or the like", p)
		}
		if p == "" {
			if f.kind != tar.TypeDir {
				return errors.New("its top is no folder")
			}
			continue
		}
		byPath[p] = f
		d.files = append(d.files, f)
	}
}

// innerPath is the path of a member of the archive below its top, "" for the top.
func innerPath(name string) (string, error) {
	p := strings.TrimRight(strings.TrimPrefix(name, "./"), "/")
	if name == "." || p == "" && !strings.HasPrefix(name, "/") {
		return "", nil
	}
	if len(p) > maxPath || strings.ContainsRune(p, 0) || path.IsAbs(p) || path.Clean(p) != p || p == ".." || strings.HasPrefix(p, "../") {
		return "", fmt.Errorf("the path %.200q leads outside or is not in plain form", name)
	}
	return p, nil
}
