package workspace

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// summary writes what the builds say about a Dockerfile in one line each.
func summary(sources []Source) []string {
	var all []string
	for _, s := range sources {
		line := s.Path
		if s.Content != nil {
			line += fmt.Sprintf(" %q", s.Content)
		}
		for _, u := range s.Uses {
			line += fmt.Sprintf(" | %s %s context=%q target=%q args=%v named=%v open=%v", u.File, u.Name, u.Context, u.Target, u.BuildArgs, u.NamedContexts, u.Unresolved)
		}
		all = append(all, line)
	}
	return all
}

func TestBuilds(t *testing.T) {
	files := map[string]string{"Dockerfile": "", "web/Dockerfile": "", "web/prod": "", "other/prod": "", "ignored/prod": "", ".gitignore": "ignored", "Dockerfile.bak": "", "node_modules/prod": "", "folder/": "", "link": "-> web/prod"}
	for _, tc := range []struct {
		name string
		more map[string]string
		want []string // without the Dockerfiles that nothing is said about
		errs []string
	}{
		{
			name: "compose short and long form",
			more: map[string]string{"compose.yaml": `
x-args: &args {A: b, N: 1, T: true, E: "", V: $X, O: }
services:
  short: {build: ./web}
  none: {image: scratch, ports: ["1-60000:1-60000"], env_file: /etc/passwd}
  long:
    build:
      context: web
      dockerfile: prod
      target: final
      args: {<<: *args, B: "2"}
      additional_contexts: [src=../src, base=docker-image://alpine]
  default: {build: {args: [L=1=2, M]}}
include: [/etc/passwd]
`},
			want: []string{
				`Dockerfile | compose.yaml default context="." target="" args=map[L:1=2] named=[] open=[args.M]`,
				`web/Dockerfile | compose.yaml short context="web" target="" args=map[] named=[] open=[]`,
				`web/prod | compose.yaml long context="web" target="final" args=map[A:b B:2 E: N:1 T:true] named=[base src] open=[args.O args.V]`,
			},
		},
		{
			name: "compose below",
			more: map[string]string{"other/docker-compose.yml": "version: '3'\nservices:\n  a: {build: {context: .., dockerfile: web/prod}}\n  b: {build: {context: ../.., dockerfile: x}}\nnetworks: {n: {external: {name: x}}}\n"},
			want: []string{`web/prod | other/docker-compose.yml a context="." target="" args=map[] named=[] open=[]`},
		},
		{
			name: "never guessed, never followed",
			more: map[string]string{"compose.yml": `
services:
  a: {build: {context: $CTX, dockerfile: prod}}
  b: {build: {context: web, dockerfile: "${F:-prod}"}}
  c: {build: https://example.com/x.git}
  d: {build: "git@example.com:x.git"}
  e: {build: {context: github.com/x/y, dockerfile: prod}}
  f: {build: {dockerfile: ../../etc/passwd}}
  g: {build: {dockerfile: /etc/passwd}}
  h: {build: {dockerfile: ignored/prod}}
  i: {build: {dockerfile: node_modules/prod}}
  j: {build: {dockerfile: Dockerfile.bak}}
  k: {build: {dockerfile: folder}}
  l: {build: {dockerfile: gone}}
  m: {build: {context: web, dockerfile: prod, target: $T}}
  n: {build: {dockerfile_inline: "FROM $BASE"}}
  o: {build: !reset null}
`},
			want: []string{`web/prod | compose.yml m context="web" target="" args=map[] named=[] open=[target]`},
		},
		{
			name: "inline",
			more: map[string]string{"compose.yaml": "services:\n  web:\n    build:\n      context: https://example.com/x.git\n      dockerfile_inline: |\n        FROM scratch\n        ENV A=$$B\n"},
			want: []string{`compose.yaml#web "FROM scratch\nENV A=$B\n" | compose.yaml web context="" target="" args=map[] named=[] open=[context]`},
		},
		{
			name: "override and extends leave things open",
			more: map[string]string{
				"compose.prod.yaml": "services:\n  a: {build: {args: {X: y}}}\n  b: {build: {dockerfile: web/prod}}\n  c: {build: {context: other, dockerfile: !override prod, target: !reset null}}\n",
				"compose.yaml":      "services:\n  d: {extends: {service: x, file: /etc/passwd}, build: {context: web}}\n",
			},
			want: []string{
				`other/prod | compose.prod.yaml c context="other" target="" args=map[] named=[] open=[args contexts target]`,
				`web/Dockerfile | compose.yaml d context="web" target="" args=map[] named=[] open=[args contexts target]`,
				`web/prod | compose.prod.yaml b context="" target="" args=map[] named=[] open=[args context contexts target]`,
			},
		},
		{
			name: "one Dockerfile by several names",
			more: map[string]string{
				"compose.yaml":    "services:\n  a: {build: {dockerfile: link}}\n---\nservices:\n  b: {build: {dockerfile: ./web/../web/prod}}\n",
				"docker-bake.hcl": "target \"a\" {\n dockerfile = \"web/prod\"\n}\n",
			},
			want: []string{`web/prod | compose.yaml a context="." target="" args=map[] named=[] open=[] | compose.yaml b context="." target="" args=map[] named=[] open=[] | docker-bake.hcl a context="." target="" args=map[] named=[] open=[]`},
		},
		{
			name: "bake hcl",
			more: map[string]string{"docker-bake.hcl": `
variable "TAG" { default = "x" }
group "default" { targets = ["web", "inline"] }
target "_common" {
  args = { A = "common", "B" = 2, V = TAG, (TAG) = 1, N = null }
  contexts = { base = "docker-image://alpine" }
}
target "web" {
  inherits = ["_common"]
  context = ("web")
  dockerfile = "prod"
  target = "final"
  args = { A = "own" }
}
target "computed" { dockerfile = "web/${TAG}" }
target "loop" { context = [for a in [1] : a][0] }
target "remote" { context = "target:web" }
target "inline" {
  dockerfile-inline = <<EOT
FROM scratch
ENV A=$B
EOT
}
target "elsewhere" { inherits = ["gone"] }
target "circle" {
  inherits = ["circle2"]
  dockerfile = "other/prod"
}
target "circle2" { inherits = ["circle"] }
`},
			want: []string{
				`Dockerfile | docker-bake.hcl _common context="." target="" args=map[A:common B:2] named=[base] open=[args args.N args.V]`,
				`docker-bake.hcl#inline "FROM scratch\nENV A=$B\n" | docker-bake.hcl inline context="." target="" args=map[] named=[] open=[]`,
				`other/prod | docker-bake.hcl circle context="" target="" args=map[] named=[] open=[args context contexts target]`,
				`web/prod | docker-bake.hcl web context="web" target="final" args=map[A:own B:2] named=[base] open=[args args.N args.V]`,
			},
		},
		{
			name: "bake json",
			more: map[string]string{
				"docker-bake.json":          `{"target": {"a": {"context": "web", "dockerfile": "prod", "args": {"A": "1", "B": "${X}", "C": null, "D": 2}, "contexts": {"n": "x"}}, "b": [{"inherits": ["a"]}, {"target": "t", "args": "${x}"}], "c": {"dockerfile": "${X}"}, "d": 1, "e": {"dockerfile-inline": "FROM scratch"}}}`,
				"docker-bake.override.json": `{"target": {"a": {"args": {"A": "2"}}}}`,
				"docker-bake.override.hcl":  "target \"a\" {\n  context = \"other\"\n  dockerfile = \"prod\"\n}\n",
			},
			want: []string{
				`Dockerfile | docker-bake.json d context="." target="" args=map[] named=[] open=[]`,
				`docker-bake.json#e "FROM scratch" | docker-bake.json e context="." target="" args=map[] named=[] open=[]`,
				`other/prod | docker-bake.override.hcl a context="other" target="" args=map[] named=[] open=[args contexts target]`,
				`web/prod | docker-bake.json a context="web" target="" args=map[A:1 D:2] named=[n] open=[args.B args.C] | docker-bake.json b context="web" target="t" args=map[A:1 D:2] named=[n] open=[args args.B args.C]`,
			},
		},
		{
			name: "unreadable ones and the rest",
			more: map[string]string{
				"a/compose.yaml": "services:\n  web: [\n", "b/compose.yaml": "services:\n  web: hello\n", "c/compose.yaml": "- x\n",
				"d/docker-bake.hcl": "target \"x\" {\n  context =\n}\n", "e/docker-bake.json": "{\n\"target\": 1}", "f/docker-bake.json": "{\n\n[",
				"g/compose.yaml": "\x00", "h/compose.yaml": strings.Repeat("#", MaxFileSize+1), "i/compose.yaml": "services:\n  a: {}\n  a: {}\n",
				"j/compose.yaml": "", "k/compose.yaml": "# nothing\n", "l/compose.yaml": "services:\n", "m/docker-bake.hcl": "", "n/compose.yaml/": "",
				"compose.yaml": "services: {a: {build: web}}",
			},
			want: []string{`web/Dockerfile | compose.yaml a context="web" target="" args=map[] named=[] open=[]`},
			errs: []string{
				"a/compose.yaml:2: not a valid compose file", "b/compose.yaml:2: not", "c/compose.yaml:1: not",
				"d/docker-bake.hcl:2: not a valid bake file: Invalid expression", "e/docker-bake.json:2: not", "f/docker-bake.json:3: not",
				"g/compose.yaml: not", "h/compose.yaml: too large", "i/compose.yaml:3: not",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := tree(t, files)
			plant(t, dir, tc.more)
			sources, errs := Find(nil, Options{})
			var got []string
			for i, line := range summary(sources) {
				if len(sources[i].Uses) > 0 {
					got = append(got, line)
				}
				if inline := sources[i].Content != nil; inline != (sources[i].ReadOnly != "") {
					t.Errorf("%s: ReadOnly = %q", line, sources[i].ReadOnly)
				}
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tc.want, "\n\t"))
			}
			if len(errs) != len(tc.errs) {
				t.Fatalf("errors %v, want %q", errs, tc.errs)
			}
			for i, err := range errs {
				if !strings.HasPrefix(err.Error(), tc.errs[i]) {
					t.Errorf("error %q, want it to begin with %q", err, tc.errs[i])
				}
				if strings.Contains(err.Error(), "Go struct") || strings.Contains(err.Error(), "map[") {
					t.Errorf("error %q names a Go type", err)
				}
			}
		})
	}
}

