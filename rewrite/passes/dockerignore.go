package passes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/litter"
	"github.com/restow/restow/rewrite/project"
)

// Dockerignore leaves out of the build context what has no place in it.
var Dockerignore = &rewrite.Pass{
	Name:  "dockerignore",
	Claim: rewrite.NoClaim,
	Run:   dockerignore,
	Doc: `Leave out of the build context what a COPY of a folder takes along for nothing.

COPY . takes all there is: the repository's history, node_modules of the machine
that builds, outputs of earlier builds, files of editors, local settings. Each makes
the image larger, makes COPY and all behind it run again when nothing that matters
has changed, and node_modules built for another system breaks what the Dockerfile
installs itself. This adds lines to the ignore file that Docker reads for the
Dockerfile (Dockerfile.dockerignore where there is one, else .dockerignore), or
makes .dockerignore, for what is there:

- version control: .git, .hg, .svn, .bzr;
- installed dependencies: node_modules beside a package.json, virtual environments
  by their pyvenv.cfg;
- build output: target beside Cargo.toml or pom.xml, bin and obj beside a .NET
  project, dist, build and out that git ignores too;
- caches of Python's and Gradle's tools;
- files of editors and systems: .idea, .vscode, .vs, .DS_Store, Thumbs.db;
- local environment: .env that git ignores, .env.local.

Nothing is listed that is not there. Dependencies and outputs are left out only
where each stage that takes them makes them itself, or copies them from one that
does. vendor folders stay, and whatever stands below testdata, fixtures and the like.

It is unsafe: what the image holds changes, and a program may read at run time what
its Dockerfile does not name. It is refused for what a COPY, ADD or bind mount names,
itself or by a pattern; for what a word of RUN, CMD, ENTRYPOINT, HEALTHCHECK or ENV
names; for .git where a RUN calls git or asks for -buildvcs, or where a build file of
the context names a tool that reads the repository (setuptools-scm, versioneer,
husky, git describe and so on), although go build stamps a version without being
asked if git is there; where an exception (!pattern) speaks of it; where another
Dockerfile with the same context needs it; and where which Dockerfiles have the
context is not known, or which folder it is.

Where no setting and no compose or bake file names the context, it is the folder of
the Dockerfile if that holds all that is copied, and every other Dockerfile in it that
has no context of its own counts as built with it. One that stands elsewhere and is
built with this folder by a script is not seen: give its path as well.`,
}

// takenAlong are the entries of the context that the file takes along, those that
// cannot be left out with the reason, and the instruction that takes each.
type takenAlong struct {
	litter.Entry
	in  *dockerfile.Instruction
	src string
}

func dockerignore(c *rewrite.Context) {
	found := inspect(c, litter.Find)
	for _, group := range litter.Groups {
		var out []takenAlong
		for _, e := range found {
			switch {
			case e.Group != group:
			case e.Refused != "":
				c.Report(rewrite.Finding{At: e.in, Message: takes([]takenAlong{e}), Refused: e.Refused})
			default:
				out = append(out, e)
			}
		}
		if len(out) == 0 {
			continue
		}
		fix := &rewrite.Fix{
			Title: "leave " + listed(out) + " out of the build context",
			Why:   weight(out) + " less to send, and a change there does not run the copy and all behind it again",
			Claim: rewrite.NoClaim,
		}
		for _, e := range out {
			fix.Ignore = append(fix.Ignore, e.Pattern)
		}
		c.Report(rewrite.Finding{At: out[0].in, Message: takes(out), Fix: fix})
	}
}

// inspect keeps the entries that the file takes along, and looks for who needs
// them: this file, one that shares the context, or the engine's own check.
func inspect(c *rewrite.Context, find func(*project.Tree) []litter.Entry) (out []takenAlong) {
	t := c.Facts.Context
	if t == nil {
		return nil
	}
	own := litter.Read(c.File)
	if !own.Copies() {
		return nil
	}
	for _, e := range find(t) {
		if in, src := own.Takes(&e); in != nil {
			out = append(out, takenAlong{e, in, src})
		}
	}
	if len(out) == 0 {
		return nil // only now is it worth looking for others
	}
	others, kept := c.Facts.SharedWith()
	files, all := []*litter.Reader{own}, append([]*dockerfile.File{c.File}, others...)
	for _, f := range others {
		files = append(files, litter.Read(f))
	}
	named := map[string]string{} // by pattern
	for i := range out {
		e := &out[i].Entry
		for _, f := range files {
			if e.Refused == "" {
				e.Refused = f.Needs(e, t)
			}
		}
		if e.Refused == "" {
			why, asked := named[e.Pattern]
			if !asked {
				why = rewrite.Needed(t, all, []string{e.Pattern})
				named[e.Pattern] = why
			}
			e.Refused = cmp.Or(why, kept)
		}
	}
	return out
}

// takes says what a copy takes along, with figures.
func takes(all []takenAlong) string {
	verb := "copy"
	if all[0].in.Is("RUN") {
		verb = "mount"
	}
	return fmt.Sprintf("the %s of %s takes %s along (%s: %s)", verb, folderName(all[0].src), listed(all), all[0].Group, weight(all))
}

func folderName(src string) string {
	if src == "" {
		return "the build context"
	}
	return src
}

// listed names entries, the first of many.
func listed(all []takenAlong) string {
	var names []string
	for _, e := range all {
		if name := strings.TrimPrefix(e.Pattern, "**/"); name != e.Pattern && e.Pattern != "" {
			names = append(names, name) // one line for all of the name
			continue
		}
		names = append(names, e.Path)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if n := len(names); n > 4 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", n-3)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return names[0]
}

// weight says how much entries are: 812 files, 14.2 MB.
func weight(all []takenAlong) string {
	files, bytes, more := 0, int64(0), false
	for _, e := range all {
		files, bytes, more = files+e.Files, bytes+e.Bytes, more || e.More
	}
	text := "1 file"
	if files != 1 {
		text = fmt.Sprintf("%d files", files)
	}
	if more {
		text = "more than " + text
	}
	return text + ", " + size(bytes)
}

func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
