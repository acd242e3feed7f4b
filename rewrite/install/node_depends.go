package install

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
)

// bins: the programs of a member are linked, which needs them there, and makes
// them executable, with the line ends of their first line put right (bin-links,
// which npm and others use: a link is made only to a file that is there).
func (p *nodeProject) bins(m *packageJSON) {
	var names []string
	if one := jsonText(m.top["bin"]); one != "" {
		names = append(names, one)
	}
	for _, name := range byName(jsonTexts(m.top["bin"])) {
		names = append(names, name)
	}
	if dir := jsonText(jsonObject(m.top["directories"])["bin"]); dir != "" {
		names = append(names, dir)
	}
	for _, name := range names {
		at := path.Join(m.dir, path.Join("/", name)[1:])
		if p.has(at) {
			p.makes(at)
		}
	}
}

// depends notes what a manifest's dependencies name in the context
// (docs.npmjs.com, package.json: "Local Paths"; yarnpkg.com/protocols;
// pnpm.io/cli/add, bun.com/docs/pm).
func (p *nodeProject) depends(m *packageJSON) {
	for _, key := range []string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"} {
		for name, spec := range byName(jsonTexts(m.top[key])) {
			p.dependency(m.dir, name, spec)
		}
	}
	for _, key := range []string{"overrides", "resolutions"} {
		p.overrides(p.root, m.top[key], 0)
	}
	if pnpm := jsonObject(m.top["pnpm"]); pnpm != nil {
		p.overrides(p.root, pnpm["overrides"], 0)
		p.patches(pnpm["patchedDependencies"])
	}
	p.patches(m.top["patchedDependencies"]) // of bun
	for _, meta := range byName(jsonObject(m.top["dependenciesMeta"])) {
		if string(bytes.TrimSpace(jsonObject(meta)["injected"])) == "true" {
			p.hazard("%s has an injected dependency, which copies a member's sources", path.Join(m.dir, "package.json"))
		}
	}
	p.known(m)
}

// maxOverrides bounds how deep overrides may hold each other.
const maxOverrides = 20

func (p *nodeProject) overrides(dir string, data json.RawMessage, depth int) {
	for name, v := range byName(jsonObject(data)) {
		if s := jsonText(v); s != "" {
			p.dependency(dir, name, s)
		} else if depth < maxOverrides {
			p.overrides(dir, v, depth+1)
		}
	}
}

func (p *nodeProject) patches(data json.RawMessage) {
	for _, file := range byName(jsonTexts(data)) {
		p.has(path.Join(p.root, file))
	}
}

// dependency notes what a version specifier names in the context.
func (p *nodeProject) dependency(dir, name, spec string) {
	if !p.spend(20 + len(spec)) {
		return
	}
	protocol, rest, cut := strings.Cut(spec, ":")
	switch {
	case strings.HasPrefix(spec, "patch:"):
		p.patch(dir, spec)
		return
	case strings.HasPrefix(spec, "exec:"):
		p.hazard("%s comes from a script of the project (%s)", name, spec)
		return
	case cut && (protocol == "file" || protocol == "link" || protocol == "portal"):
	case strings.HasPrefix(spec, "."), strings.HasPrefix(spec, "/"), strings.HasPrefix(spec, "~/"):
		protocol, rest = "file", spec // npm-package-arg's file specifiers
	default:
		return
	}
	rest, _, _ = strings.Cut(rest, "::") // what berry binds
	rest = strings.TrimPrefix(rest, "//")
	if strings.HasPrefix(rest, "~") || path.IsAbs(rest) {
		p.hazard("%s is taken from %s, a folder of the image", name, rest)
		return
	}
	at := path.Join(dir, rest)
	switch {
	case !p.within(at):
		p.hazard("%s is taken from %s, which the copied files do not hold", name, rest)
	case protocol == "link" && !p.kind.links:
		p.linked(at)
	case !p.Tree.IsDir(at) || protocol == "file" && p.kind.copies:
		if !p.has(at) {
			p.folder(at, name)
		}
		if p.kind.packs && p.Tree.IsDir(at) {
			p.member(at)
		}
	default:
		p.member(at)
	}
}

// linked notes a folder that is linked and no part of the install: its manifest
// says which of its programs are linked too.
func (p *nodeProject) linked(dir string) {
	if p.seen[dir] {
		return
	}
	p.seen[dir] = true
	if m := p.packageJSON(dir); m != nil {
		p.bins(m)
	}
}

// folder: what .dockerignore keeps out, but for exceptions, cannot be named whole.
func (p *nodeProject) folder(at, name string) {
	if subs, err := p.Tree.Folders(at); err == nil && len(subs) > 0 || p.Tree.Has(path.Join(at, "package.json")) {
		p.hazard("%s is taken from %s, of which .dockerignore leaves a part out", name, at)
	}
}

// patch notes the file behind berry's patch:name@npm%3A1.2#./x.patch; ~/ is the
// project, and builtin<…> is the tool's own.
func (p *nodeProject) patch(dir, spec string) {
	_, files, _ := strings.Cut(spec, "#")
	files, _, _ = strings.Cut(files, "::")
	for file := range strings.SplitSeq(files, "&") {
		file = strings.TrimPrefix(file, "optional!")
		switch {
		case file == "" || strings.Contains(file, "builtin<"):
		case strings.HasPrefix(file, "~/"):
			p.has(path.Join(p.root, file[2:]))
		default:
			p.has(path.Join(dir, file))
		}
	}
}
