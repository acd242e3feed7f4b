package split

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// sources are the texts of the project that were copied into the stage.
type sources struct {
	texts  map[string]string // by path in the build context
	names  []string          // in the order of their places
	quoted map[string]bool   // names of files in the strings of the sources
	embeds []string          // patterns of what is compiled in
}

// limits of the sources that are read.
const (
	maxSource  = 2 << 20
	maxSources = 32 << 20
)

// sourceExt are the ends of source files' names, by ecosystem, and buildFiles what
// else only builds read.
var (
	sourceExt = map[string]string{
		"Go": ".go .s .S .c .h .cc .cpp", "Rust": ".rs", "C": ".c .h .cc .cpp .cxx .hpp .hh .hxx .o .a .in .am .ac .m4 .s .S .cmake .y .l .inc",
		"Java": ".java .kt .kts .scala .groovy", ".NET": ".cs .fs .vb .csproj .fsproj .vbproj .sln .slnx",
	}
	buildFiles = words(`go.mod go.sum go.work go.work.sum Cargo.toml Cargo.lock build.rs rust-toolchain rust-toolchain.toml rustfmt.toml clippy.toml Makefile makefile GNUmakefile
		CMakeLists.txt CMakePresets.json configure meson.build meson_options.txt pom.xml mvnw mvnw.cmd build.gradle settings.gradle gradlew gradlew.bat gradle.properties build.xml
		build.gradle.kts settings.gradle.kts Directory.Build.props global.json NuGet.config nuget.config
		Dockerfile .dockerignore .gitignore .gitattributes .gitmodules .editorconfig .golangci.yml .golangci.yaml .travis.yml .gitlab-ci.yml .pre-commit-config.yaml .restow.yaml
		.goreleaser.yml .goreleaser.yaml .clang-format .clang-tidy .air.toml docker-compose.yml docker-compose.yaml compose.yml compose.yaml docker-bake.hcl Jenkinsfile renovate.json
		README.md README README.rst README.txt README.adoc LICENSE LICENSE.md LICENSE.txt CONTRIBUTING.md CHANGELOG.md CODE_OF_CONDUCT.md SECURITY.md NOTICE AUTHORS CODEOWNERS`)
	buildFolders = words(`.git .github .gitlab .circleci .vscode .idea .cargo .mvn`)
)

// needless reports whether a file of the context is for builds, and for people who
// read it, and nothing that runs names it.
func (w *walk) needless(at, from string) bool {
	base := path.Base(from)
	for d := path.Dir(from); d != "."; d = path.Dir(d) {
		if buildFolders[path.Base(d)] {
			return true
		}
	}
	if inTemporary(at) {
		return true
	}
	if w.embedded(from) {
		return true
	}
	if w.project.whole {
		return false
	}
	if list, err := w.tree.List(path.Dir(from)); base == ".gitignore" && err == nil && len(list) == 1 {
		return false // it stands there for the folder's sake
	}
	if !buildFiles[base] && !strings.HasPrefix(base, "Dockerfile.") && !strings.HasSuffix(base, ".Dockerfile") && !w.isSource(from) {
		return false
	}
	return !w.named(base)
}

// isSource reports whether a file is of a language that is compiled here.
func (w *walk) isSource(from string) bool {
	ext := path.Ext(from)
	for _, eco := range w.ecos {
		if ext != "" && slices.Contains(strings.Fields(sourceExt[eco]), ext) {
			return true
		}
		if eco == "Go" && strings.Contains("/"+from, "/vendor/") && w.tree.Has("vendor/modules.txt") {
			return true
		}
		if eco == "Java" && strings.Contains("/"+from, "/src/main/resources/") {
			return true // Maven and Gradle put them into the archive
		}
		if eco == "Java" && strings.HasPrefix(from, "gradle/wrapper/") {
			return true
		}
	}
	return false
}

// named reports whether a text of the project that runs speaks of a file: a string of
// the sources, or a script.
func (w *walk) named(base string) bool {
	return w.text.quoted[base] || slices.ContainsFunc(w.scripts, func(s string) bool { return strings.Contains(s, base) })
}

