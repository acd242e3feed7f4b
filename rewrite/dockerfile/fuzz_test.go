package dockerfile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

// FuzzParse: restow accepts exactly what BuildKit accepts, and all that is true
// of an accepted file is true.
func FuzzParse(f *testing.F) {
	f.Add([]byte("FROM a\nRUN " + strings.Repeat("x", 65_535-len("RUN ")) + "\nRUN b\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := dockerfile.Parse("Dockerfile", src)
		theirs := accepts(src)
		if (err == nil) != (theirs == nil) {
			t.Fatalf("restow says %v, BuildKit %v", err, theirs)
		}
		if err == nil {
			checkFile(t, got, src)
			return
		}
		if !strings.HasPrefix(err.Error(), "Dockerfile:") || strings.Contains(err.Error(), "restow and BuildKit read another") {
			t.Fatal(err)
		}
	})
}

// FuzzApply: edits taken from the input keep what they do not touch.
func FuzzApply(f *testing.F) {
	for _, src := range seeds(f) {
		f.Add(src, []byte("\x00\x02\x05new\x00\x06\x01\x00"))
	}
	f.Fuzz(func(t *testing.T, src, script []byte) {
		edits := editsOf(src, script)
		out, err := dockerfile.Apply(src, edits)
		if err != nil {
			if !errors.Is(err, dockerfile.ErrOverlap) {
				t.Fatal(err)
			}
			return
		}
		checkApplied(t, src, out, edits)
	})
}

// editsOf reads edits from bytes: two for the start, one each for the length of
// what goes and of what comes, then the text.
func editsOf(src, script []byte) (out []dockerfile.Edit) {
	for len(script) >= 4 && len(out) < 8 {
		start := int(binary.BigEndian.Uint16(script)) % (len(src) + 1)
		end := min(start+int(script[2]), len(src))
		n := min(int(script[3]), len(script)-4)
		out = append(out, dockerfile.Edit{Span: dockerfile.Span{Start: start, End: end}, New: string(script[4 : 4+n])})
		script = script[4+n:]
	}
	return out
}

// checkApplied: Origin maps every byte that no edit touched to itself.
func checkApplied(t testing.TB, src, out []byte, edits []dockerfile.Edit) {
	t.Helper()
	size := len(src)
	kept := bytes.Repeat([]byte{1}, len(src))
	for _, e := range edits {
		size += len(e.New) - e.Len()
		clear(kept[e.Start:e.End])
	}
	if len(out) != size {
		t.Fatalf("%d bytes, want %d", len(out), size)
	}
	last := 0
	for off := range len(out) {
		at := dockerfile.Origin(edits, off)
		if at < last || at > len(src) {
			t.Fatalf("byte %d comes from %d, the one before it from %d", off, at, last)
		}
		last = at
		if at < len(src) && kept[at] == 1 && src[at] == out[off] {
			kept[at] = 2
		}
	}
	if i := bytes.IndexByte(kept, 1); i >= 0 {
		t.Fatalf("nothing comes from byte %d, which no edit touched", i)
	}
}
