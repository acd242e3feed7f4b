package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// level is where a value comes from, the stronger the higher.
type level int

const (
	fromDefault level = iota
	fromFile
	fromEnv
	fromFlag
)

// origin is where the value of one key comes from.
type origin struct {
	level level
	text  string
}

// Resolve returns the settings for the Dockerfiles in dir. For each key the
// first that sets it wins, as a whole: flags, by flag name and only those that
// were given; environ, as from os.Environ; the nearest file; the default.
// Flags that are not in the table are not looked at, and neither are those
// without a field in Settings; EnvFlags is for them.
func (l *Loader) Resolve(dir string, flags map[string]string, environ []string) (Settings, error) {
	s := Settings{origins: map[string]origin{}, aliases: l.aliases, show: l.show}
	path, root, err := l.nearest(l.abs(dir))
	if err != nil {
		return Settings{}, err
	}
	var errs []error
	f := &file{}
	if path != "" {
		s.File = l.show(path)
		if f, err = l.file(path, root); err != nil {
			errs, f = append(errs, err), &file{}
		}
	}
	vars := readEnv(environ)
	for i := range table {
		row := &table[i]
		if row.assign == nil {
			continue
		}
		if err := l.resolve(&s, row, f, flags, vars); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return Settings{}, errors.Join(errs...)
	}
	return s, nil
}

// resolve sets the value of one row.
func (l *Loader) resolve(s *Settings, row *Setting, f *file, flags, vars map[string]string) error {
	var value any
	var from origin
	var err error
	base := l.dir // what a pattern is relative to
	if text, ok := flags[row.Flag]; ok && row.Flag != "" {
		from = origin{fromFlag, "flag --" + row.Flag}
		value, err = l.given(row, from.text, text)
	} else if text, ok := vars[row.Env]; ok {
		from = origin{fromEnv, "environment " + row.Env}
		value, err = l.given(row, from.text, text)
	} else if name, ok := row.refused(vars); ok {
		return fmt.Errorf("environment %s: commands cannot be told apart in one variable, use --%s or %s in %s", name, row.Flag, row.Key, FileName)
	} else if v, ok := f.values[row.Key]; ok {
		from = origin{fromFile, fmt.Sprintf("%s:%d", f.shown, v.line)}
		value, base = v.clone(), f.dir
	} else {
		from = origin{fromDefault, "default"}
		value, err = row.parseText(row.Default)
		base = ""
	}
	if err != nil {
		return err
	}
	row.assign(s, value)
	s.origins[row.name()] = from
	if row.Type == Patterns {
		s.ExcludeDir = base
	}
	return nil
}

// given reads a value that the user of this run gave.
func (l *Loader) given(row *Setting, from, text string) (any, error) {
	value, err := row.parseText(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	switch row.Type {
	case Names:
		var errs []error
		for _, name := range value.([]string) {
			if err := checkName(name, l.names); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", from, err))
			}
		}
		return value, errors.Join(errs...)
	case Folder, File:
		if text == "" {
			return "", nil
		}
		return l.abs(filepath.FromSlash(text)), nil
	case Hosts:
		// A list that came out empty by mistake must not allow everything.
		if len(value.([]string)) == 0 {
			return nil, fmt.Errorf("%s: expected %s, found none, name one or leave it out to allow all", from, hosts.want)
		}
		return value, nil
	default:
		return value, nil
	}
}

// Default returns the settings when nobody sets anything.
func Default() Settings {
	s := Settings{origins: map[string]origin{}}
	for i := range table {
		row := &table[i]
		if row.assign == nil {
			continue
		}
		// A test parses every default, so the error cannot happen here.
		if v, err := row.parseText(row.Default); err == nil {
			row.assign(&s, v)
		}
		s.origins[row.name()] = origin{fromDefault, "default"}
	}
	return s
}

// Names returns the pass names and rule names that settings may use, sorted:
// what SchemaWith takes.
func (l *Loader) Names() []string {
	return slices.Clone(l.names)
}

// clone returns the value so that a caller changing it does not change what
// the Loader keeps.
func (v fileValue) clone() any {
	switch value := v.value.(type) {
	case []string:
		return slices.Clone(value)
	case map[string]PassSetting:
		return maps.Clone(value)
	case []Base:
		out := make([]Base, len(value))
		for i, b := range value {
			out[i] = b.clone()
		}
		return out
	case map[string][]string:
		out := make(map[string][]string, len(value))
		for k, list := range value {
			out[k] = slices.Clone(list)
		}
		return out
	case []Rename:
		return slices.Clone(value)
	case Bot:
		return value.clone()
	case []SmokeCommand:
		return cloneCommands(value)
	case *Server:
		if value == nil {
			return value
		}
		s := *value
		return &s
	default:
		return value
	}
}
