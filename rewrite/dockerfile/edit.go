package dockerfile

import (
	"bytes"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Replace rewrites a word, and is false when the word has no single span.
func (in *Instruction) Replace(w Word, text string) (Edit, bool) {
	span, ok := in.Span(w)
	return Edit{span, text}, ok
}

// Delete removes an instruction's lines. Comments above it stay. Where it
// leaves two blank lines touching, one goes with it. It is false when comments
// stand between the instruction's lines, which would go too, and when a comment
// below it would turn into a parser directive.
func (in *Instruction) Delete() ([]Edit, bool) {
	if len(in.Comments) > 0 {
		return nil, false
	}
	f, span := in.File, in.Lines
	if after := f.blankAt(span.End); after.Len() > 0 && (span.Start == 0 || f.blankAt(span.Start-1).Len() > 0) {
		span.End = after.End
	}
	return []Edit{{Span: span}}, !f.FreesDirective(span)
}

// FreesDirective reports whether without the lines of cut a comment behind them
// would be read as a parser directive, since nothing before it ends those.
func (f *File) FreesDirective(cut Span) bool {
	return f.directivesGoOn(cut.Start) && cut.End < len(f.Src) && reads(f.Bytes(f.LineSpan(cut.End)))
}

// directivesGoOn reports whether a line at offset at would still be taken for a
// parser directive: nothing else stands before it.
func (f *File) directivesGoOn(at int) bool {
	for _, p := range f.Pieces {
		if p.Start >= at {
			break
		}
		if p.Kind != Directive && !bytes.Equal(f.Bytes(p.Span), bom) {
			return false
		}
	}
	return true
}

// reads reports whether a line reads as a parser directive, a wrong one included.
func reads(line []byte) bool {
	var directives parser.DirectiveParser
	d, err := directives.ParseLine(trimLeft(bytes.TrimRight(line, "\r\n")))
	return d != nil || err != nil
}

// blankAt is the blank line that holds offset off, or an empty span.
func (f *File) blankAt(off int) Span {
	if off < 0 || off >= len(f.Src) {
		return Span{}
	}
	line := f.LineSpan(off)
	if len(bytes.TrimSpace(f.Bytes(line))) > 0 {
		return Span{}
	}
	return line
}

// Block is an instruction's lines with the comments directly above it.
func (in *Instruction) Block() Span {
	span := in.Lines
	if len(in.Leading) > 0 {
		span.Start = in.Leading[0].Start
	}
	return span
}

// MoveBefore moves an instruction, with the comments directly above it, to
// before another one and its comments. It is false when a comment would turn
// into a parser directive, at the place it leaves or at the one it comes to.
func (in *Instruction) MoveBefore(to *Instruction) ([]Edit, bool) {
	f, block, at := in.File, in.Block(), to.Block().Start
	if at >= block.Start && at <= block.End {
		return nil, true // it stands there already
	}
	if f.FreesDirective(block) || f.directivesGoOn(at) && reads(f.Bytes(f.LineSpan(block.Start))) {
		return nil, false
	}
	text := string(f.Bytes(block))
	cut := Edit{Span: block}
	if eol := f.EOL(block.Start); !strings.HasSuffix(text, "\n") {
		// The last line of a file without a final newline moves up: it takes a
		// line ending along, and leaves none behind.
		text += eol
		cut.Start -= len(eol)
	}
	return []Edit{cut, {Span{at, at}, text}}, true
}

// MoveAfter moves an instruction, with the comments directly above it, to behind
// another one, and puts text in the place it leaves: whole lines, or "". It is
// false where it stands there already, and where a comment would turn into a parser
// directive.
func (in *Instruction) MoveAfter(to *Instruction, text string) ([]Edit, bool) {
	f, block, at := in.File, in.Block(), to.Lines.End
	if at <= block.End {
		return nil, false
	}
	if text == "" && f.FreesDirective(block) {
		return nil, false
	}
	moved, eol := string(f.Bytes(block)), f.EOL(block.Start)
	if at == len(f.Src) && !bytes.HasSuffix(f.Src, []byte("\n")) {
		// Behind the last line of a file without a final newline: it has one now, and
		// what is moved has none.
		moved = eol + strings.TrimSuffix(strings.TrimSuffix(moved, "\n"), "\r")
	}
	return []Edit{{Span: block, New: text}, {Span{at, at}, moved}}, true
}

// InsertBefore puts a line of its own before an instruction and the comments
// directly above it, with that place's line ending.
func (in *Instruction) InsertBefore(line string) Edit {
	at := in.Block().Start
	return Edit{Span{at, at}, line + in.File.EOL(at)}
}

// JoinNext makes the arguments of next a continuation of in: glue is put behind
// in's last byte, then the file's escape character; next's keyword and flags
// give way to indent. Comments between the two stay where they are, as comments
// inside the joined instruction; blank lines go, since BuildKit warns of them.
// It is false when next does not follow in, when either has a heredoc, when next
// would read as a comment, or when an interior comment, a continuation or an
// odd kind of white space stands where a byte must change.
func (in *Instruction) JoinNext(next *Instruction, glue, indent string) ([]Edit, bool) {
	f := in.File
	head, args := in.Args(), next.Args()
	if next.Index != in.Index+1 || len(in.Heredocs)+len(next.Heredocs) > 0 || head.S == "" || args.S == "" || args.S[0] == '#' {
		return nil, false
	}
	first, ok := next.Span(args.Sub(0, 1))
	between := slices.Concat(next.Comments, next.Blanks)
	if !ok || slices.ContainsFunc(between, func(s Span) bool { return s.Start < first.Start }) {
		return nil, false // a comment stands between keyword and script
	}
	tail, _ := in.Span(head.Sub(len(head.S)-1, len(head.S)))
	end := tail.End
	if last := f.LineSpan(tail.Start); last.End != in.Lines.End {
		return nil, false // comments or blank lines behind a dangling continuation
	}
	if rest := bytes.TrimRight(f.Src[end:in.Lines.End], "\r\n"); len(bytes.Trim(rest, " \t")) > 0 {
		return nil, false // a continuation has nothing but these behind it
	}
	// White space that ends the line stays, before the glue's own.
	edits := []Edit{
		{Span{end, end}, glue + string(f.Escape)},
		{Span{next.Lines.Start, first.Start}, indent},
	}
	for pos := in.Lines.End; pos < next.Lines.Start; {
		line := f.LineSpan(pos)
		if len(bytes.TrimSpace(f.Bytes(line))) == 0 {
			edits = append(edits, Edit{Span: line})
		}
		pos = line.End
	}
	return edits, true
}
