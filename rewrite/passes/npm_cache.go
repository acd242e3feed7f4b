package passes

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
)

// NpmCache has npm and yarn leave no cache in the image.
var NpmCache = &rewrite.Pass{
	Name:     "npm-cache",
	Hadolint: []string{"DL3060"},
	Claim:    rewrite.NoClaim,
	Run:      npmCache,
	Doc: `Put npm cache clean --force, or yarn cache clean, behind what they install.

Both keep every package that they download once more, in ~/.npm or yarn's own
folder. The command goes to the end of the same RUN, in its layout, since what a
later RUN removes still takes its space in the layer of this one.

Unsafe, since the files of the image change, and a later RUN that installs
downloads again.

Refused: an install in a branch, a loop or a function, or that a program other
than sudo runs; a later command that may remove npm or yarn; a RUN that ends in &
or a comment, or with set -e in an if or braces, in which && would switch it off. Yarn from version 2 on keeps its cache in the project, where a
clean would break it: refused where the build context has a .yarnrc.yml or is not
known, and where corepack brings yarn, but for yarn global add, which only version
1 has. Nothing is said of a RUN that cleans behind its last install, of one with a
cache mount, nor of stages whose files are only copied from.`,
}

// nodeCaches are where npm and yarn keep what they download.
var nodeCaches = map[string][]string{
	"npm":  {".npm"},
	"yarn": {".cache/yarn", "/usr/local/share/.cache/yarn", ".yarn"},
}

func npmCache(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps what this would take out
	}
	shipped := shippedStages(c)
	for _, s := range scripts(c) {
		if !shipped[s.stage] {
			continue
		}
		for _, program := range []string{"npm", "yarn"} {
			if !s.runs(program) || cacheMounted(s.in, nodeCaches[program]...) {
				continue
			}
			var last *meant
			gone := ""
			for i, m := range s.all {
				in, _ := unwrapped(m)
				switch {
				case in.Program == program && nodeInstalls(in):
					last, gone = &s.all[i], ""
				case in.Program == program && in.Verb == "clean", in.Program == "rm" && s.names(m, "."+program, ".cache"):
					last = nil
				case in.Verb == "remove" && s.names(m, "node", program, " .", "$"), in.Program == "rm" && s.names(m, "/"+program):
					gone = s.where(m)
				}
			}
			if last != nil {
				s.reportNode(c, *last, gone)
			}
		}
	}
}

func nodeInstalls(in command.Meaning) bool {
	if in.Has("--cache") || in.Has("--cache-folder") || in.Has("--no-cache") || in.Has("--offline") || in.Has("--dry-run") || in.Has("--package-lock-only") || in.Has("-v") || in.Has("-h") {
		return false
	}
	return in.Verb == "install" || in.Verb == "upgrade" || in.Program == "yarn" && in.Verb == "" && len(in.Unknown)+len(in.Open) == 0
}

// names reports whether the text of a command holds one of the parts.
func (s *script) names(m meant, parts ...string) bool {
	text := s.Text[m.Lo:m.Hi]
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

func (s *script) reportNode(c *rewrite.Context, m meant, gone string) {
	in, from := unwrapped(m)
	f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: in.Program + " leaves its cache in the image"}
	cmd := map[string]string{"npm": "npm cache clean --force", "yarn": "yarn cache clean"}[in.Program]
	if from > 0 && m.Program == "sudo" {
		cmd = "sudo " + cmd
	}
	edit, why := s.add(cmd)
	switch {
	case !m.always():
		f.Refused = "it stands in " + standsIn(m)
	case from > 0 && !slices.Contains([]string{"sudo", "env", "time", "nice", "timeout"}, m.Program):
		f.Refused = "`" + m.Program + "` runs it"
	case gone != "":
		f.Refused = gone + " may remove " + in.Program
	case in.Program == "yarn" && !s.names(m, "global"):
		f.Refused = newYarn(c)
	}
	if f.Refused == "" {
		f.Refused = why
	}
	if f.Refused == "" {
		f.Fix = &rewrite.Fix{
			Title: "add " + cmd, Why: "each package is there once, not twice",
			Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
		}
	}
	c.Report(f)
}

// newYarn is why yarn may be another than version 1; "" if it is not.
func newYarn(c *rewrite.Context) string {
	for _, in := range c.File.Instructions {
		for _, word := range []string{"corepack", "yarn set version", "berry"} {
			if in.Is("RUN") && strings.Contains(in.Text.S, word) {
				return "`" + word + "` may bring another yarn than version 1"
			}
		}
	}
	switch exists, known := c.Facts.Context.Exists(".yarnrc.yml"); {
	case !known:
		return "whether yarn is version 1 is not known without the build context"
	case exists:
		return "the build context has a .yarnrc.yml, which yarn reads from version 2 on"
	}
	return ""
}
