package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
)

// SwapBase takes a smaller base image.
var SwapBase = &rewrite.Pass{
	Name:  "swap-base",
	Claim: rewrite.NoClaim,
	Run:   swapBase,
	Doc: `Build on a smaller image of the same version.

Most of an image is its base. python:3.12 brings compilers, headers and version
control along, 469 packages; python:3.12-slim does the same with 87. The setting
swap-to says what is wanted:

  slim        the slim image of the same version and suite, by default; a JRE in
              the place of a JDK where the stage only runs
  distroless  for stages that only run a program that another stage has built: no
              shell, no package manager
  alpine      another C library; only where nothing is compiled for glibc

Which images there are, what is in them and what differs comes from a table of the
official images with its sources (restow base show, restow base diff). What the
stage needs is read from its RUNs, CMD, ENTRYPOINT and HEALTHCHECK, from scripts of
the build context that they run, from package.json, requirements and lock files,
and from calls of other programs in the project's text. What is used and the
smaller image lacks is installed: with the packages of an apt-get install that the
stage has before it is needed, or in a RUN of its own. Builder stages stay as they
are, since nothing of their base gets into the image.

Unsafe, since what a program calls while it runs is not all in its text: restow
verify builds both and compares. Never changed are the version, the platform and
the names of stages. An ARG in the tag stays where every published version has the
smaller image; a digest gives way to that of the new tag.

Refused: what cannot be read (a script that is not in the build context, one that
comes from the network, a Makefile of something unpacked), packages that compile
where they are installed (the compiler belongs in a stage of its own), programs
linked with libraries that nobody names, Windows images, images with ONBUILD, and
for distroless and alpine whatever those images cannot do.`,
}

// swap is a stage that gets another base image.
type swap struct {
	c     *rewrite.Context
	stage *dockerfile.Stage
	all   []*dockerfile.Stage // stage, and those that are built on it
	site  images.Site
	from  *base.Image
	to    *base.Image
	edits []dockerfile.Edit
	kept  []string                                      // what is needed and now installed, or otherwise seen to
	notes []string                                      // what was not looked at
	refs  map[*dockerfile.Instruction]*dockerfile.Stage // what COPYs and mounts take from
	made  []string                                      // commands that made users, of RUNs that are gone
	run   runtime                                       // what a distroless image is for
}

// maxSwapStages bounds what is followed from stage to stage.
const maxSwapStages = 200

func swapBase(c *rewrite.Context) {
	if len(c.File.Stages) > maxSwapStages {
		return
	}
	kept := imageStages(c)
	sites := images.Collect(c.File, c.Facts.Names)
	for _, stage := range c.File.Stages {
		if stage.Base != nil || !kept[stage] {
			continue // what a builder is built on does not get into the image
		}
		site, ok := siteOf(sites, stage.From)
		if !ok || site.Ref == "" {
			continue
		}
		from, known := c.Facts.Bases.Find(site.Name)
		if known != base.Live && known != base.Retired {
			continue // nothing is known of it
		}
		s := &swap{c: c, stage: stage, site: site, from: from}
		for _, other := range c.File.Stages {
			for at := other; at != nil; at = at.Base {
				if at == stage {
					s.all = append(s.all, other)
				}
			}
		}
		if !s.target() {
			continue
		}
		s.report()
	}
}

func (s *swap) report() {
	f := rewrite.Finding{At: s.stage.From, Message: fmt.Sprintf("%s is more than the stage needs: there is %s", s.from.Short(), tagOf(s.to))}
	if s.to.Repository != s.from.Repository {
		f.Message = fmt.Sprintf("%s is more than the stage needs: there is %s", s.from.Short(), shortOf(s.to))
	}
	why := s.refused()
	if why == "" {
		why = s.reference()
	}
	if why != "" {
		f.Refused = why
		s.c.Report(f)
		return
	}
	f.Fix = &rewrite.Fix{
		Title: fmt.Sprintf("%s → %s", s.from.Short(), shortOf(s.to)), Why: s.why(),
		Claim: rewrite.NoClaim, Edits: s.edits,
	}
	s.c.Report(f)
}

// refused works out what the swap brings about, and says what stands in its way.
func (s *swap) refused() string {
	switch {
	case s.from.Windows():
		return s.from.Short() + " is an image for Windows"
	case s.from.OnBuild():
		return s.from.Short() + " has ONBUILD triggers, which run in this build"
	}
	switch s.c.Facts.BaseTo {
	case "distroless":
		return s.distroless()
	case "alpine":
		return s.alpine()
	}
	if s.to.Kind == "jre" && s.from.Kind == "jdk" {
		return s.jre()
	}
	return s.slim()
}

// tagOf is an image as it is told from another tag of the same repository.
func tagOf(i *base.Image) string {
	name := shortOf(i)
	return name[strings.LastIndexByte(name, '/')+1:]
}

// shortOf is an image as it is written in FROM.
func shortOf(i *base.Image) string {
	if !i.Tagged && strings.HasPrefix(i.Repository, distrolessRegistry) {
		return i.Repository
	}
	return i.Short()
}
