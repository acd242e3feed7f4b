package config

import (
	"bytes"
	"encoding/json"
	"slices"
)

// schemaID is where editors find the schema.
const schemaID = "https://raw.githubusercontent.com/restow/restow/main/docs/restow.schema.json"

// schema is the part of JSON Schema that is used, in the order of the output.
type schema struct {
	Schema               string              `json:"$schema,omitempty"`
	ID                   string              `json:"$id,omitempty"`
	Ref                  string              `json:"$ref,omitempty"`
	Title                string              `json:"title,omitempty"`
	Description          string              `json:"description,omitempty"`
	Type                 string              `json:"type,omitempty"`
	Enum                 []any               `json:"enum,omitempty"`
	Default              any                 `json:"default,omitempty"`
	Pattern              string              `json:"pattern,omitempty"`
	MaxLength            int                 `json:"maxLength,omitempty"`
	Minimum              int                 `json:"minimum,omitempty"`
	Maximum              int                 `json:"maximum,omitempty"`
	MinItems             int                 `json:"minItems,omitempty"`
	MaxItems             int                 `json:"maxItems,omitempty"`
	PrefixItems          []*schema           `json:"prefixItems,omitempty"`
	Items                *schema             `json:"items,omitempty"`
	OneOf                []*schema           `json:"oneOf,omitempty"`
	Not                  *schema             `json:"not,omitempty"`
	Properties           map[string]*schema  `json:"properties,omitempty"`
	DependentRequired    map[string][]string `json:"dependentRequired,omitempty"`
	Required             []string            `json:"required,omitempty"`
	PropertyNames        *schema             `json:"propertyNames,omitempty"`
	PatternProperties    map[string]*schema  `json:"patternProperties,omitempty"`
	MaxProperties        int                 `json:"maxProperties,omitempty"`
	AdditionalProperties *bool               `json:"additionalProperties,omitempty"`
	Defs                 map[string]*schema  `json:"$defs,omitempty"`
}

// Schema returns the JSON Schema of a file, in which any name may be a pass.
func Schema() []byte {
	return SchemaWith(nil)
}

// SchemaWith returns the JSON Schema of a file in which only the given names
// of passes and rules are allowed.
func SchemaWith(names []string) []byte {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	closed := false
	root := &schema{
		Schema:               "https://json-schema.org/draft/2020-12/schema",
		ID:                   schemaID,
		Title:                "restow configuration",
		Description:          "Settings of restow for the Dockerfiles in the folder of a " + FileName + " and below.",
		Type:                 "object",
		Properties:           map[string]*schema{},
		AdditionalProperties: &closed,
		Defs:                 map[string]*schema{"pass": passSchema(), "name": nameSchema(names), "run": runSchema()},
	}
	for i := range table {
		if row := &table[i]; row.Key != "" {
			root.Properties[row.Key] = row.schema(names)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	// Only text, booleans and maps by text are encoded: it cannot fail.
	_ = enc.Encode(root)
	return b.Bytes()
}

// schema returns the schema of one key.
func (s *Setting) schema(names []string) *schema {
	out := &schema{Title: s.Key, Description: s.Description}
	closed := false
	switch s.Type {
	case Bool:
		out.Type, out.Default = "boolean", s.Default == "true"
	case Choice:
		out.Enum, out.Default = anys(s.Choices), s.Default
	case Folder, Text:
		out.Type = "string"
		if s.Type == Folder {
			out.Pattern = `^[^/]`
		}
	case Names:
		out.Type, out.Items = "array", &schema{Ref: "#/$defs/name"}
	case Patterns:
		out.Type, out.Items = "array", &schema{Type: "string", Pattern: `\S`}
	case Paths:
		out.Type, out.Items = "array", &schema{Type: "string", Pattern: pathsPattern}
	case Commands:
		out.Type, out.Items, out.MaxItems = "array", commandSchema(), maxCommands
	case Serving:
		serverSchema(out)
	case Bases:
		basesSchema(out)
	case Bots:
		botSchema(out)
	case File, Insecures, Mirrors, Renames, Age, Number:
		s.registrySchema(out)
	case Passes:
		out.Type = "object"
		out.PatternProperties = map[string]*schema{namePattern: {Ref: "#/$defs/pass"}}
		out.AdditionalProperties = &closed
		if len(names) > 0 {
			out.PropertyNames = &schema{Ref: "#/$defs/name"}
		}
	}
	return out
}

// namePattern is what names of passes and of rules look like.
const namePattern = `^[A-Za-z][A-Za-z0-9-]*$`

func nameSchema(names []string) *schema {
	out := &schema{
		Title:       "pass name",
		Description: "Name of a pass, such as merge-run, or of a BuildKit rule, such as StageNameCasing.",
		Type:        "string",
	}
	if len(names) == 0 {
		out.Pattern = namePattern
		return out
	}
	out.Enum = anys(names)
	return out
}

func passSchema() *schema {
	closed := false
	return &schema{
		Title:       "pass setting",
		Description: "Whether the pass runs.",
		OneOf: []*schema{
			{Title: "switch", Description: "Whether the pass runs.", Enum: []any{true, false, "on", "off"}},
			{
				Title:       "details",
				Description: "Whether the pass runs and whether its unsafe fixes are applied.",
				Type:        "object",
				Properties: map[string]*schema{
					"enabled": {Title: "enabled", Description: "Whether the pass runs.", Type: "boolean", Default: true},
					"unsafe":  {Title: "unsafe", Description: "Whether the unsafe fixes of this pass are applied; without it, as the setting unsafe says.", Type: "boolean"},
				},
				AdditionalProperties: &closed,
			},
		},
	}
}

func anys(items []string) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item
	}
	return out
}
