package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRegistryFileErrors(t *testing.T) {
	const (
		prefix   = "expected a registry or a prefix such as docker.io/library, found "
		location = "expected a location such as mirror.example.com/hub, found "
		places   = "expected a location such as mirror.example.com/hub or a list of them, found "
		insecure = "expected a registry such as registry.example.com:5000 or https://registry.example.com, found "
		repo     = "expected a repository such as docker.io/library/python or docker.io/library/*, found "
		begin    = "begin with the registry, as in docker.io/library or localhost:5000/hub"
		age      = "expected a duration such as 30m, 12h or 7d, found "
		number   = "expected a whole number from 1 to 64, found "
	)
	for text, want := range map[string][]string{
		"mirors: {}\n":                     {`:1:1: unknown key "mirors" (did you mean "mirrors"?)`},
		"insecure-registry: []\n":          {`:1:1: unknown key "insecure-registry" (did you mean "insecure-registries"?)`},
		"lock-file: a\ncache_ttl: 1h\n":    {`:1:1: unknown key "lock-file" (did you mean "lock"?)`, `:2:1: unknown key "cache_ttl" (did you mean "cache-ttl"?)`},
		"public-only: false\n":             {`:1:1: public-only cannot be set in a file, use --public-only or RESTOW_PUBLIC_ONLY`},
		"allow-registry: ['*']\nlist: 1\n": {`:1:1: allow-registry cannot be set in a file, use --allow-registry or RESTOW_ALLOW_REGISTRY`, `:2:1: unknown key "list"`},

		"mirrors: docker.io\n": {`:1:10: expected a map from registry to a list of locations, found "docker.io"`},
		"mirrors:\n  docker.io: []\n  a.b:\n  c.d: 5\n  e.f: {g: h}\n": {
			`:2:14: ` + places + `an empty list, remove the key`, `:3:7: ` + places + `nothing`,
			`:4:8: ` + places + `the number 5`, `:5:8: expected text, found a map, put a name with a port in quotes`,
		},
		"mirrors: {a.b: [c.d, 'x y.z/q', hub/x, '']}\n": {
			`:1:22: ` + location + `"x y.z/q", remove the space`, `:1:33: ` + location + `"hub/x", ` + begin,
			`:1:40: ` + location + `an empty text, remove it`,
		},
		"mirrors: {library: a.b, docker.io/library/*: a.b}\n": {`:1:11: ` + prefix + `"library", ` + begin, `:1:25: ` + prefix + `"docker.io/library/*", remove /*, what is below is meant anyway`},
		"mirrors: {index.docker.io: a.b}\n":                   {`:1:11: index.docker.io is Docker Hub, write docker.io instead`},
		"mirrors: {a.b: c.d, a.b: e.f}\n":                     {`:1:21: duplicate key "a.b", already set on line 1`},
		"mirrors: {\"a.b\\n\": c.d, a.b: \"c.d\\e\"}\n":       {`:1:11: ` + prefix + `"a.b\n", remove the control character`, `:1:30: ` + location + `"c.d\x1b", remove the control character`},
		"mirrors: {a.b: [c.d, 10.0.0.1:5000]}\n":              {`:1:22: expected text, found a map, put a name with a port in quotes`},
		"mirror: {a.b/*: {c: d}}\n":                           {`:1:17: expected text, found a map, put a name with a port in quotes`},
		"mirrors: {a.b: *x}\n":                                {`:1:16: unknown alias "x", define it with & first`},
		"mirrors: {a.b: 'https://c.d', a.c: c.d/E, a.d: c.d/e/, a.e: 'c.d/e:1', a.f: a@c.d, a.g: c.d//e}\n": {
			`:1:16: ` + location + `"https://c.d", remove the scheme`, `:1:36: ` + location + `"c.d/E", write it in small letters`,
			`:1:48: ` + location + `"c.d/e/", remove the slash at the end`, `:1:61: ` + location + `"c.d/e:1", remove the tag`,
			`:1:77: ` + location + `"a@c.d", remove what begins with @`, `:1:89: ` + location + `"c.d//e", correct it`,
		},
		"mirrors: {a.b: 'c.d:0', a.c: 'c.d:70000', a.d: '[:::]/x', a.e: '[1]'}\n": {
			`:1:16: ` + location + `"c.d:0", use a port from 1 to 65535`, `:1:30: ` + location + `"c.d:70000", use a port from 1 to 65535`,
			`:1:48: ` + location + `"[:::]/x", write an IPv6 address in the brackets`, `:1:64: ` + location + `"[1]", write an IPv6 address in the brackets`,
		},

		"insecure-registries: a.b\n": {`:1:22: expected a list of registries, found "a.b"`},
		"insecure-registries: [1.5, a, 'http://a.b', a.b/c, '*.b', 'https://a.b/']\n": {
			`:1:23: expected text, found the number 1.5`, `:1:28: ` + insecure + `"a", add the port, as in registry:443`,
			`:1:31: ` + insecure + `"http://a.b", remove http://, without a scheme it is asked without TLS`, `:1:45: ` + insecure + `"a.b/c", remove the slash and what follows`,
			`:1:52: ` + insecure + `"*.b", write only host or host:port`, `:1:59: ` + insecure + `"https://a.b/", remove the slash and what follows`,
		},
		"insecure-registries: [https://a.b:99999]\n": {`:1:23: ` + insecure + `"https://a.b:99999", use a port from 1 to 65535`},

		"mirror: [a]\n": {`:1:9: expected a map from name to name, found a list`},
		"mirror: {a.b/*: [c.d], a.c/*: 1, a.d/*: }\n": {
			`:1:17: expected one name, found a list, places to look digests up are set by the key mirrors`,
			`:1:31: ` + repo + `the number 1`, `:1:40: ` + repo + `nothing`,
		},
		"mirror: {a.b/*: c.d/e, a.c/d: e.f/*, a.g/h: a.g/h}\n": {
			`:1:17: only "a.b/*" ends with /*, end "c.d/e" with it too`, `:1:31: only "e.f/*" ends with /*, end "a.c/d" with it too`,
			`:1:45: both names are the same, remove the line`,
		},
		"mirror: {a.b: c.d}\n":                                                {`:1:10: ` + repo + `"a.b", add /* for all of the registry`, `:1:15: ` + repo + `"c.d", add /* for all of the registry`},
		"mirror: {library/*: c.d/*, python: c.d/e}\n":                         {`:1:10: ` + repo + `"library/*", ` + begin, `:1:28: ` + repo + `"python", ` + begin},
		"mirror: {docker.io/python: c.d/python}\n":                            {`:1:10: docker.io/python is docker.io/library/python in full, write that or docker.io/python/*`},
		"mirror: {a.b/c: d.e/f, a.b/c: g.h/i}\n":                              {`:1:24: duplicate key "a.b/c", already set on line 1`},
		"mirror: {a.b/c: 'd.e/f:1', a.b/d: d.e/f@sha256, a.b/e: 'oci://d.e'}": {`:1:17: ` + repo + `"d.e/f:1", remove the tag`, `:1:35: ` + repo + `"d.e/f@sha256", remove what begins with @`, `:1:56: ` + repo + `"oci://d.e", remove the scheme`},
		"mirror: {a.b/*/c: d.e/f}\n":                                          {`:1:10: ` + repo + `"a.b/*/c", correct it`},
		"mirror: {'*': 'd.e/*'}\n":                                            {`:1:10: ` + repo + `"*", ` + begin},

		"cache-ttl: 5\nparallel: '4'\n":                  {`:1:12: ` + age + `the number 5`, `:2:11: ` + number + `"4"`},
		"cache-ttl: later\nparallel: 0\n":                {`:1:12: ` + age + `"later"`, `:2:11: ` + number + `the number 0`},
		"cache-ttl: 366d\nparallel: 65\n":                {`:1:12: expected a duration from 0s to 365d, found "366d"`, `:2:11: ` + number + `the number 65`},
		"cache-ttl: 99999999999999999999d\n":             {`:1:12: expected a duration from 0s to 365d, found "99999999999999999999d"`},
		"cache-ttl: 9999999999h\nparallel: 1.5\n":        {`:1:12: expected a duration from 0s to 365d, found "9999999999h"`, `:2:11: ` + number + `the number 1.5`},
		"cache-ttl: [1h]\nparallel: [[[[1]]]]\n":         {`:1:12: ` + age + `a list`, `:2:11: ` + number + `a list`},
		"registry-args: 1\ninline-args: yes\nlock: []\n": {`:1:16: expected true or false, found the number 1`, `:2:14: expected true or false, found "yes"`, `:3:7: expected the path of a file, found a list`},
	} {
		t.Run(text, func(t *testing.T) {
			_, err := resolveText(t, text)
			for i := range want {
				want[i] = FileName + want[i]
			}
			wantErrors(t, err, want...)
		})
	}
}

