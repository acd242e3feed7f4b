package base

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// Counterpart finds the tag of the same image, version and flavour with another
// variant: slim, alpine, jre or full. slim, jre and full are of the same suite, and
// jre of the same variant too. For a retired tag it is the one that its name leads to
// ([Derived]), if that was published on the same suite or, where the source tells
// the suite of neither, came and went in the same months. It is nil for none.
func (i *Image) Counterpart(variant string) *Image {
	switch i.Known {
	case Live:
		tag := i.counterparts[variant]
		if tag == "" {
			return nil
		}
		other, _ := Find(i.Repository + ":" + tag)
		if other.Known != Live {
			return nil // the image of one architecture only
		}
		return other
	case Retired:
		return i.counterpartOfOld(variant)
	}
	return nil
}

// Counterparts are the variants there are, sorted.
func (i *Image) Counterparts() []string {
	var out []string
	for _, v := range []string{"alpine", "full", "jre", "slim"} {
		if i.Counterpart(v) != nil {
			out = append(out, v)
		}
	}
	return out
}

// counterpartOfOld tries where the word of a variant stands in tags: 3.6-slim,
// 3.6-slim-buster, 14-buster-slim, 8-jdk-slim. Where more than one of these was
// published, or none, there is no answer.
func (i *Image) counterpartOfOld(variant string) *Image {
	if i.Windows() || i.OnBuild() || i.Exact == Pattern || i.name == i.Repository {
		return nil
	}
	words := strings.Split(i.Tag, "-")
	if i.Tag == "latest" {
		return nil
	}
	var tags []string
	switch variant {
	case "slim":
		if i.Variant != "full" || slices.Contains(words, "slim") {
			return nil
		}
		for at := 1; at <= len(words); at++ {
			tags = append(tags, strings.Join(slices.Insert(slices.Clone(words), at, "slim"), "-"))
		}
	case "full":
		at := slices.Index(words, "slim")
		if i.Variant != "slim" || at < 1 {
			return nil
		}
		tags = []string{strings.Join(slices.Delete(slices.Clone(words), at, at+1), "-")}
	case "jre":
		at := slices.Index(words, "jdk")
		if at < 0 {
			return nil
		}
		w := slices.Clone(words)
		w[at] = "jre"
		tags = []string{strings.Join(w, "-")}
	case "alpine":
		if i.Variant != "full" && i.Variant != "slim" {
			return nil
		}
		var w []string
		for _, word := range words {
			if word != "slim" && !table.Suite(word) {
				w = append(w, word)
			}
		}
		tags = []string{strings.Join(append(w, "alpine"), "-")}
	default:
		return nil
	}
	var found *Image
	for _, tag := range tags {
		other, known := Find(i.Repository + ":" + tag)
		if known != Retired || other.Exact != Exact || other.Windows() || !i.sameBut(other, variant) {
			continue
		}
		if found != nil {
			return nil
		}
		found = other
	}
	if found != nil {
		found.Exact = Derived
	}
	return found
}

// sameBut reports whether two retired tags of an image are of one version that was
// last built on the same suite, which is not asked of Alpine's. Tags of one version
// that name no suite change it together: same months are the same suite.
func (i *Image) sameBut(other *Image, variant string) bool {
	want := map[string]string{"slim": "slim", "full": "full", "jre": i.Variant, "alpine": "alpine"}[variant]
	if other.Variant != want || table.Version(i.Tag) != table.Version(other.Tag) {
		return false
	}
	if i.Suite == "" && other.Suite == "" {
		return i.First == other.First && i.Last == other.Last
	}
	return variant == "alpine" || i.Suite == other.Suite
}
