package passes

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/restow/restow/rewrite/command"
)

var storeKinds = []*storeKind{
	{ // go.dev/ref/mod#module-cache, `go help cache`; the official image sets GOPATH
		name: "Go", programs: "go", vars: "GOPATH GOMODCACHE GOCACHE XDG_CACHE_HOME", where: goFolders,
		uses: goModules,
		cleans: func(in command.Meaning) bool {
			return in.Manager == "go" && in.Verb == "clean" && (in.Has("-cache") || in.Has("-modcache"))
		},
		refuses: func(r *cacheRun, _ cmd) string {
			if r.env["GOPROXY"].value == "off" || strings.Contains(r.Text, "GOPROXY=off") {
				return "GOPROXY=off keeps go from the network"
			}
			return ""
		},
	},
	{ // doc.rust-lang.org/cargo/guide/cargo-home.html: its lock stands beside the folders
		name: "Cargo", programs: "cargo", vars: "CARGO_HOME", where: cargoFolders,
		uses:   managed("cargo", "build", "install", "download", "mod"),
		cleans: func(command.Meaning) bool { return false },
		refuses: func(r *cacheRun, m cmd) string {
			if m.in.Has("--offline") || m.in.Has("--frozen") || r.env["CARGO_NET_OFFLINE"].by != "" {
				return "cargo does without network"
			}
			return ""
		},
	},
	{ // maven.apache.org/settings.html: localRepository
		name: "Maven", programs: "mvn mvnw", hands: "install",
		uses:   func(in command.Meaning) bool { return in.Manager == "mvn" && !in.Has("-v") && !in.Has("-h") },
		cleans: func(command.Meaning) bool { return false },
		where: func(_ *cacheRun, home string) ([]cacheMount, string) {
			return []cacheMount{{name: "maven", target: home + "/.m2/repository", sharing: "locked"}}, ""
		},
		refuses: func(r *cacheRun, m cmd) string {
			for i := range m.in.Roles {
				if strings.Contains(m.written(i), "maven.repo.local") {
					return "-Dmaven.repo.local puts the cache elsewhere"
				}
			}
			switch {
			case m.in.Has("-o"):
				return "mvn does without network"
			case strings.Contains(r.env["MAVEN_OPTS"].value+r.env["MAVEN_ARGS"].value, "repo.local"):
				return "MAVEN_OPTS puts the cache elsewhere"
			}
			return ""
		},
	},
	{ // docs.gradle.org/current/userguide/directory_layout.html
		name: "Gradle", programs: "gradle gradlew", vars: "GRADLE_USER_HOME", where: gradleFolders,
		uses:   func(in command.Meaning) bool { return in.Manager == "gradle" && !in.Has("-v") && !in.Has("-h") },
		cleans: func(command.Meaning) bool { return false },
		refuses: func(r *cacheRun, m cmd) string {
			switch {
			case m.in.Has("--offline"):
				return "gradle does without network"
			case m.in.Has("-g"), strings.Contains(r.Text, "gradle.user.home"):
				return "-g puts the cache elsewhere"
			}
			return ""
		},
	},
	{ // learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders
		name: "NuGet", programs: "dotnet", vars: "NUGET_PACKAGES",
		uses:   managed("dotnet", "install", "build"),
		cleans: func(in command.Meaning) bool { return in.Manager == "dotnet" && in.Verb == "clean" && in.Has("-c") },
		where: func(r *cacheRun, home string) ([]cacheMount, string) {
			return []cacheMount{{name: "nuget", target: r.folder("NUGET_PACKAGES", home+"/.nuget/packages"), sharing: "locked"}}, ""
		},
		refuses: func(r *cacheRun, m cmd) string {
			switch {
			case m.in.Has("--packages"):
				return "--packages puts the cache elsewhere"
			case m.in.Has("--no-build") && m.word(1) != "test" && !restores(r):
				return "--no-build keeps dotnet from restoring what the cache has lost"
			}
			return ""
		},
		edit: nugetRestore,
		final: func(users []*cacheRun) string {
			for _, u := range users {
				if strings.Contains(u.Text, "publish") {
					return ""
				}
			}
			return "what `dotnet build` makes runs with the packages of the cache"
		},
	},
}

