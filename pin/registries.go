package pin

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Registries says where manifests are looked up. Own rules come first, then
// containers-registries.conf(5), then containerd's hosts.toml, then the registry
// itself. Files are read when the first question needs them, and once. A
// Registries is safe for concurrent use and must not be copied after it.
type Registries struct {
	// Mirrors are own rules: a prefix such as docker.io or docker.io/library, and
	// the locations host[:port][/path] that stand in for it, in order. Of several
	// prefixes that match the longest counts.
	Mirrors map[string][]string
	// Insecure are own rules: host[:port] is asked without TLS,
	// https://host[:port] with a certificate that is not checked.
	Insecure []string
	// ConfPaths are registries.conf files in reading order; a later one replaces
	// the settings of a prefix as a whole. Each has to exist.
	ConfPaths []string
	// CertsDir is containerd's certs.d; "" for none.
	CertsDir string

	once    sync.Once
	conf    map[string]*confRegistry // by prefix
	confErr error

	mu    sync.Mutex
	hosts map[string]hostsResult // by registry host
}

// hostsResult is what certs.d says of one host.
type hostsResult struct {
	settings *hostSettings
	err      error
}

// route is a place to ask, before the own rules on TLS are applied.
type route struct {
	Endpoint
	stated bool // the source says how to connect: nothing is guessed for loopback
}

// Endpoints returns where to look up the tags of a repository, such as
// docker.io/library/python, in the order to try. The repository need not exist.
// It is an error if the repository is blocked, if a file is malformed, or if the
// settings leave nothing to ask.
func (r *Registries) Endpoints(repository string) ([]Endpoint, error) {
	if err := checkRepository(repository); err != nil {
		return nil, fmt.Errorf("repository %q: %w", repository, err)
	}
	r.once.Do(func() { r.conf, r.confErr = readConf(r.ConfPaths) })
	if r.confErr != nil {
		return nil, r.confErr
	}
	rule, rest := findConf(r.conf, repository)
	if rule != nil && rule.Blocked {
		return nil, fmt.Errorf("%s is blocked by %s, remove blocked there to use it", repository, rule.where())
	}
	routes, err := r.ownRoutes(repository)
	if err != nil {
		return nil, err
	}
	settings, err := r.settingsFor(hostOf(repository))
	if err != nil {
		return nil, err
	}
	more, err := rule.mirrorRoutes(rest, repository)
	if err != nil {
		return nil, err
	}
	routes = append(routes, more...)
	routes = append(routes, settings.mirrorRoutes(repository)...)
	last, err := rule.ownLocation(rest, repository)
	if err != nil {
		return nil, err
	}
	if last == nil {
		last = settings.serverRoutes(repository)
	}
	routes = append(routes, last...)
	if len(routes) == 0 {
		return nil, fmt.Errorf("%s: %s leaves no registry that may resolve a tag, give one the capability resolve", repository, settings.file)
	}
	var found []Endpoint
	for _, at := range routes {
		end := r.connect(at)
		// The same place twice would only double the wait for an answer.
		if !slices.ContainsFunc(found, func(e Endpoint) bool { return sameEndpoint(e, end) }) {
			found = append(found, end)
		}
	}
	return found, nil
}

// ownRoutes are the mirrors of the own rules.
func (r *Registries) ownRoutes(repository string) ([]route, error) {
	best, rest, found := "", "", false
	for _, key := range slices.Sorted(maps.Keys(r.Mirrors)) {
		prefix := strings.TrimRight(key, "/")
		if after, ok := cutPrefix(repository, prefix); ok && (!found || len(prefix) > len(strings.TrimRight(best, "/"))) {
			best, rest, found = key, after, true
		}
	}
	if !found {
		return nil, nil
	}
	var routes []route
	for _, location := range r.Mirrors[best] {
		to, err := relocate(location, rest)
		if err != nil {
			return nil, fmt.Errorf("the mirror %q of %s: %w", location, best, err)
		}
		routes = append(routes, route{Endpoint: Endpoint{Repository: to, Mirror: to != repository}})
	}
	return routes, nil
}

