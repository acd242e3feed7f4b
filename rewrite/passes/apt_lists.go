package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// AptLists removes the package lists in the RUN that has fetched them.
var AptLists = &rewrite.Pass{
	Name:     "apt-lists",
	Hadolint: []string{"DL3009"},
	Claim:    rewrite.NoClaim,
	Run:      aptLists,
	Doc: `Remove apt's package lists at the end of the RUN that fetched them.

They are tens of megabytes that nothing reads again, and an install in a later
build must not trust them. Only an rm in the same RUN makes the layer smaller.
The rm is joined by && or, where the script stops at a failure by set -e, as the
script joins its commands: the RUN fails where it failed before.

Unsafe, since the files of the image change: who runs apt-get install in a
container, or in an image built on this one, has to run apt-get update first.

Nothing is said where something of the RUN removes them already, where a mount
covers their folder, and of stages whose layers do not get into an image.

Refused: a later RUN that reads the lists without fetching its own; an update in
a branch, a loop or a function; an end that another command cannot be put behind,
such as a comment, or with set -e an if or braces, in which && would switch it off.`,
}

const rmAptLists = "rm -rf /var/lib/apt/lists/*"

func aptLists(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps the lists out of the image
	}
	runs := aptRuns(c)
	kept := imageStages(c)
	next := map[*dockerfile.Stage]*aptRun{} // the RUN that reads lists of the stage it begins on
	clean := map[*dockerfile.Stage]*aptRun{}
	for _, stage := range slices.Backward(c.File.Stages) {
		reader, later := next[stage], clean[stage]
		for _, r := range slices.Backward(runs[stage]) {
			if kept[stage] {
				r.reportLists(c, reader, later)
			}
			if needs, settled := r.needs(); settled {
				reader = nil
				if needs {
					reader = r
				}
			}
			if r.s != nil && slices.ContainsFunc(r.s.Commands, func(cmd *shell.Simple) bool { return removesLists(r.s, cmd) }) {
				later = r
			}
		}
		if stage.Base != nil && reader != nil {
			next[stage.Base] = reader
		}
		if stage.Base != nil && later != nil {
			clean[stage.Base] = later
		}
	}
}

// imageStages are the stages whose layers may be part of an image: of the last
// one, and of those that something builds by name.
func imageStages(c *rewrite.Context) map[*dockerfile.Stage]bool {
	last := c.File.Stages[len(c.File.Stages)-1]
	_, certain := c.File.Needs(last)
	out := map[*dockerfile.Stage]bool{}
	for _, s := range c.File.Stages {
		named := slices.ContainsFunc(c.Facts.Targets, func(t string) bool { return s.Name != "" && strings.EqualFold(t, s.Name) })
		if s != last && !named && certain && !c.Facts.AnyTarget {
			continue
		}
		for ; s != nil; s = s.Base {
			out[s] = true
		}
	}
	return out
}

// reportLists reports a RUN that leaves lists behind. reader is a later RUN that
// reads them, later one that removes them.
func (r *aptRun) reportLists(c *rewrite.Context, reader, later *aptRun) {
	if r.s == nil {
		return
	}
	var update, stuck *aptCall
	for _, step := range r.cmds {
		switch {
		case step.call == nil || !step.fetches:
		case standsIn(step.meant) == "":
			update = step.call
		default:
			stuck = step.call
		}
	}
	at := update
	if at == nil {
		at = stuck
	}
	if at == nil || cacheMounted(r.in, "/var/lib/apt/lists") {
		return
	}
	behind := r.s.Commands[slices.Index(r.s.Commands, at.Simple)+1:]
	if len(behind) == 0 || slices.ContainsFunc(behind, func(cmd *shell.Simple) bool { return removesLists(r.s, cmd) }) {
		return
	}
	f := at.finding("the package lists stay in the layer")
	edit, why := r.s.addRemoval(*at)
	switch {
	case update == nil:
		f.Refused = "the update stands in " + standsIn(stuck.meant)
	case reader != nil:
		f.Also, f.Refused = reader.in, fmt.Sprintf("line %d installs from them", c.Line(reader.in))
	case why != "":
		f.Refused = why
	default:
		f.Fix = &rewrite.Fix{
			Title: "add " + rmAptLists, Why: "tens of megabytes that nothing reads again",
			Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
		}
		if later != nil {
			f.Fix.Why = fmt.Sprintf("the layer keeps what the RUN of line %d removes", c.Line(later.in))
		}
	}
	c.Report(f)
}

// unquoted takes quotes and escapes away.
var unquoted = strings.NewReplacer(`"`, "", `'`, "", `\`, "")

// removesLists reports whether a command does something to the folder of the
// lists, or to one around it, that may be their removal.
func removesLists(s *script, cmd *shell.Simple) bool {
	if slices.Contains([]string{"ls", "cat", "grep", "mkdir", "cp", "chmod", "chown", "test", "[", "[[", "du", "tar", "touch", "echo"}, cmd.Name()) {
		return false
	}
	for _, w := range cmd.Words {
		text := unquoted.Replace(s.Text[w.Lo:w.Hi])
		_, under, found := strings.Cut(text, "/var/lib/")
		switch {
		case found && (strings.HasPrefix(under, "apt") || strings.HasPrefix(under, "*") || strings.HasPrefix(under, "{") && strings.Contains(under, "apt")):
			return true
		case found && strings.HasPrefix(under, "$"):
			return true
		case text == "distclean" || text == "dist-clean":
			return true
		}
	}
	return false
}

// addRemoval puts the rm behind the script's last command, or says why it cannot.
func (s *script) addRemoval(update aptCall) (edit dockerfile.Edit, why string) {
	rm := rmAptLists
	if update.from > 0 && (update.Program == "sudo" || update.Program == "doas") {
		rm = update.Program + " " + rm
	}
	for i, item := range s.Top {
		if item.Hi <= update.Lo {
			continue
		}
		always := i == 0 || s.Top[i-1].Op != "||"
		if words, ok := plainWords(item); ok && always && slices.Contains([]string{"exit", "exec", "return"}, words[0]) {
			return edit, fmt.Sprintf("`%s` ends the script", words[0])
		}
	}
	for _, cmd := range s.Commands {
		if name := cmd.Name(); cmd.Lo > update.Lo && strings.Contains(name, "clean") {
			return edit, fmt.Sprintf("`%s` may remove them", name)
		}
	}
	return s.add(rm)
}