// read reads the sources.
func (w *walk) read() {
	w.text = &sources{texts: map[string]string{}, quoted: map[string]bool{}}
	size := 0
	for _, p := range w.files.paths() {
		e := w.files.at[p]
		if e.from == "" || e.dir || !w.reads(e.from) {
			continue
		}
		data, err := w.tree.Read(e.from)
		if err != nil {
			refuse("%s cannot be read", e.from)
		}
		if size += len(data); len(data) > maxSource || size > maxSources {
			refuse("there are too many sources to look through")
		}
		if _, ok := w.text.texts[e.from]; !ok {
			w.text.names = append(w.text.names, e.from)
		}
		w.text.texts[e.from] = string(data)
		w.text.quote(e.from, string(data))
	}
	w.look()
}

// reads reports whether a file of the context is looked through.
func (w *walk) reads(from string) bool {
	base := path.Base(from)
	ext := path.Ext(from)
	switch {
	case strings.HasSuffix(from, "_test.go"), strings.Contains("/"+from, "/vendor/"), strings.Contains("/"+from, "/node_modules/"), strings.Contains("/"+from, "/testdata/"):
		return false
	case slices.Contains([]string{"pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml", "go.mod", "package.json", "CMakeLists.txt", "Makefile", "configure.ac", "meson.build"}, base):
		return true
	case slices.Contains(w.ecos, "Node.js") && slices.Contains([]string{".js", ".mjs", ".cjs", ".ts"}, ext):
		return true
	}
	return w.isSource(from) && ext != ".o" && ext != ".a" && !strings.Contains(from, "src/main/resources/")
}

// has reports whether a file of that name has one of the words.
func (s *sources) has(name string, any ...string) bool {
	return slices.ContainsFunc(s.names, func(n string) bool {
		return path.Base(n) == name && slices.ContainsFunc(any, func(word string) bool { return strings.Contains(s.texts[n], word) })
	})
}

// match reports whether a source matches, and gives its name.
func (s *sources) match(re *regexp.Regexp, exts string) (string, bool) {
	for _, n := range s.names {
		if slices.Contains(strings.Fields(exts), path.Ext(n)) && re.MatchString(s.texts[n]) {
			return n, true
		}
	}
	return "", false
}

var literal = regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`|'(?:[^'\\\\\n]|\\\\.)*'")

// quote notes the names of files in the strings of a source.
func (s *sources) quote(name, text string) {
	if !slices.Contains([]string{".go", ".rs", ".c", ".cc", ".cpp", ".h", ".hpp", ".java", ".kt", ".cs", ".js", ".ts", ".mjs"}, path.Ext(name)) {
		return
	}
	for line := range strings.Lines(text) {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "#include") || strings.HasPrefix(t, "import ") {
			continue
		}
		for _, q := range literal.FindAllString(line, -1) {
			for part := range strings.FieldsSeq(strings.Trim(q, "\"`'")) {
				if base := path.Base(part); base != "." && base != "/" {
					s.quoted[base] = true
				}
			}
		}
	}
}

// programs are calls of other programs, with the first word where it is a literal.
var programs = []struct {
	exts string
	only string // a word that the file has to have
	re   *regexp.Regexp
}{
	{".go", "", regexp.MustCompile("\\bexec\\.Command(?:Context)?\\(\\s*(?:[A-Za-z_][A-Za-z0-9_.]*(?:\\(\\))?\\s*,\\s*)?([\"`][^\"`\n]*[\"`])?")},
	{".go", "", regexp.MustCompile("\\b(?:syscall\\.Exec|os\\.StartProcess|syscall\\.ForkExec)\\(\\s*([\"`][^\"`\n]*[\"`])?")},
	{".rs", "process", regexp.MustCompile(`\bCommand::new\(\s*("[^"\n]*")?`)},
	{".c .cc .cpp .cxx .h .hpp", "", regexp.MustCompile(`(?:^|[^A-Za-z0-9_.>])(?:system|popen|execlp?|execle|execvp?|execvpe|posix_spawnp?)\s*\(\s*("[^"\n]*")?`)},
	{".java .kt", "", regexp.MustCompile(`(?:new ProcessBuilder|getRuntime\(\)\.exec)\(\s*("[^"\n]*")?`)},
	{".cs .fs", "", regexp.MustCompile(`(?:Process\.Start|new ProcessStartInfo)\(\s*("[^"\n]*")?`)},
	{".js .ts .mjs .cjs", "child_process", regexp.MustCompile("\\b(?:execSync|exec|spawnSync|spawn|execFileSync|execFile)\\(\\s*(['\"`][^'\"`\n]*['\"`])?")},
}

