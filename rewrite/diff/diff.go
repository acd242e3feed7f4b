// Package diff writes what a rewrite changes as a unified diff that git apply
// takes. The same two texts always give the same diff.
package diff

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Unified returns the diff from before to after of the file at path, slashes
// between folders, or "" when they are equal. The bytes of the lines are those
// of the texts, whatever they are.
func Unified(path string, before, after []byte) string {
	if string(before) == string(after) {
		return ""
	}
	path = strings.TrimPrefix(path, "/")
	return udiff.Unified(label("a/"+path), label("b/"+path), string(before), string(after))
}

// Created is the diff that makes the file at path.
func Created(path string, after []byte) string {
	if len(after) == 0 {
		return ""
	}
	return udiff.Unified("/dev/null", label("b/"+strings.TrimPrefix(path, "/")), "", string(after))
}

// label writes a path as git does in a diff's header: quoted as a C string when
// a byte of it could end the name early, with a tab behind it when it has a
// blank.
func label(path string) string {
	special := strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f })
	switch {
	case !special && strings.Contains(path, " "):
		return path + "\t"
	case !special:
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