// TestHostileBuilds holds inputs that would fill the memory, overflow the stack
// or keep the processor busy; each must be over at once.
func TestHostileBuilds(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	many := func(n int, form string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, form, i)
		}
		return s.String()
	}
	expr := func(part string) string {
		return "target \"x\" {\n  a = " + strings.Repeat(part, MaxFileSize/len(part)-20)
	}
	for _, tc := range []struct{ name, file, text, want string }{
		{"alias bomb", "compose.yaml", bomb, "stands for more than"},
		{"aliases", "compose.yaml", "a: &a {x: y}\nb: [" + strings.Repeat("*a,", 200000) + "]", "aliases"},
		{"self", "compose.yaml", "a: &a [*a]", "stands for what contains it"},
		{"self merge", "compose.yaml", "services: &a\n  <<: *a", "stands for what contains it"},
		{"deep", "compose.yaml", "a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "nested more than"},
		{"very deep", "compose.yaml", "a: " + strings.Repeat("[", 500000), "max depth"},
		{"documents", "compose.yaml", strings.Repeat("a: 1\n---\n", 100000), "documents"},
		{"keys", "compose.yaml", "services:\n" + many(40000, "  s%d: {}\n"), "keys"},
		{"arguments", "compose.yaml", "services:\n  web:\n    build:\n      args:\n" + many(4000, "        a%d: b\n"), "service web: more than"},
		{"nodes", "compose.yaml", "a: [" + strings.Repeat("a,", 400000) + "]", "YAML nodes"},
		{"parentheses", "docker-bake.hcl", expr("("), "nested"},
		{"parentheses and stray brackets", "docker-bake.hcl", expr("(]"), "nested"},
		{"brackets in lines", "docker-bake.hcl", expr("[\n"), "nested"},
		{"objects", "docker-bake.hcl", expr("{a="), "nested"},
		{"loops in lines", "docker-bake.hcl", expr("{for a in b[0]\n[0]\n: "), "nested"},
		{"not", "docker-bake.hcl", expr("!"), "nested"},
		{"minus", "docker-bake.hcl", expr("- "), "nested"},
		{"plus", "docker-bake.hcl", expr("1+"), "nested"},
		{"conditionals", "docker-bake.hcl", expr("a?b:"), "nested"},
		{"splats", "docker-bake.hcl", expr("a[*]."), "nested"},
		{"indexes", "docker-bake.hcl", "target \"x\" {\n a = a" + strings.Repeat("[1]", 300000), "nested"},
		{"templates", "docker-bake.hcl", expr("\"${"), "nested"},
		{"template ifs", "docker-bake.hcl", "a = \"" + strings.Repeat("%{if a}", 100000), "nested"},
		{"blocks", "docker-bake.hcl", strings.Repeat("x {\n", 200000), "nested"},
		{"targets", "docker-bake.hcl", many(maxTargets+1, "target \"t%d\" {}\n"), "targets"},
		{"bake arguments", "docker-bake.hcl", "target \"x\" {\n args = {\n" + many(maxArgs+1, "a%d = 1\n") + "}\n}", "target x: more than"},
		{"deep json", "docker-bake.json", `{"target": ` + strings.Repeat("[", 500000), "depth"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tree(t, map[string]string{tc.file: tc.text, "Dockerfile": ""})
			expect(t, nil, Options{}, []string{"Dockerfile"}, []string{tc.want})
		})
	}
}

