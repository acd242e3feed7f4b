package passes

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// installs of manuals fail in slim images of old suites, which lack the folder.
var manualSuites = wordList("jessie stretch buster bullseye")

var manualPackages = regexp.MustCompile(`^(openjdk-\d+-|default-j|postgresql|icedtea)`)

func (s *swap) manuals() string {
	if !slices.Contains(manualSuites, s.to.Suite) {
		return ""
	}
	for _, stage := range s.all {
		for _, i := range needsOf(s.c, stage).Installed {
			if manualPackages.MatchString(i.Name) && !strings.Contains(string(s.c.File.Bytes(stage.Span())), "/usr/share/man/man1") {
				return fmt.Sprintf("%s cannot be installed in slim images of %s, which have no folder for manuals", i.Name, s.to.Suite)
			}
		}
	}
	return ""
}

// taken says what other stages take from the system's folders of one that is
// swapped: that may be gone then.
func (s *swap) taken() string {
	for _, ref := range s.c.File.Refs() {
		if ref.Stage == nil || !slices.Contains(s.all, ref.Stage) || ref.In.From != nil {
			continue
		}
		cmd, ok := ref.In.Command.(*instructions.CopyCommand)
		if !ok {
			return fmt.Sprintf("line %d mounts it", s.c.Line(ref.In))
		}
		for _, src := range cmd.SourcePaths {
			src = path.Clean("/" + src)
			if src == "/" || systemFolder(src) {
				return fmt.Sprintf("line %d copies %s from it", s.c.Line(ref.In), src)
			}
		}
	}
	return ""
}

// systemFolder reports whether a path is in the folders of the system's packages.
func systemFolder(name string) bool {
	if strings.HasPrefix(name, "/usr/local/") || name == "/usr/local" || strings.HasPrefix(name, "/usr/src/") {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	return slices.Contains(wordList("bin sbin lib lib32 lib64 usr etc"), first)
}

func wordList(s string) []string { return strings.Fields(s) }
