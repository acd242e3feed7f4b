package pin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// certificate is a PEM certificate.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestHosts(t *testing.T) {
	ca := certificate(t)
	for _, tc := range []struct {
		name, folder, text, repository string
		want                           []string
	}{
		{"order of the file", "docker.io", `
server = "https://registry-1.docker.io"
unknown = 1
[host."https://z.example.com"]
[host."https://z.example.com".header]
x = "y"
[host."https://a.example.com"]
capabilities = ["pull", "Resolve", "dance"]
[host."https://pull.example.com"]
capabilities = ["pull"]
[host."http://m.example.com:5000"]
skip_verify = true
[host."https://lax.example.com"]
skip_verify = true
`, "docker.io/library/python", []string{
			"z.example.com/library/python mirror", "a.example.com/library/python mirror", "m.example.com:5000/library/python mirror plain",
			"lax.example.com/library/python mirror unchecked", "docker.io/library/python",
		}},
		{"other ways to write tables", "docker.io", `
[host]
"https://z.example.com".skip_verify = true
"https://b.example.com" = {capabilities = ["resolve"]}
"https://a.example.com" = {}
`, "docker.io/x/y", []string{"z.example.com/x/y mirror unchecked", "b.example.com/x/y mirror", "a.example.com/x/y mirror", "docker.io/x/y"}},
		{"Docker Hub by its other names", "docker.io", "server = 'https://docker.io'\n[host.'https://registry-1.docker.io']\n", "docker.io/x/y", []string{"docker.io/x/y"}},
		{"another server", "docker.io", "server = 'mirror.example.com'\n", "docker.io/x/y", []string{"mirror.example.com/x/y mirror"}},
		{"authorities", "r.example.com", "ca = 'ca.pem'\n[host.'https://m.example.com']\nca = ['ca.pem', 'ca.pem']\n", "r.example.com/y", []string{"m.example.com/y mirror ca", "r.example.com/y ca"}},
		{"for the registry itself", "r.example.com", "skip_verify = true\ncapabilities = ['pull']\n", "r.example.com/y", []string{"r.example.com/y unchecked"}},
		{"default", "_default", "[host.'http://cache']\n", "r.example.com/y", []string{"cache:80/y mirror plain", "r.example.com/y"}},
		{"port in the folder", "r.example.com_5000_", "[host.'https://m.example.com']\n", "r.example.com:5000/y", []string{"m.example.com/y mirror", "r.example.com:5000/y"}},
		{"port with a colon", "r.example.com:5000", "[host.'https://m.example.com']\n", "r.example.com:5000/y", []string{"m.example.com/y mirror", "r.example.com:5000/y"}},
		{"loopback with TLS", "r.example.com", "[host.'https://localhost:5000']\n", "r.example.com/y", []string{"localhost:5000/y mirror", "r.example.com/y"}},
		{"loopback itself", "localhost:5000", "[host.'https://m.example.com']\n", "localhost:5000/y", []string{"m.example.com/y mirror", "localhost:5000/y plain"}},
		{"paths", "r.example.com", `
[host."https://root.example.com/v2"]
[host."https://under.example.com/us"]
[host."https://own.example.com/api"]
override_path = true
[host."https://none.example.com"]
override_path = true
[host."https://proxy.example.com/v2/cache/"]
override_path = true
`, "r.example.com/y", []string{"root.example.com/y mirror", "proxy.example.com/cache/y mirror", "r.example.com/y"}},
		{"empty", "r.example.com", "", "r.example.com/y", []string{"r.example.com/y"}},
		{"of another host", "q.example.com", "[host.'https://m.example.com']\n", "r.example.com/y", []string{"r.example.com/y"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := place(t, map[string]string{tc.folder + "/hosts.toml": tc.text, tc.folder + "/ca.pem": ca})
			got, err := (&Registries{CertsDir: dir}).Endpoints(tc.repository)
			if err != nil || !slices.Equal(show(got), tc.want) {
				t.Errorf("got %q, %v\nwant %q", show(got), err, tc.want)
			}
		})
	}
}