func TestRegistryBounds(t *testing.T) {
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "r%d.io,", i)
		}
		return "[" + b.String() + "]"
	}
	pairs := func(n int, to string) string {
		return "{" + strings.ReplaceAll(strings.Trim(names(n), "[]"), ",", to+",") + "}"
	}
	long := strings.Repeat("a", maxName-len("a.b/"))
	for text, want := range map[string]string{
		"insecure-registries: " + names(100):           "",
		"insecure-registries: " + names(101):           "more than 100 entries, remove some",
		"mirrors: {a.b: " + names(100) + "}":           "",
		"mirrors: {a.b: " + names(101) + "}":           "more than 100 entries, remove some",
		"mirrors: " + pairs(100, ": a.b"):              "",
		"mirrors: " + pairs(101, ": a.b"):              "more than 100 entries, remove some",
		"mirror: " + pairs(100, "/*: 'a.b/*'"):         "",
		"mirror: " + pairs(101, "/*: 'a.b/*'"):         "more than 100 entries, remove some",
		"mirrors: {c.d: a.b/" + long + "}":             "",
		"mirrors: {c.d: a.b/" + long + "a}":            "found one of more than 300 bytes, shorten it",
		"mirrors: {a.b/" + long + "a: c.d}":            "found one of more than 300 bytes, shorten it",
		"mirror: {a.b/*: a.b/" + long + "/*}":          "found one of more than 300 bytes, shorten it",
		"insecure-registries: [a.b" + long + "aaa.io]": "found one of more than 300 bytes, shorten it",
	} {
		_, err := resolveText(t, text)
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.HasSuffix(got, want) && want != "" {
			t.Errorf("%.40s…: %v", text, err)
		}
	}
}

