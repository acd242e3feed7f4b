package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/restow/restow/internal/corpus"
	"github.com/restow/restow/rewrite/dockerfile"
)

// restow runs it offline and without pins, and returns what it prints.
func restow(t testing.TB, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(context.Background(), append(args, "--ignore", "pin-digest"), strings.NewReader(""), &out, &errs); code != exitOK && code != exitRemain {
		t.Fatalf("%q: exit code %d: %s", args, code, errs.String())
	}
	return out.String()
}

// readSARIF reads a log as the schema of SARIF 2.1.0 has it: nothing that it does
// not know, and nothing that it does not take.
func readSARIF(t testing.TB, text string) *sarif.Run {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var log sarif.Report
	if err := dec.Decode(&log); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = sarifSchema(t).Validate(doc)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return log.Runs[0]
}

var schemaOnce struct {
	sync.Once
	text string
}

// sarifSchema is the schema of OASIS, from the source of the library that brings it
// along: a copy of it has no place here.
func sarifSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	schemaOnce.Do(func() {
		cmd := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif")
		cmd.Dir = sourceDir
		dir, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && len(lit.Value) > len(schemaOnce.text) {
				schemaOnce.text = strings.Trim(lit.Value, "`")
			}
			return true
		})
	})
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemaOnce.text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// sourceDir is where this test's source is, whatever folder a test goes to.
var sourceDir, _ = os.Getwd()

// offset is the byte that a line and a column of UTF-16 units are at, as editors
// find it: a byte order mark is no part of the text.
func offset(t testing.TB, src []byte, line, column int) int {
	t.Helper()
	at := 0
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		at = 3
	}
	for ; line > 1; line-- {
		i := bytes.IndexByte(src[at:], '\n')
		if i < 0 {
			t.Fatalf("no line %d", line)
		}
		at += i + 1
	}
	for units := 1; units < column; {
		r, n := utf8.DecodeRune(src[at:])
		if n == 0 {
			t.Fatalf("no column %d", column)
		}
		units, at = units+utf16.RuneLen(r), at+n
	}
	return at
}

// replace does what one change of a file says.
func replace(t testing.TB, src []byte, change *sarif.ArtifactChange) []byte {
	t.Helper()
	var edits []dockerfile.Edit
	for _, r := range change.Replacements {
		d := r.DeletedRegion
		e := dockerfile.Edit{Span: dockerfile.Span{Start: offset(t, src, *d.StartLine, *d.StartColumn), End: offset(t, src, *d.EndLine, *d.EndColumn)}}
		if r.InsertedContent != nil {
			e.New = *r.InsertedContent.Text
		}
		edits = append(edits, e)
	}
	out, err := dockerfile.Apply(src, edits)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSARIFFixes: what the fixes of a log say is what restow fix --write does.
func TestSARIFFixes(t *testing.T) {
	for name, src := range map[string]string{
		"plain":        "FROM alpine as Base\nENV A b\nRUN echo a\nRUN echo b",
		"CRLF and BOM": "\ufeffFROM alpine as Base\r\nENV A é𝄞 b\r\nRUN echo 𝄞\r\nRUN echo b\r\n",
		"bytes":        "FROM alpine as Base\n# \xff\nENV A b\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write := func() {
				if err := os.WriteFile("Dockerfile", []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write()
			found := readSARIF(t, restow(t, "check", "--format", "sarif"))
			log := restow(t, "fix", "--format", "sarif")
			readSARIF(t, restow(t, "fix", "--write", "--format", "sarif"))
			want, err := os.ReadFile("Dockerfile")
			if err != nil || string(want) == src {
				t.Fatal("nothing was written", err)
			}
			fixes := 0
			for _, r := range readSARIF(t, log).Results {
				for _, f := range r.Fixes {
					fixes++
					if got := replace(t, []byte(src), f.ArtifactChanges[0]); !bytes.Equal(got, want) {
						t.Errorf("got %q, want %q", got, want)
					}
				}
			}
			if fixes != 1 {
				t.Errorf("%d fixes of one file", fixes)
			}
			for _, r := range found.Results {
				if len(r.Fixes) != 1 {
					t.Fatalf("%s has %d fixes", *r.RuleID, len(r.Fixes))
				}
				write()
				restow(t, "fix", "--write", "--select", *r.RuleID)
				alone, err := os.ReadFile("Dockerfile")
				if err != nil {
					t.Fatal(err)
				}
				if got := replace(t, []byte(src), r.Fixes[0].ArtifactChanges[0]); !bytes.Equal(got, alone) {
					t.Errorf("%s: got %q, want %q", *r.RuleID, got, alone)
				}
			}
		})
	}
}

