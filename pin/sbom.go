package pin

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// SBOM is the list of packages that is attached to an image.
type SBOM struct {
	Digest   string // of the document
	Packages []Component
}

// Component is a package of an SBOM.
type Component struct {
	Type    string // as package URLs have it: deb, apk, rpm, pypi, npm, golang, generic
	Name    string
	Version string
}

// Of are the names of the packages of some types, sorted, each once.
func (b *SBOM) Of(types ...string) []string {
	var out []string
	for _, c := range b.Packages {
		if slices.Contains(types, c.Type) {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const (
	// maxSBOM is how large the document may be, in bytes: those of full images list
	// every file.
	maxSBOM = 64 << 20
	// maxComponents is how many packages it may list.
	maxComponents = 100_000
	maxWord       = 300 // of a package's name or version, in bytes
)

// How BuildKit attaches attestations: a manifest in the index beside the image's,
// for the platform unknown/unknown, with one layer for each in-toto statement.
// https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
const (
	referenceType   = "vnd.docker.reference.type"
	referenceDigest = "vnd.docker.reference.digest"
	attestation     = "attestation-manifest"
	inToto          = "application/vnd.in-toto+json"
	predicateType   = "in-toto.io/predicate-type"
	spdxDocument    = "https://spdx.dev/Document"
)

// statement is as much of an in-toto statement about an SPDX document as is of use.
type statement struct {
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		SPDXVersion string `json:"spdxVersion"`
		Packages    []struct {
			Name         string `json:"name"`
			Version      string `json:"versionInfo"`
			ExternalRefs []struct {
				Type    string `json:"referenceType"`
				Locator string `json:"referenceLocator"`
			} `json:"externalRefs"`
		} `json:"packages"`
	} `json:"predicate"`
}

// sbom reads the SPDX document that an index attaches to an image; nil for none.
func (s *station) sbom(ctx context.Context, path, image string, all []descriptor) (*SBOM, error) {
	at := slices.IndexFunc(all, func(m descriptor) bool {
		return m.Annotations[referenceType] == attestation && m.Annotations[referenceDigest] == image
	})
	if at < 0 {
		return nil, nil
	}
	if !digestSyntax.MatchString(all[at].Digest) {
		return nil, s.bad("its index lists %s, which is not a digest", quote(all[at].Digest))
	}
	got, err := s.fetch(ctx, path, all[at].Digest)
	if err != nil {
		return nil, err
	}
	var m imageManifest
	if err := json.Unmarshal(got.data, &m); err != nil || len(m.Layers) > maxLayers {
		return nil, s.bad("the manifest of its attestations cannot be read")
	}
	for _, l := range m.Layers {
		if l.MediaType == inToto && l.Annotations[predicateType] == spdxDocument {
			return s.spdx(ctx, path, l)
		}
	}
	return nil, nil
}

func (s *station) spdx(ctx context.Context, path string, l descriptor) (*SBOM, error) {
	data, err := s.blob(ctx, path, l, maxSBOM)
	if err != nil {
		return nil, err
	}
	var st statement
	switch err := json.Unmarshal(data, &st); {
	case err != nil, st.PredicateType != spdxDocument:
		return nil, s.bad("its SBOM is not a statement about an SPDX document")
	case !strings.HasPrefix(st.Predicate.SPDXVersion, "SPDX-2."):
		return nil, s.bad("its SBOM is of the version %s, and only SPDX-2 is known", quote(st.Predicate.SPDXVersion))
	case len(st.Predicate.Packages) > maxComponents:
		return nil, s.bad("its SBOM lists more than %d packages", maxComponents)
	}
	out := &SBOM{Digest: l.Digest}
	for _, p := range st.Predicate.Packages {
		c := Component{Type: "generic", Name: p.Name, Version: p.Version}
		for _, ref := range p.ExternalRefs {
			if ref.Type == "purl" {
				c.read(ref.Locator)
				break
			}
		}
		// Names go to the terminal and into Dockerfiles.
		if isWord(c.Name) && (c.Version == "" || isWord(c.Version)) {
			out.Packages = append(out.Packages, c)
		}
	}
	return out, nil
}

// read takes type and name out of a package URL: pkg:deb/debian/libc6@2.36?arch=amd64.
// The scope of an npm package is part of its name, the vendor of a deb is not.
func (c *Component) read(purl string) {
	rest, ok := strings.CutPrefix(purl, "pkg:")
	if !ok {
		return
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	kind, rest, ok := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if !ok || kind == "" {
		return
	}
	// The version follows the last @: a scope's @ is written %40.
	if i := strings.LastIndex(rest, "@"); i > strings.LastIndex(rest, "/") {
		rest = rest[:i]
	}
	full, err := url.PathUnescape(rest)
	if err != nil || full == "" {
		return
	}
	c.Type = strings.ToLower(kind)
	switch c.Type {
	case "deb", "apk", "rpm":
		full = full[strings.LastIndex(full, "/")+1:]
	}
	c.Name = full
}

// isWord keeps out what is no word: names are shown and compared.
func isWord(word string) bool {
	if word == "" || len(word) > maxWord {
		return false
	}
	for _, r := range word {
		if r <= ' ' || r == 0x7f || r == 0xfffd || r >= 0x80 && r < 0xa0 {
			return false
		}
	}
	return true
}
