package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mirrors reads the map from prefixes to locations.
func (d *decoder) mirrors(n ast.Node) (any, bool) {
	before := len(d.errs)
	out := map[string][]string{}
	if d.tooMany(n) {
		return nil, false
	}
	for key, v := range d.entries(n, "a map from registry to a list of locations", nil) {
		if !d.named(keyToken(v), prefixes, key) {
			continue
		}
		if err := checkHub(key); err != nil {
			d.fail(keyToken(v), "%s", err.Error())
			continue
		}
		value := d.deref(v.Value)
		if value == nil {
			continue
		}
		if list, ok := d.locations(value); ok {
			out[key] = list
		}
	}
	return out, len(d.errs) == before
}

// locations reads one location or a list of them, which is not empty.
func (d *decoder) locations(n ast.Node) ([]string, bool) {
	const want = "a location such as mirror.example.com/hub or a list of them"
	seq, isList := n.(*ast.SequenceNode)
	if !isList {
		if d.split(n) {
			return nil, false
		}
		text, ok := d.text(n, want)
		if !ok || !d.named(startToken(n), locations, text) {
			return nil, false
		}
		return []string{text}, true
	}
	if len(seq.Values) == 0 {
		d.fail(startToken(n), "expected %s, found an empty list, remove the key", want)
		return nil, false
	}
	list, ok := d.nameList(n, locations, want)
	if !ok {
		return nil, false
	}
	return list.([]string), true
}

// renames reads the map of names to write instead, in its order.
func (d *decoder) renames(n ast.Node) (any, bool) {
	before := len(d.errs)
	out := []Rename{}
	if d.tooMany(n) {
		return nil, false
	}
	for key, v := range d.entries(n, "a map from name to name", nil) {
		ok := d.repository(keyToken(v), key)
		value := d.deref(v.Value)
		if value == nil {
			continue
		}
		if d.split(value) {
			continue
		}
		if _, isList := value.(*ast.SequenceNode); isList {
			d.fail(startToken(value), "expected one name, found a list, places to look digests up are set by the key mirrors")
			continue
		}
		to, isText := d.text(value, repositories.want)
		if !isText || !d.repository(startToken(value), to) || !ok {
			continue
		}
		r := Rename{From: key, To: to}
		if err := checkRename(r); err != nil {
			d.fail(startToken(value), "%s", err.Error())
			continue
		}
		out = append(out, r)
	}
	return out, len(d.errs) == before
}

// repository refuses what is neither a repository in full nor all below.
func (d *decoder) repository(tk *token.Token, text string) bool {
	if !d.named(tk, repositories, text) {
		return false
	}
	if err := checkInFull(text); err != nil {
		d.fail(tk, "%s", err.Error())
		return false
	}
	return true
}

// nameList reads a list of names of one kind.
func (d *decoder) nameList(n ast.Node, k *nameKind, want string) (any, bool) {
	if d.tooMany(n) {
		return nil, false
	}
	if seq, ok := n.(*ast.SequenceNode); ok && slices.ContainsFunc(seq.Values, d.split) {
		return nil, false
	}
	return d.list(n, want, func(tk *token.Token, text string) bool { return d.named(tk, k, text) })
}

// split refuses a map where a name is wanted: inside braces a name with a port
// is read as a key and its value.
func (d *decoder) split(n ast.Node) bool {
	_, isMap := mapValues(n)
	if isMap {
		d.fail(startToken(n), "expected text, found a map, put a name with a port in quotes")
	}
	return isMap
}

// named refuses text that is not a name of the kind.
func (d *decoder) named(tk *token.Token, k *nameKind, text string) bool {
	if err := k.check(text); err != nil {
		d.fail(tk, "%s", err.Error())
		return false
	}
	return true
}

// tooMany refuses a list or a map with more entries than any use has.
func (d *decoder) tooMany(n ast.Node) bool {
	var tk *token.Token
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) > maxEntries {
		tk = seq.Values[maxEntries].GetToken()
	}
	if values, ok := mapValues(n); ok && len(values) > maxEntries {
		tk = keyToken(values[maxEntries])
	}
	if tk != nil {
		d.fail(tk, "more than %d entries, remove some", maxEntries)
	}
	return tk != nil
}

// age reads a duration.
func (d *decoder) age(n ast.Node) (any, bool) {
	text, ok := d.text(n, "a duration such as 30m, 12h or 7d")
	if !ok {
		return nil, false
	}
	age, err := parseAge(text)
	if err != nil {
		d.fail(startToken(n), "%s", err.Error())
		return nil, false
	}
	return age, true
}

// number reads a whole number from 1 to most; want is what it stands for.
func (d *decoder) number(n ast.Node, want string, most int) (int, bool) {
	if i, ok := n.(*ast.IntegerNode); ok {
		// The value is an int64 or an uint64; written out both read the same.
		number, err := strconv.Atoi(fmt.Sprint(i.Value))
		if err == nil && number >= 1 && number <= most {
			return number, true
		}
	}
	d.fail(startToken(n), "expected %s from 1 to %d, found %s", want, most, describe(n))
	return 0, false
}

// yamlMirrors writes mirrors so that the reader above reads them back.
func yamlMirrors(mirrors map[string][]string) string {
	items := make([]string, 0, len(mirrors))
	for _, prefix := range slices.Sorted(maps.Keys(mirrors)) {
		items = append(items, yamlText(prefix)+": "+yamlList(mirrors[prefix]))
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func yamlRenames(renames []Rename) string {
	items := make([]string, len(renames))
	for i, r := range renames {
		items[i] = yamlText(r.From) + ": " + yamlText(r.To)
	}
	return "{" + strings.Join(items, ", ") + "}"
}
