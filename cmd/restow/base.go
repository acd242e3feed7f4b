package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite/base"
)

const baseAbout = `What is known of base images comes from a table in this program, made from public
sources of a day that is shown, and from the key bases of .restow.yaml. What is in
neither is unknown, and nothing is guessed. With --registry, the registry that has
the image is asked too: for its configuration, platforms and size, and for the
packages in the SBOM that is attached to it, as it is to Docker's official images.

`

// baseFlags are those of both verbs.
type baseFlags struct {
	cmd      *cobra.Command
	json     bool
	registry bool
	platform string
	packages bool
	commands bool
	yaml     bool
}

func (f *baseFlags) add(cmd *cobra.Command) {
	f.cmd = cmd
	fs := cmd.Flags()
	fs.BoolVar(&f.json, "json", false, "print one JSON document instead of text")
	fs.BoolVar(&f.registry, "registry", false, "ask the registry too: configuration, platforms, size, and packages of the SBOM")
	fs.StringVar(&f.platform, "platform", "linux/amd64", "which image of several platforms the registry is asked for")
	fs.Bool("offline", false, "ask no registry: with --registry, what the cache has of it")
	fs.String("cache-ttl", "1h", "how long a tag's digest is taken from the cache (0s: not at all)")
	fs.Int("parallel", 4, "requests at once to one registry")
	fs.StringSlice("allow-registry", nil, "ask no other registries than these (*.example.com: subdomains)")
	fs.Bool("public-only", false, "connect to public addresses only")
}

func baseCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "base",
		Short: "Say what is known of base images, and build them",
		Long:  "Base says what is known of base images, and builds minimal ones.\n\n" + baseAbout + exitCodes,
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var show, diff baseFlags
	showCmd := &cobra.Command{
		Use:   "show [flags] IMAGE",
		Short: "Print what is known of an image",
		Long:  "Show prints what is known of an image, given as in FROM. The exit code is 1 where\nnothing is known of it.\n\n" + baseAbout + exitCodes,
		Args:  takes(1, "show takes one image, as in restow base show python:3.12"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.baseShow(&show, args[0]) },
	}
	show.add(showCmd)
	showCmd.Flags().BoolVar(&show.packages, "packages", false, "list the packages")
	showCmd.Flags().BoolVar(&show.commands, "commands", false, "list the programs on PATH")
	showCmd.Flags().BoolVar(&show.yaml, "yaml", false, "print an item for the key bases of .restow.yaml instead")
	diffCmd := &cobra.Command{
		Use:   "diff [flags] IMAGE IMAGE",
		Short: "Print in what two images differ",
		Long:  "Diff prints the configuration, packages, programs and sizes in which two images\ndiffer. The exit code is 1 where nothing is known of one of them.\n\n" + baseAbout + exitCodes,
		Args:  takes(2, "diff takes two images, as in restow base diff python:3.12 python:3.12-slim"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.baseDiff(&diff, args[0], args[1]) },
	}
	diff.add(diffCmd)
	cmd.AddCommand(showCmd, diffCmd, sourcesCommand(a), baseBuildCommand(a))
	return cmd
}

// sourcesCommand lists where the table is from.
func sourcesCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "List what the table was made from, of which day, under which licence",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			all := base.Origins()
			if asJSON {
				return a.json(all)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, o := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.Kind, o.Date, o.Source, o.Licence)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func takes(n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return errors.New(want)
		}
		return nil
	}
}

// overlayOf is what the configuration says of base images.
func overlayOf(s config.Settings) (*base.Overlay, error) {
	var own []base.Own
	var rules []base.Rule
	for _, b := range s.Bases {
		if b.Image == "" {
			rules = append(rules, base.Rule{From: b.From, To: b.To, Rename: b.Rename})
			continue
		}
		own = append(own, base.Own{
			Image: b.Image, Like: b.Like, Packages: b.Packages, Commands: b.Commands,
			Shell: b.Shell, Manager: b.Manager, Suite: b.Suite, Libc: b.Libc,
		})
	}
	o, err := base.NewOverlay(own, rules)
	if err != nil {
		return nil, fmt.Errorf("bases: %w", err)
	}
	return o, nil
}

// baseFacts finds out what there is to say of some images.
func (a *app) baseFacts(f *baseFlags, refs ...string) ([]*baseDoc, error) {
	s, err := a.loader.Resolve(".", given(f.cmd), a.environ)
	if err != nil {
		return nil, exit{exitUsage, err}
	}
	overlay, err := overlayOf(s)
	if err != nil {
		return nil, exit{exitUsage, err}
	}
	var docs []*baseDoc
	for _, ref := range refs {
		i, _ := overlay.Find(ref)
		if i.Tag == "" && i.Known != base.Scratch {
			return nil, exit{exitUsage, fmt.Errorf("%q is no image reference", ref)}
		}
		d := describe(i, time.Now())
		if to, rename, ok := overlay.Swap(i); ok {
			d.Replaced = &replacedDoc{to, rename}
		}
		if f.registry && i.Known != base.Scratch {
			if err := a.askRegistry(f.cmd.Context(), s, f.platform, i, d); err != nil {
				return nil, exit{exitPartial, err}
			}
		}
		docs = append(docs, d)
	}
	return docs, nil
}

// askRegistry adds what the registry says.
func (a *app) askRegistry(ctx context.Context, s config.Settings, platform string, i *base.Image, d *baseDoc) error {
	r, err := newLookup(a.environ).resolver(s)
	if err != nil {
		return exit{exitUsage, err}
	}
	ref := i.Ref()
	if i.Digest != "" {
		ref = i.Repository + "@" + i.Digest
	}
	told, err := r.Describe(ctx, ref, platform)
	if err != nil {
		return err
	}
	d.Registry = &registryDoc{
		Digest: told.Digest, Platform: told.Platform, Platforms: told.Platforms, Compressed: told.Compressed,
		Config: &configDoc{
			Env: told.Config.Env, Entrypoint: told.Config.Entrypoint, Cmd: told.Config.Cmd, User: told.Config.User,
			WorkingDir: told.Config.WorkingDir, ExposedPorts: told.Config.ExposedPorts, Volumes: told.Config.Volumes,
			StopSignal: told.Config.StopSignal, Shell: told.Config.Shell, Healthcheck: told.Config.Healthcheck, OnBuild: told.Config.OnBuild,
		},
	}
	if told.SBOM != nil {
		// The distribution's packages: what else the SBOM found is not installed by name.
		d.Registry.SBOM = &listDoc{Names: told.SBOM.Of("deb", "apk", "rpm"), Exact: "listed", Source: "SBOM " + told.SBOM.Digest}
		d.Registry.SBOM.Others = len(told.SBOM.Packages) - len(d.Registry.SBOM.Names)
	}
	return nil
}

// unknown tells an image of which nothing is known at all.
func (d *baseDoc) unknown() bool {
	return d.Registry == nil && (d.Known == base.UnknownImage.String() || d.Known == base.UnknownTag.String())
}
