package passes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
)

// pure reports what one manager does in one RUN.
func (w *cacheWorld) pure(r *cacheRun, k *cacheKind) {
	loads := r.commands(k.loads)
	if len(loads) == 0 {
		return
	}
	p := w.plan(r, k, loads)
	if p == nil {
		return
	}
	w.c.Report(w.finding(k.name, r.lineOf(loads[0].meant), p))
}

// commands are those of the script for which a test holds.
func (r *cacheRun) commands(test func(command.Meaning) bool) (out []cmd) {
	for _, m := range r.cmds {
		if test(m.in) {
			out = append(out, m)
		}
	}
	return out
}

// plan is what a RUN needs so that a manager's cache is mounted; nil where it has
// a mount there.
func (w *cacheWorld) plan(r *cacheRun, k *cacheKind, loads []cmd) *cachePlan {
	p := &cachePlan{run: r}
	if r.sandbox {
		return nil
	}
	home := ""
	if !k.system {
		p.owner, p.why = w.person(r)
		home = p.owner.home
	}
	if p.why == "" {
		p.why = w.variables(r, k)
	}
	if p.why == "" {
		p.mounts, p.why = k.where(r, home)
	}
	if p.why != "" {
		if len(mountsOf(r.in)) > 0 && cacheMounted(r.in, k.guess()...) {
			return nil
		}
		return p
	}
	p.mounts = slices.DeleteFunc(p.mounts, func(m cacheMount) bool { return cacheMounted(r.in, m.target) })
	if len(p.mounts) == 0 {
		return nil
	}
	p.commands(k, loads)
	if p.why == "" {
		p.tidy(home, k.cleans)
	}
	if p.why == "" {
		p.why = w.later(r, k, p.mounts)
	}
	if p.why == "" && k.edit != nil {
		k.edit(p, loads)
	}
	return p
}

// guess are parts of paths by which a mount is known to be this manager's even
// where the user's home is not.
func (k *cacheKind) guess() []string {
	switch k.name {
	case "pip", "uv", "poetry":
		return []string{".cache"}
	case "npm":
		return []string{".npm"}
	case "dnf":
		return []string{"/var/cache/dnf", "/var/cache/yum", "/var/cache/tdnf", "/var/cache/libdnf5"}
	case "RubyGems":
		return []string{"/usr/local/bundle", ".gem", "vendor"}
	}
	return []string{"." + strings.ToLower(k.name), strings.ToLower(k.name)}
}

// variables says which one stands in the way.
func (w *cacheWorld) variables(r *cacheRun, k *cacheKind) string {
	for name := range strings.FieldsSeq(k.stops) {
		if v, ok := r.env[name]; ok && (v.value != "" || !v.known) {
			return fmt.Sprintf("%s %s of line %d keeps %s from its cache", v.by, name, w.c.Line(v.at), k.name)
		}
	}
	for name := range strings.FieldsSeq(k.vars) {
		if v, ok := r.env[name]; ok && (!v.known || v.value != "" && name != "UV_LINK_MODE" && v.value[0] != '/') {
			return fmt.Sprintf("%s %s of line %d puts the cache elsewhere", v.by, name, w.c.Line(v.at))
		}
	}
	for name := range strings.FieldsSeq(k.stops + " " + k.vars + " HOME") {
		if r.assigns(name) {
			return "the script sets " + name
		}
	}
	return ""
}

// assigns reports whether a script sets a variable, by itself or with export, env
// and the like.
func (r *cacheRun) assigns(name string) bool {
	for rest := r.Text; ; {
		i := strings.Index(rest, name+"=")
		if i < 0 {
			return false
		}
		if i == 0 || strings.IndexByte(" \t\n;&|(", rest[i-1]) >= 0 {
			return true
		}
		rest = rest[i+len(name):]
	}
}

