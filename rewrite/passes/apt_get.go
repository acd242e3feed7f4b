package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// AptGetNotApt writes apt-get where a script calls apt.
var AptGetNotApt = &rewrite.Pass{
	Name:     "apt-get-not-apt",
	Hadolint: []string{"DL3027"},
	Claim:    rewrite.NoClaim,
	Run:      aptGetNotApt,
	Doc: `Write apt-get instead of apt.

apt is for people: its manual says that its command line may change from one
version to the next and that scripts are to use apt-get, and apt warns of that on
stderr whenever it writes to anything but a terminal.

full-upgrade is dist-upgrade there. apt upgrade installs new packages where an
upgrade needs them, apt-get upgrade only with --with-new-pkgs, so that it gets
this option.

Unsafe, since the two differ in their settings: apt deletes the packages that it
has downloaded, which the official Debian and Ubuntu images have apt-get do as
well, and takes the name of a package for a pattern less readily.

Refused: subcommands that apt-get does not have (list, search, show, …), and
options that restow does not know.`,
}

// aptGetVerbs are the subcommands that apt(8) and apt-get(8) of apt 2.6 share,
// with what the latter calls them.
var aptGetVerbs = map[string]string{
	"update": "update", "upgrade": "upgrade --with-new-pkgs", "full-upgrade": "dist-upgrade", "dist-upgrade": "dist-upgrade",
	"install": "install", "reinstall": "reinstall", "remove": "remove", "purge": "purge", "satisfy": "satisfy",
	"autoremove": "autoremove", "auto-remove": "auto-remove", "autopurge": "autopurge",
	"clean": "clean", "autoclean": "autoclean", "auto-clean": "auto-clean",
	"build-dep": "build-dep", "source": "source", "download": "download", "changelog": "changelog",
}

func aptGetNotApt(c *rewrite.Context) {
	for _, s := range scripts(c) {
		for _, call := range aptCalls(s) {
			if call.in.Program != "apt" || call.verb == "" && call.strange() == "" {
				continue
			}
			f := call.finding("apt is for people, and its command line may change")
			edits, why := call.withAptGet()
			switch {
			case why != "":
				f.Refused = why
			default:
				f.Fix = &rewrite.Fix{
					Title: "apt → apt-get", Why: "apt-get keeps its command line, and does not warn of scripts",
					Claim: rewrite.NoClaim, Edits: edits,
				}
			}
			c.Report(f)
		}
	}
}

// withAptGet writes the call for apt-get, or says why it cannot.
func (a aptCall) withAptGet() (edits []dockerfile.Edit, why string) {
	verb := aptGetVerbs[a.verb]
	name := a.Words[a.from]
	switch {
	case a.verb == "":
		return nil, "only the shell knows the subcommand"
	case a.strange() != "":
		return nil, a.strange()
	case verb == "":
		return nil, fmt.Sprintf("apt-get has no `%s`", a.verb)
	case !strings.HasSuffix(a.s.Text[name.Lo:name.Hi], "apt"):
		return nil, "the name is quoted"
	}
	edit, ok := a.s.replace(name.Hi-len("apt"), name.Hi, "apt-get")
	edits = append(edits, edit)
	for i, r := range a.in.Roles {
		if r.Kind != command.Verb || verb == a.verb || !ok {
			continue
		}
		w := a.Words[a.from+i]
		option, added := strings.CutPrefix(verb, a.verb)
		switch {
		case added && a.in.Has("--with-new-pkgs"):
			continue
		case added:
			edit, ok = a.s.insert(w.Hi, option)
		default:
			edit, ok = a.s.replace(w.Lo, w.Hi, verb)
		}
		edits = append(edits, edit)
	}
	if !ok {
		return nil, "a line continuation cuts it"
	}
	return edits, ""
}
