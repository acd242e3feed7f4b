package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/restow/restow/internal/debian"
	"github.com/restow/restow/internal/debian/signed"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/workspace"
)

// baseBuildFlags are those of base build.
type baseBuildFlags struct {
	cmd                                       *cobra.Command
	exclude, keep                             []string
	from, arch, mirror, security, keyring, at string
	entrypoint, user, output                  string
	json                                      bool
	suite, platform                           string
	home                                      string
	entry                                     []string
	now                                       time.Time
}

const (
	debianMirror   = "http://deb.debian.org/debian"
	debianSecurity = "http://deb.debian.org/debian-security"
)

// keyrings are where Debian's package debian-archive-keyring has its keys.
var keyrings = []string{"/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"}

// suites are the releases of Debian by number, and platforms the architectures with
// the names that images have for them.
var (
	suites    = map[string]string{"11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
	platforms = map[string]string{
		"amd64": "linux/amd64", "arm64": "linux/arm64/v8", "armhf": "linux/arm/v7", "armel": "linux/arm/v5", "i386": "linux/386",
		"ppc64el": "linux/ppc64le", "s390x": "linux/s390x", "riscv64": "linux/riscv64", "mips64el": "linux/mips64le",
	}
)

func baseBuildCommand(a *app) *cobra.Command {
	f := &baseBuildFlags{}
	cmd := &cobra.Command{
		Use:   "build [flags] PACKAGE... -o oci:DIR|tar:FILE|REFERENCE",
		Short: "Build a minimal image from Debian packages",
		Long: `Build makes an image of Debian packages and of what they need, and of nothing
else: no shell, no package manager, no documentation, unless a package needs them.
No daemon takes part and nothing of a package is run.

The archive's signatures are checked against Debian's keys, and every file against
what was signed. What a package needs is followed (Depends and Pre-Depends, not
Recommends). What only maintainer scripts use is left out (--keep NAME takes it in),
and what the scripts would have done is done where it is known: users, certificates,
alternatives, time zone. The output says what was left out, and what of it programs
or scripts in the image would want.

Each package is a layer; a second build of the same archive gives the same bytes. The
image has an SBOM attached (SPDX), as BuildKit attaches it, and /var/lib/dpkg/status.d
for scanners.

  restow base build python3-minimal -o oci:python
  restow base build nginx -o registry.example.com/team/nginx:1
  restow base build default-jre-headless --user nonroot -o tar:java.tar

` + exitCodes,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("build takes the names of packages, as in restow base build python3-minimal -o oci:python")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.baseBuild(f, args) },
	}
	f.cmd = cmd
	fs := cmd.Flags()
	fs.StringSliceVar(&f.exclude, "exclude", nil, "leave a package out, whoever needs it")
	fs.StringSliceVar(&f.keep, "keep", nil, "take a package in that only maintainer scripts are known to use")
	fs.StringVar(&f.from, "from", "debian:bookworm", "the release whose packages are taken")
	fs.StringVar(&f.arch, "arch", "amd64", "the architecture, by Debian's name")
	fs.StringVar(&f.mirror, "mirror", debianMirror, "address of the archive")
	fs.StringVar(&f.security, "security-mirror", "", "address of the archive of security updates (default: that of --mirror with -security behind it)")
	fs.StringVar(&f.keyring, "keyring", "", "keys that may sign the archive (default: those of the package debian-archive-keyring)")
	fs.StringVar(&f.at, "at", "", "take the archive as of this day or time, by which is told what has expired (2026-01-31, RFC 3339)")
	fs.StringVar(&f.entrypoint, "entrypoint", "", `the program to start: a JSON list or words ("/usr/bin/python3 -u")`)
	fs.StringVar(&f.user, "user", "root", "the user: nonroot (65532), one of Debian's own, or a number")
	fs.StringVarP(&f.output, "output", "o", "", "where the image goes: oci:DIR, tar:FILE, or a reference in a registry")
	fs.BoolVar(&f.json, "json", false, "print one JSON document instead of text")
	fs.StringSlice("allow-registry", nil, "send to no other registries than these (*.example.com: subdomains)")
	fs.Bool("public-only", false, "send to public addresses only")
	return cmd
}

// check reads what the flags say.
func (f *baseBuildFlags) check() error {
	if !f.cmd.Flags().Changed("exclude") {
		f.exclude = nil // RESTOW_EXCLUDE is about Dockerfiles
	}
	name, tag, _ := strings.Cut(f.from, ":")
	f.suite = strings.TrimSuffix(tag, "-slim")
	if s, ok := suites[strings.SplitN(f.suite, ".", 2)[0]]; ok {
		f.suite = s
	}
	if name != "debian" && name != "docker.io/library/debian" || f.suite == "" || strings.Trim(f.suite, "abcdefghijklmnopqrstuvwxyz") != "" {
		return fmt.Errorf("--from %s: only releases of Debian can be built from, as in debian:bookworm", f.from)
	}
	var ok bool
	if f.platform, ok = platforms[f.arch]; !ok {
		return fmt.Errorf("--arch %s: it is none of Debian's architectures, such as amd64 or arm64", f.arch)
	}
	if f.output == "" {
		return errors.New("-o says where the image goes: oci:DIR, tar:FILE, or a reference in a registry")
	}
	if f.security == "" {
		f.security = debianSecurity
		if f.mirror != debianMirror {
			f.security = strings.TrimRight(f.mirror, "/") + "-security"
		}
	}
	f.now = time.Now()
	if f.at != "" {
		t, err := time.Parse(time.DateOnly, f.at)
		if err == nil {
			t = t.Add(24*time.Hour - time.Second)
		} else if t, err = time.Parse(time.RFC3339, f.at); err != nil {
			return fmt.Errorf("--at %s: it is no day (2026-01-31) and no time (RFC 3339)", f.at)
		}
		f.now = t
	}
	var err error
	if f.user, f.home, err = debian.User(f.user); err != nil {
		return err
	}
	switch s := strings.TrimSpace(f.entrypoint); {
	case strings.HasPrefix(s, "["):
		if err := json.Unmarshal([]byte(s), &f.entry); err != nil || len(f.entry) == 0 {
			return fmt.Errorf("--entrypoint %s: it is no JSON list of words", f.entrypoint)
		}
	case strings.ContainsAny(s, `'"\$`):
		return errors.New("--entrypoint: words with quotes are given as a JSON list, for there may be no shell to read them")
	default:
		f.entry = strings.Fields(s)
	}
	return nil
}

