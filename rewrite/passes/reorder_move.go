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
		out = append(out, dockerfile.Edit{Span: block})
		text += string(f.Bytes(block))
	}
	flush()
	return out, true
}

func (p *plan) title() string {
	var all []string
	for _, m := range p.moves {
		last := p.steps[m.past[len(m.past)-1]].in
		all = append(all, fmt.Sprintf("%s behind %s", brief(p.steps[m.from].in), brief(last)))
	}
	return strings.Join(all, "; ")
}
