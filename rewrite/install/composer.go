package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const composerSource = "getcomposer.org/doc: 03-cli (install, update, require), 04-schema, 05-repositories, 06-config, articles/scripts, articles/plugins, articles/autoloader-optimization"

// composer tells what composer install, update and require need. An install never
// changes a lock file that is there, so that it needs no frozen form.
func composer(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	update := slices.Contains([]string{"update", "upgrade", "u"}, verb)
	if m.Manager != "composer" || m.Verb != "install" && !update || verb == "create-project" {
		return Needs{}, false
	}
	g := newGather(s, "composer", composerSource)
	m = g.openWords(cmd, m)
	for _, dir := range []string{".composer", ".config/composer"} {
		g.home(path.Join(dir, "config.json"), path.Join(dir, "auth.json"), path.Join(dir, "composer.json"))
	}
	if strings.HasPrefix(verb, "global") {
		return g.Needs, true // the project is COMPOSER_HOME
	}
	dir, ok := g.start(m.Options["-d"], false)
	if !ok {
		return g.Needs, true
	}
	name := "composer.json"
	if v := s.env("COMPOSER"); v != "" {
		name = v
	}
	if path.IsAbs(name) {
		g.hazard("COMPOSER names %s", name)
		return g.Needs, true
	}
	c := &composing{gather: g, dir: dir, m: m, file: path.Join(dir, name)}
	data := g.read(c.file)
	if data == nil {
		g.hazard("%s is not among the copied files", c.file)
		return g.Needs, true
	}
	if c.top = jsonObject(data); c.top == nil {
		g.hazard("%s is no JSON object", c.file)
		return g.Needs, true
	}
	lockName := strings.TrimSuffix(c.file, ".json") + ".lock"
	c.lock = g.read(lockName)
	g.has(path.Join(dir, "auth.json"))
	c.vcs()
	c.repositories()
	c.plugins()
	c.autoload()
	c.scripts(update || verb == "require" || verb == "req")
	c.folders()
	if c.lock == nil || update || verb != "install" && verb != "i" {
		g.makes(lockName)
	}
	if verb == "require" || verb == "req" {
		g.makes(c.file)
	}
	return g.Needs, true
}

// folders are those that composer fills (06-config: vendor-dir, bin-dir).
func (c *composing) folders() {
	config := jsonObject(c.top["config"])
	vendor := "vendor"
	for _, v := range []string{jsonText(config["vendor-dir"]), c.env("COMPOSER_VENDOR_DIR")} {
		if v != "" {
			vendor = v
		}
	}
	c.made = append(c.made, vendor)
	for _, v := range []string{jsonText(config["bin-dir"]), c.env("COMPOSER_BIN_DIR")} {
		if v != "" && !strings.HasPrefix(v, "{$vendor-dir}") {
			c.made = append(c.made, v)
		}
	}
	for _, name := range c.made {
		if strings.ContainsAny(name, "$~") || path.IsAbs(name) {
			if _, in := c.inContext(name); !in && path.IsAbs(name) {
				continue
			}
			c.hazard("%s has packages put into %s", c.file, name)
			continue
		}
		c.has2(path.Join(c.dir, name))
		c.makes(path.Join(c.dir, name))
	}
}

// vcs: the version and the commit of the project, which composer keeps in
// vendor/composer/installed.php, come from its repository (articles/versions,
// 04-schema: version).
func (c *composing) vcs() {
	for _, at := range c.upwards(c.dir) {
		for _, name := range []string{".git", ".hg", ".svn"} {
			if c.has(path.Join(at, name)) {
				c.hazard("composer takes the project's version from %s, which .dockerignore does not leave out", path.Join(at, name))
			}
		}
	}
}

