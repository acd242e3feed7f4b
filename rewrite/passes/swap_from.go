package passes

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// variableTag is a tag with one variable that has no modifiers.
var variableTag = regexp.MustCompile(`^([^$]*)(\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\})([^$]*)$`)

// reference writes the new name in FROM, or says why it cannot.
func (s *swap) reference() (why string) {
	var word dockerfile.Word
	for _, ref := range s.c.File.Refs() {
		if ref.In == s.stage.From {
			if word = ref.Word; !ref.Plain {
				return "the name is written with quotes or escapes"
			}
		}
	}
	text := word.S
	digest := ""
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		text = text[:at]
		img, asked := s.c.Want(s.to.Ref())
		switch {
		case img.Problem != "":
			return fmt.Sprintf("%s is pinned by its digest, and that of %s is not to be had: %s", s.from.Short(), tagOf(s.to), img.Problem)
		case !asked || img.Digest == "":
			return fmt.Sprintf("%s is pinned by its digest, and that of %s was not asked for", s.from.Short(), tagOf(s.to))
		}
		digest = "@" + img.Digest
	}
	repo, tag := cutTag(text)
	switch {
	case s.to.Repository != s.from.Repository:
		repo, tag = s.to.Repository, s.to.Tag
		if !s.to.Tagged && digest == "" {
			tag = ""
		}
		if strings.Contains(text, "$") {
			return "a variable decides the name"
		}
	case !strings.Contains(tag, "$") && (tag != "" || !strings.Contains(repo, "$") || s.named(repo)):
		tag = s.to.Tag
	default:
		if tag, why = s.variable(repo, tag); why != "" {
			return why
		}
	}
	if s.c.Facts.Names.AnyContext {
		return "a compose or bake file gives named build contexts that are not known here, and one may stand in for it"
	}
	if tag != "" {
		repo += ":" + tag
	}
	edit, ok := s.stage.From.Replace(word, repo+digest)
	if !ok {
		return "a line continuation cuts the name"
	}
	s.edits = append(s.edits, edit)
	return ""
}

// named reports whether a name with variables is all of the repository, so that no
// variable holds the tag.
func (s *swap) named(repo string) bool {
	rest := repo[strings.LastIndexByte(repo, '}')+1:]
	return rest != "" && strings.HasSuffix(images.Repository(s.site.Name), rest) && !s.from.Tagged
}

// cutTag parts a name at the colon before its tag, which is none of ${A:-b}.
func cutTag(text string) (repo, tag string) {
	depth, at := 0, -1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth == 0 {
				at = -1
			}
		case ':':
			if depth == 0 {
				at = i
			}
		}
	}
	if at < 0 {
		return text, ""
	}
	return text[:at], text[at+1:]
}

// variable is the tag with its variable kept: each published version that may stand
// in its place has the same counterpart.
func (s *swap) variable(repo, tag string) (string, string) {
	m := variableTag.FindStringSubmatch(tag)
	if tag == "" || m == nil {
		return "", "a variable holds the tag: swap it where that gets its value"
	}
	name := strings.Trim(m[2], "${}")
	value, ok := strings.CutPrefix(s.from.Tag, m[1])
	value, ok2 := strings.CutSuffix(value, m[3])
	if !ok || !ok2 || strings.Trim(value, "0123456789.") != "" || value == "" {
		return "", fmt.Sprintf("ARG %s is more than a version by default", name)
	}
	if passed := s.c.Facts.Names.Passed; passed != nil && passed(name) {
		return "", fmt.Sprintf("a compose or bake file passes ARG %s", name)
	}
	rest, ok := strings.CutPrefix(s.to.Tag, m[1]+value)
	if !ok {
		return "", fmt.Sprintf("%s is not written like %s", s.to.Tag, s.from.Tag)
	}
	variant := "slim"
	switch {
	case s.to.Kind == "jre" && s.from.Kind != "jre":
		variant = "jre"
	case strings.HasPrefix(s.to.Variant, "alpine"):
		variant = "alpine"
	}
	for _, t := range s.from.Tags() {
		v, ok := strings.CutPrefix(t, m[1])
		v, ok2 := strings.CutSuffix(v, m[3])
		if !ok || !ok2 || v == "" || strings.Trim(v, "0123456789.") != "" {
			continue
		}
		other, _ := s.c.Facts.Bases.Find(s.from.Repository + ":" + t)
		if to := other.Counterpart(variant); to == nil || to.Tag != m[1]+v+rest {
			return "", fmt.Sprintf("ARG %s may be %s, of which there is no %s", name, v, m[1]+v+rest)
		}
	}
	return m[1] + m[2] + rest, ""
}
