package project

import (
	"path"
	"strings"
)

// What is assumed of builds where no history tells: in how many of 100 something of
// the kind has changed since the build before. The numbers are the order of
// magnitude that applications with a history show: dependencies are updated once in
// some tens of commits, and almost every commit changes a source.
const (
	assumedBuilds  = 100
	lockBuilds     = 2  // lock files
	manifestBuilds = 5  // what names dependencies: package.json, go.mod, requirements.txt
	configBuilds   = 5  // settings of tools and servers, entry points, Dockerfiles
	otherBuilds    = 20 // texts, images, data
	sourceBuilds   = 80 // sources, and folders of which nothing is known
	wholeBuilds    = 95 // the whole context, where it holds sources
)

// upTo are the first n builds. The rarer changes fall in the same builds as the
// more frequent ones, so that of several files the one that changes most decides.
var upTo = func() (all [assumedBuilds + 1][]int32) {
	for n := range all {
		for c := range n {
			all[n] = append(all[n], int32(c))
		}
	}
	return all
}()

// Assumed is what is assumed of a context that has no history, by the kinds of its
// files.
func Assumed(files *Files) *History {
	h := &History{commits: assumedBuilds, assumed: true}
	for _, f := range files.List {
		h.paths = append(h.paths, f.Path)
		h.touched = append(h.touched, upTo[builds(f.Path)])
	}
	return h
}

// kinds are names of files by what they are, as path.Match has them; the first
// that matches counts.
var kinds = []struct {
	builds int
	names  string
}{
	{lockBuilds, "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock poetry.lock uv.lock pdm.lock pylock.toml " +
		"Pipfile.lock go.sum go.work.sum Cargo.lock Gemfile.lock gems.locked composer.lock mix.lock packages.lock.json gradle.lockfile *.lock *.lockfile"},
	{manifestBuilds, "package.json pnpm-workspace.yaml lerna.json .npmrc .yarnrc .yarnrc.yml bower.json deno.json go.mod go.work Cargo.toml pom.xml " +
		"build.gradle build.gradle.kts settings.gradle settings.gradle.kts gradle.properties libs.versions.toml build.sbt pyproject.toml setup.py setup.cfg " +
		"*requirements*.txt *requirements*.in *constraints*.txt Pipfile environment.yml Gemfile gems.rb *.gemspec composer.json mix.exs rebar.config " +
		"*.csproj *.fsproj *.vbproj *.sln *.slnx Directory.*.props Directory.*.targets global.json [Nn]u[Gg]et.[Cc]onfig Package.swift Package.resolved pubspec.yaml"},
	{configBuilds, ".* Dockerfile* *.Dockerfile Containerfile* *compose*.yml *compose*.yaml Makefile CMakeLists.txt mvnw mvnw.cmd gradlew gradlew.bat gradle-wrapper.* " +
		"maven-wrapper.* *entrypoint* *.conf *.cfg *.ini *.toml *.env *.properties *.yml *.yaml tsconfig*.json jsconfig*.json *.config.js *.config.cjs " +
		"*.config.mjs *.config.ts angular.json nx.json turbo.json Procfile Caddyfile crontab"},
	{otherBuilds, "*.md *.rst *.txt *.adoc LICENSE* NOTICE* CHANGELOG* *.png *.jpg *.jpeg *.gif *.svg *.ico *.webp *.woff *.woff2 *.ttf *.eot *.mp3 *.mp4 *.pdf " +
		"*.csv *.tsv *.parquet *.db *.sqlite *.zip *.tar *.gz *.tgz *.bz2 *.xz *.jar *.war *.whl *.deb *.rpm *.pem *.crt *.cer *.key"},
}

var kindOf = func() (out []struct {
	builds int
	exact  map[string]bool
	match  []string
},
) {
	for _, k := range kinds {
		one := struct {
			builds int
			exact  map[string]bool
			match  []string
		}{k.builds, map[string]bool{}, nil}
		for name := range strings.FieldsSeq(k.names) {
			if isPattern(name) {
				one.match = append(one.match, name)
			} else {
				one.exact[name] = true
			}
		}
		out = append(out, one)
	}
	return out
}()

// builds is in how many of 100 builds a file of that name is assumed to have
// changed. For a pattern it is the kind of the files that it is there for:
// package*.json names the manifest and the lock file.
func builds(name string) int {
	if name == "" || name == "*" {
		return wholeBuilds
	}
	base := path.Base(name)
	pattern := isPattern(base)
	for _, k := range kindOf {
		if k.exact[base] {
			return k.builds
		}
	}
	if pattern {
		most := 0
		for _, k := range kindOf {
			for known := range k.exact {
				if ok, err := path.Match(base, known); ok && err == nil && k.builds > most {
					most = k.builds
				}
			}
		}
		if most > 0 && strings.Trim(base, "*.?") != "" && strings.TrimLeft(base, "*.") == base {
			return most
		}
	}
	for _, k := range kindOf {
		for _, m := range k.match {
			if ok, err := path.Match(m, base); ok && err == nil {
				return k.builds
			}
		}
	}
	return sourceBuilds
}
