package install

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

const (
	bundlerSource = "bundler.io/man: bundle-install, bundle-config, gemfile; guides.rubygems.org: specification-reference"
	gemSource     = "guides.rubygems.org: command-reference (gem install)"
)

// bundler tells what bundle install needs. The Gemfile and gemspecs are Ruby: they
// are read as far as they are declarations with literal values.
func bundler(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	verb := verbOf(m)
	if m.Manager == "gem" && m.Verb == "install" {
		return gem(s, cmd, m)
	}
	if m.Manager != "bundle" || verb != "" && verb != "install" || verb == "" && (m.Has("-v") || m.Has("-V") && len(m.Roles) == 2) {
		return Needs{}, false
	}
	g := newGather(s, "bundler", bundlerSource)
	m.Unknown = slices.DeleteFunc(slices.Clone(m.Unknown), func(i int) bool {
		// --without and --with take all the names behind them.
		return (m.Has("--without") || m.Has("--with")) && i < len(cmd.Words) && cmd.Words[i].Static && !strings.HasPrefix(cmd.Words[i].Value, "-")
	})
	m = g.openWords(cmd, m)
	g.home(".gemrc", ".bundle/config")
	dir, ok := g.start(nil, false)
	if !ok {
		return g.Needs, true
	}
	b := &bundling{gather: g, seen: map[string]bool{}}
	named := s.env("BUNDLE_GEMFILE")
	if v := m.Options["--gemfile"]; len(v) > 0 {
		if named = v[len(v)-1]; named == "" {
			g.hazard("the Gemfile is only known when it runs")
		}
	}
	b.find(dir, named)
	if b.gemfile == "" {
		g.hazard("there is no Gemfile among the copied files")
		return g.Needs, true
	}
	b.root = path.Dir(b.gemfile)
	settings := b.config(path.Join(b.root, ".bundle", "config"))
	if v := settings["BUNDLE_GEMFILE"]; v != "" && named == "" {
		g.hazard(".bundle/config names another Gemfile, %s", v)
	}
	b.ruby(b.gemfile, 0)
	lock := b.gemfile + ".lock"
	if path.Base(b.gemfile) == "gems.rb" {
		lock = path.Join(b.root, "gems.locked")
	}
	locked := g.has(lock)
	g.has2(path.Join(b.root, "vendor", "cache"))
	frozen := m.Has("--frozen") || m.Has("--deployment")
	for _, name := range []string{"BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"} {
		frozen = frozen || on(s.env(name)) || on(settings[name])
	}
	g.makes(path.Join(b.root, ".bundle"), path.Join(b.root, "vendor", "bundle"))
	g.has2(path.Join(b.root, "vendor", "bundle"))
	for _, name := range append(m.Options["--path"], s.env("BUNDLE_PATH"), settings["BUNDLE_PATH"], s.env("BUNDLE_BIN"), settings["BUNDLE_BIN"]) {
		if name == "" {
			continue
		}
		if at, ok := g.inContext(name); ok {
			g.has2(at)
			g.makes(at)
		}
	}
	if m.Has("--binstubs") || m.Has("--standalone") {
		g.makes(path.Join(b.root, "bin"), path.Join(b.root, "bundle"))
	}
	if !frozen {
		g.makes(lock)
		if locked {
			// bundle-install(1): --frozen is deprecated for the setting.
			if line := s.frozen(cmd, m, "", nil, nil); line != "" {
				g.Frozen = "BUNDLE_FROZEN=true " + line
			}
		}
	}
	return g.Needs, true
}

func on(v string) bool { return v == "true" || v == "1" || v == "on" || v == "yes" }

// gem tells what gem install needs: gems that lie in the folder go before those
// of the source, and so do files that are named.
func gem(s Site, cmd *shell.Simple, m command.Meaning) (Needs, bool) {
	g := newGather(s, "gem", gemSource)
	m = g.openWords(cmd, m)
	g.home(".gemrc")
	if m.Has("-g") {
		g.hazard("it reads a Gemfile")
	}
	dir, ok := s.inContext(".")
	if !ok {
		return g.Needs, true
	}
	if s.Tree == nil {
		g.hazard("the build context is not known")
		return g.Needs, true
	}
	var names []string
	if s.Tree.Has(dir) {
		var err error
		if names, err = s.Tree.List(dir); err != nil {
			g.hazard("the folder %s cannot be listed", dir)
		}
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".gem") {
			g.has(path.Join(dir, name))
		}
	}
	for _, i := range m.Packages {
		w := cmd.Words[i]
		at, in := s.inContext(w.Value)
		switch {
		case w.Glob && strings.Contains(w.Value, "/"), !w.Static && !w.Glob && w.Prefix == "":
			g.hazard("what it installs is only known when it runs")
		case w.Static && in && strings.HasSuffix(w.Value, ".gem"):
			g.has(at)
		}
	}
	return g.Needs, true
}

// bundling is a bundle at work.
type bundling struct {
	*gather
	gemfile, root string
	seen          map[string]bool
}

// find looks for the Gemfile as bundle-config(1) says: what is named, or the
// nearest Gemfile or gems.rb above.
func (b *bundling) find(dir, named string) {
	if named != "" {
		at, ok := b.inContext(named)
		if !ok {
			b.hazard("the Gemfile is %s, which the copied files do not hold", named)
			return
		}
		if b.has(at) {
			b.gemfile = at
		}
		return
	}
	for _, at := range b.upwards(dir) {
		for _, name := range []string{"gems.rb", "Gemfile"} {
			if name = path.Join(at, name); b.has(name) && b.gemfile == "" {
				b.gemfile = name
			}
		}
		if b.gemfile != "" {
			return
		}
	}
}

var bundleSetting = regexp.MustCompile(`(?m)^(BUNDLE_[A-Z0-9_]+):\s*"?([^"\n]*)"?\s*$`)

// config reads .bundle/config, a list of settings in simple YAML.
func (b *bundling) config(name string) map[string]string {
	out := map[string]string{}
	for _, found := range bundleSetting.FindAllStringSubmatch(string(b.read(name)), 1000) {
		out[found[1]] = found[2]
	}
	for key, v := range byName(out) {
		if strings.HasPrefix(key, "BUNDLE_LOCAL__") {
			b.hazard("%s takes a gem from %s", name, v)
		}
	}
	return out
}
