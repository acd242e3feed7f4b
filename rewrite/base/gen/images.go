package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

// described is an image in images.json.
type described struct {
	Ref, Image, Variant, Kind, Suite, Distro, Libc string
	Tags, Aliases                                  []string
	Config                                         *struct {
		Env, Entrypoint, Cmd, ExposedPorts, Volumes, Shell, Healthcheck []string
		EntrypointForm, CmdForm, User, WorkingDir, StopSignal           string
	}
	Shells *struct {
		Sh   string
		Bash bool
	}
	PackageManager                  string `json:"package_manager"`
	From, Apt, Apk                  []string
	UsersCreated                    []string `json:"users_created"`
	Packages, Commands, Users       []string
	PackagesFile                    string  `json:"packages_file"`
	CompressedBytes                 int64   `json:"compressed_bytes"`
	DiskMB                          float64 `json:"disk_mb"`
	SizeSource                      string  `json:"size_source"`
	Status, Note, Source, Exactness string
	Archs                           string
}

var exactness = []string{"exact", "head", "nearest", "manual", "known"}

// images reads what images contain, and the tags of those that are not Docker's
// official ones.
func (g *generator) images() error {
	data, err := g.read("images.json")
	if err != nil {
		return err
	}
	var all []described
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&all); err != nil {
		return fmt.Errorf("images.json: %w: %w", errShape, err)
	}
	if len(all) < 500 || len(all) > 2000 {
		return fmt.Errorf("images.json: %w: it has %d images, it had about 1024", errShape, len(all))
	}
	near := map[string][]string{}
	for i, d := range all {
		if err := g.image(d, near); err != nil {
			return fmt.Errorf("images.json: image %d, %q: %w", i+1, d.Ref, err)
		}
	}
	for _, key := range sorted(near) {
		g.add(table.Near+key, strings.Join(near[key], " "))
	}
	return nil
}

func (g *generator) image(d described, near map[string][]string) error {
	word, _, _ := strings.Cut(d.Exactness, "+")
	switch {
	case d.Ref == "" || d.Image == "" || d.Variant == "" || d.Source == "" || d.Shells == nil || d.PackageManager == "":
		return fmt.Errorf("%w: ref, image, variant, source, shells or package_manager is missing", errShape)
	case !slices.Contains(exactness, word):
		return fmt.Errorf("%w: exactness %q is new", errShape, d.Exactness)
	case d.Config == nil && !strings.Contains(d.Ref, "distroless"):
		return fmt.Errorf("%w: it has no config", errShape)
	}
	f := g.factsOf(d)
	askFor(&f, d.Ref)
	if err := g.chooseSet(&f, d); err != nil {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	repository, tag, tagged := cutTag(d.Ref)
	switch {
	case !tagged:
		g.add(table.Status+repository, strings.Join([]string{d.Suite, d.Distro, d.Libc, d.Status, d.Source}, "\t"))
		return nil
	case !official(repository):
		g.add(table.Image+d.Ref, string(text))
		g.elsewhere(d, repository, tag)
		return nil
	}
	key := ""
	var gone []string
	for _, t := range d.Tags {
		name := d.Image + ":" + t
		entry, live := g.entries[name]
		switch {
		case !live:
			gone = append(gone, name)
			continue
		case key != "" && key != entry:
			return fmt.Errorf("%w: its tags %s and %s are not one image", errShape, key, entry)
		}
		key = entry
	}
	if key == "" {
		key = d.Ref // all of its tags are retired
	}
	if len(d.Tags) == 0 || g.facts[key] {
		return fmt.Errorf("%w: %q has no tag, or is there twice", errShape, key)
	}
	for _, name := range gone {
		g.old[name] = oldFacts{key, d.Suite}
	}
	g.typed[key] = word == "manual"
	g.facts[key] = true
	g.add(table.Image+key, string(text))
	if _, live := g.entries[key]; live {
		name := d.Image + ":" + d.Variant + ":" + d.Suite
		near[name] = append(near[name], strings.TrimPrefix(key, d.Image+":"))
	}
	return nil
}

// elsewhere adds the tags of an image that has no file in the official library:
// each tag is an image by itself, and has no counterparts.
func (g *generator) elsewhere(d described, repository, tag string) {
	value := make([]string, table.TagColumns)
	value[table.TagEntry], value[table.TagVariant], value[table.TagKind] = tag, d.Variant, d.Kind
	value[table.TagFlavour] = table.Words(tag)
	value[table.TagSuite], value[table.TagDistro], value[table.TagLibc] = d.Suite, d.Distro, d.Libc
	value[table.TagArchs], value[table.TagSource] = d.Archs, d.Source
	g.add(table.Tag+repository+":"+tag, strings.Join(value, "\t"))
	for _, alias := range d.Aliases {
		name, aliasTag, _ := cutTag(alias)
		other := slices.Clone(value)
		other[table.TagEntry] = d.Ref // in full: it is a tag of another repository
		g.add(table.Tag+name+":"+aliasTag, strings.Join(other, "\t"))
	}
}

func (g *generator) factsOf(d described) table.Facts {
	f := table.Facts{
		Shell: d.Shells.Sh, Bash: d.Shells.Bash, Manager: d.PackageManager, Bases: d.From,
		Asked: slices.Concat(d.Apt, d.Apk), Users: slices.Concat(d.UsersCreated, d.Users),
		Packages: d.Packages, Commands: d.Commands,
		Compressed: d.CompressedBytes, Disk: d.DiskMB, SizeSource: d.SizeSource,
		Status: d.Status, Note: d.Note, Exact: d.Exactness, Source: d.Source,
	}
	if c := d.Config; c != nil {
		f.Config = &table.Config{
			Env: c.Env, Entrypoint: c.Entrypoint, Cmd: c.Cmd, User: c.User, WorkingDir: c.WorkingDir,
			ExposedPorts: c.ExposedPorts, Volumes: c.Volumes, StopSignal: c.StopSignal, Shell: c.Shell, Healthcheck: c.Healthcheck,
		}
	}
	return f
}

// chooseSet finds the packages and commands of an image: the set that its row
// names, or the Alpine set of the same name. A set that was made for other words
// of the tag (perl, threaded) is the nearest there is, and no more.
func (g *generator) chooseSet(f *table.Facts, d described) error {
	name := d.PackagesFile
	if name == "" && d.Distro == "alpine" {
		variant := d.Variant
		switch {
		case d.Image == "alpine":
			variant = "base"
		case d.Kind != "":
			variant = d.Kind + "-" + d.Variant
		}
		name = d.Image + "_" + variant + "_" + d.Suite
		if _, ok := g.sets[name]; !ok {
			return nil
		}
	}
	if name == "" {
		return nil
	}
	s, ok := g.sets[name]
	if !ok {
		return fmt.Errorf("%w: there is no set %s", errShape, name)
	}
	_, tag, _ := cutTag(d.Ref)
	f.Set, f.SetExact = name, s.exact
	if strip(table.Words(tag)) != strip(s.words) && s.exact != "partial" {
		f.SetExact = "nearest"
	}
	return nil
}

// strip takes what a set's name has already out of words.
func strip(words string) string {
	var out []string
	for w := range strings.SplitSeq(words, "-") {
		if w != "jre" && w != "cli" && w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, "-")
}

func cutTag(ref string) (repository, tag string, ok bool) {
	i := strings.LastIndex(ref, ":")
	if i < strings.LastIndex(ref, "/") || i < 0 {
		return ref, "", false
	}
	return ref[:i], ref[i+1:], true
}

// official tells a name without a registry.
func official(repository string) bool { return !strings.Contains(repository, "/") }

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
