package pin

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// place writes files below a new folder and returns it.
func place(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// show writes endpoints in short: where, then how.
func show(ends []Endpoint) []string {
	var all []string
	for _, e := range ends {
		s := e.Repository
		if e.Mirror {
			s += " mirror"
		}
		if e.PlainHTTP {
			s += " plain"
		}
		if e.SkipVerify {
			s += " unchecked"
		}
		if e.CAs != nil {
			s += " ca"
		}
		all = append(all, s)
	}
	return all
}

func TestOwnRules(t *testing.T) {
	mirrors := map[string][]string{
		"docker.io":            {"mirror.example.com/hub/", "second.example.com:5000"},
		"docker.io/library":    {"official.example.com"},
		"registry.example.com": {"localhost:5000/x"},
		"":                     {"never.example.com"},
	}
	for _, tc := range []struct {
		name, repository string
		insecure         []string
		want             []string
	}{
		{"two mirrors", "docker.io/team/app", nil, []string{"mirror.example.com/hub/team/app mirror", "second.example.com:5000/team/app mirror", "docker.io/team/app"}},
		{"longest prefix", "docker.io/library/python", nil, []string{"official.example.com/python mirror", "docker.io/library/python"}},
		{"whole components", "docker.io/librarything/x", nil, []string{"mirror.example.com/hub/librarything/x mirror", "second.example.com:5000/librarything/x mirror", "docker.io/librarything/x"}},
		{"no rule", "quay.io/a/b", nil, []string{"quay.io/a/b"}},
		{"loopback is plain", "registry.example.com/y", nil, []string{"localhost:5000/x/y mirror plain", "registry.example.com/y"}},
		{"loopback said to have TLS", "registry.example.com/y", []string{"https://localhost:5000"}, []string{"localhost:5000/x/y mirror unchecked", "registry.example.com/y"}},
		{"all of 127/8", "127.3.2.1:80/y", nil, []string{"127.3.2.1:80/y plain"}},
		{"IPv6", "[::1]:5000/y", nil, []string{"[::1]:5000/y plain"}},
		{"not loopback", "127.example.com/y", nil, []string{"127.example.com/y"}},
		{"insecure", "r.example.com:5000/y", []string{"R.example.com:5000"}, []string{"r.example.com:5000/y plain"}},
		{"insecure with scheme", "r.example.com:5000/y", []string{"http://r.example.com:5000/"}, []string{"r.example.com:5000/y plain"}},
		{"insecure at another port", "r.example.com/y", []string{"r.example.com:5000"}, []string{"r.example.com/y"}},
		{"unchecked", "r.example.com/y", []string{"https://r.example.com"}, []string{"r.example.com/y unchecked"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &Registries{Mirrors: mirrors, Insecure: tc.insecure}
			got, err := r.Endpoints(tc.repository)
			if err != nil || !slices.Equal(show(got), tc.want) {
				t.Errorf("got %q, %v\nwant %q", show(got), err, tc.want)
			}
		})
	}
}

func TestConf(t *testing.T) {
	const conf = `unqualified-search-registries = ["nowhere.example.com"]
unknown = { key = [1, 2] }

[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "tags.example.com"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "digests.example.com"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "lax.example.com:5000/hub"
insecure = true

[[registry]]
prefix = "example.com/foo"
location = "internal.example.net/bar"

[[registry]]
location = "blocked.example.com"
blocked = true

[[registry]]
prefix = "*.wild.example.com"
insecure = true
[[registry.mirror]]
location = "wild.example.net/all"

[[registry]]
location = "strict.example.com"
mirror-by-digest-only = true
[[registry.mirror]]
location = "never.example.com"

[[registry]]
location = "first.example.com/a"
prefix = "twice.example.com"
[[registry]]
location = "first.example.com/b"
prefix = "twice.example.com"
`
	dir := place(t, map[string]string{"registries.conf": conf, "later.conf": `
registry = [{prefix = "example.com/foo/deep", location = "deep.example.net"}, {location = "docker.io/later"}]
`})
	paths := []string{filepath.Join(dir, "registries.conf"), filepath.Join(dir, "later.conf")}
	r := &Registries{ConfPaths: paths, Mirrors: map[string][]string{"example.com": {"own.example.net"}}}
	for repository, want := range map[string][]string{
		"docker.io/library/python": {
			"tags.example.com/library/python mirror", "lax.example.com:5000/hub/library/python mirror unchecked",
			"lax.example.com:5000/hub/library/python mirror plain", "docker.io/library/python",
		},
		"docker.io/later/x":          {"docker.io/later/x"},
		"example.com/foo/image":      {"own.example.net/foo/image mirror", "internal.example.net/bar/image mirror"},
		"example.com/foo/deep/image": {"own.example.net/foo/deep/image mirror", "deep.example.net/image mirror"},
		"example.com/food":           {"own.example.net/food mirror", "example.com/food"},
		"a.b.wild.example.com:99/x":  {"wild.example.net/all/x mirror", "a.b.wild.example.com:99/x unchecked", "a.b.wild.example.com:99/x plain"},
		"wild.example.com/x":         {"wild.example.com/x"},
		"strict.example.com/x":       {"strict.example.com/x"},
		"twice.example.com/x":        {"first.example.com/a/x mirror"},
	} {
		got, err := r.Endpoints(repository)
		if err != nil || !slices.Equal(show(got), want) {
			t.Errorf("%s:\ngot  %q, %v\nwant %q", repository, show(got), err, want)
		}
	}
	_, err := r.Endpoints("blocked.example.com/x")
	if err == nil || !strings.Contains(err.Error(), "is blocked by "+paths[0]+":21") {
		t.Errorf("blocked: %v", err)
	}
}

func TestBadConf(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"[[registry]\n", ":1: not valid: "},
		{"\n\n[[registry]]\nlocation = 3\n", ":4: not valid: "},
		{"\n[[registry]]\nlocation = \"a.b\"\nlocation = \"a.c\"\n", ":4: not valid: "},
		{"[[registry]]\n", ":1: [[registry]] has neither"},
		{"\n[[registry]]\nprefix = \"a.b\"\n", `:2: the registry "a.b" has no location`},
		{"[[registry]]\nlocation = \"a.b\"\n[[registry.mirror]]\n", `:1: a mirror of "a.b" has no location`},
		{"[[registry]]\nlocation = \"https://a.b\"\n", `has a scheme`},
		{"[[registry]]\nlocation = \"a.b\"\n[[registry.mirror]]\nlocation=\"c.d\"\npull-from-mirror = \"x\"", `pull-from-mirror of "a.b" is "x"`},
		{"[[registry]]\nlocation = \"a.b\"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation=\"c.d\"\npull-from-mirror = \"all\"", `both`},
		{"[registries.block]\nregistries = ['x.y']\n", ":1: version 1 of the format"},
		{"registry = [{}]", ": [[registry]] has neither"},
		{"a = \"\x1b[31m\"\n", ":1: not valid"},
		{strings.Repeat("#", maxConf+1), ": larger than 1 MiB"},
	} {
		dir := place(t, map[string]string{"r.conf": tc.text})
		_, err := (&Registries{ConfPaths: []string{filepath.Join(dir, "r.conf")}}).Endpoints("a.b/c")
		if err == nil || !strings.Contains(err.Error(), "r.conf"+tc.want) && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.60q: got %v, want %q", tc.text, err, tc.want)
			continue
		}
		if !strings.Contains(err.Error(), "fix it or") || strings.Contains(err.Error(), "\x1b") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: %q", tc.text, err)
		}
	}
	_, err := (&Registries{ConfPaths: []string{"/nonexistent/r.conf"}}).Endpoints("a.b/c")
	if err == nil || !strings.Contains(err.Error(), "/nonexistent/r.conf") {
		t.Errorf("missing file: %v", err)
	}
	_, err = (&Registries{ConfPaths: []string{t.TempDir()}}).Endpoints("a.b/c")
	if err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("folder: %v", err)
	}
	if _, err = (&Registries{ConfPaths: []string{os.DevNull}}).Endpoints("a.b/c"); err != nil {
		t.Errorf("%s: %v", os.DevNull, err)
	}
}

