package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write docs/restow.schema.json")

const schemaFile = "../docs/restow.schema.json"

func compile(t *testing.T, data []byte) *jsonschema.Schema {
	t.Helper()
	doc := must(jsonschema.UnmarshalJSON(bytes.NewReader(data)))(t)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	return must(c.Compile(schemaID))(t)
}

func TestSchemaFile(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if data := must(os.ReadFile(schemaFile))(t); !bytes.Equal(data, Schema()) {
		t.Errorf("%s is out of date, run: go test ./config -run TestSchemaFile -update", schemaFile)
	}
}

func TestSchemaHasTheKeysOfTheTable(t *testing.T) {
	var doc struct {
		Schema               string `json:"$schema"`
		AdditionalProperties *bool
		Properties           map[string]struct{ Title, Description string }
	}
	if err := json.Unmarshal(must(os.ReadFile(schemaFile))(t), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != "https://json-schema.org/draft/2020-12/schema" || doc.AdditionalProperties == nil || *doc.AdditionalProperties {
		t.Errorf("%+v", doc)
	}
	for _, row := range Table() {
		p, ok := doc.Properties[row.Key]
		if ok != (row.Key != "") {
			t.Errorf("key %q: in the schema %t", row.Key, ok)
		}
		if ok && (p.Title != row.Key || p.Description != row.Description) {
			t.Errorf("key %q: %+v", row.Key, p)
		}
	}
	for key := range doc.Properties {
		if _, ok := settingFor(key); !ok {
			t.Errorf("key %q is not in the table", key)
		}
	}
}

// TestSchemaAgreesWithReading checks the schema and the reader against the
// same examples. Both know the names of the passes.
func TestSchemaAgreesWithReading(t *testing.T) {
	l := loader(t, t.TempDir())
	free, strict := compile(t, Schema()), compile(t, SchemaWith(l.Names()))
	if !bytes.Equal(SchemaWith([]string{}), Schema()) {
		t.Error("no names make a different schema")
	}
	const good, names, bad = 0, 1, 2 // names: only the names are wrong
	for text, kind := range map[string]int{
		fullFile: good,
		"{}":     good,
		"passes: {merge-run: on, workdir: false}":         good,
		"passes: {StageNameCasing: {}}":                   good,
		"passes: {}\nselect: []\nignore: []\nexclude: []": good,
		"color: auto\ncontext: a/b":                       good,
		"passes: {other: on}":                             names,
		"select: [stageNameCasing]":                       names,
		"ignore: [merge-run, other]":                      names,
		"pases: {}":                                       bad,
		"write: true":                                     bad,
		"passes: [merge-run]":                             bad,
		"passes: {merge-run: yes}":                        bad,
		"passes: {merge-run: 1}":                          bad,
		"passes: {merge-run: {enable: true}}":             bad,
		"passes: {merge-run: {enabled: on}}":              bad,
		"passes: {merge-run: }":                           bad,
		"passes: {'two words': on}":                       bad,
		"select: merge-run":                               bad,
		"ignore: [1]":                                     bad,
		"unsafe: on":                                      bad,
		"offline: 1":                                      bad,
		"color: red":                                      bad,
		"color: true":                                     bad,
		"exclude: a":                                      bad,
		"exclude: ['']":                                   bad,
		"context: ''":                                     bad,
		"context: /etc":                                   bad,
		"context:":                                        bad,
		"[]":                                              bad,
		"smoke: []\ntouch: []\nserver: {}":                good,
		"smoke: [a, [b, -c], {run: d}, {run: [e], output: true}]\nsmoke-output: true": good,
		"smoke: ['[ -f /x ]']":           good,
		"smoke: a":                       bad,
		"smoke: [1]":                     bad,
		"smoke: ['']":                    bad,
		"smoke: [' ']":                   bad,
		"smoke: [[]]":                    bad,
		"smoke: [['', a]]":               bad,
		"smoke: [[a, 1]]":                bad,
		"smoke: [[a, [b]]]":              bad,
		"smoke: [{output: true}]":        bad,
		"smoke: [{}]":                    bad,
		"smoke: [{run: {run: a}}]":       bad,
		"smoke: [{run: a, output: yes}]": bad,
		"smoke: [{run: a, shell: true}]": bad,
		"smoke: ['[\"a\"]']":             bad,
		"smoke-output: 1":                bad,
		"server: {port: 80}":             good,
		"server: {port: 65535, path: '/a?b=c', wait: 1m30s}": good,
		"server: {path: /}":                bad,
		"server: {wait: 1s}":               bad,
		"server: 80":                       bad,
		"server: {port: 0}":                bad,
		"server: {port: 65536}":            bad,
		"server: {port: '80'}":             bad,
		"server: {port: 80, path: a}":      bad,
		"server: {port: 80, path: '/a b'}": bad,
		"server: {port: 80, path: '/#a'}":  bad,
		"server: {port: 80, wait: 30}":     bad,
		"server: {port: 80, wait: soon}":   bad,
		"server: {port: 80, wait: -1s}":    bad,
		"server: {port: 80, host: a}":      bad,
		"touch: [a, b/c, ./d]":             good,
		"touch: a":                         bad,
		"touch: ['']":                      bad,
		"touch: [/a]":                      bad,
		"touch: [1]":                       bad,
		"lock: ''\nmirrors: {}\nmirror: {}\ninsecure-registries: []":                          good,
		"lock: a/b.lock\nregistry-args: true\ninline-args: false\ncache-ttl: 0s\nparallel: 1": good,
		"mirrors: {docker.io: [a.b/c, 'localhost:5000'], 'h:1/x-y': d.e}":                     good,
		"insecure-registries: [a.b, 'a:1', 'https://localhost']\ncache-ttl: 1h30m":            good,
		"mirror: {docker.io/*: a.b/c/*, 'localhost/x': 'a:5/y__z', 'd.e/*': '[::1]:5/*'}":     good,
		"bases: []": good,
		"bot: {}":   good,
		"bot: {groups: pass, labels: [a b], reviewers: [team/x], limit: 64, schedule: '@weekly', automerge: x}": good,
		"bot: {groups: passes}":  bad,
		"bot: {labels: [a, 1]}":  bad,
		"bot: {labels: ['#1']}":  bad,
		"bot: {limit: 65}":       bad,
		"bot: {schedule: daily}": bad,
		"bot: {other: 1}":        bad,
		"bases: [{image: 'a.b/c:*-x', like: 'python:*-slim', packages: [libc6, g++], commands: ['[', sh], shell: none, manager: apk, suite: alpine3.22, libc: musl}]": good,
		"bases: [{from: python, to: 'localhost:5000/hub/*', rename: {libpq5: libpq, x: ''}}]":                                                                         good,
		"bases: {image: a}":                                   bad,
		"bases: [a]":                                          bad,
		"bases: [{}]":                                         bad,
		"bases: [{like: a}]":                                  bad,
		"bases: [{from: a}]":                                  bad,
		"bases: [{to: a, rename: {}}]":                        bad,
		"bases: [{image: a, from: b, to: c}]":                 bad,
		"bases: [{image: a, imgae: b}]":                       bad,
		"bases: [{image: 'a b'}]":                             bad,
		"bases: [{image: A}]":                                 bad,
		"bases: [{image: 'a@sha256:b'}]":                      bad,
		"bases: [{image: 'a/**'}]":                            bad,
		"bases: [{image: a, packages: b}]":                    bad,
		"bases: [{image: a, packages: ['b c']}]":              bad,
		"bases: [{image: a, packages: ['']}]":                 bad,
		"bases: [{image: a, shell: fish}]":                    bad,
		"bases: [{image: a, libc: 1}]":                        bad,
		"bases: [{image: a, suite: ''}]":                      bad,
		"bases: [{from: a, to: b, rename: [c]}]":              bad,
		"bases: [{from: a, to: b, rename: {'c d': e}}]":       bad,
		"bases: [{from: a, to: b, rename: {c: 1}}]":           bad,
		"caches: mount":                                       good,
		"caches: keep":                                        bad,
		"merge: all":                                          good,
		"merge: some":                                         bad,
		"cache-ttl: 365d":                                     good,
		"lock: /a":                                            bad,
		"lock: 1":                                             bad,
		"lock:":                                               bad,
		"registry-args: on":                                   bad,
		"inline-args: 1":                                      bad,
		"cache-ttl: 1":                                        bad,
		"cache-ttl: soon":                                     bad,
		"cache-ttl: -1h":                                      bad,
		"cache-ttl: 1d1h":                                     bad,
		"cache-ttl: 1.5d":                                     bad,
		"parallel: 0":                                         bad,
		"parallel: 65":                                        bad,
		"parallel: '4'":                                       bad,
		"parallel: 1.5":                                       bad,
		"mirrors: a.b":                                        bad,
		"mirrors: [a.b]":                                      bad,
		"mirrors: {docker.io: []}":                            bad,
		"mirrors: {docker.io: }":                              bad,
		"mirrors: {docker.io: [1]}":                           bad,
		"mirrors: {docker.io: {a: b}}":                        bad,
		"mirrors: {docker.io: a}":                             bad,
		"mirrors: {docker.io: 'https://a.b'}":                 bad,
		"mirrors: {docker.io/*: a.b}":                         bad,
		"mirrors: {library: a.b}":                             bad,
		"mirrors: {docker.io/: a.b}":                          bad,
		"insecure-registries: a.b":                            bad,
		"insecure-registries: ['http://a.b']":                 bad,
		"insecure-registries: [a.b/c]":                        bad,
		"insecure-registries: [a]":                            bad,
		"insecure-registries: ['*.a.b']":                      bad,
		"insecure-registries: ['']":                           bad,
		"mirror: []":                                          bad,
		"mirror: {a.b/*: [c.d/*]}":                            bad,
		"mirror: {a.b/*: c.d/e}":                              bad,
		"mirror: {a.b/c: c.d/*}":                              bad,
		"mirror: {a.b: c.d}":                                  bad,
		"mirror: {a.b/c: 'c.d/e:1'}":                          bad,
		"mirror: {a.b/c: 'c.d/E'}":                            bad,
		"mirror: {a/*: b.c/*}":                                bad,
		"allow-registry: [a.b]":                               bad,
		"public-only: true":                                   bad,
		"lock-file: a":                                        bad,
		"unsafe: false\noffline: true\nexclude: ['!a', '#b']": good,
	} {
		var doc any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := free.Validate(doc); (err == nil) != (kind != bad) {
			t.Errorf("%s: schema says %v", text, err)
		}
		if err := strict.Validate(doc); (err == nil) != (kind == good) {
			t.Errorf("%s: schema with names says %v", text, err)
		}
		if _, err := resolveText(t, text); (err == nil) != (kind == good) {
			t.Errorf("%s: reading says %v", text, err)
		}
	}
}