func TestHostsBesideOthers(t *testing.T) {
	dir := place(t, map[string]string{
		"certs.d/docker.io/hosts.toml":     "server = 'https://server.example.com'\n[host.'https://hosts.example.com']\n[host.'https://own.example.com']\n",
		"certs.d/docker.example.com/x.crt": certificate(t),
		"r.conf":                           "[[registry]]\nlocation = 'docker.io'\n[[registry.mirror]]\nlocation = 'conf.example.com'\n[[registry]]\nprefix = 'docker.io/moved'\nlocation = 'moved.example.com'\n",
	})
	r := &Registries{
		Mirrors:   map[string][]string{"docker.io": {"own.example.com"}},
		ConfPaths: []string{filepath.Join(dir, "r.conf")},
		CertsDir:  filepath.Join(dir, "certs.d"),
	}
	for repository, want := range map[string][]string{
		"docker.io/x/y":        {"own.example.com/x/y mirror", "conf.example.com/x/y mirror", "hosts.example.com/x/y mirror", "server.example.com/x/y mirror"},
		"docker.io/moved/y":    {"own.example.com/moved/y mirror", "hosts.example.com/moved/y mirror", "moved.example.com/y mirror"},
		"docker.example.com/y": {"docker.example.com/y ca"},
	} {
		got, err := r.Endpoints(repository)
		if err != nil || !slices.Equal(show(got), want) {
			t.Errorf("%s:\ngot  %q, %v\nwant %q", repository, show(got), err, want)
		}
	}
}

func TestBadHosts(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"server = \n", "hosts.toml:1: not valid"},
		{"[host.'https://a.b']\n[host.'https://a.b']\n", "hosts.toml:2: not valid"},
		{"[host.'https://a.b']\nskip_verify = 'no'\n", "hosts.toml:2: not valid"},
		{"\n[host.'ftp://a.b']\n", "hosts.toml:2: \"ftp://a.b\" is not the address"},
		{"\n\nserver = 'https://u:p@a.b'\n", "hosts.toml:3: "},
		{"[host.'https://']\n", "is not the address"},
		{"[host.\"https://a.b\\u0000\"]\n", "is not the address"},
		{"ca = 3\n", "ca is neither"},
		{"ca = [3]\n", "ca is not a list"},
		{"ca = 'none.pem'\n", "none.pem"},
		{"ca = 'hosts.toml'\n", "holds no PEM certificate"},
		{"ca = '/dev/zero'\n", "not a file"},
		{"ca = [" + strings.Repeat("'x',", maxCAs+1) + "]\n", "more than 20 files"},
		{strings.Repeat("#", maxConf+1), "larger than 1 MiB"},
		{"server = 'https://a.b'\ncapabilities = ['pull']\n", "leaves no registry"},
	} {
		dir := place(t, map[string]string{"r.example.com/hosts.toml": tc.text})
		_, err := (&Registries{CertsDir: dir}).Endpoints("r.example.com/c")
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.ContainsAny(err.Error(), "\x00\n") {
			t.Errorf("%.60q: got %v, want %q", tc.text, err, tc.want)
		}
	}
}

// TestManyHosts: the order of many tables is found in reasonable time.
func TestManyHosts(t *testing.T) {
	var text strings.Builder
	for i := range maxMarks {
		fmt.Fprintf(&text, "[host.'https://a%d.b']\n", i)
	}
	start := time.Now()
	s, err := parseHosts("x", "r.example.com", []byte(text.String()))
	if err != nil || s.mirrors[1].Repository != "a1.b" {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if _, err := parseHosts("x", "r.example.com", []byte(text.String()+"[more]\n")); err == nil {
		t.Error("one more is accepted")
	}
}
