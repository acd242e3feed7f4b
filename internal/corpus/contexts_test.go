package corpus

import (
	"errors"
	"io/fs"
	"testing"
)

// TestContexts: every Dockerfile is there, and files that were not kept are there
// and cannot be read.
func TestContexts(t *testing.T) {
	files, only := 0, 0
	for _, c := range Contexts(t) {
		if _, err := fs.Stat(c.FS, c.Dockerfile); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		err := fs.WalkDir(c.FS, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			_, err = fs.ReadFile(c.FS, name)
			if errors.Is(err, ErrListed) {
				only++
				return nil
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	t.Logf("%d files, %d of them only listed", files, only)
	if files == 0 || only == 0 {
		t.Error("the corpus has no files, or all of them")
	}
}
