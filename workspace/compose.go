package workspace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// buildKeys are the settings of a build section that say which Dockerfile it
// builds and how.
var buildKeys = []string{"context", "dockerfile", "dockerfile_inline", "target", "args", "additional_contexts"}

// composeService is what is decoded of a service: merge keys are resolved by
// the decoder, and what stands under other keys is not so much as expanded.
type composeService struct {
	Build   yaml.Node `yaml:"build"`
	Extends any       `yaml:"extends"`
}

// parseCompose reads the build sections of a compose file. The loader is given
// them alone, decoded, and told to leave alone all that would make it open
// another file or look at the environment. A whole file could keep it busy (one
// port range is a thousand ports) and make it print warnings.
func parseCompose(name string, data []byte) ([]build, error) {
	details := types.ConfigDetails{WorkingDir: "/", Environment: types.Mapping{}}
	extends := map[string]bool{}
	for doc, err := range yamlDocuments(name, data) {
		if err != nil {
			return nil, err
		}
		services, err := composeServices(name, doc, extends)
		if err != nil {
			return nil, err
		}
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{
			Filename: name, Config: map[string]any{"services": services},
		})
	}
	if len(details.ConfigFiles) == 0 {
		return nil, nil
	}
	model, err := loader.LoadModelWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName("restow", true)
		o.SkipValidation = true
		o.SkipInterpolation = true
		o.SkipNormalization = true
		o.SkipConsistencyCheck = true
		o.SkipExtends = true
		o.SkipInclude = true
		o.SkipResolveEnvironment = true
		o.SkipResolveLabels = true
		o.SkipDefaultValues = true
		o.ResolvePaths = false
	})
	if err != nil {
		return nil, composeError(name, err)
	}
	services, _ := model["services"].(map[string]any)
	var builds []build
	for _, service := range slices.Sorted(maps.Keys(services)) {
		settings, _ := services[service].(map[string]any)
		if section, ok := settings["build"].(map[string]any); ok {
			builds = append(builds, composeBuild(service, section, extends[service]))
		}
	}
	return builds, nil
}

// composeServices takes the build sections out of a document and notes the
// services that extend another.
func composeServices(name string, doc *yaml.Node, extends map[string]bool) (map[string]any, error) {
	var file struct {
		Services map[string]composeService `yaml:"services"`
	}
	if err := doc.Decode(&file); err != nil {
		return nil, composeError(name, err)
	}
	services := map[string]any{}
	for service, s := range file.Services {
		extends[service] = extends[service] || s.Extends != nil
		build, err := buildSection(s.Build)
		if err != nil {
			return nil, composeError(name, err)
		}
		if n := max(size(build["args"]), size(build["additional_contexts"])); n > maxArgs {
			return nil, fmt.Errorf("%s:%d: service %s: more than %d arguments or contexts, exclude the file", name, s.Build.Line, service, maxArgs)
		}
		if build != nil {
			services[service] = map[string]any{"build": build}
		}
	}
	return services, nil
}

// buildSection decodes a build section, which may be the build context alone.
// It is nil when there is none.
func buildSection(node yaml.Node) (map[string]any, error) {
	if node.Kind == yaml.AliasNode {
		node = *node.Alias
	}
	if node.IsZero() || node.Tag == "!!null" || node.Tag == "!reset" {
		return nil, nil
	}
	if node.Kind == yaml.ScalarNode {
		return map[string]any{"context": node.Value}, nil
	}
	// The tags !reset and !override act on a file that this one is merged over.
	// Alone, the one means unset and the other nothing.
	node.Tag = ""
	node.Content = slices.Clone(node.Content)
	for i := len(node.Content) - 2; i >= 0 && node.Kind == yaml.MappingNode; i -= 2 {
		switch v := *node.Content[i+1]; v.Tag {
		case "!reset":
			node.Content = slices.Delete(node.Content, i, i+2)
		case "!override":
			v.Tag = ""
			node.Content[i+1] = &v
		}
	}
	var all map[string]any
	if err := node.Decode(&all); err != nil {
		return nil, err
	}
	section := map[string]any{}
	for _, key := range buildKeys {
		if v, ok := all[key]; ok {
			section[key] = v
		}
	}
	return section, nil
}

func size(v any) int {
	switch v := v.(type) {
	case map[string]any:
		return len(v)
	case []any:
		return len(v)
	}
	return 0
}

func composeBuild(service string, section map[string]any, partial bool) build {
	b := newBuild("service", service)
	b.partial = partial
	b.context = composeValue(section["context"])
	b.dockerfile = composeValue(section["dockerfile"])
	b.inline = composeInline(section["dockerfile_inline"])
	b.target = composeValue(section["target"])
	for k, v := range composePairs(section["args"]) {
		if strings.Contains(k, "$") {
			b.open["args"] = true
			continue
		}
		b.args[k] = v
	}
	for k := range composePairs(section["additional_contexts"]) {
		if strings.Contains(k, "$") {
			b.open["contexts"] = true
			continue
		}
		b.contexts[k] = true
	}
	return b
}

// composeValue takes a scalar. Every "$" counts as a variable, "$$" as well: a
// path or an argument that needs it is too rare to be worth being wrong.
func composeValue(v any) value {
	switch v := v.(type) {
	case nil:
		return value{}
	case string:
		if v == "" {
			return value{}
		}
		if strings.Contains(v, "$") {
			return value{set: true}
		}
		return known(v)
	case map[string]any, []any:
		return value{set: true}
	}
	return known(fmt.Sprint(v))
}

// composeInline undoes "$$", which every inline Dockerfile with a variable of
// its own needs; what compose itself would replace leaves the text unknown.
func composeInline(v any) value {
	text, ok := v.(string)
	if !ok || text == "" {
		return composeValue(v)
	}
	const dollar = "$$"
	if strings.Contains(strings.ReplaceAll(text, dollar, ""), "$") {
		return value{set: true}
	}
	return known(strings.ReplaceAll(text, dollar, "$"))
}

// composePairs reads a mapping or a list of KEY=VALUE. A key without a value
// takes it from the environment, so that its value is not known; an empty text
// is a value.
func composePairs(v any) map[string]value {
	pairs := map[string]value{}
	put := func(k string, v any) {
		pairs[k] = composeValue(v)
		if v == "" {
			pairs[k] = known("")
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for k, v := range v {
			put(k, v)
		}
	case []any:
		for _, item := range v {
			k, text, found := strings.Cut(fmt.Sprint(item), "=")
			if found {
				put(k, text)
			} else {
				put(k, nil)
			}
		}
	}
	return pairs
}

var yamlLine = regexp.MustCompile(`\bline (\d+)`)

// composeError names the line when the YAML library told one.
func composeError(name string, err error) error {
	cause := err
	for inner := errors.Unwrap(cause); inner != nil; inner = errors.Unwrap(inner) {
		cause = inner // drops "failed to parse NAME", the name being first here
	}
	// The library wraps a message about one line in one about its construct, on
	// lines of its own: the last line is the one that says something.
	text := cause.Error()
	text = strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
	text, _, _ = strings.Cut(text, " into ") // the rest is a Go type
	if text, found := strings.CutPrefix(text, "line "); found {
		line, text, _ := strings.Cut(text, ": ")
		return fmt.Errorf("%s:%s: not a valid compose file: %s; mend it or exclude it", name, line, text)
	}
	where := name
	if m := yamlLine.FindAllStringSubmatch(cause.Error(), -1); m != nil {
		where += ":" + m[len(m)-1][1]
	}
	return fmt.Errorf("%s: not a valid compose file: %s; mend it or exclude it", where, text)
}
