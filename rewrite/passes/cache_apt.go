package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

const (
	aptCache = "/var/cache/apt"
	aptIndex = "/var/lib/apt/lists"
)

// aptCached is a RUN that installs with apt.
type aptCached struct {
	*cacheRun
	installs []cmd
	updates  bool // it fetches lists before it installs
	needs    bool // it installs by lists that it has not fetched
	plan     *cachePlan
}

// apt reports RUNs that install with apt (docs.docker.com/build/cache/optimize;
// apt.conf(5): Dir::Cache, Dir::State::Lists). They share the image's settings, so
// all that stand on one base image have the mount or none gets it: without
// docker-clean the others would leave their archives in the image.
func (w *cacheWorld) apt() {
	trees := map[*dockerfile.Stage][]*aptCached{}
	var order []*dockerfile.Stage
	for _, r := range w.runs {
		root := rootStage(r.stage)
		if a := readAptCached(r); a != nil {
			if trees[root] == nil {
				order = append(order, root)
			}
			trees[root] = append(trees[root], a)
		}
	}
	for _, root := range order {
		w.aptTree(root, trees[root])
	}
}

func rootStage(s *dockerfile.Stage) *dockerfile.Stage {
	for s.Base != nil {
		s = s.Base
	}
	return s
}

func readAptCached(r *cacheRun) *aptCached {
	a := &aptCached{cacheRun: r}
	updated := false
	for _, m := range r.cmds {
		switch {
		case m.in.Manager != "apt":
		case m.in.Verb == "update", m.in.Program == "add-apt-repository", m.in.Has("--update"):
			updated = true
		case aptDownloads(m.in):
			a.installs = append(a.installs, m)
			a.updates = a.updates || updated
			a.needs = a.needs || !updated
		}
	}
	if len(a.installs) == 0 {
		return nil
	}
	return a
}

func aptDownloads(in command.Meaning) bool {
	return (in.Program == "apt-get" || in.Program == "apt" || in.Program == "aptitude") && (in.Verb == "install" || in.Verb == "upgrade" || in.Verb == "build-dep") && in.Network
}

func (w *cacheWorld) aptTree(root *dockerfile.Stage, all []*aptCached) {
	kept := slices.ContainsFunc(all, func(a *aptCached) bool { return a.needs })
	blocked, why := (*dockerfile.Instruction)(nil), ""
	for _, o := range w.other {
		if rootStage(o.in.Stage) == root && (strings.Contains(o.text, "apt-get ") || strings.Contains(o.text, "apt install")) && !cacheMounted(o.in, aptCache) {
			blocked, why = o.in, "it is in JSON form, or has a heredoc and more"
		}
	}
	prepared := map[*dockerfile.Stage]bool{} // docker-clean is gone, or will be
	for i, a := range all {
		if cacheMounted(a.in, aptCache) {
			continue
		}
		if w.c.Ignored(a.in) {
			if i > 0 && blocked == nil {
				blocked, why = a.in, "a comment leaves it as it is"
			}
			continue
		}
		a.plan = w.aptPlan(a, kept)
		if a.plan != nil && a.plan.why != "" && blocked == nil {
			blocked, why = a.in, a.plan.why
		}
	}
	for _, a := range all {
		p := a.plan
		if p == nil {
			continue
		}
		if p.why == "" && blocked != nil {
			p.why = fmt.Sprintf("the RUN of line %d would leave its archives in the image: %s", w.c.Line(blocked), why)
		}
		if p.why == "" && !prepared[a.stage] && !w.prepares(a.cacheRun) {
			p.prepare(a, slices.ContainsFunc(all, func(b *aptCached) bool {
				return slices.ContainsFunc(b.installs, func(m cmd) bool { return m.in.Program == "apt" })
			}))
		}
		for _, s := range w.c.File.Stages {
			prepared[s] = prepared[s] || buildsOn(s, a.stage)
		}
		w.c.Report(w.finding("apt", a.lineOf(a.installs[0].meant), p))
	}
}

// prepares reports whether a RUN before this one, or this one, sees to docker-clean.
func (w *cacheWorld) prepares(r *cacheRun) bool {
	return slices.ContainsFunc(w.keepers, func(b *cacheRun) bool {
		return b.in.Index <= r.in.Index && buildsOn(r.stage, b.stage)
	})
}

func (w *cacheWorld) aptPlan(a *aptCached, kept bool) *cachePlan {
	p := &cachePlan{run: a.cacheRun, mounts: []cacheMount{{target: aptCache, sharing: "locked"}}}
	if !kept && !cacheMounted(a.in, aptIndex) {
		p.mounts = append(p.mounts, cacheMount{target: aptIndex, sharing: "locked"})
	}
	if v, ok := a.env["APT_CONFIG"]; ok {
		p.why = fmt.Sprintf("%s APT_CONFIG of line %d names other settings", v.by, w.c.Line(v.at))
	}
	for _, m := range a.installs {
		for _, o := range m.in.Options["-o"] {
			if strings.HasPrefix(o, "Dir") || strings.Contains(o, "RootDir") {
				p.why = "`" + p.short(m) + "` has other folders"
			}
		}
		if m.by == "chroot" {
			p.why = "`chroot` runs it"
		}
	}
	if p.why == "" {
		p.tidy("/root", func(in command.Meaning) bool {
			return in.Manager == "apt" && in.Verb == "clean" && (in.Program == "apt-get" || in.Program == "apt" || in.Program == "aptitude")
		})
	}
	if p.why == "" {
		p.why = w.later(a.cacheRun, &cacheKind{name: "apt"}, p.mounts)
	}
	return p
}

// prepare has the image keep archives, by a command before the first one of apt.
func (p *cachePlan) prepare(a *aptCached, keep bool) {
	first := a.cmds[slices.IndexFunc(a.cmds, func(m cmd) bool {
		return m.in.Manager == "apt" && m.in.Verb == "update" || aptDownloads(m.in)
	})]
	i := a.itemOf(first.Simple)
	if i < 0 {
		p.why = "the script has no place for `rm -f /etc/apt/apt.conf.d/docker-clean`"
		return
	}
	sudo := ""
	if first.by == "sudo" {
		sudo = "sudo "
	}
	text := sudo + "rm -f /etc/apt/apt.conf.d/docker-clean"
	edit, ok := a.ahead(i, text)
	if keep && sudo == "" {
		more, _ := a.ahead(i, `echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' > /etc/apt/apt.conf.d/keep-cache`)
		edit.New += more.New
	}
	if !ok {
		p.why = "a line continuation cuts the first command of apt"
	}
	p.edits = append(p.edits, edit)
	p.also = append([]string{"remove docker-clean"}, p.also...)
}
