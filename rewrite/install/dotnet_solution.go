package install

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"
)

// slnFolder is the kind of those projects of a .sln file that are only folders.
const slnFolder = "{2150E333-8FDC-42A3-9474-1A3956D46DE8}"

// slnProject is a project of a .sln file.
var slnProject = regexp.MustCompile(`(?m)^\s*Project\("([^"]*)"\)\s*=\s*"[^"]*"\s*,\s*"([^"]*)"`)

// solution reads a solution: a list of projects, and the folders that it shows.
func (d *solution) solution(file string, depth int) {
	text, ok := d.text(file)
	if !ok {
		return
	}
	dir := path.Dir(file)
	d.nearest(dir, "Directory.Solution.props")
	d.nearest(dir, "Directory.Solution.targets")
	d.sources(dir)
	var projects []string
	switch path.Ext(file) {
	case ".sln":
		for _, m := range slnProject.FindAllStringSubmatch(text, -1) {
			if !strings.EqualFold(m[1], slnFolder) {
				projects = append(projects, m[2])
			}
		}
	case ".slnx":
		root, err := parseXML([]byte(text))
		if err != nil {
			d.hazard("%s cannot be read as XML", file)
			return
		}
		root.walk(func(e *element) {
			if e.name == "Project" {
				projects = append(projects, e.attr["Path"])
			}
		})
	case ".slnf":
		var filter struct {
			Solution struct {
				Path     string   `json:"path"`
				Projects []string `json:"projects"`
			} `json:"solution"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &filter); err != nil {
			d.hazard("%s cannot be read as JSON", file)
			return
		}
		at, ok := d.at(dir, slashes(filter.Solution.Path))
		if !ok || !d.needed(at) {
			return
		}
		dir, projects = path.Dir(at), filter.Solution.Projects
	}
	for _, p := range projects {
		at, ok := d.at(dir, slashes(p))
		switch {
		case strings.Contains(p, "://"):
		case !ok:
			d.hazard("%s has the project %s, which is outside of what was copied", file, p)
		case path.Ext(at) == "":
			d.hazard("%s has the web site %s, which is no project", file, p)
		default:
			d.file(at, depth+1)
		}
	}
}

func slashes(name string) string { return strings.ReplaceAll(name, `\`, "/") }
