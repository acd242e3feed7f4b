package pin

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// found is a manifest that a registry has. doc and data are empty where only the
// head of the answer was needed.
type found struct {
	digest    string
	mediaType string
	doc       document
	data      []byte // the manifest itself, whose digest was checked
}

// resolve asks for the digest of a tag or for whether a digest exists: by HEAD
// if that tells all we need, else by the manifest itself.
func (s *station) resolve(ctx context.Context, repo, target string) (found, error) {
	what := describe(repo, target)
	resp, login, err := s.do(ctx, http.MethodHead, repo, s.manifest(repo, target), acceptManifests)
	if err != nil {
		return found{}, err
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return found{}, s.refused(resp, login, what, repo)
	}
	discard(resp)
	if got, ok := trusted(resp, target); ok {
		return got, nil
	}
	return s.fetch(ctx, repo, target)
}

// trusted reads the answer to a HEAD, if it holds together.
func trusted(resp *http.Response, target string) (found, bool) {
	got := found{digest: resp.Header.Get("Docker-Content-Digest"), mediaType: mediaType(resp.Header.Get("Content-Type"))}
	switch {
	case resp.StatusCode != http.StatusOK,
		!digestSyntax.MatchString(got.digest),
		!isManifestType(got.mediaType),
		resp.ContentLength <= 0 || resp.ContentLength > maxBody,
		digestSyntax.MatchString(target) && got.digest != target:
		return found{}, false
	}
	return got, true
}

// fetch reads the manifest and hashes its exact bytes.
func (s *station) fetch(ctx context.Context, repo, target string) (found, error) {
	what := describe(repo, target)
	resp, login, err := s.do(ctx, http.MethodGet, repo, s.manifest(repo, target), acceptManifests)
	if err != nil {
		return found{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return found{}, s.refused(resp, login, what, repo)
	}
	data, err := s.read(ctx, resp)
	if err != nil {
		return found{}, err
	}
	claimed := resp.Header.Get("Docker-Content-Digest")
	digest := digestLike(claimed, data)
	if claimed != "" && claimed != digest {
		return found{}, failure(ErrBadAnswer, s.label, "it claims the digest %s for %s, but the bytes have %s", quote(claimed), what, digest)
	}
	if digestSyntax.MatchString(target) && digestLike(target, data) != target {
		return found{}, failure(ErrBadAnswer, s.label, "it answers with other bytes for %s", what)
	}
	doc, kind, err := readDocument(data, resp.Header.Get("Content-Type"))
	if err != nil {
		return found{}, &Error{Kind: ErrBadAnswer, Host: s.label, Err: err}
	}
	return found{digest: digest, mediaType: kind, doc: doc, data: data}, nil
}

// read takes in a whole body, as much of it as may be: see [bodyLimit].
func (s *station) read(ctx context.Context, resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if limit := bodyLimit(ctx); resp.ContentLength > limit {
		return nil, tooLarge(s.label, limit)
	}
	data, err := io.ReadAll(resp.Body)
	if err == nil {
		return data, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, explain(s.label, err)
}

// exists tells whether a digest is there.
func (s *station) exists(ctx context.Context, repo, digest string) error {
	_, err := s.resolve(ctx, repo, digest)
	return err
}

func describe(repo, target string) string {
	if strings.Contains(target, ":") {
		return "digest " + target + " in " + repo
	}
	return "tag " + target + " in " + repo
}

func (s *station) manifest(repo, target string) *url.URL { return s.url(repo + "/manifests/" + target) }