// TestSARIFIgnoreFile: a fix that adds to the ignore file says so of that file.
func TestSARIFIgnoreFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", ".dockerignore": "dist", "package.json": "{}", "package-lock.json": "{}", "node_modules/a/b.js": "b"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var changed []string
	for _, r := range readSARIF(t, restow(t, "check", "--format", "sarif")).Results {
		for _, f := range r.Fixes {
			for _, c := range f.ArtifactChanges {
				if *c.ArtifactLocation.URI == "Dockerfile" {
					continue
				}
				changed = append(changed, fmt.Sprintf("%s: %s", *c.ArtifactLocation.URI, replace(t, []byte("dist"), c)))
			}
		}
	}
	changed = slices.Compact(changed)
	if want := []string{".dockerignore: dist\nnode_modules"}; !slices.Equal(changed, want) {
		t.Errorf("%q", changed)
	}
}

// TestFormatsCorpus: SARIF of every fourth real Dockerfile is what the schema takes, each
// fix gives a file that parses, and no two findings of GitLab's report are one.
func TestFormatsCorpus(t *testing.T) {
	files := corpus.Load(t)
	dir := t.TempDir()
	t.Chdir(dir)
	for i, f := range files {
		if i%4 > 0 {
			continue
		}
		// Each in a folder of its own: those of one share a build context.
		name := fmt.Sprintf("%04d/Dockerfile", i)
		if err := errors.Join(os.Mkdir(filepath.Dir(name), 0o755), os.WriteFile(name, f.Src, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	report := func(format string) string {
		var out, errs bytes.Buffer
		run(context.Background(), []string{"check", "--offline", "--format", format}, strings.NewReader(""), &out, &errs)
		return out.String()
	}
	fixes := 0
	for _, r := range readSARIF(t, report("sarif")).Results {
		for _, f := range r.Fixes {
			for _, c := range f.ArtifactChanges {
				name := *c.ArtifactLocation.URI
				src, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := dockerfile.Parse(name, replace(t, src, c)); err != nil {
					t.Errorf("%s of %s: %v", *r.RuleID, name, err)
				}
				fixes++
			}
		}
	}
	var issues []gitlabIssue
	if err := json.Unmarshal([]byte(report("gitlab")), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]gitlabIssue{}
	for _, is := range issues {
		if other, twice := seen[is.Fingerprint]; twice {
			t.Errorf("one fingerprint: %+v and %+v", is, other)
		}
		seen[is.Fingerprint] = is
	}
	if fixes < 500 || len(issues) < 1000 {
		t.Errorf("%d fixes, %d issues", fixes, len(issues))
	}
	t.Logf("%d issues, %d fixes", len(issues), fixes)
}

// TestSummarySize: a summary that would be too long is cut, and says so.
func TestSummarySize(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 60 {
		src := "FROM alpine\n" + strings.Repeat("ENV A "+strings.Repeat("x ", 40)+"\n", 200)
		if err := errors.Join(os.Mkdir(fmt.Sprint(i), 0o755), os.WriteFile(fmt.Sprintf("%d/Dockerfile", i), []byte(src), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	text := restow(t, "fix", "--format", "markdown")
	if len(text) > summaryMost || len(text) < summaryMost/2 {
		t.Errorf("%d bytes", len(text))
	}
	if !strings.Contains(text, "rows are left out: the summary would be too long") || !strings.Contains(text, "60 diffs left out") {
		t.Error(text[len(text)-1000:])
	}
}

// TestFingerprints: they stay when lines come and go around a finding, and part
// findings that say the same.
func TestFingerprints(t *testing.T) {
	prints := func(src string) map[string]int {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("Dockerfile", []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		var issues []gitlabIssue
		if err := json.Unmarshal([]byte(restow(t, "check", "--format", "gitlab")), &issues); err != nil {
			t.Fatal(err)
		}
		out := map[string]int{}
		for _, is := range issues {
			out[is.Fingerprint] = is.Location.Lines.Begin
		}
		if len(out) != len(issues) || len(out) == 0 {
			t.Fatalf("%d fingerprints of %d", len(out), len(issues))
		}
		return out
	}
	before := prints("FROM alpine\nENV A b\nENV A b\nADD x /\n")
	after := prints("# a comment\n\nFROM alpine\nWORKDIR /y\nENV A b\nENV  A  b\nRUN true\nADD x /\n")
	moved := 0
	for p, line := range before {
		if to, ok := after[p]; ok && to != line {
			moved++
		}
	}
	if moved != len(before) {
		t.Errorf("%v and %v", before, after)
	}
}