var (
	cImport   = regexp.MustCompile(`(?m)^import "C"|^\s+"C"$`)
	cgoFlags  = regexp.MustCompile(`(?m)^\s*(?://|\*)?\s*#cgo[^\n]*LDFLAGS:([^\n]*)`)
	cmakeLibs = regexp.MustCompile(`(?is)target_link_libraries\s*\(([^)]*)\)`)
	cmakeFind = regexp.MustCompile(`(?i)(?:find_package|pkg_check_modules|find_library|FetchContent_Declare|ExternalProject_Add)\s*\(\s*([A-Za-z0-9_]+)`)
)

// look takes what the sources tell of libraries and programs.
func (w *walk) look() {
	for _, n := range w.text.names {
		text := w.text.texts[n]
		ext := path.Ext(n)
		for _, p := range programs {
			if !slices.Contains(strings.Fields(p.exts), ext) || p.only != "" && !strings.Contains(text, p.only) {
				continue
			}
			for _, m := range p.re.FindAllStringSubmatch(text, -1) {
				w.calls(n, m[1])
			}
		}
		if loads.MatchString(text) {
			refuse("%s loads libraries when it runs", n)
		}
		if own.MatchString(text) {
			w.project.whole = true // it reads the folder that it runs in
		}
		switch {
		case ext == ".go":
			if cImport.MatchString(text) {
				w.project.native = true
				for _, m := range cgoFlags.FindAllStringSubmatch(text, -1) {
					w.flags(m[1])
				}
			}
		case path.Base(n) == "go.mod":
			for _, r := range runners {
				if strings.Contains(text, r) {
					refuse("%s, which it uses, runs other programs", r)
				}
			}
		case path.Base(n) == "Makefile":
			w.flags(text)
		case path.Base(n) == "CMakeLists.txt":
			w.cmake(n, text)
		case path.Base(n) == "configure.ac", path.Base(n) == "meson.build":
			if strings.Contains(text, "PKG_CHECK_MODULES") || strings.Contains(text, "dependency(") || strings.Contains(text, "AC_CHECK_LIB") {
				refuse("which libraries %s links is not known", n)
			}
		case slices.Contains([]string{".cpp", ".cc", ".cxx", ".hpp"}, ext):
			w.project.cxx = true
		}
		if slices.Contains([]string{".java", ".kt"}, ext) && (strings.Contains(text, "javax.tools") || strings.Contains(text, "com.sun.tools")) {
			refuse("%s uses the compiler of the JDK", n)
		}
	}
	if slices.Contains(w.ecos, "Rust") {
		w.crates()
	}
	if slices.Contains(w.ecos, "Node.js") {
		w.nodePackages()
	}
}

var (
	embed = regexp.MustCompile(`(?m)^//go:embed +(.+)$`)
	// opens are ways in which Go programs read files by themselves.
	opens = regexp.MustCompile(`\bos\.(Open|OpenFile|ReadFile|ReadDir|DirFS|Stat|OpenRoot)\b|\bioutil\.Read|\bhttp\.(Dir|ServeFile|FileServer)\b|\bParse(Files|Glob)\b|\bfilepath\.(Walk|WalkDir|Glob)\b|\bLoadHTML|\bStatic(File|FS)?\(|\bgodotenv\b|\bviper\b`)
)

// loads are ways to load a library by a name that is decided at run time.
var loads = regexp.MustCompile(`\bdlopen\s*\(|\bplugin\.Open\(|\blibloading::|\bLibrary::new\(|System\.load(?:Library)?\(`)

// own are ways to read the folder that a program is run in as a whole.
var own = regexp.MustCompile(`(?:http\.Dir|os\.DirFS|os\.ReadDir|filepath\.Walk(?:Dir)?|ioutil\.ReadDir|read_dir|opendir|readdir)\(\s*["` + "`" + `]\.?/?["` + "`" + `]`)
