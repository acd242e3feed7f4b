package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// path reads the path of a folder or a file and makes it absolute.
func (d *decoder) path(s *Setting, n ast.Node) (any, bool) {
	text, ok := d.text(n, "the path of a "+string(s.Type))
	if !ok {
		return nil, false
	}
	// So that what is shown without a file can be read again.
	if s.Type == File && text == "" {
		return "", true
	}
	path, err := s.inside(d.root, d.dir, text)
	if err != nil {
		d.fail(startToken(n), "%s", err.Error())
		return nil, false
	}
	return path, true
}

// inside returns the folder or file that a configuration file in dir names,
// which must be in root. Whoever writes that file need not be who runs the
// tool, so it may not point to other places of the machine; a flag or a
// variable may.
func (s *Setting) inside(root, dir, text string) (string, error) {
	kind := string(s.Type)
	if strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("expected the path of a %s, found an empty one, remove the key", kind)
	}
	if strings.ContainsRune(text, 0) {
		return "", fmt.Errorf("expected the path of a %s, found a zero byte in it, remove it", kind)
	}
	native := filepath.FromSlash(text)
	if filepath.IsAbs(native) || strings.HasPrefix(text, "/") || filepath.VolumeName(native) != "" {
		return "", fmt.Errorf("%s %s is absolute, make it relative to the folder of this file or use --%s", s.Key, quote(text), s.Flag)
	}
	if s.Type == File {
		if err := checkFile(text); err != nil {
			return "", err
		}
	}
	joined := filepath.Join(dir, native)
	if !within(root, joined) {
		return "", fmt.Errorf("%s %s leaves the repository, name a %s inside it or use --%s", s.Key, quote(text), kind, s.Flag)
	}
	// A symbolic link leads out just as well.
	target, ok := linked(joined)
	if !ok {
		return "", fmt.Errorf("%s %s is behind a symbolic link that leads nowhere, correct the link", s.Key, quote(text))
	}
	realRoot, err := filepath.EvalSymlinks(root)
	if err == nil && !within(realRoot, target) {
		return "", fmt.Errorf("%s %s leaves the repository by a symbolic link, name a %s inside it or use --%s", s.Key, quote(text), kind, s.Flag)
	}
	return joined, nil
}

// linked returns where a path leads by symbolic links, or the nearest folder
// above it that exists: what is not there yet may be made later. It is false
// for a link that leads nowhere, as nobody knows what will be there.
func linked(path string) (string, bool) {
	for {
		target, err := filepath.EvalSymlinks(path)
		if err == nil {
			return target, true
		}
		if _, err := os.Lstat(path); err == nil {
			return "", false
		}
		up := filepath.Dir(path)
		if up == path {
			return path, true
		}
		path = up
	}
}

// checkFile refuses a path that can only be that of a folder. An empty one
// stands for no file.
func checkFile(text string) error {
	if strings.ContainsRune(text, 0) {
		return errors.New("expected the path of a file, found a zero byte in it, remove it")
	}
	name := text[strings.LastIndexByte(filepath.ToSlash(text), '/')+1:]
	if text != "" && (strings.TrimSpace(name) == "" || name == "." || name == "..") {
		return fmt.Errorf("expected the path of a file, found the folder %s, name a file in it", quote(text))
	}
	return nil
}

// within reports whether path is root or below it; both are absolute.
func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(rel)
}
