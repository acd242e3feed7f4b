package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// maxFile bounds a source, decompressed, in bytes.
const maxFile = 64 << 20

// read is a whole file, decompressed if its name says so.
func (g *generator) read(name string) ([]byte, error) {
	data, err := fs.ReadFile(g.data, name)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, ".gz") {
		return data, nil
	}
	in, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(out) > maxFile {
		return nil, fmt.Errorf("%s: %w: it is larger than %d bytes", name, errShape, maxFile)
	}
	return out, nil
}

// sheet is a table of tab-separated columns.
type sheet struct {
	name string
	col  map[string]int
	rows []row
}

type row struct {
	line  int // 1-based
	cells []string
}

// sheet reads a table, which must have just these columns and about as many rows
// as it had: half to twice.
func (g *generator) sheet(name string, about int, columns ...string) (*sheet, error) {
	data, err := g.read(name)
	if err != nil {
		return nil, err
	}
	s := &sheet{name: name, col: map[string]int{}}
	for i, c := range columns {
		s.col[c] = i
	}
	header := false
	line := 0
	for text := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n"), "\n") {
		line++
		if !header && strings.HasPrefix(text, "#") {
			continue
		}
		cells := strings.Split(text, "\t")
		if !header {
			header = true
			if !slices.Equal(cells, columns) {
				return nil, fmt.Errorf("%s: %w: its columns are %s and not %s", name, errShape, strings.Join(cells, ", "), strings.Join(columns, ", "))
			}
			continue
		}
		if len(cells) != len(columns) {
			return nil, fmt.Errorf("%s:%d: %w: %d columns and not %d", name, line, errShape, len(cells), len(columns))
		}
		s.rows = append(s.rows, row{line, cells})
	}
	if n := len(s.rows); n < about/2 || n > about*2 {
		return nil, fmt.Errorf("%s: %w: it has %d rows, it had about %d", name, errShape, n, about)
	}
	return s, nil
}

func (s *sheet) get(r row, column string) string {
	i, ok := s.col[column]
	if !ok {
		panic("no column " + column)
	}
	return r.cells[i]
}

// enum are the cells of a column, each of which must be one of these words.
func (s *sheet) enum(column string, words ...string) error {
	for _, r := range s.rows {
		if v := s.get(r, column); !slices.Contains(words, v) {
			return fmt.Errorf("%s:%d: %w: %s is %q, which is new", s.name, r.line, errShape, column, v)
		}
	}
	return nil
}

// filled are columns that no row leaves empty.
func (s *sheet) filled(columns ...string) error {
	for _, r := range s.rows {
		for _, c := range columns {
			if s.get(r, c) == "" {
				return fmt.Errorf("%s:%d: %w: %s is empty", s.name, r.line, errShape, c)
			}
		}
	}
	return nil
}

// first is the first error of some.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
