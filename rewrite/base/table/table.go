// Package table is the form in which facts about base images are embedded:
// sorted lines of a key and a value, cut into compressed blocks. An index of each
// block's first key stands in front, uncompressed, so that nothing is decoded but
// the blocks in which a key can be.
package table

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

const (
	magic = "restow base facts 1\n"
	// maxRaw is the size in bytes from which a block is closed. It is what a look-up
	// costs; a smaller one would compress worse.
	maxRaw = 12 << 10
	// entry is the size in bytes of a block's entry in the index: the place of its
	// first key, that key's length, the place and size of its data, its size decoded.
	entry = 20
	// maxBlock bounds what a block may claim to be.
	maxBlock = 1 << 20
)

// Line is a key and its value. Neither holds a line break, the key no tab.
type Line struct{ Key, Value string }

// Write makes a table of lines, in any order. The same lines give the same bytes.
func Write(lines []Line) ([]byte, error) {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b Line) int { return strings.Compare(a.Key, b.Key) })
	var (
		keys   []string
		blocks [][]byte
		raws   []int
		raw    bytes.Buffer
	)
	flush := func() error {
		if raw.Len() == 0 {
			return nil
		}
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(raw.Bytes()); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		blocks, raws = append(blocks, out.Bytes()), append(raws, raw.Len())
		raw.Reset()
		return nil
	}
	for i, l := range lines {
		switch {
		case l.Key == "" || strings.ContainsAny(l.Key, "\t\n") || strings.Contains(l.Value, "\n"):
			return nil, fmt.Errorf("%q is no line of a table", l.Key)
		case i > 0 && lines[i-1].Key == l.Key:
			return nil, fmt.Errorf("the key %q is there twice", l.Key)
		}
		size := len(l.Key) + len(l.Value) + 2
		if size > maxBlock {
			return nil, fmt.Errorf("the value of %q is too large", l.Key)
		}
		if raw.Len() > 0 && raw.Len()+size > maxRaw {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		if raw.Len() == 0 {
			keys = append(keys, l.Key)
		}
		fmt.Fprintf(&raw, "%s\t%s\n", l.Key, l.Value)
	}
	if err := flush(); err != nil {
		return nil, err
	}
	place := len(magic) + 4 + entry*len(blocks)
	out := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(blocks)))
	data := place
	for _, k := range keys {
		data += len(k)
	}
	for i, b := range blocks {
		for _, n := range []int{place, len(keys[i]), data, len(b), raws[i]} {
			out = binary.LittleEndian.AppendUint32(out, uint32(n))
		}
		place, data = place+len(keys[i]), data+len(b)
	}
	return append(append(out, strings.Join(keys, "")...), bytes.Join(blocks, nil)...), nil
}

// Table reads what [Write] made. It is safe for concurrent use, keeps the blocks
// it decoded, and decodes none before a key is asked for.
type Table struct {
	data string

	mu     sync.Mutex
	blocks map[int]string
}

// New is a table over data, which is not looked at yet.
func New(data string) *Table { return &Table{data: data} }

// Decoded is how many blocks have been decoded so far.
func (t *Table) Decoded() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.blocks)
}

// Forget drops the decoded blocks.
func (t *Table) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blocks = nil
}

// Blocks is how many there are.
func (t *Table) Blocks() int {
	if !strings.HasPrefix(t.data, magic) {
		panic("not a table of base facts") // it is embedded: a broken build
	}
	return t.number(len(magic))
}

func (t *Table) number(at int) int {
	d := t.data[at : at+4]
	return int(d[0]) | int(d[1])<<8 | int(d[2])<<16 | int(d[3])<<24
}

// first is the first key of a block.
func (t *Table) first(i int) string {
	at := len(magic) + 4 + entry*i
	from, size := t.number(at), t.number(at+4)
	return t.data[from : from+size]
}

// block decodes a block, once.
func (t *Table) block(i int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b, ok := t.blocks[i]; ok {
		return b
	}
	at := len(magic) + 4 + entry*i
	from, size, raw := t.number(at+8), t.number(at+12), t.number(at+16)
	if raw > maxBlock {
		panic("a block of the base facts is too large")
	}
	var out strings.Builder
	out.Grow(raw)
	n, err := io.CopyN(&out, flate.NewReader(strings.NewReader(t.data[from:from+size])), int64(raw))
	if err != nil || n != int64(raw) {
		panic(fmt.Sprintf("block %d of the base facts does not decode: %v", i, err))
	}
	if t.blocks == nil {
		t.blocks = map[int]string{}
	}
	t.blocks[i] = out.String()
	return t.blocks[i]
}

// at is the block in which a key stands, if it does; -1 where it is below all.
func (t *Table) at(key string) int {
	low, high := 0, t.Blocks()
	for low < high {
		mid := (low + high) / 2
		if t.first(mid) <= key {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low - 1
}

// Get finds the value of a key.
func (t *Table) Get(key string) (string, bool) {
	i := t.at(key)
	if i < 0 {
		return "", false
	}
	b := t.block(i)
	want := key + "\t"
	if !strings.HasPrefix(b, want) {
		j := strings.Index(b, "\n"+want)
		if j < 0 {
			return "", false
		}
		b = b[j+1:]
	}
	value, _, _ := strings.Cut(b[len(want):], "\n")
	return value, true
}

// Range calls yield for the lines whose key begins so, in order, until it says no.
func (t *Table) Range(prefix string, yield func(key, value string) bool) {
	for i := max(t.at(prefix), 0); i < t.Blocks(); i++ {
		if f := t.first(i); f > prefix && !strings.HasPrefix(f, prefix) {
			return
		}
		for line := range strings.Lines(t.block(i)) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if strings.HasPrefix(key, prefix) && !yield(key, value) {
				return
			}
		}
	}
}

// Has reports whether any key begins so.
func (t *Table) Has(prefix string) bool {
	found := false
	t.Range(prefix, func(string, string) bool {
		found = true
		return false
	})
	return found
}
