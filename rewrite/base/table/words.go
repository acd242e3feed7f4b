package table

import (
	"regexp"
	"slices"
	"strings"
)

var (
	versionWord = regexp.MustCompile(`^v?[0-9]+([._u][0-9A-Za-z]+)*$`)
	suiteWord   = regexp.MustCompile(`^(alpine[0-9.]*|alpine-edge|ltsc?[0-9]{4}|sac2016|1[0-9]{3}|centos[0-9]*|ubi[0-9]*|oraclelinux[0-9]+|oracle|al2|al2023|amazonlinux[0-9]*|almalinux[0-9]*)$`)
)

// codenames of Debian and Ubuntu, which are words of tags.
var codenames = strings.Fields(`wheezy jessie stretch buster bullseye bookworm trixie forky sid stable oldstable oldoldstable testing unstable experimental
	precise trusty xenial bionic cosmic disco eoan focal groovy hirsute impish jammy kinetic lunar mantic noble oracular plucky questing resolute stonking`)

// Suite tells a word of a tag that names the release of a distribution.
func Suite(word string) bool { return suiteWord.MatchString(word) || slices.Contains(codenames, word) }

// Words are those of a tag that tell images of one version, variant and suite
// apart: of 3.2.1-fpm-alpine3.20 it is fpm. Sorted, joined by a hyphen.
func Words(tag string) string {
	var out []string
	for i, w := range strings.Split(tag, "-") {
		switch {
		case versionWord.MatchString(w), i == 0 && w == "latest", w == "slim", w == "lts", Suite(w):
			continue
		}
		out = append(out, w)
	}
	slices.Sort(out)
	return strings.Join(out, "-")
}

// Version is the first number of a tag, as 3.12.14 or 21.0.5; empty for none.
func Version(tag string) string {
	for w := range strings.SplitSeq(tag, "-") {
		if Suite(w) {
			continue
		}
		if versionWord.MatchString(w) {
			return numberOf(strings.TrimPrefix(w, "v"))
		}
	}
	return ""
}

// numberOf cuts what follows the numbers: 3.14.0rc1 is 3.14.0.
func numberOf(w string) string {
	end := strings.IndexFunc(w, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(w)
	}
	return strings.Trim(w[:end], ".")
}
