package debian

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/internal/debian/debiantest"
)

// catalogue is an archive made of lines "name version field: value; field: value",
// with -security behind the version for a security update.
func catalogue(t testing.TB, text string) *Archive {
	t.Helper()
	var packages []debiantest.Package
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		version, fields, _ := strings.Cut(rest, " ")
		version, security := strings.CutSuffix(version, "-security")
		p := debiantest.Package{Name: name, Version: version, Arch: "all", Fields: strings.ReplaceAll(fields, "; ", "\n")}
		if security {
			p.Suite = "-security"
		}
		packages = append(packages, p)
	}
	a, err := Open(t.Context(), options(t, debiantest.Serve(t, packages...)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func names(s *Selection) string {
	var out []string
	for _, p := range s.Packages {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		archive string
		choice  Choice
		want    string // names in order, or the error
		left    string
	}{
		"needs of needs": {
			"a 1 Depends: b, c\nb 1 Depends: d\nc 1\nd 1\ne 1",
			Choice{Want: []string{"a"}},
			"d b c a", "",
		},
		"recommends and essential are not followed": {
			"a 1 Recommends: b; Pre-Depends: c\nb 1\nc 1\ndash 1 Essential: yes",
			Choice{Want: []string{"a"}},
			"c a", "",
		},
		"a circle": {
			"a 1 Depends: b\nb 1 Depends: c\nc 1 Depends: a",
			Choice{Want: []string{"a"}},
			"c b a", "",
		},
		"the newest version": {
			"a 1 Depends: b (>= 2)\nb 1\nb 2-security",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"an exact version": {
			"a 1 Depends: b (= 1)\nb 1\nb 2-security",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"a version that is asked for": {
			"a 1\na 2-security Depends: b\nb 1",
			Choice{Want: []string{"a=1"}},
			"a", "",
		},
		"a version that is not there": {
			"a 1", Choice{Want: []string{"a=2"}}, `bookworm has a 1, not 2`, "",
		},
		"the first alternative": {
			"a 1 Depends: x | b | c\nb 1\nc 1",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"an alternative that is there anyway": {
			"a 1 Depends: b | c, d\nb 1\nc 1\nd 1 Depends: c",
			Choice{Want: []string{"a"}},
			"c d a", "",
		},
		"an alternative that was asked for": {
			"a 1 Depends: b | c\nb 1\nc 1",
			Choice{Want: []string{"a", "c"}},
			"c a", "",
		},
		"an alternative that cannot be had": {
			"a 1 Depends: b | c\nb 1 Depends: nowhere\nc 1",
			Choice{Want: []string{"a"}},
			"c a", "",
		},
		"an alternative that conflicts": {
			"a 1 Depends: b | c, d\nb 1\nc 1\nd 1 Conflicts: b",
			Choice{Want: []string{"a"}},
			"c d a", "",
		},
		"a virtual package": {
			"a 1 Depends: mail\nz 1 Provides: mail; Priority: important\nb 1 Provides: mail; Priority: optional",
			Choice{Want: []string{"a"}},
			"z a", "",
		},
		"a virtual package by name": {
			"a 1 Depends: mail\nz 1 Provides: mail\nb 1 Provides: mail",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"a version of what is provided": {
			"a 1 Depends: abi (>= 3)\nb 1 Provides: abi\nc 1 Provides: abi (= 2)\nd 1 Provides: abi (= 4)",
			Choice{Want: []string{"a"}},
			"d a", "",
		},
		"its own conflict": {
			"a 1 Depends: b\nb 1 Provides: mail; Conflicts: mail",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"any architecture": {
			"a 1 Depends: b:any\nb 1",
			Choice{Want: []string{"a"}},
			"b a", "",
		},
		"scripts alone need it": {
			"a 1 Depends: debconf (>= 1) | debconf-2.0, dpkg\ndebconf 2\ncdebconf 1 Provides: debconf-2.0\ndpkg 1",
			Choice{Want: []string{"a"}},
			"a", "debconf (>= 1) | debconf-2.0 of a; dpkg of a",
		},
		"scripts alone need it, and it is kept": {
			"a 1 Depends: debconf (>= 1) | debconf-2.0, dpkg\ndebconf 2\ncdebconf 1 Provides: debconf-2.0\ndpkg 1",
			Choice{Want: []string{"a"}, Keep: []string{"debconf"}},
			"debconf a", "dpkg of a",
		},
		"scripts alone need it, and it is asked for": {
			"a 1 Depends: dpkg\ndpkg 1",
			Choice{Want: []string{"a", "dpkg"}},
			"dpkg a", "",
		},
		"what one needs for its scripts is another's need": {
			"nginx 1 Depends: iproute2, b\nb 1 Depends: iproute2\niproute2 1",
			Choice{Want: []string{"nginx"}},
			"iproute2 b nginx", "",
		},
		"excluded": {
			"a 1 Depends: b, c\nb 1 Depends: c\nc 1",
			Choice{Want: []string{"a"}, Exclude: []string{"c"}},
			"b a", "c of a (asked); c of b (asked)",
		},
		"excluded, and no other in its place": {
			"a 1 Depends: b | c\nb 1\nc 1",
			Choice{Want: []string{"a"}, Exclude: []string{"b"}},
			"a", "b | c of a (asked)",
		},
		"excluded provider": {
			"a 1 Depends: mail\nb 1 Provides: mail",
			Choice{Want: []string{"a"}, Exclude: []string{"b"}},
			"a", "mail of a (asked)",
		},
		"the foundation": {
			"a 1\nbase-files 1 Pre-Depends: awk\ntzdata 1\nca-certificates 1 Depends: openssl\nnetbase 1\nopenssl 1",
			Choice{Want: []string{"a"}, Exclude: []string{"netbase"}},
			"base-files ca-certificates tzdata a", "awk of base-files; openssl (>= 0) of ca-certificates",
		},
		"nowhere": {
			"a 1 Depends: b\nb 1 Depends: c (>= 2)\nc 1",
			Choice{Want: []string{"a"}},
			"a → b → c (>= 2): bookworm has c 1", "",
		},
		"no such package": {
			"a 1 Depends: b", Choice{Want: []string{"a"}}, "a → b: bookworm has no such package", "",
		},
		"asked for, and unknown": {
			"a 1", Choice{Want: []string{"b"}}, `bookworm (main, amd64) has no package "b"`, "",
		},
		"asked for, and virtual": {
			"a 1 Provides: mail\nb 1 Provides: mail", Choice{Want: []string{"mail"}}, "mail is a virtual package: name one that provides it (a, b)", "",
		},
		"asked for, and excluded": {
			"a 1", Choice{Want: []string{"a"}, Exclude: []string{"a"}}, "a is asked for and excluded", "",
		},
		"a conflict": {
			"a 1 Depends: b, c\nb 1 Depends: d\nc 1\nd 1 Breaks: c (<< 2)",
			Choice{Want: []string{"a"}},
			"a → b → d 1 conflicts with a → c 1", "",
		},
		"two versions": {
			"a 1 Depends: b (= 1), c\nb 1\nb 2-security\nc 1 Depends: b (= 2)",
			Choice{Want: []string{"a"}},
			"version 2 is needed, and 1 by others", "",
		},
		"a relation that cannot be read": {
			"a 1 Depends: b (>> )", Choice{Want: []string{"a"}}, "depends of a: the relation", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.left = strings.ReplaceAll(c.left, " (>= 0)", "")
			s, err := catalogue(t, c.archive).Resolve(c.choice)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("the error is %q, want %q", err, c.want)
				}
				return
			}
			if got := names(s); got != c.want {
				t.Errorf("chosen: %s, want: %s", got, c.want)
			}
			var left []string
			for _, l := range s.Left {
				text := l.Name + " of " + l.Of
				if l.Asked {
					text += " (asked)"
				}
				left = append(left, text)
			}
			if got := strings.Join(left, "; "); got != c.left {
				t.Errorf("left out: %s, want: %s", got, c.left)
			}
		})
	}
}

// TestResolveOrder: neither the order of the archive nor that of what is asked for
// decides what is chosen.
func TestResolveOrder(t *testing.T) {
	lines := []string{"a 1 Depends: mail, x | y", "b 1 Depends: y", "x 1 Conflicts: z", "y 1", "p 1 Provides: mail", "q 1 Provides: mail; Depends: z", "z 1"}
	want := ""
	for range lines {
		lines = append(lines[1:], lines[0])
		a := catalogue(t, strings.Join(lines, "\n"))
		for _, asked := range [][]string{{"a", "b"}, {"b", "a"}} {
			s, err := a.Resolve(Choice{Want: asked})
			if err != nil {
				t.Fatal(err)
			}
			if got := names(s); want == "" {
				want = got
			} else if got != want {
				t.Fatalf("chosen: %s, before: %s", got, want)
			}
		}
	}
}

// TestResolveBounded: alternatives that multiply and come to nothing end.
func TestResolveBounded(t *testing.T) {
	var lines, all []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("x%d 1", i), fmt.Sprintf("y%d 1", i))
		all = append(all, fmt.Sprintf("x%d | y%d", i, i))
	}
	lines = append(lines, "last 1 Depends: nowhere", "end 1 Depends: nowhere", "a 1 Depends: "+strings.Join(all, ", ")+", last | end")
	_, err := catalogue(t, strings.Join(lines, "\n")).Resolve(Choice{Want: []string{"a"}})
	wantError(t, err, "a → last → nowhere")
}

func FuzzRelations(f *testing.F) {
	for _, s := range []string{"a", "a (>= 1:2~x) | b:any, c", "a (<< 1)|b", "(", "a ()", "a (= 1) x", ",,|"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parseRelations(s)
		if err != nil {
			return
		}
		for _, c := range list {
			again, err := parseRelations(c.String())
			if err != nil || len(again) != 1 || !slices.Equal(again[0], c) {
				t.Errorf("%q is read as %q, and that as %v (%v)", s, c, again, err)
			}
		}
	})
}

func FuzzParagraphs(f *testing.F) {
	f.Add([]byte("Package: a\nDepends: b,\n c\n# no\n\nPackage: x\n"))
	f.Add([]byte(" x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for p, err := range paragraphs(data) {
			if err == nil && len(p) > maxFields {
				t.Errorf("%d fields", len(p))
			}
		}
	})
}
