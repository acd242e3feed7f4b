package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/needs"
)

// alpine works out a swap to an image with another C library, another package
// manager, and busybox for most programs.
func (s *swap) alpine() string {
	if s.from.Libc != "glibc" || s.from.Distro != "debian" {
		return fmt.Sprintf("%s is not Debian's", s.from.Short())
	}
	if name := s.from.Repository[strings.LastIndexByte(s.from.Repository, '/')+1:]; !slices.Contains(likeOnAlpine, name) {
		return fmt.Sprintf("what else differs between %s and %s is not known: users, folders, the sorting of text", s.from.Short(), tagOf(s.to))
	}
	had, has := commandsOf(s.from), commandsOf(s.to)
	if had == nil || has == nil {
		return fmt.Sprintf("which programs %s and %s have is not known", s.from.Short(), tagOf(s.to))
	}
	if why := s.taken(); why != "" {
		return why
	}
	lost := map[string]bool{}
	_, exact := s.to.Commands()
	for _, c := range had {
		if c.Package != "" || exact != base.Unknown {
			lost[c.Name] = true // what the image itself puts there both variants have
		}
	}
	for _, c := range has {
		delete(lost, c.Name)
	}
	for _, stage := range s.all {
		n := needsOf(s.c, stage)
		if why := s.unknowns(n); why != "" {
			return why
		}
		if why := s.musl(stage); why != "" {
			return why
		}
		list, why := s.apkNeeds(n, lost)
		if why != "" {
			return why
		}
		if why := s.apt(stage); why != "" {
			return why
		}
		if why := s.apkInstall(stage, n, list); why != "" {
			return why
		}
		if n.Unread && len(n.Programs) > 0 {
			s.note("what " + clipped(n.Programs[0]) + " calls itself was not read")
		}
	}
	s.note("the C library is musl's, and most programs are busybox's")
	return ""
}

// likeOnAlpine are official images whose Alpine variant differs in nothing but the
// distribution. Databases are none of them: their files depend on the C library, which
// sorts text another way.
var likeOnAlpine = wordList("node python ruby golang nginx")

// apkNeeds are the packages of Alpine for what a stage needs.
func (s *swap) apkNeeds(n *needs.Stage, lost map[string]bool) (list []string, why string) {
	add := func(names, whose string, need needs.Need) {
		for name := range strings.FieldsSeq(names) {
			if !slices.Contains(list, name) {
				list = append(list, name)
				s.kept = append(s.kept, fmt.Sprintf("%s for %s (%s, line %d)", name, whose, need.By, s.c.Line(need.In)))
			}
		}
	}
	for _, need := range n.Needs {
		switch {
		case need.Kind == needs.Zones:
			add("tzdata", "the time zone", need)
		case need.Kind == needs.Package:
			return nil, fmt.Sprintf("%s needs %s, whose name in Alpine is not known", need.By, need.Name)
		case need.Kind != needs.Command || strings.HasPrefix(need.Name, "apt") || need.Name == "dpkg": // Alpine's base image has the certificates
		case apkCommands[need.Name] != "" && (lost[need.Name] || !base.Covers(s.from.Suite)):
			if building(apkCommands[need.Name]) || need.Name == "gcc" || need.Name == "cc" {
				return nil, fmt.Sprintf("line %d: %s compiles, which belongs in a stage of its own", s.c.Line(need.In), need.By)
			}
			add(apkCommands[need.Name], need.Name, need)
		case lost[need.Name]:
			return nil, fmt.Sprintf("line %d: %s needs %s, which Alpine has not, or under a name that is not known", s.c.Line(need.In), need.By, need.Name)
		}
	}
	for _, of := range languages(n) {
		for _, dep := range of.list {
			// What is ready for musl is so for current versions of the language.
			known, why := of.find(dep.Name, s.to.Suite, dep.Compiled || s.from.Known == base.Retired && native(dep.Name))
			switch {
			case why != "":
				return nil, fmt.Sprintf("line %d: %s installs %s, which %s", s.c.Line(dep.In), dep.By, dep.Name, why)
			case len(known.build) > 0:
				return nil, fmt.Sprintf("line %d: %s has nothing ready for musl, and is compiled where it is installed", s.c.Line(dep.In), dep.Name)
			}
			add(strings.Join(known.run, " "), dep.Name, needs.Need{By: dep.By, In: dep.In})
		}
	}
	slices.Sort(list)
	return list, ""
}

