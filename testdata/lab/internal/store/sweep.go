package store

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// sweepAge spares blobs of a push that has not come to its manifest yet.
const sweepAge = time.Hour

// Sweep removes blobs that no manifest names and that are older than age, and
// returns how many bytes that frees.
func (s *Store) Sweep(age time.Duration) (freed int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := map[string]bool{}
	err = s.each(func(_, _ string, body []byte) error {
		var manifest struct {
			Config    v1.Descriptor   `json:"config"`
			Layers    []v1.Descriptor `json:"layers"`
			Manifests []v1.Descriptor `json:"manifests"`
		}
		if err := json.Unmarshal(body, &manifest); err != nil {
			return err
		}
		used[manifest.Config.Digest.Hex] = true
		for _, d := range append(manifest.Layers, manifest.Manifests...) {
			used[d.Digest.Hex] = true
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	limit := time.Now().Add(-age)
	err = filepath.WalkDir(s.blobs(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || used[entry.Name()] {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.ModTime().After(limit) {
			return nil
		}
		freed += info.Size()
		return os.Remove(path)
	})
	return freed, err
}
