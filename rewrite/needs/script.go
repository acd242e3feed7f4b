package needs

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// interpreters by what the names of their programs end with.
var interpreters = map[string]string{
	".py": "python3", ".js": "node", ".mjs": "node", ".cjs": "node", ".ts": "node", ".rb": "ruby", ".pl": "perl", ".php": "php", ".jar": "java", ".lua": "lua", ".R": "Rscript",
}

func interpreterOf(name string) string { return interpreters[path.Ext(name)] }

// file reads a program of the build context by where it stands in the image. It is
// false where the build context has none there.
func (r *reader) file(at string, d *shell.Dialect) bool {
	name, from, ok := r.source(r.files, at, 0)
	if !ok {
		if from != "" && r.running {
			r.built(from, path.Base(at))
		}
		return from != ""
	}
	key := name
	if r.running {
		key += " run"
	}
	if r.seen[key] {
		return true
	}
	r.seen[key] = true
	if r.read++; r.read > maxScripts || r.depth >= maxDepth {
		r.unknown(name + " is one script too many of those that call each other")
		return true
	}
	data, err := r.tree.Read(name)
	if err != nil || len(data) > maxScript {
		if d == nil && interpreterOf(name) != "" {
			r.program(name)
			r.out.Unread = true
			return true
		}
		r.unknown(name + " cannot be read")
		return true
	}
	by := r.by
	r.by = name
	r.depth++
	line, rest, _ := strings.Cut(string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))), "\n")
	bang, ok := strings.CutPrefix(line, "#!")
	switch {
	case d != nil:
		r.text(string(data), *d)
	case ok:
		r.interpreted(strings.TrimSpace(bang), rest, name)
	case interpreterOf(name) != "":
		r.program(name)
	case bytes.IndexByte(data, 0) >= 0:
		r.binary(name, data)
	default:
		r.text(string(data), shell.POSIX) // execvp(3) and shells run it with sh
	}
	r.depth--
	r.by = by
	return true
}

// interpreted reads a script by its first line.
func (r *reader) interpreted(bang, rest, name string) {
	words := strings.Fields(bang)
	if len(words) == 0 {
		return
	}
	program := path.Base(words[0])
	if program == "env" {
		r.need(Command, "env")
		words = words[1:]
		for len(words) > 0 && (strings.HasPrefix(words[0], "-") || strings.Contains(words[0], "=")) {
			words = words[1:]
		}
		if len(words) == 0 {
			r.unknown("the first line of " + name + " names no program")
			return
		}
		program = path.Base(words[0])
	}
	r.need(Command, program)
	switch program {
	case "sh", "dash", "ash", "busybox":
		r.text(rest, shell.POSIX)
	case "bash", "ksh":
		r.text(rest, shell.Bash)
	case "tini", "dumb-init", "with-contenv", "execlineb":
		r.unknown(name + " is run by " + program)
	default:
		r.program(name)
	}
}

// binary takes a program that is no script: where it is one of Linux it needs what
// it is linked with, and nobody has said what that is.
func (r *reader) binary(name string, data []byte) {
	switch {
	case !bytes.HasPrefix(data, []byte("\x7fELF")):
		return // an archive or the like, which something else reads
	case bytes.Contains(data, []byte("Go build ID")) || bytes.Contains(data, []byte("\xff Go buildinf:")):
		return // needs the C library at most
	}
	r.unknown(name + " is a program of which nobody says what it is linked with")
}

// built takes a program that another stage has made or brought.
func (r *reader) built(from, name string) {
	for _, p := range r.out.Programs {
		if p == name {
			return
		}
	}
	r.program(name)
	if s := stageOf(r.stage.From.File, from); s == nil || !staticStage(s) {
		r.out.Unknown = append(r.out.Unknown, Unknown{Linked + name + ", which comes from " + from, r.in, r.running})
	}
}

// Linked begins the [Unknown.Why] of a program of which only the libraries it is
// linked with are not known.
const Linked = "nobody says which libraries are linked with "

var golangImage = regexp.MustCompile(`\bgolang(:|@|$)`)

// staticStage reports whether what a stage builds needs the C library at most: it
// is Go, which links nothing else unless it is told to by cgo, for which something
// has to be installed in the official image.
func staticStage(s *dockerfile.Stage) bool {
	golang := false
	for at := s; at != nil; at = at.Base {
		golang = golang || golangImage.MatchString(at.From.From.BaseName)
		for _, in := range at.Instructions {
			text := strings.ToLower(in.Text.S)
			if in.Is("RUN") && (strings.Contains(text, "-dev") && strings.Contains(text, "install") || strings.Contains(text, "apk add") && strings.Contains(text, "-dev")) && !strings.Contains(text, "libc6-dev") && !strings.Contains(text, "musl-dev") {
				return false
			}
		}
	}
	return golang
}
