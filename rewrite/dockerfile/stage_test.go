package dockerfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRefs: each reference as "name → stage", "?" behind what is not plain.
func TestRefs(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      []string
	}{
		{"an image", "FROM a:1\n", []string{"a:1 → image"}},
		{"scratch", "FROM scratch\n", []string{"scratch → image"}},
		{"a stage", "FROM a AS b\nFROM b\n", []string{"a → image", "b → b"}},
		{"FROM wants lower case", "FROM a AS Builder\nFROM Builder\n", []string{"a → image", "Builder → image"}},
		{"FROM finds a name written in another case", "FROM a AS Builder\nFROM builder\n", []string{"a → image", "builder → builder"}},
		{"FROM finds no stage below", "FROM b\nFROM a AS b\n", []string{"b → image", "a → image"}},
		{"FROM takes the one above of two", "FROM a AS b\nFROM b AS b\nFROM b\n", []string{"a → image", "b → stage 0", "b → stage 1"}},
		{"FROM takes no number", "FROM a\nFROM 0\n", []string{"a → image", "0 → image"}},
		{"COPY takes any case", "FROM a AS Builder\nFROM b\nCOPY --from=BUILDER c d\n", []string{"a → image", "b → image", "BUILDER → builder"}},
		{"COPY takes a number", "FROM a\nFROM b\nCOPY --from=0 c d\n", []string{"a → image", "b → image", "0 → stage 0"}},
		{"COPY of no stage", "FROM a\nCOPY --from=7 c d\nCOPY --from=e:1 c d\n", []string{"a → image", "7 → image", "e:1 → image"}},
		{"COPY takes the last of two", "FROM a AS b\nFROM c AS b\nFROM d\nCOPY --from=b e f\n", []string{"a → image", "c → image", "d → image", "b → stage 1"}},
		{"quoted", "FROM a AS b\nFROM c\nCOPY --from=\"b\" d e\n", []string{"a → image", "c → image", "b? → b"}},
		{"quoted flag", "FROM a AS b\nFROM c\nCOPY '--from=b' d e\n", []string{"a → image", "c → image"}},
		{"a mount", "FROM a AS Build\nFROM b\nRUN --mount=from=build,target=/c d\n", []string{"a → image", "b → image", "build → build"}},
		{"a mount takes no number", "FROM a\nFROM b\nRUN --mount=from=0,target=/c d\n", []string{"a → image", "b → image", "0 → image"}},
		{"the second mount", "FROM a AS b\nFROM c\nRUN --mount=type=cache,target=/d --mount=type=bind,target=/e,from=B f\n", []string{"a → image", "c → image", "B → b"}},
		{"the last from of a mount", "FROM a AS b\nFROM c\nRUN --mount=from=x,target=/d,FROM=b e\n", []string{"a → image", "c → image", "b → b"}},
		{"a quoted mount", "FROM a AS b\nFROM c\nRUN --mount=type=bind,\"from=b\",target=/d e\n", []string{"a → image", "c → image", "b? → b"}},
		{"a variable", "ARG x\nFROM $x\nCOPY --from=$x a b\n", []string{"$x → image", "$x → image"}},
		{"ONBUILD is another build's", "FROM a AS b\nFROM c\nONBUILD COPY --from=b d e\n", []string{"a → image", "c → image"}},
		{"a cut name", "FROM a AS b\nFROM c\nCOPY --from=\\\nb d e\n", []string{"a → image", "c → image", "b → b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			var got []string
			for _, r := range f.Refs() {
				s := r.Name
				if !r.Plain {
					s += "?"
				} else if r.Word.S != r.Name || r.In.Text.S[r.Word.Lo:r.Word.Hi] != r.Name {
					t.Errorf("%q is plain but stands as %q", r.Name, r.Word.S)
				}
				switch {
				case r.Stage == nil:
					s += " → image"
				case f.StageByName(r.Stage.Name) == r.Stage && strings.Count(tt.src, " AS "+r.Stage.Name) < 2:
					s += " → " + r.Stage.String()
				default:
					s += fmt.Sprintf(" → stage %d", r.Stage.Index)
				}
				got = append(got, s)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestNeeds(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      []int // of the last stage
		certain   bool
	}{
		{"one", "FROM a\n", []int{0}, true},
		{"unused", "FROM a AS b\nFROM c\n", []int{1}, true},
		{"chain", "FROM a AS b\nFROM b AS c\nFROM x\nCOPY --from=c d e\n", []int{0, 1, 2}, true},
		{"mount", "FROM a AS b\nFROM c\nRUN --mount=from=B,target=/d e\n", []int{0, 1}, true},
		{"number", "FROM a\nFROM b\nFROM c\nCOPY --from=1 d e\n", []int{1, 2}, true},
		{"variable", "ARG x=b\nFROM a AS b\nFROM $x\n", []int{1}, false},
		{"a variable that is an image", "ARG x=1\nFROM a AS b\nFROM c:$x\n", []int{1}, true},
		{"variable in COPY", "FROM a AS b\nFROM c\nARG x\nCOPY --from=$x d e\n", []int{1}, false},
		{"ONBUILD", "FROM a AS b\nFROM c\nONBUILD COPY --from=b d e\n", []int{1}, false},
		{"ONBUILD of an unused stage", "FROM a AS b\nONBUILD COPY --from=b d e\nFROM c\n", []int{1}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.src)
			needed, certain := f.Needs(f.Stages[len(f.Stages)-1])
			var got []int
			for _, s := range f.Stages {
				if needed[s] {
					got = append(got, s.Index)
				}
			}
			if !slices.Equal(got, tt.want) || certain != tt.certain {
				t.Errorf("%v, %v, want %v, %v", got, certain, tt.want, tt.certain)
			}
		})
	}
}

func TestStages(t *testing.T) {
	f := parse(t, "ARG v\nfrom a As B\nRUN c\n\nFROM d\nRUN e\nRUN f\n")
	if f.Instructions[0].Stage != nil || len(f.Stages) != 2 {
		t.Fatal("stages")
	}
	for i, want := range []struct {
		name string
		span string
		n    int
	}{{"b", "from a As B\nRUN c\n", 1}, {"stage 1", "FROM d\nRUN e\nRUN f\n", 2}} {
		s := f.Stages[i]
		if s.String() != want.name || string(f.Bytes(s.Span())) != want.span || len(s.Instructions) != want.n {
			t.Errorf("%s: %q, %d instructions", s, f.Bytes(s.Span()), len(s.Instructions))
		}
	}
	if f.StageByName("B") != f.Stages[0] || f.StageByName("d") != nil {
		t.Error("StageByName")
	}
}
