package passes_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
)

// FuzzFix runs the whole suite with everything applied: whatever the file, the
// run ends, every claim is kept, BuildKit still reads the result, and a second
// run changes nothing.
func FuzzFix(f *testing.F) {
	addParserSeeds(f)
	for _, src := range []string{
		"FROM a AS b\n# syntax=x/y\nFROM c\n",
		"FROM a\nMAINTAINER \"b c\"\nENV d e\nENV f \"g\nLABEL h 'i j' k\n",
		"FROM a\nADD b.txt c.tar.gz /d/\nADD . /e\nADD https://example.com/f /g\n",
		"FROM a\nEXPOSE 127.0.0.1:80:80/TCP ::1:53/UDP $x:1/TCP\n",
		"FROM scratch\nWORKDIR b\nRUN c\nRUN d\n",
		"FROM --platform=$TARGETPLATFORM a\nCMD b\nCMD [\"c\"]\nENTRYPOINT d\n",
		"FROM a\nCOPY \"b c\" 'd e' /f/\n",
		"FROM a\nRUN b=c\nRUN cd d && e\nRUN apt-get update\nRUN apt-get install -y f\nRUN pip install g\nRUN pip install h\n",
		"FROM a\nRUN b\nRUN echo ${c:-d} \"e\" 'f'\nRUN echo $$ `g`\n",
		"FROM a\nRUN <<-EOF\n\tset -e\n\tapk update && \\\n\t\tapk add b\n\n\trm -rf /var/cache/apk/*\nEOF\n",
		"FROM a\nRUN <<EOF\napt update\nif b; then\n  apt install c \\\n    d # e\nfi\nEOF\nRUN <<EOF\nsudo apt-get update;\ncurl f > g\n\nEOF\n",
		"FROM a\nRUN set -e; dnf install b; { c && d; }\nRUN npm install e;\nRUN set -e; cd /f; pip install g;\n",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4<<10 {
			return
		}
		file, err := dockerfile.Parse("Dockerfile", src)
		if err != nil {
			return
		}
		res := fixAll(t, file)
		if again := fixAll(t, res.After); !bytes.Equal(again.After.Src, res.After.Src) {
			t.Errorf("a second run changes\n%q\nto\n%q", res.After.Src, again.After.Src)
		}
		if _, err := dockerfile.Parse("Dockerfile", res.After.Src); err != nil {
			t.Errorf("%q: %v", res.After.Src, err)
		}
	})
}

func fixAll(t *testing.T, f *dockerfile.File) *rewrite.Result {
	t.Helper()
	res, err := rewrite.Run(context.Background(), f, passes.Suite, rewrite.Options{Apply: everything, Facts: rewrite.Facts{Images: everyImage(f)}})
	if err != nil {
		t.Fatalf("%q: %v", f.Src, err)
	}
	for _, w := range res.Withheld {
		t.Errorf("%q: %s", f.Src, w)
	}
	return res
}

// addParserSeeds adds the parser's own seeds, and what broke it.
func addParserSeeds(f *testing.F) {
	paths, err := filepath.Glob("../dockerfile/testdata/fuzz/FuzzParse/*")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		_, line, _ := strings.Cut(string(data), "\n[]byte(")
		src, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(line), ")"))
		if err != nil {
			f.Fatalf("%s: %v", path, err)
		}
		f.Add([]byte(src))
	}
}
