package proof

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// Limits of what compiling may build up from one file.
const (
	maxValue = 1 << 20   // bytes of one value
	maxGraph = 256 << 20 // bytes of all operations of all targets
	maxWork  = 1 << 18   // instructions, each counted once for every target: some seconds

	inherited = 256 // bytes taken for a value that the base image or BuildKit sets
)

// bounded refuses a file whose compilation grows beyond all use: ARG B=$A$A, ARG
// C=$B$B and so on doubles a value with every line, each RUN carries the whole
// environment, and each target is compiled by itself. The bound is from above:
// values never shrink, and what an operator of ${} drops counts.
func bounded(f *dockerfile.File) error {
	b := bound{length: map[string]int{}}
	stages := len(targets(f))
	if n := len(f.Instructions); n*stages > maxWork {
		return fmt.Errorf("%s:1: %d instructions in %d targets are more than restow compiles", f.Name, n, stages)
	}
	for _, in := range f.Instructions {
		if size := b.instruction(in); size > maxValue || b.dir > maxValue || b.graph > maxGraph/stages {
			return fmt.Errorf("%s: variables expand to more than restow compiles", f.Place(in.Lines.Start))
		}
	}
	return nil
}

type bound struct {
	length map[string]int // of each variable's value, by plain names
	other  int            // of the longest value of any other name: quoted, escaped, behind a variable
	env    int            // of the environment that a RUN carries
	shell  int
	dir    int
	graph  int // of all operations so far
}

// instruction adds an instruction to the bound and returns the longest value it
// makes.
func (b *bound) instruction(in *dockerfile.Instruction) int {
	size := len(in.Text.S)
	switch {
	case in.Is("ARG"), in.Is("ENV"):
		size = b.settings(in)
	case in.Is("RUN"):
		b.graph += b.env + b.shell + b.dir
	case in.Is("SHELL"):
		b.shell = max(b.shell, size)
	case in.Is("WORKDIR"):
		size = b.expanded(in.Text.S)
		if strings.HasPrefix(in.Args().S, "/") {
			b.dir = max(b.dir, size)
		} else {
			b.dir += size
		}
		b.graph += b.dir
	default:
		size = b.expanded(in.Text.S)
		for _, h := range in.Heredocs {
			size += b.expanded(h.Content)
		}
		b.graph += b.dir * len(in.Fields())
	}
	b.graph += size
	return size
}

// settings takes in what an ARG or ENV sets, word by word.
func (b *bound) settings(in *dockerfile.Instruction) (longest int) {
	words := in.QuotedFields()
	if len(words) > 0 && in.Is("ENV") && !strings.Contains(words[0].S, "=") {
		all := in.Args() // the old form: the rest is one value
		return b.set(words[0].S, all.S)
	}
	for _, w := range words {
		name, _, _ := strings.Cut(w.S, "=")
		longest = max(longest, b.set(name, w.S))
	}
	return longest
}

func (b *bound) set(name, value string) int {
	size := b.expanded(value)
	if !identifier(name) {
		b.env += size
		b.other = max(b.other, size)
		return size
	}
	if old := b.length[name]; size > old {
		b.env += size - old
		b.length[name] = size
	}
	return size
}

// expanded is a bound of what s expands to. ${v//pattern/text} puts text in
// once for each byte of v, and once more.
func (b *bound) expanded(s string) int {
	size := len(s)
	for rest := s; size <= maxValue; {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			return size
		}
		rest = rest[i+1:]
		name, after := variable(rest)
		n, known := b.length[name]
		if !known {
			n = inherited
		}
		n = max(n, b.other)
		size += n
		if strings.HasPrefix(rest, "{") && strings.HasPrefix(after, "/") {
			others := 0
			for _, r := range strings.Split(after, "$")[1:] {
				other, _ := variable(r)
				others += max(b.length[other], b.other)
			}
			size += (n + 1) * (len(after) + others)
		}
	}
	return size
}

// variable reads the name of a variable behind its dollar sign, "" for one that
// is no identifier, and what follows the name.
func variable(s string) (name, after string) {
	s = strings.TrimPrefix(s, "{")
	end := 0
	for end < len(s) && (s[end] == '_' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' || end > 0 && s[end] >= '0' && s[end] <= '9') {
		end++
	}
	return s[:end], s[end:]
}

func identifier(s string) bool {
	name, after := variable(s)
	return name != "" && after == "" && !strings.HasPrefix(s, "{")
}
