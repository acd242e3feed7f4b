package credentials

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
)

// hubKey is the name under which docker login keeps what is for Docker Hub.
const hubKey = "https://index.docker.io/v1/"

// hubHosts are the names of Docker Hub's registry.
var hubHosts = []string{"docker.io", "index.docker.io", "registry-1.docker.io"}

// source is one file of credentials.
type source struct {
	name   string
	file   *configfile.ConfigFile
	docker bool // Docker's own file, whose helpers know Docker Hub by hubKey

	mu    sync.Mutex
	asked map[string]*answer // by helper and server
}

// answer is what a helper program said, once it did.
type answer struct {
	once sync.Once
	auth types.AuthConfig
	err  error
}

// find returns the credentials for a repository, which are empty if there are
// none here. As in containers-auth.json(5) the longest key that the repository
// is, or is below of, counts, and a helper program that is set for its host
// keeps all there is.
func (s *source) find(repository string, patience time.Duration) (types.AuthConfig, error) {
	host, _, _ := strings.Cut(repository, "/")
	if host == "" {
		return types.AuthConfig{}, nil
	}
	names := hostNames(host)
	for _, name := range names {
		if helper := s.file.CredentialHelpers[name]; helper != "" {
			if s.docker {
				name = names[0]
			}
			return s.ask(helper, name, patience)
		}
	}
	if s.file.CredentialsStore != "" {
		return s.ask(s.file.CredentialsStore, names[0], patience)
	}
	for path := repository; ; {
		rest := strings.TrimPrefix(path, host)
		for _, name := range names {
			if auth := s.entry(name, rest); given(auth) {
				return auth, nil
			}
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return types.AuthConfig{}, nil
		}
		path = path[:i]
	}
}

// hostNames are the keys that stand for a host, the first being the one that
// Docker asks its helper programs for.
func hostNames(host string) []string {
	if slices.Contains(hubHosts, host) {
		return append([]string{hubKey}, hubHosts...)
	}
	return []string{host}
}

// entry looks up name/rest as it is, and where it is a host alone also as old
// versions of Docker wrote it, with a scheme and a path of the API.
func (s *source) entry(name, rest string) types.AuthConfig {
	if auth := s.file.AuthConfigs[name+rest]; given(auth) || rest != "" || name == hubKey {
		return auth
	}
	for _, scheme := range []string{"https://", "http://"} {
		for _, api := range []string{"", "/", "/v1", "/v1/", "/v2", "/v2/"} {
			if auth := s.file.AuthConfigs[scheme+name+api]; given(auth) {
				return auth
			}
		}
	}
	return types.AuthConfig{}
}

// given reports whether there are credentials: a file may name a registry and
// leave them to a helper program.
func given(auth types.AuthConfig) bool {
	return auth.IdentityToken != "" || auth.Username != "" || auth.Password != ""
}

// ask runs a helper program, once for each server: one that hangs would else be
// waited for with every image.
func (s *source) ask(helper, server string, patience time.Duration) (types.AuthConfig, error) {
	key := helper + " " + server
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[string]*answer{}
	}
	a := s.asked[key]
	if a == nil {
		a = &answer{}
		s.asked[key] = a
	}
	s.mu.Unlock()
	a.once.Do(func() { a.auth, a.err = run(s.name, helper, server, patience) })
	return a.auth, a.err
}
