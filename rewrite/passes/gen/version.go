package main

import (
	"cmp"
	"strings"
)

// compareVersions orders versions as dpkg does (deb-version(7)).
func compareVersions(a, b string) int {
	aEpoch, a := epoch(a)
	bEpoch, b := epoch(b)
	aRest, aRevision := revision(a)
	bRest, bRevision := revision(b)
	return cmp.Or(compareParts(aEpoch, bEpoch), compareParts(aRest, bRest), compareParts(aRevision, bRevision))
}

func epoch(v string) (string, string) {
	if e, rest, ok := strings.Cut(v, ":"); ok {
		return e, rest
	}
	return "0", v
}

func revision(v string) (string, string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, "0"
}

// compareParts goes through two strings: parts without digits and numbers by turns.
func compareParts(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !digit(a[0]) || b != "" && !digit(b[0]) {
			if c := cmp.Compare(weight(a), weight(b)); c != 0 {
				return c
			}
			a, b = a[1:], b[1:] // neither has ended: then they would differ
		}
		var x, y string
		x, a = number(a)
		y, b = number(b)
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
	return 0
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// weight is the order of the first byte: ~ before the end, that before letters, and
// letters before the rest.
func weight(s string) int {
	switch {
	case s == "" || digit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

// number is the number that a string begins with, without zeros ahead.
func number(s string) (digits, rest string) {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}
