package needs

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/shell"
)

// make reads the rules of a Makefile for the targets that are named.
func (r *reader) make(args []shell.Word) {
	dir, file := r.abs("."), ""
	var targets []string
	for i := 1; i < len(args); i++ {
		w := args[i]
		switch {
		case !w.Static:
		case w.Value == "-C" && i+1 < len(args):
			i++
			dir = r.abs(args[i].Value)
		case w.Value == "-f" && i+1 < len(args):
			i++
			file = args[i].Value
		case strings.HasPrefix(w.Value, "-") || strings.Contains(w.Value, "="):
		default:
			targets = append(targets, w.Value)
		}
	}
	names := []string{"GNUmakefile", "makefile", "Makefile"}
	if file != "" {
		names = []string{file}
	}
	for _, n := range names {
		data, name := r.manifest(path.Join(dir, n))
		if data == nil || len(data) > maxScript {
			continue
		}
		was := r.dir
		r.dir = dir
		r.rules(name, string(data), targets)
		r.dir = was
		return
	}
	r.unknown("make runs what a Makefile says, which cannot be read")
}

var ruleLine = regexp.MustCompile(`^([A-Za-z0-9_./%$(){} -]+?)\s*::?\s*([^=].*)?$`)

// rules runs the recipes of targets and of what they depend on. The first rule is
// that of no target.
func (r *reader) rules(name, text string, targets []string) {
	type rule struct{ needs, recipe []string }
	all, first := map[string]*rule{}, ""
	var now []*rule
	for line := range strings.Lines(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\\\n", " ")) {
		line = strings.TrimRight(line, "\n")
		if recipe, ok := strings.CutPrefix(line, "\t"); ok {
			for _, one := range now {
				one.recipe = append(one.recipe, recipe)
			}
			continue
		}
		m := ruleLine.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, "#") || strings.Contains(line, ":=") || strings.Contains(line, "?=") {
			continue
		}
		now = nil
		for target := range strings.FieldsSeq(m[1]) {
			if all[target] == nil {
				all[target] = &rule{}
			}
			if first == "" && !strings.HasPrefix(target, ".") {
				first = target
			}
			before, _, _ := strings.Cut(m[2], "#")
			before, recipe, inline := strings.Cut(before, ";")
			all[target].needs = append(all[target].needs, strings.Fields(before)...)
			if inline {
				all[target].recipe = append(all[target].recipe, recipe)
			}
			now = append(now, all[target])
		}
	}
	if len(targets) == 0 && first != "" {
		targets = []string{first}
	}
	var done []string
	for len(targets) > 0 {
		target := targets[0]
		targets = targets[1:]
		if slices.Contains(done, target) || len(done) > maxScripts {
			continue
		}
		done = append(done, target)
		one := all[target]
		if one == nil {
			if strings.ContainsAny(target, "$%") || strings.HasSuffix(target, ".o") {
				r.unknown(name + " builds " + clip(target) + ", which only make knows")
			}
			continue
		}
		targets = append(targets, one.needs...)
		for _, line := range one.recipe {
			line = strings.TrimLeft(line, "@-+ \t")
			if line == "" {
				continue
			}
			r.nested(name+", "+target, makeVariables.ReplaceAllString(strings.ReplaceAll(line, "$$", "$"), `"$$$1"`))
		}
	}
}

var makeVariables = regexp.MustCompile(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)
