package passes

import (
	"slices"
	"strings"
	"sync"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// aptCall is a call of apt-get or apt in a script.
type aptCall struct {
	meant
	s    *script
	in   command.Meaning // what it means behind sudo, env and the like
	from int             // the word that in begins at
	verb string          // the subcommand as written; "" where there is none, or only the shell knows it
}

// aptCalls are those of a script that work on the image's own packages, in order.
func aptCalls(s *script) (out []aptCall) {
	if !s.runs("apt-get", "apt") {
		return nil
	}
	for _, m := range s.meanings() {
		if call, ok := aptOf(s, m); ok {
			out = append(out, call)
		}
	}
	return out
}

func aptOf(s *script, m meant) (aptCall, bool) {
	in, from := unwrapped(m)
	if in.Program != "apt-get" && in.Program != "apt" {
		return aptCall{}, false
	}
	for at := m.Meaning; at != nil; at = at.Inner {
		if at.Program == "chroot" {
			return aptCall{}, false // another system's packages
		}
	}
	for _, o := range in.Options["-o"] {
		if o = strings.ToLower(o); strings.HasPrefix(o, "dir") || strings.HasPrefix(o, "rootdir") {
			return aptCall{}, false // lists and packages are elsewhere
		}
	}
	call := aptCall{meant: m, s: s, in: in, from: from}
	for _, r := range in.Roles {
		if r.Kind == command.Verb {
			call.verb = r.Value
		}
	}
	return call, true
}

// text is the call up to its subcommand, for messages: `apt-get install`.
func (a aptCall) text() string { return "`" + strings.TrimSpace(a.in.Program+" "+a.verb) + "`" }

// finding is one at the line of the call.
func (a aptCall) finding(message string) rewrite.Finding {
	return rewrite.Finding{At: a.s.in, Line: a.s.lineOf(a.meant), Message: message}
}

// strange is an option of the call that the table does not know, or a word that
// may be one: a variable before the packages, or one that is named like options.
func (a aptCall) strange() string {
	behind := false
	for i, r := range a.in.Roles {
		w := a.Words[a.from+i]
		text := a.s.Text[w.Lo:w.Hi]
		switch {
		case r.Kind == command.Verb:
			behind = true
		case r.Kind == command.Unknown && strings.HasPrefix(w.Prefix, "-") && !strings.HasPrefix(text, "-q="):
			return "`" + text + "` is an option that restow does not know"
		case w.Static || w.Prefix != "" || r.Option != "":
		case !behind || optionLike(text):
			return "`" + text + "` may hold options"
		}
	}
	return ""
}

func optionLike(variable string) bool {
	variable = strings.ToLower(variable)
	return slices.ContainsFunc([]string{"opt", "arg", "flag", "param"}, func(s string) bool { return strings.Contains(variable, s) })
}

// option reports whether -o sets an item of apt.conf(5), to whatever value.
func (a aptCall) option(item string) bool {
	return slices.ContainsFunc(a.in.Options["-o"], func(o string) bool {
		name, _, _ := strings.Cut(o, "=")
		return strings.EqualFold(strings.TrimSpace(name), item)
	})
}

// quiet is how many -q the call has: two of them mean -y, by apt-get(8).
func (a aptCall) quiet() (n int) {
	for i := range a.in.Roles {
		w := a.Words[a.from+i]
		letters, ok := strings.CutPrefix(w.Value, "-")
		switch {
		case !w.Static || !ok || strings.HasPrefix(letters, "-"):
			if w.Value == "--quiet" {
				n++
			}
		case strings.HasPrefix(letters, "q="):
			n += len(strings.Trim(letters[2:], "01")) * 2
		default:
			letters, _, _ = strings.Cut(letters, "=")
			if end := strings.IndexAny(letters, "otcPa"); end >= 0 {
				letters = letters[:end] // the rest is a value
			}
			n += strings.Count(letters, "q")
		}
	}
	return n
}

// uses reports whether the call reads the package lists.
func (a aptCall) uses() bool {
	return slices.Contains([]string{"install", "upgrade", "build-dep", "download", "query"}, a.in.Verb) && !a.in.Has("--no-download")
}

// updates reports whether the call fetches the package lists.
func (a aptCall) updates() bool { return a.in.Verb == "update" && !a.in.Has("--print-uris") }

// aptSettings tells whether a stage, or one it stands on, sets an item in apt's
// configuration: a RUN that names both the file and the item, or a file that is
// copied there.
func aptSettings(c *rewrite.Context) func(s *dockerfile.Stage, item string) bool {
	files := sync.OnceValue(func() map[*dockerfile.Stage][]string {
		files := map[*dockerfile.Stage][]string{}
		for _, s := range c.File.Stages {
			files[s] = slices.Clip(files[s.Base])
			for _, in := range s.Instructions {
				if text := wholeText(in); strings.Contains(text, "/apt.conf") || strings.Contains(text, "APT_CONFIG=") {
					files[s] = append(files[s], strings.ToLower(text))
				}
			}
		}
		return files
	})
	return func(s *dockerfile.Stage, item string) bool {
		return slices.ContainsFunc(files()[s], func(text string) bool {
			copied := strings.HasPrefix(text, "copy") || strings.HasPrefix(text, "add") || strings.HasPrefix(text, "env")
			return copied || strings.Contains(text, item)
		})
	}
}

// wholeText is an instruction with its heredocs.
func wholeText(in *dockerfile.Instruction) string {
	out := in.Text.S
	for _, h := range in.Heredocs {
		out += "\n" + string(in.File.Bytes(h.Body))
	}
	return out
}
