package cost

import (
	"slices"
	"strings"

	"github.com/restow/restow/rewrite/command"
)

// The estimates, in seconds, on a machine of four cores with a registry or mirror
// at 50 Mbit/s. They are orders of magnitude of medium-sized applications: what
// counts is that an install of dependencies is some hundred times a copy, and a
// build some times more than that. A build that was measured replaces them.
const (
	startSeconds   = 0.3  // a container is started, and its changes become a layer
	copySeconds    = 0.3  // COPY and ADD of files
	fetchSeconds   = 5.0  // ADD of an address or a repository
	workdirSeconds = 0.05 // WORKDIR
	plainSeconds   = 0.05 // a command that only handles files or text: mkdir, rm, echo
	networkSeconds = 3.0  // any other that may fetch something
	managerSeconds = 2.0  // a package manager, with a verb that is not in the table
	unknownSeconds = 5.0  // a program that is not known: most are scripts of the project
	smallSeconds   = 0.5  // what is below has no name in reports
	maxCounted     = 40   // packages that add to the time of an install
)

// estimate is the time of a command.
type estimate struct {
	verb    string // of command.Meaning; "" for any
	words   string // one of these stands among the words; "" for any. One ending in * begins so
	seconds float64
	each    float64 // for each package that is named
	what    string  // in words; "" for program and verb
}

func (e estimate) matches(m command.Meaning, words []string) bool {
	if e.verb != "" && e.verb != m.Verb {
		return false
	}
	return e.words == "" || slices.ContainsFunc(words, func(w string) bool {
		for want := range strings.FieldsSeq(e.words) {
			if begin, ok := strings.CutSuffix(want, "*"); w == want || ok && strings.HasPrefix(w, begin) {
				return true
			}
		}
		return false
	})
}

