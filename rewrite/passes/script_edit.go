package passes

import (
	"bytes"
	"sort"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// docLine says that the script's bytes from at on stand at src in the file, up to
// those of the next. Where <<- takes tabs away each line has one.
type docLine struct{ at, src int }

// docLines is where the body of a RUN's only heredoc stands.
func docLines(in *dockerfile.Instruction) []docLine {
	h := in.Heredocs[0]
	if !h.Chomp {
		return []docLine{{0, h.Body.Start}}
	}
	var out []docLine
	at, src := 0, h.Body.Start
	for line := range bytes.Lines(in.File.Bytes(h.Body)) {
		tabs := len(line) - len(bytes.TrimLeft(line, "\t"))
		out = append(out, docLine{at, src + tabs})
		at, src = at+len(line)-tabs, src+len(line)
	}
	return out
}

// span is where a part of the script stands in the file. It is false where that is
// not one run of bytes: a line continuation cuts it, or tabs that <<- takes away.
func (s *script) span(lo, hi int) (dockerfile.Span, bool) {
	if s.doc == nil {
		return s.in.Span(s.args.Sub(lo, hi))
	}
	i := sort.Search(len(s.doc), func(i int) bool { return s.doc[i].at > lo }) - 1
	if i < 0 || i+1 < len(s.doc) && hi > s.doc[i+1].at {
		return dockerfile.Span{}, false
	}
	start := s.doc[i].src + lo - s.doc[i].at
	return dockerfile.Span{Start: start, End: start + hi - lo}, true
}

// first and last are where the first and the last byte of a part of the script
// stand, as empty spans before the one and behind the other.
func (s *script) first(lo int) (int, bool) {
	span, ok := s.span(lo, lo+1)
	return span.Start, ok
}

func (s *script) last(hi int) (int, bool) {
	span, ok := s.span(max(hi-1, 0), hi)
	return span.End, ok && hi > 0
}

// between is what stands in the file between two bytes of the script; "" where
// that is not to be told.
func (s *script) between(left, right int) string {
	from, ok1 := s.last(left)
	to, ok2 := s.first(right)
	if !ok1 || !ok2 || from > to {
		return ""
	}
	return string(s.in.File.Src[from:to])
}

// commented reports whether a comment stands in a part of the file that lies
// between words of the script: of the Dockerfile, or of a heredoc's script.
func (s *script) commented(cut dockerfile.Span) bool {
	if s.doc != nil {
		return bytes.IndexByte(s.in.File.Bytes(cut), '#') >= 0
	}
	for _, comment := range s.in.Comments {
		if cut.Contains(comment) {
			return true
		}
	}
	return false
}

// replace writes text in the place of a part of the script. It is false where
// [script.span] is.
func (s *script) replace(lo, hi int, text string) (dockerfile.Edit, bool) {
	span, ok := s.span(lo, hi)
	return dockerfile.Edit{Span: span, New: text}, ok
}

// insert puts text behind the byte before at.
func (s *script) insert(at int, text string) (dockerfile.Edit, bool) {
	pos, ok := s.last(at)
	return dockerfile.Edit{Span: dockerfile.Span{Start: pos, End: pos}, New: text}, ok
}

// before puts text in front of the byte at.
func (s *script) before(at int, text string) (dockerfile.Edit, bool) {
	pos, ok := s.first(at)
	return dockerfile.Edit{Span: dockerfile.Span{Start: pos, End: pos}, New: text}, ok
}

// remove takes a word away with the blanks before it. It is false where that would
// take more than blanks, or leave a line with a lone continuation.
func (s *script) remove(w shell.Word) (dockerfile.Edit, bool) {
	lo := w.Lo
	for lo > 0 && (s.Text[lo-1] == ' ' || s.Text[lo-1] == '\t') {
		lo--
	}
	if edit, ok := s.replace(lo, w.Hi, ""); ok && (s.doc == nil || lo > 0 && s.Text[lo-1] != '\n') {
		return edit, true
	}
	// The word begins its line: the blanks behind it go instead.
	hi := w.Hi
	for hi < len(s.Text) && (s.Text[hi] == ' ' || s.Text[hi] == '\t') {
		hi++
	}
	edit, ok := s.replace(w.Lo, hi, "")
	if !ok {
		return edit, false
	}
	f := s.in.File
	line := f.LineSpan(edit.Start)
	rest := string(f.Src[line.Start:edit.Start]) + string(f.Src[edit.End:line.End])
	return edit, strings.Trim(rest, " \t\r\n"+string(f.Escape)) != ""
}

// behindVerb puts text behind the subcommand of a command; in and from are those
// of [unwrapped].
func (s *script) behindVerb(m meant, in command.Meaning, from int, text string) (dockerfile.Edit, bool) {
	for i := len(in.Roles) - 1; i >= 0; i-- {
		if in.Roles[i].Kind == command.Verb {
			return s.insert(m.Words[from+i].Hi, text)
		}
	}
	return dockerfile.Edit{}, false
}

// gap is what stands between two items of the script in the file: the operator
// and the layout around it. It is "" where that is more than one line end.
func (s *script) gap(i int) string {
	text := s.between(s.Top[i].Hi, s.Top[i+1].Lo)
	if strings.Contains(text, "#") || strings.Count(text, "\n") > 1 {
		return ""
	}
	return text
}

// lead is the white space that the line of a byte of the file begins with.
func (s *script) lead(off int) string {
	text := string(s.in.File.Bytes(s.in.File.LineSpan(off)))
	return text[:len(text)-len(strings.TrimLeft(text, " \t"))]
}
