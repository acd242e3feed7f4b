package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestBases(t *testing.T) {
	root := tree(t, map[string]string{FileName: fullFile})
	l := loader(t, root)
	want := []Base{
		{Image: "registry.example.com/base/python:*", Like: "python:*-slim", Packages: []string{"libc6", "zlib1g"}, Shell: "bash"},
		{From: "python:*-slim", To: "registry.example.com/hardened/python:*", Rename: map[string]string{"libpq5": "libpq"}},
	}
	s := must(l.Resolve("", nil, nil))(t)
	if !reflect.DeepEqual(s.Bases, want) {
		t.Errorf("bases are %+v", s.Bases)
	}
	// A caller's changes are its own.
	s.Bases[0].Packages[0], s.Bases[1].Rename["libpq5"], s.Bases[0].Image = "changed", "changed", "changed"
	if s = must(l.Resolve("", nil, nil))(t); !reflect.DeepEqual(s.Bases, want) {
		t.Errorf("changed bases are %+v", s.Bases)
	}
	// What is shown can be read again.
	for _, b := range [][]Base{want, {}, {{Image: "a", Packages: []string{}, Commands: []string{"["}, Shell: "none", Manager: "apk", Suite: "alpine3.22", Libc: "musl"}}, {{From: "a", To: "b", Rename: map[string]string{"x": ""}}}} {
		text := "bases: " + yamlBases(b)
		if again, err := resolveText(t, text); err != nil || !reflect.DeepEqual(again.Bases, b) {
			t.Errorf("%s is read as %+v, %v", text, again.Bases, err)
		}
	}
}

func TestBasesErrors(t *testing.T) {
	for text, want := range map[string]string{
		"bases: [{imgae: a}]":                                                 `:1:10: unknown key "imgae" (did you mean "image"?)`,
		"bases: [{image: a, from: b, to: c}]":                                 "expected a map with image and facts of it, or with from and to, found both or neither",
		"bases: [{like: a}]":                                                  "expected the key image, found none, add it",
		"bases: [{to: a}]":                                                    "expected the keys from and to, add what is missing",
		"bases: [{image: a, shell: dahs}]":                                    `expected dash, bash, busybox-ash or none, found "dahs"`,
		"bases: [{image: Python}]":                                            `expected an image such as registry.example.com/base/python:*-slim, found "Python"`,
		"bases: [{image: a, packages: [b c]}]":                                `expected a name without spaces, found "b c"`,
		"bases: [{image: a, suite: 'b c'}]":                                   "expected a release such as bookworm",
		"bases: [" + strings.Repeat("{image: a},", 101) + "]":                 "more than 100 entries",
		"bases: [{image: a, packages: [" + strings.Repeat("b,", 5001) + "]}]": "more than 5000 names",
	} {
		if _, err := resolveText(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}
