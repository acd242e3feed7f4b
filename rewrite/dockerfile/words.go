package dockerfile

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a range of an instruction's logical line, as it stands there: quotes
// and escapes included.
type Word struct {
	Lo, Hi int // bytes of Instruction.Text.S
	S      string
}

func (in *Instruction) word(lo, hi int) Word { return Word{lo, hi, in.Text.S[lo:hi]} }

// Sub is the part lo:hi of a word, a word of its own.
func (w Word) Sub(lo, hi int) Word { return Word{w.Lo + lo, w.Lo + hi, w.S[lo:hi]} }

// Span is where a word stands in the file, and false when a continuation cuts
// it: then it has no single span.
func (in *Instruction) Span(w Word) (Span, bool) { return in.Text.Source(w.Lo, w.Hi) }

// Keyword is the instruction's name as written.
func (in *Instruction) Keyword() Word {
	k, _, _ := in.split()
	return k
}

// Is reports whether the instruction's name is that, in any case.
func (in *Instruction) Is(name string) bool { return strings.EqualFold(in.Node.Value, name) }

// Flags are the --flags before the arguments, as written.
func (in *Instruction) Flags() []Word {
	_, flags, _ := in.split()
	return flags
}

// Args is all that follows the flags, without the white space around it.
func (in *Instruction) Args() Word {
	_, _, args := in.split()
	return args
}

// JSON reports whether BuildKit reads the arguments as a JSON array.
func (in *Instruction) JSON() bool { return in.Node.Attributes["json"] }

// split cuts the logical line as splitCommand and extractBuilderFlags of
// BuildKit's parser do. The flags are read byte by byte there, so that a byte
// of a longer rune can count as white space: repeated here on purpose.
func (in *Instruction) split() (keyword Word, flags []Word, args Word) {
	s := in.Text.S
	lo := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	end := lo + len(strings.TrimSpace(s[lo:]))
	k := end
	if i := strings.IndexAny(s[lo:end], blanks); i >= 0 {
		k = lo + i
	}
	keyword = in.word(lo, k)
	pos := k + len(s[k:end]) - len(strings.TrimLeft(s[k:end], blanks))
	for {
		for pos < end && isByteSpace(s[pos]) {
			pos++
		}
		if !strings.HasPrefix(s[pos:end], "--") {
			return keyword, flags, in.trimmed(pos, end)
		}
		flag, n := pos, 0 // n counts the bytes BuildKit keeps of this flag
		var quote byte
		for ; pos < end && (quote != 0 || !isByteSpace(s[pos])); pos++ {
			switch c := s[pos]; {
			case c == in.File.Escape:
				if pos++; pos < end {
					n++ // whatever follows belongs to the flag
				}
			case quote != 0 && c == quote:
				quote = 0
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			default:
				n++
			}
		}
		pos = min(pos, end)
		if n == len("--") { // ends the flags
			return keyword, flags, in.trimmed(pos, end)
		}
		flags = append(flags, in.word(flag, pos))
	}
}

func isByteSpace(c byte) bool { return unicode.IsSpace(rune(c)) }

// trimmed is the word lo:hi without the white space at its ends.
func (in *Instruction) trimmed(lo, hi int) Word {
	s := in.Text.S[lo:hi]
	lo += len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	return in.word(lo, lo+len(strings.TrimSpace(s)))
}

// Fields are the arguments cut at white space, quotes or not, as BuildKit cuts
// those of FROM, COPY, ADD, EXPOSE and VOLUME in their shell form.
func (in *Instruction) Fields() []Word {
	args := in.Args()
	var out []Word
	for pos := 0; pos < len(args.S); {
		n := strings.IndexAny(args.S[pos:], blanks)
		if n < 0 {
			n = len(args.S) - pos
		}
		if n > 0 {
			out = append(out, args.Sub(pos, pos+n))
		}
		pos += max(n, 1)
	}
	return out
}

// QuotedFields are the arguments cut at white space outside quotes, as BuildKit
// cuts those of ENV, LABEL and ARG (parseWords). A word keeps its quotes.
func (in *Instruction) QuotedFields() []Word {
	args := in.Args()
	var out []Word
	start, quote := -1, rune(0)
	for pos := 0; pos < len(args.S); {
		c, n := utf8.DecodeRuneInString(args.S[pos:])
		switch {
		case start < 0 && unicode.IsSpace(c):
			pos += n
			continue
		case quote == 0 && unicode.IsSpace(c):
			out = append(out, args.Sub(start, pos))
			start = -1
			pos += n
			continue
		case start < 0:
			start = pos
		}
		switch {
		case c == rune(in.File.Escape) && quote != '\'':
			pos += n
			if pos < len(args.S) {
				_, n = utf8.DecodeRuneInString(args.S[pos:])
			} else {
				n = 0
			}
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		}
		pos += n
	}
	if start >= 0 && args.S[start:] != string(in.File.Escape) { // a lone escape at the end is dropped
		out = append(out, args.Sub(start, len(args.S)))
	}
	return out
}
