package pin

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"regexp"
	"strings"
)

// The manifests that a reference may lead to.
const (
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
)

const acceptManifests = ociIndex + ", " + dockerList + ", " + ociManifest + ", " + dockerManifest

// schema1Prefix begins the media types, signed and not, of what came before.
const schema1Prefix = "application/vnd.docker.distribution.manifest.v1+"

var digestSyntax = regexp.MustCompile(`^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$`)

func isManifestType(mediaType string) bool {
	switch mediaType {
	case ociIndex, dockerList, ociManifest, dockerManifest:
		return true
	}
	return false
}

// mediaType is a Content-Type without its parameters.
func mediaType(header string) string {
	t, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return t
}

// digestLike hashes the bytes by the algorithm of another digest, sha256 by default.
func digestLike(digest string, data []byte) string {
	if strings.HasPrefix(digest, "sha512:") {
		sum := sha512.Sum512(data)
		return "sha512:" + hex.EncodeToString(sum[:])
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// document is as much of a manifest as tells what it is.
type document struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     string          `json:"mediaType"`
	Config        json.RawMessage `json:"config"`
	Manifests     *[]struct {
		Digest   string `json:"digest"`
		Platform *struct {
			OS           string `json:"os"`
			Architecture string `json:"architecture"`
			Variant      string `json:"variant"`
		} `json:"platform"`
	} `json:"manifests"`
}

// readDocument finds out what a manifest is. Its own word goes before the
// Content-Type, which many registries get wrong and no digest covers.
func readDocument(data []byte, contentType string) (document, string, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return d, "", &reason{"its manifest is not valid JSON (Content-Type " + quote(contentType) + ")", err}
	}
	said := mediaType(contentType)
	if d.SchemaVersion == 1 || strings.HasPrefix(d.MediaType, schema1Prefix) || strings.HasPrefix(said, schema1Prefix) {
		return d, "", fmt.Errorf("it has only a schema 1 manifest, which no current builder can use")
	}
	if d.SchemaVersion != 2 {
		return d, "", fmt.Errorf("its answer is not a manifest (Content-Type %s)", quote(contentType))
	}
	switch {
	case isManifestType(d.MediaType):
		return d, d.MediaType, nil
	case d.MediaType != "":
		return d, "", fmt.Errorf("it has a manifest of type %s, which is not an image", quote(d.MediaType))
	case isManifestType(said):
		return d, said, nil
	case d.Manifests != nil:
		return d, ociIndex, nil
	case len(d.Config) > 0:
		return d, ociManifest, nil
	}
	return d, "", fmt.Errorf("its answer is not a manifest (Content-Type %s)", quote(contentType))
}
