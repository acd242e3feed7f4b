package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite/base"
)

// baseShow prints what is known of one image.
func (a *app) baseShow(f *baseFlags, ref string) error {
	docs, err := a.baseFacts(f, ref)
	if err != nil {
		return err
	}
	d := docs[0]
	switch {
	case f.yaml && d.unknown():
		return exit{exitRemain, fmt.Errorf("nothing is known of %s: %s", d.short(), d.Known)}
	case f.yaml:
		fmt.Fprintf(a.out, "bases:\n  - %s\n", d.item().YAML())
	case f.json:
		err = a.json(d)
	default:
		a.printBase(d, f)
	}
	if err == nil && d.unknown() {
		return exit{code: exitRemain}
	}
	return err
}

// item is what .restow.yaml would say of the image.
func (d *baseDoc) item() config.Base {
	b := config.Base{Image: strings.TrimSuffix(d.Image, ":latest"), Suite: d.Suite}
	if d.Packages != nil {
		b.Packages = d.Packages.Names
	}
	if d.Registry != nil && d.Registry.SBOM != nil {
		b.Packages = d.Registry.SBOM.Names
	}
	if d.Commands != nil && d.Commands.Exact != string(base.Partial) {
		b.Commands = commandNames(d.Commands.Names)
	}
	if d.Shell != nil && slices.Contains([]string{"dash", "bash", "busybox-ash", "none"}, d.Shell.Sh) {
		b.Shell = d.Shell.Sh
	}
	if word, _, _ := strings.Cut(d.Manager, "/"); word != "" {
		b.Manager = word
	}
	if slices.Contains([]string{"glibc", "musl", "none"}, d.Libc) {
		b.Libc = d.Libc
	}
	return b
}

func commandNames(commands []base.Command) []string {
	out := make([]string, len(commands))
	for i, c := range commands {
		out[i] = c.Name
	}
	return out
}

// printBase writes the document for people.
func (a *app) printBase(d *baseDoc, f *baseFlags) {
	line := func(label, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); text != "" {
			fmt.Fprintf(a.out, "  %-13s %s\n", label, visible(text))
		}
	}
	fmt.Fprintf(a.out, "%s: %s\n", visible(d.short()), visible(d.state()))
	if d.Digest != "" {
		line("digest", "%s; what is said here is of the tag", d.Digest)
	}
	if d.Windows {
		line("", "an image for Windows")
	}
	if d.OnBuild {
		line("", "has ONBUILD triggers, which run in builds on it")
	}
	line("status", "%s", d.Status)
	line("note", "%s", d.Note)
	line("variant", "%s", d.kind())
	line("platforms", "%s", strings.Join(d.Architectures, " "))
	if d.Config != nil {
		a.printConfig(line, d.Config)
	}
	if d.Shell != nil {
		bash := ""
		if d.Shell.Bash && d.Shell.Sh != "bash" {
			bash = ", bash"
		}
		line("shell", "%s%s%s", d.Shell.Sh, bash, exactly(d.Shell.Exact))
	}
	line("manager", "%s", d.Manager)
	line("users", "%s", strings.Join(d.Users, "; "))
	line("built on", "%s", strings.Join(d.Bases, " < "))
	if d.Packages != nil {
		line("packages", "%d%s", len(d.Packages.Names), exactly(d.Packages.Exact))
		if f.packages {
			line("", "%s", strings.Join(d.Packages.Names, " "))
		}
	} else if len(d.Asked) > 0 {
		line("asks for", "%s (what these need is not known)", strings.Join(d.Asked, " "))
	}
	if d.Commands != nil {
		line("commands", "%d on PATH%s", len(d.Commands.Names), exactly(d.Commands.Exact))
		if f.commands {
			line("", "%s", strings.Join(commandNames(d.Commands.Names), " "))
		}
	}
	line("programs", "%s", strings.Join(d.Programs, ", "))
	if d.Size != nil {
		line("size", "%s [%s]", d.Size, d.Size.Source)
	}
	for _, v := range slices.Sorted(maps.Keys(d.Counterparts)) {
		line(v, "%s", d.Counterparts[v])
	}
	if d.Replaced != nil {
		line("replaced by", "%s", d.Replaced.To)
	}
	for _, e := range d.EndOfLife {
		line("end of life", "%s", e)
	}
	if d.Registry != nil {
		a.printRegistry(line, d.Registry, f.packages)
	}
	line("source", "%s", d.Source)
}

