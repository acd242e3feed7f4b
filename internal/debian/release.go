package debian

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/restow/restow/internal/debian/signed"
)

const (
	maxRelease = 8 << 20
	maxIndex   = 256 << 20 // of a compressed Packages file
	maxPlain   = 1 << 30   // of one that is not
	// early is how far an archive's clock may be ahead of ours.
	early = 24 * time.Hour
)

// Release is a suite of an archive as its signed InRelease file describes it.
type Release struct {
	Codename string
	Version  string
	Date     time.Time
	Signer   string // fingerprint of the key whose signature counted
	base     string // address of the archive
	byHash   bool
	archs    []string
	files    map[string]indexed
}

// indexed is a file that a Release file vouches for.
type indexed struct {
	size   int64
	sha256 string
}

// release reads and checks the InRelease file of a suite. Nothing of it is looked at
// before its signature has been checked.
func (f *fetcher) release(ctx context.Context, base, suite string, keys *signed.Keyring, now time.Time) (*Release, error) {
	address := base + "/dists/" + suite + "/InRelease"
	data, err := f.get(ctx, address, maxRelease, "")
	if err != nil {
		return nil, err
	}
	text, signer, err := keys.Open(data, now)
	if err == nil {
		var r *Release
		if r, err = parseRelease(text, suite, now); err == nil {
			r.base, r.Signer = base, signer
			return r, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", shown(address), err)
}

// parseRelease reads a Release file (Debian repository format, "Release" files).
func parseRelease(text []byte, suite string, now time.Time) (*Release, error) {
	p, err := parseParagraph(text)
	if err != nil {
		return nil, err
	}
	r := &Release{Codename: p["codename"], Version: p["version"], byHash: p["acquire-by-hash"] == "yes", archs: strings.Fields(p["architectures"]), files: map[string]indexed{}}
	// A mirror could hand out another suite that the same key has signed.
	if r.Codename != suite && p["suite"] != suite {
		return nil, fmt.Errorf("it is of the suite %q, not %q", r.Codename, suite)
	}
	if r.Date, err = releaseTime(p["date"]); err != nil {
		return nil, fmt.Errorf("its date: %w", err)
	}
	if r.Date.After(now.Add(early)) {
		return nil, fmt.Errorf("it is of %s, which is yet to come", r.Date.Format(time.DateOnly))
	}
	if until, ok := p["valid-until"]; ok {
		end, err := releaseTime(until)
		if err != nil {
			return nil, fmt.Errorf("its end: %w", err)
		}
		if now.After(end) {
			return nil, fmt.Errorf("it was valid until %s: a mirror that is no longer updated hides security fixes (--at takes an archive as of a day)", end.Format(time.DateOnly))
		}
	}
	for line := range strings.SplitSeq(p["sha256"], "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 3 || !hexDigest(words[0]) {
			return nil, fmt.Errorf("the line %.80q lists no file", line)
		}
		size, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil || size < 0 {
			return nil, fmt.Errorf("the line %.80q lists no file", line)
		}
		r.files[words[2]] = indexed{size, words[0]}
	}
	if len(r.files) == 0 {
		return nil, errors.New("it vouches for no file by SHA-256")
	}
	return r, nil
}

func releaseTime(s string) (time.Time, error) {
	for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil && (strings.HasSuffix(s, " UTC") || strings.HasSuffix(s, "GMT") || strings.HasSuffix(s, " +0000")) {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no time", s)
}

func hexDigest(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// packages reads the index of one component and architecture.
func (f *fetcher) packages(ctx context.Context, r *Release, component, arch string) ([]byte, error) {
	if len(r.archs) > 0 && !slices.Contains(r.archs, arch) {
		return nil, fmt.Errorf("%s has nothing for %s, but for %s", r.Codename, arch, strings.Join(r.archs, ", "))
	}
	dir := component + "/binary-" + arch + "/"
	plain, hasPlain := r.files[dir+"Packages"]
	for _, ending := range []string{".xz", ".gz", ""} {
		file, ok := r.files[dir+"Packages"+ending]
		if !ok {
			continue
		}
		if file.size > maxIndex {
			return nil, fmt.Errorf("%sPackages%s is larger than %d MB", dir, ending, maxIndex/1_000_000)
		}
		address := r.base + "/dists/" + r.Codename + "/" + dir
		data, err := []byte(nil), errMissing
		if r.byHash { // the one that was signed, also in the middle of an update
			data, err = f.get(ctx, address+"by-hash/SHA256/"+file.sha256, file.size, file.sha256)
		}
		if errors.Is(err, errMissing) { // or the mirror keeps no such links
			address += "Packages" + ending
			data, err = f.get(ctx, address, file.size, file.sha256)
		}
		if err != nil {
			return nil, err
		}
		limit := int64(maxPlain)
		if hasPlain {
			limit = min(limit, plain.size)
		}
		in, err := decompress(ending, data)
		if err == nil {
			data, err = bounded(in, limit)
			_ = in.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", shown(address), err)
		}
		return data, nil
	}
	return nil, fmt.Errorf("%s vouches for no index of %s for %s", r.Codename, component, arch)
}
