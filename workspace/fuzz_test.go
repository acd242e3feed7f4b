package workspace

import "testing"

// FuzzBuilds calls the parsers without guard: a panic is a finding here.
func FuzzBuilds(f *testing.F) {
	f.Add("docker-bake.hcl", []byte("target \"x\" {\n args = { A = \"${b}\" }\n inherits=[\"y\"]\n}\n"))
	f.Add("compose.yaml", []byte("services:\n  a: &a\n    build: {context: ., args: [A=b], <<: *a}\n  b: {build: !reset x}\n"))
	f.Add("docker-bake.json", []byte(`{"target": {"a": {"context": "x", "inherits": ["b"]}}}`))
	f.Fuzz(func(t *testing.T, base string, data []byte) {
		parse := map[string]func(string, []byte) ([]build, error){
			"compose.yaml": parseCompose, "docker-bake.json": parseBakeJSON, "docker-bake.hcl": parseBakeHCL,
		}[base]
		if parse == nil {
			return
		}
		if builds, err := parse(base, data); err != nil && builds != nil {
			t.Errorf("both %v and %v", builds, err)
		}
	})
}
