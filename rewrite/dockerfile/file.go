// Package dockerfile is a lossless model of a Dockerfile. A [File] keeps the
// bytes it was read from and never changes; instructions, comments and gaps
// are views that tile those bytes without a hole or an overlap, and a rewrite
// is a set of [Edit] over them. What an instruction means is BuildKit's word,
// where it stands is ours, and a file on which the two differ is refused.
package dockerfile

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Limits of a file that [Parse] takes.
const (
	MaxSize         = 1 << 20 // bytes
	MaxInstructions = 10_000
)

// File is a parsed Dockerfile. It is immutable and safe for concurrent reads.
type File struct {
	Name         string // as messages show it
	Src          []byte // the bytes as read; never written to
	Escape       byte   // the escape character, \ or `
	Pieces       []Piece
	Instructions []*Instruction
	Stages       []*Stage
	lines        []int             // offset of each line's first byte
	named        map[string]*Stage // the last stage of each name
}

// PieceKind says what a [Piece] of a file is.
type PieceKind int

// The kinds of pieces that tile a file.
const (
	Gap       PieceKind = iota // a blank line, or a byte order mark
	Comment                    // a comment line outside any instruction
	Directive                  // a parser directive: # syntax=, # escape=, # check=
	Code                       // an instruction with everything between its lines
)

// Piece is a run of whole lines of one kind. The pieces of a file, laid end to
// end, are its bytes.
type Piece struct {
	Kind PieceKind
	Span
	Instruction *Instruction // of a Code piece
	Name, Value string       // of a Directive piece
}

// Instruction is one instruction: where it stands and what BuildKit reads in it.
type Instruction struct {
	File     *File
	Index    int                  // position in File.Instructions
	Stage    *Stage               // nil for an ARG before the first FROM
	Lines    Span                 // whole lines, heredoc bodies and the last line ending included
	Text     Text                 // the logical line
	Node     *parser.Node         // BuildKit's syntax node
	Command  instructions.Command // BuildKit's typed command; nil for FROM
	From     *instructions.Stage  // BuildKit's typed FROM; nil for the rest
	Heredocs []Heredoc            // in the order of their bodies
	Comments []Span               // comment lines between the lines of the instruction
	Blanks   []Span               // blank lines there
	Leading  []Span               // comment lines directly above, no blank line between
}

// Heredoc is the body of a here-document. Its lines exclude the terminator's.
type Heredoc struct {
	parser.Heredoc
	Body, Terminator Span
}

// Bytes returns the source of a span.
func (f *File) Bytes(s Span) []byte { return f.Src[s.Start:s.End] }

// Line is the 1-based line number that offset off stands on.
func (f *File) Line(off int) int {
	i, found := slices.BinarySearch(f.lines, off)
	if found {
		return i + 1
	}
	return i
}

// LineStart is the offset of the first byte of a 1-based line; a line beyond the
// last is taken for the last.
func (f *File) LineStart(line int) int {
	return f.lines[min(max(line, 1), len(f.lines))-1]
}

// LineSpan is the whole line that offset off stands on, line ending included.
func (f *File) LineSpan(off int) Span {
	i := f.Line(off)
	if i < len(f.lines) {
		return Span{f.lines[i-1], f.lines[i]}
	}
	return Span{f.lines[i-1], len(f.Src)}
}

// Place is file:line of an offset, as messages begin.
func (f *File) Place(off int) string { return fmt.Sprintf("%s:%d", f.Name, f.Line(off)) }

// EOL is the line ending in use at offset off: that of its own line, or of the
// line before where the last line of a file has none.
func (f *File) EOL(off int) string {
	for i := f.Line(off); i > 0; i-- {
		line := f.Bytes(f.LineSpan(f.lines[i-1]))
		switch {
		case bytes.HasSuffix(line, []byte("\r\n")):
			return "\r\n"
		case bytes.HasSuffix(line, []byte("\n")):
			return "\n"
		}
	}
	return "\n"
}

// Directive returns the parser directive of that name, and false if the file
// has none that BuildKit's parser honours.
func (f *File) Directive(name string) (Piece, bool) {
	for _, p := range f.Pieces {
		if p.Kind == Directive && p.Name == name {
			return p, true
		}
	}
	return Piece{}, false
}

// Stage is a build stage: a FROM and the instructions up to the next one.
type Stage struct {
	Index        int
	Name         string // lower case, as BuildKit keeps it; "" without AS
	From         *Instruction
	Instructions []*Instruction // those after FROM
	Base         *Stage         // the stage that FROM names; nil for an image or scratch
}

// Span covers the stage from its FROM line to the end of its last instruction.
func (s *Stage) Span() Span {
	span := s.From.Lines
	if n := len(s.Instructions); n > 0 {
		span.End = s.Instructions[n-1].Lines.End
	}
	return span
}

// String names the stage as people do: by its name, or its number.
func (s *Stage) String() string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprintf("stage %d", s.Index)
}
