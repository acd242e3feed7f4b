package install

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
)

// packageJSON is a package.json, read as JavaScript reads it: names are of one case,
// and of two members of one name the last counts.
type packageJSON struct {
	dir string // its folder
	top map[string]json.RawMessage
}

// packageJSON reads the package.json of a folder; nil where there is none that can be
// read.
func (g *gather) packageJSON(dir string) *packageJSON {
	name := path.Join(dir, "package.json")
	data := g.read(name)
	if data == nil {
		return nil
	}
	m := &packageJSON{dir: dir}
	if m.top = jsonObject(data); m.top == nil {
		g.hazard("%s is no JSON object", name)
		return nil
	}
	return m
}

// jsonObject is a JSON object by its members' names; nil for anything else.
func jsonObject(data []byte) (out map[string]json.RawMessage) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // npm strips it
	if json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}

// jsonText is a JSON string, "" for anything else.
func jsonText(data json.RawMessage) (out string) {
	if json.Unmarshal(data, &out) != nil {
		return ""
	}
	return out
}

// jsonList is a JSON array's strings, or the one string that stands in its place.
func jsonList(data json.RawMessage) (out []string) {
	var all []json.RawMessage
	if json.Unmarshal(data, &all) != nil {
		if s := jsonText(data); s != "" {
			return []string{s}
		}
		return nil
	}
	for _, v := range all {
		if s := jsonText(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// jsonTexts are the members of an object that are strings.
func jsonTexts(data json.RawMessage) map[string]string {
	out := map[string]string{}
	for name, v := range jsonObject(data) {
		if s := jsonText(v); s != "" {
			out[name] = s
		}
	}
	return out
}

// byName goes through a map in the order of its keys.
func byName[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

func (m *packageJSON) scripts() map[string]string { return jsonTexts(m.top["scripts"]) }

// nodeKind says how a package manager of node takes what lies in the context.
type nodeKind struct {
	name string
	// copies: a folder behind file: is copied whole, not linked.
	copies bool
	// own and member are the scripts of the project and of members of its
	// workspace that an install runs, in their order.
	own, member []string
	// links: what is linked is part of the install, with its dependencies.
	links  bool
	nested bool // a member may have members of its own
	packs  bool // what is copied is packed first, which runs its scripts
	// also are files beside package.json that are read in each folder.
	also []string
	// writes reports whether the tool would write a package.json anew.
	writes func(data []byte) bool
	// members gives the patterns of the workspace where package.json does not.
	members func(g *gather, root string, own []string) []string
}

// nodeProject notes what an install of the project in root reads, its members
// included: manifests, what they depend on in the context, scripts. With packages
// to add a project need not be there, and its own scripts do not run. locals are
// files and folders that the command line names.
func (g *gather) nodeProject(k *nodeKind, root string, adds, scripts bool, locals []string) {
	p := &nodeProject{gather: g, kind: k, root: root, scripts: scripts, seen: map[string]bool{root: true}}
	g.makes(path.Join(root, "node_modules"))
	g.has2(path.Join(root, "node_modules"))
	own := g.packageJSON(root)
	if own == nil && !adds {
		g.hazard("%s is not among the copied files", path.Join(root, "package.json"))
		return
	}
	for _, l := range locals {
		at, ok := g.inContext(l)
		if ok {
			at = localPath(root, at)
		} else {
			at = l
		}
		if path.Clean(l) != "." {
			p.dependency(root, l, "file:"+at)
		}
	}
	if own == nil {
		return
	}
	p.beside(own)
	p.depends(own)
	if scripts && !adds {
		p.lifecycle(own, k.own)
	}
	patterns := workspacesOf(own)
	if k.members != nil {
		patterns = k.members(g, root, patterns)
	}
	if len(patterns) > 0 {
		for _, member := range g.workspaces(root, patterns) {
			p.member(member)
		}
	}
}

// localPath is a path of the context from one of its folders.
func localPath(from, to string) string {
	if rest, ok := cutFolder(to, from); ok || from == "." {
		if !ok {
			rest = to
		}
		return "./" + rest
	}
	return path.Join(strings.Repeat("../", strings.Count(from, "/")+1), to)
}

// has2 notes a path that the command reads where it is there, and makes where it
// is not, so that its absence needs no word.
func (g *gather) has2(name string) {
	if g.Tree.Has(name) {
		g.has(name)
	}
}

// nodeProject is an install at work.
type nodeProject struct {
	*gather
	kind    *nodeKind
	root    string
	scripts bool
	seen    map[string]bool // folders of members
}

// beside notes what is read beside a package.json, and whether that is written.
func (p *nodeProject) beside(m *packageJSON) {
	p.hasAll(m.dir, p.kind.also...)
	if name := path.Join(m.dir, "package.json"); p.kind.writes != nil && p.kind.writes(p.read(name)) {
		p.makes(name)
	}
}

// maxMembers bounds the folders that are installed together.
const maxMembers = 2000

// member notes a folder that is part of the install: a workspace's member, or
// what file: and the like link.
func (p *nodeProject) member(dir string) {
	if p.seen[dir] {
		return
	}
	if p.seen[dir] = true; len(p.seen) > maxMembers {
		p.hazard("the workspace has more than %d members", maxMembers)
		return
	}
	m := p.packageJSON(dir)
	if m == nil {
		return
	}
	p.makes(path.Join(dir, "node_modules"))
	p.has2(path.Join(dir, "node_modules"))
	p.beside(m)
	p.depends(m)
	p.bins(m)
	if p.scripts {
		p.lifecycle(m, p.kind.member)
	}
	if patterns := workspacesOf(m); p.kind.nested && len(patterns) > 0 {
		for _, inner := range p.workspaces(dir, patterns) {
			p.member(inner)
		}
	}
}
