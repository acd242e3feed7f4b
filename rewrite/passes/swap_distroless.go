package passes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/needs"
)

const distrolessRegistry = "gcr.io/distroless/"

// runtime is what a distroless image is for, and where its program is.
type runtime struct {
	image    string   // without the Debian release: nodejs22
	programs []string // what CMD may call it
	path     string   // where it is in the image
	entry    []string // what the ENTRYPOINT of the image has already
}

// releases are Debian's, newest first: an image of the newest is patched longest.
var releases = []string{"debian13", "debian12"}

// toDistroless finds the image for what the stage runs: the language of its base,
// or what the program in it needs.
func (s *swap) toDistroless() bool {
	name := s.from.Repository[strings.LastIndexByte(s.from.Repository, '/')+1:]
	official := strings.HasPrefix(s.from.Repository, "docker.io/library/")
	major, _, _ := strings.Cut(s.from.Version(), ".")
	switch {
	case !official || s.from.Windows() || s.stage.Base != nil:
		return false
	case name == "node":
		s.run = runtime{"nodejs" + major, []string{"node", "nodejs", "/usr/local/bin/node"}, "/nodejs/bin/node", nil}
	case name == "python":
		s.run = runtime{"python3", []string{"python", "python3", "/usr/local/bin/python", "/usr/local/bin/python3", "/usr/bin/python3"}, "/usr/bin/python3", nil}
	case name == "openjdk" || name == "eclipse-temurin" || name == "amazoncorretto" || name == "ibm-semeru-runtimes" || name == "sapmachine":
		s.run = runtime{"java" + major, []string{"java"}, "/usr/bin/java", []string{"-jar"}}
	case name == "debian" || name == "ubuntu" || name == "alpine" || name == "busybox":
		s.run = runtime{image: s.binary()}
	default:
		return false
	}
	if s.run.image == "" {
		return false
	}
	for _, r := range releases {
		to, known := base.Find(distrolessRegistry + s.run.image + "-" + r)
		if s.to == nil || known == base.Live && s.to.Known != base.Live {
			s.to = to
		}
	}
	return true
}

// distroless works out a swap to an image that has neither a shell nor a package
// manager: only for stages that run what others have built.
func (s *swap) distroless() string {
	if s.to.Known != base.Live {
		return s.unpublished()
	}
	if s.run.image == "python3" && !sameMinor(s.to.Version(), s.from.Version()) {
		return fmt.Sprintf("%s has Python %s, and the stage %s", shortOf(s.to), s.to.Version(), s.from.Version())
	}
	if why := s.taken(); why != "" {
		return why
	}
	for _, stage := range s.all {
		for _, in := range stage.Instructions {
			if why := s.only(in); why != "" {
				return why
			}
		}
		if why := s.modules(stage); why != "" {
			return why
		}
		if s.run.path == "" {
			if why := s.alone(stage); why != "" {
				return why
			}
		}
		if why := s.starts(stage); why != "" {
			return why
		}
		n := needsOf(s.c, stage)
		for _, need := range n.Needs {
			if need.Kind == needs.Command && !slices.Contains(s.run.programs, need.Name) && need.Name != "sh" && need.Name != "npm" && strings.ContainsRune(need.By, '.') && !strings.HasPrefix(need.By, "package.json") {
				return fmt.Sprintf("%s runs %s, which %s lacks", need.By, need.Name, shortOf(s.to))
			}
		}
		if n.Unread && len(n.Programs) > 0 && s.run.path != "" {
			s.note("what " + clipped(n.Programs[0]) + " calls itself was not read")
		}
	}
	return ""
}

// unpublished says which versions there are where the one wanted is not.
func (s *swap) unpublished() string {
	name := strings.TrimRight(s.run.image, "0123456789")
	var have []string
	for _, v := range []string{"8", "11", "17", "18", "20", "21", "22", "24", "25", "26"} {
		for _, r := range releases {
			if to, known := base.Find(distrolessRegistry + name + v + "-" + r); known == base.Live && !slices.Contains(have, v) {
				have = append(have, strings.TrimPrefix(to.Version(), name))
			}
		}
	}
	text := fmt.Sprintf("%s is not published by distroless, or gets no updates", s.run.image)
	if len(have) > 0 {
		text += fmt.Sprintf(": it has %s", strings.Join(have, ", "))
	}
	return text
}

func sameMinor(a, b string) bool {
	cut := func(v string) string {
		parts := strings.SplitN(v, ".", 3)
		return strings.Join(parts[:min(2, len(parts))], ".")
	}
	return a != "" && cut(a) == cut(b)
}