func TestAllowRegistry(t *testing.T) {
	const want = "expected a registry such as registry.example.com or *.example.com, found "
	root := tree(t, nil)
	l := loader(t, root)
	for value, err := range map[string]string{
		"docker.io, *.example.com,localhost:5000,registry": "",
		"[::1]:5000":                            "",
		"":                                      want + "none, name one or leave it out to allow all",
		" , ":                                   want + "none, name one or leave it out to allow all",
		"*":                                     want + `"*", write only host or host:port`,
		"*.a.b:5000":                            want + `"*.a.b:5000", write only host or host:port`,
		"a.*.b":                                 want + `"a.*.b", write only host or host:port`,
		"a.b/c":                                 want + `"a.b/c", remove the slash and what follows`,
		"https://a":                             want + `"https://a", remove the scheme`,
		"A.b":                                   want + `"A.b", write it in small letters`,
		"a.b\x00":                               want + `"a.b\x00", remove the control character`,
		"a.b:0":                                 want + `"a.b:0", use a port from 1 to 65535`,
		strings.Repeat("a.b,", 101):             "more than 100 entries, remove some",
		strings.Repeat("a", maxName-3) + ".com": want + "one of more than 300 bytes, shorten it",
	} {
		for from, resolve := range map[string]func() (Settings, error){
			"flag --allow-registry":             func() (Settings, error) { return l.Resolve("", map[string]string{"allow-registry": value}, nil) },
			"environment RESTOW_ALLOW_REGISTRY": func() (Settings, error) { return l.Resolve("", nil, []string{"RESTOW_ALLOW_REGISTRY=" + value}) },
		} {
			s, got := resolve()
			if value == "" && strings.HasPrefix(from, "env") {
				// An empty variable is none, as everywhere.
				if got != nil || s.Allow != nil {
					t.Errorf("%s: %q, %v", from, s.Allow, got)
				}
				continue
			}
			if err != "" {
				wantErrors(t, got, from+": "+err)
				continue
			}
			if got != nil || JoinList(s.Allow) != strings.ReplaceAll(value, ", ", ",") || s.from("allow-registry") != from {
				t.Errorf("%q: %q from %s, %v", value, s.Allow, s.from("allow-registry"), got)
			}
		}
	}
}

