package install

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	settingsScripts = []string{"settings.gradle", "settings.gradle.kts"}
	buildScripts    = []string{"build.gradle", "build.gradle.kts"}
)

// maxScriptBytes bounds a build script.
const maxScriptBytes = 1 << 20

// maxIncluded bounds how deep builds include each other.
const maxIncluded = 10

// gradleBuild reads the scripts of a build and of those that it includes.
type gradleBuild struct{ *line }

var (
	gradleComment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	gradleLine      = regexp.MustCompile(`(?m)(^|[\s;{}(])//.*$`)
	gradleString    = `(?:'([^'$\\\n]*)'|"([^"$\\\n]*)")`
	gradleLiteral   = regexp.MustCompile(gradleString)
	gradleFirst     = regexp.MustCompile(`^` + gradleString)
	gradleInclude   = regexp.MustCompile(`\b(include|includeFlat|includeBuild)\b[ \t]*(\(|)[ \t]*`)
	gradleMoved     = regexp.MustCompile(`\bprojectDir\b[ \t]*=`)
	gradleMovedTo   = regexp.MustCompile(`project\(\s*` + gradleString + `\s*\)\s*\.\s*projectDir\s*=\s*(?:new\s+File|file|File)\s*\(\s*(?:(?:settingsDir|rootDir|rootProject\.projectDir)\s*,\s*)?` + gradleString + `\s*\)`)
	gradleApply     = regexp.MustCompile(`\bfrom\b[ \t]*(?:=|:|\()[ \t]*(?:\(?[ \t]*)?(?:rootProject\.file|project\.file|file|rootProject)?[ \t]*\(?[ \t]*`)
	gradleRootDir   = regexp.MustCompile(`"(?:\$\{?(?:rootDir|rootProject\.projectDir|projectDir|project\.projectDir|settingsDir|rootProject\.rootDir)\}?)/([^"$\\\n]*)"`)
	gradleApplyLine = regexp.MustCompile(`(?m)\bapply\b(?:[^\n]*|\s*\{\s*)\bfrom\b[^\n]*$`)
	gradleCatalog   = regexp.MustCompile(`from\(\s*files\(\s*` + gradleString + `\s*\)\s*\)`)
	gradleFlat      = regexp.MustCompile(`\b(?:fileTree|files|dirs|flatDir)\b`)
	// What makes a script read or run what no list of files tells.
	gradleReads = regexp.MustCompile(`\b(readText|readLines|bufferedReader|newInputStream|inputStream|FileInputStream|withInputStream|withReader|eachLine|newReader|newDataInputStream|listFiles|eachFile|walk|walkTopDown|isFile|isDirectory|exists|execute|ProcessBuilder|exec|javaexec|providers\.exec|fileContents|getText|evaluate|JsonSlurper|ConfigSlurper|XmlSlurper|XmlParser|GroovyShell|File\.text|loadProperties)\b[ \t]*[({]|\.text\b|\.load\(|\bbuildFileName\b|\bgitVersion\b`)
	// A fat jar as everybody writes it: of what is in the archives.
	gradleFatJar = regexp.MustCompile(`\bit\.isDirectory\(\)\s*\?\s*it\s*:\s*(?:project\.)?zipTree\(it\)`)
	// Plugins that ask git for the version, and fail where there is no .git.
	gradleGit = regexp.MustCompile(`\bid\b[ \t]*\(?[ \t]*['"]((?:[\w.-]*[.-])?(?:git|gitversion|gitversioning|grgit|jgitver|axion|axion-release|nebula|release|semver|versioning|reckon)(?:[.-][\w.-]*)?)['"]`)
)

// build reads the scripts of a build whose root is a folder.
func (g *gradleBuild) build(root string, depth int) {
	if !g.first("build", root) {
		return
	}
	if depth > maxIncluded {
		g.hazard("builds include each other more than %d deep", maxIncluded)
		return
	}
	for _, name := range []string{"gradle.properties", "gradle/libs.versions.toml", "gradle/verification-metadata.xml", "gradle/gradle-daemon-jvm.properties", "gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile", "gradle/dependency-locks"} {
		g.has(path.Join(root, name))
	}
	if src := path.Join(root, "buildSrc"); g.has(src) {
		// Built and run before all else.
		g.scripts(src, root)
		g.makes(path.Join(src, "build"), path.Join(src, ".gradle"), path.Join(src, ".kotlin"))
	}
	g.makes(path.Join(root, ".gradle"), path.Join(root, ".kotlin"), path.Join(root, "build"))
	dirs := []string{root}
	for _, name := range settingsScripts {
		if script, ok := g.script(path.Join(root, name), root); ok {
			dirs = append(dirs, g.included(root, path.Join(root, name), script, depth)...)
			break
		}
	}
	for _, dir := range dirs {
		if !g.first("scripts", dir) {
			continue
		}
		if !g.scripts(dir, root) && dir != root && g.Tree.IsDir(dir) {
			g.hazard("the project in %s has no build script, and would have no folder", dir)
		}
	}
}

// scripts reads the build script of a project and its properties.
func (g *gradleBuild) scripts(dir, root string) (found bool) {
	for _, name := range buildScripts {
		if _, found = g.script(path.Join(dir, name), root); found {
			break
		}
	}
	if dir != root && path.Base(dir) != "buildSrc" {
		g.has(path.Join(dir, "gradle.properties"))
		g.has(path.Join(dir, "gradle.lockfile"))
	}
	return found
}

