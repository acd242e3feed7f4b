package install

import "go.yaml.in/yaml/v4"

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
