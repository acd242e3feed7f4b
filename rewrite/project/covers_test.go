package project_test

import (
	"testing"

	"github.com/restow/restow/rewrite/project"
)

func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		src, name string
		want      bool
	}{
		{"", "a", true},
		{"", "a/b", true},
		{"a", "a/b", true},
		{"a", "a/b/c", true},
		{"a", "a", false},
		{"a", "ab/c", false},
		{"a/b", "a", false},
		{"*", "a", true},
		{"a/*", "a/b", true},
		{"a/*", "b", false},
		{"a*", "ab/c", true},
		{"a*", "ab", false},
		{"[", "a/b", false},
	} {
		if got := project.Covers(tt.src, tt.name); got != tt.want {
			t.Errorf("COPY %s, %s: %v", tt.src, tt.name, got)
		}
	}
}

func TestLost(t *testing.T) {
	tr := tree(t, map[string][]byte{"a/b": nil, "a/c": nil, "d": nil, ".dockerignore": []byte("x\n"), "x": nil})
	lost, ok := tr.Lost(tr.With([]string{"a/b", "d", "x"}))
	if !ok || len(lost) != 2 || lost[0].Path != "a/b" || lost[1].Path != "d" {
		t.Errorf("%v, %v", lost, ok)
	}
	if lost, ok := tr.Lost(tr); !ok || lost != nil {
		t.Errorf("%v, %v", lost, ok)
	}
}