// included are the folders of the projects that a settings script includes.
func (g *gradleBuild) included(root, file, script string, depth int) (dirs []string) {
	moved := map[string]string{}
	for _, m := range gradleMovedTo.FindAllStringSubmatch(script, -1) {
		moved[strings.Trim(m[1]+m[2], ":")] = m[3] + m[4]
	}
	if len(gradleMoved.FindAllString(script, -1)) != len(moved) {
		g.hazard("%s says in code where projects lie", file)
	}
	for _, at := range gradleInclude.FindAllStringSubmatchIndex(script, -1) {
		kind := script[at[2]:at[3]]
		names, all := literals(script[at[1]:])
		if !all {
			if kind == "include" && strings.HasPrefix(script[at[1]:], "group") {
				continue
			}
			g.hazard("%s says in code which projects it includes", file)
		}
		for _, name := range names {
			if kind == "includeBuild" {
				if dir, ok := g.at(root, name); ok {
					g.needed(dir)
					g.build(dir, depth+1)
				} else {
					g.hazard("%s includes %s, which is outside of what was copied", file, name)
				}
				continue
			}
			dirs = append(dirs, g.projects(root, file, kind, name, moved)...)
		}
	}
	for _, m := range gradleCatalog.FindAllStringSubmatch(script, -1) {
		if at, ok := g.at(root, m[1]+m[2]); ok {
			g.needed(at)
		}
	}
	return dirs
}

// projects are the folders of a project path and of those above it: a:b is a/b.
func (g *gradleBuild) projects(root, file, kind, name string, moved map[string]string) (dirs []string) {
	name = strings.Trim(name, ":")
	parts := strings.Split(name, ":")
	for i := range parts {
		prefix := strings.Join(parts[:i+1], ":")
		where := strings.ReplaceAll(prefix, ":", "/")
		if kind == "includeFlat" {
			where = "../" + where
		}
		if to, ok := moved[prefix]; ok {
			where = to
		}
		dir, ok := g.at(root, where)
		if !ok {
			g.hazard("%s includes %s, which is outside of what was copied", file, name)
			return dirs
		}
		dirs = append(dirs, dir)
	}
	return dirs
}

// literals are the strings at the beginning of a text that commas separate. all
// is false where something else is among them, or there is none.
func literals(text string) (out []string, all bool) {
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		m := gradleFirst.FindStringIndex(text)
		if m == nil {
			return out, false
		}
		out = append(out, text[1:m[1]-1])
		text = strings.TrimLeft(text[m[1]:], " \t")
		rest, more := strings.CutPrefix(text, ",")
		if !more {
			return out, !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, ".")
		}
		text = rest
		if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), ")") {
			return out, true // Kotlin's comma behind the last
		}
	}
}

// script reads a script and notes the files that it applies. What it may read
// besides is a hazard.
func (g *gradleBuild) script(file, root string) (string, bool) {
	text, ok := g.text(file)
	if !ok {
		return "", false
	}
	if len(text) > maxScriptBytes {
		g.hazard("%s is longer than %d MB", file, maxScriptBytes>>20)
		return "", true
	}
	if !g.first("script", file) {
		return text, true
	}
	text = gradleLine.ReplaceAllString(gradleComment.ReplaceAllString(text, ""), "$1")
	text = gradleFatJar.ReplaceAllString(text, "")
	if m := gradleReads.FindString(text); m != "" {
		g.hazard("%s uses %s: what it reads is not known", file, strings.TrimRight(strings.TrimSpace(m), "({ \t"))
	}
	if m := gradleGit.FindStringSubmatch(text); m != nil && m[1] != "com.gorylenko.gradle-git-properties" {
		g.hazard("%s uses the plugin %s, which may read .git", file, m[1])
	}
	for _, line := range gradleApplyLine.FindAllString(text, -1) {
		at := gradleApply.FindStringIndex(line)
		if at == nil {
			g.hazard("%s says in code which script it applies", file)
			continue
		}
		rest := line[at[1]:]
		name, dir := "", path.Dir(file)
		if m := gradleRootDir.FindStringSubmatch(rest); m != nil && strings.HasPrefix(rest, m[0]) {
			name, dir = m[1], root
			if strings.Contains(m[0], "rojectDir") && !strings.Contains(m[0], "rootProject") {
				dir = path.Dir(file)
			}
		} else if names, all := literals(rest); all {
			name = names[0]
			if strings.Contains(line, "rootProject.file") {
				dir = root
			}
		}
		if strings.Contains(name, "://") {
			continue
		}
		applied, ok := g.at(dir, name)
		if name == "" || !ok {
			g.hazard("%s says in code which script it applies", file)
			continue
		}
		g.needed(applied)
		g.script(applied, root)
	}
	g.folders(file, text)
	return text, true
}

// folders notes folders of archives that are dependencies: files('libs/a.jar'),
// fileTree(dir: 'libs'), flatDir { dirs 'libs' }. Patterns within do not matter.
func (g *gradleBuild) folders(file, text string) {
	for _, at := range gradleFlat.FindAllStringIndex(text, -1) {
		end := strings.IndexByte(text[at[1]:], '\n')
		if end < 0 {
			end = len(text) - at[1]
		}
		for _, m := range gradleLiteral.FindAllStringSubmatch(text[at[1]:at[1]+end], 20) {
			name := m[1] + m[2]
			if name == "" || strings.ContainsAny(name, "*:") || slices.Contains([]string{"src", "build"}, strings.Split(name, "/")[0]) {
				continue
			}
			if at, ok := g.at(path.Dir(file), name); ok && g.Tree.Has(at) {
				g.has(at)
			}
		}
	}
}