// table has, by family of programs or name, what they take; the first that matches
// counts.
var table = map[string][]estimate{
	"apt": {
		{verb: "update", seconds: 4},
		{verb: "install", seconds: 5, each: 1},
		{verb: "upgrade", seconds: 20},
		{verb: "build-dep", seconds: 40},
		{verb: "download", seconds: 3},
		{seconds: 0.3},
	},
	"apk":    {{verb: "update", seconds: 1}, {verb: "install", seconds: 1.5, each: 0.4}, {verb: "upgrade", seconds: 5}, {seconds: 0.2}},
	"dnf":    {{verb: "install", seconds: 15, each: 1.5}, {verb: "upgrade", seconds: 40}, {verb: "update", seconds: 8}, {verb: "clean", seconds: 0.5}, {seconds: 1}},
	"zypper": {{verb: "install", seconds: 15, each: 1.5}, {verb: "upgrade", seconds: 40}, {seconds: 2}},
	"pacman": {{verb: "install", seconds: 8, each: 1}, {seconds: 2}},
	"npm": {
		{verb: "install", words: "-g --global", seconds: 5, each: 3},
		{verb: "install", seconds: 30, each: 1},
		{verb: "run", seconds: 25},
		{verb: "prune", seconds: 3},
		{verb: "test", seconds: 20},
		{verb: "clean", seconds: 0.3},
		{verb: "config", seconds: 0.5},
		{seconds: 5},
	},
	"yarn":     {{verb: "run", seconds: 25}, {verb: "install", seconds: 30, each: 1}, {verb: "clean", seconds: 0.3}, {verb: "config", seconds: 0.5}, {seconds: 30, what: "yarn install"}},
	"pnpm":     {{verb: "install", seconds: 20, each: 1}, {verb: "run", seconds: 25}, {verb: "prune", seconds: 3}, {seconds: 5}},
	"bun":      {{verb: "install", seconds: 8, each: 1}, {verb: "run", seconds: 15}, {seconds: 5}},
	"corepack": {{seconds: 2}},
	"pip": {
		{verb: "install", words: "-r --requirement -r* --requirement=*", seconds: 25, each: 3},
		{verb: "install", seconds: 5, each: 4},
		{verb: "wheel", seconds: 30},
		{verb: "download", seconds: 15},
		{seconds: 1},
	},
	"uv":     {{verb: "install", seconds: 8, each: 1}, {seconds: 2}},
	"poetry": {{verb: "install", seconds: 30}, {verb: "config", seconds: 0.5}, {seconds: 5}},
	"pipenv": {{verb: "install", seconds: 40}, {seconds: 5}},
	"pdm":    {{words: "install sync", seconds: 25, what: "pdm install"}, {seconds: 5}},
	"conda":  {{verb: "install", seconds: 60, each: 3}, {verb: "clean", seconds: 2}, {words: "create update", seconds: 90, what: "conda env"}, {seconds: 5}},
	"go": {
		{verb: "download", seconds: 15},
		{verb: "build", seconds: 30},
		{verb: "install", seconds: 30},
		{verb: "test", seconds: 30},
		{verb: "run", seconds: 10},
		{seconds: 2},
	},
	"cargo":  {{verb: "download", seconds: 10}, {verb: "build", seconds: 120}, {verb: "install", seconds: 120}, {verb: "test", seconds: 120}, {seconds: 3}},
	"rustup": {{verb: "install", seconds: 20}, {seconds: 2}},
	"mvn":    {{words: "dependency:* de.qaware.maven:*", seconds: 45, what: "mvn dependency:go-offline"}, {words: "-v --version", seconds: 1}, {seconds: 75, what: "mvn build"}},
	"gradle": {{words: "dependencies resolve* download*", seconds: 45, what: "gradle dependencies"}, {words: "-v --version", seconds: 3}, {seconds: 75, what: "gradle build"}},
	"jvm":    {{words: "update", seconds: 45}, {seconds: 75}},
	"bundle": {{verb: "install", seconds: 40}, {verb: "config", seconds: 0.5}, {words: "assets:precompile", seconds: 40, what: "assets:precompile"}, {seconds: 10}},
	"gem":    {{verb: "install", seconds: 3, each: 5}, {seconds: 2}},
	"composer": {
		{verb: "install", seconds: 25}, {verb: "build", seconds: 2}, {seconds: 5},
	},
	"dotnet": {{verb: "install", seconds: 20}, {verb: "build", seconds: 25}, {verb: "test", seconds: 30}, {seconds: 5}},
	"mix":    {{verb: "install", seconds: 15}, {words: "deps.compile", seconds: 40, what: "mix deps.compile"}, {verb: "run", seconds: 15}, {seconds: 3}},
	"other":  {{verb: "install", seconds: 30}, {seconds: 60}},

	"make": {{words: "install clean distclean", seconds: 3}, {seconds: 60}}, "gmake": {{seconds: 60}}, "ninja": {{seconds: 60}},
	"cmake": {{words: "--build", seconds: 60, what: "cmake --build"}, {words: "--install", seconds: 2}, {seconds: 8}},
	"meson": {{words: "compile", seconds: 40}, {seconds: 8}}, "configure": {{seconds: 20}}, "autoreconf": {{seconds: 10}},
	"bazel": {{seconds: 120}}, "bazelisk": {{seconds: 120}}, "goreleaser": {{seconds: 60}}, "task": {{seconds: 30}}, "just": {{seconds: 30}},
	"gcc": {{seconds: 3}}, "g++": {{seconds: 6}}, "cc": {{seconds: 3}}, "clang": {{seconds: 3}}, "rustc": {{seconds: 10}}, "javac": {{seconds: 5}}, "java": {{seconds: 10}},
	"jlink": {{seconds: 10}}, "tsc": {{seconds: 15}}, "webpack": {{seconds: 40}}, "vite": {{seconds: 20}}, "next": {{seconds: 60}}, "ng": {{seconds: 60}}, "nx": {{seconds: 60}},
	"esbuild": {{seconds: 2}}, "node": {{seconds: 3}}, "protoc": {{seconds: 2}}, "npx": {{seconds: 15}},
	"python": {{words: "collectstatic", seconds: 4}, {words: "setup.py", seconds: 20}, {seconds: 3}}, "php": {{seconds: 2}}, "ruby": {{seconds: 3}}, "Rscript": {{seconds: 90}}, "R": {{seconds: 90}},
	"curl": {{seconds: 2}}, "wget": {{seconds: 2}}, "git": {{verb: "clone", seconds: 8}, {verb: "fetch", seconds: 4}, {verb: "submodule", seconds: 8}, {seconds: 0.3}},
	"tar": {{seconds: 1.5}}, "unzip": {{seconds: 1.5}}, "docker-php-ext-install": {{seconds: 45}}, "pecl": {{seconds: 40}},
	"chown": {{words: "-R --recursive", seconds: 2, what: "chown -R"}, {seconds: plainSeconds}}, "chmod": {{words: "-R --recursive", seconds: 2, what: "chmod -R"}, {seconds: plainSeconds}},
	"strip": {{seconds: 0.5}}, "upx": {{seconds: 20}}, "sleep": {{seconds: 1}},
}

// aliases are programs that take as long as another.
var aliases = map[string]string{
	"python3": "python", "python2": "python", "pypy3": "python", "samu": "ninja", "ninja-build": "ninja", "cmake3": "cmake", "c++": "g++", "clang++": "g++",
	"bootstrap": "configure", "autogen.sh": "configure", "Configure": "configure", "config": "configure", "rails": "bundle", "rake": "bundle",
}

var tableOf = func() map[string][]estimate {
	out := map[string][]estimate{}
	for name, list := range table {
		out[name] = list
	}
	for name, as := range aliases {
		out[name] = table[as]
	}
	return out
}()
