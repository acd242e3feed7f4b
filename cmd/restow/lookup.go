package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/internal/credentials"
	"github.com/restow/restow/pin"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/images"
	"github.com/restow/restow/workspace"
)

// registryFlags are the flags of verbs that may ask registries.
func registryFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.String("lock-file", "", "take digests from this file first (default: the nearest restow.lock upward)")
	f.Bool("inline-args", false, "write a reference out where a digest has no place among its ARGs")
	f.Bool("registry-args", false, "pin behind an ARG that names the registry: all that it is set to have the same images")
	f.String("cache-ttl", "1h", "how long a tag's digest is taken from the cache (0s: not at all)")
	f.Int("parallel", 4, "requests at once to one registry")
	f.StringSlice("allow-registry", nil, "ask no other registries than these (*.example.com: subdomains)")
	f.Bool("public-only", false, "connect to public addresses only")
}

// lookup learns what images have which digests, for all files of a run: each
// reference is asked about once.
type lookup struct {
	environ []string
	fresh   bool // today's word is wanted: neither a lock nor the cache counts

	mu        sync.Mutex
	resolvers map[string]*pin.Resolver // by the settings that concern them
	answers   map[string]pin.Image     // by reference, for whoever wants more than the digest
	locks     map[string]*pin.Lock     // by path
	logins    *credentials.Store
}

func newLookup(environ []string) *lookup {
	return &lookup{environ: environ, resolvers: map[string]*pin.Resolver{}, answers: map[string]pin.Image{}, locks: map[string]*pin.Lock{}}
}

// resolver is the one for a file's settings.
func (l *lookup) resolver(s config.Settings) (*pin.Resolver, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := fmt.Sprint(s.Mirrors, s.Insecure, s.Offline, s.CacheTTL, s.Parallel, s.Allow, s.PublicOnly)
	if r := l.resolvers[key]; r != nil {
		return r, nil
	}
	if l.logins == nil {
		logins, err := credentials.Find(l.environ)
		if err != nil {
			return nil, err
		}
		l.logins = logins
	}
	places := &pin.Registries{Mirrors: s.Mirrors, Insecure: s.Insecure, ConfPaths: pin.DefaultConfPaths(l.environ), CertsDir: "/etc/containerd/certs.d"}
	var cache *pin.Cache
	if dir, err := pin.DefaultCacheDir(); err == nil && (s.Offline || s.CacheTTL > 0 && !l.fresh) {
		cache = &pin.Cache{Dir: dir, TTL: s.CacheTTL}
	}
	r := pin.New(pin.Options{
		Endpoints: places.Endpoints, Credentials: l.logins.For, Parallel: s.Parallel, Offline: s.Offline,
		Cache: cache, Allow: s.Allow, PublicOnly: s.PublicOnly, UserAgent: "restow/" + readVersion().Version,
	})
	l.resolvers[key] = r
	return r, nil
}

