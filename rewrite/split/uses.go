package split

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

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

var tlsWords = regexp.MustCompile(`"net/http"|"crypto/tls"|"crypto/x509"|https://|SSL_|curl_easy|TLS`)

// needPackage asks for a package of the system in the last stage.
func (w *walk) needPackage(name string) {
	w.asked = append(w.asked, asked{name: name})
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
