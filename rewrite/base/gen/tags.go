package main

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

var variants = []string{"full", "slim", "alpine", "alpine-slim", "full-minimal", "windows-servercore", "windows-nanoserver", "windows"}

// tags reads the tags that are published. A tag's counterparts must be tags of the
// same image.
func (g *generator) tags() error {
	s, err := g.sheet("tags.tsv.gz", 9849, "image", "tag", "entry", "variant", "kind", "flavor_key", "suite", "distro", "libc", "archs", "source", "slim", "alpine", "jre", "full")
	if err != nil {
		return err
	}
	err = first(
		s.filled("image", "tag", "entry", "variant", "archs", "source"),
		s.enum("variant", variants...),
		s.enum("kind", "", "jdk", "jre"),
		s.enum("distro", "", "debian", "ubuntu", "alpine", "rpm", "windows"),
		s.enum("libc", "", "glibc", "musl", "uclibc", "none", "windows"),
	)
	if err != nil {
		return err
	}
	for _, r := range s.rows {
		g.entries[s.get(r, "image")+":"+s.get(r, "tag")] = s.get(r, "image") + ":" + s.get(r, "entry")
	}
	for _, r := range s.rows {
		image := s.get(r, "image")
		value := make([]string, table.TagColumns)
		for i, c := range []string{"entry", "variant", "kind", "flavor_key", "suite", "distro", "libc", "archs", "slim", "alpine", "jre", "full", "source"} {
			value[i] = s.get(r, c)
		}
		for _, c := range []string{"entry", "slim", "alpine", "jre", "full"} {
			if other := s.get(r, c); other != "" && g.entries[image+":"+other] == "" {
				return fmt.Errorf("%s:%d: %w: %s is %q, which is no tag of %s", s.name, r.line, errShape, c, other, image)
			}
		}
		g.add(table.Tag+image+":"+s.get(r, "tag"), strings.Join(value, "\t"))
	}
	return nil
}
