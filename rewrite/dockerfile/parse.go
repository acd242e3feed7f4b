package dockerfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Parse reads a Dockerfile. The error of a file that BuildKit refuses, that is
// over a limit, or whose logical lines differ from BuildKit's begins with
// file:line and says what is wrong. src is kept, not copied, and must not be
// changed afterwards.
func Parse(name string, src []byte) (*File, error) {
	if len(src) > MaxSize {
		return nil, fmt.Errorf("%s:1: the file has %d bytes, more than the %d that restow reads", name, len(src), MaxSize)
	}
	if line, err := lineError(src); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, line, err)
	}
	res, err := parseAST(src)
	if err != nil {
		return nil, placed(name, err)
	}
	nodes := res.AST.Children
	if len(nodes) > MaxInstructions {
		return nil, fmt.Errorf("%s:%d: the file has %d instructions, more than the %d that restow reads",
			name, nodes[MaxInstructions].StartLine, len(nodes), MaxInstructions)
	}
	f := &File{Name: name, Src: src, Escape: byte(res.EscapeToken)}
	r := reader{f: f, nodes: nodes}
	if err := r.read(); err != nil {
		return nil, err
	}
	if err := f.typed(); err != nil {
		return nil, err
	}
	f.link()
	return f, nil
}

// lineError finds what BuildKit refuses too, but places on the line before: a
// line that is too long, and a wrong directive.
func lineError(src []byte) (line int, err error) {
	var directives parser.DirectiveParser
	for text := range bytes.Lines(bytes.TrimPrefix(src, bom)) {
		line++
		if n := len(bytes.TrimSuffix(text, []byte("\n"))); n >= bufio.MaxScanTokenSize {
			return line, fmt.Errorf("the line has %d bytes, more than the %d that BuildKit reads", n, bufio.MaxScanTokenSize-1)
		}
		d, err := directives.ParseLine(trimLeft(bytes.TrimRight(text, "\r\n")))
		if err != nil {
			return line, err
		}
		if d != nil && d.Name == "escape" && d.Value != "\\" && d.Value != "`" {
			return line, fmt.Errorf("# escape=%s is neither \\ nor `", d.Value)
		}
	}
	return 0, nil
}

// parseAST calls BuildKit's parser behind recover: it is fed hostile input, and
// a panic of its must refuse one file, not end the run.
func parseAST(src []byte) (res *parser.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			res, err = nil, fmt.Errorf("BuildKit's parser failed on this file: %v", p)
		}
	}()
	return parser.Parse(bytes.NewReader(src))
}

// placed gives a BuildKit error the file:line it belongs to.
func placed(name string, err error) error {
	line := 1
	var at *parser.LocationError
	if errors.As(err, &at) {
		for _, ranges := range at.Locations {
			if len(ranges) > 0 {
				line = max(1, ranges[0].Start.Line)
			}
		}
	}
	return fmt.Errorf("%s:%d: %w", name, line, err)
}

// reader repeats the loop of BuildKit's parser (Parse in parser.go) with byte
// offsets, and compares every logical line with BuildKit's.
type reader struct {
	f          *File
	nodes      []*parser.Node
	pos, line  int // of the next line
	directives parser.DirectiveParser
	comments   []Span // comment lines since the last blank line or instruction
}

// next returns the span of the next line, its text without the line ending,
// and false at the end of the file.
func (r *reader) next() (Span, []byte, bool) {
	src := r.f.Src
	if r.pos >= len(src) {
		return Span{}, nil, false
	}
	end := len(src)
	if i := bytes.IndexByte(src[r.pos:], '\n'); i >= 0 {
		end = r.pos + i + 1
	}
	span := Span{r.pos, end}
	r.f.lines = append(r.f.lines, r.pos)
	r.pos = end
	r.line++
	return span, bytes.TrimRight(src[span.Start:span.End], "\r\n"), true
}

func (r *reader) piece(kind PieceKind, s Span) *Piece {
	r.f.Pieces = append(r.f.Pieces, Piece{Kind: kind, Span: s})
	return &r.f.Pieces[len(r.f.Pieces)-1]
}

func (r *reader) read() error {
	for {
		span, body, ok := r.next()
		if !ok {
			break
		}
		if span.Start == 0 && bytes.HasPrefix(body, bom) {
			body = body[len(bom):]
			r.piece(Gap, Span{0, len(bom)})
			span.Start = len(bom)
		}
		text := trimLeft(body)
		directive, err := r.directives.ParseLine(text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", r.f.Name, r.line, err)
		}
		switch {
		case directive != nil:
			p := r.piece(Directive, span)
			p.Name, p.Value = directive.Name, directive.Value
		case len(text) == 0:
			r.piece(Gap, span)
			r.comments = nil
		case text[0] == '#':
			r.piece(Comment, span)
			r.comments = append(r.comments, span)
		default:
			if err := r.instruction(span, body, text); err != nil {
				return err
			}
		}
	}
	if len(r.f.Instructions) != len(r.nodes) {
		return r.differs(r.line, "number of instructions")
	}
	return nil
}

