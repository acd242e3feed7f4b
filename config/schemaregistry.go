package config

import "strconv"

// nameSchemaOf returns the schema of a name.
func nameSchemaOf(pattern string) *schema {
	return &schema{Type: "string", Pattern: pattern, MaxLength: maxName}
}

// registrySchema fills in the schema of a setting that concerns registries.
// Ports and addresses in brackets are left to the reader.
func (s *Setting) registrySchema(out *schema) {
	closed := false
	switch s.Type {
	case File:
		out.Type, out.Pattern = "string", `^([^/]|$)`
	case Insecures:
		out.Type, out.Items, out.MaxItems = "array", nameSchemaOf(insecures.pattern), maxEntries
	case Mirrors:
		one := nameSchemaOf(locations.pattern)
		one.Title, one.Description = "location", "Where digests are looked up."
		out.Type, out.MaxProperties = "object", maxEntries
		out.PropertyNames = &schema{MaxLength: maxName}
		out.PatternProperties = map[string]*schema{prefixes.pattern: {OneOf: []*schema{
			one,
			{Title: "locations", Description: "Where digests are looked up, in order.", Type: "array", Items: nameSchemaOf(locations.pattern), MinItems: 1, MaxItems: maxEntries},
		}}}
		out.AdditionalProperties = &closed
	case Renames:
		out.Type, out.MaxProperties = "object", maxEntries
		out.PropertyNames = &schema{MaxLength: maxName}
		out.PatternProperties = map[string]*schema{
			allPattern:  nameSchemaOf(allPattern),
			repoPattern: nameSchemaOf(repoPattern),
		}
		out.AdditionalProperties = &closed
	case Age:
		out.Type, out.Pattern, out.Default = "string", agePattern, s.Default
	case Number:
		out.Type, out.Minimum, out.Maximum = "integer", 1, maxNumber
		// A test parses every default.
		if n, err := strconv.Atoi(s.Default); err == nil {
			out.Default = n
		}
	}
}
