package pin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

const (
	maxTagPages = 20
	maxTags     = 20_000
	// maxTries bounds the tags whose digest is asked for.
	maxTries = 16
)

// MostSpecific finds the most specific tag with the digest that ref has:
// 3.13.2-bookworm goes before 3.13.2, and that before 3.13. Only tags that are
// versions count, dates where there are none, and never latest. It is "" when
// none is found, which on a long tag list does not prove that there is none:
// of at most 20 pages and 20,000 tags, 16 are asked for, the likeliest first.
func (r *Resolver) MostSpecific(ctx context.Context, ref, digest string) (string, error) {
	tag, err := name.NewTag(ref)
	if err != nil {
		return "", badReference(ref)
	}
	repository := repositoryName(tag.Repository)
	if r.opt.Offline {
		return "", about(ref, failure(ErrOffline, "", "the tags of %s are not asked for offline", repository))
	}
	tags, err := everywhere(ctx, r, repository, func(s *station, path string) ([]string, error) {
		return s.tags(ctx, path)
	})
	if err != nil {
		return "", r.named(ctx, ref, err)
	}
	best, err := r.search(ctx, repository, digest, tags)
	return best, r.named(ctx, ref, err)
}

func (r *Resolver) search(ctx context.Context, repository, digest string, tags []string) (string, error) {
	left := maxTries
	has := func(v version) (bool, error) {
		left--
		img, err := r.Resolve(ctx, repository+":"+v.tag)
		// A listed tag may be gone by now, or be nothing we can read.
		if isKind(err, ErrNotFound) || isKind(err, ErrBadAnswer) {
			return false, nil
		}
		return img.Digest == digest, err
	}
	plain, suffixed := candidates(tags)
	best := version{}
	// A quarter stays for the suffixes in case no plain version has the digest.
	reserve := 0
	if len(suffixed) > 0 {
		reserve = maxTries / 4
	}
	for _, v := range plain {
		if left <= reserve {
			break
		}
		ok, err := has(v)
		if err != nil {
			return "", err
		}
		if ok {
			best = v
			break
		}
	}
	for _, v := range suffixed {
		if left == 0 {
			break
		}
		if best.tag != "" && !v.within(best) {
			continue
		}
		ok, err := has(v)
		if err != nil {
			return "", err
		}
		if ok {
			return v.tag, nil
		}
	}
	return best.tag, nil
}

// tags lists the tags of a repository, as many as are looked at.
func (s *station) tags(ctx context.Context, repo string) ([]string, error) {
	var all []string
	next := s.url(repo + "/tags/list")
	next.RawQuery = "n=1000"
	seen := map[string]bool{}
	for range maxTagPages {
		if seen[next.String()] {
			return nil, failure(ErrBadAnswer, s.label, "its tag list leads back to a page it gave before")
		}
		seen[next.String()] = true
		page, link, err := s.tagPage(ctx, repo, next)
		if err != nil {
			return nil, err
		}
		for _, tag := range page {
			if len(all) == maxTags {
				return all, nil
			}
			if tagSyntax.MatchString(tag) {
				all = append(all, tag)
			}
		}
		if link == nil {
			break
		}
		next = link
	}
	return all, nil
}

func (s *station) tagPage(ctx context.Context, repo string, at *url.URL) ([]string, *url.URL, error) {
	resp, login, err := s.do(ctx, http.MethodGet, repo, at, "application/json")
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, s.refused(resp, login, "tag list of "+repo, repo)
	}
	data, err := s.read(ctx, resp)
	if err != nil {
		return nil, nil, err
	}
	var page struct {
		Tags []string `json:"tags"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return nil, nil, &Error{Kind: ErrBadAnswer, Host: s.label, Err: &reason{"its tag list is not valid JSON", err}}
	}
	link, err := s.nextPage(resp.Header.Get("Link"), at)
	return page.Tags, link, err
}

// nextPage reads a Link such as </v2/app/tags/list?last=3.1>; rel="next". It
// is nil where there is none.
func (s *station) nextPage(header string, at *url.URL) (*url.URL, error) {
	if header == "" {
		return nil, nil
	}
	target, opened := strings.CutPrefix(strings.TrimSpace(header), "<")
	target, _, closed := strings.Cut(target, ">")
	if !opened || !closed {
		return nil, failure(ErrBadAnswer, s.label, "the link to more tags cannot be read: %s", quote(header))
	}
	u, err := at.Parse(target)
	if err != nil {
		return nil, failure(ErrBadAnswer, s.label, "the link to more tags cannot be read: %s", quote(header))
	}
	// Some registries behind a proxy give http links; the rest of the link is
	// enough, but another host has no tags of ours.
	if u.Host != s.wire.host {
		return nil, failure(ErrBadAnswer, s.label, "the link to more tags leads to another host: %s", quote(u.Host))
	}
	u.Scheme, u.Fragment, u.User = s.wire.scheme, "", nil
	return u, nil
}
