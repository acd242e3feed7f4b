package effect_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/effect"
	"github.com/restow/restow/rewrite/proof"
)

// files are the kinds that make an operation each, whose order the graph shows by
// construction: TestFiles looks at those.
var files = []string{"RUN", "COPY", "ADD", "WORKDIR"}

func touchesFiles(in string) bool { return slices.Contains(files, strings.Fields(in)[0]) }

// TestPairs swaps neighbours and asks BuildKit's compiler. Where Commutes allows
// it, graph and config stay the same.
func TestPairs(t *testing.T) {
	list := effect.Literals
	if testing.Short() {
		list = nil
		for i := 0; i < len(effect.Literals); i += 3 {
			list = append(list, effect.Literals[i])
		}
	}
	table := effect.Tally{}
	compiled := map[string]*proof.Build{}
	build := func(src string) *proof.Build {
		b, ok := compiled[src]
		if !ok {
			var err error
			if b, err = proof.Compile(context.Background(), effect.Parse(t, src), nil, nil); err != nil {
				b = nil
			}
			compiled[src] = b
		}
		return b
	}
	for _, head := range []string{"FROM a\nARG v=8\nENV w=7\nWORKDIR /top\n", "FROM scratch\n", "FROM i AS b\nARG n=1\nUSER x\nCMD c\nFROM b\n"} {
		for _, a := range list {
			for _, b := range list {
				if a == b || touchesFiles(a) && touchesFiles(b) {
					continue
				}
				const tail = "RUN after\nWORKDIR below\nCOPY z z\nLABEL probe=$v-$w-$x-$y-$z-$n-$m\n"
				forth, back := build(head+a+"\n"+b+"\n"+tail), build(head+b+"\n"+a+"\n"+tail)
				if forth == nil && back == nil {
					continue
				}
				_, x, y := effect.Effects(t, head, a, b)
				same := forth != nil && back != nil && proof.SameBuild(forth, back) == nil
				table.Add(a, b, effect.Commutes(x, y), same)
				if effect.Commutes(x, y) && !same {
					t.Errorf("%s%s\n%s\nmay not change places: %+v %+v", head, a, b, x, y)
				}
				if p, ok := x.Conflict(y); ok == effect.Commutes(x, y) || ok && p.String() == "" {
					t.Errorf("%s and %s conflict: %v %v", a, b, p, ok)
				}
			}
		}
	}
	t.Logf("\n%s", table)
}
