package base

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/restow/restow/rewrite/base/table"
)

var november = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// find is Find where the reference must be known so far.
func find(t testing.TB, ref string, want Known) *Image {
	t.Helper()
	i, known := Find(ref)
	if known != want {
		t.Fatalf("%s is %v, want %v", ref, known, want)
	}
	return i
}

// TestSpots: facts that were read from the sources by hand.
func TestSpots(t *testing.T) {
	packages := func(ref string) int {
		p, _ := find(t, ref, Live).Packages()
		return len(p)
	}
	config := func(ref string) *Config {
		c, _ := find(t, ref, Live).Config()
		if c == nil {
			t.Fatalf("%s has no config", ref)
		}
		return c
	}
	has := func(ref, command string) bool {
		got, known := find(t, ref, Live).Has(command)
		if !known {
			t.Errorf("whether %s has %s is not known", ref, command)
		}
		return got
	}
	shell := func(ref string) string { return find(t, ref, Live).Shell().Sh }
	manager := func(ref string) string {
		m, _ := find(t, ref, Live).Manager()
		return m
	}
	list := func(words ...[]string) string {
		var all []string
		for _, w := range words {
			all = append(all, strings.Join(w, " "))
		}
		return strings.Join(all, " | ")
	}
	end := func(ref string) string {
		i, _ := Find(ref)
		var out []string
		for _, e := range EndOfLife(i, november) {
			word := e.Product + " " + e.Cycle + " " + e.Date
			if e.Ended {
				word += " ended"
			}
			out = append(out, word)
		}
		return strings.Join(out, ", ")
	}
	old := func(ref string) string {
		i := find(t, ref, Retired)
		return strings.Join([]string{i.Variant, i.Suite, i.First, i.Last}, " ")
	}
	provides := func(command, suite string) string {
		p, _ := Provides(command, suite)
		return list(p.Packages, p.Alternatives)
	}
	runtime := func(dev, suite string) string {
		l, _, ok := RuntimeOf(dev, suite)
		if !ok {
			return "unknown"
		}
		return list(l)
	}
	compressed, _, _ := find(t, "redis:latest", Live).Size()
	_, alpineSize, _ := find(t, "alpine:3.22", Live).Size()
	pillow, _ := PythonPackage("pillow")
	pillowNeeds, _ := pillow.Runtime("bookworm")
	curlNeeds, _ := func() ([]string, bool) {
		p, _ := PythonPackage("PycURL")
		return p.Runtime("trixie")
	}()
	canvas, _ := NodePackage("canvas")
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"debian:bookworm-slim packages", packages("debian:bookworm-slim"), 88},
		{"python:3.12 packages", packages("python:3.12"), 469},
		{"python:3.12-slim packages", packages("python:3.12-slim"), 87},
		{"buildpack-deps:bookworm packages", packages("buildpack-deps:bookworm"), 413},
		{"python:3.12 has gcc", has("python:3.12", "gcc"), true},
		{"python:3.12 has convert", has("python:3.12", "convert"), true},
		{"golang:1.27 packages", packages("golang:1.27"), 207},
		{"nginx alpine-slim packages", packages("nginx:1.31-alpine-slim"), 21},
		{"node entry point", list(config("node:24-bookworm-slim").Entrypoint, config("node:24-bookworm-slim").Cmd), "docker-entrypoint.sh | node"},
		{"nginx stop signal", config("nginx:1.31").StopSignal, "SIGQUIT"},
		{"nginx port", list(config("nginx").ExposedPorts), "80/tcp"},
		{"postgres volume", list(config("postgres:18").Volumes), "/var/lib/postgresql"},
		{"httpd folder", config("httpd:2.4").WorkingDir, "/usr/local/apache2"},
		{"python command", list(config("python:3.12-slim").Cmd), "python3"},
		{"ruby variables", strings.Split(config("ruby:3.4-slim").Env[len(config("ruby:3.4-slim").Env)-1], "=")[0], "BUNDLE_APP_CONFIG"},
		{"distroless node", list(config("gcr.io/distroless/nodejs24-debian13:nonroot").Entrypoint) + " as " + config("gcr.io/distroless/nodejs24-debian13:nonroot").User, "/nodejs/bin/node as 65532"},
		{"distroless python's version", find(t, "gcr.io/distroless/python3", Live).Version(), "3.13"},
		{"distroless java", list(config("gcr.io/distroless/java21-debian13").Entrypoint), "/usr/bin/java -jar"},
		{"distroless shell", shell("gcr.io/distroless/static"), "none"},
		{"distroless static's libc", find(t, "gcr.io/distroless/static-debian12:nonroot", Live).Libc, "none"},
		{"chiseled .NET user", config("mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled").User, "1654"},
		{"alpine shell", shell("alpine:3.22") + " " + manager("alpine:3.22"), "busybox-ash apk"},
		{"debian shell", shell("debian:trixie") + " " + manager("debian:trixie"), "dash apt"},
		{"size of redis", compressed, int64(55474442)},
		{"size of alpine:3.22", alpineSize, 8.3},
		{"entry of python:3.12-slim", find(t, "python:3.12-slim", Live).Entry, "3.12.14-slim-trixie"},
		{"node:lts is on", find(t, "node:lts", Live).Suite, "bookworm"},
		{"libc of busybox:latest", find(t, "busybox", Live).Libc, "glibc"},
		{"architectures of node:lts", list(find(t, "node:lts", Live).Architectures), "amd64 arm64v8 ppc64le"},
		{"python:3.12-slim has curl", has("python:3.12-slim", "curl"), false},
		{"python:3.12 has curl", has("python:3.12", "curl"), true},
		{"python:3.12 has 2to3", has("python:3.12", "2to3-3.12"), true},
		{"python:3.13 has 2to3", has("python:3.13", "2to3"), false},
		{"python:3.12 has python3.12", has("python:3.12", "python3.12"), true},
		{"python:3.12 has python3.14", has("python:3.12", "python3.14"), false},
		{"node:24 has yarn", has("node:24", "yarn"), true},
		{"node:26 has yarn", has("node:26", "yarn"), false},
		{"node:26-slim has npm", has("node:26-slim", "npm"), true},
		{"debian:bookworm-slim has ps", has("debian:bookworm-slim", "ps"), false},
		{"debian:bookworm-slim has useradd", has("debian:bookworm-slim", "useradd"), true},
		{"python:3.6", old("python:3.6"), "full bullseye 2016-07 2022-01"},
		{"node:8", old("node:8"), "full stretch 2017-05 2020-01"},
		{"openjdk:8-jdk-alpine", old("openjdk:8-jdk-alpine"), "alpine alpine3.9 2016-08 2019-05"},
		{"ruby:2.5.9, last of its patches", old("ruby:2.5.9"), "full buster 2017-12 2021-06"},
		{"java:8", old("java:8"), "full  2014-07 2017-05"},
		{"debian:buster's end", end("debian:buster"), "debian 10 2022-09-10 ended"},
		{"python:3.6's end", end("python:3.6"), "python 3.6 2021-12-23 ended, debian 11 2024-08-14 ended"},
		{"node:24's end", end("node:24"), "nodejs 24 2028-04-30, debian 12 2026-07-11 ended"},
		{"alpine:3.22's end", end("alpine:3.22"), "alpine-linux 3.22 2027-05-01"},
		{"ping in bookworm", provides("ping", "bookworm"), "iputils-ping inetutils-ping | "},
		{"nc in trixie", provides("nc", "trixie"), " | netcat-openbsd netcat-traditional"},
		{"libssl-dev in trixie", runtime("libssl-dev", "trixie"), "libssl3t64"},
		{"apache2-dev in trixie", runtime("apache2-dev", "trixie"), ""},
		{"libssl-dev in bullseye", runtime("libssl-dev", "bullseye"), "unknown"},
		{"Pillow", string(pillow.Musl) + " " + list(pillowNeeds), "yes libjpeg62-turbo zlib1g"},
		{"pycurl on trixie", list(curlNeeds), "libcurl4t64"},
		{"canvas", string(canvas.Glibc) + " " + string(canvas.Musl), "yes no"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

// TestFind: how references are read.
func TestFind(t *testing.T) {
	const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for _, c := range []struct {
		ref   string
		known Known
		short string
	}{
		{"python", Live, "python:latest"},
		{"library/python:3.12", Live, "python:3.12"},
		{"docker.io/library/python:3.12", Live, "python:3.12"},
		{"index.docker.io/library/python:3.12", Live, "python:3.12"},
		{"docker.io/python:3.12", Live, "python:3.12"},
		{"python:3.12" + digest, Live, "python:3.12"},
		{"python" + digest, Live, "python:latest"},
		{"arm64v8/python:3.12", Live, "arm64v8/python:3.12"},
		{"mips64le/node:24", UnknownTag, "mips64le/node:24"}, // not an architecture of it
		{"someone/python:3.12", UnknownImage, "someone/python:3.12"},
		{"registry.example.com/python:3.12", UnknownImage, "registry.example.com/python:3.12"},
		{"python:3.99", UnknownTag, "python:3.99"},
		{"nosuchimage", UnknownImage, "nosuchimage:latest"},
		{"pytho", UnknownImage, "pytho:latest"}, // the beginning of a name is no name
		{"python:3.6.15-slim", Retired, "python:3.6.15-slim"},
		{"python:3.6.16-slim", UnknownTag, "python:3.6.16-slim"}, // there was no such patch level
		{"python:3.6.015-slim", UnknownTag, "python:3.6.015-slim"},
		{"debian:buster-20210101", Retired, "debian:buster-20210101"},
		{"debian:bookworm-20250407-slim", Retired, "debian:bookworm-20250407-slim"},
		{"gcr.io/distroless/python3-debian12:nonroot", Retired, "gcr.io/distroless/python3-debian12:nonroot"},
		{"gcr.io/distroless/python3-debian12:3.11", UnknownTag, "gcr.io/distroless/python3-debian12:3.11"},
		{"gcr.io/distroless/nodejs18-debian11", Retired, "gcr.io/distroless/nodejs18-debian11:latest"},
		{"gcr.io/distroless/static:nonroot-arm64", Live, "gcr.io/distroless/static:nonroot-arm64"},
		{"gcr.io/distroless/nodejs24-debian13:nonroot-riscv64", UnknownTag, "gcr.io/distroless/nodejs24-debian13:nonroot-riscv64"},
		{"mcr.microsoft.com/dotnet/aspnet:9.0", UnknownTag, "mcr.microsoft.com/dotnet/aspnet:9.0"},
		{"mcr.microsoft.com/dotnet/sdk:9.0-noble", Live, "mcr.microsoft.com/dotnet/sdk:9.0-noble"},
		{"scratch", Scratch, "scratch"},
		{"Python:3.12", UnknownImage, "Python:3.12"}, // not a reference
		{"python:${V}", UnknownImage, "python:${V}"},
		{"", UnknownImage, ""},
	} {
		i, known := Find(c.ref)
		if known != c.known || i.Short() != c.short || i.Known != known {
			t.Errorf("%q is %v and called %q, want %v and %q", c.ref, known, i.Short(), c.known, c.short)
		}
		if strings.Contains(c.ref, "@") != (i.Digest != "") {
			t.Errorf("%q has the digest %q", c.ref, i.Digest)
		}
	}
	if i := find(t, "python:3-onbuild", Retired); !i.OnBuild() || i.Windows() {
		t.Error("python:3-onbuild has no triggers")
	}
	if i := find(t, "golang:1.27-nanoserver", Live); !i.Windows() || i.Shell().Sh != "" {
		t.Errorf("golang:1.27-nanoserver is not for Windows, or has the shell %v", i.Shell())
	}
	if i := find(t, "arm64v8/python:3.12", Live); !slices.Equal(i.Architectures, []string{"arm64v8"}) {
		t.Errorf("arm64v8/python is for %v", i.Architectures)
	}
}

// TestCommands: each name is there once, and the image's own goes first.
func TestCommands(t *testing.T) {
	all, _ := find(t, "python:3.13", Live).Commands()
	n := 0
	for i, c := range all {
		if i > 0 && all[i-1].Name >= c.Name {
			t.Errorf("%s follows %s", c.Name, all[i-1].Name)
		}
		if c.Name == "python3.13" {
			n++
			if c.Package != "" {
				t.Errorf("python3.13 is that of %s", c.Package)
			}
		}
		if c.Name == "awk" && !c.Alternative {
			t.Errorf("awk is %+v", c)
		}
	}
	if n != 1 {
		t.Errorf("python3.13 is there %d times", n)
	}
}

// TestUnknown: nothing is said of what is not known.
func TestUnknown(t *testing.T) {
	for _, ref := range []string{"nosuchimage:1", "python:3.99", "mongo:7", "adminer:5"} {
		i, _ := Find(ref)
		if p, exact := i.Packages(); p != nil || exact != Unknown {
			t.Errorf("%s: %d packages are %q", ref, len(p), exact)
		}
		if c, exact := i.Commands(); c != nil || exact != Unknown {
			t.Errorf("%s: %d commands are %q", ref, len(c), exact)
		}
		if has, known := i.Has("sh"); has || known {
			t.Errorf("%s: whether it has sh is known", ref)
		}
	}
	if s := find(t, "nosuchimage", UnknownImage).Shell(); s != (Shell{}) {
		t.Errorf("an unknown image has the shell %v", s)
	}
	if has, known := find(t, "nginx:1.31", Live).Has("nosuchcommand"); has || known {
		t.Error("a partial list tells that a command is not there")
	}
	if has, known := find(t, "gcr.io/distroless/base:debug", Live).Has("ls"); has || known {
		t.Error("a list in words tells that a command is not there")
	}
	if has, known := find(t, "gcr.io/distroless/nodejs24-debian13", Live).Has("node"); has || !known {
		t.Error("distroless node is on PATH")
	}
	if _, ok := Provides("curl", "bullseye"); ok {
		t.Error("the table has commands of bullseye")
	}
	if _, ok := Provides("../x", "trixie"); ok {
		t.Error("a path is a command")
	}
	for _, name := range []string{"nosuchpackage", "a\tb", ""} {
		if _, ok := PythonPackage(name); ok {
			t.Errorf("there is a package %q", name)
		}
	}
}

// TestCounterparts: what the table offers instead exists, and is of the same
// version and suite.
func TestCounterparts(t *testing.T) {
	live, offers := 0, 0
	facts.Range(table.Tag, func(key, _ string) bool {
		ref := strings.TrimPrefix(key, table.Tag)
		i := find(t, ref, Live)
		live++
		for _, variant := range []string{"slim", "alpine", "jre", "full"} {
			o := i.Counterpart(variant)
			if o == nil {
				continue
			}
			offers++
			if o.Known != Live || o.Windows() || o.name != i.name {
				t.Errorf("%s of %s is %s, which is %v", variant, ref, o.Short(), o.Known)
			}
			// slim of an Alpine image is one on Debian.
			if i.Variant == "full" && variant == "slim" && o.Suite != i.Suite {
				t.Errorf("%s is on %s, its slim %s on %s", ref, i.Suite, o.Short(), o.Suite)
			}
			if variant == "jre" && (o.Kind != "jre" || o.Variant != i.Variant || o.Suite != i.Suite) {
				t.Errorf("jre of %s is %s", ref, o.Short())
			}
		}
		return true
	})
	if live < 9000 || offers < 5000 {
		t.Errorf("%d tags with %d counterparts", live, offers)
	}
	if o := find(t, "eclipse-temurin:21-jdk-alpine-3.22", Live).Counterpart("jre"); o == nil || o.Tag != "21-jre-alpine-3.22" {
		t.Errorf("the jre on Alpine 3.22 is %v", o)
	}
	for ref, want := range map[string]string{
		"python:3.6 slim":                   "python:3.6-slim",
		"python:3.6-buster slim":            "python:3.6-slim-buster",
		"node:14-buster slim":               "node:14-buster-slim",
		"python:3.6.15 slim":                "python:3.6.15-slim",
		"python:3.6-slim full":              "python:3.6",
		"openjdk:8-jdk-alpine jre":          "openjdk:8-jre-alpine",
		"openjdk:11-jdk slim":               "openjdk:11-jdk-slim",
		"python:3.6 alpine":                 "python:3.6-alpine",
		"python:3.6-alpine slim":            "",
		"python:3.6-onbuild slim":           "",
		"golang:1.18 slim":                  "",
		"debian:buster-20210101 s":          "",
		"python:3.6-windowsservercore slim": "",
		"scratch slim":                      "",
		"nosuchimage slim":                  "",
	} {
		ref, variant, _ := strings.Cut(ref, " ")
		i, _ := Find(ref)
		got := ""
		if o := i.Counterpart(variant); o != nil {
			got = o.Short()
			if o.Exact != Derived {
				t.Errorf("%s of %s is %s", variant, ref, o.Exact)
			}
		}
		if got != want {
			t.Errorf("%s of %s is %q, want %q", variant, ref, got, want)
		}
	}
}

// TestTable: the table is small, and all of it decodes.
func TestTable(t *testing.T) {
	if len(embedded) > 3<<20 {
		t.Errorf("the table has %d bytes", len(embedded))
	}
	sets, images := 0, 0
	for prefix, count := range map[string]*int{table.Packages: &sets, table.Image: &images} {
		facts.Range(prefix, func(string, string) bool {
			*count++
			return true
		})
	}
	facts.Range(table.Packages, func(key, value string) bool {
		parts := strings.Split(value, "\t")
		names := strings.Fields(parts[len(parts)-1])
		if len(parts) != 3 || len(names) < 10 || !slices.IsSorted(names) {
			t.Errorf("the packages of %s: %d parts, %d names", key, len(parts), len(names))
		}
		if _, ok := facts.Get(table.Commands + strings.TrimPrefix(key, table.Packages)); !ok {
			t.Errorf("%s has no commands", key)
		}
		return true
	})
	facts.Range(table.Image, func(key, _ string) bool {
		if f, _ := factsAt(strings.TrimPrefix(key, table.Image)); f.Config == nil || f.Source == "" || f.Exact == "" {
			t.Errorf("%s has no config, source or exactness", key)
		}
		return true
	})
	// Every image with a set has its packages and commands.
	facts.Range(table.Tag, func(key, _ string) bool {
		i := find(t, strings.TrimPrefix(key, table.Tag), Live)
		if a := i.about(); a.Set != "" {
			packages, exact := i.Packages()
			commands, _ := i.Commands()
			if len(packages) == 0 || len(commands) == 0 || exact == Unknown || !slices.IsSortedFunc(commands, func(a, b Command) int { return strings.Compare(a.Name, b.Name) }) {
				t.Errorf("%s has %d packages and %d commands", key, len(packages), len(commands))
			}
			for _, c := range commands {
				if strings.ContainsAny(c.Name, "{} ") {
					t.Errorf("%s has the command %q", key, c.Name)
				}
			}
		}
		return true
	})
	if sets != 83 || images < 900 {
		t.Errorf("%d sets, %d images", sets, images)
	}
	for product, image := range products {
		if len(releasesOf(image).Cycles) == 0 {
			t.Errorf("%s has no ends of life under %q", product, image)
		}
	}
	if o := Origins(); len(o) < 30 {
		t.Errorf("%d origins", len(o))
	}
}

// TestSuccessor: advice names tags that exist.
func TestSuccessor(t *testing.T) {
	for ref, want := range map[string]string{
		"python:3.6-slim":        "3.11-slim",
		"python:3.8-slim-buster": "3.11-slim",
		"node:14-alpine":         "22-alpine",
		"ubuntu:18.04":           "22.04",
		"golang:1.18":            "1.26",
		"python:3.12":            "", // has not ended
		"gcr.io/distroless/cc":   "",
		"debian:buster":          "",
		"node:14-alpine3.12":     "22-alpine",
	} {
		i, _ := Find(ref)
		got := ""
		for _, e := range EndOfLife(i, november) {
			if e.Ended && got == "" {
				got = Successor(i, e)
			}
		}
		if got != want {
			t.Errorf("%s is followed by %q, want %q", ref, got, want)
		}
	}
	// Without a clock inside: the day decides.
	i := find(t, "python:3.12", Live)
	for day, want := range map[string]bool{"2028-10-31": false, "2028-11-01": true} {
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if e := EndOfLife(i, on); len(e) == 0 || e[0].Ended != want {
			t.Errorf("on %s: %+v", day, e)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"python:3.12", "a/b/c:d@sha256:e", "python:~#.#", "python:3.6.*", "x\ty", "scratch", "gcr.io/distroless/a-debian11:nonroot-arm64", "node:9999999999999999999999.1.2.3.4.5.6.7.8.9.10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		i, known := Find(ref)
		if i == nil || i.Known != known {
			t.Fatalf("%q: %v", ref, i)
		}
		if strings.ContainsAny(i.Tag, "*~#") {
			t.Fatalf("%q has the tag %q", ref, i.Tag)
		}
		_, _ = i.Packages()
		_, _ = i.Config()
		_ = EndOfLife(i, november)
		for _, v := range i.Counterparts() {
			if o := i.Counterpart(v); o == nil || o.Known != Live && o.Known != Retired {
				t.Fatalf("%s of %q: %v", v, ref, o)
			}
		}
	})
}
