// Package base knows base images: which tags exist or existed, what each image
// contains and is configured to do, which packages give a command, and what has
// reached its end of life. The facts are a table in the binary, made by gen from
// public sources of a known date, and decoded block by block when asked for; there
// is no other input and no clock. What is not in the table is unknown, and every
// answer says so: nothing is guessed.
package base

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/distribution/reference"

	"github.com/restow/restow/rewrite/base/table"
)

//go:generate go run ./gen ../../../shared/data/base table.bin

//go:embed table.bin
var embedded string

var facts = table.New(embedded)

// Decoded is how many blocks of the table have been decoded in this process: none
// before a fact was asked for. Tests and benchmarks watch it.
func Decoded() int { return facts.Decoded() }

// Known is how far a reference is known.
type Known int

// How far a reference is known. The zero value says nothing is.
const (
	UnknownImage Known = iota // the table has no tag of such a repository
	UnknownTag                // it has others, but not this tag
	Retired                   // it was published, and gets no updates any more
	Live                      // it is published, and updated
	Scratch                   // FROM scratch, which is no image
)

func (k Known) String() string {
	return [...]string{"unknown image", "unknown tag", "retired", "live", "scratch"}[k]
}

// Exactness says how a fact was come by.
type Exactness string

// The exactnesses. The source's own words follow a + in some.
const (
	Exact     Exactness = "exact"     // read from the Dockerfile at the commit that is published
	Head      Exactness = "head"      // the same file at another commit: values of versions may differ
	Nearest   Exactness = "nearest"   // of another version of the image with the same variant and suite
	Manual    Exactness = "manual"    // typed from a page or Dockerfile that the source names
	Plain     Exactness = "known"     // an image of a distribution's root file system
	Simulated Exactness = "simulated" // apt's own resolver over the Dockerfile's installs
	Listed    Exactness = "listed"    // a published list
	Partial   Exactness = "partial"   // some names are missing
	Derived   Exactness = "derived"   // follows from the names of tags in the table
	Pattern   Exactness = "pattern"   // tags of this shape existed; whether this one did is not recorded
	Given     Exactness = "given"     // by a team's own configuration
	Unknown   Exactness = ""
)

// Image is a reference and what is known of it.
type Image struct {
	Repository string // in full: docker.io/library/python
	Tag        string // latest where none was written
	Digest     string // as written; no fact depends on it
	Tagged     bool   // a tag was written

	Known   Known
	Exact   Exactness // of the tag
	Source  string    // of the tag: repository@commit:directory
	Entry   string    // the first tag of the same image, its fullest name: 3.12.14-slim-trixie; "" for a retired tag
	Variant string    // full, slim, alpine, alpine-slim, full-minimal, distroless, distroless-debug, windows-servercore, …
	Kind    string    // jdk or jre of Java images, else ""
	Flavour string    // the tag without variant and suite: 3.12, 8.4-fpm
	Suite   string    // bookworm, noble, alpine3.22, ltsc2022; "" for not known
	Distro  string    // debian, ubuntu, alpine, rpm, windows, busybox; "" for not known
	Libc    string    // glibc, musl, uclibc, none, windows; "" for not known

	Architectures []string // as bashbrew names them: amd64, arm64v8; nil for not known
	First, Last   string   // YYYY-MM in which a retired tag came and went
	Status        string   // what the source says of the image's being published, if anything

	name         string // repository as the table has it: python
	like         string // the image that a team says has its facts
	given        *Own   // what a team says of it; nil for nothing
	counterparts map[string]string
	key          string // of its own facts
	about        func() *about
}

// about are the facts of an image with where they are from.
type about struct {
	table.Facts
	of    string // the reference they are of, where that is another
	exact Exactness
}

// Windows tells an image for Windows.
func (i *Image) Windows() bool {
	return i.Distro == "windows" || strings.HasPrefix(i.Variant, "windows")
}

// OnBuild tells an image with ONBUILD triggers, which run in the builds on it.
func (i *Image) OnBuild() bool {
	for w := range strings.SplitSeq(i.Tag, "-") {
		if w == "onbuild" {
			return true
		}
	}
	return false
}

// Like is the image whose facts it has by a team's configuration, "" for none.
func (i *Image) Like() string { return i.like }