func (a *app) printRegistry(line func(string, string, ...any), r *registryDoc, all bool) {
	fmt.Fprintf(a.out, "the registry says of %s:\n", visible(r.Platform))
	line("digest", "%s", r.Digest)
	line("platforms", "%s", strings.Join(r.Platforms, " "))
	line("size", "%s compressed", megabytes(r.Compressed))
	a.printConfig(line, r.Config)
	if r.SBOM == nil {
		line("packages", "no SBOM is attached")
		return
	}
	line("packages", "%d, and %d of other kinds [%s]", len(r.SBOM.Names), r.SBOM.Others, r.SBOM.Source)
	if all {
		line("", "%s", strings.Join(r.SBOM.Names, " "))
	}
}

func (a *app) printConfig(line func(string, string, ...any), c *configDoc) {
	line("ENTRYPOINT", "%s", execForm(c.Entrypoint))
	line("CMD", "%s", execForm(c.Cmd))
	line("USER", "%s", c.User)
	line("WORKDIR", "%s", c.WorkingDir)
	for _, env := range c.Env {
		line("ENV", "%s", env)
	}
	line("EXPOSE", "%s", strings.Join(c.ExposedPorts, " "))
	line("VOLUME", "%s", strings.Join(c.Volumes, " "))
	line("STOPSIGNAL", "%s", c.StopSignal)
	line("SHELL", "%s", execForm(c.Shell))
	line("HEALTHCHECK", "%s", execForm(c.Healthcheck))
	for _, trigger := range c.OnBuild {
		line("ONBUILD", "%s", trigger)
	}
	switch {
	case c.Of != "":
		line("config", "that of %s, the nearest that is known; versions in it differ [%s]", c.Of, c.Source)
	case c.Source != "":
		line("config", "%s [%s]", meaning(c.Exact), c.Source)
	}
}

// state says in a line how far the image is known.
func (d *baseDoc) state() string {
	switch d.Known {
	case "live":
		out := "published and updated"
		if d.Exact == string(base.Given) {
			out = "given by the configuration"
		}
		if d.Like != "" {
			out += ", like " + d.Like
		}
		if d.SameAs != "" {
			out += ", the same image as " + d.SameAs
		}
		return out
	case "retired":
		out := "retired: no updates any more"
		if d.Last != "" {
			out = "retired in " + d.Last + ": no updates since"
		}
		if d.Exact == string(base.Pattern) {
			out += " (tags of this shape existed; whether this one did is not recorded)"
		}
		return out
	case "scratch":
		return "no image: nothing is in it"
	case "unknown tag":
		return "unknown tag: the table has other tags of this image, but not this one"
	}
	return "unknown image: the table has nothing of it"
}

func (d *baseDoc) kind() string {
	var parts []string
	for _, p := range []string{d.Variant, d.Kind} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	out := strings.Join(parts, " ")
	on := strings.TrimSpace(d.Distro + " " + strings.TrimPrefix(d.Suite, "alpine"))
	if on != "" {
		out += " on " + on
	}
	if d.Libc != "" {
		out += " (" + d.Libc + ")"
	}
	return strings.TrimSpace(out)
}

func (e endDoc) String() string {
	out := e.Title + " " + e.Cycle
	switch {
	case e.Date != "" && e.Ended:
		out += " ended on " + e.Date
	case e.Date != "":
		out += " on " + e.Date
	case e.Ended:
		out += " has ended"
	default:
		out += ": not announced"
	}
	if e.Extended != "" {
		out += ", kept up by others or for payment until " + e.Extended
	}
	if e.Ended && e.Tag != "" {
		out += "; next: " + e.Tag
	} else if e.Ended && e.Next != "" {
		out += "; next: " + e.Next
	}
	return out
}

func (s *sizeDoc) String() string {
	var parts []string
	if s.Compressed > 0 {
		parts = append(parts, megabytes(s.Compressed)+" compressed")
	}
	if s.Unpacked > 0 {
		parts = append(parts, fmt.Sprintf("%.1f MB unpacked", s.Unpacked))
	}
	return strings.Join(parts, ", ")
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// execForm are the words of an exec form.
func execForm(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", list)
}

// exactly puts how a fact is known behind it.
func exactly(word string) string {
	if word == "" {
		return ""
	}
	return " (" + meaning(word) + ")"
}

// meaning is an exactness in words.
func meaning(word string) string {
	word, rest, _ := strings.Cut(word, "+")
	text := map[base.Exactness]string{
		base.Exact:     "from the Dockerfile that is published",
		base.Head:      "from the Dockerfile of another commit: versions may differ",
		base.Nearest:   "of another version, the nearest that is known",
		base.Manual:    "typed from a page",
		base.Plain:     "a distribution's own image",
		base.Simulated: "by apt's resolver",
		base.Listed:    "from a published list",
		base.Partial:   "some are missing",
		base.Derived:   "as all images of its distribution",
		base.Given:     "given by the configuration",
	}[base.Exactness(word)]
	if text == "" {
		text = word
	}
	if rest != "" {
		text += ", " + rest
	}
	return text
}
