package install

import (
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Bounds of a TOML file. Keys of many parts cost the most to read.
const (
	maxTOML     = 1 << 20
	maxTOMLDots = 1000 // in a line
)

// toml reads a TOML file of the context into a value. It is false where there is
// none, and with a hazard where it cannot be read.
func (l *line) toml(file string, into any) bool {
	text, ok := l.text(file)
	if !ok {
		return false
	}
	if !tomlBounded(text) || toml.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), into) != nil {
		l.hazard("%s cannot be read as TOML", file)
		return false
	}
	return true
}

func tomlBounded(text string) bool {
	if len(text) > maxTOML {
		return false
	}
	for l := range strings.Lines(text) {
		if strings.Count(l, ".") > maxTOMLDots {
			return false
		}
	}
	return true
}