// repositories notes packages that the context holds (05-repositories: path,
// artifact, package; globs are PHP's).
func (c *composing) repositories() {
	var all [][]byte
	if obj := jsonObject(c.top["repositories"]); obj != nil {
		for _, v := range byName(obj) {
			all = append(all, v)
		}
	}
	for _, v := range jsonArray(c.top["repositories"]) {
		all = append(all, v)
	}
	for _, v := range all {
		r := jsonObject(v)
		kind, url := jsonText(r["type"]), jsonText(r["url"])
		local := !strings.Contains(url, "://") && !strings.HasPrefix(url, "git@")
		if rest, ok := strings.CutPrefix(url, "file://"); ok {
			local, url = true, rest
		}
		switch {
		case kind == "path" || kind == "artifact":
			c.pathRepository(kind, url)
		case kind == "package":
			for _, v := range append(jsonArray(r["package"]), r["package"]) {
				for _, key := range []string{"dist", "source"} {
					if from := jsonText(jsonObject(jsonObject(v)[key])["url"]); from != "" && !strings.Contains(from, "://") && !strings.HasPrefix(from, "git@") {
						c.localFile(from)
					}
				}
			}
		case url != "" && local && kind != "":
			c.hazard("%s takes packages from %s", c.file, url)
		}
	}
}

func (c *composing) pathRepository(kind, url string) {
	if strings.ContainsAny(url, "$~") || path.IsAbs(url) || !c.within(path.Join(c.dir, url)) {
		c.hazard("%s takes packages from %s, which the copied files do not hold", c.file, url)
		return
	}
	dirs := []string{path.Join(c.dir, url)}
	if strings.ContainsAny(url, "*?[{") {
		x := newMemberGlob(url)
		if x == nil {
			c.hazard("%s takes packages from %s", c.file, url)
			return
		}
		w := &memberWalk{gather: c.gather, root: c.dir, globs: []*memberGlob{x}, manifest: "composer.json"}
		w.into("", 0)
		dirs = w.found
	}
	for _, dir := range dirs {
		c.has(dir) // linked or copied, as its version and the system have it
		if bins := jsonList(jsonObject(c.read(path.Join(dir, "composer.json")))["bin"]); kind == "path" {
			for _, bin := range bins {
				c.makes(path.Join(dir, bin)) // is made executable
			}
		}
	}
}

func (c *composing) localFile(name string) {
	if at := path.Join(c.dir, name); !path.IsAbs(name) && c.within(at) {
		c.has(at)
		return
	}
	c.hazard("%s takes a package from %s", c.file, name)
}

// autoload notes the folders that are searched for classes: those of classmap
// always, those of psr-4 and psr-0 for an optimised autoloader.
func (c *composing) autoload() {
	if c.m.Has("--no-autoloader") {
		return
	}
	config := jsonObject(c.top["config"])
	optimise := c.m.Has("-o") || c.m.Has("-a") || string(config["optimize-autoloader"]) == "true" || string(config["classmap-authoritative"]) == "true"
	parts := []string{"autoload"}
	if !c.m.Has("--no-dev") && c.env("COMPOSER_NO_DEV") != "1" {
		parts = append(parts, "autoload-dev")
	}
	for _, part := range parts {
		rules := jsonObject(c.top[part])
		for _, name := range jsonList(rules["classmap"]) {
			at := path.Join(c.dir, name)
			switch {
			case strings.ContainsAny(name, "*?[") || !c.within(at):
				c.hazard("%s searches %s for classes", c.file, name)
			case at == c.dir:
				c.hazard("%s searches the whole project for classes", c.file)
			default:
				c.has(at)
			}
		}
		for _, key := range []string{"psr-4", "psr-0"} {
			for _, dirs := range byName(jsonObject(rules[key])) {
				if names := jsonList(dirs); optimise && len(names) > 0 {
					c.hazard("the optimised autoloader is made by reading the classes in %s", path.Join(c.dir, names[0]))
				} else if optimise {
					c.hazard("the optimised autoloader is made by reading the project's classes")
				}
			}
		}
	}
}
