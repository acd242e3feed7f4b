package pin

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// version is a tag that names one: 3, 3.13, v3.13.2, 3.14.0rc1-slim,
// 21.0.5_11-jdk.
type version struct {
	tag    string
	number []int
	early  bool   // a release candidate, a nightly build and the like
	suffix string // what follows, without its separator
}

// A tag of a commit or a date is kept out by the length of a number.
var (
	versionSyntax = regexp.MustCompile(`^v?([0-9]{1,5}(?:\.[0-9]{1,5}){0,4})(?:[.]?((?:rc|alpha|beta|dev|pre|a|b|m)[.]?[0-9]*))?(?:[-_+.](.*))?$`)
	earlySuffix   = regexp.MustCompile(`(?i)(^|[-_.])(rc|alpha|beta|dev|pre|preview|snapshot|nightly|edge|canary|test|ea|m)[.-]?[0-9]*($|[-_.])`)
	dateSyntax    = regexp.MustCompile(`^(19|20)[0-9]{2}[-.]?[01][0-9][-.]?[0-3][0-9]($|[-_.])`)
	tagSyntax     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
)

// perArchitecture are suffixes of single-platform images, which an index never equals.
var perArchitecture = []string{"amd64", "arm64", "arm64v8", "arm32v7", "arm", "386", "i386", "ppc64le", "s390x", "riscv64", "windows"}

func parseVersion(tag string) (version, bool) {
	if dateSyntax.MatchString(tag) {
		return version{}, false
	}
	m := versionSyntax.FindStringSubmatch(tag)
	if m == nil {
		return version{}, false
	}
	v := version{tag: tag, suffix: m[3], early: m[2] != "" || earlySuffix.MatchString(m[3])}
	for part := range strings.SplitSeq(m[1], ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return version{}, false
		}
		v.number = append(v.number, n)
	}
	return v, true
}

// newerFirst orders releases before what comes early, then the newest first,
// and the fuller number first: 3.14, 3.13.2, 3.13, 3. Of one number, the
// simplest suffix is first.
func newerFirst(a, b version) int {
	if a.early != b.early {
		if a.early {
			return 1
		}
		return -1
	}
	for i := range min(len(a.number), len(b.number)) {
		if c := cmp.Compare(b.number[i], a.number[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(
		cmp.Compare(len(b.number), len(a.number)),
		cmp.Compare(a.oddity(), b.oddity()),
		strings.Compare(a.tag, b.tag),
	)
}

// oddity guesses how far a suffix is from what latest would be: bookworm is
// likelier than slim-bookworm, and that than amd64.
func (v version) oddity() int {
	if v.suffix == "" {
		return 0
	}
	parts := strings.FieldsFunc(v.suffix, func(r rune) bool { return r == '-' || r == '_' })
	n := len(parts)
	for _, p := range parts {
		switch {
		case slices.ContainsFunc(perArchitecture, func(arch string) bool { return strings.HasPrefix(p, arch) }):
			n += 20
		case strings.HasPrefix(p, "alpine"), p == "slim", p == "minimal":
			n += 5
		}
	}
	return n
}

// within tells a version that is the other or more of it: 3.13.2 is within 3.13.
func (v version) within(other version) bool {
	return v.early == other.early && len(v.number) >= len(other.number) &&
		slices.Equal(v.number[:len(other.number)], other.number)
}

// candidates splits tags into plain versions and those with a suffix, each in
// the order to try them. Where there are no versions at all, dates stand in.
func candidates(tags []string) (plain, suffixed []version) {
	var dates []version
	for _, tag := range tags {
		v, ok := parseVersion(tag)
		switch {
		case ok && v.suffix == "":
			plain = append(plain, v)
		case ok:
			suffixed = append(suffixed, v)
		case dateSyntax.MatchString(tag):
			dates = append(dates, version{tag: tag})
		}
	}
	if len(plain)+len(suffixed) == 0 {
		slices.SortFunc(dates, func(a, b version) int { return strings.Compare(b.tag, a.tag) })
		return dates, nil
	}
	slices.SortFunc(plain, newerFirst)
	slices.SortFunc(suffixed, newerFirst)
	return spread(plain), suffixed
}

// maxMajors is how many major versions are tried by their newest release
// before older releases are: latest may be an older line of support.
const maxMajors = 6

// spread puts the newest of each major version first.
func spread(sorted []version) []version {
	var heads, rest []version
	seen := map[int]bool{}
	for _, v := range sorted {
		if len(heads) < maxMajors && !v.early && !seen[v.number[0]] {
			seen[v.number[0]] = true
			heads = append(heads, v)
			continue
		}
		rest = append(rest, v)
	}
	return append(heads, rest...)
}
