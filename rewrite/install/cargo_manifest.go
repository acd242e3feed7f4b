package install

import (
	"path"
	"slices"
)

// crates reads the manifests of a workspace and of all that it takes by path.
type crates struct {
	*line
	manifests map[string]*crate
	targets   []string // files that a manifest has to have to be taken
	vendored  bool
}

// crate is a Cargo.toml.
type crate struct {
	top map[string]any
}

func (c *crates) tables(file string) (map[string]any, bool) {
	var top map[string]any
	return top, c.toml(file, &top)
}

// load reads the workspace that a manifest belongs to, and gives its root.
func (c *crates) load(manifest string) (root string) {
	dir := path.Dir(manifest)
	own := c.manifest(manifest)
	if own == nil {
		return dir
	}
	root = dir
	if at, ok := table(own.top, "package")["workspace"].(string); ok {
		if root, ok = c.at(dir, at); !ok {
			c.hazard("%s belongs to a workspace in %s, which is outside of what was copied", manifest, at)
			return dir
		}
	} else if table(own.top, "workspace") == nil {
		for _, d := range c.upwards(dir)[1:] {
			above, ok := c.tables(path.Join(d, "Cargo.toml"))
			if !ok || table(above, "workspace") == nil {
				continue
			}
			if !slices.ContainsFunc(texts(table(above, "workspace")["exclude"]), func(p string) bool { return path.Join(d, p) == dir }) {
				root = d
			}
			break
		}
	}
	top := c.manifest(path.Join(root, "Cargo.toml"))
	if top == nil {
		return root
	}
	workspace := table(top.top, "workspace")
	for _, d := range c.globs(root, texts(workspace["members"]), texts(workspace["exclude"])) {
		// "Workspaces": a folder that a pattern matches needs no manifest.
		if file := path.Join(d, "Cargo.toml"); c.Tree.Has(file) {
			c.manifest(file)
		}
	}
	c.dependencies(root, table(workspace, "dependencies"), nil)
	for _, registry := range keys(table(top.top, "patch")) {
		c.dependencies(root, table(top.top, "patch", registry), nil)
	}
	c.dependencies(root, table(top.top, "replace"), nil)
	return root
}

// manifest reads a Cargo.toml and those of its path dependencies.
func (c *crates) manifest(file string) *crate {
	if m, ok := c.manifests[file]; ok {
		return m
	}
	c.manifests[file] = nil
	if !c.needed(file) {
		return nil
	}
	top, ok := c.tables(file)
	if !ok {
		return nil
	}
	m := &crate{top}
	c.manifests[file] = m
	dir := path.Dir(file)
	if table(top, "package") != nil {
		c.files(dir, top)
	}
	c.dependencies(dir, top, dependencyTables)
	targets := table(top, "target")
	for _, name := range keys(targets) {
		c.dependencies(dir, table(targets, name), dependencyTables)
	}
	return m
}

var dependencyTables = []string{"dependencies", "dev-dependencies", "dev_dependencies", "build-dependencies", "build_dependencies"}

// dependencies reads the manifests of those that are given by path ("Specifying
// Dependencies"): of a table of them, or of the tables of that name.
func (c *crates) dependencies(dir string, in map[string]any, tables []string) {
	for _, name := range tables {
		c.dependencies(dir, table(in, name), nil)
	}
	if tables != nil {
		return
	}
	for _, name := range keys(in) {
		where, ok := table(in, name)["path"].(string)
		if !ok {
			continue
		}
		at, ok := c.at(dir, where)
		if !ok {
			c.hazard("%s is in %s, which is outside of what was copied", name, where)
			continue
		}
		c.manifest(path.Join(at, "Cargo.toml"))
	}
}

// files notes which files make cargo find the targets of a package ("Cargo
// Targets"): one that has a path needs none.
func (c *crates) files(dir string, top map[string]any) {
	found := false
	use := func(names ...string) bool {
		for _, name := range names {
			if at := path.Join(dir, name); c.Tree.Has(at) {
				c.targets = append(c.targets, at)
				return true
			}
		}
		return false
	}
	if lib := table(top, "lib"); lib != nil {
		if found = true; lib["path"] == nil && !use("src/lib.rs") {
			c.hazard("%s has a [lib], and no src/lib.rs is in the build context", path.Join(dir, "Cargo.toml"))
		}
	}
	for _, kind := range []struct{ name, folder string }{{"bin", "src/bin"}, {"example", "examples"}, {"test", "tests"}, {"bench", "benches"}} {
		several, _ := top[kind.name].([]any)
		for _, t := range several {
			target, _ := t.(map[string]any)
			name, _ := target["name"].(string)
			if kind.name == "bin" {
				found = true
			}
			if target["path"] != nil || name == "" {
				continue
			}
			places := []string{path.Join(kind.folder, name+".rs"), path.Join(kind.folder, name, "main.rs")}
			if kind.name == "bin" {
				places = append(places, "src/main.rs", path.Join("src", name+".rs"))
			}
			if !use(places...) {
				c.hazard("the source of %s %s is not in the build context", kind.name, name)
			}
		}
	}
	if found || use("src/lib.rs", "src/main.rs") {
		return
	}
	names, _ := c.Tree.List(path.Join(dir, "src/bin"))
	for _, name := range names {
		if path.Ext(name) == ".rs" && use("src/bin/"+name) || use("src/bin/"+name+"/main.rs") {
			return
		}
	}
	c.hazard("no source of %s is in the build context", path.Join(dir, "Cargo.toml"))
}