// musl looks at what comes from other stages: programs that were made for glibc do
// not run.
func (s *swap) musl(stage *dockerfile.Stage) string {
	for _, in := range stage.Instructions {
		cmd, ok := in.Command.(*instructions.CopyCommand)
		if !ok || cmd.From == "" {
			continue
		}
		stages := s.behind(in, nil)
		if len(stages) == 0 && !strings.Contains(cmd.From, "astral-sh/uv") {
			return fmt.Sprintf("line %d: whether what comes from %s is for glibc is not known", s.c.Line(in), cmd.From)
		}
		for _, from := range stages {
			image, _ := s.c.Facts.Bases.Find(rootOf(from).From.From.BaseName)
			n := needsOf(s.c, from)
			if image.Libc == "musl" || s.linked(from) == "static" {
				continue
			}
			if repo := image.Repository[strings.LastIndexByte(image.Repository, '/')+1:]; repo != "node" && repo != "python" && repo != "maven" && repo != "gradle" && repo != "eclipse-temurin" {
				return fmt.Sprintf("line %d: stage %s makes programs for glibc", s.c.Line(in), title(from))
			}
			for _, dep := range slices.Concat(n.Python, n.Node) {
				if dep.Compiled || native(dep.Name) {
					return fmt.Sprintf("line %d: %s was installed for glibc in stage %s", s.c.Line(in), dep.Name, title(from))
				}
			}
			for _, need := range n.Needs {
				if need.Kind == needs.Command && compilers[need.Name] && !need.Run() {
					return fmt.Sprintf("line %d: %s makes programs for glibc in stage %s", s.c.Line(in), need.Name, title(from))
				}
			}
		}
	}
	return ""
}

// apkInstall writes a RUN that installs packages, behind FROM and what only sets
// variables.
func (s *swap) apkInstall(stage *dockerfile.Stage, n *needs.Stage, list []string) string {
	list = slices.DeleteFunc(list, func(p string) bool {
		return slices.ContainsFunc(n.Installed, func(i needs.Install) bool {
			return i.At >= 0 && slices.Contains(strings.Fields(apkPackages[i.Name]), p)
		})
	})
	if len(list) == 0 {
		return ""
	}
	for _, in := range stage.Instructions {
		if in.Is("ARG") || in.Is("ENV") {
			continue
		}
		if !s.root(stage, in) {
			return fmt.Sprintf("%s would have to be installed, and the stage is not root's", strings.Join(list, ", "))
		}
		run := "RUN"
		if s.stage.From.Keyword().S == "from" {
			run = "run"
		}
		s.edits = append(s.edits, in.InsertBefore(run+" apk add --no-cache "+strings.Join(list, " ")))
		return ""
	}
	return "there is no place to install " + strings.Join(list, ", ")
}

// commandsOf are the programs of an image, or of the image that the official ones of
// its suite are built on where the table has no list.
func commandsOf(i *base.Image) []base.Command {
	list, exact := i.Commands()
	if exact != base.Unknown || !strings.HasPrefix(i.Repository, "docker.io/library/") {
		return list
	}
	model := "debian:bullseye-slim"
	kind, whole := onBuildpack[i.Repository[strings.LastIndexByte(i.Repository, '/')+1:]]
	switch {
	case i.Distro == "alpine":
		model = "alpine:latest"
	case i.Distro != "debian" || i.Variant != "slim" && !whole:
		return nil
	case i.Variant == "full":
		model = "buildpack-deps:bullseye" + kind
	}
	image, _ := base.Find(model)
	list, _ = image.Commands()
	return list
}
