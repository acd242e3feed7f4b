package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// file is a configuration file that was read without an error.
type file struct {
	dir    string // absolute folder of the file
	shown  string
	values map[string]fileValue // by key
}

// fileValue is the value of one key.
type fileValue struct {
	value any // as Setting.assign takes it
	line  int
}

// PassSetting is what a file says about one pass.
type PassSetting struct {
	Enabled bool
	Unsafe  *bool  // nil: as the setting unsafe says
	From    string // where it was set, such as sub/.restow.yaml:3
}

// file reads a file once. The root is a function of the path, so the path
// alone identifies the result.
func (l *Loader) file(path, root string) (*file, error) {
	if read, ok := l.files.Load(path); ok {
		return read.(func() (*file, error))()
	}
	read, _ := l.files.LoadOrStore(path, sync.OnceValues(func() (*file, error) {
		data, err := l.readFile(path)
		if err != nil {
			return nil, err
		}
		return l.decode(path, root, data)
	}))
	return read.(func() (*file, error))()
}

// decode turns the text of a file into checked values or all of its errors.
func (l *Loader) decode(path, root string, data []byte) (f *file, err error) {
	// The parser is given text by strangers and is not ours: a mistake in it
	// must cost one message, not the run.
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, &Error{File: l.show(path), Message: "not understood as YAML, write it in a simpler way"}
		}
	}()
	f = &file{dir: filepath.Dir(path), shown: l.show(path), values: map[string]fileValue{}}
	node, err := parseYAML(f.shown, data)
	if err != nil {
		return nil, err
	}
	if root == "" {
		root = f.dir
	}
	d := &decoder{names: l.names, aliases: l.aliases, shown: f.shown, dir: f.dir, root: root}
	d.findAnchors(node)
	if node = d.deref(node); node != nil && node.Type() != ast.NullType {
		d.settings(node, f.values)
	}
	if len(d.errs) > 0 {
		return nil, joinFound(f.shown, d.errs)
	}
	return f, nil
}

// decoder walks one document. It only ever goes as deep as a setting is, so
// aliases cannot make it visit more than the file is long, times the few
// places in which a value may stand.
type decoder struct {
	names     []string
	aliases   map[string]string
	shown     string
	dir, root string
	anchors   map[string]ast.Node
	errs      []error
}

func (d *decoder) fail(tk *token.Token, format string, args ...any) {
	d.errs = append(d.errs, at(d.shown, tk, fmt.Sprintf(format, args...)))
}

// full reports whether more errors would not be shown. An alias can repeat a
// wrong part of the file many times, so the walk ends then.
func (d *decoder) full() bool {
	return len(d.errs) > mostErrors
}

// settings reads the top-level map.
func (d *decoder) settings(n ast.Node, into map[string]fileValue) {
	for key, v := range d.entries(n, "a map of settings", nil) {
		s, ok := settingFor(key)
		if !ok {
			d.fail(keyToken(v), "%s", unknownKey(key))
			continue
		}
		if value, ok := d.value(s, d.deref(v.Value)); ok {
			into[key] = fileValue{value, keyToken(v).Position.Line}
		}
	}
}

// value reads the value of a setting.
func (d *decoder) value(s *Setting, n ast.Node) (any, bool) {
	if n == nil {
		return nil, false
	}
	switch s.Type {
	case Bool:
		return d.bool(n)
	case Names:
		return d.list(n, "a list of pass names", func(tk *token.Token, name string) bool {
			return d.checkName(tk, name)
		})
	case Patterns:
		return d.list(n, "a list of patterns", func(tk *token.Token, p string) bool {
			if strings.TrimSpace(p) == "" {
				d.fail(tk, "expected a pattern, found an empty one, remove it")
				return false
			}
			return true
		})
	case Choice:
		text, ok := d.text(n, orList(s.Choices))
		if err := s.checkChoice(text); ok && err != nil {
			d.fail(startToken(n), "%s", err.Error())
			return nil, false
		}
		return text, ok
	case Folder, File:
		return d.path(s, n)
	case Passes:
		return d.passes(n)
	case Commands:
		return d.commands(n)
	case Serving:
		return d.server(n)
	case Paths:
		return d.paths(n)
	case Mirrors:
		return d.mirrors(n)
	case Renames:
		return d.renames(n)
	case Insecures:
		return d.nameList(n, insecures, "a list of registries")
	case Age:
		return d.age(n)
	case Bases:
		return d.bases(n)
	case Bots:
		return d.bot(n)
	case Number:
		return d.number(n, "a whole number", maxNumber)
	default:
		d.fail(startToken(n), "%s cannot be set in a file, remove it", s.Key)
		return nil, false
	}
}

// passes reads the map of passes. Its keys become pass names, so that a pass
// has one entry whichever name it was given by.
func (d *decoder) passes(n ast.Node) (any, bool) {
	const want = "on, off, true, false or a map with enabled and unsafe"
	before := len(d.errs)
	out := map[string]PassSetting{}
	as := map[string]string{}
	for key, v := range d.entries(n, "a map from pass name to on or off", nil) {
		if !d.checkName(keyToken(v), key) {
			continue
		}
		name := key
		if pass, ok := d.aliases[key]; ok {
			name = pass
		}
		if other, twice := as[name]; twice {
			d.fail(keyToken(v), "%s is already set as %s, remove one of them", quote(key), quote(other))
			continue
		}
		as[name] = key
		p := PassSetting{Enabled: true, From: fmt.Sprintf("%s:%d", d.shown, keyToken(v).Position.Line)}
		if value := d.deref(v.Value); value != nil && d.pass(value, &p, want) {
			out[name] = p
		}
	}
	return out, len(d.errs) == before
}

// pass reads what is said about one pass.
func (d *decoder) pass(n ast.Node, p *PassSetting, want string) bool {
	switch n := n.(type) {
	case *ast.BoolNode:
		p.Enabled = n.Value
		return true
	case *ast.StringNode:
		// YAML 1.2 reads a bare on as text, YAML 1.1 as a boolean; editors
		// differ, so with or without quotes it means the same here.
		if n.Value == "on" || n.Value == "off" {
			p.Enabled = n.Value == "on"
			return true
		}
	case *ast.MappingNode, *ast.MappingValueNode:
		ok := true
		for key, v := range d.entries(n, want, []string{"enabled", "unsafe"}) {
			value := d.deref(v.Value)
			if value == nil {
				ok = false
				continue
			}
			on, isBool := d.bool(value)
			switch {
			case !isBool:
				ok = false
			case key == "enabled":
				p.Enabled = on.(bool)
			default:
				b := on.(bool)
				p.Unsafe = &b
			}
		}
		return ok
	}
	d.fail(startToken(n), "expected %s, found %s", want, describe(n))
	return false
}

// checkName refuses what is neither a pass nor a rule.
func (d *decoder) checkName(tk *token.Token, name string) bool {
	if err := checkName(name, d.names); err != nil {
		d.fail(tk, "%s", err.Error())
		return false
	}
	return true
}

// checkName refuses a name that is not among names, if there are any.
func checkName(name string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	for _, n := range names {
		if n == name {
			return nil
		}
	}
	return fmt.Errorf("unknown pass %s%s", quote(name), didYouMean(name, names))
}
