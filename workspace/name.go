package workspace

import (
	"path"
	"slices"
	"strings"
)

// tempPrefix begins the name of a file that Write has not yet put in place.
const tempPrefix = ".restow-"

var (
	dockerfileNames = []string{
		"Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "dockerfile",
		"Containerfile", "Containerfile.*", "containerfile",
	}
	leftoverNames = []string{
		"*.dockerignore", "*~", "*.swp", "*.orig", "*.rej", "*.bak", tempPrefix + "*",
	}
	composeNames = []string{
		"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
	}
	composeOverrides = []string{
		"compose.*.yaml", "compose.*.yml", "docker-compose.*.yaml", "docker-compose.*.yml",
	}
	bakeNames     = []string{"docker-bake.hcl", "docker-bake.json"}
	bakeOverrides = []string{"docker-bake.override.hcl", "docker-bake.override.json"}
)

func isDockerfile(name string) bool {
	return matches(dockerfileNames, name) && !isLeftover(name)
}

// isLeftover tells what an editor, a merge or a killed restow left behind, and
// the ignore file that goes with a Dockerfile.
func isLeftover(name string) bool { return matches(leftoverNames, name) }

func isCompose(name string) bool {
	return slices.Contains(composeNames, name) || matches(composeOverrides, name)
}

func isBake(name string) bool {
	return slices.Contains(bakeNames, name) || slices.Contains(bakeOverrides, name)
}

// isOverride tells a compose or bake file that is usually merged over another.
func isOverride(name string) bool {
	return matches(composeOverrides, name) || slices.Contains(bakeOverrides, name)
}

func isJSON(name string) bool { return strings.HasSuffix(name, ".json") }

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}
