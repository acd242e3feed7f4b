package build

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// compareFiles lists what differs between two trees, path by path. Dates are not
// compared.
func compareFiles(before, after *tree) (out []Change) {
	var walk func(p string, b, a *node)
	walk = func(p string, b, a *node) {
		out = append(out, compareNode(p, b, a)...)
		var bc, ac map[string]*node
		if b != nil {
			bc = b.children
		}
		if a != nil {
			ac = a.children
		}
		names := slices.Collect(maps.Keys(bc))
		for name := range ac {
			if bc[name] == nil {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			walk(p+"/"+name, bc[name], ac[name])
		}
	}
	walk("", before.root, after.root)
	return out
}

func compareNode(p string, b, a *node) (out []Change) {
	if p == "" {
		p = "/"
	}
	add := func(what, before, after string, existence bool) {
		c := Change{Kind: File, What: what, Path: p, Before: before, After: after}
		if existence {
			if c.Why = volatileWhy(p, before == "folder" || after == "folder"); c.Why != "" {
				c.Class = Volatile
			}
		}
		if b == nil || a == nil {
			c.Bytes = sizeOf(b) + sizeOf(a)
		}
		out = append(out, c)
	}
	switch {
	case b == nil:
		add("added", "", a.title(), true)
		return out
	case a == nil:
		add("removed", b.title(), "", true)
		return out
	case b.kind != a.kind:
		add("type", b.title(), a.title(), false)
		return out
	}
	if b.hash != a.hash {
		if p == "/var/lib/dpkg/status" && b.data != nil && a.data != nil {
			out = append(out, comparePackages(b.data, a.data)...)
		} else {
			add("content", bytesText(b.size), bytesText(a.size), true)
		}
	}
	if b.mode != a.mode && b.kind != tar.TypeSymlink { // Linux ignores a link's mode
		add("mode", fmt.Sprintf("%04o", b.mode), fmt.Sprintf("%04o", a.mode), false)
	}
	if b.uid != a.uid || b.gid != a.gid {
		add("owner", fmt.Sprintf("%d:%d", b.uid, b.gid), fmt.Sprintf("%d:%d", a.uid, a.gid), false)
	}
	if b.link != a.link {
		add("link", b.link, a.link, false)
	}
	if b.device != a.device {
		add("device", b.device, a.device, false)
	}
	if b.xattrs != a.xattrs {
		add("xattr", or(b.xattrs, "none"), or(a.xattrs, "none"), false)
	}
	return out
}

func sizeOf(n *node) int64 {
	if n == nil {
		return 0
	}
	return n.entry.size
}

func (n *node) title() string {
	switch n.kind {
	case tar.TypeDir:
		return "folder"
	case tar.TypeSymlink:
		return "link to " + n.link
	case tar.TypeChar, tar.TypeBlock:
		return "device " + n.device
	case tar.TypeFifo:
		return "pipe"
	}
	return "file"
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// comparePackages compares dpkg's database by meaning: which packages are there
// in which version and state. Their order follows that of their installation,
// which says nothing.
func comparePackages(before, after []byte) (out []Change) {
	b, a := packages(before), packages(after)
	for _, name := range slices.Sorted(maps.Keys(b)) {
		switch now, there := a[name]; {
		case !there:
			out = append(out, Change{Kind: Package, What: "removed", Path: name, Before: b[name]})
		case now != b[name]:
			out = append(out, Change{Kind: Package, What: "value", Path: name, Before: b[name], After: now})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if _, there := b[name]; !there {
			out = append(out, Change{Kind: Package, What: "added", Path: name, After: a[name]})
		}
	}
	if out == nil {
		out = []Change{{
			Kind: File, What: "content", Path: "/var/lib/dpkg/status", Class: Volatile,
			Why: "dpkg's database in another order, with the same packages, versions and states",
		}}
	}
	return out
}

// packages maps the packages of a dpkg database to their versions and, where it
// is not the usual one, their state.
func packages(status []byte) map[string]string {
	out := map[string]string{}
	for _, block := range bytes.Split(status, []byte("\n\n")) {
		var name, arch, version, state string
		for line := range strings.Lines(string(block)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch key {
			case "Package":
				name = value
			case "Architecture":
				arch = value
			case "Version":
				version = value
			case "Status":
				if state = " (" + value + ")"; value == "install ok installed" {
					state = ""
				}
			}
		}
		if name != "" {
			out[name+":"+arch] = version + state
		}
	}
	return out
}

// collapse folds what came or went with its folder into one change, so that a
// removed tree is one line.
func collapse(changes []Change) (out []Change) {
	top := -1
	for _, c := range changes {
		if top >= 0 {
			t := &out[top]
			if c.Kind == File && c.What == t.What && c.Class == t.Class && c.Why == t.Why && strings.HasPrefix(c.Path, t.Path+"/") {
				t.Files++
				t.Bytes += c.Bytes
				continue
			}
		}
		out = append(out, c)
		if c.Kind == File && (c.What == "added" || c.What == "removed") && (c.Before == "folder" || c.After == "folder") {
			top = len(out) - 1
		}
	}
	return out
}
