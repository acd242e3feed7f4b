package config

// pathsPattern is what a path in the build context looks like. That it may
// not climb out of it with .. is left to the reader.
const pathsPattern = `^\s*[^/\s]`

// runSchema returns the schema of a command in shell or exec form.
func runSchema() *schema {
	return &schema{
		Title:       "command",
		Description: "Text is run by the image's shell, a list is the program and its arguments.",
		OneOf: []*schema{
			{Title: "shell form", Description: "A command for the image's shell.", Type: "string", Pattern: `\S`, Not: &schema{Pattern: listInAString}},
			{
				Title:       "exec form",
				Description: "The program and its arguments.",
				Type:        "array",
				PrefixItems: []*schema{{Type: "string", Pattern: `\S`}},
				Items:       &schema{Type: "string"},
				MinItems:    1,
				MaxItems:    maxArgs,
			},
		},
	}
}

// commandSchema returns the schema of an item of smoke.
func commandSchema() *schema {
	closed := false
	return &schema{
		OneOf: []*schema{
			{Ref: "#/$defs/run"},
			{
				Title:       "details",
				Description: "What to run and what to compare.",
				Type:        "object",
				Properties: map[string]*schema{
					"run":    {Ref: "#/$defs/run"},
					"output": {Title: "output", Description: "The output must be the same too.", Type: "boolean", Default: false},
				},
				Required:             []string{"run"},
				AdditionalProperties: &closed,
			},
		},
	}
}

// serverSchema fills in the schema of server.
func serverSchema(out *schema) {
	closed := false
	out.Type = "object"
	out.Properties = map[string]*schema{
		"port": {Title: "port", Description: "The port the server listens on.", Type: "integer", Minimum: 1, Maximum: maxPort},
		"path": {Title: "path", Description: "What to GET.", Type: "string", Pattern: pathPattern, Default: defaultPath},
		"wait": {Title: "wait", Description: "How long to wait until the port answers, such as 30s or 2m.", Type: "string", Pattern: waitPattern, Default: shortDuration(defaultWait)},
	}
	out.DependentRequired = map[string][]string{"path": {"port"}, "wait": {"port"}}
	out.AdditionalProperties = &closed
}
