package host

import (
	"strings"
	"testing"
)

func TestParseMirror(t *testing.T) {
	got := parseMirror(`Debian main bookworm http://mirror.example/debian/
Debian main bookworm-updates http://mirror.example/debian/
Debian contrib bookworm http://other.example/debian/
Debian main bookworm-backports http://backports.example/debian/
Debian main bookworm-security http://security.example/debian-security/
Someone main nodistro https://packages.example/
Debian main trixie file:/srv/debian/
`)
	if want := (Mirror{"http://mirror.example/debian/", "http://security.example/debian-security/"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSources(t *testing.T) {
	got := Mirror{Main: "http://mirror.example/debian/"}.sources("bookworm")
	if !strings.HasPrefix(got, "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n") || strings.Contains(got, "security") {
		t.Errorf("got %q", got)
	}
}
