package litter

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/project"
)

var (
	gitRuns = command(`git\s+(?:-\S+\s+\S+\s+)*[a-z-]+.*`)
	// gitHarmless are subcommands that need no repository around them.
	gitHarmless = regexp.MustCompile(`git\s+(?:-\S+\s+\S+\s+)*(?:clone|config\s+--(?:global|system)|ls-remote|init|lfs\s+install|--version|version)\b`)
	buildVCS    = regexp.MustCompile(`-buildvcs(?:=(?:true|auto|1))?(?:\s|$)`)
	// gitReaders are tools that take a version from the repository that they stand
	// in, by the names under which build files ask for them, and calls of git.
	gitReaders = regexp.MustCompile(`setuptools[_-]scm|hatch-vcs|versioneer|versioningit|dunamai|poetry-dynamic-versioning|["']pbr[\s"'>=<~]|pdm-backend[^\n]*scm|` +
		`source\s*=\s*"scm"|vergen|git2|git-version|built\s*=|gitversion|GitVersion|Nerdbank\.GitVersioning|MinVer|jgitver|git-commit-id|gradle-git-properties|axion-release|` +
		`git-rev-sync|git-describe|git-last-commit|git-revision|gitinfo|husky|` +
		`Command::new\("git"|(?:\bgit|%w\[git|["']git["'])[\s,"'()]+(?:describe|rev-parse|rev-list|log|show|ls-files|status|diff|branch|tag|symbolic-ref|submodule|archive)\b|\.git/(?:HEAD|refs|index|config)`)
)

// toolFiles are what builds are written in, as path.Match has the names.
var toolFiles = []string{
	"Makefile", "makefile", "GNUmakefile", "*.mk", "*.sh", "justfile", "Justfile", "Taskfile.yml", "Taskfile.yaml", "magefile.go",
	"setup.py", "setup.cfg", "pyproject.toml", "package.json", "*.gemspec", "Gemfile", "Rakefile",
	"Cargo.toml", "build.rs", "pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "mix.exs", "*.cabal",
	"*.csproj", "*.fsproj", "*.props", "*.targets", "CMakeLists.txt", "*.cmake", "meson.build", "configure.ac",
	"*.config.js", "*.config.mjs", "*.config.cjs", "*.config.ts", "gulpfile.js", "Gruntfile.js", "vue.config.js",
}

// Bounds of what is read of a build's own files.
const (
	maxTools    = 500
	maxToolSize = 1 << 20
)

// tools gives the files of the context that builds are written in, but for those
// of others. It is false where there are too many to read.
func tools(t *project.Tree) (names []string, all bool) {
	for _, f := range t.Files().List {
		if f.Type != 0 || !matches(toolFiles, path.Base(f.Path)) || f.Size > maxToolSize {
			continue
		}
		others := false
		for part := range strings.SplitSeq(path.Dir(f.Path), "/") {
			others = others || spared[part] || part == ".git"
		}
		if others {
			continue
		}
		if len(names) == maxTools {
			return names, false
		}
		names = append(names, f.Path)
	}
	return names, true
}

// readsHistory is why the build may need the repository that it stands in.
func (r *Reader) readsHistory(t *project.Tree) string {
	for i, in := range r.f.Instructions {
		if !isRun(in) {
			continue
		}
		script := r.text[i]
		for _, call := range gitRuns.FindAllString(script, -1) {
			if !gitHarmless.MatchString(call) {
				return fmt.Sprintf("%s runs git", r.f.Place(in.Lines.Start))
			}
		}
		if buildVCS.MatchString(script) {
			return fmt.Sprintf("%s asks for -buildvcs", r.f.Place(in.Lines.Start))
		}
	}
	names, all := tools(t)
	for _, name := range names {
		data, err := t.Read(name)
		if err != nil {
			continue
		}
		if m := gitReaders.Find(data); m != nil {
			return fmt.Sprintf("%s has %s, which reads the repository", name, strings.Trim(strings.Join(strings.Fields(string(m)), " "), ` "',`))
		}
	}
	if !all {
		return "the context has too many build files to see whether one reads it"
	}
	return ""
}

// namedInTools is which of a build's own files names an entry with a name that is
// no common word.
func (e *Entry) namedInTools(t *project.Tree) string {
	if e.Group != Environment && e.Group != Secret {
		return ""
	}
	names, _ := tools(t)
	for _, name := range names {
		data, err := t.Read(name)
		if err != nil {
			continue
		}
		if word, ok := e.mentioned(string(data)); ok {
			return fmt.Sprintf("%s names %s", name, word)
		}
	}
	return ""
}
