package passes

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/dockerfile"
)

// binary is the smallest image for the program of a stage on a plain distribution:
// static where nothing is linked, base for the C library. "" is for a stage that runs
// no program of another stage.
func (s *swap) binary() string {
	sizes := []string{"static", "base", "cc"}
	size := -1
	for _, stage := range s.all {
		argv, ok := s.command(stage)
		if !ok || len(argv) == 0 {
			return ""
		}
		from := s.origin(stage, argv[0])
		if from == nil {
			return ""
		}
		// Of what is not known the smallest is named, and refused with that reason.
		size = max(size, slices.Index([]string{"static", "glibc", "gcc"}, s.linked(from)), 0)
	}
	if size < 0 {
		return ""
	}
	return sizes[size]
}

// origin is the stage that a program of the image was copied from.
func (s *swap) origin(stage *dockerfile.Stage, program string) *dockerfile.Stage {
	for _, in := range slices.Backward(stage.Instructions) {
		cmd, ok := in.Command.(*instructions.CopyCommand)
		if !ok || cmd.From == "" {
			continue
		}
		for _, ref := range s.c.File.Refs() {
			if ref.In != in || ref.Stage == nil {
				continue
			}
			dest := path.Clean(cmd.DestPath)
			for _, src := range cmd.SourcePaths {
				if path.Base(src) == path.Base(program) || path.Base(dest) == path.Base(program) || strings.HasPrefix(program, strings.TrimSuffix(dest, "/")+"/") || dest == "." || dest == "/" {
					return ref.Stage
				}
			}
		}
	}
	return nil
}

// linked says what a program that a stage builds needs at run time: nothing, the C
// library, or what gcc links with; "" for not known.
func (s *swap) linked(from *dockerfile.Stage) string {
	image, musl := "", false
	var text strings.Builder
	for at := from; at != nil; at = at.Base {
		image = at.From.From.BaseName
		for _, in := range at.Instructions {
			if in.Is("RUN") || in.Is("ENV") || in.Is("ARG") {
				text.WriteString(in.Text.S + "\n")
			}
		}
	}
	name := image[strings.LastIndexAny(image, "/}")+1:] // ARGs may stand before the name
	language, tag, _ := strings.Cut(name, ":")
	musl = strings.Contains(name, "alpine")
	all := text.String()
	switch language {
	case "golang":
		switch {
		case strings.Contains(all, "CGO_ENABLED=0") || strings.Contains(all, "CGO_ENABLED 0") || staticLink.MatchString(all):
			return "static"
		case strings.Contains(all, "-dev") || strings.Contains(all, "CGO_ENABLED=1") || strings.Contains(all, "build-base") || musl && strings.Contains(all, "gcc"):
			return "" // linked with what was installed
		case musl && withoutCgo(tag):
			return "static"
		case musl:
			return ""
		}
		return "glibc"
	case "rust":
		switch {
		case strings.Contains(all, "-unknown-linux-musl"):
			return "static"
		case musl || strings.Contains(all, "-dev") || !s.crates(from):
			return ""
		}
		return "gcc"
	}
	return ""
}

// withoutCgo reports whether the Go of Alpine's image does without C libraries where
// it has no compiler for C, which that image lacks: so since Go 1.20, by its release
// notes. A tag of no version is newer.
func withoutCgo(tag string) bool {
	m := goVersion.FindStringSubmatch(tag)
	if m == nil {
		return !strings.Contains(tag, "$")
	}
	minor, err := strconv.Atoi(m[1])
	return err == nil && minor >= 20
}

var goVersion = regexp.MustCompile(`^1\.(\d+)`)

var staticLink = regexp.MustCompile(`-extldflags[ =]*['"\\]*[^'"\n]*-static\b`)

// crates reports whether the crates of a program are known, and bind no library but
// OpenSSL's, which the images for the C library have.
func (s *swap) crates(from *dockerfile.Stage) bool {
	known := false
	for at := from; at != nil; at = at.Base {
		for _, dep := range needsOf(s.c, at).Rust {
			if _, why := rustNeeds(dep.Name, "", false); why != "" {
				return false
			}
			known = true
		}
	}
	return known
}
