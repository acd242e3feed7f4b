package split

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// runners are modules that run programs by themselves.
var runners = []string{
	"github.com/hashicorp/go-getter", "github.com/Masterminds/vcs", "github.com/chromedp/chromedp", "github.com/go-rod/rod", "github.com/playwright-community/playwright-go",
	"github.com/u2takey/ffmpeg-go", "github.com/SebastiaanKlippert/go-wkhtmltopdf", "golang.org/x/tools/go/packages", "helm.sh/helm", "github.com/docker/cli",
}

// calls takes a program that a source runs.
func (w *walk) calls(source, quoted string) {
	name := strings.Trim(quoted, "\"`'")
	if quoted == "" || name == "" || strings.ContainsAny(name, "$%{") {
		refuse("%s runs programs whose names are decided when it runs", source)
	}
	first := strings.Fields(name)
	if len(first) == 0 || strings.ContainsAny(name, "|;&<>()") {
		refuse("%s runs a script", source)
	}
	if base := path.Base(first[0]); base == "sh" || base == "bash" {
		refuse("%s runs a script", source)
	}
	w.scripts = append(w.scripts, name)
	w.needs = append(w.needs, need{first[0], source})
}

// cmake takes the libraries that a CMakeLists.txt links.
func (w *walk) cmake(n, text string) {
	for _, m := range cmakeFind.FindAllStringSubmatch(text, -1) {
		if !slices.Contains([]string{"Threads", "PkgConfig", "Git", "Python3", "Doxygen"}, m[1]) {
			refuse("which libraries %s brings is not known (%s)", m[1], n)
		}
	}
	own := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?i)add_library\s*\(\s*([A-Za-z0-9_.+-]+)`).FindAllStringSubmatch(text, -1) {
		own[m[1]] = true
	}
	for _, m := range cmakeLibs.FindAllStringSubmatch(text, -1) {
		for i, name := range strings.Fields(m[1]) {
			switch {
			case i == 0, own[name], name == "PUBLIC", name == "PRIVATE", name == "INTERFACE", strings.HasPrefix(name, "Threads::"):
			case strings.ContainsAny(name, "$:<"):
				refuse("which library %s is that %s links is not known", name, n)
			default:
				w.links = append(w.links, strings.TrimPrefix(name, "-l"))
			}
		}
	}
}

// embedded reports whether a file is compiled into a Go program, which reads no files
// of its own.
func (w *walk) embedded(from string) bool {
	if !slices.Contains(w.ecos, "Go") || w.text == nil {
		return false
	}
	if w.text.embeds == nil {
		w.text.embeds = []string{}
		if _, reads := w.text.match(opens, ".go"); !reads {
			for _, n := range w.text.names {
				for _, m := range embed.FindAllStringSubmatch(w.text.texts[n], -1) {
					for p := range strings.FieldsSeq(m[1]) {
						p = strings.TrimPrefix(strings.Trim(p, "\"`"), "all:")
						w.text.embeds = append(w.text.embeds, path.Join(path.Dir(n), p))
					}
				}
			}
		}
	}
	for _, p := range w.text.embeds {
		for at := from; at != "."; at = path.Dir(at) {
			if ok, err := path.Match(p, at); ok && err == nil {
				return true
			}
		}
	}
	return false
}
