package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// inside returns the folder that a file in dir names, which must be in root.
// Whoever writes the file need not be who runs the tool, so it may not point
// to other places of the machine; a flag or a variable may.
func inside(root, dir, text string) (string, error) {
	const instead = "or use --context"
	if strings.TrimSpace(text) == "" {
		return "", errors.New("expected the path of a folder, found an empty one, remove the key")
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("expected the path of a folder, found a zero byte in it, remove it")
	}
	native := filepath.FromSlash(text)
	if filepath.IsAbs(native) || strings.HasPrefix(text, "/") || filepath.VolumeName(native) != "" {
		return "", fmt.Errorf("context %s is absolute, make it relative to the folder of this file %s", quote(text), instead)
	}
	joined := filepath.Join(dir, native)
	if !within(root, joined) {
		return "", fmt.Errorf("context %s leaves the repository, name a folder inside it %s", quote(text), instead)
	}
	// A symbolic link leads out just as well. What does not exist cannot.
	target, err := filepath.EvalSymlinks(joined)
	if err != nil {
		return joined, nil
	}
	realRoot, err := filepath.EvalSymlinks(root)
	if err == nil && !within(realRoot, target) {
		return "", fmt.Errorf("context %s leaves the repository by a symbolic link, name a folder inside it %s", quote(text), instead)
	}
	return joined, nil
}

// within reports whether path is root or below it; both are absolute.
func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(rel)
}
