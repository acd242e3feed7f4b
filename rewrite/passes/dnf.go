package passes

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/shell"
)

// DnfClean has dnf and its kin leave no cache in the image.
var DnfClean = &rewrite.Pass{
	Name:     "dnf-clean",
	Hadolint: []string{"DL3032", "DL3036", "DL3040"},
	Claim:    rewrite.NoClaim,
	Run:      dnfClean,
	Doc: `Put dnf clean all behind what dnf, yum, microdnf or zypper installs.

They keep the metadata of their repositories below /var/cache, often more than
what they install. What a later RUN removes still takes its space in the layer of
this one, so the command goes to the end of the same RUN, in its layout. It is
the one of the program that installed last; zypper's is zypper clean --all.

Unsafe, since the files of the image change: a later RUN that installs fetches
the metadata again, and one that must not finds none.

Refused: an install in a branch, a loop or a function; one that a program other
than sudo runs, or that goes to another --installroot; a RUN that ends in & or a
comment, or with set -e in an if or braces, in which && would switch it off. Nothing is said of a RUN that cleans behind its last install or
removes the folder, of one with a cache mount there, nor of stages whose files
are only copied from.`,
}

func dnfClean(c *rewrite.Context) {
	if !cleansUp(c) {
		return // cache-mounts keeps what this would take out
	}
	shipped := shippedStages(c)
	for _, s := range scripts(c) {
		if !shipped[s.stage] || cacheMounted(s.in, "/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf", "/var/cache/zypp") {
			continue
		}
		if !slices.Contains(s.managers, "dnf") && !slices.Contains(s.managers, "zypper") {
			continue
		}
		var last *meant
		for i, m := range s.all {
			switch in, _ := unwrapped(m); {
			case dnfInstalls(in):
				last = &s.all[i]
			case in.Verb == "clean" && (in.Manager == "dnf" || in.Manager == "zypper"), in.Program == "rm" && dnfRemoves(m):
				last = nil
			}
		}
		if last != nil {
			s.reportDnf(c, *last)
		}
	}
}

func dnfInstalls(in command.Meaning) bool {
	if in.Manager != "dnf" && in.Manager != "zypper" || in.Has("-C") && in.Manager == "dnf" {
		return false
	}
	return in.Verb == "install" || in.Verb == "upgrade" || in.Verb == "build-dep" || in.Program == "yum-builddep"
}

// dnfRemoves reports whether a word of rm is a folder that dnf and the like keep
// their cache in.
func dnfRemoves(m meant) bool {
	return slices.ContainsFunc(m.Words, func(w shell.Word) bool {
		text := w.Prefix
		if w.Glob {
			text = w.Value
		}
		for _, dir := range []string{"dnf", "yum", "libdnf", "tdnf", "zypp", "*", "microdnf"} {
			if strings.HasPrefix(text, "/var/cache/"+dir) {
				return true
			}
		}
		return text == "/var/cache" || text == "/var/cache/"
	})
}

func (s *script) reportDnf(c *rewrite.Context, m meant) {
	in, from := unwrapped(m)
	program := in.Program
	if strings.HasPrefix(program, "yum-") {
		program = "yum"
	}
	cmd := program + " clean all"
	if in.Manager == "zypper" {
		cmd = program + " clean --all"
	}
	f := rewrite.Finding{At: s.in, Line: s.lineOf(m), Message: program + " leaves its cache in the image"}
	prefix, wrapper := "", m.Program
	if from > 0 && wrapper == "sudo" {
		prefix = "sudo "
	}
	edit, why := s.add(prefix + cmd)
	switch {
	case !m.always():
		f.Refused = "it stands in " + standsIn(m)
	case from > 0 && !slices.Contains([]string{"sudo", "env", "time", "nice", "timeout"}, wrapper):
		f.Refused = "`" + wrapper + "` runs it"
	case in.Has("--installroot"), in.Has("-R") && in.Manager == "zypper":
		f.Refused = "it installs below another root"
	case why != "":
		f.Refused = why
	default:
		f.Fix = &rewrite.Fix{
			Title: "add " + prefix + cmd, Why: "the metadata of the repositories stays out of the layer",
			Claim: rewrite.NoClaim, Edits: []dockerfile.Edit{edit},
		}
	}
	c.Report(f)
}

// shippedStages are those that end in an image: the last one, those that are built
// by name, those that no other stage takes anything from, and what they stand on.
func shippedStages(c *rewrite.Context) map[*dockerfile.Stage]bool {
	return rewrite.Memo(c, ofShipped{c.File}, func() map[*dockerfile.Stage]bool { return shippedOf(c) })
}

// ofShipped is the key of a file's stages that end in an image.
type ofShipped struct{ *dockerfile.File }

func shippedOf(c *rewrite.Context) map[*dockerfile.Stage]bool {
	used := map[*dockerfile.Stage]bool{}
	for _, r := range c.File.Refs() {
		used[r.Stage] = true
	}
	out := map[*dockerfile.Stage]bool{}
	for i, s := range c.File.Stages {
		named := slices.ContainsFunc(c.Facts.Targets, func(t string) bool { return s.Name != "" && strings.EqualFold(t, s.Name) })
		if i+1 == len(c.File.Stages) || named || !used[s] {
			for ; s != nil; s = s.Base {
				out[s] = true
			}
		}
	}
	return out
}

// buildsOn reports whether a stage is another one or stands on it.
func buildsOn(s, base *dockerfile.Stage) bool {
	for ; s != nil; s = s.Base {
		if s == base {
			return true
		}
	}
	return false
}

// mount is a --mount of a RUN, as its words say it.
type mount struct{ kind, source, target, from string }

// mountsOf reads the --mount flags of a RUN. BuildKit's own reading has no values
// before variables are expanded; here they stay as they are.
func mountsOf(in *dockerfile.Instruction) (out []mount) {
	for _, flag := range in.Flags() {
		value, ok := strings.CutPrefix(flag.S, "--mount=")
		if !ok {
			continue
		}
		m := mount{kind: "bind"}
		for field := range strings.SplitSeq(strings.Trim(value, `"'`), ",") {
			k, v, _ := strings.Cut(field, "=")
			switch strings.ToLower(k) {
			case "type":
				m.kind = strings.ToLower(v)
			case "source", "src":
				m.source = v
			case "target", "dst", "destination":
				m.target = v
			case "from":
				m.from = v
			}
		}
		out = append(out, m)
	}
	return out
}

// cacheMounted reports whether a RUN has a mount over one of the folders, or
// within it. A path without / in front is one below somebody's home.
func cacheMounted(in *dockerfile.Instruction, dirs ...string) bool {
	for _, m := range mountsOf(in) {
		target := strings.TrimRight(m.target, "/")
		switch m.kind {
		case "cache":
			if strings.Contains(target, "$") {
				return true // it may be any
			}
		case "bind", "tmpfs":
		default:
			continue
		}
		for _, dir := range dirs {
			for part := dir; part != ""; part = part[:max(strings.LastIndexByte(part, '/'), 0)] {
				if target == part || part[0] != '/' && strings.HasSuffix(target, "/"+part) {
					return true
				}
			}
			if strings.HasPrefix(target, dir+"/") || dir[0] != '/' && strings.Contains(target, "/"+dir+"/") {
				return true
			}
		}
	}
	return false
}
