package pin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Bounds on a file of settings. The decoder holds each key against all others of
// its table, so that the second one bounds the time.
const (
	maxConf  = 1 << 20 // bytes
	maxMarks = 10_000  // signs that make a key or a table
)

// decodeTOML decodes a document; its errors say where it is malformed.
func decodeTOML(path string, data []byte, into any) error {
	if bytes.Count(data, []byte("="))+bytes.Count(data, []byte("[")) > maxMarks {
		return fmt.Errorf("%s: more than %d keys and tables", path, maxMarks)
	}
	if err := toml.Unmarshal(data, into); err != nil {
		return tomlError(path, err)
	}
	return nil
}

// readBounded reads a file of settings. What is no file could block for ever.
func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && path != os.DevNull {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConf+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConf {
		return nil, fmt.Errorf("%s: larger than 1 MiB", path)
	}
	return data, nil
}

// tomlKey is a table or a key of a TOML document.
type tomlKey struct {
	parts []string // never empty
	line  int      // from 1
}

// tomlKeys lists tables and keys in the order of the file, which decoding into a
// map loses. The document has been decoded before and is valid.
func tomlKeys(data []byte) []tomlKey {
	var keys []tomlKey
	var table []string
	line, seen := 1, 0
	var p unstable.Parser
	add := func(prefix []string, n *unstable.Node) []string {
		parts := slices.Clone(prefix)
		for it := n.Key(); it.Next(); {
			if at := int(it.Node().Raw.Offset); at > seen {
				line, seen = line+bytes.Count(data[seen:at], []byte("\n")), at
			}
			parts = append(parts, string(it.Node().Data))
		}
		keys = append(keys, tomlKey{parts, line})
		return parts
	}
	var inside func(prefix []string, n *unstable.Node)
	inside = func(prefix []string, n *unstable.Node) {
		parts := add(prefix, n)
		if n.Value().Kind != unstable.InlineTable || len(parts) > 2 {
			return // nothing deeper is asked for
		}
		for it := n.Value().Children(); it.Next(); {
			inside(parts, it.Node())
		}
	}
	p.Reset(data)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = add(nil, e)
		case unstable.KeyValue:
			inside(table, e)
		}
	}
	return keys
}

// tomlError says where a document is malformed.
func tomlError(path string, err error) error {
	what := printable(strings.TrimPrefix(err.Error(), "toml: "))
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, _ := at.Position()
		return fmt.Errorf("%s:%d: not valid: %.200s", path, line, what)
	}
	return fmt.Errorf("%s: not valid: %.200s", path, what)
}

// printable replaces what a file could use to control a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
