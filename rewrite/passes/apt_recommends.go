package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// AptNoRecommends has apt-get install only what it is asked for and what that
// depends on.
var AptNoRecommends = &rewrite.Pass{
	Name:     "apt-no-recommends",
	Hadolint: []string{"DL3015"},
	Claim:    rewrite.NoClaim,
	Run:      aptNoRecommends,
	Doc: `Give apt-get install the option --no-install-recommends.

By default apt installs what packages recommend, too, and what that recommends:
manuals, drivers, daemons, a whole desktop's libraries.

Unsafe, since some of it is needed. What Debian 12's packages bring along in this
way is in a table. Where it has a small package that matters, the fix adds it to
the list by name: ca-certificates for curl, wget, git and python3, and for others
where something is fetched over https; libc6-dev for gcc, libltdl-dev for
libtool, libprotobuf-dev for protobuf-compiler. Programs that come along (patch,
less, ssh, unzip, gpg, automake) are added where the stage, or one built on it,
has their name; scripts from the build context are not looked into. Other
distributions and versions are taken to be alike.

Nothing is said where the call or apt's configuration has decided.

Refused: a package that brings along what may be needed (python3-pip: compilers;
chromium: fonts and helpers; imagemagick, texlive, docker.io, …), unless that is
in the list by name; one that is not in the table; names that only the shell
knows; patterns; and files.`,
}

func aptNoRecommends(c *rewrite.Context) {
	set := aptSettings(c)
	k := &aptKnown{map[*dockerfile.Stage]map[string]bool{}, map[*dockerfile.Stage]map[string]bool{}}
	for _, s := range scripts(c) {
		for _, call := range aptCalls(s) {
			if call.in.Verb != "install" {
				continue
			}
			if !call.decided() && !set(s.stage, "install-recommends") {
				call.reportRecommends(c, k)
			}
			for _, i := range call.in.Packages {
				if name, why := call.name(i); why == "" && call.always() {
					k.install(s.stage, name)
				}
			}
		}
	}
}

// decided reports whether the call says itself whether it wants what is
// recommended, or installs nothing.
func (a aptCall) decided() bool {
	for _, o := range []string{"--no-install-recommends", "--install-recommends", "-h", "--print-uris"} {
		if a.in.Has(o) {
			return true
		}
	}
	for _, w := range a.Words {
		if strings.HasPrefix(w.Prefix, "--install-recommends=") || strings.HasPrefix(w.Prefix, "--no-install-recommends=") {
			return true
		}
	}
	return a.option("APT::Install-Recommends") || len(a.in.Packages) == 0 && a.in.Has("-f")
}

func (a aptCall) reportRecommends(c *rewrite.Context, k *aptKnown) {
	f := a.finding(a.text() + " brings along what packages recommend")
	more, why := a.recommended(c, k)
	switch strange := a.strange(); {
	case strange != "":
		f.Refused = strange
	case a.Program == "xargs":
		f.Refused = "xargs gives it more packages"
	case why != "":
		f.Refused = why
	default:
		edits, ok := a.withoutRecommends(more)
		if !ok {
			f.Refused = "a line continuation cuts it"
			break
		}
		f.Fix = &rewrite.Fix{
			Title: "add " + strings.Join(append([]string{"--no-install-recommends"}, more...), ", "),
			Why:   "only what the packages depend on is installed",
			Claim: rewrite.NoClaim, Edits: edits,
		}
	}
	c.Report(f)
}

// name is the package that a word names, without version and architecture, or
// why it is not known.
func (a aptCall) name(i int) (name, why string) {
	w := a.Words[a.from+i]
	text := a.s.Text[w.Lo:w.Hi]
	name, _, versioned := strings.Cut(w.Prefix, "=")
	switch {
	case strings.HasPrefix(w.Prefix, "/") || strings.HasPrefix(w.Prefix, "."):
		return "", fmt.Sprintf("what %s recommends is not known", text)
	case w.Glob && !versioned:
		return "", fmt.Sprintf("`%s` is a pattern", text)
	case !w.Static && !versioned:
		return "", fmt.Sprintf("`%s`: only the shell knows the packages", text)
	}
	name, _, _ = strings.Cut(name, "/") // a release
	name, _, _ = strings.Cut(name, ":") // an architecture
	return name, ""
}

