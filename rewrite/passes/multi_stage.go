package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/split"
)

// MultiStage cuts a stage that builds and runs in two.
var MultiStage = &rewrite.Pass{
	Name:  "multi-stage",
	Claim: rewrite.NoClaim,
	Run:   multiStage,
	Doc: `Build in one stage, run in another.

A file with one stage leaves the compiler, its packages and all intermediate files
in the image. The stage is cut behind its last step that changes files. What stands
before stays as it is and builds; a new last stage, on the smallest image with what
the program needs, takes over the program and the files that it may read.

What runs is read from CMD, ENTRYPOINT and HEALTHCHECK, through scripts of the
build context and the scripts of package.json. Every command of every RUN has to be
one whose files are known: compilers and build tools of Go, Rust, C and C++, Java
and Node.js, package managers, file commands. Of what was copied, sources and files
for builds and for readers stay behind unless a string of the sources or a script
names them; all the rest is taken over, with owners and modes. A folder of which
not all is known is taken whole.

The last stage has the same ENV, WORKDIR, USER, EXPOSE, LABEL, VOLUME, CMD and so
on in the same order, users are made again, libraries of -dev packages that the
build installs come as their run-time packages, certificates and time zones where
the program may use them. Variables of the compiler's image, such as GOLANG_VERSION,
are gone unless something names them.

The base is of the same distribution and release: distroless static for Go without
cgo where nothing needs a shell, slim or Alpine images else, the JRE for a JDK. The
release is that of the build's tag today: pin the tag where it may move to another.

Before it is offered, the last stage as it would stand in the file is read again and
compared with all that was found to be needed: instructions, packages, users, paths.

System users without a number of their own may get another one, and what belongs to
them is given to them again; volumes of an older image keep the old number.

Unsafe: it makes another image. restow fix --verify builds both and compares. It is
refused with the name of what is not known: a command that may write anything, a
program that sources run by a variable, a library without a known package.`,
}

func multiStage(c *rewrite.Context) {
	if len(c.File.Stages) == 0 {
		return
	}
	stage := c.File.Stages[len(c.File.Stages)-1]
	plan, why, at := split.Of(stage, c.Facts.Context)
	if plan == nil && why == "" {
		return
	}
	f := rewrite.Finding{At: stage.From, Also: at, Message: "the image has all that builds it"}
	if plan == nil {
		f.Refused = why
		if at != nil {
			f.Refused = fmt.Sprintf("line %d: %s", c.Line(at), why)
		}
		c.Report(f)
		return
	}
	f.Message = fmt.Sprintf("the image has all that builds %s", strings.Join(plan.Runs, ", "))
	cut := cutting{c: c, stage: stage, plan: plan}
	edits, why := cut.edits()
	if why == "" {
		why = cut.account(edits)
	}
	if why != "" {
		f.Refused = why
	} else {
		f.Fix = &rewrite.Fix{
			Title: fmt.Sprintf("build in a stage of its own, run on %s", plan.Base),
			Why:   plan.Gain,
			Claim: rewrite.NoClaim,
			Edits: edits,
		}
	}
	c.Report(f)
}