func TestHarmlessBuildsPassTheBounds(t *testing.T) {
	var hcl, yaml strings.Builder
	yaml.WriteString("x-env: &env {A: b}\nservices:\n")
	for i := range 500 {
		fmt.Fprintf(&hcl, "target \"t%d\" { # - a comment\n  tags = [\"a-${i}\", \"${a.b}-${c-1}:${d}\"]\n  args = { A = \"x\", B = a.b + 1 }\n  labels = {\n    \"x\" = upper(\"y\")\n  }\n}\n", i)
		fmt.Fprintf(&yaml, "  s%d:\n    image: x\n    build: .\n    environment: {<<: *env, C: d}\n    ports: [\"80:80\", \"443:443\"]\n", i)
	}
	tree(t, map[string]string{"docker-bake.hcl": hcl.String(), "compose.yaml": yaml.String(), "Dockerfile": ""})
	s := expect(t, nil, Options{}, []string{"Dockerfile"}, nil)
	if n := len(s[0].Uses); n != 1000 {
		t.Errorf("%d uses, want 1000", n)
	}
}

func TestHugeNumberIsNotWrittenOut(t *testing.T) {
	tree(t, map[string]string{"Dockerfile": "", "docker-bake.hcl": "target \"x\" {\n  args = { A = 1e999999999, B = 1e-9999, C = 0.5, D = 1e3 }\n}\n"})
	s, errs := Find(nil, Options{})
	want := `Dockerfile | docker-bake.hcl x context="." target="" args=map[C:0.5 D:1000] named=[] open=[args.A args.B]`
	if got := summary(s); len(errs) != 0 || len(got) != 1 || got[0] != want {
		t.Errorf("got %q, %v", got, errs)
	}
}

func TestParserPanicIsAnError(t *testing.T) {
	_, err := guard("compose.yaml", func() ([]build, error) { panic("boom") })
	if err == nil || !strings.HasPrefix(err.Error(), "compose.yaml: cannot be understood (boom)") {
		t.Errorf("err = %v", err)
	}
}
