// Package credentials reads what docker login and podman login left behind.
package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/credentials"
)

// maxFile bounds a file of credentials, in bytes.
const maxFile = 4 << 20

// Store holds the files of credentials in the order they are asked. It is safe
// for concurrent use; credentials that a helper program gave are remembered.
type Store struct {
	sources  []*source
	docker   *configfile.ConfigFile
	patience time.Duration // for a helper program
}

// Find reads the credentials that an environment of NAME=value leads to, the
// first that has some for a registry counting:
//
//   - REGISTRY_AUTH_FILE, as Podman and its kin understand it
//   - DOCKER_AUTH_CONFIG, which holds the text itself
//   - config.json in DOCKER_CONFIG, or in ~/.docker
//   - containers/auth.json in XDG_RUNTIME_DIR and then in XDG_CONFIG_HOME or
//     ~/.config, see containers-auth.json(5); not with REGISTRY_AUTH_FILE
//
// A file that is not there is none. The error joins what is wrong with the
// others and says nothing of what they hold; the Store is never nil and has what
// could be read, for callers that can do without.
func Find(environ []string) (*Store, error) {
	s := &Store{patience: 10 * time.Second}
	var wrong []error
	add := func(name string, data []byte, err error) *configfile.ConfigFile {
		src, err := parse(name, data, err)
		if err != nil {
			wrong = append(wrong, err)
		}
		s.sources = append(s.sources, src)
		return src.file
	}
	home := lookup(environ, "HOME")
	if u, err := user.Current(); home == "" && err == nil {
		home = u.HomeDir // as Docker does
	}
	named := lookup(environ, "REGISTRY_AUTH_FILE")
	if named != "" {
		data, err := read(named)
		add(named, data, err)
	}
	if text := lookup(environ, "DOCKER_AUTH_CONFIG"); text != "" {
		add("DOCKER_AUTH_CONFIG", []byte(text), nil)
	}
	dir := lookup(environ, "DOCKER_CONFIG")
	if dir == "" && home != "" {
		dir = filepath.Join(home, ".docker")
	}
	if dir != "" {
		path := filepath.Join(dir, "config.json")
		data, err := read(path)
		s.docker = add(path, data, err)
		if !s.docker.ContainsAuth() {
			s.docker.CredentialsStore = credentials.DetectDefaultStore("")
		}
		s.sources[len(s.sources)-1].docker = true
	}
	config := lookup(environ, "XDG_CONFIG_HOME")
	if config == "" && home != "" {
		config = filepath.Join(home, ".config")
	}
	for _, dir := range []string{lookup(environ, "XDG_RUNTIME_DIR"), config} {
		if dir == "" || named != "" {
			continue
		}
		path := filepath.Join(dir, "containers", "auth.json")
		data, err := read(path)
		add(path, data, err)
	}
	return s, errors.Join(wrong...)
}

// Docker returns Docker's own config.json, for what takes it whole. It is empty
// where there is none.
func (s *Store) Docker() *configfile.ConfigFile {
	if s.docker == nil {
		return configfile.New("")
	}
	return s.docker
}

// For returns the credentials for a repository, host[:port]/path; all are empty
// where there are none. An identity token stands for the user and the password.
// It is an error if the program that keeps the credentials fails or does not
// answer in time.
func (s *Store) For(repository string) (user, password, identityToken string, err error) {
	for _, src := range s.sources {
		auth, wrong := src.find(repository, s.patience)
		if given(auth) {
			return auth.Username, auth.Password, auth.IdentityToken, nil
		}
		if err == nil {
			err = wrong // the next file may yet do
		}
	}
	return "", "", "", err
}

// lookup returns the value of a variable, "" if it is not there.
func lookup(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) { // the last of several counts
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// read reads a file, nil if it does not exist. What is no file could block.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // HOME=/dev/null
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && path != os.DevNull {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s: larger than %d MiB", path, maxFile>>20)
	}
	return data, err
}

// parse makes a source of a file; without data, or with an error, an empty one.
// Errors of the decoder are not passed on as they are: some quote what they
// stumble over, and that may be a secret.
func parse(name string, data []byte, err error) (*source, error) {
	src := &source{name: name, file: configfile.New(name)}
	if err != nil {
		return src, fmt.Errorf("credentials: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return src, nil
	}
	if err := src.file.LoadFromReader(bytes.NewReader(data)); err != nil {
		src.file = configfile.New(name)
		return src, fmt.Errorf("%s%s: not what docker login or podman login writes, log in again or correct it", name, place(data, err))
	}
	return src, nil
}

// place gives :LINE where the decoder knows it.
func place(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(0)
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	default:
		return ""
	}
	return fmt.Sprintf(":%d", 1+bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")))
}
