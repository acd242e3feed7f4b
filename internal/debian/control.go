package debian

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
)

const (
	maxParagraph = 4 << 20 // bytes of one paragraph: a Release file is one
	maxFields    = 200
)

// paragraph holds the fields of a paragraph of a control file, with names in lower
// case. Values of several lines keep their line breaks.
type paragraph map[string]string

// paragraphs reads control files (Debian Policy, section 5.1).
func paragraphs(data []byte) iter.Seq2[paragraph, error] {
	return func(yield func(paragraph, error) bool) {
		for len(data) > 0 {
			var text []byte
			if text, data, _ = bytes.Cut(data, []byte("\n\n")); len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			p, err := parseParagraph(text)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

func parseParagraph(text []byte) (paragraph, error) {
	if len(text) > maxParagraph {
		return nil, errors.New("a paragraph is too large")
	}
	p, last := paragraph{}, ""
	for line := range strings.SplitSeq(strings.Trim(string(text), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last == "" {
				return nil, errors.New("a paragraph begins with a line that continues another")
			}
			continue // gathered below, with its field
		}
		name, _, ok := strings.Cut(line, ":")
		if !ok || name == "" || len(p) >= maxFields {
			return nil, fmt.Errorf("the line %.60q is no field", line)
		}
		last = strings.ToLower(name)
		if _, twice := p[last]; twice {
			return nil, fmt.Errorf("the field %.60q stands twice", name)
		}
		p[last] = ""
	}
	fill(p, string(text))
	return p, nil
}

// fill cuts the values out of the text, which is known to be in order: a value of
// ten thousand lines is one piece of it and not put together line by line.
func fill(p paragraph, text string) {
	for text != "" {
		end := 0
		for {
			i := strings.IndexByte(text[end:], '\n')
			if i < 0 {
				end = len(text)
				break
			}
			end += i + 1
			if end == len(text) || text[end] != ' ' && text[end] != '\t' {
				break
			}
		}
		field := text[:end]
		text = text[end:]
		if name, value, ok := strings.Cut(field, ":"); ok && !strings.HasPrefix(field, "#") {
			p[strings.ToLower(name)] = strings.TrimSpace(value)
		}
	}
}