// instruction reads the instruction that begins on the line span, whose text
// is body with and text without its indentation.
func (r *reader) instruction(span Span, body, text []byte) error {
	if len(r.f.Instructions) >= len(r.nodes) {
		return r.differs(r.line, "number of instructions")
	}
	node := r.nodes[len(r.f.Instructions)]
	if node.StartLine != r.line {
		return r.differs(r.line, "first line")
	}
	in := &Instruction{File: r.f, Index: len(r.f.Instructions), Node: node, Leading: r.comments}
	r.comments = nil
	src := r.f.Src
	var logical strings.Builder
	add := func(part []byte, at int) {
		in.Text.segs = append(in.Text.segs, segment{logical.Len(), at})
		logical.Write(part)
	}
	start := span.Start
	part, more := r.cut(text)
	at := span.Start + len(body) - len(text)
	// One line is the common case and needs no copy: BuildKit already made it.
	if !more {
		in.Text = Text{S: string(part), segs: []segment{{0, at}}}
	} else {
		add(part, at)
	}
	for more {
		line, body, ok := r.next()
		if !ok {
			break
		}
		span = line
		trimmed := trimLeft(body)
		switch {
		case len(trimmed) == 0:
			in.Blanks = append(in.Blanks, line)
			continue
		case trimmed[0] == '#':
			in.Comments = append(in.Comments, line)
			continue
		}
		part, more = r.cut(body)
		add(part, line.Start)
	}
	if in.Text.S == "" {
		in.Text.S = logical.String()
	}
	if in.Text.S != node.Original {
		return r.differs(node.StartLine, "text")
	}
	in.Text.S = node.Original // one copy of the bytes, not two
	for _, h := range node.Heredocs {
		doc := Heredoc{Heredoc: h, Body: Span{r.pos, r.pos}}
		for {
			line, body, ok := r.next()
			if !ok {
				return r.differs(r.line, "end of heredoc "+h.Name)
			}
			span = line
			if h.Chomp {
				body = bytes.TrimLeft(body, "\t")
			}
			if string(body) == h.Name {
				doc.Body.End, doc.Terminator = line.Start, line
				break
			}
		}
		if string(src[doc.Body.Start:doc.Body.End]) != h.Content {
			return r.differs(node.StartLine, "body of heredoc "+h.Name)
		}
		in.Heredocs = append(in.Heredocs, doc)
	}
	if node.EndLine != r.line {
		return r.differs(node.StartLine, "last line")
	}
	in.Lines = Span{start, span.End}
	r.piece(Code, in.Lines).Instruction = in
	r.f.Instructions = append(r.f.Instructions, in)
	return nil
}

// cut takes the continuation off a line, as the regular expression in
// setEscapeToken does: the escape character, blanks behind it, and not another
// escape character before it.
func (r *reader) cut(line []byte) (part []byte, more bool) {
	end := len(bytes.TrimRight(line, " \t"))
	if end == 0 || line[end-1] != r.f.Escape || (end > 1 && line[end-2] == r.f.Escape) {
		return line, false
	}
	return line[:end-1], true
}

func (r *reader) differs(line int, what string) error {
	return fmt.Errorf("%s:%d: restow and BuildKit read another %s here, so the file is left alone; please report it", r.f.Name, line, what)
}

var bom = []byte("\xef\xbb\xbf")

func trimLeft(line []byte) []byte { return bytes.TrimLeftFunc(line, unicode.IsSpace) }

// typed fills in BuildKit's typed commands and the stages, refusing what
// BuildKit's instructions.Parse refuses.
func (f *File) typed() (err error) {
	var at *Instruction
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: BuildKit's parser failed on this instruction: %v", f.Place(at.Lines.Start), p)
		}
	}()
	var stage *Stage
	// Without a linter BuildKit fails on a comment # check=skip= (v0.33.1).
	lint := linter.New(&linter.Config{})
	for _, in := range f.Instructions {
		at = in
		v, err := instructions.ParseInstructionWithLinter(in.Node, lint)
		if err != nil {
			return placed(f.Name, err)
		}
		switch c := v.(type) {
		case *instructions.Stage:
			stage = &Stage{Index: len(f.Stages), Name: c.Name, From: in}
			f.Stages = append(f.Stages, stage)
			in.From, in.Stage = c, stage
		case instructions.Command:
			if _, isArg := c.(*instructions.ArgCommand); stage == nil && !isArg {
				return fmt.Errorf("%s: %s stands before the first FROM, where only ARG may; move it below", f.Place(in.Lines.Start), strings.ToUpper(in.Node.Value))
			}
			in.Command, in.Stage = c, stage
			if stage != nil {
				stage.Instructions = append(stage.Instructions, in)
			}
		default:
			return fmt.Errorf("%s: BuildKit reads an unknown kind of instruction (%T) here", f.Place(in.Lines.Start), v)
		}
	}
	if len(f.Stages) == 0 {
		return fmt.Errorf("%s:1: no FROM, so there is nothing to build; is this a Dockerfile?", f.Name)
	}
	return nil
}
