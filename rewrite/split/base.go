package split

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/restow/restow/rewrite/base"
	"github.com/restow/restow/rewrite/dockerfile"
)

// Static is the base of programs that need nothing of the system but certificates
// and time zones.
const Static = "gcr.io/distroless/static-debian12"

// base finds the image that a stage is built on.
func (w *walk) base() {
	name := w.stage.From.From.BaseName
	if strings.Contains(name, "$") {
		name = w.global(name)
	}
	w.image, _ = base.Find(name)
	if w.image.Known == base.UnknownImage || w.image.Known == base.Scratch {
		refuse("nothing is known of the image %s", name)
	}
	if w.image.Windows() {
		refuse("it is an image for Windows")
	}
	if w.image.OnBuild() {
		refuse("%s has ONBUILD triggers", w.image.Short())
	}
}

// global replaces the variables of FROM by their defaults.
func (w *walk) global(name string) string {
	return reference.ReplaceAllStringFunc(name, func(ref string) string {
		key := strings.Trim(ref, "${}")
		for _, in := range w.stage.From.File.Instructions {
			if c, ok := in.Command.(*instructions.ArgCommand); ok && in.Stage == nil {
				for _, a := range c.Args {
					if a.Key == key && a.Value != nil {
						return *a.Value
					}
				}
			}
		}
		return ref
	})
}

// choose finds the image that the last stage is built on.
func (w *walk) choose() {
	eco := w.plan.Ecosystem
	switch {
	case eco == "Node.js":
		w.counterpart("slim")
	case eco == "Java":
		w.jre()
	case eco == ".NET":
		refuse("the run-time images of .NET are not in the table")
	case w.static():
		w.set_(Static)
	default:
		w.plain()
	}
	if cfg, _ := w.final.Config(); cfg == nil && w.final.Distro != "alpine" {
		refuse("the configuration of %s is not known", w.final.Short())
	}
	if strings.Contains(w.stage.From.From.BaseName, "$") && w.plan.Base != Static {
		refuse("a build argument decides which image it is built on")
	}
	if w.stage.From.From.Platform != "" {
		refuse("FROM has a platform, and nobody says which one the program is for")
	}
	w.same()
}

func (w *walk) set_(ref string) {
	w.final, _ = base.Find(ref)
	w.plan.Base = ref
	if w.final.Known == base.UnknownImage || w.final.Known == base.UnknownTag {
		refuse("the image %s is not known", ref)
	}
}

// static reports whether the last stage needs nothing but the program and files.
func (w *walk) static() bool {
	if !w.project.static || w.project.dynamic || len(w.ecos) > 1 || w.sh != "" || len(w.plan.Before) > 0 || len(w.plan.After) > 0 || len(w.needs) > 0 {
		return false
	}
	for _, a := range w.asked {
		if !a.purged && !buildOnly(a.name) && !forFetching[a.name] && a.name != "ca-certificates" && a.name != "tzdata" {
			return false
		}
	}
	if _, tmp := w.text.match(regexp.MustCompile(`\buser\.Lookup|"os/user"`), ".go"); tmp {
		return false
	}
	user, known := w.env.User()
	name, group, grouped := strings.Cut(user, ":")
	digits := regexp.MustCompile(`^[0-9]*$`)
	return known && (digits.MatchString(name) || name == "root" || name == "nobody") && (!grouped || digits.MatchString(group))
}

// plain is the smallest image of the same distribution and release.
func (w *walk) plain() {
	switch distro, suite := w.image.Distro, w.image.Suite; {
	case suite == "":
		refuse("which release of which distribution %s has is not known", w.image.Short())
	case distro == "debian":
		if repo := path.Base(w.image.Repository); repo == "debian" && w.image.Variant == "slim" {
			w.set_(w.stage.From.From.BaseName)
			return
		}
		w.set_("debian:" + suite + "-slim")
	case distro == "alpine":
		if path.Base(w.image.Repository) == "alpine" {
			w.set_(w.stage.From.From.BaseName)
			return
		}
		w.set_("alpine:" + strings.TrimPrefix(suite, "alpine"))
	case path.Base(w.image.Repository) == "ubuntu":
		w.set_(w.stage.From.From.BaseName)
	default:
		refuse("there is no smaller image of the same release as %s", w.image.Short())
	}
}

