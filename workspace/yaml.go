package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"go.yaml.in/yaml/v4"
)

// Bounds on a compose file. The loader builds a path for every node and holds
// it against lists of patterns, so that its time grows with the depth as well
// as with what aliases stand for.
const (
	maxYAMLDepth     = 100
	maxYAMLAliases   = 2000
	maxYAMLExpanded  = 100_000
	maxYAMLDocuments = 100
	maxYAMLKeys      = 5000 // of one mapping, whose keys are compared in pairs
)

// yamlSize measures documents without resolving an alias.
type yamlSize struct {
	aliases  int
	expanded map[*yaml.Node]int // nodes under one, aliases replaced; 0 while counting
}

// yamlDocuments gives the documents of a file up to the first error, refusing
// what decoding could be kept busy with.
func yamlDocuments(name string, data []byte) iter.Seq2[*yaml.Node, error] {
	return func(yield func(*yaml.Node, error) bool) {
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		size := yamlSize{expanded: map[*yaml.Node]int{}}
		for range maxYAMLDocuments {
			doc := new(yaml.Node)
			err := decoder.Decode(doc)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, composeError(name, err))
				return
			}
			if _, err := size.count(name, doc, 0); err != nil {
				yield(nil, err)
				return
			}
			if !yield(doc, nil) {
				return
			}
		}
		yield(nil, fmt.Errorf("%s: more than %d YAML documents, exclude it", name, maxYAMLDocuments))
	}
}

func (s *yamlSize) count(name string, node *yaml.Node, depth int) (int, error) {
	if n, ok := s.expanded[node]; ok {
		if n == 0 {
			return 0, fmt.Errorf("%s:%d: an alias stands for what contains it, mend it or exclude the file", name, node.Line)
		}
		return n, nil
	}
	if depth > maxYAMLDepth {
		return 0, fmt.Errorf("%s:%d: nested more than %d deep, exclude the file", name, node.Line, maxYAMLDepth)
	}
	s.expanded[node] = 0
	if node.Kind == yaml.MappingNode && len(node.Content) > 2*maxYAMLKeys {
		return 0, fmt.Errorf("%s:%d: more than %d keys, exclude the file", name, node.Line, maxYAMLKeys)
	}
	total := 1
	below := node.Content
	if node.Kind == yaml.AliasNode {
		if s.aliases++; s.aliases > maxYAMLAliases {
			return 0, fmt.Errorf("%s:%d: more than %d aliases, exclude the file", name, node.Line, maxYAMLAliases)
		}
		below = []*yaml.Node{node.Alias}
	}
	for _, child := range below {
		n, err := s.count(name, child, depth+1)
		if err != nil {
			return 0, err
		}
		if total += n; total > maxYAMLExpanded {
			return 0, fmt.Errorf("%s:%d: stands for more than %d YAML nodes, exclude the file", name, node.Line, maxYAMLExpanded)
		}
	}
	s.expanded[node] = total
	return total, nil
}