// settingsFor reads certs.d for a host, once.
func (r *Registries) settingsFor(host string) (*hostSettings, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.hosts[host]
	if !ok {
		known.settings, known.err = readHosts(r.CertsDir, host)
		if r.hosts == nil {
			r.hosts = map[string]hostsResult{}
		}
		r.hosts[host] = known
	}
	return known.settings, known.err
}

// connect applies the own rules on TLS, and the default for this machine's own
// addresses: like Docker, a registry there is reached without TLS.
func (r *Registries) connect(at route) Endpoint {
	end := at.Endpoint
	host := hostOf(end.Repository)
	for _, entry := range r.Insecure {
		secure, unchecked := strings.CutPrefix(entry, "https://")
		plain := strings.TrimPrefix(entry, "http://")
		switch {
		case unchecked && strings.EqualFold(strings.TrimRight(secure, "/"), host):
			end.PlainHTTP, end.SkipVerify = false, true
			return end
		case !unchecked && strings.EqualFold(strings.TrimRight(plain, "/"), host):
			end.PlainHTTP, end.SkipVerify, end.CAs = true, false, nil
			return end
		}
	}
	if !at.stated && isLoopback(host) {
		end.PlainHTTP = true
	}
	return end
}

func sameEndpoint(a, b Endpoint) bool {
	return a.Repository == b.Repository && a.PlainHTTP == b.PlainHTTP && a.SkipVerify == b.SkipVerify &&
		string(a.CAs) == string(b.CAs)
}

// isLoopback reports whether host[:port] is this machine.
func isLoopback(host string) bool {
	name := host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name = host[:i]
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.IsLoopback()
}

func hostOf(repository string) string {
	host, _, _ := strings.Cut(repository, "/")
	return host
}

// cutPrefix returns what follows a prefix of whole path components: "" or
// something that starts with a slash. As in containers-registries.conf(5),
// *.example.com stands for every host below example.com, whatever its port.
func cutPrefix(repository, prefix string) (rest string, ok bool) {
	if suffix, wild := strings.CutPrefix(prefix, "*"); wild {
		host := hostOf(repository)
		name, _, _ := strings.Cut(host, ":")
		if strings.HasPrefix(suffix, ".") && len(name) > len(suffix) && strings.HasSuffix(name, suffix) {
			return repository[len(host):], true
		}
		return "", false
	}
	rest, ok = strings.CutPrefix(repository, prefix)
	if prefix == "" || !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return rest, true
}

// The grammar of a repository is that of github.com/distribution/reference.
var (
	hostForm = regexp.MustCompile(`^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::[0-9]{1,5})?$`)
	pathForm = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$`)
)

// maxRepository bounds a repository with its host, in bytes. Registries take
// 255 for the path.
const maxRepository = 512

// relocate appends the rest of a repository, "" or /path, to a location.
func relocate(location, rest string) (string, error) {
	if strings.Contains(location, "://") {
		return "", errors.New("give host[:port][/path] without a scheme")
	}
	to := strings.TrimRight(location, "/") + rest
	return to, checkRepository(to)
}

// checkRepository refuses what is not host[:port]/path.
func checkRepository(s string) error {
	host, path, ok := strings.Cut(s, "/")
	if err := checkHost(host); err != nil {
		return err
	}
	if !ok {
		return errors.New("a repository below the host is missing")
	}
	if len(s) > maxRepository || !pathForm.MatchString(path) {
		return errors.New("not a repository as in registry.example.com/team/image")
	}
	return nil
}

// checkHost refuses what is not the host of a registry. A bare word would be
// taken for the first part of a repository on Docker Hub.
func checkHost(host string) error {
	if len(host) > maxRepository || !hostForm.MatchString(host) {
		return errors.New("not a registry host as in registry.example.com:5000")
	}
	if host != "localhost" && !strings.ContainsAny(host, ".:") {
		return fmt.Errorf("%s would be read as a part of a Docker Hub name, add its port as in %s:443", host, host)
	}
	return nil
}
