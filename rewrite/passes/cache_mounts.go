package passes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// CacheMounts keeps what package managers download for the next build.
var CacheMounts = &rewrite.Pass{
	Name:     "cache-mounts",
	Hadolint: []string{"DL3042"},
	Claim:    rewrite.NoClaim,
	Run:      cacheMounts,
	Doc: `Keep what package managers download in cache mounts, for the next build.

Only with --caches=mount. A RUN that is run again downloads everything again,
unless what it had is kept outside the image: RUN --mount=type=cache gives it a
folder that BuildKit keeps from build to build. The folder is that of the
manager's own documentation, for the user that the RUN has; sharing=locked where
two builds at once would spoil each other's work; an id where images must not
share: wheels built for musl and for glibc have the same names. What would empty
the folder again (rm, apt-get clean, npm cache clean) goes in the same fix, and so
does --no-cache-dir or --no-cache.

apt has the archives and the lists mounted, not all of /var/lib/apt: which packages
were installed automatically is noted there too and belongs to the image. Official
images delete archives after each install, by /etc/apt/apt.conf.d/docker-clean; the
first RUN of a stage removes that file, and what is built on the image later keeps
its archives. Only the program apt also needs Keep-Downloaded-Packages. Where a RUN
uses lists that another one has fetched, they stay in the layer. apk gets
--update-cache for --no-cache, dnf and yum --setopt=keepcache=1. Go, Maven, Gradle,
Cargo and NuGet compile from the folder, so every RUN that may do so gets the
mount, and --no-restore goes: the cache may be gone when a layer is not. Cargo's
target is left alone, since what is built must stay in the image; so are Maven's
and Gradle's settings and wrapper scripts, which stand beside the folder.

Unsafe, since the files of the image change: what was downloaded is in it no more.

Refused, with the word that stands in the way: a user whose home or number is not
known; a variable or an option that puts the cache elsewhere or switches it off; a
clean-up that cannot be taken out of the script, or that takes more than the cache;
a later line that reads the folder, works offline, or runs the build tool in the
image; an apt-get in JSON form, or in a heredoc beside commands, in the same stage;
# syntax= of a frontend that has no mounts. Nothing is said of RUNs in those forms
themselves, nor of one that has a mount there.`,
}

// cleansUp reports whether what managers download is to be taken out of the image
// instead of being kept in cache mounts.
func cleansUp(c *rewrite.Context) bool { return c.Facts.Caches != "mount" }

func cacheMounts(c *rewrite.Context) {
	if cleansUp(c) {
		return
	}
	w := readCacheWorld(c)
	w.apt()
	for _, r := range w.runs {
		for _, k := range cacheKinds {
			w.pure(r, k)
		}
	}
	for _, k := range storeKinds {
		w.stores(k)
	}
}

// cacheMount is a mount that a RUN is to get.
type cacheMount struct {
	name    string // what the id is made of, where one is needed
	target  string
	sharing string // "" for shared, BuildKit's default
	id      string // "" for the target, BuildKit's default
}

// flag is the mount as a RUN's option; ids are the owner's, "" for root's.
func (m cacheMount) flag(owner person) string {
	out := "--mount=type=cache"
	id := m.id
	if owner.uid != "" {
		// The owner counts only when BuildKit makes the folder, so that users do
		// not share one.
		id = cmp.Or(id, m.name) + "-" + owner.uid
	}
	if id != "" {
		out += ",id=" + id
	}
	out += ",target=" + m.target
	if m.sharing != "" {
		out += ",sharing=" + m.sharing
	}
	if owner.uid != "" {
		out += ",uid=" + owner.uid
	}
	if owner.gid != "" {
		out += ",gid=" + owner.gid
	}
	return out
}

// cachePlan is what a fix does to one RUN.
type cachePlan struct {
	run    *cacheRun
	mounts []cacheMount
	owner  person
	edits  []dockerfile.Edit
	also   []string // what is done besides, for the title
	why    string   // why it cannot be done
}

// finish puts the flags of the mounts into the plan.
func (p *cachePlan) finish() {
	if p.why != "" {
		return
	}
	var flags []string
	for _, m := range p.mounts {
		if strings.ContainsAny(m.target, " \t,\"'\\$`") {
			p.why = "the cache's folder " + m.target + " cannot be written as a mount"
			return
		}
		flags = append(flags, m.flag(p.owner))
	}
	edit, ok := p.run.mountEdit(flags)
	if !ok {
		p.why = "a line continuation cuts the keyword and its options"
		return
	}
	p.edits = append(p.edits, edit)
	if slices.ContainsFunc(p.edits[:len(p.edits)-1], func(e dockerfile.Edit) bool {
		return e.Start < edit.End && edit.Start < e.End
	}) {
		p.why = "the edits would cross"
	}
}

// finding is what is reported of plans for one manager.
func (w *cacheWorld) finding(name string, line int, plans ...*cachePlan) rewrite.Finding {
	f := rewrite.Finding{At: plans[0].run.in, Line: line, Message: name + " downloads everything again in a rebuild"}
	fix := &rewrite.Fix{Why: "a rebuild downloads only what is new", Claim: rewrite.NoClaim}
	var targets, also []string
	for _, p := range plans {
		p.finish()
		if p.why != "" {
			f.Refused = p.why
			return f
		}
		fix.Edits = append(fix.Edits, p.edits...)
		for _, m := range p.mounts {
			if !slices.Contains(targets, m.target) {
				targets = append(targets, m.target)
			}
		}
		for _, a := range p.also {
			if !slices.Contains(also, a) {
				also = append(also, a)
			}
		}
	}
	if w.syntax != "" {
		f.Refused = w.syntax
		return f
	}
	fix.Title = "mount a cache at " + strings.Join(targets, " and ")
	if len(plans) > 1 {
		fix.Title += fmt.Sprintf(" for %d RUNs", len(plans))
	}
	for _, a := range also {
		fix.Title += ", " + a
	}
	f.Fix = fix
	return f
}
