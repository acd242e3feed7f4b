package split

import (
	"fmt"
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

var tlsWords = regexp.MustCompile(`"net/http"|"crypto/tls"|"crypto/x509"|https://|SSL_|curl_easy|TLS`)

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

// everywhere are users that base images have.
var everywhere = words("root nobody www-data daemon")

// accounts looks whether the users of the last stage are there.
func (w *walk) accounts() {
	for _, in := range w.stage.Instructions {
		c, ok := in.Command.(*instructions.UserCommand)
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(c.User, ":") {
			name, known := w.resolve(name)
			if strings.Trim(name, "0123456789") == "" || everywhere[name] || w.users[name] || !known || w.plan.Ecosystem == "Node.js" && name == "node" {
				continue
			}
			refuse("the user %s is not made in the file", name)
		}
	}
}

// compilerLibraries brings the libraries of the gcc image, which are newer than those
// of the distribution, for programs in C++. They are in /usr/local/lib64 there.
func (w *walk) compilerLibraries() {
	if slices.Contains(w.links, "pkg:libgomp1") {
		refuse("it links a library of the gcc image")
	}
	if !w.project.cxx {
		return
	}
	w.plan.Copies = append(w.plan.Copies, Copy{[]string{"/usr/local/lib64/libgcc_s.so.1", "/usr/local/lib64/libstdc++.so.6"}, "/usr/local/lib/"})
	w.again("ldconfig")
}

// sets reports whether the file has an instruction.
func (w *walk) sets(name string) bool {
	return slices.ContainsFunc(w.stage.Instructions, func(in *dockerfile.Instruction) bool { return in.Is(name) })
}

// uses reports whether the last stage, a script or a source speaks of a variable.
func (w *walk) uses(name string) bool {
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	for _, in := range w.stage.Instructions {
		if !in.Is("RUN") && !in.Is("COPY") && !in.Is("ADD") && strings.Contains(in.Text.S, "$") && word.MatchString(in.Text.S) {
			return true
		}
	}
	if slices.ContainsFunc(w.scripts, word.MatchString) {
		return true
	}
	for _, n := range w.text.names {
		if ext := path.Ext(n); ext != "" && ext != ".mod" && ext != ".txt" && strings.Contains(w.text.texts[n], `"`+name+`"`) {
			return true
		}
	}
	return false
}

// variables finds the build arguments that the last stage uses.
func (w *walk) variables() {
	var used strings.Builder
	for _, in := range w.stage.Instructions {
		switch in.Command.(type) {
		case *instructions.RunCommand, *instructions.CopyCommand, *instructions.AddCommand:
			used.WriteString(w.plan.Before[in] + "\n")
		default:
			used.WriteString(in.Text.S + "\n")
		}
	}
	used.WriteString(strings.Join(w.plan.After, "\n"))
	for _, m := range reference.FindAllStringSubmatch(regexp.MustCompile(`\$\{([A-Za-z_0-9]+)[:+-][^}]*\}`).ReplaceAllString(used.String(), "$0 $${$1}"), -1) {
		w.plan.Args[m[1]+m[2]] = true
	}
	if w.final.Variant != "distroless" {
		fetches := func(n need) bool {
			return slices.Contains([]string{"git", "curl", "wget"}, lastOf(n.name)) && n.by != "HEALTHCHECK"
		}
		if slices.ContainsFunc(w.needs, func(n need) bool { return lastOf(n.name) == "git" }) {
			w.needs = append(w.needs, need{"ssh", "git"})
		}
		if w.tls() || slices.ContainsFunc(w.needs, fetches) {
			w.needPackage("ca-certificates")
		}
		if tz, ok := w.env.Var("TZ"); ok && strings.Contains(tz, "/") {
			w.needPackage("tzdata")
		} else if _, ok := w.text.match(regexp.MustCompile(`LoadLocation|tzset|localtime`), ".go .c .cpp .cc"); ok && slices.Contains(w.ecos, "Go") {
			w.needPackage("tzdata")
		}
		if _, ok := w.text.match(regexp.MustCompile(`\bmime\.|FileServer|ServeContent|ServeFile|SendFile|\.Static|\.File\(`), ".go"); ok && w.final.Distro != "alpine" {
			w.needPackage("media-types") // for the types of files, which mime reads there
		}
		if _, ok := w.text.match(regexp.MustCompile(`\bgetservbyname|\bgetprotobyname|\bgetaddrinfo`), ".c .cpp .cc"); ok {
			w.needPackage("netbase")
		}
	}
}

// tls reports whether the program may speak TLS, for which it needs certificates.
func (w *walk) tls() bool {
	if slices.Contains([]string{"Node.js", "Java"}, w.plan.Ecosystem) {
		return false // they have their own
	}
	if w.project.web || slices.ContainsFunc(w.links, func(l string) bool {
		return l == "ssl" || l == "curl" || l == "dev:libssl-dev" || l == "dev:libcurl4-openssl-dev"
	}) {
		return true
	}
	if w.text.has("go.mod", "require") {
		return true
	}
	_, ok := w.text.match(tlsWords, ".go .rs .c .cc .cpp")
	return ok
}

// needPackage asks for a package of the system in the last stage.
func (w *walk) needPackage(name string) {
	w.asked = append(w.asked, asked{name: name})
}

// gain is what leaves the image, and refuses where that is nothing.
func (w *walk) gain() {
	from, _ := w.image.Packages()
	to, _ := w.final.Packages()
	same := w.image.Ref() == w.final.Ref()
	switch {
	case same && len(w.plan.Left) == 0:
		refuse("%s has nothing that only builds", w.image.Short())
	case same:
		w.plan.Gain = fmt.Sprintf("%s and what they bring along stay in the build", few(w.plan.Left))
	case len(w.plan.Left) > 0 && len(from) == len(to):
		w.plan.Gain = fmt.Sprintf("%s and what they bring along stay in the build", few(w.plan.Left))
	case len(from) > 0 && len(to) > 0:
		w.plan.Gain = fmt.Sprintf("%d packages of %s stay in the build, %s has %d", len(from), w.image.Short(), w.final.Short(), len(to))
	default:
		w.plan.Gain = fmt.Sprintf("%s stays in the build", w.image.Short())
	}
	if size, _, _ := w.image.Size(); size > 0 && !same {
		w.plan.Gain += fmt.Sprintf(" (%d MB compressed)", size>>20)
	}
}

func few(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:3], ", ") + fmt.Sprintf(" and %d more packages", len(list)-3)
	}
	return strings.Join(list, ", ")
}
