package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const inRelease = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian
Codename: bookworm
Version: 12.15
Date: Sat, 11 Jul 2026 10:16:37 UTC
SHA256:
 0123 1 main/binary-amd64/Packages
Date: Sun, 12 Jul 2026 10:16:37 UTC
`

const list = `Package: base-files
Essential: yes
Version: 1
Depends: libbase | other
Recommends: never-asked

Package: libbase
Version: 1

Package: curl
Version: 7.88-10
Depends: libcurl4 (= 7.88-10), libbase
Recommends: curl-old

Package: curl
Version: 7.88-9
Recommends: curl-older

Package: curl-old
Version: 1

Package: curl-older
Version: 1

Package: libcurl4
Version: 7.88-10
Recommends: libldap-common, ca-certificates

Package: libldap-common
Version: 1

Package: ca-certificates
Version: 1
Description: with
 Package: continued

Package: gcc
Version: 4:12
Recommends: libc6-dev | libc-dev, a, b:any, c [amd64], d (>= 2)

Package: libc6-dev
Version: 1
Provides: libc-dev (= 1)

Package: jq
Version: 1
Pre-Depends: libbase
Recommends: jq-doc

Package: jq-doc
Version: 1

Package: netcat-traditional
Version: 1

Package: tools
Version: 1
Depends: gcc, virtual, libc6-dev
Recommends: libc-dev, e

Package: a
Version: 1

Package: b
Version: 1

Package: c
Version: 1

Package: d
Version: 1

Package: e
Version: 1
Provides: virtual
`

func TestTable(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("x_dists_bookworm_InRelease", inRelease)
	packages := write("x_dists_bookworm_main_binary-amd64_Packages", list)
	table := write("table.go", "const aptRecommended = `\ncurl x; gone y z`\nconst aptPlain = `jq netcat\ntools`\n")
	if err := run([]string{table, packages}, []string{"gcc"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"aptRecommended": "\ncurl curl-old ca-certificates!; gcc a b c ...; tools a b c ...",
		"aptDepended":    "\nlibc6-dev tools",
		"aptPlain":       "\njq",
	} {
		if text := constant(string(got), name); text != want {
			t.Errorf("%s is %q, not %q", name, text, want)
		}
	}
	if !strings.Contains(string(got), "// bookworm 12.15 of 2026-07-11.\n") {
		t.Errorf("the release is not named:\n%s", got)
	}
	again := write("again.go", string(got))
	if err := run([]string{again, packages}, nil); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(again); err != nil || string(second) != string(got) {
		t.Errorf("made again it is\n%s(%v)", second, err)
	}
	if err := run([]string{table, filepath.Join(dir, "x_dists_bookworm_InRelease")}, nil); err == nil {
		t.Error("a list of no known release is taken")
	}
}

// TestJudged: the pass adds by name what the table says that it adds.
func TestJudged(t *testing.T) {
	src, err := os.ReadFile("../apt_needed.go")
	if err != nil {
		t.Fatal(err)
	}
	list := func(m map[string]bool) string {
		var names []string
		for name := range m {
			names = append(names, name)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	want := regexp.MustCompile(`aptAdded = strings\.Fields\("([^"]+)"\)`).FindSubmatch(src)
	if want == nil || string(want[1]) != list(added) {
		t.Errorf("aptAdded has other packages than %s", list(added))
	}
	have := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t\t"([^"]+)": +"`).FindAllSubmatch(src, -1) {
		have[string(m[1])] = true
	}
	if list(have) != list(programs) {
		t.Errorf("aptPrograms has %s, and programs %s", list(have), list(programs))
	}
}

func TestVersions(t *testing.T) {
	ordered := strings.Fields("1~~ 1~~a 1~ 1 1-0.1 1-1~bpo12 1-1 1-1+b1 1a 1+ 1.0 1.2 1.10 1.10-1 9 10 1:0 2:0~ 2:0")
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i != j {
				want = 1
				if i < j {
					want = -1
				}
			}
			if got := compareVersions(a, b); got != want {
				t.Errorf("%s against %s: %d, not %d", a, b, got, want)
			}
		}
	}
	if compareVersions("1.01", "1.1") != 0 || compareVersions("0:1", "1-0") != 0 {
		t.Error("zeros count")
	}
}
