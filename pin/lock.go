package pin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Bounds on a lock file.
const (
	maxLock       = 1 << 20 // bytes
	maxLockImages = 10_000
	lockVersion   = "1"
)

// Lock is a restow.lock: digests that are taken instead of asking a registry.
type Lock struct {
	Images map[string]Locked // by full reference, docker.io/library/python:3.11
}

// Locked is what a reference stood for.
type Locked struct {
	Digest    string    // sha256:… or sha512:…
	MediaType string    // of the manifest; "" if not noted
	Resolved  time.Time // UTC, to the second; zero if not noted
}

var (
	tagForm    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	digestForm = regexp.MustCompile(`^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
	mediaForm  = regexp.MustCompile(`^[a-z][a-z0-9.+-]{0,99}/[a-z0-9][a-z0-9.+_-]{0,99}$`)
)

// ParseLock reads a lock file; name is for errors, which say FILE:LINE, what is
// wrong and what to do. People edit and merge the file, so that any way to write
// it in YAML is taken, while nothing unknown, doubtful or twice is.
func ParseLock(name string, data []byte) (*Lock, error) {
	if len(data) > maxLock {
		return nil, fmt.Errorf("%s: larger than 1 MiB, pin with a new file", name)
	}
	if line := conflictLine(data); line > 0 {
		return nil, fmt.Errorf("%s:%d: a merge left its conflict here, keep one side and remove the markers", name, line)
	}
	root, err := lockRoot(name, data)
	if err != nil {
		return nil, err
	}
	p := lockParser{name: name}
	lock := &Lock{Images: map[string]Locked{}}
	version := false
	p.each(root, func(key, value *yaml.Node) {
		switch key.Value {
		case "version":
			version = true
			if text := p.text(value); text != lockVersion {
				p.fail(value, "version %q is not known, this restow reads %s", clipped(text), lockVersion)
			}
		case "images":
			p.images(value, lock.Images)
		default:
			p.fail(key, "%q is not a key of a lock file, remove it", clipped(key.Value))
		}
	})
	if !version && p.err == nil {
		p.fail(root, "no version, write version: %s at the top", lockVersion)
	}
	if p.err != nil {
		return nil, p.err
	}
	return lock, nil
}

// conflictLine returns the first line that git left of a merge, 0 if there is none.
func conflictLine(data []byte) int {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		for _, mark := range []string{"<<<<<<<", ">>>>>>>", "=======", "|||||||"} {
			after, ok := bytes.CutPrefix(text, []byte(mark))
			if ok && (len(after) == 0 || bytes.ContainsRune([]byte(" \r\n"), rune(after[0]))) {
				return line
			}
		}
	}
	return 0
}

// lockRoot returns the mapping that a lock file consists of.
func lockRoot(name string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, fmt.Errorf("%s:1: empty, write version: %s or remove the file", name, lockVersion)
	}
	if err != nil {
		return nil, yamlError(name, data, err)
	}
	err = decoder.Decode(&more)
	if err == nil {
		return nil, fmt.Errorf("%s:%d: a second document, keep one", name, max(more.Line, 1))
	}
	if !errors.Is(err, io.EOF) {
		return nil, yamlError(name, data, err)
	}
	return doc.Content[0], nil
}

// lockParser keeps the first error.
type lockParser struct {
	name string
	err  error
}

func (p *lockParser) fail(at *yaml.Node, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%s:%d: %w", p.name, max(at.Line, 1), fmt.Errorf(format, args...))
	}
}

// each visits the keys of a mapping until something is wrong.
func (p *lockParser) each(node *yaml.Node, visit func(key, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		p.fail(node, "not a mapping of keys to values, write it as restow pin --lock does")
		return
	}
	seen := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content) && p.err == nil; i += 2 {
		key := node.Content[i]
		name := p.text(key)
		if first := seen[name]; first > 0 {
			p.fail(key, "%q is there twice, on line %d too; keep one", clipped(name), first)
		}
		seen[name] = key.Line
		if p.err == nil {
			visit(key, node.Content[i+1])
		}
	}
}

// text is the value of a scalar as it is written, whatever YAML takes it for.
func (p *lockParser) text(node *yaml.Node) string {
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value
	case yaml.AliasNode:
		p.fail(node, "an alias, write out what it stands for")
	default:
		p.fail(node, "not a plain value, write it as restow pin --lock does")
	}
	return ""
}

func (p *lockParser) images(node *yaml.Node, images map[string]Locked) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return // nothing locked yet
	}
	if len(node.Content) > 2*maxLockImages {
		p.fail(node, "more than %d images, split the project", maxLockImages)
		return
	}
	p.each(node, func(key, value *yaml.Node) {
		if err := checkReference(key.Value); err != nil {
			p.fail(key, "%q: %w", clipped(key.Value), err)
			return
		}
		images[key.Value] = p.locked(value)
	})
}

func (p *lockParser) locked(node *yaml.Node) Locked {
	var found Locked
	p.each(node, func(key, value *yaml.Node) {
		text := p.text(value)
		switch {
		case p.err != nil:
		case key.Value == "digest":
			if !digestForm.MatchString(text) {
				p.fail(value, "%q is not a digest as in sha256: and 64 of 0-9a-f, pin the image again", clipped(text))
			}
			found.Digest = text
		case key.Value == "mediaType":
			if !mediaForm.MatchString(text) {
				p.fail(value, "%q is not a media type, pin the image again", clipped(text))
			}
			found.MediaType = text
		case key.Value == "resolved":
			at, err := time.Parse(time.RFC3339, text)
			at = at.UTC().Truncate(time.Second)
			if err != nil || at.Year() < 1970 || at.Year() > 9999 {
				p.fail(value, "%q is not a time as in 2026-11-21T04:00:00Z, pin the image again", clipped(text))
			}
			found.Resolved = at
		default:
			p.fail(key, "%q is not a key of an image, remove it", clipped(key.Value))
		}
	})
	if found.Digest == "" {
		p.fail(node, "no digest, pin the image again")
	}
	return found
}

// checkReference refuses all but host[:port]/path:tag, Docker Hub written out.
func checkReference(ref string) error {
	advice := errors.New("not a full reference as in docker.io/library/python:3.11, write host, path and tag")
	i := strings.LastIndexByte(ref, ':')
	if i < strings.LastIndexByte(ref, '/') || i < 0 || checkRepository(ref[:i]) != nil || !tagForm.MatchString(ref[i+1:]) {
		return advice
	}
	host, path, _ := strings.Cut(ref[:i], "/")
	if host == "index.docker.io" || host == "docker.io" && !strings.Contains(path, "/") {
		return advice
	}
	return nil
}

// clipped shortens text for a message.
func clipped(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 100)], "")
}

// Format writes a lock file: sorted, with LF, the same for the same content.
func (l *Lock) Format() []byte {
	var b bytes.Buffer
	b.WriteString("# Digests that restow fix and restow pin take first. Written by restow pin --lock.\n")
	fmt.Fprintf(&b, "version: %s\nimages:\n", lockVersion)
	for _, ref := range slices.Sorted(maps.Keys(l.Images)) {
		locked := l.Images[ref]
		if strings.HasPrefix(ref, "[") { // an IPv6 host, which YAML takes for a list
			ref = `"` + ref + `"`
		}
		fmt.Fprintf(&b, "  %s:\n    digest: %s\n", ref, locked.Digest)
		if locked.MediaType != "" {
			fmt.Fprintf(&b, "    mediaType: %s\n", locked.MediaType)
		}
		if !locked.Resolved.IsZero() {
			fmt.Fprintf(&b, "    resolved: %s\n", locked.Resolved.UTC().Format(time.RFC3339))
		}
	}
	return b.Bytes()
}

// Where and why the YAML library stopped, by its messages: there is no exported
// type to ask for it.
var (
	yamlLine   = regexp.MustCompile(`(?:\bline (\d+)(?:, column \d+)?|<unknown position>): `)
	yamlOffset = regexp.MustCompile(`^offset (\d+): `)
)

// yamlError says FILE:LINE where a lock file is not YAML.
func yamlError(name string, data []byte, err error) error {
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if at := yamlOffset.FindStringSubmatch(what); at != nil {
		offset, _ := strconv.Atoi(at[1]) // digits; what is too large is bounded below
		line = 1 + bytes.Count(data[:min(offset, len(data))], []byte("\n"))
		what = what[len(at[0]):]
	}
	if all := yamlLine.FindAllStringSubmatch(what, -1); all != nil {
		last := all[len(all)-1] // before it stands what was being read
		line, _ = strconv.Atoi(last[1])
		what = what[strings.LastIndex(what, last[0])+len(last[0]):]
		// Of its kinds of error one counts lines from 0, save for anchors.
		if strings.HasSuffix(fmt.Sprintf("%T", err), "ParserError") && !strings.HasPrefix(what, "unknown anchor") {
			line++
		}
	}
	return fmt.Errorf("%s:%d: not valid YAML: %s, correct it", name, max(line, 1), clipped(printable(what)))
}
