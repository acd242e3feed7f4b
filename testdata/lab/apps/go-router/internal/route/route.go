// Package route is a table of short names.
package route

import (
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/unicode/norm"
)

// Table says where short names lead.
type Table struct {
	Routes map[string]string
}

// Read reads a table.
func Read(file string) (*Table, error) {
	t := new(Table)
	_, err := toml.DecodeFile(file, t)
	return t, err
}

// Find looks a name up, however it is composed and in any case.
func (t *Table) Find(name string) (string, bool) {
	to, ok := t.Routes[strings.ToLower(norm.NFC.String(name))]
	return to, ok
}
