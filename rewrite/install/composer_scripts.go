package install

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// composing is a composer project at work.
type composing struct {
	*gather
	dir, file string
	m         command.Meaning
	top       map[string]json.RawMessage
	lock      []byte   // nil without one
	made      []string // folders below dir that packages are put into
}

// jsonArray are the elements of an array.
func jsonArray(data json.RawMessage) (out []json.RawMessage) {
	if json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}

// scripts notes what the scripts read that an install runs (articles/scripts:
// "Event names"; without a lock file an install is an update).
func (c *composing) scripts(update bool) {
	if c.m.Has("--no-scripts") {
		return
	}
	events := []string{"init", "command", "pre-command-run", "pre-install-cmd", "post-install-cmd"}
	if update || c.lock == nil {
		events = []string{"init", "command", "pre-command-run", "pre-update-cmd", "post-update-cmd", "pre-pool-create"}
	}
	events = append(events, "pre-operations-exec", "pre-package-install", "post-package-install", "pre-package-update", "post-package-update", "pre-file-download", "post-file-download")
	if !c.m.Has("--no-autoloader") {
		events = append(events, "pre-autoload-dump", "post-autoload-dump")
	}
	seen := map[string]bool{}
	for _, event := range events {
		c.script(event, event, seen)
	}
}

func (c *composing) script(event, name string, seen map[string]bool) {
	all := jsonObject(c.top["scripts"])
	if seen[name] || all[name] == nil {
		return
	}
	seen[name] = true
	if obj := jsonObject(all[name]); obj != nil {
		for line := range byName(obj) {
			c.refuse(event, "runs "+line+" by Symfony Flex, which loads the application")
		}
		return
	}
	for _, line := range jsonList(all[name]) {
		c.line(event, line, seen)
	}
}

func (c *composing) refuse(event, does string) {
	c.hazard("%s has a %s script that %s", c.file, event, does)
}

// line is one of the lines of a script: a PHP method, another script behind @, or
// a command line.
func (c *composing) line(event, line string, seen map[string]bool) {
	if !c.spend(1000 + 10*len(line)) {
		return
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch {
	case word == "" || word == "@putenv" || strings.HasPrefix(word, "@no_additional_args"):
		return
	case word == "@php":
		program, _, _ := strings.Cut(rest, " ")
		if program == "artisan" || strings.HasSuffix(program, "bin/console") {
			c.refuse(event, "runs php "+program+", which loads the application")
			return
		}
		c.refuse(event, "runs php "+program+", and what that reads is not known")
		return
	case word == "@composer":
		verb, _, _ := strings.Cut(rest, " ")
		if !slices.Contains([]string{"validate", "audit", "clear-cache", "show"}, verb) {
			c.refuse(event, "runs composer "+verb)
		}
		return
	case strings.HasPrefix(word, "@"):
		if name := word[1:]; jsonObject(c.top["scripts"])[name] != nil {
			c.script(event, name, seen)
			return
		}
		c.refuse(event, "runs "+word)
		return
	case strings.Contains(word, "::") && !strings.ContainsAny(word, "/'\"$"):
		c.refuse(event, "calls "+word+", and what that reads is not known")
		return
	}
	s, err := shell.Read(line, shell.POSIX)
	if err != nil {
		c.refuse(event, "cannot be read")
		return
	}
	// The commands are read as those of a package.json are.
	p := &nodeProject{gather: c.gather, kind: &npmKind, root: c.dir, seen: map[string]bool{}}
	r := &scriptReader{nodeProject: p, m: &packageJSON{dir: c.dir}, where: c.file, dir: c.dir, event: event, seen: map[string]bool{}}
	for _, cmd := range s.Commands {
		r.command(cmd, command.Of(cmd), 0)
	}
}

// harmlessPlugins keep to vendor/: what they do of an install is after the
// packages' own composer.json alone, or to the output.
var harmlessPlugins = []string{
	"composer/package-versions-deprecated", "ocramius/package-versions", "dealerdirect/phpcodesniffer-composer-installer", "phpstan/extension-installer",
	"pestphp/pest-plugin", "php-http/discovery", "hirak/prestissimo", "kylekatarnls/update-helper", "infection/extension-installer", "ergebnis/composer-normalize",
	"symfony/thanks", "symfony/runtime", "composer/xdebug-handler", "tbachert/spi", "nyholm/discovery", "slevomat/coding-standard", "rector/extension-installer",
	"composer-runtime-api", "captainhook/captainhook-phar", "maglnet/composer-require-checker",
}

// plugins notes what composer's plugins read (articles/plugins). Which packages
// are plugins the lock file says; without one, allow-plugins and the names that
// the project requires have to do.
func (c *composing) plugins() {
	if c.m.Has("--no-plugins") {
		return
	}
	allowed := jsonObject(jsonObject(c.top["config"])["allow-plugins"])
	var names []string
	if lock := jsonObject(c.lock); lock != nil {
		for _, key := range []string{"packages", "packages-dev"} {
			if key == "packages-dev" && c.m.Has("--no-dev") {
				continue
			}
			for _, v := range jsonArray(lock[key]) {
				pkg := jsonObject(v)
				if t := jsonText(pkg["type"]); t == "composer-plugin" || t == "composer-installer" {
					names = append(names, strings.ToLower(jsonText(pkg["name"])))
				}
			}
		}
	} else {
		for name, v := range byName(allowed) {
			if string(v) == "true" {
				names = append(names, strings.ToLower(name))
			}
		}
		for name := range byName(jsonTexts(c.top["require"])) {
			if slices.Contains(knownPlugins, name) {
				names = append(names, name)
			}
		}
		if c.lock != nil {
			c.hazard("composer.lock is no JSON object")
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if string(allowed[name]) != "false" && !slices.Contains(harmlessPlugins, name) {
			c.plugin(name)
		}
	}
}

// knownPlugins are plugins that read or make files of the project.
var knownPlugins = []string{"composer/installers", "cweagans/composer-patches", "symfony/flex", "wikimedia/composer-merge-plugin", "drupal/core-composer-scaffold", "bamarni/composer-bin-plugin", "oomphinc/composer-installers-extender"}

func (c *composing) plugin(name string) {
	extra := jsonObject(c.top["extra"])
	switch name {
	case "composer/installers", "oomphinc/composer-installers-extender":
		for dir := range byName(jsonObject(extra["installer-paths"])) {
			dir, _, _ = strings.Cut(dir, "{")
			dir, _, _ = strings.Cut(dir, "$")
			c.made = append(c.made, dir)
		}
		if jsonObject(extra["installer-paths"]) == nil {
			c.hazard("%s puts packages where their types say, with no installer-paths", name)
		}
	case "cweagans/composer-patches":
		patches := extra["patches"]
		if file := jsonText(extra["patches-file"]); file != "" {
			c.localFile(file)
			patches = jsonObject(c.read(path.Join(c.dir, file)))["patches"]
		}
		for _, list := range byName(jsonObject(patches)) {
			for _, file := range byName(jsonTexts(list)) {
				if !strings.Contains(file, "://") {
					c.localFile(file)
				}
			}
			if jsonArray(list) != nil {
				c.hazard("%s has patches in a form that is not understood", c.file)
			}
		}
		c.hasAll(c.dir, "patches.lock.json", "patches.json")
	default:
		c.hazard("the composer plugin %s may read or make files of the project", name)
	}
}
