package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Base is what a team says of base images: facts of those that Image names, or a
// rule that leads from those of one name to those of another. Names are a
// repository with or without a tag; one * in the repository and one in the tag
// stand for any text. Lists that are nil and empty texts are not given.
type Base struct {
	Image              string
	Like               string // the image that has the facts which are not given
	Packages, Commands []string
	Shell              string // dash, bash, busybox-ash or none
	Manager            string // apt, apk, dnf or none
	Suite              string // bookworm, alpine3.22
	Libc               string // glibc, musl or none

	From, To string
	Rename   map[string]string // names of packages there; empty for those that are not needed there
}

const (
	maxListed   = 5000 // packages or commands of an image, or names translated
	basePattern = `^[a-z0-9][a-z0-9./_:-]*\*?[a-z0-9./_-]*(:[A-Za-z0-9_.-]*\*?[A-Za-z0-9_.-]*)?$`
	wordPattern = `^[^\s,{}]+$`
)

var (
	baseForm  = regexp.MustCompile(basePattern)
	wordForm  = regexp.MustCompile(wordPattern)
	baseWords = map[string][]string{
		"shell":   {"dash", "bash", "busybox-ash", "none"},
		"manager": {"apt", "apk", "dnf", "none"},
		"libc":    {"glibc", "musl", "none"},
	}
	factKeys = []string{"image", "like", "packages", "commands", "shell", "manager", "suite", "libc"}
	ruleKeys = []string{"from", "to", "rename"}
)

const wantBase = "a map with image and facts of it, or with from and to"

// bases reads the list of what is said of base images.
func (d *decoder) bases(n ast.Node) (any, bool) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(startToken(n), "expected a list of base images, found %s", describe(n))
		return nil, false
	}
	if d.tooMany(n) {
		return nil, false
	}
	before := len(d.errs)
	out := []Base{}
	for _, item := range seq.Values {
		if d.full() {
			return nil, false
		}
		if value := d.deref(item); value != nil {
			out = append(out, d.base(value))
		}
	}
	return out, len(d.errs) == before
}

// base reads one of them.
func (d *decoder) base(n ast.Node) (b Base) {
	known, before := slices.Concat(factKeys, ruleKeys), len(d.errs)
	set := map[string]bool{}
	for key, v := range d.entries(n, wantBase, known) {
		set[key] = true
		value := d.deref(v.Value)
		if value == nil {
			continue
		}
		switch key {
		case "packages":
			b.Packages = d.words(value, "a list of packages")
		case "commands":
			b.Commands = d.words(value, "a list of commands")
		case "rename":
			b.Rename = d.renamed(value)
		default:
			text, ok := d.text(value, "text")
			if ok {
				d.baseText(startToken(value), key, text, &b)
			}
		}
	}
	if len(d.errs) > before {
		return b // a mistyped key is most likely the one missing
	}
	facts := slices.ContainsFunc(factKeys, func(k string) bool { return set[k] })
	rule := slices.ContainsFunc(ruleKeys, func(k string) bool { return set[k] })
	switch {
	case facts == rule:
		d.fail(startToken(n), "expected %s, found both or neither", wantBase)
	case facts && !set["image"]:
		d.fail(startToken(n), "expected the key image, found none, add it")
	case rule && !(set["from"] && set["to"]):
		d.fail(startToken(n), "expected the keys from and to, add what is missing")
	}
	return b
}

// baseText reads one of the texts.
func (d *decoder) baseText(tk *token.Token, key, text string, b *Base) {
	fields := map[string]*string{
		"image": &b.Image, "like": &b.Like, "from": &b.From, "to": &b.To,
		"shell": &b.Shell, "manager": &b.Manager, "suite": &b.Suite, "libc": &b.Libc,
	}
	*fields[key] = text
	words := baseWords[key]
	switch {
	case words != nil && !slices.Contains(words, text):
		d.fail(tk, "expected %s, found %s%s", orList(words), quote(text), didYouMean(text, words))
	case words != nil:
	case key == "suite" && (!wordForm.MatchString(text) || len(text) > maxName):
		d.fail(tk, "expected a release such as bookworm or alpine3.22, found %s", quote(text))
	case key != "suite" && (!baseForm.MatchString(text) || len(text) > maxName):
		d.fail(tk, "expected an image such as registry.example.com/base/python:*-slim, found %s", quote(text))
	}
}

// words reads a list of names of packages or commands.
func (d *decoder) words(n ast.Node, want string) []string {
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) > maxListed {
		d.fail(seq.Values[maxListed].GetToken(), "more than %d names, remove some", maxListed)
		return nil
	}
	list, _ := d.list(n, want, func(tk *token.Token, text string) bool { return d.word(tk, text, false) })
	out, _ := list.([]string)
	return out
}

func (d *decoder) word(tk *token.Token, text string, mayBeEmpty bool) bool {
	if mayBeEmpty && text == "" || wordForm.MatchString(text) && len(text) <= maxName {
		return true
	}
	d.fail(tk, "expected a name without spaces, found %s", quote(text))
	return false
}

// renamed reads the map of packages' names.
func (d *decoder) renamed(n ast.Node) map[string]string {
	if values, ok := mapValues(n); ok && len(values) > maxListed {
		d.fail(keyToken(values[maxListed]), "more than %d names, remove some", maxListed)
		return nil
	}
	out := map[string]string{}
	for key, v := range d.entries(n, "a map from package to package", nil) {
		value := d.deref(v.Value)
		if value == nil || !d.word(keyToken(v), key, false) {
			continue
		}
		if to, ok := d.text(value, "a package"); ok && d.word(startToken(value), to, true) {
			out[key] = to
		}
	}
	return out
}

// clone keeps a caller's changes to itself.
func (b Base) clone() Base {
	b.Packages, b.Commands, b.Rename = slices.Clone(b.Packages), slices.Clone(b.Commands), maps.Clone(b.Rename)
	return b
}

// yamlBases writes bases so that the reader above reads them back.
func yamlBases(bases []Base) string {
	items := make([]string, len(bases))
	for i, b := range bases {
		items[i] = b.YAML()
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// YAML is the item of the key bases that says the same, on one line.
func (b Base) YAML() string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+": "+value)
		}
	}
	text := func(key, value string) {
		if value != "" {
			add(key, yamlText(value))
		}
	}
	list := func(key string, values []string) {
		if values != nil {
			add(key, yamlList(values))
		}
	}
	text("image", b.Image)
	text("like", b.Like)
	list("packages", b.Packages)
	list("commands", b.Commands)
	text("shell", b.Shell)
	text("manager", b.Manager)
	text("suite", b.Suite)
	text("libc", b.Libc)
	text("from", b.From)
	text("to", b.To)
	if b.Rename != nil {
		var names []string
		for _, from := range slices.Sorted(maps.Keys(b.Rename)) {
			names = append(names, fmt.Sprintf("%s: %s", yamlText(from), yamlText(b.Rename[from])))
		}
		add("rename", "{"+strings.Join(names, ", ")+"}")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
