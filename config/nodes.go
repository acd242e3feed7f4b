package config

import (
	"iter"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// findAnchors notes every anchor, so that an alias can be followed even when
// the part that holds its anchor is not visited because of a mistake.
func (d *decoder) findAnchors(n ast.Node) {
	d.anchors = map[string]ast.Node{}
	if n != nil {
		ast.Walk(d, n)
	}
}

// Visit implements ast.Visitor for findAnchors.
func (d *decoder) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		d.anchors[a.Name.GetToken().Value] = a.Value
	}
	return d
}

// deref follows anchors and aliases to a plain value. It reports what leads
// nowhere and returns nil then.
func (d *decoder) deref(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	from := n.GetToken()
	for range maxAliases {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			to, ok := d.anchors[name]
			if !ok {
				d.fail(v.GetToken(), "unknown alias %s, define it with & first", quote(name))
				return nil
			}
			n = to
		case *ast.TagNode:
			d.fail(v.GetToken(), "tags such as %s are not supported, remove it", quote(v.GetToken().Value))
			return nil
		case nil:
			d.fail(from, "expected a value, found nothing")
			return nil
		default:
			return n
		}
	}
	d.fail(from, "aliases lead to aliases, write the value itself")
	return nil
}

// entries yields the usable keys of a map with their entries and reports the
// others: repeated ones, ones that are not text and, if known is not nil,
// unknown ones. All of it is reported only while the loop goes on.
func (d *decoder) entries(n ast.Node, want string, known []string) iter.Seq2[string, *ast.MappingValueNode] {
	return func(yield func(string, *ast.MappingValueNode) bool) {
		values, ok := mapValues(n)
		if !ok {
			d.fail(startToken(n), "expected %s, found %s", want, describe(n))
			return
		}
		lines := map[string]int{}
		for _, v := range values {
			if d.full() {
				return
			}
			tk := keyToken(v)
			if v.Key.IsMergeKey() {
				d.fail(tk, "merge keys are not supported, write the keys themselves")
				continue
			}
			name, ok := v.Key.(*ast.StringNode)
			if !ok {
				d.fail(tk, "expected a key that is text, found %s, correct or quote it", describe(v.Key))
				continue
			}
			key := name.Value
			if line, twice := lines[key]; twice {
				d.fail(tk, "duplicate key %s, already set on line %d", quote(key), line)
				continue
			}
			lines[key] = tk.Position.Line
			if known != nil && !slices.Contains(known, key) {
				d.fail(tk, "unknown key %s%s", quote(key), didYouMean(key, known))
				continue
			}
			if v.Value == nil {
				d.fail(tk, "expected a value for %s, found nothing", quote(key))
				continue
			}
			if !yield(key, v) {
				return
			}
		}
	}
}

func mapValues(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	default:
		return nil, false
	}
}

// bool reads true or false.
func (d *decoder) bool(n ast.Node) (any, bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.fail(startToken(n), "expected true or false, found %s", describe(n))
		return nil, false
	}
	return b.Value, true
}

// text reads a string.
func (d *decoder) text(n ast.Node, want string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	d.fail(startToken(n), "expected %s, found %s", want, describe(n))
	return "", false
}

// list reads a list of strings that check accepts; check reports why not.
func (d *decoder) list(n ast.Node, want string, check func(*token.Token, string) bool) (any, bool) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(startToken(n), "expected %s, found %s", want, describe(n))
		return nil, false
	}
	out := make([]string, 0, len(seq.Values))
	all := true
	for _, item := range seq.Values {
		if d.full() {
			return nil, false
		}
		value := d.deref(item)
		if value == nil {
			all = false
			continue
		}
		// An alias is reported where it stands, not where it leads.
		text, ok := d.text(value, "text")
		if !ok || !check(item.GetToken(), text) {
			all = false
			continue
		}
		out = append(out, text)
	}
	return out, all
}

// describe names what was found in the words of a user.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		if n.Value {
			return "true"
		}
		return "false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	case *ast.StringNode:
		return quote(n.Value)
	case *ast.LiteralNode:
		return quote(n.Value.Value)
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a map"
	case *ast.AliasNode:
		return "an alias"
	default:
		return "something else"
	}
}
