package passes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

// aptRun is a RUN as one that fetches and reads package lists.
type aptRun struct {
	in    *dockerfile.Instruction
	s     *script   // nil where restow does not read it
	cmds  []aptStep // of those that matter, in order
	known bool      // every command of it is in the table
	// scripts says that it runs a program by a path, which may be a script that
	// fetches lists.
	scripts bool
}

// aptStep is a command that has to do with package lists.
type aptStep struct {
	meant
	call    *aptCall // nil where it is no call of apt-get or apt
	fetches bool     // the lists; surely only if it is a call
	reads   bool     // the lists
}

// Programs that apt-get's lists are for, and those that fetch them by themselves:
// add-apt-repository(1), unminimize, Playwright, NodeSource's and others' set-up
// scripts, which a shell reads from a pipe.
var (
	aptReaders  = strings.Fields("apt-cache apt-file aptitude gdebi mk-build-deps nala rosdep tasksel xx-apt xx-apt-get")
	aptFetchers = strings.Fields("add-apt-repository apt-add-repository clean-install extrepo install_packages playwright unminimize")
)

// ofApt is the key of a file's RUNs as those that fetch and read package lists.
type ofApt struct{ *dockerfile.File }

// aptRuns are the RUNs of each stage in order.
func aptRuns(c *rewrite.Context) map[*dockerfile.Stage][]*aptRun {
	return rewrite.Memo(c, ofApt{c.File}, func() map[*dockerfile.Stage][]*aptRun { return aptRunsOf(c) })
}

func aptRunsOf(c *rewrite.Context) map[*dockerfile.Stage][]*aptRun {
	read := map[*dockerfile.Instruction]*script{}
	for _, s := range scripts(c) {
		read[s.in] = s
	}
	out := map[*dockerfile.Stage][]*aptRun{}
	for _, stage := range c.File.Stages {
		for _, in := range stage.Instructions {
			if in.Is("RUN") {
				out[stage] = append(out[stage], readAptRun(in, read[in]))
			}
		}
	}
	return out
}

var (
	unreadInstall = regexp.MustCompile(`\bapt(-get)?\b[^\n]*\b(install|upgrade|build-dep)\b`)
	unreadUpdate  = regexp.MustCompile(`\bapt(-get)?\b[^\n]*\bupdate\b`)
)

func readAptRun(in *dockerfile.Instruction, s *script) *aptRun {
	r := &aptRun{in: in, s: s, known: true}
	if s == nil {
		text := wholeText(in)
		apt := strings.Contains(text, "apt")
		r.known = false
		r.cmds = append(r.cmds, aptStep{fetches: apt && unreadUpdate.MatchString(text), reads: apt && unreadInstall.MatchString(text)})
		return r
	}
	for _, m := range s.meanings() {
		step := aptStep{meant: m}
		inner, from := unwrapped(m)
		r.known = r.known && inner.Known
		r.scripts = r.scripts || !inner.Known && (strings.Contains(inner.Program, ".sh") || from < len(m.Words) && strings.Contains(m.Words[from].Prefix, "/"))
		if call, ok := aptOf(s, m); ok {
			step.call, step.fetches, step.reads = &call, call.updates(), call.uses()
		} else {
			shellish := slices.Contains([]string{"sh", "bash", "dash"}, inner.Program)
			text := s.Text[m.Lo:m.Hi]
			step.fetches = slices.Contains(aptFetchers, inner.Program) || shellish && len(m.Words) < from+3 && !strings.Contains(text, "install") ||
				strings.Contains(text, "playwright") || shellish && unreadUpdate.MatchString(text)
			step.reads = slices.Contains(aptReaders, inner.Program) || shellish && unreadInstall.MatchString(text) && !step.fetches
		}
		if step.fetches || step.reads {
			r.cmds = append(r.cmds, step)
		}
	}
	return r
}

// needs reports whether a RUN reads package lists that it has not fetched; settled
// that it does, or has lists of its own, so that those of RUNs before it do not
// matter to later ones.
func (r *aptRun) needs() (needs, settled bool) {
	for _, step := range r.cmds {
		if step.fetches {
			return false, true
		}
		if step.reads {
			return true, true
		}
	}
	return false, false
}
