package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite/base/table"
)

// source is the folder of collected facts, which is no part of this project.
func source(t *testing.T) fs.FS {
	dir := os.Getenv("RESTOW_BASEDATA")
	if dir == "" {
		t.Skip("RESTOW_BASEDATA does not name the folder of collected facts")
	}
	return os.DirFS(dir)
}

// TestSame: the data gives the table that is embedded, byte for byte, each time.
func TestSame(t *testing.T) {
	data := source(t)
	first, err := generate(data)
	if err != nil {
		t.Fatal(err)
	}
	second, err := generate(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("twice generated, the table differs")
	}
	embedded, err := os.ReadFile("../table.bin")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, embedded) {
		t.Error("table.bin is not what the data gives: run go generate ./rewrite/base")
	}
}

// changed is a folder in which one file is another.
type changed struct {
	fs.FS
	name string
	with fs.FS
}

func (c changed) Open(name string) (fs.File, error) {
	if name == c.name {
		return c.with.Open(name)
	}
	return c.FS.Open(name)
}

// TestShape: a source that changed shape is an error that names it.
func TestShape(t *testing.T) {
	data := source(t)
	for _, c := range []struct {
		what, file, old, new string
		says                 string
	}{
		{"a column gone", "tags.tsv.gz", "\tsuite\t", "\t", "its columns are"},
		{"a new variant", "tags.tsv.gz", "\tfull\t", "\tbig\t", `variant is "big"`},
		{"a new libc", "tags.tsv.gz", "\tmusl\t", "\tdietlibc\t", `libc is "dietlibc"`},
		{"rows gone", "tags.tsv.gz", "\nadminer\t5\t", "\x00", "rows, it had about"},
		{"a counterpart that is no tag", "tags.tsv.gz", "\t3.12-alpine\t\t3.12\n", "\t3.12-nothing\t\t3.12\n", "3.12-nothing"},
		{"a cell too many", "tags.tsv.gz", "\nadminer\t5\t", "\nadminer\t5\t\t", "columns and not"},
		{"no month", "retired.tsv.gz", "\t2026-08\t", "\tAugust\t", "no months"},
		{"patch levels in words", "retired.tsv.gz", "\t0-15\t", "\tmany\t", `patches is "many"`},
		{"a new field", "images.json", `"exactness"`, `"certainty"`, "certainty"},
		{"a new exactness", "images.json", `"exactness":"exact"`, `"exactness":"perhaps"`, "perhaps"},
		{"no shells", "images.json", `"shells":{"sh":"dash","bash":true},`, ``, "shells"},
		{"a set that is not there", "images.json", `"packages_file":"python_slim_trixie"`, `"packages_file":"python_tiny"`, "python_tiny"},
		{"a package lost", "packages/python_slim_trixie.txt.gz", "\nbash\n", "\n", "its index says"},
		{"a note that is new", "commands/node_slim_trixie.txt.gz", "corepack up to 24", "corepack up to 23", "a note that is new"},
		{"a new suite", "devlibs.tsv", "\ttrixie\t", "\tforky\t", `suite is "forky"`},
		{"no package", "command2package.tsv.gz", "\tnote\n", "\tremark\n", "its columns are"},
		{"a new confidence", "pysdist.tsv", "\thigh\n", "\tsure\n", `confidence is "sure"`},
		{"an end that is no date", "raw/endoflife.json", `"eol":"2028-10-31"`, `"eol":"soon"`, "no end that is a date"},
		{"a repository gone", "raw/SOURCES.md", "| endoflife-date/endoflife.date |", "| elsewhere/endoflife |", "endoflife-date/endoflife.date is not in it"},
	} {
		t.Run(c.what, func(t *testing.T) {
			text := read(t, data, c.file)
			if !strings.Contains(text, c.old) {
				t.Fatalf("%s does not have %q", c.file, c.old)
			}
			if c.new == "\x00" {
				text = text[:len(text)/3]
				text = text[:strings.LastIndex(text, "\n")+1]
			} else {
				text = strings.Replace(text, c.old, c.new, 1)
			}
			_, err := generate(changed{data, c.file, fstest.MapFS{c.file: {Data: packed(t, c.file, text)}}})
			switch {
			case err == nil:
				t.Fatal("it was taken")
			case !errors.Is(err, errShape), !strings.Contains(err.Error(), strings.TrimSuffix(c.file, ".json")), !strings.Contains(err.Error(), c.says):
				t.Errorf("the error is %v", err)
			}
		})
	}
	t.Run("a file gone", func(t *testing.T) {
		if _, err := generate(changed{data, "devlibs.tsv", fstest.MapFS{}}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the error is %v", err)
		}
	})
}

func read(t *testing.T, data fs.FS, name string) string {
	t.Helper()
	g := &generator{data: data}
	text, err := g.read(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func packed(t *testing.T, name, text string) []byte {
	t.Helper()
	if !strings.HasSuffix(name, ".gz") {
		return []byte(text)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSuites: the suite of a patch level is that of its row for the last, and else
// that of the only row which names one.
func TestSuites(t *testing.T) {
	named := []rowSuite{{"jessie", []int{0, 1, 2}}, {"stretch", []int{2, 3, 4}}, {"buster", []int{4, 5, 6}}}
	if got, want := bySuite([]int{0, 1, 2, 3, 4, 5, 6}, "buster", named), "0-1=jessie;2=;3=stretch;4=;5-6=buster"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for tag, want := range map[string]string{
		"3.6.*-slim-buster": "3.6.*-slim buster", "14.17.*-buster-slim": "14.17.*-slim buster",
		"3.6.*-alpine3.10": "3.6.*-alpine alpine3.10", "3.6.*-alpine": "3.6.*-alpine ", "3.6.*": "3.6.* ",
	} {
		rest, suite := withoutSuite(tag)
		if got := rest + " " + suite; got != want {
			t.Errorf("%s is %q, want %q", tag, got, want)
		}
	}
	for _, bad := range []string{"", "a", "3-1", "1-", "0-99999"} {
		if got, err := expand(bad); err == nil {
			t.Errorf("%q are the levels %v", bad, got)
		}
	}
}

// TestNeeds: a list of packages with words of people in it.
func TestNeeds(t *testing.T) {
	for list, want := range map[string]string{
		"libpq5": "libpq5",
		"libldap2 (trixie) libldap-2.5-0 (bookworm) libsasl2-2": "libldap2@trixie libldap-2.5-0@bookworm libsasl2-2",
		"libxmlsec1 libxmlsec1-openssl (bookworm)":              "libxmlsec1@bookworm libxmlsec1-openssl@bookworm",
		"libev4t64 optional":                                    "libev4t64?",
		"libaio1 (bookworm) + Oracle Instant Client":            "libaio1@bookworm …",
		"python3-tk (system Python); in the image":              "python3-tk …",
		"": "",
	} {
		packages, rest := needs(list)
		got := strings.Join(packages, " ")
		if rest {
			got += " …"
		}
		if got != want {
			t.Errorf("%q is %q, want %q", list, got, want)
		}
	}
}

// TestWords: what tells tags of one version, variant and suite apart.
func TestWords(t *testing.T) {
	for tag, want := range map[string]string{
		"3.12-slim-bookworm": "", "8.4-fpm-alpine3.20": "fpm", "21-jre-alpine-3.24": "jre", "latest": "",
		"3.9-eclipse-temurin-21": "eclipse-temurin", "5.45.2-threaded-slim": "threaded",
	} {
		if got := table.Words(tag); got != want {
			t.Errorf("%s has the words %q, want %q", tag, got, want)
		}
	}
}