// TestOperatorOnly checks that the two settings without a key are resolved like
// the others, and that no file can change them.
func TestOperatorOnly(t *testing.T) {
	root := tree(t, map[string]string{"a/" + FileName: "parallel: 2\n", "b/" + FileName: "public-only: false\n"})
	l := loader(t, root)
	environ := []string{"RESTOW_PUBLIC_ONLY=1", "RESTOW_ALLOW_REGISTRY=a.b"}
	s := must(l.Resolve("a", nil, environ))(t)
	if !s.PublicOnly || fmt.Sprint(s.Allow) != "[a.b]" {
		t.Errorf("%+v", s)
	}
	s = must(l.Resolve("a", map[string]string{"public-only": "false", "allow-registry": "c.d"}, environ))(t)
	if s.PublicOnly || fmt.Sprint(s.Allow) != "[c.d]" || s.from("public-only") != "flag --public-only" {
		t.Errorf("%+v", s)
	}
	if d := Default(); d.PublicOnly || d.Allow != nil || d.Parallel != 4 || d.CacheTTL != time.Hour || d.from("public-only") != "default" {
		t.Errorf("%+v", d)
	}
	if _, err := l.Resolve("b", nil, environ); err == nil {
		t.Error("a file sets public-only")
	}
	_, err := l.Resolve("", map[string]string{"public-only": "2", "parallel": "many", "cache-ttl": "5"}, []string{"RESTOW_LOCK_FILE=a/"})
	wantErrors(t, err,
		`environment RESTOW_LOCK_FILE: expected the path of a file, found the folder "a/", name a file in it`,
		`flag --cache-ttl: expected a duration such as 30m, 12h or 7d, found "5"`,
		`flag --parallel: expected a whole number from 1 to 64, found "many"`,
		`flag --public-only: expected true or false, found "2"`)
}

