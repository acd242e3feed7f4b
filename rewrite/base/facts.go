package base

import (
	"encoding/json"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// Config is an image's configuration as the Dockerfiles that made it set it, with
// what they inherit. An absent field is not set.
type Config = table.Config

// learn finds the facts of the image: its own, or those of a published tag with
// the same variant, suite and other words, which are the nearest there are.
func (i *Image) learn() *about {
	if i.key != "" {
		if f, ok := factsAt(i.key); ok {
			return &about{Facts: f, exact: Exactness(f.Exact)}
		}
	}
	if !i.known() || i.Suite == "" {
		return &about{}
	}
	entries, ok := facts.Get(table.Near + i.name + ":" + i.Variant + ":" + i.Suite)
	if !ok {
		return &about{}
	}
	best := ""
	for entry := range strings.FieldsSeq(entries) {
		if table.Words(entry) != table.Words(i.Tag) {
			continue
		}
		if best == "" || older(table.Version(entry), table.Version(best)) {
			best = entry
		}
	}
	if best == "" {
		return &about{}
	}
	f, _ := factsAt(i.name + ":" + best)
	f.Compressed, f.Disk, f.SizeSource, f.Status = 0, 0, "", ""
	return &about{Facts: f, of: i.name + ":" + best, exact: Nearest}
}

func factsAt(key string) (table.Facts, bool) {
	var f table.Facts
	value, ok := facts.Get(table.Image + key)
	if !ok {
		return f, false
	}
	if err := json.Unmarshal([]byte(value), &f); err != nil {
		panic("base facts of " + key + ": " + err.Error())
	}
	return f, true
}

// Config is the image's configuration and how it is known; nil for not known.
// With [Nearest] and [Head] the names hold, while values that name versions and
// checksums may be another release's.
func (i *Image) Config() (*Config, Exactness) {
	a := i.about()
	if a.Config == nil {
		return nil, Unknown
	}
	return a.Config, a.exact
}

// FactsSource says where configuration, shell and users are from, and which image
// they are of where that is another.
func (i *Image) FactsSource() (source, of string) {
	a := i.about()
	return a.Facts.Source, a.of
}

// Shell is what an image has to run scripts with.
type Shell struct {
	Sh   string // what sh is: dash, bash, busybox-ash, none, or words where there is more to say; "" for not known
	Bash bool   // there is a bash
	// Exact is [Derived] where the image's own facts are not known and these are
	// those of its distribution's images: then Bash says no more than that they have
	// it.
	Exact Exactness
}

// None tells an image that is known to have no shell.
func (s Shell) None() bool { return s.Sh == "none" }

// Shell is what the image has to run scripts with.
func (i *Image) Shell() Shell {
	if i.Known == Scratch {
		return Shell{"none", false, Exact}
	}
	if i.given != nil && i.given.Shell != "" {
		has, known := i.Has("bash")
		return Shell{i.given.Shell, i.given.Shell == "bash" || has && known, Given}
	}
	if a := i.about(); a.Facts.Shell != "" {
		return Shell{a.Facts.Shell, a.Bash, a.exact}
	}
	switch {
	case i.Variant == "distroless":
		return Shell{"none", false, Derived}
	case !i.known() || i.Windows() || strings.HasPrefix(i.Variant, "distroless"):
		return Shell{}
	case i.Distro == "debian", i.Distro == "ubuntu":
		return Shell{"dash", true, Derived}
	case i.Distro == "alpine":
		return Shell{"busybox-ash", false, Derived}
	}
	return Shell{}
}

// known tells an image that the table has as such.
func (i *Image) known() bool { return i.Known == Live || i.Known == Retired }

// Manager is the package manager: apt, apk, dnf/microdnf or none, and how it is
// known; [Derived] from the distribution where the image's own facts are not known.
func (i *Image) Manager() (string, Exactness) {
	if i.Known == Scratch {
		return "none", Exact
	}
	if i.given != nil && i.given.Manager != "" {
		return i.given.Manager, Given
	}
	if a := i.about(); a.Facts.Manager != "" {
		return a.Facts.Manager, a.exact
	}
	switch {
	case strings.HasPrefix(i.Variant, "distroless"):
		return "none", Derived
	case !i.known() || i.Windows():
		return "", Unknown
	case i.Distro == "debian", i.Distro == "ubuntu":
		return "apt", Derived
	case i.Distro == "alpine":
		return "apk", Derived
	}
	return "", Unknown
}

// Bases are the images it is built on, nearest first.
func (i *Image) Bases() []string { return i.about().Facts.Bases }

// Asked are the packages that its Dockerfiles ask for by name and keep. What these
// need is in [Image.Packages], where that is known.
func (i *Image) Asked() []string { return i.about().Facts.Asked }

// Users are the commands that make users and groups, or name:id.
func (i *Image) Users() []string { return i.about().Facts.Users }

// Note is what the source has to add, if anything.
func (i *Image) Note() string { return i.about().Facts.Note }

// Size is what pages of the image say of its size: bytes compressed, megabytes
// unpacked, 0 for not known. Other tags differ, and so do later builds.
func (i *Image) Size() (compressed int64, unpacked float64, source string) {
	a := i.about()
	return a.Compressed, a.Disk, a.SizeSource
}

// PublishedStatus is what the source says of the image's being published.
func (i *Image) PublishedStatus() string {
	if i.Status != "" {
		return i.Status
	}
	return i.about().Facts.Status
}

// sourceOf is what a kind of fact was made from, and when.
func sourceOf(kind string) string {
	value, _ := facts.Get(table.Source + kind)
	source, rest, _ := strings.Cut(value, "\t")
	date, _, _ := strings.Cut(rest, "\t")
	if source == "" {
		return ""
	}
	return source + ", " + date
}

// Origin is where a kind of facts is from.
type Origin struct {
	Kind    string `json:"kind"`
	Source  string `json:"source"`
	Date    string `json:"date"` // YYYY-MM-DD of the snapshot
	Licence string `json:"licence,omitempty"`
}

// Origins lists where all facts are from, by kind.
func Origins() []Origin {
	var out []Origin
	facts.Range(table.Source, func(key, value string) bool {
		parts := append(strings.Split(value, "\t"), "", "")
		out = append(out, Origin{strings.TrimPrefix(key, table.Source), parts[0], parts[1], parts[2]})
		return true
	})
	return out
}
