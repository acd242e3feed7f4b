package pin

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxCAs is how many files of authorities one host may name.
const maxCAs = 20

// hostsTOML is containerd's hosts.toml (docs/hosts.md in containerd), as far as
// it concerns where a tag is resolved. Client certificates, headers and
// time limits are not taken over.
type hostsTOML struct {
	hostTOML                     // of the server
	Server   string              `toml:"server"`
	Host     map[string]hostTOML `toml:"host"`
}

type hostTOML struct {
	Capabilities []string `toml:"capabilities"`
	CA           any      `toml:"ca"` // a path or a list of them
	SkipVerify   bool     `toml:"skip_verify"`
	OverridePath bool     `toml:"override_path"`
}

// resolves reports whether the host may turn a tag into a digest: without a
// list it may all. Capabilities unknown here are for others.
func (h hostTOML) resolves() bool {
	return len(h.Capabilities) == 0 || slices.ContainsFunc(h.Capabilities, func(c string) bool {
		return strings.EqualFold(c, "resolve")
	})
}

// hostSettings is what certs.d says of a registry host; nil if nothing.
type hostSettings struct {
	file    string
	host    string // of the registry
	mirrors []route
	server  *route // nil if it may not be asked; its Repository lacks the path
}

// mirrorRoutes are the hosts to ask first.
func (s *hostSettings) mirrorRoutes(repository string) []route {
	if s == nil {
		return nil
	}
	var routes []route
	for _, at := range s.mirrors {
		routes = append(routes, s.below(at, repository))
	}
	return routes
}

// serverRoutes is the registry itself, or what is set in its place.
func (s *hostSettings) serverRoutes(repository string) []route {
	if s == nil {
		return []route{{Endpoint: Endpoint{Repository: repository}}}
	}
	if s.server == nil {
		return nil
	}
	return []route{s.below(*s.server, repository)}
}

// below names the repository at a host.
func (s *hostSettings) below(at route, repository string) route {
	at.Repository += strings.TrimPrefix(repository, s.host)
	at.Mirror = at.Repository != repository
	return at
}

// readHosts reads what a certs.d says of host[:port]. The first folder that
// exists counts, as in containerd.
func readHosts(certs, host string) (*hostSettings, error) {
	if certs == "" {
		return nil, nil
	}
	folders := []string{host, "_default"}
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		folders = slices.Insert(folders, 0, host[:i]+"_"+host[i+1:]+"_")
	}
	for _, folder := range folders {
		dir := filepath.Join(certs, folder)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		file := filepath.Join(dir, "hosts.toml")
		data, err := readBounded(file)
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
			return dockerCerts(dir, host)
		}
		if err != nil {
			return nil, fmt.Errorf("%w; fix it or move it away", err)
		}
		s, err := parseHosts(file, host, data)
		if err != nil {
			return nil, fmt.Errorf("%w, fix it or move it away", err)
		}
		return s, nil
	}
	return nil, nil
}

// dockerCerts reads a folder without hosts.toml, which holds the authorities of
// the registry itself as Docker lays them out: *.crt.
func dockerCerts(dir, host string) (*hostSettings, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".crt") {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	cas, err := readCAs(dir, names)
	if err != nil {
		return nil, fmt.Errorf("%s: %w, fix it or move it away", dir, err)
	}
	at := route{Endpoint: Endpoint{Repository: host, CAs: cas}, stated: true}
	return &hostSettings{file: dir, host: host, server: &at}, nil
}

func parseHosts(file, host string, data []byte) (*hostSettings, error) {
	var conf hostsTOML
	if err := decodeTOML(file, data, &conf); err != nil {
		return nil, err
	}
	s := &hostSettings{file: file, host: host}
	done := map[string]bool{}
	line := 1 // of server
	for _, k := range tomlKeys(data) {
		if len(k.parts) == 1 && k.parts[0] == "server" {
			line = k.line
		}
		if len(k.parts) < 2 || k.parts[0] != "host" || done[k.parts[1]] {
			continue
		}
		done[k.parts[1]] = true
		at, err := conf.Host[k.parts[1]].route(k.parts[1], filepath.Dir(file))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, k.line, err)
		}
		if at != nil {
			at.Repository = s.known(at.Repository)
			s.mirrors = append(s.mirrors, *at)
		}
	}
	var err error
	if conf.Server != "" {
		s.server, err = conf.hostTOML.route(conf.Server, filepath.Dir(file))
	} else {
		// The settings at the top then are for the registry itself, which may
		// always be asked.
		at := route{Endpoint: Endpoint{Repository: host, SkipVerify: conf.SkipVerify}}
		at.CAs, err = conf.authorities(filepath.Dir(file))
		at.stated = at.SkipVerify || at.CAs != nil
		s.server = &at
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, line, err)
	}
	if s.server != nil {
		s.server.Repository = s.known(s.server.Repository)
	}
	return s, nil
}

// known gives Docker Hub's registry the name it has in references.
func (s *hostSettings) known(host string) string {
	if s.host == "docker.io" && (host == "registry-1.docker.io" || host == "index.docker.io") {
		return s.host
	}
	return host
}

// route gives the place that a server or host entry names, without the
// repository. It is nil if the entry may not resolve tags, or if its requests
// would not go to /v2/ of the host: no repository name can express that.
func (h hostTOML) route(server, dir string) (*route, error) {
	if !h.resolves() {
		return nil, nil
	}
	if !strings.Contains(server, "://") {
		server = "https://" + server
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !hostForm.MatchString(u.Host) {
		return nil, fmt.Errorf("%q is not the address of a registry as in https://mirror.example.com", server)
	}
	root := strings.TrimSuffix(path.Clean("/"+u.Path), "/")
	if !h.OverridePath && !strings.HasSuffix(root, "/v2") {
		root += "/v2"
	}
	below, ok := strings.CutPrefix(root+"/", "/v2/")
	below = strings.Trim(below, "/")
	if !ok || below != "" && !pathForm.MatchString(below) {
		return nil, nil
	}
	at := &route{Endpoint: Endpoint{Repository: u.Host, PlainHTTP: u.Scheme == "http"}, stated: true}
	if checkHost(u.Host) != nil { // a bare word
		at.Repository += map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	}
	if below != "" {
		at.Repository += "/" + below
	}
	if at.PlainHTTP {
		return at, nil
	}
	at.SkipVerify = h.SkipVerify
	at.CAs, err = h.authorities(dir)
	return at, err
}

// authorities reads what ca names, relative to the folder of the file.
func (h hostTOML) authorities(dir string) ([]byte, error) {
	switch ca := h.CA.(type) {
	case nil:
		return nil, nil
	case string:
		return readCAs(dir, []string{ca})
	case []any:
		var names []string
		for _, entry := range ca {
			name, ok := entry.(string)
			if !ok {
				return nil, errors.New("ca is not a list of paths")
			}
			names = append(names, name)
		}
		return readCAs(dir, names)
	}
	return nil, errors.New("ca is neither a path nor a list of paths")
}

// readCAs joins PEM files.
func readCAs(dir string, names []string) ([]byte, error) {
	if len(names) > maxCAs {
		return nil, fmt.Errorf("more than %d files of certificate authorities", maxCAs)
	}
	var all []byte
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		data, err := readBounded(name)
		if err != nil {
			return nil, err
		}
		if !x509.NewCertPool().AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%q holds no PEM certificate", name)
		}
		all = append(append(all, data...), '\n')
	}
	return all, nil
}
