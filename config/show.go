package config

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteShow writes every key with its value as YAML and where it comes from,
// one a line and sorted.
func WriteShow(w io.Writer, s Settings) error {
	rows := s.Origins()
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.Key+": "+r.Value))
	}
	var b strings.Builder
	for _, r := range rows {
		line := r.Key + ": " + r.Value
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(line))
		// Escaped, because the name of a folder may hold a line break.
		fmt.Fprintf(&b, "%s%s    # %s\n", line, pad, oneLine(r.From))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	return nil
}

// yaml returns the value of a key as YAML on one line.
func (s Settings) yaml(key string) string {
	switch key {
	case "passes":
		return yamlPasses(s.Passes)
	case "select":
		return yamlList(s.Select)
	case "ignore":
		return yamlList(s.Ignore)
	case "unsafe":
		return strconv.FormatBool(s.Unsafe)
	case "caches":
		return yamlText(s.Caches)
	case "swap-to":
		return yamlText(s.SwapTo)
	case "merge":
		return yamlText(s.Merge)
	case "reorder-gain":
		return strconv.Itoa(s.ReorderGain)
	case "exclude":
		return yamlList(s.Exclude)
	case "context":
		return s.yamlPath(s.Context)
	case "offline":
		return strconv.FormatBool(s.Offline)
	case "color":
		return yamlText(s.Color)
	case "smoke":
		return yamlCommands(s.Smoke)
	case "smoke-output":
		return strconv.FormatBool(s.SmokeOutput)
	case "server":
		return yamlServer(s.Server)
	case "touch":
		return yamlList(s.Touch)
	default:
		return s.yamlRegistry(key)
	}
}

// yamlRegistry is yaml for the keys that concern registries.
func (s Settings) yamlRegistry(key string) string {
	switch key {
	case "lock":
		return s.yamlPath(s.LockFile)
	case "registry-args":
		return strconv.FormatBool(s.RegistryArgs)
	case "inline-args":
		return strconv.FormatBool(s.InlineArgs)
	case "mirrors":
		return yamlMirrors(s.Mirrors)
	case "insecure-registries":
		return yamlList(s.Insecure)
	case "mirror":
		return yamlRenames(s.Mirror)
	case "cache-ttl":
		return shortDuration(s.CacheTTL)
	case "bases":
		return yamlBases(s.Bases)
	case "bot":
		return yamlBot(s.Bot)
	case "parallel":
		return strconv.Itoa(s.Parallel)
	default:
		return ""
	}
}

// yamlPath writes a path as messages name it.
func (s Settings) yamlPath(path string) string {
	if path != "" && s.show != nil {
		path = s.show(path)
	}
	return yamlText(path)
}

func yamlPasses(passes map[string]PassSetting) string {
	items := make([]string, 0, len(passes))
	for _, name := range slices.Sorted(maps.Keys(passes)) {
		p := passes[name]
		value := "off"
		if p.Enabled {
			value = "on"
		}
		if p.Unsafe != nil {
			value = fmt.Sprintf("{enabled: %t, unsafe: %t}", p.Enabled, *p.Unsafe)
		}
		items = append(items, yamlText(name)+": "+value)
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func yamlList(items []string) string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = yamlText(item)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// plain matches text that means itself in YAML without quotes, apart from
// words. It is much narrower than YAML's own rule, which costs only quotes.
var plain = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$`)

// words are what some YAML reader takes for something else than text.
var words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// yamlText writes text so that YAML reads it back. The escapes of Go are
// among those of YAML's double quotes.
func yamlText(s string) string {
	if plain.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	if s == "." || s == ".." {
		return s
	}
	return strconv.Quote(s)
}

// oneLine escapes text that would not stay on its line.
func oneLine(s string) string {
	q := strconv.Quote(s)
	if q == `"`+s+`"` {
		return s
	}
	return q
}
