package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// botFiles are where renovate and dependabot keep their configuration, from their
// documentation (renovate: configuration-options; dependabot: dependabot.yml).
var botFiles = []string{
	".github/dependabot.yml", ".github/dependabot.yaml",
	"renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5",
	".github/renovate.json", ".github/renovate.json5", ".gitlab/renovate.json", ".gitlab/renovate.json5",
}

var (
	dependabotDocker = regexp.MustCompile(`(?m)^[\s-]*["']?package-ecosystem["']?\s*:\s*["']?docker(-compose)?["']?\s*(#.*)?$`)
	renovateManagers = regexp.MustCompile(`(?s)["']?enabledManagers["']?\s*:\s*\[([^\]]*)\]`)
	renovateOff      = regexp.MustCompile(`(?s)["']?(dockerfile|docker)["']?\s*:\s*\{[^}]*["']?enabled["']?\s*:\s*false`)
)

// managedBy is the file of the repository around dir that has a bot keep the
// digests of Dockerfiles up to date, or "".
func managedBy(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		for _, name := range botFiles {
			text, ok := readStart(filepath.Join(dir, filepath.FromSlash(name)))
			switch {
			case !ok:
			case strings.Contains(name, "dependabot"):
				if dependabotDocker.MatchString(text) {
					return name
				}
			case renovateCaresFor(text):
				return name
			}
		}
		_, err := os.Lstat(filepath.Join(dir, ".git"))
		up := filepath.Dir(dir)
		if err == nil || up == dir {
			return ""
		}
		dir = up
	}
}

// renovateCaresFor reports whether renovate's dockerfile manager is on, as it is
// by default.
func renovateCaresFor(text string) bool {
	if m := renovateManagers.FindStringSubmatch(text); m != nil && !strings.Contains(m[1], "dockerfile") {
		return false
	}
	return !renovateOff.MatchString(text)
}

// readStart reads the first part of a regular file.
func readStart(path string) (string, bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	file, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 1<<20))
	return string(data), err == nil
}
