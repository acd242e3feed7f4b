package image

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// hash stands for everything an image of the recipe depends on: the folder, the
// digests of the images it builds on, and what the lab puts into its context.
func (r *Recipe) hash(bases map[string]string, inputs ...string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(r.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(r.Dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "file %q %t %d\n%s\n", rel, info.Mode()&0o100 != 0, len(data), data)
		return nil
	})
	if err != nil {
		return "", err
	}
	for _, base := range r.Bases {
		fmt.Fprintf(h, "base %s %s\n", base, bases[base])
	}
	for _, input := range inputs {
		fmt.Fprintf(h, "input %q\n", input)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