// keys reads the keyring.
func (f *baseBuildFlags) keys() (*signed.Keyring, error) {
	names := keyrings
	if f.keyring != "" {
		names = []string{f.keyring}
	}
	for _, name := range names {
		in, err := os.Open(name)
		if err != nil {
			if f.keyring == "" && errors.Is(err, os.ErrNotExist) {
				continue
			}
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(in, workspace.MaxFileSize))
		_ = in.Close()
		if err != nil {
			return nil, err
		}
		keys, err := signed.ReadKeyring(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return keys, nil
	}
	return nil, errors.New("there are no keys of Debian on this machine: install the package debian-archive-keyring, or name a file with --keyring")
}

func (a *app) baseBuild(f *baseBuildFlags, packages []string) error {
	if err := f.check(); err != nil {
		return exit{exitUsage, err}
	}
	keys, err := f.keys()
	if err != nil {
		return exit{exitUsage, err}
	}
	write, err := a.baseOutput(f)
	if err != nil {
		return err
	}
	ctx := f.cmd.Context()
	tree, err := debian.Build(ctx, debian.Options{
		Suite: f.suite, Arch: f.arch, Mirror: f.mirror, Security: f.security, Keys: keys, Now: f.now,
		Transport: http.DefaultTransport, UserAgent: "restow/" + readVersion().Version,
	}, debian.Choice{Want: packages, Exclude: f.exclude, Keep: f.keep}, func(what string) { fmt.Fprintln(a.err, visible(what)) })
	if err != nil {
		return failed(ctx, err)
	}
	image, err := f.assemble(tree, packages)
	if err == nil {
		err = write(ctx, image)
	}
	if err != nil {
		return failed(ctx, err)
	}
	d := describeTree(tree, image, f.output)
	if f.json {
		return a.json(d)
	}
	return a.printTree(d)
}

func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e exit
	if errors.As(err, &e) {
		return err
	}
	return exit{exitPartial, err}
}

// assemble makes an image of a tree. Everything in it is from the archive or asked
// for: neither this machine nor its clock leaves a mark.
func (f *baseBuildFlags) assemble(tree *debian.Tree, packages []string) (*pin.Assembled, error) {
	sbom, err := tree.SBOM()
	if err != nil {
		return nil, err
	}
	slices.Sort(packages)
	c := pin.Contents{
		Platform: f.platform, Created: tree.Date, SBOM: sbom,
		Config: pin.Config{
			Env:  []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
			User: f.user, WorkingDir: f.home, Entrypoint: f.entry,
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":   strings.Join(packages, " "),
			"org.opencontainers.image.created": tree.Date.Format(time.RFC3339),
			"dev.restow.base.suite":            tree.Suite,
			"dev.restow.base.packages":         "sha256:" + tree.Digest(),
		},
	}
	for _, r := range tree.Releases {
		c.Labels["dev.restow.base.release."+r.Codename] = r.Date.Format(time.RFC3339)
	}
	if tree.Bundle {
		c.Config.Env = append(c.Config.Env, "SSL_CERT_FILE=/"+debian.Bundle)
	}
	for _, l := range tree.Layers {
		c.Layers = append(c.Layers, pin.Content{Title: l.Title, Write: l.WriteTar})
	}
	return pin.Assemble(c)
}

// baseOutput is what puts the image where it was asked to go. A registry that could
// not be sent to is an error before anything is fetched.
func (a *app) baseOutput(f *baseBuildFlags) (func(context.Context, *pin.Assembled) error, error) {
	switch kind, where, _ := strings.Cut(f.output, ":"); {
	case kind == "oci" && where != "":
		return func(_ context.Context, image *pin.Assembled) error { return image.WriteLayout(where) }, nil
	case kind == "tar" && where != "":
		return func(_ context.Context, image *pin.Assembled) error { return writeArchive(where, image) }, nil
	}
	flags := given(f.cmd)
	delete(flags, "exclude")
	s, err := a.loader.Resolve(".", flags, a.environ)
	if err != nil {
		return nil, exit{exitUsage, err}
	}
	r, err := newLookup(a.environ).resolver(s)
	if err == nil {
		err = r.CheckPush(f.output)
	}
	if err != nil {
		return nil, exit{exitUsage, err}
	}
	return func(ctx context.Context, image *pin.Assembled) error {
		_, err := r.Push(ctx, image, f.output, a.copyProgress(f.output))
		return err
	}, nil
}

// writeArchive writes a file that is there when it is whole.
func writeArchive(name string, image *pin.Assembled) (err error) {
	out, err := os.CreateTemp(filepath.Dir(name), ".restow-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name())
		}
	}()
	if err = image.WriteTar(out); err == nil {
		err = out.Chmod(0o644)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), name)
}
