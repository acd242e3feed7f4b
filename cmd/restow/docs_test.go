package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPages: docs/passes holds what the passes say of themselves.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	if err := writeDocs(dir); err != nil {
		t.Fatal(err)
	}
	pages, err := os.ReadDir(dir)
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, p := range pages {
		want, err := os.ReadFile(filepath.Join(dir, p.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../../docs/passes", p.Name()))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/passes/%s is not up to date (%v): run make docs", p.Name(), err)
		}
	}
}

// TestReadme: the example in the README is what restow prints today.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"fix", "testdata/demo"}, strings.NewReader(""), &out, &errs); code != exitRemain {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for name, text := range map[string]string{"diff": out.String(), "reasons": errs.String()} {
		if !strings.Contains(string(readme), text) {
			t.Errorf("the README does not have the %s of restow fix testdata/demo:\n%s", name, text)
		}
	}
}
