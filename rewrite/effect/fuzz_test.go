package effect

import (
	"reflect"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

// FuzzEffect: no file makes Of or After fail, both say the same each time, and
// the environment behind a stage is that of a stage that builds on it.
func FuzzEffect(f *testing.F) {
	for _, in := range literals {
		f.Add([]byte("FROM a\nENV w=7\n" + in + "\n"))
	}
	for _, src := range []string{
		"FROM scratch AS b\nWORKDIR /a\nFROM b\nRUN ln -s /a /l && touch /l/x\nCOPY --link f /l/y/\n",
		"# escape=`\nFROM a\nWORKDIR C:\\a\nRUN dir\n",
		"FROM a\nENV a=$a$a b=${a//x/$a} c=${d:-$e}\nWORKDIR $b\n",
		"FROM a\nRUN <<E\ncd /x; ls > y\nE\nRUN [\"touch\", \"/a\"]\nRUN set -e; if test -f a; then rm b; fi\n",
		"FROM a\nRUN ln -s /a/$B /c; ln -s x ..; cp -r /c /d\nRUN touch /c/x\n",
		"FROM a\nRUN --mount=type=bind,from=$x,target=$y,source=a/../b cat >a <b 2>&1\n",
		"FROM a\nADD --chown=$u git@github.com:a/b.git http://c/$d e* /f/./g /h\n",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := dockerfile.Parse("Dockerfile", src)
		if err != nil || len(src) > 1<<14 {
			return
		}
		for _, s := range file.Stages {
			e := Start(s)
			var before []Effect
			for _, in := range s.Instructions {
				x, y := Of(in, e), Of(in, e)
				if !reflect.DeepEqual(x, y) {
					t.Fatalf("%+v is %+v the next time", x, y)
				}
				if x.Opaque == "" && len(x.Writes) == 0 && !in.Is("WORKDIR") && !in.Is("RUN") && len(in.Fields()) > 0 && !in.Is("VOLUME") && !in.Is("EXPOSE") && !in.Is("LABEL") && !in.Is("ENV") && !in.Is("ARG") {
					t.Fatalf("%s writes nothing", in.Text.S)
				}
				for _, o := range before[max(0, len(before)-3):] {
					if Commutes(o, x) != Commutes(x, o) {
						t.Fatalf("%+v and %+v commute in one order", o, x)
					}
				}
				before = append(before, x)
				next := e.After(in)
				if again := e.After(in); !reflect.DeepEqual(next, again) {
					t.Fatalf("after %s: %+v, then %+v", in.Text.S, next, again)
				}
				e = next
			}
			for _, on := range file.Stages {
				if on.Base == s && windows(on, true) == windows(s, true) && !reflect.DeepEqual(Start(on), e) {
					t.Fatalf("%s starts with %+v, the stage below ends with %+v", on, Start(on), e)
				}
			}
		}
	})
}