// recommended are the packages that have to be added to the list once recommended
// ones are left out, or why that cannot be told.
func (a aptCall) recommended(c *rewrite.Context, k *aptKnown) (more []string, why string) {
	var names []string
	for _, i := range a.in.Packages {
		name, why := a.name(i)
		if why != "" {
			return nil, why
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, "it names no packages"
	}
	t := aptTables()
	listed := map[string]bool{}
	for _, name := range names {
		listed[name] = true
	}
	have := func(p string) bool { return listed[p] || k.has(a.s.stage, p) }
	covered := func(p string) bool {
		return have(p) || slices.ContainsFunc(t.depended[p], have) || p == "make" && have("ninja-build") || p == "gcc" && have("clang")
	}
	for _, name := range names {
		brings, known := t.recommended[name]
		if !known && !t.plain[name] {
			return nil, fmt.Sprintf("what %s recommends is not known", name)
		}
		var needed []string
		for _, p := range brings {
			p, always := strings.CutSuffix(p, "!")
			programs, program := aptPrograms[p]
			switch {
			case covered(p) || slices.Contains(more, p):
			case always || slices.Contains(aptAdded, p):
				more = append(more, p)
			case program:
				words := k.wordsOf(c, a.s.stage)
				if slices.ContainsFunc(programs, func(w string) bool { return words[w] }) {
					more = append(more, p)
				}
			default:
				needed = append(needed, strings.Replace(p, "...", "more", 1))
			}
		}
		if len(needed) > 0 {
			return nil, fmt.Sprintf("%s brings %s along, which may be needed", name, strings.Join(needed, ", "))
		}
	}
	slices.Sort(more)
	return more, ""
}

// withoutRecommends adds the option behind those that follow the subcommand, and
// packages to the list.
func (a aptCall) withoutRecommends(more []string) (edits []dockerfile.Edit, ok bool) {
	at := slices.IndexFunc(a.in.Roles, func(r command.Role) bool { return r.Kind == command.Verb })
	line := func(i int) int {
		at, _ := a.s.first(a.Words[a.from+i].Lo)
		return a.s.in.File.Line(at)
	}
	for i := at + 1; i < len(a.in.Roles) && line(i) == line(at); i++ {
		if r := a.in.Roles[i]; r.Kind != command.Option && r.Option == "" {
			break
		}
		at = i
	}
	edit, ok := a.s.insert(a.Words[a.from+at].Hi, " --no-install-recommends")
	edits = append(edits, edit)
	if len(more) == 0 || !ok {
		return edits, ok
	}
	var list []string
	for _, i := range a.in.Packages {
		list = append(list, a.Words[a.from+i].Prefix)
	}
	sorted := len(list) > 1 && slices.IsSorted(list)
	gap := a.packageGap()
	texts := make([]string, len(list)+1) // before the first, and behind each
	for _, p := range more {
		pos := len(list)
		if sorted {
			pos, _ = slices.BinarySearch(list, p)
		}
		if pos == 0 {
			texts[0] += p + gap
		} else {
			texts[pos] += gap + p
		}
	}
	for i, text := range texts {
		switch {
		case text == "" || !ok:
			continue
		case i == 0:
			edit, ok = a.s.before(a.Words[a.from+a.in.Packages[0]].Lo, text)
		default:
			edit, ok = a.s.insert(a.Words[a.from+a.in.Packages[i-1]].Hi, text)
		}
		edits = append(edits, edit)
	}
	return edits, ok
}

// packageGap is what stands between two packages of the list: the end of a line
// where each has its own.
func (a aptCall) packageGap() string {
	for _, i := range slices.Backward(a.in.Packages) {
		gap := a.s.between(a.Words[a.from+i-1].Hi, a.Words[a.from+i].Lo)
		if gap != "" && !strings.Contains(gap, "#") && strings.Count(gap, "\n") < 2 {
			return gap
		}
	}
	return " "
}
