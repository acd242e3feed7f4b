package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// AptUpdateInstall puts the update into the RUN that installs.
var AptUpdateInstall = &rewrite.Pass{
	Name:  "apt-update-install",
	Claim: rewrite.NoClaim,
	Run:   aptUpdateInstall,
	Doc: `Run apt-get update in the RUN that installs, not in one before it.

BuildKit takes the update from its cache as long as its own line stays as it is.
An install that is new or changed then asks for versions that the archive has
replaced since, and fails with 404, or gets none of the fixes.

Where the RUNs between can be merged, merge-run does so, with proof. Otherwise the
update is written in front of the install as well. The earlier one stays; where
nothing reads its lists any more, that is reported and left to people.

Unsafe, since it installs what the archive has at that time, not at the time of
the earlier update.

An install without any update before it, in its stage and those that it stands
on, is reported without a fix: base images bring no package lists along, as a
rule. Nothing is said of it where an earlier command may have fetched some.

Refused: an install in a branch, a loop or a function, or without a network; one
behind && in a script that set -e would not stop where the update fails.`,
}

// aptState is what is known of the package lists at some point of a stage.
type aptState struct {
	update *aptCall // the last that surely ran; nil where there is none
	run    *aptRun  // its RUN
	gone   bool     // the lists were removed since
	maybe  bool     // something else may have fetched lists
}

func aptUpdateInstall(c *rewrite.Context) {
	runs := aptRuns(c)
	ends := map[*dockerfile.Stage]aptState{}
	merges := mergeable(c)
	read := map[*aptRun]bool{} // whose lists a later RUN reads
	var idle []*aptRun         // whose lists only the RUN itself reads, or none
	for _, s := range c.File.Stages {
		at := ends[s.Base]
		at.maybe = at.maybe || s.Base == nil && strings.Contains(s.From.From.BaseName, "$")
		for _, r := range runs[s] {
			at = r.checkUpdate(c, at, merges, read)
			if at.run == r && r.lone() {
				idle = append(idle, r)
			}
		}
		ends[s] = at
	}
	for _, r := range idle {
		if next := r.replacedBy(c, runs); next != nil && !read[r] {
			f := r.cmds[0].call.finding(fmt.Sprintf("line %d fetches the package lists anew before anything reads them", c.Line(next.in)))
			f.Also = next.in
			c.Report(f)
		}
	}
}

// checkUpdate reports the first command of a RUN that reads lists from before it,
// and tells what is known behind the RUN.
func (r *aptRun) checkUpdate(c *rewrite.Context, at aptState, merges func(a, b *dockerfile.Instruction) bool, read map[*aptRun]bool) aptState {
	own := false // the RUN has fetched lists
	at.maybe = at.maybe || r.scripts
	for _, step := range r.cmds {
		switch {
		case step.fetches && step.call != nil && standsIn(step.meant) == "":
			at, own = aptState{update: step.call, run: r}, true
		case step.fetches:
			at.maybe, own = true, true
		case own:
		case step.call == nil, step.call.in.Verb == "query":
			read[at.run] = true
			own = step.call == nil // one that reads by itself may fetch as well
		case merges(instructionOf(at.run), r.in):
			own = true
		default:
			read[at.run] = !step.call.reportUpdate(c, at) || read[at.run]
			own = true // one is enough, the others stand behind it
		}
	}
	at.gone = at.gone || r.s != nil && slices.ContainsFunc(r.s.Commands, func(cmd *shell.Simple) bool { return removesLists(r.s, cmd) })
	return at
}

func instructionOf(r *aptRun) *dockerfile.Instruction {
	if r == nil {
		return nil
	}
	return r.in
}

// reportUpdate reports an install that has no update of its own. It is true when
// the fix gives it one.
func (a *aptCall) reportUpdate(c *rewrite.Context, at aptState) bool {
	if at.update == nil {
		if !at.maybe && !a.local() && standsIn(a.meant) == "" {
			c.Report(a.finding("no apt-get update before it, and base images bring no package lists"))
		}
		return false
	}
	line := c.Line(at.run.in)
	f := a.finding(fmt.Sprintf("the update of line %d may be an old one from the cache", line))
	if at.gone {
		f.Message = fmt.Sprintf("the package lists of line %d are gone", line)
	}
	f.Also = at.run.in
	edit, why := a.withUpdate(*at.update)
	switch where := standsIn(a.meant); {
	case where != "":
		f.Refused = "it stands in " + where
	case slices.ContainsFunc(a.s.in.Flags(), func(w dockerfile.Word) bool { return w.S == "--network=none" }):
		f.Refused = "the RUN has no network"
	case why != "":
		f.Refused = why
	default:
		f.Fix = &rewrite.Fix{
			Title: "update in front of " + a.verb, Why: "the two are cached together, so that the lists are never older than the install",
			Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
		}
	}
	c.Report(f)
	return f.Fix != nil
}

