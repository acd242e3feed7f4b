package signed

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func key(t testing.TB, lifetime time.Duration) (*Key, *Keyring) {
	t.Helper()
	k, err := NewKey("somebody", noon, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := ReadKeyring(public)
	if err != nil {
		t.Fatal(err)
	}
	return k, ring
}

func sign(t testing.TB, text string, k *Key, more ...*Key) []byte {
	t.Helper()
	data, err := k.Sign([]byte(text), more...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpen(t *testing.T) {
	k, ring := key(t, 0)
	other, otherRing := key(t, 0)
	short, shortRing := key(t, time.Hour)
	text, by, err := ring.Open(sign(t, "hello\n- dash\n", k), noon.Add(time.Minute))
	if err != nil || string(text) != "hello\n- dash\n" || len(by) < 40 {
		t.Errorf("%q by %q, %v", text, by, err)
	}
	for name, c := range map[string]struct {
		ring *Keyring
		data []byte
		when time.Time
		want string
	}{
		"another key":        {ring, sign(t, "x", other), noon, "no key of the keyring has signed it"},
		"the second of two":  {otherRing, sign(t, "x", k, other), noon, ""},
		"the first expired":  {&Keyring{append(shortRing.keys, ring.keys...)}, sign(t, "x", short, k), noon.Add(2 * time.Hour), ""},
		"all expired":        {shortRing, sign(t, "x", short), noon.Add(2 * time.Hour), "no key of the keyring has signed it"},
		"before it was made": {ring, sign(t, "x", k), noon.Add(-time.Hour), "no key of the keyring has signed it"},
		"not signed":         {ring, []byte("hello"), noon, "it is not signed"},
		"empty":              {ring, nil, noon, "it is not signed"},
	} {
		_, _, err := c.ring.Open(c.data, c.when)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	// Blanks at the end of a line can be added by anybody; they are not handed out.
	data := bytes.Replace(sign(t, "hello\nyou\n", k), []byte("hello\n"), []byte("hello \t\n"), 1)
	if text, _, err := ring.Open(data, noon); err != nil || string(text) != "hello\nyou\n" {
		t.Errorf("%q %v", text, err)
	}
}

// TestDebian: the keyring of this machine, where it has one.
func TestDebian(t *testing.T) {
	data, err := os.ReadFile("/usr/share/keyrings/debian-archive-keyring.gpg")
	if err != nil {
		t.Skip("Debian's keys are not on this machine")
	}
	if ring, err := ReadKeyring(data); err != nil || len(ring.keys) < 3 {
		t.Errorf("%+v %v", ring, err)
	}
	if _, err := ReadKeyring(data[:100]); err == nil {
		t.Error("a cut keyring was read")
	}
	if _, err := ReadKeyring(nil); err == nil {
		t.Error("an empty keyring was read")
	}
}

func FuzzOpen(f *testing.F) {
	k, ring := key(f, 0)
	f.Add(sign(f, "hello\n", k))
	f.Add([]byte("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, _, err := ring.Open(data, noon); err == nil && string(text) != "hello\n" {
			t.Errorf("%q was never signed", text)
		}
	})
}
