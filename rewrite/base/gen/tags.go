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
	counterpart := s.sameSuite()
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
		value[table.TagJRE] = counterpart(r)
		g.add(table.Tag+image+":"+s.get(r, "tag"), strings.Join(value, "\t"))
	}
	return nil
}

// sameSuite finds the jre of a tag. Where the source names one on another suite than
// the tag's, which it does for all but the newest Alpine, it is the tag of the same
// image, flavour and variant that is on that suite, or none.
func (s *sheet) sameSuite() func(row) string {
	key := func(r row) string {
		return strings.Join([]string{s.get(r, "image"), s.get(r, "kind"), s.get(r, "flavor_key"), s.get(r, "variant"), s.get(r, "suite")}, "\t")
	}
	byTag, byKey := map[string]row{}, map[string]string{}
	for _, r := range s.rows {
		byTag[s.get(r, "image")+":"+s.get(r, "tag")] = r
		// The longest tag is the one that names the suite.
		if tag := s.get(r, "tag"); len(tag) > len(byKey[key(r)]) {
			byKey[key(r)] = tag
		}
	}
	return func(r row) string {
		jre := s.get(r, "jre")
		other, ok := byTag[s.get(r, "image")+":"+jre]
		if !ok || s.get(other, "suite") == s.get(r, "suite") {
			return jre
		}
		return byKey[strings.Join([]string{s.get(r, "image"), "jre", s.get(r, "flavor_key"), s.get(r, "variant"), s.get(r, "suite")}, "\t")]
	}
}
