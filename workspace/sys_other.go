//go:build !unix

package workspace

import (
	"io/fs"
	"os"
)

const nonblock = 0

// keepOwner: a new file belongs to whoever makes it, and no other owner can be
// asked for here.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// syncFolder: folders cannot be flushed here.
func syncFolder(*os.Root) error { return nil }
