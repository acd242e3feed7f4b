package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a document may hold. The parser recurses without a limit and takes time
// quadratic in the number of some of its parts; these keep both harmless and
// are far above anything useful. Items of lists with a value cost nothing
// special and are bounded by the size of the file.
const (
	maxParts   = 2000 // keys, anchors, aliases, tags, empty items, documents: of each
	maxNesting = 50   // brackets inside brackets, and dashes on one line
	maxAliases = 10   // aliases that lead to aliases
	maxBlank   = 100  // blank lines in a row
	maxTabs    = 1000 // tabs
)

var bom = []byte("\xef\xbb\xbf")

// parseYAML returns the value a file holds, nil for an empty one.
func parseYAML(shown string, data []byte) (ast.Node, error) {
	data = bytes.TrimPrefix(data, bom)
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if line, col, ok := invalidUTF8(data); ok {
		return nil, &Error{File: shown, Line: line, Col: col, Message: "not UTF-8, save the file in that encoding"}
	}
	if line, what := excessSpace(data); line > 0 {
		return nil, &Error{File: shown, Line: line, Col: 1, Message: what}
	}
	tokens := lexer.Tokenize(string(data))
	if tk, what := excess(tokens); tk != nil {
		return nil, at(shown, tk, what+", make the file simpler")
	}
	// Duplicate keys are found later, together with all other mistakes.
	doc, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(shown, err)
	}
	var node ast.Node
	for _, d := range doc.Docs {
		if d.Body == nil || d.Body.Type() == ast.DirectiveType {
			continue
		}
		if node != nil {
			return nil, at(shown, startToken(d.Body), "a second document, remove it or the --- before it")
		}
		node = d.Body
	}
	return node, nil
}

// excessSpace returns the first line with too much white space before or in it
// and what to do, or 0. For each blank line after a block of text the tokenizer
// copies the block, and for each tab in quotes it looks at the rest of the line.
func excessSpace(data []byte) (line int, what string) {
	line = 1
	blank, tabs := 0, 0
	for _, c := range data {
		switch c {
		case '\n', '\r':
			line++
			blank++
		case '\t':
			tabs++
		case ' ':
		default:
			blank = 0
		}
		if tabs > maxTabs {
			return line, fmt.Sprintf("more than %d tabs, use spaces", maxTabs)
		}
		// The first line break ends a line that need not be blank.
		if blank > maxBlank+1 {
			return line, fmt.Sprintf("more than %d blank lines in a row, remove some", maxBlank)
		}
	}
	return 0, ""
}

// excess returns the first token that is beyond a limit and what is exceeded.
func excess(tokens token.Tokens) (*token.Token, string) {
	count := map[token.Type]int{}
	var open []token.Type // brackets around the token
	dashes, line := 0, 0
	var last token.Type // of the token before, comments aside
	for _, tk := range tokens {
		if tk.Type == token.CommentType {
			continue
		}
		if tk.Position.Line != line {
			line, dashes = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			open = append(open, tk.Type)
		case token.SequenceEndType, token.MappingEndType:
			open = open[:max(0, len(open)-1)]
		case token.SequenceEntryType:
			dashes++
			if last == token.SequenceEntryType {
				count[tk.Type]++
			}
		case token.CollectEntryType:
			// In {a, b} it is the comma that separates keys.
			if len(open) > 0 && open[len(open)-1] == token.MappingStartType {
				count[token.MappingValueType]++
			}
		case token.MappingValueType, token.MappingKeyType, token.AnchorType, token.AliasType, token.TagType,
			token.DocumentHeaderType, token.DocumentEndType:
			count[tk.Type]++
		}
		last = tk.Type
		if count[tk.Type] > maxParts || count[token.MappingValueType] > maxParts {
			return tk, fmt.Sprintf("more than %d keys, anchors, empty items or documents", maxParts)
		}
		if len(open) > maxNesting || dashes > maxNesting {
			return tk, fmt.Sprintf("nested more than %d levels deep", maxNesting)
		}
	}
	return nil, ""
}

// syntaxError keeps the parser's reason and place, without the part of the
// source that it prints below.
func syntaxError(shown string, err error) error {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return &Error{File: shown, Message: "not valid YAML, correct it"}
	}
	// The message may quote the file, and a file must not control a terminal.
	reason := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, e.GetMessage())
	return at(shown, e.GetToken(), "not valid YAML: "+reason)
}

// at makes an error that names the place of a token.
func at(shown string, tk *token.Token, message string) *Error {
	e := &Error{File: shown, Message: message}
	if tk != nil && tk.Position != nil {
		e.Line, e.Col = tk.Position.Line, tk.Position.Column
	}
	return e
}

// invalidUTF8 returns the place of the first byte that is not UTF-8.
func invalidUTF8(data []byte) (line, col int, found bool) {
	if utf8.Valid(data) {
		return 0, 0, false
	}
	line, col = 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
		data = data[n:]
	}
	return line, col, true
}

// keyToken returns where a key starts: a map's own token is the colon.
func keyToken(v *ast.MappingValueNode) *token.Token {
	return startToken(v.Key)
}

// startToken returns where a value starts for the reader of the file.
func startToken(n ast.Node) *token.Token {
	m, ok := n.(*ast.MappingNode)
	if ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}
