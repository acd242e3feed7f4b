package host

import (
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	bundle       = "/etc/ssl/certs/ca-certificates.crt"
	bundleSource = "/usr/share/ca-certificates"
)

// Mirror is where Debian packages come from; Security may be empty.
type Mirror struct{ Main, Security string }

// FindMirror asks apt which mirror this machine uses, so that the lab reaches
// whatever the machine reaches.
func FindMirror(ctx context.Context) (Mirror, error) {
	m, err := findMirror(ctx)
	if err == nil && m.Main == "" {
		// apt names its sources only once it has their lists.
		if _, err := run(ctx, "apt-get", "update"); err != nil {
			return m, err
		}
		m, err = findMirror(ctx)
	}
	if err == nil && m.Main == "" {
		err = errors.New("apt on this machine has no http source of Debian packages")
	}
	return m, err
}

func findMirror(ctx context.Context) (Mirror, error) {
	out, err := run(ctx, "apt-get", "indextargets",
		"--format", "$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)", "Created-By: Packages")
	if err != nil {
		return Mirror{}, err
	}
	return parseMirror(string(out)), nil
}

func parseMirror(targets string) Mirror {
	var m Mirror
	for line := range strings.Lines(targets) {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[0] != "Debian" || fields[1] != "main" || !strings.HasPrefix(fields[3], "http") {
			continue
		}
		switch release := fields[2]; {
		case strings.HasSuffix(release, "-security"):
			m.Security = fields[3]
		case !strings.Contains(release, "-"): // nor updates nor backports
			m.Main = fields[3]
		}
	}
	return m
}

// sources is the file debian.sources of an official image, for this mirror.
func (m Mirror) sources(suite string) string {
	var b strings.Builder
	stanza := func(uri, suites string) {
		fmt.Fprintf(&b, "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n",
			strings.TrimSuffix(uri, "/"), suites, keyring)
	}
	stanza(m.Main, suite+" "+suite+"-updates")
	if m.Security != "" {
		b.WriteString("\n")
		stanza(m.Security, suite+"-security")
	}
	return b.String()
}

// machineFiles returns the files of an image that depend on this machine, by
// path: the package sources, and every certificate that the machine trusts and
// Debian's ca-certificates does not bring.
func machineFiles(m Mirror, suite string) (map[string][]byte, error) {
	files := map[string][]byte{
		"etc/apt/sources.list.d/debian.sources": []byte(m.sources(suite)),
		"usr/local/share/ca-certificates/":      nil,
	}
	trusted, err := os.ReadFile(bundle)
	if err != nil {
		return nil, err
	}
	shipped, err := shippedCertificates()
	if err != nil {
		return nil, err
	}
	for _, block := range certificates(trusted) {
		sum := sha256.Sum256(block.Bytes)
		if !shipped[sum] {
			files[fmt.Sprintf("usr/local/share/ca-certificates/lab-%x.crt", sum[:6])] = pem.EncodeToMemory(block)
		}
	}
	if strings.HasPrefix(m.Main, "https:") {
		// apt needs them before it can install ca-certificates.
		files[strings.TrimPrefix(bundle, "/")] = trusted
	}
	return files, nil
}

func shippedCertificates() (map[[sha256.Size]byte]bool, error) {
	shipped := map[[sha256.Size]byte]bool{}
	err := filepath.WalkDir(bundleSource, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, block := range certificates(data) {
			shipped[sha256.Sum256(block.Bytes)] = true
		}
		return err
	})
	return shipped, err
}

func certificates(data []byte) []*pem.Block {
	var blocks []*pem.Block
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return blocks
		}
		if block.Type == "CERTIFICATE" {
			blocks = append(blocks, block)
		}
		data = rest
	}
}

// writeFiles writes files below dir in a fixed order; a name that ends in a
// slash is a folder.
func writeFiles(dir string, files map[string][]byte) error {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
