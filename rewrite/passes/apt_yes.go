package passes

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// AptYes has apt-get not ask.
var AptYes = &rewrite.Pass{
	Name:     "apt-yes",
	Hadolint: []string{"DL3014"},
	Claim:    rewrite.NoClaim,
	Run:      aptYes,
	Doc: `Give apt-get install and the like the option -y.

apt-get asks before it installs or removes more than it was told to. In a build
nobody answers: it takes that for a no and fails. DEBIAN_FRONTEND does not
answer either, it is about the questions of packages.

Unsafe, though a call that asks fails today: one that has nothing to ask may have
something one day, and then goes on instead.

Nothing is said of a call with -y, --yes, --assume-yes or -qq, one that reads an
answer from a pipe or a file, one that only shows what it would do, and of a
stage whose apt configuration answers.

Refused: a variable that may hold the option; options that restow does not know.`,
}

// asking are the subcommands that ask before they change anything.
var asking = []string{
	"install", "reinstall", "upgrade", "dist-upgrade", "full-upgrade", "dselect-upgrade", "remove", "purge",
	"autoremove", "auto-remove", "autopurge", "build-dep", "satisfy",
}

func aptYes(c *rewrite.Context) {
	set := aptSettings(c)
	for _, s := range scripts(c) {
		for _, call := range aptCalls(s) {
			if !slices.Contains(asking, call.verb) || call.answered() || set(s.stage, "assume-yes") {
				continue
			}
			f := call.finding(call.text() + " asks, and nobody answers in a build")
			edit, ok := s.behindVerb(call.meant, call.in, call.from, " -y")
			switch strange := call.strange(); {
			case strange != "":
				f.Refused = strange
			case !ok:
				f.Refused = "a line continuation cuts it"
			default:
				f.Fix = &rewrite.Fix{
					Title: call.verb + " → " + call.verb + " -y", Why: "apt-get fails where it gets no answer",
					Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
				}
			}
			c.Report(f)
		}
	}
}

// answered reports whether the call does not ask, or gets an answer.
func (a aptCall) answered() bool {
	for _, o := range []string{"-y", "--assume-no", "-s", "--print-uris", "--trivial-only", "-h", "-v"} {
		if a.in.Has(o) {
			return true
		}
	}
	if a.quiet() > 1 || a.option("APT::Get::Assume-Yes") {
		return true
	}
	if a.Program == "xargs" {
		return false // which keeps its input for itself
	}
	return a.In&shell.Pipe != 0 && a.In&shell.PipeFirst == 0 ||
		slices.ContainsFunc(a.Redirs, func(r shell.Redir) bool { return strings.HasPrefix(r.Op, "<") })
}
