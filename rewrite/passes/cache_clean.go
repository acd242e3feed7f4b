package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/shell"
)

// reach is how a path of a command stands to a folder.
type reach int

const (
	apart  reach = iota
	inside       // the folder itself, or something in it
	above        // the folder and more
)

// reaches compares a path, perhaps with patterns in it, with a folder. Part by
// part, since a pattern never matches a slash.
func reaches(p, dir string) reach {
	if p == "" {
		return apart
	}
	p = path.Clean(p)
	if first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/"); first != "" && !strings.ContainsAny(first, "*?[") && !strings.HasPrefix(dir[1:]+"/", first+"/") {
		return apart
	}
	have, want := strings.Split(strings.Trim(p, "/"), "/"), strings.Split(strings.Trim(dir, "/"), "/")
	if have[0] == "" {
		return above
	}
	pattern := false
	for i, w := range want {
		if i >= len(have) {
			return above
		}
		if have[i] == w {
			continue
		}
		if ok, err := path.Match(strings.ReplaceAll(have[i], "**", "*"), w); err != nil || !ok || w[0] == '.' && have[i][0] != '.' {
			return apart
		}
		pattern = true
	}
	if pattern {
		return above
	}
	return inside
}

// resolve is the path that a word is, with the variables that are known; "" where
// it is not known or not absolute.
func (r *cacheRun) resolve(w shell.Word, home string) string {
	text := w.Value
	if !w.Static && !w.Glob {
		text = strings.NewReplacer(`"`, "", `'`, "").Replace(r.Text[w.Lo:w.Hi])
		if home != "" {
			if text == "~" || strings.HasPrefix(text, "~/") {
				text = home + text[1:]
			}
		}
		for name, value := range r.folders(home) {
			for _, form := range []string{"${" + name + "}", "$" + name} {
				if rest, ok := strings.CutPrefix(text, form); ok && value != "" && (rest == "" || rest[0] == '/') {
					text = value + rest
				}
			}
		}
		if strings.ContainsAny(text, "$`~{") {
			return ""
		}
	}
	if !strings.HasPrefix(text, "/") {
		return ""
	}
	return text
}

// folders are the values of variables that name folders.
func (r *cacheRun) folders(home string) map[string]string {
	out := r.base.folders()
	out["HOME"] = home
	for name, v := range r.env {
		if v.known {
			out[name] = v.value
		} else {
			delete(out, name)
		}
	}
	return out
}

// folders are the variables that official images set.
func (i image) folders() map[string]string {
	switch i.name {
	case "golang":
		return map[string]string{"GOPATH": "/go"}
	case "rust":
		return map[string]string{"CARGO_HOME": "/usr/local/cargo"}
	case "ruby":
		return map[string]string{"GEM_HOME": "/usr/local/bundle"}
	case "composer":
		return map[string]string{"COMPOSER_HOME": "/tmp"}
	}
	return map[string]string{}
}

// cacheParents are folders that hold nothing but caches, so that an rm of them can
// go with their contents mounted.
var cacheParents = wordSet(".cache .npm .composer .m2 .gradle .nuget pypoetry apt yum pnpm cargo registry mod pkg")

// tidy takes away what would empty the mounts while they are used, or fail on
// them: a manager's own clean-up, and rm. Whatever else reaches them stops the fix.
func (p *cachePlan) tidy(home string, cleans func(command.Meaning) bool) {
	r := p.run
	if home == "" {
		home = "/root"
	}
	var items []int
	var names []string
	drop := func(m cmd, name string) {
		i := r.itemOf(m.Simple)
		if i < 0 || r.Top[i].Node.Simple != m.Simple {
			p.why = fmt.Sprintf("`%s` would empty the cache, and is no command of its own", p.short(m))
			return
		}
		if !slices.Contains(items, i) {
			items, names = append(items, i), append(names, name)
		}
	}
	for _, m := range r.cmds {
		if p.why != "" {
			return
		}
		if cleans(m.in) {
			drop(m, p.short(m))
			continue
		}
		p.remover(m, home, drop)
	}
	if p.why != "" || len(items) == 0 {
		return
	}
	edits, ok := r.dropItems(items)
	if !ok {
		p.why = fmt.Sprintf("`%s` would empty the cache, and cannot be taken out of the script alone", names[0])
		return
	}
	p.edits = append(p.edits, edits...)
	for _, n := range names {
		p.also = append(p.also, "take away "+n)
	}
}

// short is a command for messages.
func (p *cachePlan) short(m cmd) string {
	text := strings.Join(strings.Fields(p.run.Text[m.Lo:m.Hi]), " ")
	if len(text) > 60 {
		text = text[:strings.LastIndexByte(text[:60], ' ')] + " …"
	}
	return text
}

// remover looks at the paths of one command.
func (p *cachePlan) remover(m cmd, home string, drop func(cmd, string)) {
	r := p.run
	var hit, paths int
	var words []shell.Word
	for i, role := range m.in.Roles {
		if role.Kind != command.Read && role.Kind != command.Write && role.Kind != command.Change {
			continue
		}
		paths++
		w := m.Words[m.from+i]
		at := r.resolve(w, home)
		how := apart
		for _, mount := range p.mounts {
			how = max(how, reaches(at, mount.target))
		}
		switch {
		case how == apart && m.in.Program == "rm" && at == "" && looksCached(r.Text[w.Lo:w.Hi]):
			p.why = fmt.Sprintf("`%s` may reach the cache", p.short(m))
		case how == apart:
		case m.in.Program != "rm" && !handles(m.in, how):
		case m.in.Program != "rm":
			p.why = fmt.Sprintf("`%s` reaches the cache", p.short(m))
		case how == above && !cacheParents[path.Base(strings.TrimRight(strings.TrimRight(at, "*"), "/"))]:
			p.why = fmt.Sprintf("`%s` reaches the cache and more", p.short(m))
		default:
			hit++
			words = append(words, w)
		}
		if p.why != "" {
			return
		}
	}
	if hit == 0 {
		return
	}
	if hit == paths {
		drop(m, p.short(m))
		return
	}
	for _, w := range words {
		edit, ok := r.removeOption(w)
		if !ok {
			p.why = fmt.Sprintf("`%s` would empty the cache, and a line continuation cuts its words", p.short(m))
			return
		}
		p.edits = append(p.edits, edit)
		p.also = append(p.also, "take "+r.Text[w.Lo:w.Hi]+" from rm")
	}
}

// looksCached reports whether a word that only the shell knows may name a cache.
func looksCached(text string) bool {
	return slices.ContainsFunc([]string{"cache", ".npm", ".m2", "pkg/mod", "registry", ".gradle", ".nuget"}, func(part string) bool {
		return strings.Contains(strings.ToLower(text), part)
	})
}

// handles reports whether a command that is not rm does something to a folder, or
// to what is in it, that a cache must not have done to it.
func handles(in command.Meaning, how reach) bool {
	switch in.Program {
	case "mkdir", "ls", "cd", "touch", "test", "[", "du", "stat":
		return false
	case "chown", "chmod", "chgrp", "cp", "mv", "rsync":
		return how == inside || in.Program == "mv" || in.Has("-R") || in.Has("-r") || in.Has("-a")
	}
	return how == inside
}
