package diff_test

import (
	"testing"

	"github.com/restow/restow/rewrite/diff"
)

func TestMerge(t *testing.T) {
	const before = "1\n2\n3\n4\n5\n"
	for name, c := range map[string]struct {
		a, b, want string
		ok         bool
	}{
		"apart":         {"1\nA\n3\n4\n5\n", "1\n2\n3\nB\n5\n", "1\nA\n3\nB\n5\n", true},
		"the same line": {"1\nA\n3\n4\n5\n", "1\nB\n3\n4\n5\n", "", false},
		"neighbours":    {"1\nA\n3\n4\n5\n", "1\n2\nB\n4\n5\n", "", false},
		"the same":      {"1\nA\n3\n4\n5\n", "1\nA\n3\n4\nB\n", "1\nA\n3\n4\nB\n", true},
		"inserted":      {"1\n2\n3\n4\n5\nA\n", "1\n2\n3\n4\n5\nB\n", "", false},
		"both ends":     {"A\n1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\nB\n", "A\n1\n2\n3\n4\n5\nB\n", true},
		"nothing":       {before, "1\n5\n", "1\n5\n", true},
	} {
		a, b := diff.Hunks([]byte(before), []byte(c.a)), diff.Hunks([]byte(before), []byte(c.b))
		for _, changes := range [][][]diff.Hunk{{a, b}, {b, a}} {
			got, ok := diff.Merge([]byte(before), changes...)
			if ok != c.ok || string(got) != c.want {
				t.Errorf("%s: %q, %t", name, got, ok)
			}
		}
	}
}

// FuzzHunks: the hunks of two texts make one of the other.
func FuzzHunks(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nc\nd")
	f.Add("", "\r\n\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		got, ok := diff.Merge([]byte(before), diff.Hunks([]byte(before), []byte(after)))
		if !ok || string(got) != after {
			t.Errorf("%q to %q gives %q", before, after, got)
		}
	})
}