func TestHostileNames(t *testing.T) {
	for _, repository := range []string{
		"", "python", "docker.io", "word/x", "docker.io/", "docker.io/../etc", "docker.io/a//b",
		"../../etc/x", "user:pw@a.b/c", "a.b/C", "a.b/c:tag", "a.b/c@sha256:0", "a.b/c d", "a.b/\x00", "a.b:123456/c", "-a.b/c", "[::1/x", "a.b/" + strings.Repeat("x", 600),
	} {
		if got, err := new(Registries).Endpoints(repository); err == nil {
			t.Errorf("%q: %q", repository, show(got))
		}
	}
	for _, location := range []string{"https://m.example.com", "mirror", "mirror/hub", "m.example.com/../x", "", "m.example.com/Hub", "u@m.example.com"} {
		r := &Registries{Mirrors: map[string][]string{"docker.io": {location}}}
		if got, err := r.Endpoints("docker.io/library/x"); err == nil {
			t.Errorf("mirror %q: %q", location, show(got))
		}
	}
	r := &Registries{Mirrors: map[string][]string{"docker.io/library/x": {"m.example.com"}}}
	if got, err := r.Endpoints("docker.io/library/x"); err == nil {
		t.Errorf("a mirror without a path left: %q", show(got))
	}
}

func TestDefaultConfPaths(t *testing.T) {
	home := place(t, map[string]string{
		".config/containers/registries.conf":          "",
		".config/containers/registries.conf.d/b.conf": "",
		".config/containers/registries.conf.d/a.conf": "",
		".config/containers/registries.conf.d/a.txt":  "",
	})
	user := filepath.Join(home, ".config/containers/registries.conf")
	got := DefaultConfPaths([]string{"HOME=/elsewhere", "HOME=" + home})
	if want := []string{user, user + ".d/a.conf", user + ".d/b.conf"}; !slices.Equal(got, want) {
		t.Errorf("the user's: %q", got)
	}
	got = DefaultConfPaths([]string{"HOME=" + home, "CONTAINERS_REGISTRIES_CONF=/named.conf"})
	if got[0] != "/named.conf" || slices.Contains(got, user) || !slices.Equal(got[len(got)-2:], []string{user + ".d/a.conf", user + ".d/b.conf"}) {
		t.Errorf("a named one: %q", got)
	}
	for _, environ := range [][]string{nil, {"HOME=" + os.DevNull}, {"HOME=" + t.TempDir()}} {
		for _, path := range DefaultConfPaths(environ) {
			if !strings.HasPrefix(path, "/etc/containers/") {
				t.Errorf("without a home of use: %q", path)
			}
		}
	}
}

