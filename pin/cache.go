package pin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Cache keeps digests in a folder, one file per reference. Several processes
// may share it: a file is put in place whole or not at all. What cannot be
// read counts as not there and is written anew.
type Cache struct {
	Dir string
	TTL time.Duration // how long a tag's digest stands; 0 means 1 h
}

// DefaultCacheDir is the folder for digests in the user's cache folder.
// It fails where the user has none.
func DefaultCacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "restow", "digests"), nil
}

// entry is one file. Children stands for what a digest holds, which never changes.
type entry struct {
	Ref       string    `json:"ref"`
	Digest    string    `json:"digest"`
	MediaType string    `json:"mediaType"`
	When      time.Time `json:"when"`
	Children  []Child   `json:"children,omitempty"`
}

// valid keeps out what another program or a hand has put there.
func (e entry) valid() bool {
	strange := func(c Child) bool { return !digestSyntax.MatchString(c.Digest) }
	return digestSyntax.MatchString(e.Digest) && isManifestType(e.MediaType) &&
		len(e.Children) <= maxChildren && !slices.ContainsFunc(e.Children, strange)
}

func (c *Cache) path(ref string) string {
	sum := sha256.Sum256([]byte(ref))
	return filepath.Join(c.Dir, hex.EncodeToString(sum[:])+".json")
}

// load finds the entry of a reference if it is young enough, or of any age. A
// time in the future is no age: the clock was wrong then or is now.
func (c *Cache) load(ref string, now time.Time, anyAge bool) (entry, bool) {
	if c == nil || c.Dir == "" {
		return entry{}, false
	}
	e, ok := readEntry(c.path(ref))
	if !ok || e.Ref != ref || !e.valid() {
		return entry{}, false
	}
	ttl := c.TTL
	if ttl <= 0 {
		ttl = time.Hour
	}
	age := now.Sub(e.When)
	if !anyAge && (age < 0 || age >= ttl) {
		return entry{}, false
	}
	return e, true
}

func readEntry(path string) (entry, bool) {
	var e entry
	return e, readJSON(path, &e)
}

// readJSON reads what a file holds; false where it is not as it was written.
func readJSON(path string, into any) bool {
	// A folder or a pipe with that name is not ours to wait on.
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxBody {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBody))
	return err == nil && json.Unmarshal(data, into) == nil
}

// store keeps an entry. A cache that cannot be written to only makes the next
// run slower, so no error comes of it.
func (c *Cache) store(e entry) { c.put(e.Ref, e) }

// put writes the file of a key.
func (c *Cache) put(key string, v any) {
	if c == nil || c.Dir == "" {
		return
	}
	data, err := json.Marshal(v)
	if err != nil {
		return
	}
	if os.MkdirAll(c.Dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, ".new-*")
	if err != nil {
		return
	}
	_, wrote := f.Write(append(data, '\n'))
	closed := f.Close()
	if wrote != nil || closed != nil || os.Rename(f.Name(), c.path(key)) != nil {
		_ = os.Remove(f.Name())
	}
}
