package pin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// confFile is a registries.conf of version 2, as far as it concerns where a
// fully named image is found: containers-registries.conf(5).
type confFile struct {
	Registry []*confRegistry `toml:"registry"`
	Version1 any             `toml:"registries"`
}

type confRegistry struct {
	Prefix             string       `toml:"prefix"`
	Location           string       `toml:"location"`
	Insecure           bool         `toml:"insecure"`
	Blocked            bool         `toml:"blocked"`
	MirrorByDigestOnly bool         `toml:"mirror-by-digest-only"`
	Mirrors            []confMirror `toml:"mirror"`

	file string
	line int // of its [[registry]]; 0 when unknown
}

type confMirror struct {
	Location       string `toml:"location"`
	Insecure       bool   `toml:"insecure"`
	PullFromMirror string `toml:"pull-from-mirror"`
}

func (c *confRegistry) where() string {
	if c.line == 0 {
		return c.file
	}
	return fmt.Sprintf("%s:%d", c.file, c.line)
}

// DefaultConfPaths returns the registries.conf files that Podman and its kin
// read, in their order, for an environment of NAME=value: the one that
// CONTAINERS_REGISTRIES_CONF names, or the user's, or the machine's, and then
// what containers-registries.conf.d(5) adds. All but the first kind exist.
func DefaultConfPaths(environ []string) []string {
	const system = "/etc/containers/registries.conf"
	user := ""
	if home := lookEnv(environ, "HOME"); home != "" {
		user = filepath.Join(home, ".config/containers/registries.conf")
	}
	named := lookEnv(environ, "CONTAINERS_REGISTRIES_CONF")
	if named == "" && user != "" && present(user) {
		return append([]string{user}, dropIns(user)...) // the machine's are not read then
	}
	var paths []string
	switch {
	case named != "":
		paths = append(paths, named)
	case present(system):
		paths = append(paths, system)
	}
	paths = append(paths, dropIns(system)...)
	if user != "" {
		paths = append(paths, dropIns(user)...)
	}
	return paths
}

// lookEnv returns the value of a variable, "" if it is not there. As for a
// program that is started with it, the last of several counts.
func lookEnv(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// present reports whether there is something to read; what cannot be looked at
// counts, so that reading it says why.
func present(path string) bool {
	_, err := os.Stat(path)
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) // HOME=/dev/null
}

// dropIns lists the files of registries.conf.d beside a registries.conf.
func dropIns(conf string) []string {
	entries, err := os.ReadDir(conf + ".d")
	if err != nil {
		return nil // most often it is not there
	}
	var paths []string
	for _, e := range entries { // sorted by name
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".conf") {
			paths = append(paths, filepath.Join(conf+".d", e.Name()))
		}
	}
	return paths
}

// readConf reads registries.conf files; a prefix in a later one replaces what an
// earlier one says of it.
func readConf(paths []string) (map[string]*confRegistry, error) {
	all := map[string]*confRegistry{}
	for _, path := range paths {
		data, err := readBounded(path)
		if err != nil {
			return nil, fmt.Errorf("%w; fix it or name another file in CONTAINERS_REGISTRIES_CONF", err)
		}
		found, err := parseConf(path, data)
		if err != nil {
			return nil, fmt.Errorf("%w, fix it or name another file in CONTAINERS_REGISTRIES_CONF", err)
		}
		for _, reg := range slices.Backward(found) { // inside a file the first counts
			all[reg.Prefix] = reg
		}
	}
	return all, nil
}

func parseConf(path string, data []byte) ([]*confRegistry, error) {
	var file confFile
	if err := decodeTOML(path, data, &file); err != nil {
		return nil, err
	}
	var lines []int
	for _, k := range tomlKeys(data) {
		if len(k.parts) == 1 && k.parts[0] == "registry" {
			lines = append(lines, k.line)
		}
		if k.parts[0] == "registries" && file.Version1 != nil {
			return nil, fmt.Errorf("%s:%d: version 1 of the format, which says nothing of mirrors; write [[registry]] tables", path, k.line)
		}
	}
	for i, reg := range file.Registry {
		reg.file = path
		if len(lines) == len(file.Registry) { // else they are written inline
			reg.line = lines[i]
		}
		if err := reg.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", reg.where(), err)
		}
	}
	return file.Registry, nil
}

