package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reserved are variables of this project's own tests.
var reserved = []string{"RESTOW_BASEDATA", "RESTOW_CI", "RESTOW_CORPUS", "RESTOW_LAB", "RESTOW_LAB_DIR", "RESTOW_LAB_REGISTRY"}

// UnknownVariable is a RESTOW_* variable that nothing reads.
type UnknownVariable struct {
	Name       string
	Suggestion string // the variable that was probably meant, or empty
}

// UnknownEnv returns the RESTOW_* variables of environ, as from os.Environ,
// that no setting has, sorted by name.
func UnknownEnv(environ []string) []UnknownVariable {
	vars := readEnv(environ)
	skip := slices.Clone(reserved)
	var known []string
	for i := range table {
		if table[i].Env != "" {
			known = append(known, table[i].Env)
		}
		if name, ok := table[i].refused(vars); ok {
			skip = append(skip, name)
		}
	}
	var out []UnknownVariable
	for name := range vars {
		if slices.Contains(known, name) || slices.Contains(skip, name) {
			continue
		}
		// Only the part after the prefix tells names apart: with the prefix
		// every name would resemble every other.
		u := UnknownVariable{Name: name}
		rest := make([]string, len(known))
		for i, k := range known {
			rest[i] = strings.TrimPrefix(k, envPrefix)
		}
		if s, ok := Suggest(strings.TrimPrefix(name, envPrefix), rest); ok {
			u.Suggestion = envPrefix + s
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b UnknownVariable) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// EnvFlags returns the values that environ gives to the flags that Settings has
// no field for, by flag name; true and false are written like that. The caller
// uses them for flags that are not set. Resolve looks at the others itself.
func EnvFlags(environ []string) (map[string]string, error) {
	vars := readEnv(environ)
	out := map[string]string{}
	var errs []error
	for i := range table {
		s := &table[i]
		text, ok := vars[s.Env]
		if s.assign != nil || !ok {
			continue
		}
		v, err := s.parseText(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("environment %s: %w", s.Env, err))
			continue
		}
		if on, ok := v.(bool); ok {
			text = strconv.FormatBool(on)
		}
		out[s.Flag] = text
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// refused returns the variable that somebody set for a flag that has none;
// Resolve reports it. Commands hold commas, and a JSON array could be one
// command or several, so there is no way to write a list of them.
func (s *Setting) refused(vars map[string]string) (name string, set bool) {
	if s.Flag == "" || s.Env != "" {
		return "", false
	}
	name = EnvFor(s.Flag)
	_, set = vars[name]
	return name, set
}

// readEnv returns the RESTOW_* variables that have a value. An empty one
// counts as not set, because that is how shells and CI files clear a variable.
func readEnv(environ []string) map[string]string {
	vars := map[string]string{}
	for _, kv := range environ {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		if value == "" {
			delete(vars, name)
			continue
		}
		vars[name] = value
	}
	return vars
}
