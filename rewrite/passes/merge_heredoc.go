package passes

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/rewrite/dockerfile"
)

// soleHeredoc reports whether a RUN is nothing but one heredoc, whose body the
// shell then gets for a script (dispatchRun in dockerfile2llb).
func soleHeredoc(in *dockerfile.Instruction) bool {
	if len(in.Heredocs) != 1 || len(in.Comments) > 0 || strings.ContainsAny(in.Args().S, " \t") {
		return false
	}
	return parser.MustParseHeredoc(in.Args().S) != nil && !strings.HasPrefix(heredocScript(in), "#!")
}

// heredocScript is the body of a RUN's only heredoc, as the shell gets it.
func heredocScript(in *dockerfile.Instruction) string {
	h := in.Heredocs[0]
	if h.Chomp {
		return parser.ChompHeredocContent(h.Content)
	}
	return h.Content
}

// barsHeredocs names what keeps two RUNs apart of which one is a heredoc, or "".
func barsHeredocs(last, next run) string {
	switch {
	case !last.part.Lines || !next.part.Lines:
		return "only one of the two is a heredoc"
	case len(next.in.Leading) > 0:
		return "a comment stands between the heredocs"
	case last.in.Args().S != next.in.Args().S:
		return "the heredocs end differently"
	}
	a, b := last.in.Heredocs[0], next.in.Heredocs[0]
	between := string(last.in.File.Src[a.Terminator.End:next.in.Lines.Start])
	if strings.TrimSpace(between) != "" || b.Body.Len() == 0 || a.Body.Len() == 0 {
		return "a comment stands between the heredocs"
	}
	return ""
}

// joinedHeredocs makes one heredoc of those of several RUNs, each enclosed.
func joinedHeredocs(runs []run) (edits []dockerfile.Edit) {
	f := runs[0].in.File
	open, shut := runs[0].part.Enclose(false)
	first := filled(runs[0].in)
	eol := f.EOL(first.Start)
	line := func(s string) string { return strings.Trim(s, "\n") }
	edits = append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: runs[0].in.Heredocs[0].Body.Start, End: first.Start}, New: line(open) + eol})
	for i, next := range runs[1:] {
		before, after := next.part.Enclose(i+2 == len(runs))
		edits = append(edits, dockerfile.Edit{
			Span: dockerfile.Span{Start: filled(runs[i].in).End, End: filled(next.in).Start},
			New:  line(shut) + " && " + line(before) + eol,
		})
		shut = after
	}
	last := runs[len(runs)-1].in
	end := dockerfile.Span{Start: filled(last).End, End: last.Heredocs[0].Terminator.Start}
	return append(edits, dockerfile.Edit{Span: end, New: line(shut) + eol})
}

// filled is the body of a RUN's only heredoc without the empty lines at its ends,
// which are no part of the script (shell.Part).
func filled(in *dockerfile.Instruction) dockerfile.Span {
	h := in.Heredocs[0]
	out := dockerfile.Span{Start: h.Body.End, End: h.Body.End}
	for pos := h.Body.Start; pos < h.Body.End; {
		line := in.File.LineSpan(pos)
		pos = line.End
		text := string(in.File.Bytes(line))
		if h.Chomp {
			text = strings.TrimLeft(text, "\t")
		}
		if text != "\n" {
			out.Start, out.End = min(out.Start, line.Start), line.End
		}
	}
	return out
}
