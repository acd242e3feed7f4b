package workspace

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxNesting bounds how deep HCL may nest. Its parser recurses, and a stack
// that overflows ends the process, which no recover can prevent.
const maxNesting = 200

func parseBakeHCL(name string, data []byte) ([]build, error) {
	if line := tooNested(data); line > 0 {
		return nil, fmt.Errorf("%s:%d: nested more than %d deep, exclude it", name, line, maxNesting)
	}
	file, diags := hclparse.NewParser().ParseHCL(data, name)
	if diags.HasErrors() {
		return nil, hclError(name, diags)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, fmt.Errorf("%s: not a valid bake file, mend it or exclude it", name)
	}
	targets := map[string]*bakeTarget{}
	for _, block := range body.Blocks {
		if block.Type != "target" || len(block.Labels) != 1 {
			continue
		}
		key := block.Labels[0]
		if targets[key] == nil {
			targets[key] = &bakeTarget{build: newBuild("target", key)}
		}
		targets[key].readHCL(block.Body)
	}
	return resolveBake(name, targets)
}

func (t *bakeTarget) readHCL(body *hclsyntax.Body) {
	for key, attr := range body.Attributes {
		switch key {
		case "context":
			t.context = hclValue(attr.Expr)
		case "dockerfile":
			t.dockerfile = hclValue(attr.Expr)
		case "dockerfile-inline":
			t.inline = hclValue(attr.Expr)
		case "target":
			t.target = hclValue(attr.Expr)
		case "args", "contexts":
			t.readPairs(key, attr.Expr)
		case "inherits":
			list, ok := attr.Expr.(*hclsyntax.TupleConsExpr)
			if !ok {
				t.partial = true
				continue
			}
			for _, item := range list.Exprs {
				t.inheritFrom(hclValue(item))
			}
		}
	}
}

// readPairs takes args and contexts entry by entry: one computed value leaves
// the others known.
func (t *bakeTarget) readPairs(what string, expr hclsyntax.Expression) {
	object, ok := expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		t.open[what] = true
		return
	}
	for _, item := range object.Items {
		key := hclKey(item.KeyExpr)
		switch {
		case !key.known:
			t.open[what] = true
		case what == "args":
			t.args[key.text] = hclValue(item.ValueExpr)
		default:
			t.contexts[key.text] = true
		}
	}
}

func hclKey(expr hclsyntax.Expression) value {
	if word := hcl.ExprAsKeyword(expr); word != "" {
		return known(word)
	}
	if key, ok := expr.(*hclsyntax.ObjectConsKeyExpr); ok {
		expr = key.Wrapped
	}
	return hclValue(expr)
}

// hclValue evaluates a literal. Only templates and parentheses around literals
// are let through: a "for" over literals is a constant as well, but can be made
// to run for days.
func hclValue(expr hclsyntax.Expression) value {
	unknown := value{set: true}
	diags := hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n.(type) {
		case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr, *hclsyntax.ParenthesesExpr:
			return nil
		}
		return hcl.Diagnostics{{Severity: hcl.DiagError}}
	})
	if diags.HasErrors() {
		return unknown
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || !v.IsKnown() {
		return unknown
	}
	if v.IsNull() {
		return value{} // as if it were not written
	}
	switch v.Type() {
	case cty.String:
		return known(v.AsString())
	case cty.Bool:
		return known(fmt.Sprint(v.True()))
	case cty.Number:
		// 1e999999999 is a literal whose digits would fill the memory.
		f := v.AsBigFloat()
		if exp := f.MantExp(new(big.Float)); !f.IsInf() && exp > -200 && exp < 200 {
			return known(f.Text('f', -1))
		}
	}
	return unknown
}

// tooNested gives the line at which the tree of an expression or of blocks could
// grow deeper than maxNesting, or 0.
func tooNested(data []byte) int {
	tokens, _ := hclsyntax.LexConfig(data, "", hcl.InitialPos) // the parser reports errors
	n := nesting{open: []bracket{{lines: true}}}
	for i, t := range tokens {
		if n.add(t, tokens[i+1:]); n.depth > maxNesting {
			return t.Range.Start.Line
		}
	}
	return 0
}

// nesting counts the brackets open at a token, and the operators of the
// expressions that are not complete there: each is a level of the tree.
type nesting struct {
	open  []bracket // the first stands for the file
	depth int
}

type bracket struct {
	closer    hclsyntax.TokenType
	lines     bool // a newline in it ends an expression
	operators int
}

var closers = map[hclsyntax.TokenType]hclsyntax.TokenType{
	hclsyntax.TokenOParen:          hclsyntax.TokenCParen,
	hclsyntax.TokenOBrace:          hclsyntax.TokenCBrace,
	hclsyntax.TokenOBrack:          hclsyntax.TokenCBrack,
	hclsyntax.TokenOQuote:          hclsyntax.TokenCQuote,
	hclsyntax.TokenOHeredoc:        hclsyntax.TokenCHeredoc,
	hclsyntax.TokenTemplateInterp:  hclsyntax.TokenTemplateSeqEnd,
	hclsyntax.TokenTemplateControl: hclsyntax.TokenTemplateSeqEnd,
}

func (n *nesting) add(t hclsyntax.Token, next hclsyntax.Tokens) {
	in := &n.open[len(n.open)-1]
	switch t.Type {
	case in.closer:
		// Only the closer of the last bracket counts, so that stray ones cannot
		// hide any depth.
		if len(n.open) > 1 {
			n.depth -= 1 + in.operators
			n.open = n.open[:len(n.open)-1]
		}
		return
	case hclsyntax.TokenComma:
		n.complete(in)
	case hclsyntax.TokenNewline, hclsyntax.TokenComment:
		if in.lines && len(t.Bytes) > 0 && t.Bytes[len(t.Bytes)-1] == '\n' {
			n.complete(in)
		}
		return
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenEqual,
		hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenTemplateSeqEnd:
		return
	}
	// All else is taken for an operator. So are "[", since a chain of indexes
	// nests, and a template's "%{if}", which is closed before what it governs.
	switch t.Type {
	case hclsyntax.TokenOParen, hclsyntax.TokenOBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
	default:
		in.operators++
		n.depth++
	}
	if closer, ok := closers[t.Type]; ok {
		n.open = append(n.open, bracket{closer: closer, lines: t.Type == hclsyntax.TokenOBrace && !isFor(next)})
		n.depth++
	}
}

// complete forgets the operators of an expression that ends here.
func (n *nesting) complete(in *bracket) {
	n.depth -= in.operators
	in.operators = 0
}

// isFor tells a "for" from an object and a block: in it newlines do not count.
func isFor(next hclsyntax.Tokens) bool {
	for _, t := range next {
		if t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenComment {
			return t.Type == hclsyntax.TokenIdent && string(t.Bytes) == "for"
		}
	}
	return false
}

func hclError(name string, diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		where := name
		if d.Subject != nil {
			where = fmt.Sprintf("%s:%d", name, d.Subject.Start.Line)
		}
		return fmt.Errorf("%s: not a valid bake file: %w; mend it or exclude it", where, errors.New(d.Summary))
	}
	return fmt.Errorf("%s: not a valid bake file: %w; mend it or exclude it", name, diags)
}
