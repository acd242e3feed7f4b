package build

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ignoredConfig are fields that say how an image came about, not what it is.
// The layers are compared as files.
var ignoredConfig = []string{"created", "history", "rootfs", "config", "container_config", "container", "docker_version", "moby.buildkit.buildinfo.v1", "moby.buildkit.cache.v0", "author"}

// compareConfig compares image configurations field by field, those that only
// newer versions know included. ENV and LABEL are compared by name.
func compareConfig(before, after *image) (out []Change) {
	add := func(field string, b, a any) {
		bs, as := configText(b), configText(a)
		if bs == as {
			return
		}
		c := Change{Kind: Config, What: "value", Path: field, Before: or(bs, "none"), After: or(as, "none")}
		if name, ok := strings.CutPrefix(field, "Labels "); ok && (strings.HasSuffix(name, ".created") || strings.HasSuffix(name, "build-date")) {
			c.Class, c.Why = Volatile, "the date of the build"
		}
		out = append(out, c)
	}
	for _, k := range keys(before.raw, after.raw) {
		if !slices.Contains(ignoredConfig, k) {
			add(k, before.raw[k], after.raw[k])
		}
	}
	b, _ := before.raw["config"].(map[string]any)
	a, _ := after.raw["config"].(map[string]any)
	for _, k := range keys(b, a) {
		switch k {
		case "Image", "Hostname", "Domainname", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce":
			continue // of the container that a classic builder ran
		case "Env":
			be, ae := envMap(before.config.Config.Env), envMap(after.config.Config.Env)
			for _, name := range keys(be, ae) {
				add("Env "+name, be[name], ae[name])
			}
		case "Labels":
			bl, _ := b[k].(map[string]any)
			al, _ := a[k].(map[string]any)
			for _, name := range keys(bl, al) {
				add("Labels "+name, bl[name], al[name])
			}
		case "WorkingDir":
			add(k, or(fmt.Sprint(orEmpty(b[k])), "/"), or(fmt.Sprint(orEmpty(a[k])), "/"))
		default:
			add(k, b[k], a[k])
		}
	}
	return out
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

// configText is a field's value as text, "" where it is not there or empty: BuildKit
// and older builders write those apart.
func configText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == "" {
			return ""
		}
	case bool:
		if !v {
			return ""
		}
	case []any:
		if len(v) == 0 {
			return ""
		}
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
	}
	text, err := json.Marshal(v) // maps come out in order
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func envMap(env []string) map[string]any {
	out := map[string]any{}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		out[name] = envValue(value)
	}
	return out
}

// envValue is a variable's value: an empty one is not none.
type envValue string

func keys(a, b map[string]any) []string {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return slices.Sorted(maps.Keys(all))
}
