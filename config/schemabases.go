package config

import "maps"

// basesSchema fills in the schema of bases.
func basesSchema(out *schema) {
	closed := false
	name := func(title, description string) *schema {
		return &schema{Title: title, Description: description, Type: "string", Pattern: basePattern, MaxLength: maxName}
	}
	word := &schema{Type: "string", Pattern: wordPattern, MaxLength: maxName}
	words := func(title, description string) *schema {
		return &schema{Title: title, Description: description, Type: "array", Items: word, MaxItems: maxListed}
	}
	choice := func(title, description string) *schema {
		return &schema{Title: title, Description: description, Enum: anys(baseWords[title])}
	}
	facts := map[string]*schema{
		"image":    name("image", "The images that the facts are of: a repository with or without a tag, with at most one * in each."),
		"like":     name("like", "The image that has all the facts which are not given here, such as the one that this one mirrors."),
		"packages": words("packages", "All packages that are installed, by name."),
		"commands": words("commands", "All programs on PATH, by name."),
		"shell":    choice("shell", "What sh is; none where there is no shell."),
		"manager":  choice("manager", "The package manager; none where there is none."),
		"suite":    {Title: "suite", Description: "The release of the distribution, such as bookworm or alpine3.22.", Type: "string", Pattern: wordPattern, MaxLength: maxName},
		"libc":     choice("libc", "The C library."),
	}
	rule := map[string]*schema{
		"from": name("from", "The images that are to be replaced."),
		"to":   name("to", "What they are replaced by; a * is what the one in from stands for."),
		"rename": {
			Title: "rename", Description: "The names that packages have there; empty for those that are not needed there.", Type: "object",
			MaxProperties: maxListed, PropertyNames: &schema{Pattern: wordPattern, MaxLength: maxName},
			PatternProperties:    map[string]*schema{wordPattern: {Type: "string", Pattern: `^[^\s,{}]*$`, MaxLength: maxName}},
			AdditionalProperties: &closed,
		},
	}
	out.Type, out.MaxItems = "array", maxEntries
	out.Items = &schema{OneOf: []*schema{
		{Title: "facts", Description: "What images contain.", Type: "object", Properties: maps.Clone(facts), Required: []string{"image"}, AdditionalProperties: &closed},
		{Title: "rule", Description: "What takes the place of images.", Type: "object", Properties: maps.Clone(rule), Required: []string{"from", "to"}, AdditionalProperties: &closed},
	}}
}
