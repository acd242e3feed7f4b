package command_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// Floors, just under what the table reaches.
const (
	floorKnown      = 97.5 // percent of commands
	floorWhole      = 65.5 // percent of commands
	floorUnderstood = 98.0 // percent of words, in place
	floorValue      = 89.5 // percent of words, with their value
)

type coverage struct {
	scripts, unread, commands, known, whole, inPlace int
	words, understood, open                          int
	programs, options                                map[string]int
}

// TestCorpus measures how much of real scripts the table knows.
func TestCorpus(t *testing.T) {
	sum := coverage{programs: map[string]int{}, options: map[string]int{}}
	for _, file := range corpus.Load(t) {
		f, err := dockerfile.Parse(file.Name, file.Src)
		if err != nil {
			continue
		}
		for _, st := range f.Stages {
			d, read := shell.POSIX, true
			for _, in := range st.Instructions {
				switch c := in.Command.(type) {
				case *instructions.ShellCommand:
					var why string
					d, why = shell.DialectOf(c.Shell)
					read = why == ""
				case *instructions.RunCommand:
					if c.PrependShell && read && !windows(st) {
						sum.script(script(in), d)
					}
				}
			}
		}
	}
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	t.Logf("%d scripts, of which %d do not parse", sum.scripts, sum.unread)
	t.Logf("%d simple commands: %.1f %% known, %.1f %% with every word understood, %.1f %% whole", sum.commands,
		percent(sum.known, sum.commands), percent(sum.inPlace, sum.commands), percent(sum.whole, sum.commands))
	t.Logf("%d words: %.1f %% understood in place, %.1f %% with their value", sum.words,
		percent(sum.understood, sum.words), percent(sum.understood-sum.open, sum.words))
	t.Logf("unknown programs: %s", commonest(sum.programs, 30))
	t.Logf("unknown words: %s", commonest(sum.options, 30))
	for _, x := range []struct {
		what       string
		got, floor float64
	}{
		{"commands are known", percent(sum.known, sum.commands), floorKnown},
		{"commands are whole", percent(sum.whole, sum.commands), floorWhole},
		{"words are understood", percent(sum.understood, sum.words), floorUnderstood},
		{"words are understood with their value", percent(sum.understood-sum.open, sum.words), floorValue},
	} {
		if x.got < x.floor {
			t.Errorf("%.1f %% of %s, floor %.1f", x.got, x.what, x.floor)
		}
	}
}

// windows guesses that a stage runs cmd or PowerShell, for whose images SHELL may
// not be set.
func windows(s *dockerfile.Stage) bool {
	from := strings.ToLower(s.From.Text.S)
	return strings.Contains(from, "windows") || strings.Contains(from, "nanoserver")
}

// script is what the shell of a RUN reads: heredocs go behind the line, or are
// the script where the line is nothing but their name.
func script(in *dockerfile.Instruction) string {
	s := in.Args().S
	if len(in.Heredocs) == 1 && strings.HasPrefix(s, "<<") && !strings.ContainsAny(s, " \t") {
		return string(in.File.Bytes(in.Heredocs[0].Body))
	}
	for _, h := range in.Heredocs {
		s += "\n" + string(in.File.Bytes(h.Body)) + h.Name
	}
	return s
}

func (c *coverage) script(text string, d shell.Dialect) {
	c.scripts++
	s, err := shell.Read(text, d)
	if err != nil {
		c.unread++
		return
	}
	own := map[string]bool{} // functions of the script
	for _, line := range strings.Fields(text) {
		if name, ok := strings.CutSuffix(line, "()"); ok {
			own[name] = true
		}
	}
	for _, x := range s.Commands {
		if own[x.Name()] {
			continue
		}
		m := command.Of(x)
		c.commands++
		c.words += len(x.Words)
		c.understood += len(x.Words) - len(m.Unknown)
		c.open += len(m.Open)
		if m.Whole {
			c.whole++
		}
		if !m.Known {
			c.programs[cmp.Or(x.Name(), "(open)")]++
			continue
		}
		c.known++
		if len(m.Unknown) == 0 {
			c.inPlace++
		}
		for _, i := range m.Unknown {
			w := x.Words[i]
			c.options[m.Program+" "+m.Verb+" "+cmp.Or(w.Value, w.Prefix+"$")]++
		}
	}
}

func commonest(counts map[string]int, n int) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, k := range keys[:min(n, len(keys))] {
		out = append(out, fmt.Sprintf("%.40q %d", k, counts[k]))
	}
	return strings.Join(out, ", ")
}
