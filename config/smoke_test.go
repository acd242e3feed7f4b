package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSmokeFlag(t *testing.T) {
	root := tree(t, map[string]string{FileName: "smoke: [file]\ntouch: [file]\n"})
	long := jsonText(make([]string, maxArgs+1))
	for _, c := range []struct {
		values []string
		want   []SmokeCommand
		err    string
	}{
		{nil, nil, ""},
		{[]string{"a --b"}, []SmokeCommand{{Shell: "a --b"}}, ""},
		{[]string{`["a","b, c","\\"]`, `x, y | z\`, "q"}, []SmokeCommand{{Argv: []string{"a", "b, c", `\`}}, {Shell: `x, y | z\`}, {Shell: "q"}}, ""},
		{[]string{"[ -f /x ]", "[[ a ]]", "null"}, []SmokeCommand{{Shell: "[ -f /x ]"}, {Shell: "[[ a ]]"}, {Shell: "null"}}, ""},
		{[]string{`["a", "b]`}, nil, `expected a JSON array of strings, found "[\"a\", \"b]": unexpected end of JSON input`},
		{[]string{`["a", 'b']`}, nil, `expected a JSON array of strings, found "[\"a\", 'b']": invalid character '\'' looking for beginning of value`},
		{[]string{`["a", 1]`}, nil, `expected a JSON array of strings, found "[\"a\", 1]", quote every item`},
		{[]string{"[]"}, nil, "expected a program as the first item of a command, found none"},
		{[]string{`["", "a"]`}, nil, "expected a program as the first item of a command, found none"},
		{[]string{"a\x00"}, nil, "expected a command, found a zero byte in it, remove it"},
		{[]string{`["a\u0000"]`}, nil, "expected a command, found a zero byte in it, remove it"},
		{[]string{`["a",` + long[1:]}, nil, "more than 1000 arguments, use a script"},
		{strings.Fields(strings.Repeat("a ", maxCommands+1)), nil, "more than 100 commands, remove some"},
	} {
		s, err := loader(t, root).Resolve("", map[string]string{"smoke": JoinList(c.values)}, nil)
		if c.err != "" {
			wantErrors(t, err, "flag --smoke: "+c.err)
			continue
		}
		if err != nil || !reflect.DeepEqual(s.Smoke, c.want) || s.from("smoke") != "flag --smoke" {
			t.Errorf("%q: %#v from %s, %v", c.values, s.Smoke, s.from("smoke"), err)
		}
		for i, command := range s.Smoke {
			if again, err := parseCommand(command.String()); err != nil || !reflect.DeepEqual(again, s.Smoke[i]) {
				t.Errorf("%s is read as %+v, %v", command, again, err)
			}
		}
	}
}

func TestNoSmokeVariable(t *testing.T) {
	root := tree(t, map[string]string{FileName: "smoke: [file]\n"})
	_, err := loader(t, root).Resolve("", nil, []string{"RESTOW_SMOKE=a, b"})
	wantErrors(t, err, "environment RESTOW_SMOKE: commands cannot be told apart in one variable, use --smoke or smoke in .restow.yaml")
	s := must(loader(t, root).Resolve("", map[string]string{"smoke": "x"}, []string{"RESTOW_SMOKE=a, b"}))(t)
	if len(s.Smoke) != 1 || s.Smoke[0].Shell != "x" {
		t.Errorf("%+v", s.Smoke)
	}
	s = must(loader(t, root).Resolve("", nil, []string{"RESTOW_SMOKE="}))(t)
	if len(s.Smoke) != 1 || s.Smoke[0].Shell != "file" {
		t.Errorf("%+v", s.Smoke)
	}
}

func TestTouch(t *testing.T) {
	root := tree(t, nil)
	s := must(loader(t, root).Resolve("", nil, []string{"RESTOW_TOUCH=a b.c, ./d//e/,f/../g"}))(t)
	if got := fmt.Sprintf("%q", s.Touch); got != `["a b.c" "d/e" "g"]` {
		t.Errorf("%s", got)
	}
	for value, want := range map[string]string{
		"/a":      `path "/a" is absolute, make it relative to the build context`,
		"a,../b":  `path "../b" leaves the build context, name a file in it`,
		"a/../..": `path "a/../.." leaves the build context, name a file in it`,
		"a/..":    `path "a/.." is the build context itself, name a file in it`,
		"a\x00":   `expected a path, found a zero byte in it, remove it`,
	} {
		_, err := loader(t, root).Resolve("", map[string]string{"touch": value}, nil)
		wantErrors(t, err, "flag --touch: "+want)
	}
}

func TestSmokeFileErrors(t *testing.T) {
	const command = "expected a command: text, a list of texts or a map with run and output, found "
	for text, want := range map[string][]string{
		"smok: []\n":                                {`:1:1: unknown key "smok" (did you mean "smoke"?)`},
		"smokeoutput: true\n":                       {`:1:1: unknown key "smokeoutput" (did you mean "smoke-output"?)`},
		"smoke: echo a\n":                           {`:1:8: expected a list of commands, found "echo a"`},
		"smoke:\n- 1\n- true\n- \n":                 {`:2:3: ` + command + `the number 1`, `:3:3: ` + command + `true`, `:4:3: ` + command + `nothing`},
		"smoke: ['', ' ']\n":                        {`:1:9: expected a command, found an empty one, remove it`, `:1:13: expected a command, found an empty one, remove it`},
		"smoke: [[], [''], [a, 1]]\n":               {`:1:9: expected a program as the first item of a command, found none`, `:1:13: expected a program as the first item of a command, found none`, `:1:23: expected text, found the number 1`},
		"smoke: [{rum: a}]\n":                       {`:1:10: unknown key "rum" (did you mean "run"?)`},
		"smoke: [{output: true}, {}]\n":             {`:1:9: expected the key run in a command, found none, add it`, `:1:25: expected the key run in a command, found none, add it`},
		"smoke:\n- output: true\n":                  {`:2:3: expected the key run in a command, found none, add it`},
		"smoke: [{run: {a: b}}]\n":                  {`:1:15: expected text or a list of texts, found a map`},
		"smoke: [{run: a, output: on}]":             {`:1:26: expected true or false, found "on"`},
		"smoke: ['[\"a\", \"b\"]', a]\n":            {`:1:9: a list in quotes is "[\"a\", \"b\"]", remove the quotes around it`},
		"smoke: [\"a\\0\"]\n":                       {`:1:9: expected a command, found a zero byte in it, remove it`},
		"smoke: [*x]\n":                             {`:1:9: unknown alias "x", define it with & first`},
		"server: 8080\n":                            {`:1:9: expected a map with port, path and wait, found the number 8080`},
		"server: {prt: 80}\n":                       {`:1:10: unknown key "prt" (did you mean "port"?)`},
		"server:\n  path: /\n":                      {`:2:3: expected the key port in server, found none, add it`},
		"server: {port: 0}\n":                       {`:1:16: expected a port from 1 to 65535, found the number 0`},
		"server: {port: 70000}\n":                   {`:1:16: expected a port from 1 to 65535, found the number 70000`},
		"server: {port: -1}\n":                      {`:1:16: expected a port from 1 to 65535, found the number -1`},
		"server: {port: 99999999999999999999999}\n": {`:1:16: expected a port from 1 to 65535, found "99999999999999999999999"`},
		"server: {port: http}\n":                    {`:1:16: expected a port from 1 to 65535, found "http"`},
		"server: {port: 1, path: x}\n":              {`:1:25: expected a path that begins with a slash and has neither spaces nor #, found "x"`},
		"server: {port: 1, path: \"/a\\r\\n\"}\n":   {`:1:25: expected a path that begins with a slash and has neither spaces nor #, found "/a\r\n"`},
		"server: {port: 1, wait: 30}\n":             {`:1:25: expected a duration such as 30s or 2m, found the number 30`},
		"server: {port: 1, wait: later}\n":          {`:1:25: expected a duration such as 30s or 2m, found "later"`},
		"server: {port: 1, wait: 0s}\n":             {`:1:25: expected a duration of more than 0s and at most 1h, found 0s`},
		"server: {port: 1, wait: 61m}\n":            {`:1:25: expected a duration of more than 0s and at most 1h, found 61m`},
		"server: {port: 1, wait: 9999999999h}\n":    {`:1:25: expected a duration such as 30s or 2m, found "9999999999h"`},
		"touch: [/a, ../b, '', .]\n": {
			`:1:9: path "/a" is absolute, make it relative to the build context`,
			`:1:13: path "../b" leaves the build context, name a file in it`,
			`:1:19: expected a path, found an empty one, remove it`,
			`:1:23: path "." is the build context itself, name a file in it`,
		},
	} {
		t.Run(text, func(t *testing.T) {
			_, err := resolveText(t, text)
			for i := range want {
				want[i] = FileName + want[i]
			}
			wantErrors(t, err, want...)
		})
	}
}

func TestServer(t *testing.T) {
	for text, want := range map[string]*Server{
		"":                      nil,
		"server: {}":            nil,
		"server:\n  port: 80\n": {80, "/", 30 * time.Second},
		"a: &p 1\n":             nil,
		"server: {port: 0x50, path: '/a?b=%20', wait: 1m30s}": {80, "/a?b=%20", 90 * time.Second},
		"server: {wait: 1.5s, port: 65535}":                   {65535, "/", 1500 * time.Millisecond},
	} {
		s, err := resolveText(t, text)
		if strings.HasPrefix(text, "a:") {
			wantErrors(t, err, FileName+`:1:1: unknown key "a"`)
			continue
		}
		if err != nil || !reflect.DeepEqual(s.Server, want) {
			t.Errorf("%s: %+v, %v", text, s.Server, err)
		}
	}
}

func TestSmokeIsShownAsYAML(t *testing.T) {
	const text = "context: .\n" + "smoke: [\"a, b: c\", [a, \"b c\"], {run: [\"on\"], output: true}, {run: a, output: true}]\n" +
		"server: {port: 8080, path: \"/a?b\", wait: 1m30s}\nsmoke-output: true\ntouch: [a/b, \"c d\"]\n"
	s := must(resolveText(t, text))(t)
	var b strings.Builder
	if err := WriteShow(&b, s); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.Contains(b.String(), line+" ") {
			t.Errorf("%s is not in\n%s", line, b.String())
		}
	}
	again := must(resolveText(t, b.String()))(t)
	if !reflect.DeepEqual(again.Smoke, s.Smoke) || !reflect.DeepEqual(again.Server, s.Server) || !reflect.DeepEqual(again.Touch, s.Touch) {
		t.Errorf("%+v", again)
	}
	for d, want := range map[time.Duration]string{30 * time.Second: "30s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Second: "10s"} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v is written %s", d, got)
		}
	}
}

func TestSmokeIsNotShared(t *testing.T) {
	root := tree(t, map[string]string{FileName: "smoke: [[a, b]]\nserver: {port: 1}\n"})
	l := loader(t, root)
	s := must(l.Resolve("", nil, nil))(t)
	s.Smoke[0].Argv[0], s.Server.Port = "changed", 2
	if s = must(l.Resolve("", nil, nil))(t); s.Smoke[0].Argv[0] != "a" || s.Server.Port != 1 {
		t.Errorf("%+v %+v", s.Smoke, s.Server)
	}
}

func TestSmokeOutputFor(t *testing.T) {
	for _, c := range []struct{ all, one, want bool }{{false, false, false}, {true, false, true}, {false, true, true}} {
		if got := (Settings{SmokeOutput: c.all}).SmokeOutputFor(SmokeCommand{Output: c.one}); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
