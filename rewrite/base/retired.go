package base

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

var (
	digits  = regexp.MustCompile(`[0-9]+`)
	dayWord = regexp.MustCompile(`(^|[-_.])(20[0-9]{6})($|[-_.])`)
	patch   = regexp.MustCompile(`[._][0-9]+`)
)

// retired finds a tag among those that were published once: by its name, then as
// the patch level of a folded row, then as one of the dates, and then by its shape.
func (i *Image) retired() bool {
	if value, ok := facts.Get(table.Retired + i.name + ":" + i.Tag); ok {
		i.suite(value, -1)
		i.gone(value, Exact)
		return true
	}
	// 3.6.7-slim is 3.6.*-slim with the patch level 7. Which number was folded is
	// not said, so each is tried, the last first.
	places := patch.FindAllStringIndex(i.Tag, maxNumbers)
	for n := len(places) - 1; n >= 0; n-- {
		from, to := places[n][0]+1, places[n][1]
		value, ok := facts.Get(table.Retired + i.name + ":" + i.Tag[:from] + "*" + i.Tag[to:])
		if !ok {
			continue
		}
		level, err := strconv.Atoi(i.Tag[from:to])
		if err != nil || strconv.Itoa(level) != i.Tag[from:to] {
			continue
		}
		if i.suite(value, level) {
			i.gone(value, Exact)
			return true
		}
	}
	if at := dayWord.FindStringSubmatchIndex(i.Tag); at != nil {
		folded := table.Retired + i.name + ":" + i.Tag[:at[4]] + "YYYYMMDD"
		if value, ok := facts.Get(folded + i.Tag[at[5]:]); ok {
			i.gone(value, Pattern)
			return true
		}
		// The source has one row for bookworm-20240101 and bookworm-20240101-slim.
		if value, ok := facts.Get(folded); ok && i.Tag[at[5]:] == "-slim" {
			i.gone(value, Pattern)
			i.Variant = "slim"
			return true
		}
	}
	if value, ok := facts.Get(table.Retired + i.name + ":~" + digits.ReplaceAllString(i.Tag, "#")); ok {
		i.gone(value, Pattern)
		return true
	}
	return false
}

// maxNumbers bounds the numbers of a tag that are tried as its patch level.
const maxNumbers = 8

// gone takes the columns of a retired tag.
func (i *Image) gone(value string, exact Exactness) {
	row := strings.Split(value, "\t")
	i.Known, i.Exact = Retired, exact
	i.Source = sourceOf("retired")
	i.First, i.Last, i.Variant, i.key = row[table.RetiredFirst], row[table.RetiredLast], row[table.RetiredVariant], row[table.RetiredEntry]
	if i.Suite == "" {
		// Only what the tag itself names: of many tags in one row, the suite that the
		// last of them had says nothing of the others.
		for w := range strings.SplitSeq(i.Tag, "-") {
			if table.Suite(w) && w != "alpine" {
				i.Suite = w
			}
		}
	}
	for w := range strings.SplitSeq(i.Tag, "-") {
		if w == "jre" || w == "jdk" {
			i.Kind = w
		}
	}
	if i.name == "alpine" {
		i.Variant = "alpine" // as its tags of today have it
		if minor := minorOf(table.Version(i.Tag)); minor != "" {
			i.Suite = "alpine" + minor
		}
	}
	i.Distro, i.Libc = distroOf(i.name, i.Variant, i.Suite)
}

// suite finds that of a patch level, or of a row that is of one tag only with the
// level -1. It is false where the row does not have the level.
func (i *Image) suite(value string, level int) bool {
	patches, _, _ := strings.Cut(value, "\t")
	for group := range strings.SplitSeq(patches, ";") {
		levels, suite, _ := strings.Cut(group, "=")
		if level < 0 {
			i.Suite = suite
			return true
		}
		for part := range strings.SplitSeq(levels, ",") {
			low, high, ok := strings.Cut(part, "-")
			if !ok {
				high = low
			}
			a, errA := strconv.Atoi(low)
			b, errB := strconv.Atoi(high)
			if errA == nil && errB == nil && a <= level && level <= b {
				i.Suite = suite
				return true
			}
		}
	}
	return false
}

// distroOf is the distribution that a suite is a release of.
func distroOf(name, variant, suite string) (distro, libc string) {
	switch {
	case strings.HasPrefix(variant, "windows"):
		return "windows", "windows"
	case strings.HasPrefix(variant, "alpine"), strings.HasPrefix(suite, "alpine"), name == "alpine":
		return "alpine", "musl"
	case codename("debian", suite):
		return "debian", "glibc"
	case codename("ubuntu", suite):
		return "ubuntu", "glibc"
	}
	for _, rpm := range []string{"centos", "ubi", "oracle", "al2", "amazonlinux", "almalinux"} {
		if strings.HasPrefix(suite, rpm) {
			return "rpm", "glibc"
		}
	}
	switch name {
	case "debian", "ubuntu":
		return name, "glibc"
	case "centos", "fedora", "amazonlinux", "oraclelinux", "rockylinux", "almalinux":
		return "rpm", "glibc"
	}
	return "", ""
}

// elsewhere finds a reference to what is not in Docker's official library: a tag
// for one architecture, and repositories that are no longer built.
func (i *Image) elsewhere() bool {
	if !strings.HasPrefix(i.name, "gcr.io/distroless/") {
		return false
	}
	tag := i.Tag
	arch := ""
	if at := strings.LastIndex(tag, "-"); at > 0 {
		switch tag[at+1:] {
		case "amd64", "arm64", "arm", "s390x", "ppc64le", "riscv64":
			tag, arch = tag[:at], tag[at+1:]
		}
	}
	if value, ok := facts.Get(table.Tag + i.name + ":" + tag); ok && arch != "" {
		row := strings.Split(value, "\t")
		for a := range strings.SplitSeq(row[table.TagArchs], ",") {
			if a == arch {
				i.live(row)
				i.Exact, i.Architectures = Derived, []string{arch}
				return true
			}
		}
		return false
	}
	value, ok := facts.Get(table.Status + i.name)
	if at := strings.LastIndex(i.name, "-debian"); !ok && at > 0 {
		value, ok = facts.Get(table.Status + "gcr.io/distroless/*" + i.name[at:])
	}
	switch {
	case !ok:
		return false
	case tag != "latest" && tag != "nonroot" && tag != "debug" && tag != "debug-nonroot":
		i.Known = UnknownTag
		return true
	}
	row := strings.Split(value, "\t")
	i.Known, i.Exact, i.Variant = Retired, Derived, "distroless"
	if strings.HasPrefix(tag, "debug") {
		i.Variant = "distroless-debug"
	}
	i.Suite, i.Distro, i.Libc, i.Status, i.Source = row[0], row[1], row[2], row[3], row[4]
	if strings.HasPrefix(strings.TrimPrefix(i.name, "gcr.io/distroless/"), "static") {
		i.Libc = "none"
	}
	if month := sinceMonth.FindStringSubmatch(i.Status); month != nil {
		i.Last = month[1]
	}
	return true
}

var sinceMonth = regexp.MustCompile(`since ([0-9]{4}-[0-9]{2})`)