// Version is that of what the image is for, as fully as its tags tell: 3.12.14 of
// python:3.12, 3.13 of distroless/python3, "" for not known.
func (i *Image) Version() string {
	if rest, ok := strings.CutPrefix(i.name, "gcr.io/distroless/"); ok {
		rest, _, _ = strings.Cut(rest, "-debian")
		for _, language := range []string{"nodejs", "java"} {
			if v, ok := strings.CutPrefix(rest, language); ok && v != "" && v[0] >= '0' && v[0] <= '9' {
				return v
			}
		}
		for _, p := range i.Programs() {
			if v, ok := strings.CutPrefix(p, "/usr/bin/python"); ok && strings.Contains(v, ".") {
				return v
			}
		}
		return ""
	}
	own, full := table.Version(i.Tag), table.Version(i.Entry)
	if len(full) > len(own) {
		return full
	}
	return own
}

// Ref is the reference in full, without a digest: docker.io/library/python:3.12.
func (i *Image) Ref() string {
	if i.Tag == "" {
		return i.Repository
	}
	return i.Repository + ":" + i.Tag
}

// Short is the name as people write it: python:3.12.
func (i *Image) Short() string {
	return strings.TrimPrefix(strings.TrimPrefix(i.Ref(), hub+"library/"), hub)
}

const hub = "docker.io/"

// Find looks up a reference as FROM writes it, variables already replaced. The
// image is never nil.
func Find(ref string) (*Image, Known) {
	i := &Image{about: func() *about { return &about{} }}
	if ref == "scratch" {
		i.Repository, i.Known, i.Libc, i.Source = ref, Scratch, "none", "Dockerfile reference, FROM"
		return i, Scratch
	}
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		i.Repository = ref
		return i, UnknownImage
	}
	i.Repository = named.Name()
	i.Tag = "latest"
	if t, ok := named.(reference.Tagged); ok {
		i.Tag, i.Tagged = t.Tag(), true
	}
	if d, ok := named.(reference.Digested); ok {
		i.Digest = d.Digest().String()
	}
	i.name = i.Repository
	arch := ""
	if rest, ok := strings.CutPrefix(i.name, hub); ok {
		i.name = rest
		space, short, _ := strings.Cut(rest, "/")
		if space == "library" || architecture(space) {
			i.name = short
		}
		if space != "library" && i.name == short {
			arch = space
		}
	}
	i.find()
	if arch != "" {
		i.single(arch)
	}
	i.about = sync.OnceValue(i.learn)
	return i, i.Known
}

// find fills in what the table says of the tag.
func (i *Image) find() {
	value, ok := facts.Get(table.Tag + i.name + ":" + i.Tag)
	if ok {
		i.live(strings.Split(value, "\t"))
		return
	}
	if i.retired() || i.elsewhere() {
		return
	}
	if facts.Has(table.Tag+i.name+":") || facts.Has(table.Retired+i.name+":") {
		i.Known = UnknownTag
	}
}

// architectures of Docker's official images, which are also the names under which
// the images of a single one are published: arm64v8/python.
var architectures = strings.Fields("amd64 arm32v5 arm32v6 arm32v7 arm64v8 i386 mips64le ppc64le riscv64 s390x")

func architecture(name string) bool {
	for _, a := range architectures {
		if a == name {
			return true
		}
	}
	return false
}

// single keeps of an image that of one architecture.
func (i *Image) single(arch string) {
	if i.Known != Live {
		if i.Known == Retired {
			i.Exact, i.Architectures = Derived, nil // what it had is not recorded
		}
		return
	}
	for _, a := range i.Architectures {
		if a == arch {
			i.Architectures = []string{arch}
			return
		}
	}
	*i = Image{Repository: i.Repository, Tag: i.Tag, Digest: i.Digest, Tagged: i.Tagged, name: i.name, Known: UnknownTag}
}

// live takes the columns of a tag that is published today.
func (i *Image) live(row []string) {
	i.Known, i.Exact = Live, Exact
	i.Entry, i.Variant, i.Kind, i.Flavour = row[table.TagEntry], row[table.TagVariant], row[table.TagKind], row[table.TagFlavour]
	i.Suite, i.Distro, i.Libc, i.Source = row[table.TagSuite], row[table.TagDistro], row[table.TagLibc], row[table.TagSource]
	if row[table.TagArchs] != "" {
		i.Architectures = strings.Split(row[table.TagArchs], ",")
	}
	i.counterparts = map[string]string{
		"slim": row[table.TagSlim], "alpine": row[table.TagAlpine], "jre": row[table.TagJRE], "full": row[table.TagFull],
	}
	i.key = i.name + ":" + i.Entry
	if strings.Contains(i.Entry, ":") {
		i.key = i.Entry // an alias of another repository's tag
		i.Entry = ""
	}
}
