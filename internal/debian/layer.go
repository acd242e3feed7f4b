package debian

import (
	"archive/tar"
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// MaxLayers bounds the layers of a tree: images of more than 127 cannot be started
// everywhere, and others build on this one.
const MaxLayers = 60

// Layer is the files of one package, or of several small ones. It depends on nothing
// but these, so that images with the same package share it.
type Layer struct {
	Title    string // the packages and their versions, or what it is instead
	Unpacked int64  // bytes of its regular files, hard links once
	files    []*file
}

// layers distributes the files: one layer a package, the smallest together where
// there are too many, and what no package has last.
func (t *Tree) layers(r *root) {
	of := map[string][]*file{}
	for _, p := range r.paths() {
		f := r.files[p]
		of[f.pkg] = append(of[f.pkg], f)
	}
	for i, p := range t.Packages {
		t.Packages[i].Unpacked = unpacked(of[p.Name])
		t.Unpacked += t.Packages[i].Unpacked
	}
	bySize := slices.Clone(t.Packages)
	slices.SortStableFunc(bySize, func(x, y Placed) int { return cmp.Compare(y.Unpacked, x.Unpacked) })
	small := map[string]bool{}
	if len(bySize) > MaxLayers-1 {
		for _, p := range bySize[MaxLayers-2:] {
			small[p.Name] = true
		}
		l := Layer{}
		for _, p := range t.Packages {
			if small[p.Name] {
				l.files = append(l.files, of[p.Name]...)
			}
		}
		l.Title = fmt.Sprintf("%d small packages", len(small))
		t.Layers = append(t.Layers, l)
	}
	for _, p := range t.Packages {
		if !small[p.Name] {
			t.Layers = append(t.Layers, Layer{Title: p.Name + " " + p.Version, files: of[p.Name]})
		}
	}
	var own []*file
	for _, f := range of[""] {
		if f.kind != tar.TypeDir || !r.shipped(f) {
			own = append(own, f)
		}
	}
	t.Layers = append(t.Layers, Layer{Title: "users, certificates, links", files: own})
	for i := range t.Layers {
		t.Layers[i].complete(r)
	}
	t.Unpacked += t.Layers[len(t.Layers)-1].Unpacked
}

// shipped tells a folder that is only there because a package has something in it:
// the layer of the package makes it.
func (r *root) shipped(f *file) bool {
	return f.mode == 0o755 && f.uid == 0 && f.gid == 0 && r.inhabited(f.path)
}

// complete adds the folders on the way to a layer's files, so that it can be unpacked
// on its own, and puts all in order.
func (l *Layer) complete(r *root) {
	have := map[string]bool{}
	newest := time.Time{}
	for _, f := range l.files {
		have[f.path] = true
		if f.kind != tar.TypeDir && f.when.After(newest) {
			newest = f.when
		}
	}
	for _, f := range slices.Clone(l.files) {
		for p := parent(f.path); p != "" && !have[p]; p = parent(p) {
			have[p] = true
			dir := *r.files[p]
			dir.when = newest // that of its own package would make the layer depend on it
			l.files = append(l.files, &dir)
		}
	}
	slices.SortFunc(l.files, func(x, y *file) int { return cmp.Compare(x.path, y.path) })
	l.Unpacked = unpacked(l.files)
}

func unpacked(files []*file) int64 {
	seen := map[*content]bool{}
	var n int64
	for _, f := range files {
		if f.content != nil && !seen[f.content] {
			seen[f.content] = true
			n += int64(len(f.data))
		}
	}
	return n
}

// WriteTar writes the layer: files in the order of their paths, with the times of the
// package, owners by number.
func (l *Layer) WriteTar(w io.Writer) error {
	tw := tar.NewWriter(w)
	first := map[*content]string{}
	for _, f := range l.files {
		// A layer file whose name begins so deletes what lies below it (OCI image
		// layer specification, "Whiteouts").
		if strings.HasPrefix(path.Base(f.path), ".wh.") {
			return fmt.Errorf("/%s of %s cannot be in a layer: its name means that something is deleted", f.path, f.pkg)
		}
		h := &tar.Header{Name: f.path, Typeflag: f.kind, Mode: f.mode, Uid: f.uid, Gid: f.gid, ModTime: f.when, Format: tar.FormatPAX}
		switch {
		case f.kind == tar.TypeDir:
			h.Name += "/"
		case f.kind == tar.TypeSymlink:
			h.Linkname = f.link
		case first[f.content] != "":
			h.Typeflag, h.Linkname = tar.TypeLink, first[f.content]
		default:
			first[f.content], h.Size = f.path, int64(len(f.data))
		}
		if err := tw.WriteHeader(h); err != nil {
			return fmt.Errorf("/%s: %w", f.path, err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := tw.Write(f.data); err != nil {
				return err
			}
		}
	}
	return tw.Close()
}
