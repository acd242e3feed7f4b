package visible_test

import (
	"testing"

	"github.com/restow/restow/internal/visible"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"RUN a\tb é":           "RUN a\tb é",
		"a\nb\r\x1b[0m\x7f":    `a\x0ab\x0d\x1b[0m\x7f`,
		"a\u202eb\u2066\ufeff": `a\u202eb\u2066\ufeff`,
		"\xff\u2028�":          `\xff\u2028�`,
	} {
		if got := visible.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