// TestConcurrent: many ask at once, and the files are read once.
func TestConcurrent(t *testing.T) {
	dir := place(t, map[string]string{"r.conf": "[[registry]]\nlocation = \"a.b\"\n[[registry.mirror]]\nlocation = \"m.n\"\n", "certs.d/_default/hosts.toml": "[host.\"https://h.i\"]\n"})
	r := &Registries{ConfPaths: []string{filepath.Join(dir, "r.conf")}, CertsDir: filepath.Join(dir, "certs.d")}
	ask := func(i int) {
		name := fmt.Sprintf("a.b/c%d", i)
		got, err := r.Endpoints(name)
		if want := []string{"m.n/" + name[4:] + " mirror", "h.i/" + name[4:] + " mirror", name}; err != nil || !slices.Equal(show(got), want) {
			t.Errorf("%q, %v", show(got), err)
		}
	}
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() { ask(i) })
	}
	wait.Wait()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	ask(1)
}

// TestLargeFiles: what may be read is also read in reasonable time.
func TestLargeFiles(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("[[registry]]\nlocation='a.b'\n", maxMarks/3),
		"[[registry]]\nlocation='a.b'\n" + strings.Repeat("[[registry.mirror]]\nlocation='a.b'\n", maxMarks/3-1),
		"x = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		strings.Repeat("\n", maxConf-1),
	} {
		start := time.Now()
		if _, err := parseConf("x", []byte(text)); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.40q: took %v", text, took)
		}
	}
}
