package config

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Rename says that references below one name are written with another. Either
// both names end with /*, and then they stand for everything below, or both
// are those of single repositories. Each begins with the host of a registry.
type Rename struct {
	From, To string
}

// What settings of registries may hold: far above anything useful, and little
// enough that aliases make nothing large of it.
const (
	maxEntries = 100 // of a list or a map
	maxName    = 300 // of a host, a prefix, a location or a repository, in bytes
)

// Names follow the grammar of github.com/distribution/reference, but hosts in
// small letters only, because some of them are compared as they are written.
// A host has a dot or a port or is localhost: any other first word of a
// reference is a part of a name on Docker Hub.
const (
	labelPart   = `[a-z0-9]([a-z0-9-]*[a-z0-9])?`
	portPart    = `:[0-9]{1,5}`
	hostPart    = `((localhost|` + labelPart + `(\.` + labelPart + `)+|\[[0-9a-f:]+\])(` + portPart + `)?|` + labelPart + portPart + `)`
	folderPart  = `/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
	allPattern  = `^` + hostPart + `(` + folderPart + `)*/\*$`
	repoPattern = `^` + hostPart + `(` + folderPart + `)+$`
)

// nameKind is a kind of name with what a mistake in it is told.
type nameKind struct {
	pattern string
	form    *regexp.Regexp
	want    string // such as "a registry such as docker.io"
	scheme  bool   // it may begin with https://
	path    bool   // it may go on after the host
}

func kind(pattern, want string, k nameKind) *nameKind {
	k.pattern, k.form, k.want = pattern, regexp.MustCompile(pattern), want
	return &k
}

var (
	// prefixes are registries or what is below a folder of one.
	prefixes = kind(`^`+hostPart+`(`+folderPart+`)*$`, "a registry or a prefix such as docker.io/library", nameKind{path: true})
	// locations are where a prefix is found instead.
	locations = kind(prefixes.pattern, "a location such as mirror.example.com/hub", nameKind{path: true})
	// insecures are hosts without TLS or, with https://, without a check of it.
	insecures = kind(`^(https://)?`+hostPart+`$`, "a registry such as registry.example.com:5000 or https://registry.example.com", nameKind{scheme: true})
	// hosts are registries that may be asked. A bare word can stand for the
	// registry of that name at any port.
	hosts = kind(`^(\*(\.`+labelPart+`)+|`+labelPart+`|`+hostPart+`)$`, "a registry such as registry.example.com or *.example.com", nameKind{})
	// repositories are single ones or, with /*, all below.
	repositories = kind(repoPattern+`|`+allPattern, "a repository such as docker.io/library/python or docker.io/library/*", nameKind{path: true})
)

// check refuses text that is not of the kind, with the reason that helps most.
func (k *nameKind) check(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("expected %s, found an empty text, remove it", k.want)
	case len(text) > maxName:
		return fmt.Errorf("expected %s, found one of more than %d bytes, shorten it", k.want, maxName)
	}
	why := k.flaw(text)
	if why == "" {
		return nil
	}
	return fmt.Errorf("expected %s, found %s, %s", k.want, quote(text), why)
}

// flaw says what is wrong with a name and what to do; empty if nothing is.
func (k *nameKind) flaw(text string) string {
	bare := text
	if k.scheme {
		bare = strings.TrimPrefix(text, "https://")
	}
	host, below, hasPath := strings.Cut(bare, "/")
	last := below[strings.LastIndexByte(below, '/')+1:]
	switch {
	case k.form.MatchString(text):
		return hostFlaw(host)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "remove the control character"
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "remove the space"
	case k.scheme && strings.HasPrefix(text, "http://"):
		return "remove http://, without a scheme it is asked without TLS"
	case strings.Contains(bare, "://"):
		return "remove the scheme"
	case strings.Contains(bare, "@"):
		return "remove what begins with @"
	case strings.ToLower(text) != text:
		return "write it in small letters"
	case hasPath && !k.path:
		return "remove the slash and what follows"
	case strings.HasSuffix(bare, "/"):
		return "remove the slash at the end"
	case strings.Contains(last, ":"):
		return "remove the tag"
	case k == prefixes && last == "*":
		return "remove /*, what is below is meant anyway"
	case k == repositories && last != "*" && !hasPath && prefixes.form.MatchString(bare):
		return "add /* for all of the registry"
	case k.path && !prefixes.form.MatchString(host):
		return "begin with the registry, as in docker.io/library or localhost:5000/hub"
	case !k.path && (strings.Contains(host, "*") || !hosts.form.MatchString(host)):
		return "write only host or host:port"
	case !k.path: // a bare word
		return "add the port, as in registry:443"
	}
	return "correct it"
}

// hostFlaw finds what a pattern cannot say of a host.
func hostFlaw(host string) string {
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name, port = host[:i], host[i+1:]
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > maxPort) {
		return fmt.Sprintf("use a port from 1 to %d", maxPort)
	}
	if address, ok := strings.CutPrefix(name, "["); ok {
		if _, err := netip.ParseAddr(strings.TrimSuffix(address, "]")); err != nil {
			return "write an IPv6 address in the brackets"
		}
	}
	return ""
}

// checkHub refuses other hosts of Docker Hub: references have one name for it.
func checkHub(name string) error {
	host, _, _ := strings.Cut(name, "/")
	if host == "index.docker.io" || host == "registry-1.docker.io" {
		return fmt.Errorf("%s is Docker Hub, write docker.io instead", host)
	}
	return nil
}

// checkInFull refuses what equals no reference that is written in full.
func checkInFull(name string) error {
	word, ok := strings.CutPrefix(name, "docker.io/")
	if ok && word != "*" && !strings.Contains(word, "/") {
		return fmt.Errorf("%s is docker.io/library/%s in full, write that or %s/*", name, word, name)
	}
	return checkHub(name)
}

// checkRename refuses two names that do not belong together.
func checkRename(r Rename) error {
	from, to := strings.HasSuffix(r.From, "/*"), strings.HasSuffix(r.To, "/*")
	switch {
	case from && !to:
		return fmt.Errorf("only %s ends with /*, end %s with it too", quote(r.From), quote(r.To))
	case to && !from:
		return fmt.Errorf("only %s ends with /*, end %s with it too", quote(r.To), quote(r.From))
	case r.From == r.To:
		return errors.New("both names are the same, remove the line")
	}
	return nil
}

// parseNames reads a list of names of one kind.
func parseNames(k *nameKind, text string) (any, error) {
	items := splitList(text)
	if len(items) > maxEntries {
		return nil, fmt.Errorf("more than %d entries, remove some", maxEntries)
	}
	for _, item := range items {
		if err := k.check(item); err != nil {
			return nil, err
		}
	}
	return items, nil
}
