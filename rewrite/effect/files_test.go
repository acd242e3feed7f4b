package effect

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// pick is one of several.
func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// generator makes instructions for the model over a handful of paths, so that
// they meet often.
type generator struct{ *rand.Rand }

func (g generator) path() string {
	return pick(g.Rand, "/a", "/a/b", "/a/b/c", "/a/x", "/d", "/d/e", "/d/x", "/l", "/l/b", "/l/x", "/tmp/x", "/tmp/y", "/usr/m", "/var/n/o", "/k", "/k/x")
}

func (g generator) name() string {
	if g.IntN(4) == 0 {
		return pick(g.Rand, "x", "b", "b/c", "./x", "e")
	}
	return g.path()
}

func (g generator) command() string {
	switch g.IntN(14) {
	case 0, 1:
		return "touch " + g.name()
	case 2:
		return "echo " + pick(g.Rand, "1", "2") + " > " + g.name()
	case 3:
		return "mkdir " + g.name()
	case 4, 5:
		return "mkdir -p " + g.name()
	case 6:
		return "rm " + pick(g.Rand, "", "-r ", "-rf ") + g.name()
	case 7:
		return "cat " + g.name() + " > " + g.name()
	case 8:
		return "ls " + pick(g.Rand, "/", ".", g.name()) + " > " + g.name()
	case 9:
		return "cp " + pick(g.Rand, "", "-r ") + g.name() + " " + g.name()
	case 10:
		return "mv " + g.name() + " " + g.name()
	case 11:
		return "ln -s " + g.name() + " " + g.name()
	case 12:
		return "test -e " + g.name() + " && touch " + g.name()
	default:
		return "cd " + g.name()
	}
}

func (g generator) instruction() string {
	switch g.IntN(14) {
	case 0, 1, 2:
		return "COPY " + pick(g.Rand, "", "", "", "--chown=7 ", "--link ", "--link --chown=7 ") + pick(g.Rand, "f", "g", "s", "t") + " " + g.name() + pick(g.Rand, "", "/")
	case 3:
		return "COPY <<h " + g.name() + pick(g.Rand, "", "/") + "\n1\nh"
	case 4:
		return "WORKDIR " + g.name()
	case 5:
		return "USER " + pick(g.Rand, "0", "7")
	default:
		cmds := []string{g.command()}
		for g.IntN(3) == 0 {
			cmds = append(cmds, g.command())
		}
		return "RUN " + strings.Join(cmds, " && ")
	}
}

// outcome is what the model makes of a file.
func outcome(t testing.TB, src string) string {
	m := newModel()
	if err := m.run(stageOf(t, src).Instructions); err != nil {
		return "failed"
	}
	return fmt.Sprint(m, m.user, m.dir)
}

// TestFiles swaps neighbours that touch files, after a random beginning and
// before a random end, in a model of what they do. Where Commutes allows it, the
// outcome is the same.
func TestFiles(t *testing.T) {
	const seed = 7
	rounds := 30000
	if testing.Short() {
		rounds = 3000
	}
	g := generator{rand.New(rand.NewPCG(seed, seed))}
	table := tally{}
	wrong := 0
	for range rounds {
		head := "FROM scratch\n"
		if g.IntN(2) == 0 {
			head = "FROM a\nUSER 0\nWORKDIR /\n"
		}
		for range g.IntN(5) {
			if next := head + g.instruction() + "\n"; outcome(t, next) != "failed" {
				head = next
			}
		}
		a, b := g.instruction(), g.instruction()
		e, x, y := effects(t, head, a, b)
		forth, back := outcome(t, head+a+"\n"+b+"\n"), outcome(t, head+b+"\n"+a+"\n")
		if forth == "failed" && back == "failed" {
			continue
		}
		same := forth == back
		table.Add(a, b, Commutes(x, y), same)
		if Commutes(x, y) && !same {
			if wrong++; wrong <= 5 {
				t.Errorf("%s%s\n%s\nmay not change places\n%+v\n%+v\n%+v\n%s---\n%s", head, a, b, e, x, y, forth, back)
			}
		}
	}
	t.Logf("%d wrong\n%s", wrong, table)
}
