package install_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/command"
	"github.com/restow/restow/rewrite/install"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/shell"
)

// needsOf is what a command line needs in a context of the given files.
func needsOf(t testing.TB, line string, files map[string]string) (install.Needs, bool) {
	t.Helper()
	tree := fstest.MapFS{}
	for name, data := range files {
		tree[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
	}
	context, err := project.New(tree, "")
	if err != nil {
		t.Fatal(err)
	}
	script, err := shell.Read(line, shell.POSIX)
	if err != nil {
		t.Fatal(err)
	}
	return install.Of(install.Site{Tree: context, Root: ".", At: "/app", Dir: "/app", Text: line}, script.Commands[0], command.Of(script.Commands[0]))
}

// fuzzManifest gives one file any content: nothing panics, the file is read, and
// what is said to be read is there.
func fuzzManifest(f *testing.F, line, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		files := map[string]string{name: data, "other.txt": "", "sub/pom.xml": "<project/>", "src/main.rs": "", "lib/lib.csproj": "<Project/>"}
		n, ok := needsOf(t, line, files)
		if !ok {
			return
		}
		found := false
		for _, r := range n.Reads {
			found = found || r == name || r == "."
			there := r == "."
			for file := range files {
				there = there || file == r || strings.HasPrefix(file, r+"/")
			}
			if !there {
				t.Errorf("%q is read and not there", r)
			}
		}
		if !found {
			t.Errorf("%s is not read: %v", name, n)
		}
	})
}

func FuzzRequirements(f *testing.F) {
	fuzzManifest(f, "pip install -r requirements.txt", "requirements.txt",
		"flask==1 \\\n --hash=sha256:0\n-r other.txt\n-e .\n", "\xff\xfe-\x00r\x00 \x00a\x00", "--find-links=sub\n./src\n${A}/b\nx @ file:///app/other.txt\n")
}

func FuzzPyproject(f *testing.F) {
	fuzzManifest(f, "uv sync", "pyproject.toml", "[project]\nname='a'\n[tool.uv.workspace]\nmembers=['*','**/x']\n[tool.uv.sources]\na={path='sub'}\n[build-system]\n")
}

func FuzzCargo(f *testing.F) {
	fuzzManifest(f, "cargo build", "Cargo.toml", "[workspace]\nmembers=['*']\n[package]\nname='a'\n[dependencies]\nb={path='sub'}\n[[bin]]\nname='x'\n")
}

func FuzzGoMod(f *testing.F) {
	fuzzManifest(f, "go mod download", "go.mod", "module a\nrequire b v1.0.0\nreplace b => ./sub\n")
}

func FuzzPom(f *testing.F) {
	fuzzManifest(f, "mvn package", "pom.xml", "<project><modules><module>sub</module></modules><parent><relativePath>sub</relativePath></parent></project>")
}

func FuzzGradle(f *testing.F) {
	fuzzManifest(f, "gradle build", "settings.gradle", "include 'a', \"b:c\"\nincludeBuild('sub')\nproject(':a').projectDir = file('src')\napply from: \"$rootDir/other.txt\"\n")
}

func FuzzMSBuild(f *testing.F) {
	fuzzManifest(f, "dotnet restore app.csproj", "app.csproj",
		`<Project><PropertyGroup><A>$(MSBuildThisFileDirectory)</A></PropertyGroup><Import Project="$([MSBuild]::GetPathOfFileAbove('a.props', '$(A)'))"/><ItemGroup><ProjectReference Include="lib\lib.csproj;$(A)lib/lib.csproj"/></ItemGroup></Project>`)
}

func FuzzSolution(f *testing.F) {
	fuzzManifest(f, "dotnet restore app.sln", "app.sln", "Project(\"{9A19103F-16F7-4668-BE54-9A1E7A4F7556}\") = \"lib\", \"lib\\lib.csproj\", \"{0}\"\nEndProject\n")
}

// TestManifestBounds: files that are made to take long come to an end.
func TestManifestBounds(t *testing.T) {
	deep := map[string]string{"requirements.txt": "-r r/0.txt\n"}
	for i := range 100 {
		deep[fmt.Sprintf("r/%d.txt", i)] = fmt.Sprintf("-r %d.txt\n", i+1)
	}
	for name, tt := range map[string]struct {
		line  string
		files map[string]string
		want  string
	}{
		"requirements in circles": {"pip install -r requirements.txt", map[string]string{"requirements.txt": "-r requirements.txt"}, ""},
		"deep requirements":       {"pip install -r requirements.txt", deep, "include each other"},
		"many requirements":       {"pip install -r requirements.txt", map[string]string{"requirements.txt": strings.Repeat("a\n", 2_000_000)}, "its length"},
		"keys of many parts":      {"uv sync", map[string]string{"pyproject.toml": strings.Repeat("a.", 5_000_000) + "a=1"}, "cannot be read as TOML"},
		"nested arrays":           {"cargo build", map[string]string{"Cargo.toml": "a=" + strings.Repeat("[", 900_000)}, "cannot be read as TOML"},
		"patterns of patterns":    {"cargo build", map[string]string{"Cargo.toml": "[workspace]\nmembers=['" + strings.Repeat("**/", 500) + "x']", "a/b/c/d/e/f/g/h/i/j/k": ""}, "too many folders"},
		"deep XML":                {"mvn package", map[string]string{"pom.xml": strings.Repeat("<a>", 1_000_000)}, "cannot be read as XML"},
		"text in pieces":          {"mvn package", map[string]string{"pom.xml": "<project><a>" + strings.Repeat("x<!-- -->", 1_000_000) + "</a></project>"}, ""},
		"entities that grow":      {"mvn package", map[string]string{"pom.xml": `<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><project>&b;</project>`}, "cannot be read as XML"},
		"modules in circles":      {"mvn package", map[string]string{"pom.xml": "<project><modules><module>.</module></modules></project>"}, ""},
		"properties that grow": {"dotnet restore", map[string]string{
			"a.csproj": "<Project><PropertyGroup>" + strings.Repeat("<A>$(A)$(A)x</A>", 10_000) + `</PropertyGroup><ItemGroup><ProjectReference Include="$(A)"/></ItemGroup></Project>`,
		}, "only MSBuild resolves"},
		"imports in circles":  {"dotnet restore a.csproj", map[string]string{"a.csproj": `<Project><Import Project="b.props"/></Project>`, "b.props": `<Project><Import Project="b.props"/></Project>`}, "imports more than"},
		"projects in circles": {"dotnet restore a.csproj", map[string]string{"a.csproj": `<Project><ItemGroup><ProjectReference Include="a.csproj"/></ItemGroup></Project>`}, ""},
		"a long script":       {"gradle build", map[string]string{"settings.gradle": strings.Repeat("include 'a'\n", 200_000)}, "longer than"},
		"many projects":       {"gradle build", map[string]string{"settings.gradle": "include " + strings.Repeat("'a:b:c:d:e',\n", 50_000) + "'x'"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, ok := needsOf(t, tt.line, tt.files)
			if !ok || !strings.Contains(n.Hazard, tt.want) || (tt.want == "") != (n.Hazard == "") {
				t.Errorf("hazard %q, want %q", n.Hazard, tt.want)
			}
		})
	}
}