// counterpart is the same image with another variant.
func (w *walk) counterpart(variant string) {
	if w.image.Variant == variant {
		refuse("%s has nothing that only builds", w.image.Short())
	}
	other := w.image.Counterpart(variant)
	if other == nil {
		refuse("%s has no %s variant", w.image.Short(), variant)
	}
	w.set_(other.Short())
}

// jre is the run-time image of the same Java.
func (w *walk) jre() {
	image := w.image
	switch name := path.Base(image.Repository); name {
	case "eclipse-temurin", "openjdk", "amazoncorretto", "ibm-semeru-runtimes":
		if jre := image.Counterpart("jre"); jre != nil {
			w.set_(jre.Short())
			return
		}
	case "maven", "gradle":
		for _, b := range image.Bases() {
			if under, _ := base.Find(b); path.Base(under.Repository) == "eclipse-temurin" {
				if jre := under.Counterpart("jre"); jre != nil {
					w.set_(jre.Short())
					return
				}
			}
		}
	}
	refuse("there is no run-time image of the same Java for %s", image.Short())
}

// config is the configuration of the build's image; of a tag that is gone, that of
// the newest of the same variant, whose names are the same.
func (w *walk) config() *base.Config {
	if cfg, _ := w.image.Config(); cfg != nil {
		return cfg
	}
	tag := "latest"
	if w.image.Variant == "alpine" || w.image.Variant == "slim" {
		tag = w.image.Variant
	}
	other, _ := base.Find(w.image.Repository + ":" + tag)
	cfg, _ := other.Config()
	return cfg
}

// same looks at what the two images' configurations say.
func (w *walk) same() {
	from := w.config()
	to, _ := w.final.Config()
	if from == nil {
		refuse("the configuration of %s is not known", w.image.Short())
	}
	plainUser := func(u string) bool { return u == "" || u == "0" || u == "root" }
	if !plainUser(from.User) || to != nil && !plainUser(to.User) {
		refuse("%s and %s have different users", w.image.Short(), w.final.Short())
	}
	if to != nil && len(to.Entrypoint) > 0 && !slices.Equal(from.Entrypoint, to.Entrypoint) && !w.sets("ENTRYPOINT") {
		if path.Base(w.image.Repository) != "maven" {
			refuse("%s has an entry point of its own", w.final.Short())
		}
	}
	if _, set := w.env.Workdir(); !set && from.WorkingDir != "" && from.WorkingDir != "/" {
		w.plan.Workdir = from.WorkingDir
	}
	w.accounts()
	if path.Base(w.image.Repository) == "gcc" {
		w.compilerLibraries()
	}
	if len(from.Volumes) > 0 && path.Base(w.image.Repository) != "gradle" || len(from.ExposedPorts) > 0 {
		refuse("%s has volumes or ports of its own", w.image.Short())
	}
	has := map[string]bool{}
	if to != nil {
		for _, kv := range to.Env {
			name, _, _ := strings.Cut(kv, "=")
			has[name] = true
		}
	}
	for _, kv := range from.Env {
		name, _, _ := strings.Cut(kv, "=")
		if name == "LANG" || name == "LC_ALL" {
			if !has[name] {
				w.plan.Env = append(w.plan.Env, kv)
			}
			continue
		}
		if !has[name] && w.uses(name) {
			w.plan.Env = append(w.plan.Env, kv)
		}
	}
}

// sets reports whether the file has an instruction.
func (w *walk) sets(name string) bool {
	return slices.ContainsFunc(w.stage.Instructions, func(in *dockerfile.Instruction) bool { return in.Is(name) })
}
