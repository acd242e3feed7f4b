package passes

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// only looks at one instruction of a stage that gets no shell: it may set what the
// container has, and copy, with owners by number.
func (s *swap) only(in *dockerfile.Instruction) string {
	line := s.c.Line(in)
	if name := s.inherits(in); name != "" {
		return fmt.Sprintf("line %d uses $%s, which %s sets", line, name, s.from.Short())
	}
	switch cmd := in.Command.(type) {
	case *instructions.RunCommand:
		return s.needless(in)
	case *instructions.ShellCommand:
		return fmt.Sprintf("line %d sets a shell, and distroless images have none", line)
	case *instructions.OnbuildCommand:
		return fmt.Sprintf("line %d has builds on the image do more", line)
	case *instructions.UserCommand:
		return s.number(in, in.Args(), cmd.User, true)
	case *instructions.CopyCommand:
		return s.owner(in, cmd.Chown)
	case *instructions.AddCommand:
		return s.owner(in, cmd.Chown)
	}
	return ""
}

// inherits is a variable of the old image that an instruction uses.
func (s *swap) inherits(in *dockerfile.Instruction) string {
	config, _ := s.from.Config()
	if config == nil || in.Is("RUN") || in.Is("CMD") || in.Is("ENTRYPOINT") || in.Is("HEALTHCHECK") {
		return ""
	}
	for _, kv := range config.Env {
		name, _, _ := strings.Cut(kv, "=")
		if name != "PATH" && regexp.MustCompile(`\$\{?`+regexp.QuoteMeta(name)+`\b`).MatchString(in.Text.S) {
			return name
		}
	}
	return ""
}

var (
	userID  = regexp.MustCompile(`(?:--uid|-u)[ =](\d+)`)
	groupID = regexp.MustCompile(`(?:--gid|-g)[ =](\d+)`)
)

// id is the number of a user or a group: those that distroless images have, those of
// the old image, and those that a step of the stage made, which are nonroot's where it
// gave no number.
func (s *swap) id(name string, group bool) string {
	if name == "" || strings.Trim(name, "0123456789") == "" {
		return name
	}
	if known := map[string]string{"root": "0", "nobody": "65534", "nonroot": "65532"}[name]; known != "" {
		return known
	}
	for _, made := range append(slices.Clone(s.made), s.from.Users()...) {
		words := strings.Fields(made)
		if len(words) < 2 || !slices.Contains(words, name) {
			continue
		}
		expr := userID
		if group || strings.Contains(words[0], "group") {
			expr = groupID
		}
		if m := expr.FindStringSubmatch(made); m != nil {
			return m[1]
		}
		if m := userID.FindStringSubmatch(made); group && m != nil {
			return m[1] // a group of his own
		}
		if slices.Contains(s.made, made) {
			return "65532"
		}
	}
	return ""
}

// ids writes user:group by numbers, "" where one is not known.
func (s *swap) ids(text string) string {
	user, group, both := strings.Cut(text, ":")
	u, g := s.id(user, false), s.id(group, true)
	if u == "" || both && g == "" {
		return ""
	}
	if both {
		return u + ":" + g
	}
	return u
}

// itsOwn are the users that distroless images know, by the numbers that they have in
// Debian and Alpine too.
var itsOwn = wordSet("root nobody nonroot root:root")

// number writes the user of an instruction as a number, since the new image does not
// know the name. A user who runs something gets his group by its number too: one whom
// the image does not know would be in root's (USER in the Dockerfile reference), while
// COPY takes the user's number for the group's.
func (s *swap) number(in *dockerfile.Instruction, at dockerfile.Word, text string, runs bool) string {
	if itsOwn[text] {
		return ""
	}
	id := s.ids(text)
	if runs && id != "" && id != text && !strings.Contains(text, ":") {
		group := s.id(text, true)
		id += ":" + cmp.Or(group, id)
	}
	if id == "" {
		return fmt.Sprintf("line %d names %s, of whom the new image knows nothing: write the number", s.c.Line(in), text)
	}
	if id == text {
		return ""
	}
	edit, ok := in.Replace(at, id)
	if !ok {
		return fmt.Sprintf("line %d: a line continuation cuts the user", s.c.Line(in))
	}
	s.edits = append(s.edits, edit)
	return ""
}

func (s *swap) owner(in *dockerfile.Instruction, chown string) string {
	if chown == "" {
		return ""
	}
	for _, flag := range in.Flags() {
		if name, value, ok := strings.Cut(flag.S, "="); ok && name == "--chown" && value == chown {
			return s.number(in, flag.Sub(len(name)+1, len(flag.S)), chown, false)
		}
	}
	return fmt.Sprintf("line %d: --chown is written with quotes", s.c.Line(in))
}

// needless takes a RUN away that only makes what distroless images have anyway: the
// certificates and the time zones, and a user, whose number is enough.
func (s *swap) needless(in *dockerfile.Instruction) string {
	refused := fmt.Sprintf("line %d: RUN needs a shell, which distroless images lack", s.c.Line(in))
	for _, sc := range scripts(s.c) {
		if sc.in != in {
			continue
		}
		for _, m := range sc.meanings() {
			inner, from := unwrapped(m)
			switch {
			case inner.Verb == "update" && slices.Contains([]string{"apt", "apk"}, inner.Manager), inner.Verb == "clean", inner.Verb == "upgrade":
			case inner.Verb == "install" && slices.Contains([]string{"apt", "apk"}, inner.Manager):
				for _, i := range inner.Packages {
					if p := m.value(from + i); !slices.Contains([]string{"ca-certificates", "tzdata", "libc6-compat", "netbase"}, p) {
						return fmt.Sprintf("line %d installs %s, which distroless images lack", s.c.Line(in), sc.Text[m.Words[from+i].Lo:m.Words[from+i].Hi])
					}
				}
			case inner.Program == "update-ca-certificates", inner.Program == "set", inner.Program == "rm" && (strings.Contains(sc.Text[m.Lo:m.Hi], "/var/lib/apt/lists") || strings.Contains(sc.Text[m.Lo:m.Hi], "/var/cache/apk")):
			case slices.Contains([]string{"adduser", "addgroup", "useradd", "groupadd"}, inner.Program):
				s.made = append(s.made, sc.Text[m.Lo:m.Hi])
				s.note("the user is a number, and has no home folder")
			default:
				return refused
			}
		}
		edits, ok := in.Delete()
		if !ok {
			return refused
		}
		s.edits = append(s.edits, edits...)
		return ""
	}
	return refused
}
