package passes

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
)

// edits moves the instructions that the plan moves, with the comments above them.
// Those that come to stand together go in one piece.
func (p *plan) edits() ([]dockerfile.Edit, bool) {
	f := p.c.File
	var out []dockerfile.Edit
	moved := func(i int) bool {
		return slices.ContainsFunc(p.moves, func(m move) bool { return m.from == i })
	}
	var anchor *dockerfile.Instruction
	text := ""
	flush := func() {
		if text == "" {
			return
		}
		at := anchor.Lines.End
		if at == len(f.Src) && !bytes.HasSuffix(f.Src, []byte("\n")) {
			// Behind the last line of a file without a final newline.
			text = f.EOL(at) + strings.TrimRight(text, "\r\n")
		}
		out = append(out, dockerfile.Edit{Span: dockerfile.Span{Start: at, End: at}, New: text})
		text = ""
	}
	for _, i := range p.order {
		in := p.steps[i].in
		if !moved(i) {
			flush()
			anchor = in
			continue
		}
		block := in.Block()
		if f.FreesDirective(block) || anchor == nil {
			return nil, false
		}
		cut, apart := block, false
		if above, below := blankLine(f, block.Start-1), blankLine(f, block.End); above.Len() > 0 {
			// A paragraph of its own stays one, and leaves no gap twice as wide.
			if apart = true; below.Len() > 0 {
				cut.End = below.End
			}
		}
		out = append(out, dockerfile.Edit{Span: cut})
		if apart {
			text += f.EOL(block.Start)
		}
		text += string(f.Bytes(block))
	}
	flush()
	return out, true
}

// blankLine is the blank line that holds an offset, or an empty span.
func blankLine(f *dockerfile.File, off int) dockerfile.Span {
	if off < 0 || off >= len(f.Src) {
		return dockerfile.Span{}
	}
	line := f.LineSpan(off)
	if len(bytes.TrimSpace(f.Bytes(line))) > 0 {
		return dockerfile.Span{}
	}
	return line
}

func (p *plan) title() string {
	var all []string
	for _, m := range p.moves {
		last := p.steps[m.past[len(m.past)-1]].in
		all = append(all, fmt.Sprintf("%s behind %s", brief(p.steps[m.from].in), brief(last)))
	}
	return strings.Join(all, "; ")
}
