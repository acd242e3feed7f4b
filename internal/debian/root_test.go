package debian

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/internal/debian/debiantest"
)

const (
	dir  = tar.TypeDir
	link = tar.TypeSymlink
	hard = tar.TypeLink
)

func build(t testing.TB, choice Choice, packages ...debiantest.Package) (*Tree, error) {
	t.Helper()
	return Build(t.Context(), options(t, debiantest.Serve(t, packages...)), choice, nil)
}

// layered is what an image of the tree has: layers one over the other.
func layered(t testing.TB, tree *Tree) map[string]*tar.Header {
	t.Helper()
	all := map[string]*tar.Header{}
	for _, l := range tree.Layers {
		var out bytes.Buffer
		if err := l.WriteTar(&out); err != nil {
			t.Fatal(err)
		}
		last := ""
		for tr := tar.NewReader(&out); ; {
			h, err := tr.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Name <= last {
				t.Errorf("%s: %s stands behind %s", l.Title, h.Name, last)
			}
			last = h.Name
			data, err := io.ReadAll(tr)
			if err != nil {
				t.Fatal(err)
			}
			h.Uname = string(data) // where no name is
			all[strings.TrimSuffix(h.Name, "/")] = h
		}
	}
	return all
}

// shownTree is a tree in lines, without what every image has.
func shownTree(files map[string]*tar.Header) string {
	var out []string
	for _, p := range slices.Sorted(maps.Keys(files)) {
		h := files[p]
		switch {
		case strings.HasPrefix(p, "var/lib/dpkg") || h.Typeflag == tar.TypeDir:
		case slices.Contains([]string{"bin", "lib", "sbin", "etc/passwd", "etc/group", "etc/nsswitch.conf"}, p):
		case h.Typeflag == tar.TypeSymlink:
			out = append(out, p+" → "+h.Linkname)
		case h.Typeflag == tar.TypeLink:
			out = append(out, p+" = "+h.Linkname)
		default:
			out = append(out, p+" "+h.Uname)
		}
	}
	return strings.Join(out, "\n")
}

