package rewrite

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/restow/restow/rewrite/dockerfile"
)

// ignores are the comments of a file that switch passes off: restow's own,
// hadolint's, and BuildKit's # check=skip=. They are read again from each text
// the passes see; used survives, by the comment's words.
type ignores struct {
	first *dockerfile.File
	used  map[string]bool
	file  *dockerfile.File // what rules was read from
	rules []rule
}

// rule switches off what it names, on one instruction or (in nil) everywhere.
type rule struct {
	in    *dockerfile.Instruction
	names []string // pass names, or rule names of BuildKit or hadolint; "all"
	own   bool     // one of restow's, which must ignore something
	line  int
	id    string // the comment, and how many with the same words stand before it
}

// UnusedIgnore is a restow comment that ignores nothing.
type UnusedIgnore struct {
	Line int
	Name string // the pass it names
	Why  string
}

var (
	restowIgnore   = regexp.MustCompile(`^#\s*restow:\s*(ignore|ignore-file)=(\S+)`)
	hadolintIgnore = regexp.MustCompile(`^#\s*hadolint\s+(global\s+)?ignore\s*=\s*([A-Z0-9, ]+)`)
)

func readIgnores(f *dockerfile.File) *ignores {
	return &ignores{first: f, used: map[string]bool{}}
}

func (ig *ignores) read(f *dockerfile.File) []rule {
	if ig.file == f {
		return ig.rules
	}
	ig.file, ig.rules = f, nil
	for _, p := range f.Pieces {
		switch p.Kind {
		case dockerfile.Comment:
			ig.rules = append(ig.rules, commentRules(f, p.Span, nil)...)
		case dockerfile.Directive:
			if p.Name == "check" {
				ig.rules = append(ig.rules, skipRule(p.Value, f.Line(p.Start), nil)...)
			}
		case dockerfile.Code:
			in := p.Instruction
			for _, c := range slices.Concat(in.Leading, in.Comments) {
				ig.rules = append(ig.rules, commentRules(f, c, in)...)
			}
			// BuildKit keeps these comments across blank lines.
			for _, c := range in.Node.PrevComment {
				d := parser.DirectiveParser{}
				d.SetComment("")
				if got, _ := d.ParseLine([]byte(c)); got != nil && got.Name == "check" {
					ig.rules = append(ig.rules, skipRule(got.Value, f.Line(in.Lines.Start), in)...)
				}
			}
		}
	}
	seen := map[string]int{}
	for i := range ig.rules {
		id := ig.rules[i].id
		ig.rules[i].id = fmt.Sprintf("%s\x00%d", id, seen[id])
		seen[id]++
	}
	return ig.rules
}

// commentRules reads a comment line. With in nil only what speaks of the whole
// file counts, since in's own comments are read again with it.
func commentRules(f *dockerfile.File, span dockerfile.Span, in *dockerfile.Instruction) []rule {
	if !bytes.Contains(f.Bytes(span), []byte("ignore")) {
		return nil // as most comments
	}
	text := strings.TrimSpace(string(f.Bytes(span)))
	if m := restowIgnore.FindStringSubmatch(text); m != nil && (m[1] == "ignore-file") == (in == nil) {
		return []rule{{in, split(m[2]), true, f.Line(span.Start), text}}
	}
	if m := hadolintIgnore.FindStringSubmatch(text); m != nil && (m[1] != "") == (in == nil) {
		return []rule{{in, split(m[2]), false, f.Line(span.Start), text}}
	}
	return nil
}

func skipRule(value string, line int, in *dockerfile.Instruction) []rule {
	value, _, _ = strings.Cut(value, " ") // as BuildKit cuts it
	opt, err := linter.ParseLintOptions(value)
	if err != nil {
		return nil
	}
	names := opt.SkipRules
	if opt.SkipAll {
		names = []string{"all"}
	}
	return []rule{{in: in, names: names, line: line}}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// names reports whether a rule names a pass. BuildKit's "all" means its checks.
func (r rule) covers(p *Pass) bool {
	for _, n := range r.names {
		switch {
		case n == "all" && (r.own || p.Rule != ""), n == p.Name, n == p.Rule && n != "":
			return true
		case !r.own && slices.Contains(p.Hadolint, n):
			return true
		}
	}
	return false
}

// ignored reports whether a comment of the file switches a finding off: one for
// the whole file, or one above an instruction that the finding concerns.
func (ig *ignores) ignored(f Finding) bool {
	hit := false
	for _, r := range ig.read(f.At.File) {
		if (r.in == nil || r.in == f.At || r.in == f.Also) && r.covers(f.Pass) {
			ig.used[r.id+"\x00"+f.Pass.Name] = true
			hit = true
		}
	}
	return hit
}

// unused are the ignores of the file as read that ignored nothing, among those
// whose pass ran.
func (ig *ignores) unused(ran []*Pass) []UnusedIgnore {
	var out []UnusedIgnore
	byName := map[string]*Pass{}
	for _, p := range ran {
		byName[p.Name] = p
		if p.Rule != "" {
			byName[p.Rule] = p
		}
	}
	own := slices.Clone(ig.read(ig.first))
	// An ignore above nothing, a blank line or the end of the file below it, is
	// an ignore of nothing as well.
	for _, p := range ig.first.Pieces {
		if p.Kind != dockerfile.Comment {
			continue
		}
		text := strings.TrimSpace(string(ig.first.Bytes(p.Span)))
		line := ig.first.Line(p.Start)
		if m := restowIgnore.FindStringSubmatch(text); m != nil && !slices.ContainsFunc(own, func(r rule) bool { return r.line == line }) {
			own = append(own, rule{names: split(m[2]), own: true, line: line, id: text})
		}
	}
	slices.SortStableFunc(own, func(a, b rule) int { return a.line - b.line })
	for _, r := range own {
		if !r.own {
			continue
		}
		for _, name := range r.names {
			if p := byName[name]; p != nil && !ig.used[r.id+"\x00"+p.Name] {
				out = append(out, UnusedIgnore{r.line, name, "it ignores nothing"})
			}
		}
	}
	return out
}

// IgnoredNames are the pass names that a file's own comments mention, with
// their lines, for a caller that knows every pass there is.
func IgnoredNames(f *dockerfile.File) []UnusedIgnore {
	var out []UnusedIgnore
	for _, p := range f.Pieces {
		if p.Kind != dockerfile.Comment {
			continue
		}
		if m := restowIgnore.FindStringSubmatch(strings.TrimSpace(string(f.Bytes(p.Span)))); m != nil {
			for _, name := range split(m[2]) {
				out = append(out, UnusedIgnore{Line: f.Line(p.Start), Name: name})
			}
		}
	}
	return out
}
