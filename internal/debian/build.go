package debian

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Placed is a package of a tree.
type Placed struct {
	*Package
	Unpacked int64  // bytes of its files that are in the tree
	Unrun    string // what of its scripts was not done; empty for nothing
}

// Tree is a root file system made of packages.
type Tree struct {
	Suite, Arch  string
	Releases     []*Release
	Date         time.Time // of the newest release
	Packages     []Placed  // what a package needs stands before it
	Left         []LeftOut
	Omitted      []Omitted
	Libraries    []Lack // that files of the tree want and that are not in it
	Interpreters []Lack
	Notes        []string
	Layers       []Layer
	Bundle       bool // there are certificates in the file Bundle
	Unpacked     int64
}

const (
	maxDeb      = 1 << 30 // bytes of one package file
	maxDownload = 2 << 30 // of all
	parallel    = 4
)

// Build makes the tree of some packages. progress, which may be nil, is told what
// takes time.
func Build(ctx context.Context, opt Options, choice Choice, progress func(string)) (*Tree, error) {
	if progress == nil {
		progress = func(string) {}
	}
	progress(fmt.Sprintf("reading the package indexes of %s for %s", opt.Suite, opt.Arch))
	a, err := Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	s, err := a.Resolve(choice)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, p := range s.Packages {
		if size += p.Size; p.Size > maxDeb || size > maxDownload {
			return nil, fmt.Errorf("the packages are larger than %d MB", maxDownload/1_000_000)
		}
	}
	progress(fmt.Sprintf("fetching %d packages, %.1f MB", len(s.Packages), float64(size)/1e6))
	files, err := a.download(ctx, s.Packages)
	if err != nil {
		return nil, err
	}
	progress("unpacking")
	return a.assemble(ctx, s, files)
}

// download fetches package files, a few at a time.
func (a *Archive) download(ctx context.Context, packages []*Package) ([][]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, errs := make([][]byte, len(packages)), make([]error, len(packages))
	work := make(chan int)
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for i := range work {
				p := packages[i]
				if out[i], errs[i] = a.f.get(ctx, p.base+"/"+p.filename, p.Size, p.SHA256); errs[i] != nil {
					cancel() // one that is missing is enough
				}
			}
		})
	}
	for i := range packages {
		work <- i
	}
	close(work)
	wg.Wait()
	// That others were given up because of it is no news.
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
	return out, errors.Join(errs...)
}

// assemble unpacks packages and does what their scripts would have done.
func (a *Archive) assemble(ctx context.Context, s *Selection, files [][]byte) (*Tree, error) {
	r, b := newRoot(), &budget{maxTree, maxFiles}
	t := &Tree{Suite: a.Suite, Arch: a.Arch, Releases: a.Releases, Date: a.Date(), Left: s.Left}
	for i, p := range s.Packages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := openDeb(files[i], b)
		files[i] = nil
		if err == nil {
			err = sameControl(d, p)
		}
		if err == nil {
			err = r.unpack(p, d.files)
		}
		if err == nil {
			err = r.register(p, d)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.Name, p.Version, err)
		}
		t.Packages = append(t.Packages, Placed{Package: p, Unrun: unrun(p.Name, d)})
	}
	if err := r.configure(r.newest()); err != nil {
		return nil, err
	}
	t.Bundle = r.at(Bundle) != nil
	t.Libraries, t.Interpreters = r.lacks()
	t.Notes = r.notes
	for _, what := range sortedKeys(r.omitted) {
		t.Omitted = append(t.Omitted, *r.omitted[what])
	}
	t.layers(r)
	return t, nil
}

// sameControl makes sure that a package file holds what the index says it does.
func sameControl(d *deb, p *Package) error {
	para, err := parseParagraph(d.control["control"])
	if err != nil {
		return err
	}
	if para["package"] != p.Name || para["version"] != p.Version {
		return fmt.Errorf("the file holds %.60q %.60q", para["package"], para["version"])
	}
	return nil
}

// register adds what scanners read: the control file and the digests of what is left
// of the package's files, where distroless images have them.
func (r *root) register(p *Package, d *deb) error {
	control := bytes.TrimSpace(d.control["control"])
	first, rest, _ := bytes.Cut(control, []byte("\n"))
	status := slices.Concat(first, []byte("\nStatus: install ok installed\n"), rest, []byte("\n"))
	var when time.Time
	var sums bytes.Buffer
	for _, f := range d.files {
		if f.when.After(when) {
			when = f.when
		}
	}
	for line := range strings.SplitSeq(string(d.control["md5sums"]), "\n") {
		_, p, ok := strings.Cut(line, "  ")
		if ok && r.at(p) != nil {
			sums.WriteString(line + "\n")
		}
	}
	for name, data := range map[string][]byte{p.Name: status, p.Name + ".md5sums": sums.Bytes()} {
		f := &file{path: path.Join("var/lib/dpkg/status.d", name), kind: tar.TypeReg, mode: 0o644, when: when, content: &content{data}, pkg: p.Name}
		if err := r.put(f); err != nil {
			return err
		}
	}
	return nil
}
