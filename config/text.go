package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseText reads the value of a flag, a variable or a default.
func (s *Setting) parseText(text string) (any, error) {
	switch s.Type {
	case Bool:
		on, err := strconv.ParseBool(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("expected true or false, found %s", quote(text))
		}
		return on, nil
	case Names, Patterns:
		return splitList(text), nil
	case Choice:
		return text, s.checkChoice(text)
	case Folder, Text:
		if strings.ContainsRune(text, 0) {
			return nil, errors.New("expected text without a zero byte, remove it")
		}
		return text, nil
	case File:
		return text, checkFile(text)
	case Commands:
		return parseCommands(text)
	case Paths:
		return parsePaths(text)
	case Insecures:
		return parseNames(insecures, text)
	case Hosts:
		return parseNames(hosts, text)
	case Age:
		return parseAge(text)
	case Number:
		return parseNumber(text)
	case Mirrors:
		if text == "" {
			return map[string][]string(nil), nil
		}
	case Renames:
		if text == "" {
			return []Rename(nil), nil
		}
	case Bases:
		if text == "" {
			return []Base(nil), nil
		}
	case Bots:
		if text == "" {
			return DefaultBot, nil
		}
	case Passes:
		if text == "" {
			return map[string]PassSetting(nil), nil
		}
	case Serving:
		if text == "" {
			return (*Server)(nil), nil
		}
	}
	return nil, fmt.Errorf("%s can only be set in %s", s.Key, FileName)
}

// checkChoice refuses a value that is none of the choices.
func (s *Setting) checkChoice(text string) error {
	for _, c := range s.Choices {
		if c == text {
			return nil
		}
	}
	return fmt.Errorf("expected %s, found %s%s", orList(s.Choices), quote(text), didYouMean(text, s.Choices))
}

// JoinList writes a list as the one text that a flag or a variable takes. A
// comma inside an item is written \, so that a pattern may hold one, and a
// backslash at the end of an item is kept away from the comma by a space.
func JoinList(items []string) string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = strings.ReplaceAll(item, ",", `\,`)
		if strings.HasSuffix(item, `\`) {
			out[i] += " "
		}
	}
	return strings.Join(out, ",")
}

// splitList undoes JoinList. Space around items and empty items are dropped,
// as people write them by hand. Any other backslash belongs to the pattern.
func splitList(text string) []string {
	var out []string
	var item strings.Builder
	flush := func() {
		if s := strings.TrimSpace(item.String()); s != "" {
			out = append(out, s)
		}
		item.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && strings.HasPrefix(text[i+1:], ","):
			item.WriteByte(',')
			i++
		case text[i] == ',':
			flush()
		default:
			item.WriteByte(text[i])
		}
	}
	flush()
	return out
}

// orList writes "a, b or c".
func orList(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// quote shows text that somebody else wrote: control characters escaped, and
// not so much of it that it buries the message.
func quote(text string) string {
	const most = 60
	if r := []rune(text[:min(len(text), 4*most)]); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strconv.Quote(text)
}
