package proof

import (
	"context"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

func parse(t testing.TB, src string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return f
}

func build(t testing.TB, src string) *Build {
	t.Helper()
	b, err := Compile(context.Background(), parse(t, src), nil, nil)
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return b
}

// verdict checks that an error is there, or not, with the words it must have.
func verdict(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
		t.Errorf("got %v, want %q", err, want)
	}
}