func TestLockOfFile(t *testing.T) {
	root, outside := tree(t, map[string]string{"a/b/x": "", "in/restow.lock": ""}), t.TempDir()
	for link, to := range map[string]string{
		"a/out": outside, "a/in": "../in", "a/gone": filepath.Join(outside, "gone"), "a/loop": "loop", "a/lock": "../in/restow.lock",
	} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	const (
		leaves  = ` leaves the repository, name a file inside it or use --lock-file`
		linked  = ` leaves the repository by a symbolic link, name a file inside it or use --lock-file`
		nowhere = ` is behind a symbolic link that leads nowhere, correct the link`
		folder  = `, name a file in it`
	)
	for _, c := range []struct{ lock, want, err string }{
		{"restow.lock", "a/b/restow.lock", ""},
		{"../../x/y.lock", "x/y.lock", ""},
		{"../in/restow.lock", "a/in/restow.lock", ""},
		{"../in/new.lock", "a/in/new.lock", ""},
		{"../lock", "a/lock", ""},
		{"''", "", ""},
		{"' '", "", `expected the path of a file, found an empty one, remove the key`},
		{"../../../x", "", `lock "../../../x"` + leaves},
		{"/etc/x", "", `lock "/etc/x" is absolute, make it relative to the folder of this file or use --lock-file`},
		{"../out/x", "", `lock "../out/x"` + linked},
		{"../out/new/x", "", `lock "../out/new/x"` + linked},
		{"../gone", "", `lock "../gone"` + nowhere},
		{"../gone/x", "", `lock "../gone/x"` + nowhere},
		{"../loop", "", `lock "../loop"` + nowhere},
		{"x/", "", `expected the path of a file, found the folder "x/"` + folder},
		{".", "", `expected the path of a file, found the folder "."` + folder},
		{"x/..", "", `expected the path of a file, found the folder "x/.."` + folder},
		{`"a\0"`, "", `expected the path of a file, found a zero byte in it, remove it`},
	} {
		write(t, root, "a/b/"+FileName, "unsafe: true\nlock: "+c.lock+"\n")
		s, err := loader(t, root).Resolve("a/b", nil, nil)
		if c.err != "" {
			wantErrors(t, err, "a/b/.restow.yaml:2:7: "+c.err)
			continue
		}
		want := ""
		if c.want != "" {
			want = filepath.Join(root, c.want)
		}
		if err != nil || s.LockFile != want {
			t.Errorf("%s: %q, want %q (%v)", c.lock, s.LockFile, want, err)
		}
	}
}

func TestRegistriesAreShownAsYAML(t *testing.T) {
	const text = "context: .\nlock: a/b.lock\nregistry-args: true\ninline-args: true\n" +
		"mirrors: {docker.io: [mirror.example.com/hub, \"localhost:5000\"], \"h:1/x\": [a.b]}\n" +
		"insecure-registries: [a.b, \"https://c.d:1\"]\n" +
		"mirror: {\"z.a/*\": \"a.b/hub/*\", c.d/e: \"[::1]:5/f\", \"a.b:1/*\": \"c.d/*\"}\n" +
		"cache-ttl: 168h\nparallel: 12\n"
	root := tree(t, map[string]string{FileName: text})
	l := loader(t, root)
	s := must(l.Resolve("", nil, nil))(t)
	var b strings.Builder
	if err := WriteShow(&b, s); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.Contains(b.String(), line+" ") {
			t.Errorf("%s is not in\n%s", line, b.String())
		}
	}
	write(t, root, FileName, b.String())
	again := must(loader(t, root).Resolve("", nil, nil))(t)
	for i, o := range again.Origins() {
		if o.Value != s.Origins()[i].Value {
			t.Errorf("%+v", o)
		}
	}
	if !reflect.DeepEqual(again.Mirror, s.Mirror) || !reflect.DeepEqual(again.Mirrors, s.Mirrors) || again.LockFile != s.LockFile {
		t.Errorf("%+v", again)
	}
	// What a caller does to its copy stays there.
	s.Mirrors["docker.io"][0], s.Mirror[0].To, s.Insecure[0] = "x", "x", "x"
	s.Mirrors["new"] = nil
	if s = must(l.Resolve("", nil, nil))(t); !reflect.DeepEqual(again.Mirror, s.Mirror) || !reflect.DeepEqual(again.Mirrors, s.Mirrors) || s.Insecure[0] != "a.b" {
		t.Errorf("%+v", s)
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "30m": 30 * time.Minute, "1h30m": 90 * time.Minute, "0.5h": 30 * time.Minute, "0d": 0, "7d": 168 * time.Hour,
		"365d": maxDuration, "8760h": maxDuration, " 1ms ": time.Millisecond,
	} {
		if got, err := parseAge(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "1", "d", "-1h", "+1h", "1 h", "1d2h", "1.5d", "1us", "1w", "65536d", "8760h1s", "366d"} {
		if got, err := parseAge(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
