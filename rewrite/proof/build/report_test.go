package build

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// hostile is a report in which everything that comes from outside is markup and
// control characters.
func hostile() *Report {
	const evil = "<script>alert(1)</script>\x1b[31m\u202e\"'&"
	r := &Report{
		Name: evil, Target: evil, Platform: "linux/amd64", BuildArgs: []string{evil}, Touched: []string{evil}, TouchedWhy: evil,
		Reasons: []Reason{{evil, evil, evil}}, Diff: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" + evil + "\n+" + evil + "\n",
		Changes: []Change{{Kind: File, What: "content", Path: evil, Before: evil, After: evil, Why: evil}, {Kind: File, What: "removed", Path: "/var/log/x", Class: Volatile, Why: "a log", Bytes: 2000, Files: 3}},
		Smoke:   []Trial{{evil, Outcome{Stdout: evil, Error: evil}, Outcome{Stderr: evil, Exit: 1}}},
		Server:  &ServerTrial{Port: 1, Path: evil, Before: &Answer{Status: 200, Body: evil}, After: &Answer{Error: evil}},
		notes:   []string{evil},
	}
	for i, s := range []*Side{&r.Before, &r.After} {
		s.Layers = []Layer{{Digest: "sha256:base", CreatedBy: evil, Compressed: 3e6, Unpacked: 9e6}, {Digest: evil[:i], CreatedBy: "RUN x", Compressed: int64(1+i) * 1e6, Unpacked: 2e6}}
		s.Compressed, s.Unpacked, s.Visible, s.Files = int64(4+i)*1e6, 11e6, 11e6, 10
		s.Cold, s.Rebuild = Times{[]float64{1, 3}, 2, 1, 3}, Times{[]float64{1}, 1, 1, 1}
		s.Reran, s.Steps = []Step{{Name: evil, Seconds: 1}}, 2
	}
	r.decide()
	return r
}

func TestReportEscapes(t *testing.T) {
	r := hostile()
	var page, text, doc bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(&doc); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*bytes.Buffer{"page": &page, "text": &text} {
		if strings.ContainsAny(b.String(), "\x1b\u202e") {
			t.Errorf("the %s holds control characters", name)
		}
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "ZgotmplZ") {
		t.Error("the page holds a script, or a value in a place where it cannot stand")
	}
	// Self-contained: nothing is fetched.
	if m := regexp.MustCompile(`(?i)(src|href)\s*=|url\(|@import|<link|https?://`).FindString(page.String()); m != "" {
		t.Errorf("the page refers to something: %q", m)
	}
	var back Report
	if err := json.Unmarshal(doc.Bytes(), &back); err != nil || back.Name != r.Name || len(back.Changes) != 2 || back.Before.Cold.Median != 2 {
		t.Errorf("%v: %+v", err, back)
	}
}

func TestDecide(t *testing.T) {
	change := func(kind Kind, class Class, breaks bool) Change {
		return Change{Kind: kind, What: "w", Path: "p", Class: class, Breaks: breaks}
	}
	tests := []struct {
		name string
		r    Report
		want Verdict
		text string
	}{
		{"nothing", Report{}, Same, "do not differ"},
		{"volatile", Report{Changes: []Change{change(File, Volatile, false)}}, Same, "do not differ"},
		{"unstable", Report{Changes: []Change{change(File, Unstable, false)}}, Same, "do not differ"},
		{"expected", Report{Changes: []Change{change(File, Expected, false), change(Library, Expected, true)}}, Same, "only as the rewrite says"},
		{"unexpected", Report{Changes: []Change{change(File, Unexpected, false), change(File, Expected, false)}}, Different, "1 place that"},
		{"breaks", Report{Changes: []Change{change(File, Unexpected, false), change(Program, Unexpected, true)}}, Broken, "does not work"},
		{"before fails", Report{Before: Side{Failure: &Failure{}}}, Undecided, "before does not build"},
		{"after fails", Report{After: Side{Failure: &Failure{}}}, Broken, "after does not build"},
	}
	for _, tt := range tests {
		tt.r.decide()
		if tt.r.Verdict != tt.want || !strings.Contains(tt.r.Summary, tt.text) || tt.r.OK() != (tt.want == Same) || len(tt.r.Unproven) == 0 {
			t.Errorf("%s: %s: %s", tt.name, tt.r.Verdict, tt.r.Summary)
		}
	}
	r := Report{Changes: []Change{change(Config, Unexpected, false)}}
	r.decide()
	for _, s := range r.Proven {
		if strings.Contains(s, "configurations agree") {
			t.Error("configurations that differ are said to agree")
		}
	}
}

func TestReportText(t *testing.T) {
	r := hostile()
	r.Name, r.Touched = "Dockerfile", []string{"a.py"}
	var b bytes.Buffer
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Dockerfile: DIFFERENT: ", "4.0 MB", "1.25", "differences that nothing explains (1):", "of no account (1):", "with 3 files below it, 2.0 kB: a log", "steps rerun", "1 of 2", "not proven:"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("the text lacks %q:\n%s", part, b.String())
		}
	}
	for range 100 {
		r.Changes = append(r.Changes, Change{Kind: File, What: "added", Path: "/x"})
	}
	b.Reset()
	if err := r.Text(&b); err != nil || !strings.Contains(b.String(), "and 76 more") {
		t.Errorf("a long list is not cut: %v", err)
	}
	failed := Report{Name: "D", Before: Side{Failure: &Failure{Message: "exit code: 1", Source: "D:2\n>>> RUN x\n", Log: "oh\n"}}}
	failed.decide()
	b.Reset()
	if err := failed.Text(&b); err != nil || !strings.Contains(b.String(), "before does not build:\n  D:2\n  >>> RUN x\n  oh\n  exit code: 1\n") || strings.Contains(b.String(), "ratio") {
		t.Errorf("%v:\n%s", err, b.String())
	}
	b.Reset()
	if err := failed.HTML(&b); err != nil || !strings.Contains(b.String(), "before does not build") {
		t.Errorf("%v", err)
	}
}
