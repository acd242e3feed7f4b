package install

import (
	"bytes"

	"go.yaml.in/yaml/v4"
)

// yamlDecode reads a mapping. Anchors that multiply are the library's to refuse.
func yamlDecode(data []byte) (out map[string]any, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = nil, false
		}
	}()
	if err := yaml.Unmarshal(data, &out); err != nil {
		return nil, false
	}
	return out, true
}

// yamlText is a scalar as text.
func yamlText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func yamlList(v any) []any {
	l, _ := v.([]any)
	return l
}

// maxYAML bounds a configuration in YAML, in bytes.
const maxYAML = 1 << 20

// yamlMap reads a mapping with string keys; nothing is an empty one.
func yamlMap(data []byte) (map[string]any, bool) {
	if len(data) > maxYAML {
		return nil, false
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, true
	}
	return yamlDecode(data)
}
