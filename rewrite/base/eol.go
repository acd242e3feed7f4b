package base

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/restow/restow/rewrite/base/table"
)

// End is when something in an image stops being maintained.
type End struct {
	Product  string `json:"product"` // as endoflife.date names it: python
	Title    string `json:"title"`
	Cycle    string `json:"cycle"`              // its release: 3.8
	Date     string `json:"date,omitempty"`     // YYYY-MM-DD of the end; "" for none or one not known
	Ended    bool   `json:"ended"`              // on the day asked about
	Extended string `json:"extended,omitempty"` // end of what others maintain, or for payment: Debian LTS
	// Next is the oldest newer release that is maintained on the day asked about,
	// "" for none.
	Next   string `json:"next,omitempty"`
	Source string `json:"source"`
}

// products are those of endoflife.date that the version in an image's tag counts.
// Java images differ in who looks after the runtime.
var products = map[string]string{
	"almalinux": "almalinux", "alpine": "alpine-linux", "amazoncorretto": "amazon-corretto", "amazonlinux": "amazon-linux",
	"azul-zulu": "azul-zulu", "caddy": "caddy", "centos": "centos", "composer": "composer", "debian": "debian",
	"eclipse-temurin": "eclipse-temurin", "elasticsearch": "elasticsearch", "elixir": "elixir", "erlang": "erlang",
	"fedora": "fedora", "golang": "go", "gradle": "gradle", "haproxy": "haproxy", "haskell": "ghc", "httpd": "apache-http-server",
	"julia": "julia", "mariadb": "mariadb", "maven": "apache-maven", "memcached": "memcached", "mongo": "mongodb",
	"mysql": "mysql", "neo4j": "neo4j", "nginx": "nginx", "node": "nodejs", "oraclelinux": "oracle-linux", "perl": "perl",
	"php": "php", "postgres": "postgresql", "python": "python", "rabbitmq": "rabbitmq", "redis": "redis",
	"rockylinux": "rocky-linux", "ruby": "ruby", "rust": "rust", "tomcat": "tomcat", "traefik": "traefik", "ubuntu": "ubuntu",
	"mcr.microsoft.com/dotnet/aspnet": "dotnet", "mcr.microsoft.com/dotnet/runtime": "dotnet",
	"mcr.microsoft.com/dotnet/runtime-deps": "dotnet", "mcr.microsoft.com/dotnet/sdk": "dotnet",
}

// EndOfLife are the ends of what an image is for and of the distribution in it, as
// far as they are known, on a day. A tag that moves, such as python:3, counts as
// the version it stands for; one that names none and is retired has no end.
func EndOfLife(i *Image, on time.Time) []End {
	var out []End
	day := on.Format(time.DateOnly)
	if product, ok := products[i.name]; ok {
		version := i.Version()
		if version == "" && distribution(product) {
			version = i.Suite // debian:bookworm
		}
		if e, ok := endOf(product, version, day); ok {
			out = append(out, e)
		}
	}
	product, cycle := distributionOf(i)
	if product != "" && (len(out) == 0 || out[0].Product != product) {
		if e, ok := endOf(product, cycle, day); ok {
			out = append(out, e)
		}
	}
	return out
}

// EndOf is the end of a release of a product, by the names of endoflife.date.
func EndOf(product, version string, on time.Time) (End, bool) {
	return endOf(product, version, on.Format(time.DateOnly))
}

func distribution(product string) bool {
	switch product {
	case "debian", "ubuntu", "alpine-linux", "centos", "fedora":
		return true
	}
	return false
}

// distributionOf finds the product and release that a suite is.
func distributionOf(i *Image) (product, cycle string) {
	if version, ok := strings.CutPrefix(i.Suite, "alpine"); ok {
		return "alpine-linux", strings.TrimPrefix(version, "-")
	}
	for suffix, product := range map[string]string{"oraclelinux": "oracle-linux", "almalinux": "almalinux", "amazonlinux": "amazon-linux", "centos": "centos", "ubi": "rhel", "al": "amazon-linux"} {
		if version, ok := strings.CutPrefix(i.Suite, suffix); ok && version != "" && version[0] >= '0' && version[0] <= '9' {
			return product, version
		}
	}
	for _, product := range []string{"debian", "ubuntu"} {
		if codename(product, i.Suite) {
			return product, i.Suite
		}
	}
	return "", ""
}

// codename reports whether a product has a release of that name.
func codename(product, suite string) bool {
	if suite == "" {
		return false
	}
	for _, r := range releasesOf(product).Cycles {
		if word, _, _ := strings.Cut(strings.ToLower(r.Codename), " "); word == suite {
			return true
		}
	}
	return false
}

func releasesOf(product string) table.Releases {
	var p table.Releases
	value, ok := facts.Get(table.Product + product)
	if !ok {
		return p
	}
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		panic("ends of life of " + product + ": " + err.Error())
	}
	return p
}

// endOf finds the release that a version belongs to. Where a version is less than
// a release (2 of 2.7), it is the newest of those: it ends last.
func endOf(product, version, day string) (End, bool) {
	p := releasesOf(product)
	if version == "" {
		return End{}, false
	}
	at := -1
	for n, r := range p.Cycles {
		word, _, _ := strings.Cut(strings.ToLower(r.Codename), " ")
		switch {
		case r.Cycle == version, word == version, strings.HasPrefix(version, r.Cycle+"."):
			// The longest cycle is the one: 2.0.0 before 2.
			if at < 0 || len(r.Cycle) > len(p.Cycles[at].Cycle) || strings.HasPrefix(p.Cycles[at].Cycle, version+".") {
				at = n
			}
		case at < 0 && strings.HasPrefix(r.Cycle, version+"."):
			at = n
		}
	}
	if at < 0 {
		return End{}, false
	}
	r := p.Cycles[at]
	e := End{Product: product, Title: p.Title, Cycle: r.Cycle, Date: r.End, Extended: r.Extended, Ended: over(r, day), Source: sourceOf("endoflife")}
	best := ""
	for _, newer := range p.Cycles {
		// Fixed releases only, which are out on that day and still maintained.
		if newer.Released > r.Released && newer.Released <= day && !over(newer, day) && older(r.Cycle, newer.Cycle) &&
			(best == "" || older(newer.Cycle, best)) {
			best = newer.Cycle
		}
	}
	e.Next = best
	return e, true
}

func over(r table.Release, day string) bool {
	if r.End == "" {
		return r.Ended
	}
	return r.End < day
}

// Successor is the tag to advise where the release that an image is named for has
// ended: the same tag with the next release that is maintained, "" where there is
// no published tag of that name.
func Successor(i *Image, e End) string {
	if e.Next == "" || products[i.name] != e.Product {
		return ""
	}
	version := table.Version(i.Tag)
	if version == "" {
		return ""
	}
	next := e.Next
	for _, tag := range []string{
		strings.Replace(i.Tag, version, next, 1),
		withoutSuite(strings.Replace(i.Tag, version, next, 1)),
	} {
		if _, ok := facts.Get(table.Tag + i.name + ":" + tag); ok {
			return tag
		}
	}
	return ""
}

// withoutSuite leaves the name of the distribution's release to the image: another
// version may not be built on that of the old one.
func withoutSuite(tag string) string {
	var out []string
	for w := range strings.SplitSeq(tag, "-") {
		switch {
		case strings.HasPrefix(w, "alpine"):
			out = append(out, "alpine")
		case !table.Suite(w):
			out = append(out, w)
		}
	}
	return strings.Join(out, "-")
}
