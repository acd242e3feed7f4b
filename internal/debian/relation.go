package debian

import (
	"fmt"
	"strings"
)

// relation is one package that a field such as Depends names.
type relation struct {
	name, op, version string
}

// clause is a list of relations one of which is enough.
type clause []relation

// maxRelations bounds a field: the longest of Debian's have some hundred.
const maxRelations = 20_000

// parseRelations reads a relationship field (Debian Policy, section 7.1). Binary
// packages' fields have neither lists of architectures nor build profiles.
func parseRelations(field string) ([]clause, error) {
	var out []clause
	n := 0
	for part := range strings.SplitSeq(field, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		var c clause
		for alternative := range strings.SplitSeq(part, "|") {
			r, err := parseRelation(strings.TrimSpace(alternative))
			if err != nil {
				return nil, err
			}
			if n++; n > maxRelations {
				return nil, fmt.Errorf("more than %d packages in one field", maxRelations)
			}
			c = append(c, r)
		}
		out = append(out, c)
	}
	return out, nil
}

func parseRelation(s string) (relation, error) {
	name, rest, constrained := strings.Cut(s, "(")
	r := relation{name: strings.TrimSpace(name)}
	if constrained {
		inner, after, ok := strings.Cut(rest, ")")
		inner = strings.TrimSpace(inner)
		i := strings.IndexFunc(inner, func(c rune) bool { return !strings.ContainsRune("<>=", c) })
		if !ok || i <= 0 || strings.TrimSpace(after) != "" {
			return r, fmt.Errorf("the relation %q cannot be read", s)
		}
		r.op, r.version = inner[:i], strings.TrimSpace(inner[i:])
		if !strings.Contains(" << <= = >= >> < > ", " "+r.op+" ") || r.version == "" {
			return r, fmt.Errorf("the relation %q cannot be read", s)
		}
	}
	// :any takes the package of any architecture, and there is only one here.
	if plain, arch, ok := strings.Cut(r.name, ":"); ok {
		if arch != "any" && arch != "native" {
			return r, fmt.Errorf("the relation %q is about another architecture", s)
		}
		r.name = plain
	}
	if !validName(r.name) {
		return r, fmt.Errorf("the relation %q names no package", s)
	}
	return r, nil
}

// validName tells the names that packages can have (Debian Policy, section 5.6.1).
// Capital letters occur in old virtual ones.
func validName(s string) bool {
	if s == "" || len(s) > 200 || strings.ContainsAny(s[:1], "+-.") {
		return false
	}
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

func (r relation) String() string {
	if r.op == "" {
		return r.name
	}
	return r.name + " (" + r.op + " " + r.version + ")"
}

func (c clause) String() string {
	var out []string
	for _, r := range c {
		out = append(out, r.String())
	}
	return strings.Join(out, " | ")
}
