package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

var (
	month       = regexp.MustCompile(`^20[0-9]{2}-[01][0-9]$`)
	patchList   = regexp.MustCompile(`^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$`)
	foldedCount = regexp.MustCompile(`^[0-9]+x$`)
)

// retired reads the tags that were published once. The suite of a folded row is
// that of its last patch level only; for the others it is found in the rows that
// name a suite: where just one of these has the patch level, it was built on that.
func (g *generator) retired() error {
	s, err := g.sheet("retired.tsv.gz", 67046, "image", "tag", "patches", "first", "last", "variant", "suite")
	if err != nil {
		return err
	}
	if err := first(s.filled("image", "tag", "first", "last", "variant"), s.enum("variant", variants...)); err != nil {
		return err
	}
	named := map[string][]rowSuite{} // rows that name a suite, by image, variant and the tag without it
	for _, r := range s.rows {
		tag, patches := s.get(r, "tag"), s.get(r, "patches")
		folded := strings.Contains(tag, "*")
		shape := strings.HasPrefix(tag, "~") || strings.Contains(tag, "YYYYMMDD")
		switch {
		case !month.MatchString(s.get(r, "first")), !month.MatchString(s.get(r, "last")):
			return fmt.Errorf("%s:%d: %w: first and last are no months", s.name, r.line, errShape)
		case shape && !foldedCount.MatchString(patches),
			!shape && folded && !patchList.MatchString(patches),
			!shape && !folded && patches != "":
			return fmt.Errorf("%s:%d: %w: patches is %q for the tag %q", s.name, r.line, errShape, patches, tag)
		}
		if rest, suite := withoutSuite(tag); folded && !shape && suite != "" {
			levels, err := expand(patches)
			if err != nil {
				return fmt.Errorf("%s:%d: %w: %w", s.name, r.line, errShape, err)
			}
			key := s.get(r, "image") + ":" + s.get(r, "variant") + ":" + rest
			named[key] = append(named[key], rowSuite{suite, levels})
		}
	}
	for _, r := range s.rows {
		image, tag, patches, suite := s.get(r, "image"), s.get(r, "tag"), s.get(r, "patches"), s.get(r, "suite")
		variant := s.get(r, "variant")
		if !strings.HasPrefix(variant, "windows") && windowsSuite(suite) {
			// The tag was shared by Linux and Windows, and the row has the latter's.
			suite = ""
		}
		key := image + ":" + tag
		if suite == "" {
			suite = g.old[key].suite
		}
		switch {
		case strings.HasPrefix(tag, "~"), strings.Contains(tag, "YYYYMMDD"):
			patches += "=" + suite
		case strings.Contains(tag, "*"):
			levels, err := expand(patches)
			if err != nil {
				return fmt.Errorf("%s:%d: %w: %w", s.name, r.line, errShape, err)
			}
			if _, own := withoutSuite(tag); own != "" {
				patches += "=" + suite
				break
			}
			patches = bySuite(levels, suite, named[image+":"+variant+":"+tag])
		default:
			patches = "=" + suite
		}
		value := make([]string, table.RetiredColumns)
		value[table.RetiredPatches] = patches
		value[table.RetiredFirst], value[table.RetiredLast] = s.get(r, "first"), s.get(r, "last")
		value[table.RetiredVariant], value[table.RetiredEntry] = variant, g.old[key].key
		delete(g.old, key)
		g.add(table.Retired+key, strings.Join(value, "\t"))
	}
	// A row that was typed from a page may name a tag that the library never had.
	maps.DeleteFunc(g.old, func(_ string, of oldFacts) bool { return g.typed[of.key] })
	if len(g.old) > 0 {
		return fmt.Errorf("images.json: %w: it has facts of tags that neither exist nor are retired: %s", errShape, strings.Join(sorted(g.old), ", "))
	}
	return nil
}

type rowSuite struct {
	suite  string
	levels []int
}

func windowsSuite(suite string) bool {
	return strings.HasPrefix(suite, "ltsc") || strings.HasPrefix(suite, "sac") || len(suite) == 4 && suite[0] == '1'
}

// withoutSuite takes the word that names a suite out of a tag.
func withoutSuite(tag string) (rest, suite string) {
	words := strings.Split(tag, "-")
	for i, w := range words {
		switch {
		case !table.Suite(w) || w == "alpine":
			continue
		case strings.HasPrefix(w, "alpine"):
			words[i] = "alpine" // 3.9.2-alpine3.13 is one of what 3.9.2-alpine was
			return strings.Join(words, "-"), w
		}
		return strings.Join(slices.Delete(words, i, i+1), "-"), w
	}
	return tag, ""
}

// expand lists patch levels: 0-2,5 is 0, 1, 2, 5.
func expand(patches string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(patches, ",") {
		low, high, ok := strings.Cut(part, "-")
		if !ok {
			high = low
		}
		a, errA := strconv.Atoi(low)
		b, errB := strconv.Atoi(high)
		if errA != nil || errB != nil || b < a || b-a > 10000 {
			return nil, fmt.Errorf("%q are no patch levels", patches)
		}
		for n := a; n <= b; n++ {
			out = append(out, n)
		}
	}
	return out, nil
}

// bySuite groups patch levels by the suite they were built on: 0-4=buster;5=.
func bySuite(levels []int, last string, named []rowSuite) string {
	var out []string
	for i := 0; i < len(levels); {
		suite := suiteOf(levels, i, last, named)
		j := i + 1
		for j < len(levels) && suiteOf(levels, j, last, named) == suite {
			j++
		}
		out = append(out, fold(levels[i:j])+"="+suite)
		i = j
	}
	return strings.Join(out, ";")
}

func suiteOf(levels []int, i int, last string, named []rowSuite) string {
	if i == len(levels)-1 && last != "" {
		return last
	}
	found := ""
	for _, n := range named {
		if slices.Contains(n.levels, levels[i]) {
			if found != "" {
				return ""
			}
			found = n.suite
		}
	}
	return found
}

// fold is the opposite of expand.
func fold(levels []int) string {
	var out []string
	for i := 0; i < len(levels); {
		j := i
		for j+1 < len(levels) && levels[j+1] == levels[j]+1 {
			j++
		}
		part := strconv.Itoa(levels[i])
		if j > i {
			part += "-" + strconv.Itoa(levels[j])
		}
		out = append(out, part)
		i = j + 1
	}
	return strings.Join(out, ",")
}
