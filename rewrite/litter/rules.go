package litter

import "regexp"

// Group is what an entry is to the build.
type Group string

// The groups, in the order in which they are told.
const (
	History      Group = "version control"
	Dependencies Group = "installed dependencies"
	Outputs      Group = "build output"
	Caches       Group = "caches of tools"
	Editors      Group = "files of editors and systems"
	Environment  Group = "local environment"
	Secret       Group = "secret" // see Secrets
)

// Groups are all of them but secrets.
var Groups = []Group{History, Dependencies, Outputs, Caches, Editors, Environment}

// rule says by which marks something in a context is known for what it is.
type rule struct {
	group Group
	names []string // of the entry, as path.Match has them
	file  bool     // it is a file; otherwise a folder
	both  bool     // it may be either
	// beside are names of which one stands in the same folder, holds one that stands
	// in the entry itself.
	beside []string
	holds  string
	only   []string // what the entry holds at the top, and nothing else
	git    bool     // git must ignore it as well: the name alone says too little
	notGit bool     // it is kept where git does not ignore it though there is a .gitignore
	// anywhere: the name means the same in every folder, so that one pattern stands
	// for all there are.
	anywhere bool
	// made is the command that makes it anew in the build. A rule with one counts
	// only where the Dockerfile runs it.
	made *regexp.Regexp
	// named is the command that makes it under the name that it has, for what
	// another command of made may put elsewhere.
	named *regexp.Regexp
}

// command is an expression for programs in the place of a command, with what
// follows on its line.
func command(programs string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)(?:^|[;&|(]|\b(?:then|do|else|sudo|time|exec|env)\s)\s*(?:[A-Za-z_]\w*=\S*\s+)*(?:[\w./-]*/)?(?:` + programs + `)(?:\s|$|[;&|)])`)
}

// Where the names come from: git's gitrepository-layout(5); npm's folders(5) and
// the install commands of npm, yarn, pnpm and bun; venv's pyvenv.cfg (PEP 405);
// Cargo's target directory (The Cargo Book, Build Cache); Maven's standard
// directory layout; MSBuild's OutputPath and BaseIntermediateOutputPath; Gradle's
// project cache directory; PEP 3147 for __pycache__; the tools' own pages for
// their caches.
var rules = []rule{
	{group: History, names: []string{".git", ".hg", ".svn", ".bzr"}, both: true},
	{
		group: Dependencies, names: []string{"node_modules"}, beside: []string{"package.json"},
		made: command(`npm\s+(?:--?\S+\s+(?:[^\s-]\S*\s+)??)*(?:ci|i|install|clean-install)|yarn\s+(?:install|--\S+|workspaces\s+focus.*)|yarn\s*(?:$|[;&|)])|pnpm\s+(?:--?\S+\s+)*(?:i|install|deploy)|bun\s+(?:i|install)`),
	},
	{
		group: Dependencies, names: []string{".venv", "venv", "env"}, holds: "pyvenv.cfg",
		made:  command(`pip3?(?:\.\d+)?\s.*install|python[\d.]*\s+-m\s+(?:pip|venv).*|uv\s.*(?:sync|install|venv).*|poetry\s.*install.*|pipenv\s.*(?:install|sync).*|pdm\s.*(?:install|sync).*|virtualenv.*|conda\s.*(?:install|create).*`),
		named: command(`python[\d.]*\s+-m\s+venv.*|uv\s+(?:sync|venv).*|poetry\s.*install.*|pipenv\s.*(?:install|sync).*|pdm\s.*(?:install|sync).*|virtualenv.*`),
	},
	{group: Outputs, names: []string{"target"}, beside: []string{"Cargo.toml"}, made: command(`cargo\s+(?:\+\S+\s+)?(?:--?\S+\s+)*(?:build|install|b|rustc|chef|auditable|zigbuild).*`)},
	{group: Outputs, names: []string{"target"}, beside: []string{"pom.xml"}, made: command(`(?:mvn|mvnw)\s.*(?:package|install|verify|deploy|compile).*`)},
	{
		group: Outputs, names: []string{"bin"}, beside: []string{"*.csproj", "*.fsproj", "*.vbproj"}, only: []string{"Debug", "Release"},
		made: command(`dotnet\s+(?:build|publish|pack|msbuild).*`),
	},
	{
		group: Outputs, names: []string{"obj"}, beside: []string{"*.csproj", "*.fsproj", "*.vbproj"},
		made: command(`dotnet\s+(?:restore|build|publish|pack|msbuild).*`),
	},
	{
		group: Outputs, names: []string{"dist", "build", "out", ".next", ".nuxt", ".output", ".svelte-kit"}, beside: []string{"package.json"}, git: true,
		made: command(`(?:npm|pnpm|bun|yarn)\s.*build.*|(?:npx\s+)?(?:next|nuxt|vite|ng|tsc|webpack)(?:\s+build)?.*`),
	},
	{
		group: Outputs, names: []string{"build"}, beside: []string{"build.gradle", "build.gradle.kts"}, git: true,
		made: command(`(?:gradle|gradlew)\s.*`),
	},
	{group: Caches, names: []string{".gradle"}, beside: []string{"build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"}},
	{group: Caches, names: []string{"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}, anywhere: true},
	{group: Caches, names: []string{".tox", ".nox"}, beside: []string{"tox.ini", "noxfile.py", "pyproject.toml", "setup.cfg"}},
	{group: Editors, names: []string{".idea", ".vscode", ".vs"}},
	{group: Editors, names: []string{".DS_Store", "Thumbs.db"}, file: true, anywhere: true},
	{group: Environment, names: []string{".env"}, file: true, notGit: true},
	{group: Environment, names: []string{".env.local", ".env.*.local"}, file: true},
}

// spared are folders below which everything is kept: what stands there is data of
// tests or somebody else's.
var spared = map[string]bool{
	"testdata": true, "fixtures": true, "__fixtures__": true, "vendor": true, "third_party": true,
	"node_modules": true, "site-packages": true,
}
