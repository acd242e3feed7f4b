package install

import (
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const cargoSource = "doc.rust-lang.org/cargo: cargo fetch, cargo install, The Manifest Format, Cargo Targets (auto-discovery), Workspaces, Specifying Dependencies, Overriding Dependencies, Configuration, Source Replacement; rust-lang.github.io/rustup: Overrides"

// cargo: what cargo build and its kin fetch on their way is what cargo fetch
// does. It reads the manifests of the workspace and of all path dependencies,
// Cargo.lock, .cargo/config.toml of each folder upwards and rust-toolchain.toml.
// It takes no manifest for which it finds no target, and looks for the files of
// those whose path is not given; their content does not matter, so that Fetch
// makes empty ones and takes them away again. They are those of the context.
//
// --locked goes along where the command has it. Without it either may bring
// Cargo.lock up to date, and a later copy brings back the context's, which the
// build then treats as it always did.
func cargo(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	if m.Program != "cargo" || m.Has("--offline") || m.Has("--frozen") || s.env("CARGO_NET_OFFLINE") == "true" {
		return Needs{}, false
	}
	verb := verbOf(m)
	switch verb {
	case "install", "fetch", "build", "b", "check", "c", "rustc", "clippy", "doc", "test", "t", "bench", "run", "r":
	default:
		return Needs{}, false
	}
	c := &crates{line: newLine(s, cmd, m, "cargo", cargoSource), manifests: map[string]*crate{}}
	dir, ok := c.dir()
	if !ok {
		return c.Needs, true
	}
	if m.Has("-C") || m.Has("-Z") {
		c.hazard("-C and -Z are not those of a stable cargo")
	}
	c.configuration(dir)
	if home := s.env("CARGO_HOME"); home != "" {
		if at, ok := c.inContext(home); ok {
			c.makes(at)
			c.config(at)
		}
	}
	own := verb != "install"
	if at, ok := c.value("--path"); ok && verb == "install" {
		own = true
		if dir, ok = c.inContext(at); !ok {
			return Needs{}, false
		}
	}
	if !own {
		return c.Needs, true // from the registry or a repository
	}
	manifest := path.Join(dir, "Cargo.toml")
	if at, ok := c.value("--manifest-path"); ok {
		if manifest, ok = c.inContext(at); !ok {
			return Needs{}, false
		}
	} else if verb != "install" {
		if manifest, ok = c.nearest(dir, "Cargo.toml"); !ok {
			if verb == "fetch" {
				c.hazard("there is no Cargo.toml in the build context")
				return c.Needs, true
			}
			return Needs{}, false
		}
	}
	if c.vendored {
		return Needs{}, false // "Source Replacement": nothing is fetched
	}
	root := c.load(manifest)
	if lock := path.Join(root, "Cargo.lock"); !c.has(lock) {
		c.makes(lock)
	}
	words := []string{"cargo", "fetch"}
	words = append(words, c.keep(keepOptions("--locked", "--config"))...)
	switch at, inside := cutFolder(manifest, dir); {
	case verb == "install" && at != "Cargo.toml", verb != "install" && m.Has("--manifest-path"), !inside && root != dir:
		words = append(words, c.shown("--manifest-path", manifest)...)
	case verb == "install":
		if here, _ := c.dir(); here != dir {
			words = append(words, c.shown("--manifest-path", manifest)...)
		}
	}
	c.around(dir, words)
	return c.Needs, true
}

// shown is an option with a path of the context as the image has it.
func (c *crates) shown(option, name string) []string {
	text, ok := quoted(c.image(name))
	if !ok {
		c.hazard("the path %q cannot be repeated", name)
	}
	return []string{option, text}
}

// image is a path of the context as it is called in the working directory.
func (l *line) image(name string) string {
	if here, ok := l.inContext("."); ok {
		if here == "." {
			return name
		}
		if rest, ok := cutFolder(name, here); ok {
			return rest
		}
	}
	rest, ok := cutFolder(name, path.Clean(l.Root))
	if path.Clean(l.Root) == "." || !ok {
		rest = name
	}
	return path.Join(l.At, rest)
}

// around puts the making of the targets' files around what fetches.
func (c *crates) around(dir string, words []string) {
	slices.Sort(c.targets)
	var folders, files, gone []string
	for _, file := range slices.Compact(c.targets) {
		top := file
		var made []string
		for d := path.Dir(file); d != "." && !c.holds(d); d = path.Dir(d) {
			top = d
			if !slices.Contains(folders, d) {
				made = append(made, d)
			}
		}
		slices.Reverse(made)
		folders, files = append(folders, made...), append(files, file)
		if !slices.Contains(gone, top) {
			gone = append(gone, top)
		}
	}
	if len(files) == 0 {
		c.fetches(words...)
		return
	}
	c.fetches(words...)
	list := func(names []string) string {
		out := make([]string, len(names))
		for i, name := range names {
			text, ok := quoted(c.image(name))
			if !ok {
				c.hazard("the path %q cannot be repeated", name)
			}
			out[i] = text
		}
		return strings.Join(out, " ")
	}
	fetch := "touch " + list(files) + " && " + c.Fetch + " && rm -r " + list(gone)
	if len(folders) > 0 {
		fetch = "mkdir " + list(folders) + " && " + fetch
	}
	c.Fetch = fetch
}

// holds reports whether a folder is there once what is read was copied.
func (c *crates) holds(dir string) bool {
	return slices.ContainsFunc(c.Reads, func(name string) bool {
		_, ok := cutFolder(name, dir)
		return ok
	})
}

// configuration notes what cargo and rustup look for in each folder upwards
// ("Configuration": Hierarchical structure; rustup: "The toolchain file").
func (c *crates) configuration(dir string) {
	for _, d := range c.upwards(dir) {
		c.config(path.Join(d, ".cargo"))
		if toolchain, ok := c.text(path.Join(d, "rust-toolchain.toml")); ok && strings.Contains(toolchain, "path") {
			c.hazard("rust-toolchain.toml may name a folder")
		}
		c.has(path.Join(d, "rust-toolchain"))
	}
	for i, r := range c.m.Roles {
		if r.Option == "--config" && r.Value != "" && !strings.Contains(r.Value, "=") {
			if at, ok := c.inContext(r.Value); ok && c.cmd.Words[i].Static {
				c.configFile(at)
			}
		}
	}
}

func (c *crates) config(dir string) {
	c.configFile(path.Join(dir, "config.toml"))
	c.configFile(path.Join(dir, "config"))
}

func (c *crates) configFile(file string) {
	conf, ok := c.tables(file)
	if !ok {
		return
	}
	if conf["include"] != nil {
		c.hazard("%s includes other files", file)
	}
	if paths := texts(conf["paths"]); len(paths) > 0 {
		c.hazard("%s overrides crates by their paths", file)
	}
	sources := table(conf, "source")
	with, _ := table(sources, "crates-io")["replace-with"].(string)
	for range 10 {
		next, _ := table(sources, with)["replace-with"].(string)
		if next == "" {
			break
		}
		with = next
	}
	for _, kind := range []string{"directory", "local-registry"} {
		if table(sources, with)[kind] != nil {
			c.vendored = true
		}
	}
	for _, name := range keys(table(conf, "registries")) {
		if index, _ := table(conf, "registries", name)["index"].(string); strings.HasPrefix(index, "file:") {
			c.hazard("%s names a registry in a folder", file)
		}
	}
	for _, registry := range keys(table(conf, "patch")) {
		// "The configuration file's [patch]": relative to the folder above .cargo.
		c.dependencies(path.Dir(path.Dir(file)), table(conf, "patch", registry), nil)
	}
}