// commands takes away the options that switch the cache off.
func (p *cachePlan) commands(k *cacheKind, loads []cmd) {
	for _, m := range loads {
		for name := range strings.FieldsSeq(k.moves) {
			if m.in.Has(name) {
				p.why = fmt.Sprintf("`%s` has %s", p.short(m), name)
				return
			}
		}
		if !k.system && m.by != "" && !slices.Contains([]string{"env", "time", "nice", "timeout", "exec", "command", "python", "python3"}, m.by) && !strings.HasPrefix(m.by, "python") {
			p.why = "`" + m.by + "` may run it as another user"
			return
		}
		for i := m.from; i < len(m.Words); i++ {
			if !slices.Contains(strings.Fields(k.off), m.value(i)) {
				continue
			}
			edit, ok := p.run.removeOption(m.Words[i])
			if !ok {
				p.why = "a line continuation cuts the words of `" + p.short(m) + "`"
				return
			}
			p.edits = append(p.edits, edit)
			p.note("take away " + m.value(i))
		}
	}
	for _, m := range p.run.cmds { // what sh -c runs
		if m.in.Inner != nil && m.in.InnerWords == 0 && k.loads(*m.in.Inner) || m.in.Script != nil && k.off != "" && strings.Contains(p.run.Text[m.Lo:m.Hi], strings.Fields(k.off)[0]) {
			p.why = "`" + p.short(m) + "` runs a script of its own"
		}
	}
}

// later names a line that needs what would be in the cache only.
func (w *cacheWorld) later(r *cacheRun, k *cacheKind, mounts []cacheMount) string {
	for _, t := range w.taken {
		if !buildsOn(t.stage, r.stage) {
			continue
		}
		for _, m := range mounts {
			if how := reaches(t.path, m.target); how == inside || how == above && path.Base(t.path) == ".cache" {
				return fmt.Sprintf("line %d takes %s from the stage", w.c.Line(t.in), t.path)
			}
		}
	}
	for _, next := range w.offline[k.name] {
		if k.name == "apk" && !slices.ContainsFunc(r.commands(k.loads), func(m cmd) bool { return !m.in.Has("--no-cache") }) {
			break // it left nothing for anybody before
		}
		if next.in.Index > r.in.Index && buildsOn(next.stage, r.stage) {
			return fmt.Sprintf("line %d installs without network", w.c.Line(next.in))
		}
	}
	for _, t := range w.readers {
		if t.in.Index <= r.in.Index || !buildsOn(t.stage, r.stage) {
			continue
		}
		for _, m := range mounts {
			if how := reaches(t.path, m.target); how != apart && handles(t.by, how) {
				return fmt.Sprintf("line %d reads %s", w.c.Line(t.in), t.path)
			}
		}
	}
	for _, o := range w.other {
		if o.in.Index > r.in.Index && buildsOn(o.in.Stage, r.stage) && slices.ContainsFunc(mounts, func(m cacheMount) bool { return strings.Contains(o.text, m.target) }) {
			return fmt.Sprintf("line %d names the cache", w.c.Line(o.in))
		}
	}
	return ""
}

// look notes what a RUN reads of caches, and what it installs without network.
func (w *cacheWorld) look(r *cacheRun) {
	for _, c := range r.cmds {
		for _, k := range cacheKinds {
			if k.loads(c.in) && (r.sandbox || offline(c.in)) {
				w.offline[k.name] = append(w.offline[k.name], r)
			}
		}
		for i, role := range c.in.Roles {
			if role.Kind != command.Read && role.Kind != command.Change || c.in.Program == "rm" {
				continue
			}
			at := r.resolve(c.Words[c.from+i], "/root")
			if at != "" && (looksCached(at) || handles(c.in, above)) {
				w.readers = append(w.readers, taken{r.in, r.stage, at, c.in})
			}
		}
	}
}

// offline reports whether a manager is told to do without network.
func offline(in command.Meaning) bool {
	switch in.Manager {
	case "uv":
		return in.Has("--offline") || in.Has("--no-index")
	case "dnf":
		return in.Has("-C")
	case "apk":
		return in.Has("--no-network")
	}
	return in.Has("--offline")
}
