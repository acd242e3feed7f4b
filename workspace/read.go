package workspace

import (
	"crypto/sha256"
	"io/fs"
)

// Stamp says what Read saw: the file's identity, size, time and mode, and the
// hash of its text.
type Stamp struct {
	// Sum is the SHA-256 of the data returned.
	Sum  [sha256.Size]byte
	info fs.FileInfo // nil for an inline Dockerfile
}

// Read returns the text of the Dockerfile, refusing what is no regular file or
// is larger than Options.MaxSize.
func (s Source) Read() (data []byte, stamp Stamp, err error) {
	if s.root == nil {
		return s.Content, Stamp{Sum: sha256.Sum256(s.Content)}, nil
	}
	data, info, err := readRegular(s.root, s.rel, s.max)
	if err != nil {
		return nil, Stamp{}, readError(s.Path, info, s.max, err)
	}
	return data, Stamp{Sum: sha256.Sum256(data), info: info}, nil
}