// local reports whether the call installs nothing but files.
func (a *aptCall) local() bool {
	for _, i := range a.in.Packages {
		w := a.Words[a.from+i]
		if !strings.Contains(a.s.Text[w.Lo:w.Hi], "/") || !strings.Contains(a.s.Text[w.Lo:w.Hi], "deb") {
			return false
		}
	}
	return len(a.in.Packages) > 0
}

// withUpdate puts an update like the given one in front of the part of the
// script's list that the call belongs to, in the layout around it. Where -e ends
// the script it must end it at the update too, so that nothing runs on without what
// was to be installed: && would keep it from that, unless the script ends there.
func (a *aptCall) withUpdate(update aptCall) (edit dockerfile.Edit, why string) {
	s, i := a.s, 0
	for i+1 < len(s.Top) && s.Top[i].Hi <= a.Lo {
		i++
	}
	text := update.s.Text[update.Words[update.from].Lo:update.Words[len(update.Words)-1].Hi]
	if strings.ContainsAny(text, "\n<>$") || strings.HasPrefix(text, "apt ") {
		text = "apt-get update"
	}
	if a.Program == "sudo" || a.Program == "doas" {
		text = a.Program + " " + text
	}
	on, glue, gap := s.onFailure(i), " && ", ""
	if i > 0 {
		gap = s.gap(i - 1)
	}
	ends := !slices.ContainsFunc(s.Top[i:], func(item shell.Item) bool { return item.Op != "&&" && item.Op != "||" && item.Op != "" })
	switch {
	case on == stops && s.alone(i):
		if glue = "; "; s.doc != nil {
			pos, _ := s.first(s.Top[i].Lo)
			glue = s.in.File.EOL(pos) + s.lead(pos)
		}
		if gap != "" && s.Top[i-1].Op != "&" {
			glue = gap
		}
	case on != goesOn && !ends:
		return edit, "&& before it would have -e go on where the update fails"
	case gap != "" && s.Top[i-1].Op == "&&":
		glue = gap
	}
	edit, ok := s.before(s.Top[i].Lo, text+glue)
	if !ok {
		return edit, "a line continuation cuts it"
	}
	return edit, ""
}

// lone reports whether a RUN does nothing but update.
func (r *aptRun) lone() bool {
	return r.s != nil && len(r.s.Commands) == 1 && len(r.cmds) == 1 && r.cmds[0].call != nil
}

// replacedBy is the next RUN of the stage that fetches lists, if nothing between
// may read those that r has fetched.
func (r *aptRun) replacedBy(c *rewrite.Context, runs map[*dockerfile.Stage][]*aptRun) *aptRun {
	own := runs[r.in.Stage]
	for _, next := range own[slices.Index(own, r)+1:] {
		needs, settled := next.needs()
		switch {
		case needs, !next.known:
			return nil
		case settled:
			return next
		}
	}
	return nil
}

// mergeable tells whether merge-run makes one RUN of all from a to b.
func mergeable(c *rewrite.Context) func(a, b *dockerfile.Instruction) bool {
	return func(a, b *dockerfile.Instruction) bool {
		if a == nil || a.Stage != b.Stage {
			return false
		}
		argv := shellOf(a.Stage.Base)
		var row []run
		for _, in := range a.Stage.Instructions {
			if cmd, ok := in.Command.(*instructions.ShellCommand); ok {
				argv = cmd.Shell
			}
			if in.Index < a.Index || in.Index > b.Index {
				continue
			}
			cmd, ok := in.Command.(*instructions.RunCommand)
			if !ok {
				return false
			}
			row = append(row, readRun(c, in, cmd, argv, a.Stage))
		}
		belongs := related(row)
		ch := (*chain)(nil).add(row[0])
		for i, next := range row[1:] {
			if row[i].why != "" || !belongs[i] && !c.Facts.MergeAll || ch.bars(c, next) != "" {
				return false
			}
			ch.add(next)
		}
		return true
	}
}
