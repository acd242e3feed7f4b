package install

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Bounds of an XML file.
const (
	maxXMLDepth    = 100
	maxXMLElements = 200_000
)

// element is an element of an XML file without its name space.
type element struct {
	name string
	attr map[string]string
	text string
	kids []*element

	buf strings.Builder // of text, while it is read
}

// parseXML reads a file into its root element. Documents are bounded, entities
// other than the five of XML are errors, nothing outside is ever loaded.
func parseXML(data []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	dec.CharsetReader = charset
	root := &element{}
	stack, count := []*element{root}, 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if count++; count > maxXMLElements || len(stack) > maxXMLDepth {
				return nil, errors.New("too many elements")
			}
			e := &element{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, e)
			stack = append(stack, e)
		case xml.EndElement:
			top.text = strings.TrimSpace(top.buf.String())
			top.buf = strings.Builder{}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(top.kids) == 0 {
				top.buf.Write(t)
			}
		}
	}
	if len(root.kids) == 0 {
		return nil, errors.New("no element")
	}
	return root.kids[0], nil
}

// charset reads the encodings in which ASCII is ASCII: names and paths outside of
// it come out wrong, and are then not found.
func charset(name string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "iso-8859-1", "us-ascii", "ascii", "latin1", "windows-1252", "iso-8859-15":
		return &latin{in: in}, nil
	}
	return nil, errors.New("the encoding " + name)
}

// latin makes UTF-8 of ISO 8859-1.
type latin struct {
	in   io.Reader
	left []byte
}

func (l *latin) Read(p []byte) (int, error) {
	if len(l.left) == 0 {
		buf := make([]byte, 4096)
		n, err := l.in.Read(buf)
		if n == 0 {
			return 0, err
		}
		for _, b := range buf[:n] {
			l.left = append(l.left, string(rune(b))...)
		}
	}
	n := copy(p, l.left)
	l.left = l.left[n:]
	return n, nil
}

// all are the elements that a path of names leads to.
func (e *element) all(names ...string) []*element {
	if e == nil {
		return nil
	}
	out := []*element{e}
	for _, name := range names {
		var next []*element
		for _, from := range out {
			for _, k := range from.kids {
				if k.name == name {
					next = append(next, k)
				}
			}
		}
		out = next
	}
	return out
}

// get is the text of the first element that a path leads to.
func (e *element) get(names ...string) string {
	if found := e.all(names...); len(found) > 0 {
		return found[0].text
	}
	return ""
}

// walk visits an element and all below it.
func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, k := range e.kids {
		k.walk(visit)
	}
}

// xml reads an XML file of the context.
func (l *line) xml(file string) (*element, bool) {
	if root, ok := l.xmls[file]; ok {
		return root, root != nil
	}
	l.xmls[file] = nil
	text, ok := l.text(file)
	if !ok {
		return nil, false
	}
	root, err := parseXML([]byte(text))
	if err != nil {
		l.hazard("%s cannot be read as XML", file)
		return nil, false
	}
	l.xmls[file] = root
	return root, true
}