// lock is the file that digests are taken from first: the one that is named, or
// the nearest restow.lock upward in the same repository; nil for none.
func (l *lookup) lock(dir string, s config.Settings) (*pin.Lock, error) {
	if l.fresh {
		return nil, nil
	}
	path := s.LockFile
	if path == "" {
		if path = nearest(dir, lockName); path == "" {
			return nil, nil
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if lock, ok := l.locks[path]; ok {
		return lock, nil
	}
	lock, err := readLock(path)
	if err != nil {
		return nil, err
	}
	l.locks[path] = lock
	return lock, nil
}

func readLock(path string) (*pin.Lock, error) {
	shown := shownPath(path)
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, workspace.MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	return pin.ParseLock(shown, data) // which knows how large it may be
}

// images asks about references, all at once. What cannot be learned is a problem
// of that image alone; the error is one of configuration.
func (l *lookup) images(ctx context.Context, dir string, s config.Settings, refs []string) (map[string]rewrite.Image, error) {
	out := map[string]rewrite.Image{}
	if len(refs) == 0 {
		return out, nil
	}
	lock, err := l.lock(dir, s)
	if err != nil {
		return nil, err
	}
	r, err := l.resolver(s)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, ref := range refs {
		if lock != nil && !strings.Contains(ref, " ") {
			if known, ok := lock.Images[ref]; ok {
				mu.Lock()
				out[ref] = rewrite.Image{Digest: known.Digest}
				mu.Unlock()
				continue
			}
		}
		wg.Go(func() {
			img := l.ask(ctx, r, s, ref)
			mu.Lock()
			defer mu.Unlock()
			out[ref] = img
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

func (l *lookup) ask(ctx context.Context, r *pin.Resolver, s config.Settings, ref string) rewrite.Image {
	if tag, platform, ok := strings.Cut(ref, " "); ok {
		return onPlatform(ctx, r, tag, platform)
	}
	if strings.Contains(ref, "@") {
		return containing(ctx, r, ref)
	}
	img, err := r.Resolve(ctx, ref)
	if err != nil {
		return rewrite.Image{Problem: problem(err)}
	}
	l.mu.Lock()
	l.answers[ref] = img
	l.mu.Unlock()
	out := rewrite.Image{Digest: img.Digest}
	if strings.HasSuffix(ref, ":latest") && !s.Offline {
		// A registry that tells no tags takes away an offer, and no more.
		out.Specific, _ = r.MostSpecific(ctx, ref, img.Digest)
	}
	return out
}

// onPlatform is the image of a tag, if its index has one for a platform. What
// cannot be found out here is left to the build.
func onPlatform(ctx context.Context, r *pin.Resolver, tag, platform string) rewrite.Image {
	img, err := r.Resolve(ctx, tag)
	if err != nil {
		return rewrite.Image{}
	}
	index, err := r.Inspect(ctx, images.Repository(tag)+"@"+img.Digest)
	if err != nil || len(index.Children) == 0 {
		return rewrite.Image{Digest: img.Digest}
	}
	var has []string
	for _, child := range index.Children {
		p := child.Platform
		if p == platform || strings.HasPrefix(p, platform+"/") || strings.HasPrefix(platform, p+"/") {
			return rewrite.Image{Digest: img.Digest}
		}
		if p != "" && !strings.HasPrefix(p, "unknown/") {
			has = append(has, p)
		}
	}
	return rewrite.Image{Problem: fmt.Sprintf("its index has no image for %s, but for %s", platform, strings.Join(has, ", "))}
}

// told is what a registry said of a reference.
func (l *lookup) told(ref string) pin.Image {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[ref]
}

func problem(err error) string {
	if errors.Is(err, pin.ErrOffline) {
		return "its digest is in neither the lock nor the cache, and --offline forbids to ask"
	}
	return err.Error()
}

// namesOf is what decides which names of a Dockerfile mean images.
func namesOf(src workspace.Source, s config.Settings) images.Options {
	opt := images.Options{RegistryArgs: s.RegistryArgs, Mirror: renames(s)}
	passed, anyArg := map[string]bool{}, false
	for _, use := range src.Uses {
		opt.Contexts = append(opt.Contexts, use.NamedContexts...)
		opt.AnyContext = opt.AnyContext || slices.Contains(use.Unresolved, "contexts")
		anyArg = anyArg || slices.Contains(use.Unresolved, "args")
		for name := range use.BuildArgs {
			passed[name] = true
		}
		for _, what := range use.Unresolved {
			if name, ok := strings.CutPrefix(what, "args."); ok {
				passed[name] = true
			}
		}
	}
	opt.Passed = func(arg string) bool { return anyArg || passed[arg] }
	return opt
}

// tagsOf are the references of a Dockerfile whose digests are of use: those that
// are not pinned, and latest, for which there may be a better name.
func tagsOf(f *dockerfile.File, opt images.Options) (refs []string) {
	for _, s := range images.Collect(f, opt) {
		if _, renamed := opt.Mirrored(images.Repository(s.Ref)); renamed && s.What != "# syntax" {
			continue // asked about under the name it gets
		}
		if s.Ref != "" && (s.Digest == "" || strings.HasSuffix(s.Ref, ":latest")) && !slices.Contains(refs, s.Ref) {
			refs = append(refs, s.Ref)
		}
	}
	return refs
}

// nearest finds a file upward from a folder, no further than the repository's root.
func nearest(dir, name string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if info, err := os.Lstat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return filepath.Join(dir, name)
		}
		_, err := os.Lstat(filepath.Join(dir, ".git"))
		up := filepath.Dir(dir)
		if err == nil || up == dir {
			return ""
		}
		dir = up
	}
}