// written is a word of the command, or its beginning where only the shell knows it.
func (m cmd) written(i int) string {
	w := m.Words[m.from+i]
	if w.Static {
		return w.Value
	}
	return w.Prefix
}

// goModules reports whether go reads modules, which not all of its commands do.
func goModules(in command.Meaning) bool {
	for _, role := range in.Roles {
		if role.Kind == command.Verb && wordSet("init edit use fmt")[role.Value] {
			return false
		}
	}
	return managed("go", "build", "install", "download", "mod", "run", "test")(in)
}

func goFolders(r *cacheRun, home string) ([]cacheMount, string) {
	if minor, ok := strings.CutPrefix(r.base.tag, "1."); ok && r.base.name == "golang" {
		digits := strings.FieldsFunc(minor, func(c rune) bool { return c < '0' || c > '9' })
		if len(digits) > 0 {
			if n, err := strconv.Atoi(digits[0]); err == nil && n < 11 {
				return nil, "" // it has no modules
			}
		}
	}
	gopath := r.folders(home)["GOPATH"]
	switch _, set := r.env["GOPATH"]; {
	case gopath != "" || set:
		gopath, _, _ = strings.Cut(gopath, ":")
	case r.base.distribution():
		gopath = home + "/go"
	}
	modules := r.folder("GOMODCACHE", path.Join(gopath, "pkg/mod"))
	if modules[0] != '/' {
		return nil, "the GOPATH of " + r.base.full + " is not known"
	}
	mounts := []cacheMount{{name: "go-mod", target: modules}}
	compiles := !slices.ContainsFunc(r.cmds, func(m cmd) bool { return m.in.Manager == "go" })
	for _, m := range r.cmds {
		compiles = compiles || m.in.Manager == "go" && (m.in.Verb == "build" || m.in.Verb == "install" || m.in.Verb == "run" || m.in.Verb == "test") || drivers[m.in.Program]
	}
	if compiles {
		mounts = append(mounts, cacheMount{name: "go-build", target: r.folder("GOCACHE", r.below(home, "go-build"))})
	}
	return mounts, ""
}

func cargoFolders(r *cacheRun, home string) ([]cacheMount, string) {
	dir := r.folders(home)["CARGO_HOME"]
	if dir == "" {
		if !r.base.distribution() {
			return nil, "the CARGO_HOME of " + r.base.full + " is not known"
		}
		dir = home + "/.cargo"
	}
	return []cacheMount{{name: "cargo-registry", target: dir + "/registry", sharing: "locked"}, {name: "cargo-git", target: dir + "/git/db", sharing: "locked"}}, ""
}

func gradleFolders(r *cacheRun, home string) ([]cacheMount, string) {
	otherwise := home + "/.gradle"
	if r.base.name == "gradle" && home == "/root" {
		otherwise = "/home/gradle/.gradle" // root's is a link to it
	}
	dir := r.folder("GRADLE_USER_HOME", otherwise)
	mounts := []cacheMount{{name: "gradle-caches", target: dir + "/caches", sharing: "locked"}}
	plain := slices.ContainsFunc(r.cmds, func(m cmd) bool { return m.in.Program == "gradle" })
	if !plain || slices.ContainsFunc(r.cmds, func(m cmd) bool { return m.in.Program == "gradlew" }) {
		mounts = append(mounts, cacheMount{name: "gradle-wrapper", target: dir + "/wrapper", sharing: "locked"})
	}
	return mounts, ""
}

func restores(r *cacheRun) bool {
	return slices.ContainsFunc(r.cmds, func(m cmd) bool { return m.in.Manager == "dotnet" && m.word(1) == "restore" })
}

// nugetRestore has each RUN restore for itself: a layer may be there when the
// cache is not.
func nugetRestore(p *cachePlan) {
	if restores(p.run) {
		return
	}
	for _, m := range p.run.cmds {
		if m.in.Manager != "dotnet" {
			continue
		}
		for i := m.from; i < len(m.Words); i++ {
			if m.value(i) != "--no-restore" {
				continue
			}
			edit, ok := p.run.removeOption(m.Words[i])
			if !ok {
				p.why = "--no-restore keeps dotnet from restoring what the cache has lost"
				return
			}
			p.edits = append(p.edits, edit)
			p.note("take away --no-restore")
		}
	}
}
