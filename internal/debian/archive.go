package debian

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/restow/restow/internal/debian/signed"
)

// Options say which archive to read.
type Options struct {
	Suite     string // code name, such as bookworm
	Arch      string // Debian's name of it, such as amd64
	Mirror    string // address that dists and pool stand below
	Security  string // the same for security updates
	Keys      *signed.Keyring
	Now       time.Time // by which what has expired is told
	Transport http.RoundTripper
	UserAgent string
}

// Package is a binary package that an archive has.
type Package struct {
	Name, Version, Arch string
	Source              string
	Priority            string
	Installed           int64 // bytes, as the package says; what is left out counts in it
	Size                int64 // bytes of the .deb file
	SHA256              string
	Suite               string // code name of the Release that has it
	filename, base      string
	depends, provides   []clause
	conflicts, replaces []clause
	raw                 map[string]string // relationship fields that were not read yet
	err                 error             // of reading them
}

// Archive is what the suites of an archive have for one architecture.
type Archive struct {
	Suite, Arch string
	Releases    []*Release
	f           *fetcher
	byName      map[string][]*Package // newest first
	providers   map[string][]*Package
}

// MaxPackages bounds the packages of all indexes: Debian's main has 65,000.
const MaxPackages = 500_000

// rolling are the suites without security updates of their own.
var rolling = []string{"sid", "unstable", "experimental"}

// Open reads the signed indexes of a suite, its updates and its security updates.
func Open(ctx context.Context, opt Options) (*Archive, error) {
	a := &Archive{Suite: opt.Suite, Arch: opt.Arch, f: newFetcher(opt.Transport, opt.UserAgent), byName: map[string][]*Package{}, providers: map[string][]*Package{}}
	sources := [][2]string{{opt.Mirror, opt.Suite}}
	if !slices.Contains(rolling, opt.Suite) {
		sources = append(sources, [2]string{opt.Mirror, opt.Suite + "-updates"}, [2]string{opt.Security, opt.Suite + "-security"})
	}
	total := 0
	for _, s := range sources {
		r, err := a.f.release(ctx, strings.TrimRight(s[0], "/"), s[1], opt.Keys, opt.Now)
		if err != nil {
			return nil, err
		}
		data, err := a.f.packages(ctx, r, "main", opt.Arch)
		if err != nil {
			return nil, err
		}
		for para, err := range paragraphs(data) {
			if err != nil {
				return nil, fmt.Errorf("packages of %s: %w", r.Codename, err)
			}
			if total++; total > MaxPackages {
				return nil, fmt.Errorf("the archive has more than %d packages", MaxPackages)
			}
			if err := a.add(r, para); err != nil {
				return nil, fmt.Errorf("packages of %s: %w", r.Codename, err)
			}
		}
		a.Releases = append(a.Releases, r)
	}
	for _, list := range a.byName {
		slices.SortStableFunc(list, func(x, y *Package) int { return CompareVersions(y.Version, x.Version) })
	}
	return a, nil
}

// Date is that of the newest of the releases.
func (a *Archive) Date() time.Time {
	return slices.MaxFunc(a.Releases, func(x, y *Release) int { return x.Date.Compare(y.Date) }).Date
}

var relationFields = []string{"pre-depends", "depends", "conflicts", "breaks", "replaces"}

func (a *Archive) add(r *Release, para paragraph) error {
	p := &Package{
		Name: para["package"], Version: para["version"], Arch: para["architecture"], Source: para["source"], Priority: para["priority"],
		Suite: r.Codename, base: r.base, filename: para["filename"], SHA256: para["sha256"], raw: map[string]string{},
	}
	if !validName(p.Name) || p.Version == "" || strings.ContainsAny(p.Version, "/ \t\n") {
		return fmt.Errorf("the package %.60q has no name or version that can be used", p.Name)
	}
	if p.Arch != a.Arch && p.Arch != "all" {
		return nil // an index may list what it is not for
	}
	var err error
	if p.Size, err = strconv.ParseInt(para["size"], 10, 64); err != nil || p.Size <= 0 || !hexDigest(p.SHA256) {
		return fmt.Errorf("%s has no size or SHA-256", p.Name)
	}
	// The name goes into an address: it stays below the archive.
	if f := p.filename; f == "" || path.Clean(f) != f || path.IsAbs(f) || strings.HasPrefix(f, "..") || strings.ContainsAny(f, "\\?#\n") {
		return fmt.Errorf("%s is at %.80q, which is no place in an archive", p.Name, f)
	}
	if kib, err := strconv.ParseInt(para["installed-size"], 10, 64); err == nil && kib > 0 && kib < 1<<40 {
		p.Installed = kib << 10
	}
	for _, field := range relationFields {
		if v := para[field]; v != "" {
			p.raw[field] = v
		}
	}
	if p.provides, err = parseRelations(para["provides"]); err != nil {
		p.err = fmt.Errorf("provides of %s: %w", p.Name, err) // which concerns those who want it
	}
	for _, c := range p.provides {
		a.providers[c[0].name] = append(a.providers[c[0].name], p)
	}
	// The same version in two suites is one package, of the suite that came first.
	same := func(q *Package) bool { return q.Version == p.Version }
	if !slices.ContainsFunc(a.byName[p.Name], same) {
		a.byName[p.Name] = append(a.byName[p.Name], p)
	}
	return nil
}

// relations reads the fields of a package that say what it needs and does not bear,
// of which few are ever looked at.
func (p *Package) relations() error {
	if p.raw == nil {
		return p.err
	}
	for _, field := range relationFields {
		list, err := parseRelations(p.raw[field])
		if err != nil {
			p.err = errors.Join(p.err, fmt.Errorf("%s of %s: %w", field, p.Name, err))
			continue
		}
		switch field {
		case "pre-depends", "depends":
			p.depends = append(p.depends, list...)
		case "conflicts", "breaks":
			p.conflicts = append(p.conflicts, list...)
		case "replaces":
			p.replaces = append(p.replaces, list...)
		}
	}
	p.raw = nil
	return p.err
}

// meets tells whether a package is what a relation names, by its own name or by one
// that it provides. A version is only met by a provided name that has one.
func (p *Package) meets(r relation) bool {
	if p.Name == r.name && satisfies(p.Version, r.op, r.version) {
		return true
	}
	for _, c := range p.provides {
		if c[0].name == r.name && (r.op == "" || c[0].op == "=" && satisfies(c[0].version, r.op, r.version)) {
			return true
		}
	}
	return false
}

var priorities = []string{"required", "important", "standard", "optional", "extra"}

// candidates are the packages that meet a relation, the best first: the package of
// that name, then those that provide it, by priority and name. Of each name it is
// the newest version only, as apt takes it, unless that one does not do.
func (a *Archive) candidates(r relation) []*Package {
	var out []*Package
	pick := func(list []*Package) {
		for _, p := range list {
			if p.meets(r) {
				out = append(out, p)
				return
			}
		}
	}
	pick(a.byName[r.name])
	var names []string
	for _, p := range a.providers[r.name] {
		if p.Name != r.name && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(cmp.Compare(a.priority(x), a.priority(y)), cmp.Compare(x, y))
	})
	for _, n := range names {
		pick(a.byName[n])
	}
	return out
}

func (a *Archive) priority(name string) int {
	if i := slices.Index(priorities, a.byName[name][0].Priority); i >= 0 {
		return i
	}
	return len(priorities)
}
