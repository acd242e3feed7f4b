package passes

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// LegacyEnv writes ENV k v and LABEL k v as k=v.
var LegacyEnv = &rewrite.Pass{
	Name:  "legacy-env",
	Rule:  "LegacyKeyValueFormat",
	Claim: rewrite.SameBuild,
	Run:   legacyEnv,
	Doc: `Write ENV and LABEL with an equals sign: ENV key=value.

In the old form, ENV key value, everything behind the key is the value, blanks
and a second key=value included, which is not what most people expect.

Why it is right: the value is quoted where the new form would cut it at white
space, with the same variables expanded, and the build graph and the image
config are checked to be the same.

Refused: a value in which quotes and blanks are mixed, so that no quoting can
be shown to be the same, and a key that a line continuation cuts. Where only the
value stands on the next line, the key moves down to it.`,
}

func legacyEnv(c *rewrite.Context) {
	for _, in := range c.File.Instructions {
		if !in.Is("ENV") && !in.Is("LABEL") {
			continue
		}
		args := in.Args()
		words := in.QuotedFields()
		if len(words) == 0 || strings.Contains(words[0].S, "=") {
			continue
		}
		// BuildKit's test is the first word as quotes make it, its cut the first blank.
		gap := strings.IndexAny(args.S, "\t\v\f\r ")
		if gap <= 0 {
			continue
		}
		value := gap + len(args.S[gap:]) - len(strings.TrimLeft(args.S[gap:], "\t\v\f\r "))
		k := strings.ToUpper(in.Node.Value)
		f := rewrite.Finding{At: in, Message: fmt.Sprintf("%s %s is followed by a blank instead of =", k, args.S[:gap])}
		quoted, ok := quoteValue(args.S[value:], in.File.Escape)
		edits, single := joinPair(in, args, gap, value, quoted)
		switch key := args.S[:gap]; {
		case !balanced(key, in.File.Escape) || strings.ContainsFunc(key, unicode.IsSpace):
			f.Refused = "the key has a quote that does not close, or white space of another kind"
		case !ok:
			f.Refused = "the value has quotes or escapes beside blanks, or a quote that does not close"
		case !single:
			f.Refused = "the key is cut by a line continuation"
		default:
			f.Fix = &rewrite.Fix{
				Title: fmt.Sprintf("%s %s=…", k, args.S[:gap]),
				Why:   "the old form takes the rest of the line as one value, and BuildKit warns of it",
				Claim: rewrite.SameBuild, Edits: edits,
			}
		}
		c.Report(f)
	}
}

type quotes struct{ open, end string }

// quoteValue finds quotes that make one word of a value. A value that is one
// word already needs none; one with blanks and no quote or escape in it takes
// double quotes, inside which variables are expanded as before.
func quoteValue(v string, escape byte) (quotes, bool) {
	blank := strings.ContainsFunc(v, unicode.IsSpace)
	marks := strings.ContainsAny(v, `"'`+string(escape))
	switch {
	case !blank && !marks:
		return quotes{}, true
	case blank && !marks:
		return quotes{`"`, `"`}, true
	case !marks || !balanced(v, escape):
		return quotes{}, false
	}
	return quotes{}, true
}

// balanced reports whether a value with quotes is one word in the new form: no
// white space outside quotes, and every quote closed.
func balanced(v string, escape byte) bool {
	quote := byte(0)
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == escape && quote != '\'':
			i++
			if i == len(v) {
				return false
			}
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && unicode.IsSpace(rune(c)):
			return false // or a byte of a longer rune that looks so: refused too
		}
	}
	return quote == 0
}

// joinPair puts = and quotes around a value. Where key and value stand on
// different lines the key moves down to its value, since the new form allows no
// white space between them. It is false when the key has no single span.
func joinPair(in *dockerfile.Instruction, args dockerfile.Word, gap, value int, q quotes) ([]dockerfile.Edit, bool) {
	last, ok := in.Span(args.Sub(len(args.S)-1, len(args.S)))
	if !ok {
		return nil, false
	}
	var edits []dockerfile.Edit
	if q.end != "" {
		edits = append(edits, dockerfile.Edit{Span: dockerfile.Span{Start: last.End, End: last.End}, New: q.end})
	}
	if edit, ok := in.Replace(args.Sub(gap, value), "="+q.open); ok {
		return append(edits, edit), true
	}
	key, ok1 := in.Span(args.Sub(0, gap))
	first, ok2 := in.Span(args.Sub(value, value+1))
	if !ok1 || !ok2 {
		return nil, false
	}
	src := in.File.Src
	for key.End < first.Start && (src[key.End] == ' ' || src[key.End] == '\t') {
		key.End++
	}
	return append(edits,
		dockerfile.Edit{Span: key},
		dockerfile.Edit{Span: dockerfile.Span{Start: first.Start, End: first.Start}, New: args.S[:gap] + "=" + q.open},
	), true
}
