package build

import (
	"archive/tar"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// imageOf is an image of some files with a configuration.
func imageOf(t *testing.T, config string, files ...file) *image {
	t.Helper()
	img := &image{tree: treeOf(t, files)}
	if err := img.setConfig([]byte(config)); err != nil {
		t.Fatal(err)
	}
	return img
}

func lines(changes []Change) (out []string) {
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s %s %s%s", c.Kind, c.What, c.Path, map[Class]string{Volatile: " (volatile)"}[c.Class]))
	}
	return out
}

func TestCompareFiles(t *testing.T) {
	xattr := map[string]string{"SCHILY.xattr.security.capability": "\x01"}
	tests := []struct {
		name          string
		before, after []file
		want          []string
	}{
		{"same", []file{{name: "f", body: "x"}}, []file{{name: "./f", body: "x"}}, nil},
		{"content", []file{{name: "f", body: "x"}}, []file{{name: "f", body: "y"}}, []string{"file content /f"}},
		{"mode", []file{{name: "f", mode: 0o755}}, []file{{name: "f", mode: 0o4755}}, []string{"file mode /f"}},
		{"mode of a folder", []file{dir("d/")}, []file{{name: "d/", kind: tar.TypeDir, mode: 0o700}}, []string{"file mode /d"}},
		{"mode of a link", []file{{name: "l", kind: tar.TypeSymlink, link: "x", mode: 0o755}}, []file{{name: "l", kind: tar.TypeSymlink, link: "x", mode: 0o777}}, nil},
		{"owner", []file{{name: "f", uid: 1}}, []file{{name: "f", uid: 2}}, []string{"file owner /f"}},
		{"type", []file{{name: "f"}}, []file{dir("f/")}, []string{"file type /f"}},
		{"link", []file{symlink("l", "a")}, []file{symlink("l", "b")}, []string{"file link /l"}},
		{"xattr", []file{{name: "f"}}, []file{{name: "f", pax: xattr}}, []string{"file xattr /f"}},
		{"hard link or copy", []file{{name: "a", body: "x"}, {name: "b", kind: tar.TypeLink, link: "a"}}, []file{{name: "a", body: "x"}, {name: "b", body: "x"}}, nil},
		{"lost folder", []file{dir("d/"), {name: "d/a"}, {name: "d/b"}, {name: "e"}}, nil, []string{"file removed /d", "file removed /e"}},
		{"log", []file{{name: "var/log/x.log", body: "1"}}, []file{{name: "var/log/x.log", body: "2"}}, []string{"file content /var/log/x.log (volatile)"}},
		{"owner of a log", []file{{name: "var/log/x.log", uid: 1}}, []file{{name: "var/log/x.log", uid: 2}}, []string{"file owner /var/log/x.log"}},
		{"folder of logs", []file{dir("var/"), dir("var/log/"), dir("var/log/nginx/")}, []file{dir("var/"), dir("var/log/")}, []string{"file removed /var/log/nginx"}},
		{"pyc", []file{{name: "a/__pycache__/m.cpython-311.pyc", body: "1"}}, []file{{name: "a/__pycache__/m.cpython-311.pyc", body: "2"}}, []string{"file content /a/__pycache__/m.cpython-311.pyc (volatile)"}},
		{
			"packages in another order",
			[]file{{name: "var/lib/dpkg/status", body: "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n"}},
			[]file{{name: "var/lib/dpkg/status", body: "Package: b\nVersion: 2\n\nPackage: a\nVersion: 1\n"}},
			[]string{"file content /var/lib/dpkg/status (volatile)"},
		},
		{
			"other packages",
			[]file{{name: "var/lib/dpkg/status", body: "Package: a\nArchitecture: amd64\nVersion: 1\n\nPackage: b\nVersion: 2\n"}},
			[]file{{name: "var/lib/dpkg/status", body: "Package: a\nArchitecture: amd64\nVersion: 2\n\nPackage: c\nVersion: 2\n"}},
			[]string{"package value a:amd64", "package removed b:", "package added c:"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := lines(collapse(compareFiles(treeOf(t, tt.before), treeOf(t, tt.after))))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCompareDevice(t *testing.T) {
	b, a := newTree(), newTree()
	b.put(layerEntry{path: "d", entry: entry{kind: tar.TypeChar, device: "1:3"}})
	a.put(layerEntry{path: "d", entry: entry{kind: tar.TypeChar, device: "1:5"}})
	if got := lines(compareFiles(b, a)); !slices.Equal(got, []string{"file device /d"}) {
		t.Errorf("got %q", got)
	}
}

func TestCollapse(t *testing.T) {
	c := collapse(compareFiles(treeOf(t, []file{dir("d/"), {name: "d/a", body: "123"}, dir("d/e/"), {name: "d/e/b", body: "4"}}), newTree()))
	if len(c) != 1 || c[0].Files != 3 || c[0].Bytes != 4 {
		t.Errorf("%+v", c)
	}
}

func TestCompareConfig(t *testing.T) {
	before := `{"os":"linux","created":"2026-01-01T00:00:00Z","history":[{}],"rootfs":{"diff_ids":["a"]},"config":{"User":"a","Env":["A=1","B=2"],"Cmd":["x"],"ExposedPorts":{"1/tcp":{}},"Labels":{"l":"1","org.opencontainers.image.created":"1"},"WorkingDir":"","Healthcheck":{"Test":["CMD","h"]},"OnBuild":null,"Hostname":"h"}}`
	tests := []struct {
		old, new string
		want     []string
	}{
		{"", "", nil},
		{`"created":"2026`, `"created":"2025`, nil},
		{`"diff_ids":["a"]`, `"diff_ids":["b"]`, nil},
		{`["A=1","B=2"]`, `["B=2","A=1"]`, nil},
		{`"WorkingDir":""`, `"WorkingDir":"/"`, nil},
		{`"OnBuild":null`, `"OnBuild":[]`, nil},
		{`"Hostname":"h"`, `"Hostname":"i"`, nil},
		{`"User":"a"`, `"User":"b"`, []string{"config value User"}},
		{`"User":"a",`, ``, []string{"config value User"}},
		{`"A=1"`, `"A="`, []string{"config value Env A"}},
		{`["A=1","B=2"]`, `["A=1"]`, []string{"config value Env B"}},
		{`["A=1","B=2"]`, `["A=1","B=2","C="]`, []string{"config value Env C"}},
		{`["x"]`, `["x","y"]`, []string{"config value Cmd"}},
		{`1/tcp`, `2/tcp`, []string{"config value ExposedPorts"}},
		{`"l":"1"`, `"l":"2"`, []string{"config value Labels l"}},
		{`image.created":"1"`, `image.created":"2"`, []string{"config value Labels org.opencontainers.image.created (volatile)"}},
		{`"WorkingDir":""`, `"WorkingDir":"/w"`, []string{"config value WorkingDir"}},
		{`["CMD","h"]`, `["CMD","i"]`, []string{"config value Healthcheck"}},
		{`"OnBuild":null`, `"OnBuild":["RUN x"]`, []string{"config value OnBuild"}},
		{`"os":"linux"`, `"os":"windows"`, []string{"config value os"}},
		{`"User":"a"`, `"User":"a","Unheard":[1]`, []string{"config value Unheard"}},
	}
	for _, tt := range tests {
		got := lines(compareConfig(imageOf(t, before), imageOf(t, strings.Replace(before, tt.old, tt.new, 1))))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s → %s: got %q, want %q", tt.old, tt.new, got, tt.want)
		}
	}
}

func TestComparePrograms(t *testing.T) {
	sh, dash := symlink("bin/sh", "dash"), file{name: "bin/dash", mode: 0o755, body: "x"}
	run := file{name: "app/run", mode: 0o755, body: "#!/bin/sh\n"}
	env := file{name: "usr/bin/env", mode: 0o755, body: "x"}
	py := file{name: "usr/bin/python3", mode: 0o755, body: "x"}
	script := file{name: "app/s.py", mode: 0o755, body: "#!/usr/bin/env -S python3 -u\n"}
	tests := []struct {
		name, config  string
		before, after []file
		want          []string
	}{
		{"same", `{"config":{"Cmd":["/app/run"]}}`, []file{sh, dash, run}, []file{sh, dash, run}, nil},
		{"gone", `{"config":{"Cmd":["/app/run"]}}`, []file{sh, dash, run}, []file{sh, dash}, []string{"program missing CMD"}},
		{"relative", `{"config":{"Entrypoint":["./run"],"WorkingDir":"/app"}}`, []file{run}, nil, []string{"program missing ENTRYPOINT"}},
		{"on PATH", `{"config":{"Cmd":["python3"],"Env":["PATH=/nowhere:/usr/bin"]}}`, []file{py}, nil, []string{"program missing CMD"}},
		{"not executable", `{"config":{"Cmd":["/app/run"]}}`, []file{sh, dash, run}, []file{sh, dash, {name: "app/run", body: "#!/bin/sh\n"}}, []string{"program missing CMD"}},
		{"shell form without a shell", `{"config":{"Cmd":["/bin/sh","-c","exec python3 x"]}}`, []file{sh, dash, py}, []file{py}, []string{"program missing CMD"}},
		{"shell form without its program", `{"config":{"Cmd":["/bin/sh","-c","exec python3 x"]}}`, []file{sh, dash, py}, []file{sh, dash}, []string{"program missing CMD"}},
		{"link to nothing", `{"config":{"Cmd":["/bin/sh"]}}`, []file{sh, dash}, []file{sh}, []string{"program missing CMD"}},
		{"arguments of an entrypoint", `{"config":{"Entrypoint":["/app/run"],"Cmd":["--flag"]}}`, []file{sh, dash, run}, []file{sh, dash, run}, nil},
		{"healthcheck", `{"config":{"Healthcheck":{"Test":["CMD-SHELL","python3 -c 1"]}}}`, []file{sh, dash, py}, []file{sh, dash}, []string{"program missing HEALTHCHECK"}},
		{"healthcheck none", `{"config":{"Healthcheck":{"Test":["NONE"]}}}`, nil, nil, nil},
		{"interpreter", `{}`, []file{sh, dash, run}, []file{sh, run}, []string{"program missing /app/run"}},
		{"interpreter through env", `{}`, []file{env, py, script}, []file{env, script}, []string{"program missing /app/s.py"}},
		{"never there", `{"config":{"Cmd":["/app/run"]}}`, nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := comparePrograms(imageOf(t, tt.config, tt.before...), imageOf(t, tt.config, tt.after...))
			if !slices.Equal(lines(got), tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for _, c := range got {
				if !c.Breaks {
					t.Errorf("%v is not said to break", c)
				}
			}
		})
	}
}

// lib adds a library or program to a tree, without a file of real machine code.
func lib(t *tree, p string, f elfFile) {
	if f.machine == 0 {
		f.machine, f.class = elf.EM_X86_64, elf.ELFCLASS64
	}
	t.put(layerEntry{path: p, entry: entry{kind: tar.TypeReg, mode: 0o755, elf: &f}})
}

// cacheOf is a loader's cache of one library, behind one of the old form.
func cacheOf(name, p string) []byte {
	b := make([]byte, 48+24)
	copy(b, cacheMagic)
	order := binary.LittleEndian
	order.PutUint32(b[20:], 1)
	order.PutUint32(b[48+4:], uint32(len(b)))
	order.PutUint32(b[48+8:], uint32(len(b)+len(name)+1))
	return append([]byte("ld.so-1.7.0\x00\x00\x00\x00\x00"), append(b, name+"\x00"+p+"\x00"...)...)
}

func TestLoaderCache(t *testing.T) {
	if data, err := os.ReadFile("/etc/ld.so.cache"); err == nil && len(loaderCache(data)) == 0 {
		t.Error("this machine's cache is empty")
	}
	good := cacheOf("a", "/a")
	for i := range good { // cut short anywhere, it must only come back
		loaderCache(good[:i])
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] = 0xff
		loaderCache(bad)
	}
}

func TestLibraries(t *testing.T) {
	needs := func(names ...string) elfFile { return elfFile{needed: names} }
	tests := []struct {
		name string
		fill func(t *tree)
		env  []string
		file elfFile
		want []string
	}{
		{"default folder", func(t *tree) { lib(t, "usr/lib/libz.so.1", elfFile{}) }, nil, needs("libz.so.1"), nil},
		{"folder of the architecture", func(t *tree) { lib(t, "lib/x86_64-linux-gnu/libz.so.1", elfFile{}) }, nil, needs("libz.so.1"), nil},
		{"missing", func(*tree) {}, nil, needs("libz.so.1"), []string{"libz.so.1"}},
		{"other machine", func(t *tree) { lib(t, "lib/libz.so.1", elfFile{machine: elf.EM_386, class: elf.ELFCLASS32}) }, nil, needs("libz.so.1"), []string{"libz.so.1"}},
		{"through a link", func(t *tree) {
			lib(t, "lib/libz.so.1.2", elfFile{})
			t.put(layerEntry{path: "lib/libz.so.1", entry: entry{kind: tar.TypeSymlink, link: "libz.so.1.2"}})
		}, nil, needs("libz.so.1"), nil},
		{"link to nothing", func(t *tree) {
			t.put(layerEntry{path: "lib/libz.so.1", entry: entry{kind: tar.TypeSymlink, link: "libz.so.1.2"}})
		}, nil, needs("libz.so.1"), []string{"libz.so.1"}},
		{"origin", func(t *tree) { lib(t, "opt/lib/libq.so", elfFile{}) }, nil, elfFile{needed: []string{"libq.so"}, runpath: []string{"$ORIGIN/../lib"}}, nil},
		{"rpath", func(t *tree) { lib(t, "opt/lib/libq.so", elfFile{}) }, nil, elfFile{needed: []string{"libq.so"}, rpath: []string{"${ORIGIN}/../lib"}}, nil},
		{"runpath turns rpath off", func(t *tree) { lib(t, "opt/lib/libq.so", elfFile{}) }, nil, elfFile{needed: []string{"libq.so"}, rpath: []string{"/opt/lib"}, runpath: []string{"/x"}}, []string{"libq.so"}},
		{"environment", func(t *tree) { lib(t, "e/libq.so", elfFile{}) }, []string{"LD_LIBRARY_PATH=/x:/e"}, needs("libq.so"), nil},
		{"cache", func(t *tree) {
			lib(t, "c/libq.so", elfFile{})
			t.put(layerEntry{path: "etc/ld.so.cache", entry: entry{kind: tar.TypeReg, data: cacheOf("libq.so", "/c/libq.so")}})
		}, nil, needs("libq.so"), nil},
		{"cache that is out of date", func(t *tree) {
			t.put(layerEntry{path: "etc/ld.so.cache", entry: entry{kind: tar.TypeReg, data: cacheOf("libq.so", "/c/libq.so")}})
		}, nil, needs("libq.so"), []string{"libq.so"}},
		{"not in the cache", func(t *tree) { lib(t, "usr/local/lib/libq.so", elfFile{}) }, nil, needs("libq.so"), []string{"libq.so"}},
		{"musl", func(t *tree) {
			lib(t, "m/libq.so", elfFile{})
			t.put(layerEntry{path: "etc/ld-musl-x86_64.path", entry: entry{kind: tar.TypeReg, data: []byte("/x\n/m\n")}})
		}, nil, needs("libq.so"), nil},
		{"absolute", func(t *tree) { lib(t, "a/libq.so", elfFile{}) }, nil, needs("/a/libq.so", "/b/libq.so"), []string{"/b/libq.so"}},
		{"interpreter", func(*tree) {}, nil, elfFile{interp: "/lib64/ld.so"}, []string{"/lib64/ld.so"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree()
			tt.fill(tr)
			tt.file.machine, tt.file.class = elf.EM_X86_64, elf.ELFCLASS64
			if got := librariesOf(tr, tt.env).missing("/opt/bin/p", &tt.file); !slices.Equal(got, tt.want) {
				t.Errorf("missing %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCompareLibraries(t *testing.T) {
	b, a := imageOf(t, `{}`), imageOf(t, `{}`)
	for _, img := range []*image{b, a} {
		lib(img.tree, "p", elfFile{needed: []string{"liba.so", "libplugin.so"}}) // the plug-in resolves in neither
	}
	lib(b.tree, "lib/liba.so", elfFile{})
	if got := lines(compareLibraries(b, a)); !slices.Equal(got, []string{"library missing /p"}) {
		t.Errorf("got %q", got)
	}
}

func TestParseELF(t *testing.T) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Skip("needs /proc")
	}
	defer exe.Close()
	if f := parseELF(exe); f == nil || f.machine == 0 {
		t.Errorf("%+v", f)
	}
	for _, s := range []string{"", "\x7fELF", "\x7fELF\x02\x01\x01" + strings.Repeat("\xff", 200), "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 200)} {
		_ = parseELF(strings.NewReader(s)) // it must only come back
	}
	if f, err := readELF(strings.NewReader("\x7fELF"+strings.Repeat("x", 9<<20)), 9<<20); f != nil || err != nil {
		t.Errorf("%v, %v", f, err)
	}
}

func TestVolatile(t *testing.T) {
	for p, want := range map[string]bool{
		"/var/log/apt/history.log": true, "/var/lib/apt/lists/x": true, "/etc/machine-id": true, "/var/lib/dpkg/status": false,
		"/etc/passwd": false, "/etc/passwd-": true, "/app/__pycache__/x.pyc": true, "/app/x.pyc": false, "/var/logs": false, "/tmp": false,
		"/var/lib/apt/lists/partial/": true, "/var/log/nginx/": false, "/var/cache/nginx/": false, "/app/__pycache__/": true,
		"/code/target/.rustc_info.json": true, "/code/target/.rustc_info.json/": false,
	} {
		if got := volatileWhy(p, strings.HasSuffix(p, "/")) != ""; got != want {
			t.Errorf("%s: volatile is %t", p, got)
		}
	}
	for _, row := range VolatileTable() {
		if !strings.HasPrefix(row[0], "/") && !strings.HasPrefix(row[0], "**/") || row[1] == "" {
			t.Errorf("row %q", row)
		}
	}
}

func TestCompareTrials(t *testing.T) {
	o := func(exit int, out string) Outcome { return Outcome{Exit: exit, Stdout: out, sum: out} }
	tests := []struct {
		name      string
		b, again  Outcome
		a         Outcome
		what      string
		breaks    bool
		wantNotes int
	}{
		{"same", o(0, "x"), o(0, "x"), o(0, "x"), "", false, 0},
		{"output", o(0, "x"), o(0, "x"), o(0, "y"), "output", false, 0},
		{"unsteady output", o(0, "x"), o(0, "z"), o(0, "y"), "", false, 1},
		{"exit", o(0, "x"), o(0, "x"), o(1, "x"), "exit", true, 0},
		{"repaired", o(1, "x"), o(1, "x"), o(0, "x"), "exit", false, 0},
		{"fails in both", o(1, "x"), o(1, "x"), o(1, "x"), "", false, 1},
		{"not run after", o(0, "x"), o(0, "x"), Outcome{Exit: -1, Error: "no such file"}, "exit", true, 0},
		{"not run at all", Outcome{Exit: -1, Error: "e"}, Outcome{}, Outcome{Exit: -1, Error: "e"}, "", false, 1},
	}
	for _, tt := range tests {
		in := &Input{Smoke: []Command{{Argv: []string{"c"}}}, SmokeOutput: true}
		_, got, notes := compareTrials(in, &trial{outcomes: []Outcome{tt.b}, again: []Outcome{tt.again}}, &trial{outcomes: []Outcome{tt.a}})
		what, breaks := "", false
		if len(got) > 0 {
			what, breaks = got[0].What, got[0].Breaks
		}
		if what != tt.what || breaks != tt.breaks || len(notes) != tt.wantNotes {
			t.Errorf("%s: %v, notes %q", tt.name, got, notes)
		}
	}
}

func TestCompareAnswers(t *testing.T) {
	ok := &Answer{Status: 200, sum: "1", steady: true, Body: "a"}
	tests := []struct {
		b, a *Answer
		want string
	}{
		{ok, ok, ""},
		{ok, &Answer{Status: 200, sum: "2", steady: true, Body: "b"}, "body"},
		{&Answer{Status: 200, sum: "1"}, &Answer{Status: 200, sum: "2"}, "note"},
		{ok, &Answer{Status: 500, sum: "2"}, "status"},
		{ok, &Answer{Error: "dead"}, "answer"},
		{&Answer{Error: "dead"}, ok, "note"},
		{&Answer{Unable: "no network"}, &Answer{Unable: "no network"}, "note"},
	}
	for i, tt := range tests {
		got, notes := compareAnswers(&Server{Port: 1, Path: "/"}, tt.b, tt.a)
		what := ""
		if len(got) > 0 {
			what = got[0].What
		} else if len(notes) > 0 {
			what = "note"
		}
		if what != tt.want {
			t.Errorf("%d: %q, want %q", i, what, tt.want)
		}
	}
}

func TestJSONNames(t *testing.T) {
	data, err := json.Marshal(Change{Kind: File, What: "mode", Path: "/f", Before: "0644", After: "0600"})
	if err != nil || string(data) != `{"kind":"file","what":"mode","path":"/f","before":"0644","after":"0600"}` {
		t.Errorf("%s, %v", data, err)
	}
}

// TestOutputOfOne: a command may ask by itself that its output stays the same.
func TestOutputOfOne(t *testing.T) {
	one, other := Outcome{Stdout: "1", sum: "1"}, Outcome{Stdout: "2", sum: "2"}
	in := &Input{Smoke: []Command{{Argv: []string{"loose"}}, {Argv: []string{"strict"}, Output: true}}}
	both := []Outcome{one, one}
	_, got, _ := compareTrials(in, &trial{outcomes: both, again: both}, &trial{outcomes: []Outcome{other, other}})
	if len(got) != 1 || got[0].Path != "strict" || got[0].What != "output" {
		t.Errorf("%+v", got)
	}
}

// TestExcuse: what before differs in with itself says nothing about after, random
// names in a folder included, but not more of them than before makes.
func TestExcuse(t *testing.T) {
	change := func(what, p string) Change { return Change{Kind: File, What: what, Path: p} }
	own := []Change{change("content", "/a"), change("removed", "/t/x1"), change("added", "/t/x2")}
	for _, tt := range []struct {
		name  string
		files []Change
		want  []Class
	}{
		{"the same way", []Change{change("content", "/a")}, []Class{Unstable}},
		{"another way", []Change{change("removed", "/a")}, []Class{Unexpected}},
		{"a random name", []Change{change("removed", "/t/x1"), change("added", "/t/x3")}, []Class{Unstable, Unstable}},
		{"a folder of one", []Change{change("added", "/t/x3"), change("added", "/t/x3/y"), change("added", "/t/x3z/y")}, []Class{Unstable, Unstable, Unexpected}},
		{"two of them", []Change{change("added", "/t/x3"), change("added", "/t/x4")}, []Class{Unexpected, Unexpected}},
		{"another folder", []Change{change("added", "/u/x3")}, []Class{Unexpected}},
	} {
		excuse(tt.files, own)
		for i, c := range tt.files {
			if c.Class != tt.want[i] {
				t.Errorf("%s: %s is %q, want %q", tt.name, c.Path, c.Class, tt.want[i])
			}
		}
	}
}
