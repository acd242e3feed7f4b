package install

import (
	"path"
	"strings"
)

// maxModules bounds how deep modules and parents may be nested.
const maxModules = 50

// poms reads the pom.xml of a project, of its parents and modules.
type poms struct {
	*line
	ours  map[string]bool // group:artifact of what the project builds
	needs []string        // group:artifact of what its modules need
	built int
}

// project reads a pom.xml whose project is built, and its modules.
func (p *poms) project(file string, depth int) {
	if !p.first("project", file) {
		return
	}
	if depth > maxModules {
		p.hazard("modules are nested more than %d deep", maxModules)
		return
	}
	if !p.needed(file) {
		return
	}
	pom := p.pom(file, depth)
	if pom == nil {
		return
	}
	p.built++
	group := pom.get("groupId")
	if group == "" {
		group = pom.get("parent", "groupId")
	}
	p.ours[group+":"+pom.get("artifactId")] = true
	for _, d := range pom.all("dependencies", "dependency") {
		p.dependency(d, group, pom)
	}
	for _, d := range pom.all("profiles", "profile", "dependencies", "dependency") {
		p.dependency(d, group, pom)
	}
	for _, d := range pom.all("build", "plugins", "plugin") {
		p.dependency(d, group, pom)
		for _, d := range d.all("dependencies", "dependency") {
			p.dependency(d, group, pom)
		}
	}
	if p.m.Has("-N") {
		return
	}
	for _, list := range []string{"modules", "subprojects"} {
		for _, m := range append(pom.all(list), pom.all("profiles", "profile", list)...) {
			for _, module := range m.kids {
				p.module(file, module.text, depth)
			}
		}
	}
}

func (p *poms) module(file, name string, depth int) {
	if strings.Contains(name, "${") {
		p.hazard("%s has the module %s, which a property decides", file, name)
		return
	}
	at, ok := p.at(path.Dir(file), strings.ReplaceAll(name, `\`, "/"))
	if !ok {
		p.hazard("%s has the module %s, which is outside of what was copied", file, name)
		return
	}
	if p.Tree.IsDir(at) {
		at = path.Join(at, "pom.xml")
	}
	p.project(at, depth+1)
}

// pom reads one file and its parents ("Inheritance": relativePath is ../pom.xml
// unless it is given; an empty one stands for the repository).
func (p *poms) pom(file string, depth int) *element {
	pom, ok := p.xml(file)
	if !ok || !p.first("pom", file) {
		return pom
	}
	for _, parent := range pom.all("parent") {
		where := "../pom.xml"
		if given := parent.all("relativePath"); len(given) > 0 {
			where = given[0].text
		}
		if strings.Contains(where, "${") {
			p.hazard("%s has a parent that a property decides", file)
			continue
		}
		at, ok := p.at(path.Dir(file), where)
		if where == "" || !ok {
			continue // it comes from a repository
		}
		if p.Tree.IsDir(at) {
			at = path.Join(at, "pom.xml")
		}
		if p.has(at) {
			if depth > maxModules {
				p.hazard("parents are nested more than %d deep", maxModules)
				continue
			}
			p.pom(at, depth+1)
		}
	}
	p.files(file, pom)
	return pom
}

// files notes what a pom.xml names besides: repositories and archives in folders,
// and files that switch a profile on.
func (p *poms) files(file string, pom *element) {
	pom.walk(func(e *element) {
		switch {
		case e.name == "systemPath":
			p.path(file, e.text)
		case (e.name == "exists" || e.name == "missing") && e.text != "":
			p.path(file, e.text)
		case e.name == "url" && strings.HasPrefix(e.text, "file:"):
			p.path(file, "/"+strings.TrimLeft(strings.TrimPrefix(e.text, "file:"), "/"))
		}
	})
}

func (p *poms) path(file, name string) {
	for _, base := range []string{"${project.basedir}", "${basedir}", "${pom.basedir}"} {
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(name, "/"), base); ok {
			name = "./" + rest
		}
	}
	if strings.HasPrefix(name, "${java.home}") || strings.HasPrefix(name, "${env.") || strings.HasPrefix(name, "${user.home}") {
		return // of the image
	}
	if strings.Contains(name, "${") {
		p.hazard("%s names the file %s, which a property decides", file, name)
		return
	}
	if at, ok := p.at(path.Dir(file), name); ok {
		p.has(at)
	}
}

// dependency keeps what a module needs. Properties for the project's own group and
// version are common.
func (p *poms) dependency(d *element, group string, pom *element) {
	of := d.get("groupId")
	switch of {
	case "${project.groupId}", "${pom.groupId}", "${groupId}":
		of = group
	case "${project.parent.groupId}", "${parent.groupId}":
		of = pom.get("parent", "groupId")
	}
	artifact := d.get("artifactId")
	if strings.Contains(of+artifact, "${") {
		p.needs = append(p.needs, "?:"+artifact)
		return
	}
	p.needs = append(p.needs, of+":"+artifact)
}

// reactor: what go-offline cannot resolve is that which the build itself makes.
func (p *poms) reactor() {
	if p.built < 2 {
		return
	}
	for _, need := range p.needs {
		artifact, unknown := strings.CutPrefix(need, "?:")
		for _, ours := range keys(p.ours) {
			if _, a, _ := strings.Cut(ours, ":"); need == ours || unknown && (a == artifact || strings.Contains(artifact, "${")) {
				p.hazard("a module needs %s, which is built here: dependency:go-offline does not find it", ours)
			}
		}
	}
}