// check refuses what Podman refuses, and fills in the prefix.
func (c *confRegistry) check() error {
	c.Prefix, c.Location = strings.TrimRight(c.Prefix, "/"), strings.TrimRight(c.Location, "/")
	if c.Prefix == "" {
		c.Prefix = c.Location
	}
	wild := strings.HasPrefix(c.Prefix, "*.")
	if c.Prefix == "" {
		return errors.New("[[registry]] has neither prefix nor location")
	}
	if c.Location == "" && !wild {
		return fmt.Errorf("the registry %q has no location", c.Prefix)
	}
	for _, m := range c.Mirrors {
		if m.Location == "" && !wild {
			return fmt.Errorf("a mirror of %q has no location", c.Prefix)
		}
		switch m.PullFromMirror {
		case "":
		case "all", "digest-only", "tag-only":
			if c.MirrorByDigestOnly {
				return fmt.Errorf("%q has both mirror-by-digest-only and pull-from-mirror", c.Prefix)
			}
		default:
			return fmt.Errorf("pull-from-mirror of %q is %q, not all, digest-only or tag-only", c.Prefix, m.PullFromMirror)
		}
	}
	for _, location := range append([]string{c.Prefix, c.Location}, locations(c.Mirrors)...) {
		if strings.Contains(location, "://") {
			return fmt.Errorf("%q has a scheme, it should be host[:port][/path]", location)
		}
	}
	return nil
}

func locations(mirrors []confMirror) []string {
	var all []string
	for _, m := range mirrors {
		all = append(all, m.Location)
	}
	return all
}

// findConf returns the settings with the longest prefix of a repository and
// what follows that prefix; nil if there are none.
func findConf(all map[string]*confRegistry, repository string) (found *confRegistry, rest string) {
	for prefix, reg := range all {
		after, ok := cutPrefix(repository, prefix)
		if ok && (found == nil || len(prefix) > len(found.Prefix)) {
			found, rest = reg, after
		}
	}
	return found, rest
}

// mirrorRoutes are the mirrors that may be asked for a tag.
func (c *confRegistry) mirrorRoutes(rest, repository string) ([]route, error) {
	if c == nil || c.MirrorByDigestOnly {
		return nil, nil
	}
	var routes []route
	for _, m := range c.Mirrors {
		if m.PullFromMirror == "digest-only" {
			continue
		}
		to, err := c.rewrite(m.Location, rest, repository)
		if err != nil {
			return nil, err
		}
		routes = append(routes, confRoutes(to, repository, m.Insecure)...)
	}
	return routes, nil
}

// ownLocation is the registry itself, nil where nothing is said of it.
func (c *confRegistry) ownLocation(rest, repository string) ([]route, error) {
	if c == nil {
		return nil, nil
	}
	to, err := c.rewrite(c.Location, rest, repository)
	if err != nil || to == repository && !c.Insecure {
		return nil, err
	}
	return confRoutes(to, repository, c.Insecure), nil
}

func (c *confRegistry) rewrite(location, rest, repository string) (string, error) {
	if location == "" { // only below a wildcard: it is not rewritten
		return repository, nil
	}
	to, err := relocate(location, rest)
	if err != nil {
		return "", fmt.Errorf("%s: the location %q for %s: %w", c.where(), location, repository, err)
	}
	return to, nil
}

// confRoutes gives the ways to a repository: insecure allows both a certificate
// that does not hold and no TLS, tried in that order as Podman does.
func confRoutes(to, repository string, insecure bool) []route {
	at := route{Endpoint: Endpoint{Repository: to, Mirror: to != repository}}
	if !insecure {
		return []route{at}
	}
	at.stated = true
	plain := at
	at.SkipVerify, plain.PlainHTTP = true, true
	return []route{at, plain}
}
