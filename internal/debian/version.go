package debian

import "strings"

// CompareVersions orders two versions as dpkg does (deb-version(7)): negative where
// a is the earlier one.
func CompareVersions(a, b string) int {
	ea, ua, ra := splitVersion(a)
	eb, ub, rb := splitVersion(b)
	for _, p := range [][2]string{{ea, eb}, {ua, ub}, {ra, rb}} {
		if c := comparePart(p[0], p[1]); c != 0 {
			return c
		}
	}
	return 0
}

// splitVersion takes [epoch:]upstream[-revision] apart. A missing epoch or revision
// compares like 0, as the empty string does.
func splitVersion(v string) (epoch, upstream, revision string) {
	if e, rest, ok := strings.Cut(v, ":"); ok {
		epoch, v = e, rest
	}
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
}

// comparePart compares stretches that are no digits and stretches of digits in turn.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !digit(a[0]) || b != "" && !digit(b[0]) {
			if x, y := rank(a), rank(b); x != y {
				return x - y
			}
			a, b = a[1:], b[1:]
		}
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		x, y := digits(a), digits(b)
		if x != y {
			return x - y // without leading zeros, the longer number is the larger
		}
		if c := strings.Compare(a[:x], b[:y]); c != 0 {
			return c
		}
		a, b = a[x:], b[y:]
	}
	return 0
}

// rank is the order of the byte a string begins with: ~ before the end, the end
// and digits before letters, letters before the rest.
func rank(s string) int {
	switch {
	case s == "" || digit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case 'a' <= s[0] && s[0] <= 'z' || 'A' <= s[0] && s[0] <= 'Z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

// satisfies tells whether a version is what a relation such as (>= 1.2) wants.
func satisfies(version, op, want string) bool {
	c := CompareVersions(version, want)
	switch op {
	case "":
		return true
	case "<<":
		return c < 0
	case "<=", "<": // < is <= of old
		return c <= 0
	case "=":
		return c == 0
	case ">=", ">":
		return c >= 0
	case ">>":
		return c > 0
	}
	return false
}