func TestTrees(t *testing.T) {
	one := func(files ...debiantest.File) []debiantest.Package {
		return []debiantest.Package{{Name: "a", Version: "1", Files: files}}
	}
	two := func(fields string, a, b []debiantest.File) []debiantest.Package {
		return []debiantest.Package{{Name: "a", Version: "1", Files: a}, {Name: "b", Version: "1", Fields: "Depends: a\n" + fields, Files: b}}
	}
	f := func(name, body string) debiantest.File { return debiantest.File{Name: name, Body: body} }
	l := func(name, to string) debiantest.File { return debiantest.File{Name: name, Kind: link, Link: to} }
	d := func(name string) debiantest.File { return debiantest.File{Name: name, Kind: dir} }
	list := func(files ...debiantest.File) []debiantest.File { return files }
	for name, c := range map[string]struct {
		packages []debiantest.Package
		want     string // the tree, or the error
	}{
		"merged": {
			one(d("./bin/"), f("./bin/x", "1"), f("./lib/libx.so", "2"), f("./lib64/ld.so", "3"), f("./usr/bin/y", "4")),
			"lib64 → usr/lib64\nusr/bin/x 1\nusr/bin/y 4\nusr/lib/libx.so 2\nusr/lib64/ld.so 3",
		},
		"links of merged folders": {
			one(l("./bin/near", "x"), l("./lib/a/up", "../libx.so"), l("./lib/out", "../usr/share/x"), l("./sbin/far", "/etc/x"), f("./lib/libx.so", "1")),
			"usr/bin/near → x\nusr/lib/a/up → ../libx.so\nusr/lib/libx.so 1\nusr/lib/out → /usr/share/x\nusr/sbin/far → /etc/x",
		},
		"merged by the package already": {one(l("./bin", "usr/bin"), l("./lib", "usr/lib"), f("./usr/bin/x", "1")), "usr/bin/x 1"},
		"a link that merging makes void": {
			one(f("./usr/bin/x", "1"), l("./bin/x", "/usr/bin/x")), "usr/bin/x 1",
		},
		"two files that merging makes one": {one(f("./usr/bin/x", "1"), f("./bin/x", "2")), "a has two files for /usr/bin/x"},
		"the same file twice":              {one(f("./usr/bin/x", "1"), f("./bin/x", "1")), "usr/bin/x 1"},
		"documents": {
			one(f("./usr/share/doc/a/copyright", "c"), f("./usr/share/doc/a/changelog.gz", "x"), l("./usr/share/doc/b", "a"), f("./usr/share/man/man1/a.1.gz", "m"), f("./usr/share/locale/de/x.mo", "l"), f("./usr/share/locale/locale.alias", "al")),
			"usr/share/doc/a/copyright c\nusr/share/doc/b → a\nusr/share/locale/locale.alias al",
		},
		"hard links": {
			one(f("./usr/b", "1"), debiantest.File{Name: "./usr/a", Kind: hard, Link: "./usr/b"}), "usr/a 1\nusr/b = usr/a",
		},
		"through a link to a folder": {
			two("", list(d("./data/"), l("./short", "data")), list(f("./short/x", "1"))), "data/x 1\nshort → data",
		},
		"through a link upward": {
			two("", list(l("./short", "../../../../etc")), list(f("./short/x", "1"))), "etc/x 1\nshort → ../../../../etc",
		},
		"through links in a circle": {
			two("", list(l("./x", "y"), l("./y", "x")), list(f("./x/z", "1"))), "goes round in links",
		},
		"through a file": {two("", list(f("./x", "1")), list(f("./x/y", "2"))), "/x of a is in the way of /x/y"},
		"a link where a folder is": {
			two("", list(f("./x/y", "1")), list(l("./x", "/etc"))), "x/y 1",
		},
		"a folder where a link to one is": {
			two("", list(l("./x", "data"), f("./data/y", "1")), list(d("./x/"))), "data/y 1\nx → data",
		},
		"a folder where a link to a file is": {
			two("", list(l("./x", "y"), f("./y", "1")), list(d("./x/"))), "/x is a folder in b and a link to something else in a",
		},
		"a folder where a file is": {two("", list(f("./x", "1")), list(d("./x/"))), "/x is a folder in b and none in a"},
		"two packages with a file": {two("", list(f("./x", "1")), list(f("./x", "2"))), "a and b both have /x"},
		"replaced":                 {two("Replaces: a", list(f("./x", "1")), list(f("./x", "2"))), "x 2"},
		"replaced by an old one": {
			two("Replaces: a (<< 1)", list(f("./x", "1")), list(f("./x", "2"))), "a and b both have /x",
		},
		"replaced before": {
			[]debiantest.Package{{Name: "a", Version: "1", Fields: "Replaces: b", Files: list(f("./x", "1"))}, {Name: "b", Version: "1", Fields: "Depends: a", Files: list(f("./x", "2"))}}, "x 1",
		},
		"a whiteout": {one(f("./usr/.wh.x", "1")), "cannot be in a layer"},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := build(t, Choice{Want: []string{c.packages[len(c.packages)-1].Name}}, c.packages...)
			if name == "a whiteout" && err == nil {
				err = tree.Layers[0].WriteTar(io.Discard)
			}
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("the error is %q, want %q", err, c.want)
				}
				return
			}
			if got := shownTree(layered(t, tree)); got != c.want {
				t.Errorf("the tree is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestImpostor: a file that holds another package than the index says is refused.
func TestImpostor(t *testing.T) {
	other := debiantest.Package{Name: "other", Version: "1"}
	_, err := build(t, Choice{Want: []string{"a"}}, debiantest.Package{Name: "a", Version: "1", Deb: other.Build(t)})
	wantError(t, err, `the file holds "other" "1"`)
}

// TestOwners: names of users count, as they do for dpkg, and what cannot be known is
// said.
func TestOwners(t *testing.T) {
	tree, err := build(t, Choice{Want: []string{"a"}}, debiantest.Package{Name: "a", Version: "1", Files: []debiantest.File{
		{Name: "./var/mail/x", Body: "x", Owner: "root", Group: "mail", Mode: 0o2755},
		{Name: "./var/y", Body: "y", Owner: "stranger", Group: "root"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	files := layered(t, tree)
	if h := files["var/mail/x"]; h.Gid != 8 || h.Uid != 0 || h.Mode != 0o2755 {
		t.Errorf("%+v", h)
	}
	if len(tree.Notes) != 1 || !strings.Contains(tree.Notes[0], "belongs to stranger") {
		t.Errorf("notes: %q", tree.Notes)
	}
}

// TestLayers: each package has a layer that depends on it alone, up to a number.
func TestLayers(t *testing.T) {
	var packages []debiantest.Package
	var want []string
	for i := range MaxLayers + 20 {
		p := debiantest.Package{Name: fmt.Sprintf("p%03d", i), Version: "1", Files: []debiantest.File{{Name: fmt.Sprintf("./usr/share/%03d", i), Body: strings.Repeat("x", 10*i)}}}
		packages, want = append(packages, p), append(want, p.Name)
	}
	some, err := build(t, Choice{Want: want[:3]}, packages...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := build(t, Choice{Want: want}, packages...)
	if err != nil {
		t.Fatal(err)
	}
	if len(some.Layers) != 4 || len(all.Layers) != MaxLayers || !strings.HasSuffix(all.Layers[0].Title, " small packages") {
		t.Errorf("%d layers, and %d of which the first is %s", len(some.Layers), len(all.Layers), all.Layers[0].Title)
	}
	if files := layered(t, all); files["usr/share/000"] == nil || files[fmt.Sprintf("usr/share/%03d", MaxLayers+19)] == nil {
		t.Error("files are missing")
	}
	alone, err := build(t, Choice{Want: want[2:3]}, packages...)
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(alone.Layers[0].WriteTar(&a), some.Layers[2].WriteTar(&b)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("the layer of a package depends on others (%v)", err)
	}
}
