// Package store is the lab's registry: go-containerregistry's, with manifests
// that survive a restart. Blobs it keeps on disk by itself; a manifest is
// written beside them after the registry has accepted it, and put back by the
// same request when the registry starts.
package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Store is an http.Handler that speaks the registry protocol.
type Store struct {
	dir     string
	handler http.Handler
	// Writers share it; the sweep takes it alone.
	mu sync.RWMutex
}

// SweepPath is where a POST removes blobs that no manifest names.
const SweepPath = "/-/sweep"

// Open serves what is in dir.
func Open(dir string, logger *log.Logger) (*Store, error) {
	s := &Store{dir: dir}
	for _, sub := range []string{s.blobs(), s.manifests()} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
	}
	if err := s.dropUploads(); err != nil {
		return nil, err
	}
	s.handler = registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(s.blobs())), registry.Logger(logger))
	return s, s.restore()
}

func (s *Store) blobs() string     { return filepath.Join(s.dir, "blobs") }
func (s *Store) manifests() string { return filepath.Join(s.dir, "manifests") }

func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == SweepPath:
		freed, err := s.Sweep(sweepAge)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, freed)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.handler.ServeHTTP(w, r)
	case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/"):
		s.putManifest(w, r)
	case r.Method == http.MethodDelete:
		// Taken from memory only it would come back at the next start.
		http.Error(w, "this registry deletes nothing", http.StatusMethodNotAllowed)
	default:
		s.mu.RLock()
		defer s.mu.RUnlock()
		s.handler.ServeHTTP(w, r)
	}
}

func (s *Store) putManifest(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	if answer.Code == http.StatusCreated {
		if err := s.keep(r.URL.Path, r.Header.Get("Content-Type"), body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}

// keep writes a manifest under its escaped URL path: the first line is the media
// type, the rest the manifest to the byte.
func (s *Store) keep(path, mediaType string, body []byte) error {
	file := filepath.Join(s.manifests(), url.PathEscape(path))
	temp, err := os.CreateTemp(s.manifests(), ".new-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(append([]byte(mediaType+"\n"), body...))
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}

// each calls fn for every manifest that is kept.
func (s *Store) each(fn func(path, mediaType string, body []byte) error) error {
	entries, err := os.ReadDir(s.manifests())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".new-") {
			continue // half written when the registry was killed
		}
		path, err := url.PathUnescape(entry.Name())
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(s.manifests(), entry.Name()))
		if err != nil {
			return err
		}
		mediaType, body, _ := bytes.Cut(data, []byte("\n"))
		if err := fn(path, string(mediaType), body); err != nil {
			return err
		}
	}
	return nil
}

// restore puts the manifests back, images before the indexes that name them.
func (s *Store) restore() error {
	for _, indexes := range []bool{false, true} {
		err := s.each(func(path, mediaType string, body []byte) error {
			if types.MediaType(mediaType).IsIndex() != indexes {
				return nil
			}
			r := httptest.NewRequest(http.MethodPut, path, bytes.NewReader(body))
			r.Header.Set("Content-Type", mediaType)
			answer := httptest.NewRecorder()
			s.handler.ServeHTTP(answer, r)
			if answer.Code != http.StatusCreated {
				return fmt.Errorf("%s: %s", path, strings.TrimSpace(answer.Body.String()))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropUploads removes what was being uploaded when the registry last ended.
func (s *Store) dropUploads() error {
	return filepath.WalkDir(s.blobs(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), "upload-") {
			return err
		}
		return os.Remove(path)
	})
}
