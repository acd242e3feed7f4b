package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// storeKind is a build tool that compiles from the folder it downloads to. What one
// RUN has fetched the next one needs, so all that may need it share the mount.
type storeKind struct {
	name     string
	programs string // as CMD may run them
	uses     func(command.Meaning) bool
	where    func(*cacheRun, string) ([]cacheMount, string)
	cleans   func(command.Meaning) bool
	refuses  func(*cacheRun, cmd) string // why a command cannot have the mount
	edit     func(*cachePlan)
	vars     string
	hands    string                   // what has it put things of its own there, for later RUNs
	final    func([]*cacheRun) string // why an image with the tool in it may need the folder
}

// drivers are programs that may run a build tool.
var drivers = wordSet("make gmake ninja cmake task just mage bazel goreleaser cross trunk wasm-pack xx-cargo")

// stores reports a build tool in all stages that stand on one image.
func (w *cacheWorld) stores(k *storeKind) {
	groups := map[*dockerfile.Stage][]*cacheRun{}
	var order []*dockerfile.Stage
	for _, r := range w.runs {
		root := rootStage(r.stage)
		if slices.ContainsFunc(r.cmds, func(m cmd) bool { return k.uses(m.in) }) {
			if groups[root] == nil {
				order = append(order, root)
			}
			groups[root] = append(groups[root], r)
		}
	}
	for _, root := range order {
		w.store(k, root, groups[root])
	}
}

func (w *cacheWorld) store(k *storeKind, root *dockerfile.Stage, users []*cacheRun) {
	var plans []*cachePlan
	for _, r := range w.runs {
		mine := slices.Contains(users, r)
		if !mine && (rootStage(r.stage) != root || !mayUse(r, users)) {
			continue
		}
		if p := w.storePlan(k, r, mine); p != nil {
			plans = append(plans, p)
		}
	}
	if !slices.ContainsFunc(plans, func(p *cachePlan) bool { return slices.Contains(users, p.run) }) {
		return
	}
	first := plans[0]
	if first.why == "" {
		first.why = w.needed(k, root, users, plans)
	}
	for _, p := range plans[1:] {
		if first.why == "" && p.why != "" {
			first.why = fmt.Sprintf("the RUN of line %d needs the mount too: %s", w.c.Line(p.run.in), p.why)
		}
	}
	line := 0
	if used := slices.IndexFunc(first.run.cmds, func(m cmd) bool { return k.uses(m.in) }); used >= 0 {
		line = first.run.lineOf(first.run.cmds[used].meant)
	}
	w.c.Report(w.finding(k.name, line, plans...))
}

// mayUse reports whether a RUN behind those that use a tool may run it by a script
// or a Makefile.
func mayUse(r *cacheRun, users []*cacheRun) bool {
	if !slices.ContainsFunc(r.cmds, func(m cmd) bool {
		name := m.word(0)
		script := strings.Contains(name, "/") && !m.in.Known || (m.in.Program == "sh" || m.in.Program == "bash") && !m.in.Has("-c") && !m.in.Has("-s") && len(m.in.Reads) > 0
		return drivers[m.in.Program] || script && !strings.HasPrefix(name, "/usr/") && !strings.HasPrefix(name, "/bin/")
	}) {
		return false
	}
	return slices.ContainsFunc(users, func(u *cacheRun) bool {
		return u.in.Index < r.in.Index && buildsOn(r.stage, u.stage) && u.user == r.user
	})
}

func (w *cacheWorld) storePlan(k *storeKind, r *cacheRun, mine bool) *cachePlan {
	p := &cachePlan{run: r}
	p.owner, p.why = w.person(r)
	if p.why == "" {
		p.why = w.variables(r, &cacheKind{name: k.name, vars: k.vars})
	}
	if p.why == "" {
		p.mounts, p.why = k.where(r, p.owner.home)
	}
	if p.why == "" && len(p.mounts) == 0 {
		return nil
	}
	p.mounts = slices.DeleteFunc(p.mounts, func(m cacheMount) bool { return cacheMounted(r.in, m.target) })
	switch {
	case p.why == "" && len(p.mounts) == 0:
		return nil
	case p.why != "" && slices.ContainsFunc(mountsOf(r.in), func(m mount) bool { return m.kind == "cache" }):
		return nil // it may be there
	case p.why == "" && r.sandbox && mine:
		p.why = "it has no network"
	case p.why == "" && w.c.Ignored(r.in):
		p.why = "a comment leaves it as it is"
	}
	for _, m := range r.cmds {
		switch {
		case p.why != "" || !k.uses(m.in):
		case m.by != "" && !slices.Contains([]string{"env", "time", "nice", "timeout", "exec", "command", "xx-cargo", "xx-go"}, m.by):
			p.why = "`" + m.by + "` may run it as another user"
		case k.refuses != nil:
			p.why = k.refuses(r, m)
		}
	}
	if p.why == "" {
		p.tidy(p.owner.home, k.cleans)
	}
	if p.why == "" && k.edit != nil {
		k.edit(p)
	}
	return p
}

// needed says why what is downloaded has to be in the image, or in a layer.
func (w *cacheWorld) needed(k *storeKind, root *dockerfile.Stage, users []*cacheRun, plans []*cachePlan) string {
	var mounts []cacheMount
	for _, p := range plans {
		mounts = append(mounts, p.mounts...)
	}
	stage := func(s *dockerfile.Stage) bool {
		return slices.ContainsFunc(users, func(u *cacheRun) bool { return buildsOn(s, u.stage) })
	}
	for _, t := range w.taken {
		for _, m := range mounts {
			if stage(t.stage) && reaches(t.path, m.target) != apart {
				return fmt.Sprintf("line %d takes %s from the stage", w.c.Line(t.in), t.path)
			}
		}
	}
	for _, t := range w.readers {
		for _, m := range mounts {
			if how := reaches(t.path, m.target); stage(t.stage) && how != apart && handles(t.by, how) {
				return fmt.Sprintf("line %d reads %s", w.c.Line(t.in), t.path)
			}
		}
	}
	for _, o := range w.other {
		for name := range strings.FieldsSeq(k.programs) {
			if rootStage(o.in.Stage) == root && stage(o.in.Stage) && strings.Contains(o.text, name+" ") {
				return fmt.Sprintf("line %d may run %s, and is in JSON form, or has a heredoc and more", w.c.Line(o.in), name)
			}
		}
	}
	for i, u := range users[:len(users)-1] {
		for _, m := range u.cmds {
			if k.hands != "" && k.uses(m.in) && slices.Contains(m.operands(), k.hands) {
				return fmt.Sprintf("`%s` of line %d leaves what it built there, perhaps for line %d", k.hands, w.c.Line(u.in), w.c.Line(users[i+1].in))
			}
		}
	}
	for i, s := range w.c.File.Stages {
		built := i+1 == len(w.c.File.Stages) || slices.ContainsFunc(w.c.Facts.Targets, func(t string) bool { return s.Name != "" && strings.EqualFold(t, s.Name) })
		if !built || !stage(s) {
			continue
		}
		if why := w.starts(k, s); why != "" {
			return why
		}
		if k.final != nil {
			if why := k.final(users); why != "" {
				return why
			}
		}
	}
	return ""
}

// operands are the words that are no options, as far as they are known.
func (m cmd) operands() (out []string) {
	for i, role := range m.in.Roles {
		if role.Kind == command.Text && role.Option == "" {
			out = append(out, m.word(i))
		}
	}
	return out
}
