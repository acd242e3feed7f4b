package debian

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Digest is the SHA-256 of the list of packages, in hexadecimal digits: the same for
// trees of the same package files.
func (t *Tree) Digest() string {
	lines := make([]string, 0, len(t.Packages))
	for _, p := range t.Packages {
		lines = append(lines, fmt.Sprintf("%s %s %s %s\n", p.Name, p.Version, p.Arch, p.SHA256))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

type spdxPackage struct {
	ID        string         `json:"SPDXID"`
	Name      string         `json:"name"`
	Version   string         `json:"versionInfo"`
	File      string         `json:"packageFileName"`
	Location  string         `json:"downloadLocation"`
	Analyzed  bool           `json:"filesAnalyzed"`
	Source    string         `json:"sourceInfo,omitempty"`
	Concluded string         `json:"licenseConcluded"`
	Declared  string         `json:"licenseDeclared"`
	Copyright string         `json:"copyrightText"`
	Supplier  string         `json:"supplier"`
	Checksums []spdxChecksum `json:"checksums"`
	Refs      []spdxRef      `json:"externalRefs"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxRelation struct {
	From string `json:"spdxElementId"`
	Type string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

var notInID = regexp.MustCompile(`[^a-zA-Z0-9.-]`)

// SBOM is the list of packages as an SPDX 2.3 document in JSON. It names no mirror:
// where a package was fetched says nothing of what it is.
func (t *Tree) SBOM() ([]byte, error) {
	packages := slices.SortedFunc(slices.Values(t.Packages), func(x, y Placed) int { return cmp.Compare(x.Name, y.Name) })
	var list []spdxPackage
	var relations []spdxRelation
	for _, p := range packages {
		source := cmp.Or(p.Source, p.Name)
		id := "SPDXRef-Package-deb-" + notInID.ReplaceAllStringFunc(p.Name, func(s string) string { return fmt.Sprintf("-x%x-", s) })
		list = append(list, spdxPackage{
			ID: id, Name: p.Name, Version: p.Version, File: p.filename, Location: "NOASSERTION",
			Source: "built from the source package " + source, Concluded: "NOASSERTION", Declared: "NOASSERTION", Copyright: "NOASSERTION",
			Supplier: "Organization: Debian", Checksums: []spdxChecksum{{"SHA256", p.SHA256}},
			Refs: []spdxRef{{"PACKAGE-MANAGER", "purl", t.purl(p)}},
		})
		relations = append(relations, spdxRelation{"SPDXRef-DOCUMENT", "DESCRIBES", id})
	}
	name := fmt.Sprintf("debian %s, %s", t.Suite, t.Arch)
	return json.Marshal(map[string]any{
		"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
		"documentNamespace": "https://spdx.org/spdxdocs/restow-" + t.Digest(),
		"creationInfo":      map[string]any{"created": t.Date.Format(time.RFC3339), "creators": []string{"Tool: restow"}},
		"packages":          list, "relationships": relations,
	})
}

// purl is the package URL (purl specification, type deb).
func (t *Tree) purl(p Placed) string {
	distro := t.Suite
	if v := t.Releases[0].Version; v != "" {
		distro, _, _ = strings.Cut(v, ".")
	}
	return fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s&distro=debian-%s", escape(p.Name), escape(p.Version), p.Arch, distro)
}

func escape(s string) string { return strings.ReplaceAll(s, "+", "%2B") }
