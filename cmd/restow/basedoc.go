package main

import (
	"strings"
	"time"

	"github.com/restow/restow/rewrite/base"
)

// baseDoc is what base show --json prints. Fields are only ever added to it.
type baseDoc struct {
	Image         string            `json:"image"` // in full
	Digest        string            `json:"digest,omitempty"`
	Known         string            `json:"known"` // live, retired, unknown tag, unknown image, scratch
	Exact         string            `json:"exact,omitempty"`
	Source        string            `json:"source,omitempty"`
	SameAs        string            `json:"sameAs,omitempty"` // the fullest tag of the same image
	Like          string            `json:"like,omitempty"`
	First         string            `json:"first,omitempty"` // YYYY-MM
	Last          string            `json:"last,omitempty"`
	Status        string            `json:"status,omitempty"`
	Note          string            `json:"note,omitempty"`
	Variant       string            `json:"variant,omitempty"`
	Kind          string            `json:"kind,omitempty"`
	Version       string            `json:"version,omitempty"`
	Suite         string            `json:"suite,omitempty"`
	Distro        string            `json:"distro,omitempty"`
	Libc          string            `json:"libc,omitempty"`
	Windows       bool              `json:"windows,omitempty"`
	OnBuild       bool              `json:"onbuild,omitempty"`
	Architectures []string          `json:"architectures,omitempty"`
	Config        *configDoc        `json:"config,omitempty"`
	Shell         *shellDoc         `json:"shell,omitempty"`
	Manager       string            `json:"packageManager,omitempty"`
	Users         []string          `json:"users,omitempty"`
	Bases         []string          `json:"bases,omitempty"`
	Asked         []string          `json:"asked,omitempty"`
	Packages      *listDoc          `json:"packages,omitempty"`
	Commands      *commandsDoc      `json:"commands,omitempty"`
	Programs      []string          `json:"programs,omitempty"` // by path, or in words
	Size          *sizeDoc          `json:"size,omitempty"`
	Counterparts  map[string]string `json:"counterparts,omitempty"`
	Replaced      *replacedDoc      `json:"replaced,omitempty"`
	EndOfLife     []endDoc          `json:"endOfLife,omitempty"`
	Registry      *registryDoc      `json:"registry,omitempty"`
}

type configDoc struct {
	Exact        string   `json:"exact,omitempty"`
	Of           string   `json:"of,omitempty"`
	Source       string   `json:"source,omitempty"`
	Env          []string `json:"env,omitempty"`
	Entrypoint   []string `json:"entrypoint,omitempty"`
	Cmd          []string `json:"cmd,omitempty"`
	User         string   `json:"user,omitempty"`
	WorkingDir   string   `json:"workingDir,omitempty"`
	ExposedPorts []string `json:"exposedPorts,omitempty"`
	Volumes      []string `json:"volumes,omitempty"`
	StopSignal   string   `json:"stopSignal,omitempty"`
	Shell        []string `json:"shell,omitempty"`
	Healthcheck  []string `json:"healthcheck,omitempty"`
	OnBuild      []string `json:"onbuild,omitempty"`
}

type shellDoc struct {
	Sh    string `json:"sh"`
	Bash  bool   `json:"bash"`
	Exact string `json:"exact"`
}

type listDoc struct {
	Exact  string   `json:"exact"`
	Source string   `json:"source,omitempty"`
	Names  []string `json:"names"`
	Others int      `json:"others,omitempty"` // of an SBOM, packages of languages and the like
}

type commandsDoc struct {
	Exact string         `json:"exact"`
	Names []base.Command `json:"names"`
}

type sizeDoc struct {
	Compressed int64   `json:"compressedBytes,omitempty"`
	Unpacked   float64 `json:"unpackedMB,omitempty"`
	Source     string  `json:"source"`
}

type replacedDoc struct {
	To     string            `json:"to"`
	Rename map[string]string `json:"rename,omitempty"`
}

type endDoc struct {
	base.End
	Tag string `json:"tag,omitempty"` // of this image with the next release
}

type registryDoc struct {
	Digest     string     `json:"digest"`
	Platform   string     `json:"platform"`
	Platforms  []string   `json:"platforms"`
	Compressed int64      `json:"compressedBytes"`
	Config     *configDoc `json:"config"`
	SBOM       *listDoc   `json:"sbom,omitempty"`
}

// describe puts what is known of an image on a day into the document.
func describe(i *base.Image, on time.Time) *baseDoc {
	d := &baseDoc{
		Image: i.Ref(), Digest: i.Digest, Known: i.Known.String(), Exact: string(i.Exact), Source: i.Source, Like: i.Like(),
		First: i.First, Last: i.Last, Status: i.PublishedStatus(), Note: i.Note(),
		Variant: i.Variant, Kind: i.Kind, Version: i.Version(), Suite: i.Suite, Distro: i.Distro, Libc: i.Libc,
		Windows: i.Windows(), OnBuild: i.OnBuild(), Architectures: i.Architectures,
		Users: i.Users(), Bases: i.Bases(), Asked: i.Asked(), Programs: i.Programs(),
	}
	if i.Entry != i.Tag {
		d.SameAs = i.Entry
	}
	if c, exact := i.Config(); c != nil {
		source, of := i.FactsSource()
		d.Config = &configDoc{
			Exact: string(exact), Of: of, Source: source, Env: c.Env, Entrypoint: c.Entrypoint, Cmd: c.Cmd, User: c.User,
			WorkingDir: c.WorkingDir, ExposedPorts: c.ExposedPorts, Volumes: c.Volumes, StopSignal: c.StopSignal,
			Shell: c.Shell, Healthcheck: c.Healthcheck,
		}
	}
	if s := i.Shell(); s.Sh != "" {
		d.Shell = &shellDoc{s.Sh, s.Bash, string(s.Exact)}
	}
	d.Manager, _ = i.Manager()
	if names, exact := i.Packages(); exact != base.Unknown {
		d.Packages = &listDoc{Exact: string(exact), Source: i.PackagesSource(), Names: names}
	}
	if names, exact := i.Commands(); exact != base.Unknown {
		d.Commands = &commandsDoc{string(exact), names}
	}
	if compressed, unpacked, source := i.Size(); source != "" {
		d.Size = &sizeDoc{compressed, unpacked, source}
	}
	for _, v := range i.Counterparts() {
		if d.Counterparts == nil {
			d.Counterparts = map[string]string{}
		}
		d.Counterparts[v] = i.Counterpart(v).Short()
	}
	if i.Known != base.UnknownTag && i.Known != base.UnknownImage {
		for _, e := range base.EndOfLife(i, on) {
			d.EndOfLife = append(d.EndOfLife, endDoc{e, base.Successor(i, e)})
		}
	}
	return d
}

// short is the image as people write it.
func (d *baseDoc) short() string {
	return strings.TrimPrefix(strings.TrimPrefix(d.Image, "docker.io/library/"), "docker.io/")
}
