package rewrite_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/restow/restow/rewrite"
)

// TestIgnores: what a comment switches off, and which of restow's own do nothing.
func TestIgnores(t *testing.T) {
	find := advising("find-run", "RUN")
	find.Rule, find.Hadolint = "FindRun", []string{"DL9001", "DL9002"}
	plain := advising("find-cmd", "CMD") // has no BuildKit rule
	for _, tt := range []struct {
		name, src string
		found     []string
		unused    []string
	}{
		{"none", "FROM a\nRUN b\nCMD c\n", []string{"find-run:2", "find-cmd:3"}, nil},
		{"above one", "FROM a\n# restow: ignore=find-run\nRUN b\nRUN c\n", []string{"find-run:4"}, nil},
		{"by its rule", "FROM a\n#restow:ignore=FindRun\nRUN b\n", nil, nil},
		{"with words behind", "FROM a\n# restow: ignore=find-run because of d\nRUN b\n", nil, nil},
		{"indented, among others", "FROM a\n# x\n  # restow: ignore=find-run\n# y\nRUN b\n", nil, nil},
		{"inside", "FROM a\nRUN b \\\n  # restow: ignore=find-run\n  c\n", nil, nil},
		{"two names", "FROM a\n# restow: ignore=find-run,find-cmd\nRUN b\n", nil, []string{"2 find-cmd"}},
		{"all", "FROM a\n# restow: ignore=all\nCMD b\n", nil, nil},
		{"another pass", "FROM a\n# restow: ignore=find-cmd\nRUN b\n", []string{"find-run:3"}, []string{"2 find-cmd"}},
		{"a pass that did not run", "FROM a\n# restow: ignore=other\nRUN b\n", []string{"find-run:3"}, nil},
		{"above a blank line", "FROM a\n# restow: ignore=find-run\n\nRUN b\n", []string{"find-run:4"}, []string{"2 find-run"}},
		{"above the end", "FROM a\nRUN b\n# restow: ignore=find-run\n", []string{"find-run:2"}, []string{"3 find-run"}},
		{"for the file", "FROM a\nRUN b\n# restow: ignore-file=find-run\n\nRUN c\n", nil, nil},
		{"for the file, unused", "# restow: ignore-file=find-cmd\nFROM a\nRUN b\n", []string{"find-run:3"}, []string{"1 find-cmd"}},
		{"hadolint", "FROM a\n# hadolint ignore=DL9001\nRUN b\nRUN c\n", []string{"find-run:4"}, nil},
		{"hadolint, a list", "FROM a\n# hadolint ignore=DL1,DL9002 , DL2\nRUN b\n", nil, nil},
		{"hadolint, global", "# hadolint global ignore=DL9001\nFROM a\nRUN b\nRUN c\n", nil, nil},
		{"hadolint, another", "FROM a\n# hadolint ignore=DL1\nRUN b\n", []string{"find-run:3"}, nil},
		{"BuildKit, the file", "# check=skip=FindRun\nFROM a\nRUN b\n", nil, nil},
		{"BuildKit, all its own", "# check=skip=all\nFROM a\nRUN b\nCMD c\n", []string{"find-cmd:4"}, nil},
		{"BuildKit, one instruction", "FROM a\n# check=skip=FindRun\nRUN b\nRUN c\n", []string{"find-run:4"}, nil},
		{"BuildKit, across a blank line", "FROM a\n# check=skip=FindRun\n\nRUN b\n", nil, nil},
		{"BuildKit, with words behind", "# check=skip=FindRun words\nFROM a\nRUN b\n", nil, nil},
		{"BuildKit, another", "# check=skip=Other\nFROM a\nRUN b\n", []string{"find-run:3"}, nil},
		{"BuildKit, nonsense", "FROM a\n# check=\x0b\nRUN b\n", []string{"find-run:3"}, nil},
		{"in a heredoc", "FROM a\nRUN <<e\n# restow: ignore=find-run\ne\n", []string{"find-run:2"}, nil},
		{"CRLF", "FROM a\r\n# restow: ignore=find-run\r\nRUN b\r\n", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := run(t, tt.src, find, plain)
			if got := names(res.Findings); !slices.Equal(got, tt.found) {
				t.Errorf("found %q, want %q", got, tt.found)
			}
			var unused []string
			for _, u := range res.Ignores {
				unused = append(unused, fmt.Sprint(u.Line, " ", u.Name))
			}
			if !slices.Equal(unused, tt.unused) {
				t.Errorf("unused %q, want %q", unused, tt.unused)
			}
		})
	}
}

// TestIgnoredFix: a fix that is ignored is not made, wherever in the file
// earlier passes have put its instruction.
func TestIgnoredFix(t *testing.T) {
	res := run(t, "FROM a\nRUN b\n# restow: ignore=later\nENV d e\nENV d e\n", deleting("first", rewrite.NoClaim, "b"), later)
	if want := "FROM a\n# restow: ignore=later\nENV d e\nENV d=e\n"; string(res.After.Src) != want || len(res.Ignores) > 0 {
		t.Errorf("%q, unused %v", res.After.Src, res.Ignores)
	}
}

func TestIgnoredNames(t *testing.T) {
	f := parse(t, "# restow: ignore-file=a\nFROM x\n# restow: ignore=b,c\n\n# hadolint ignore=DL1\nRUN y\n")
	var got []string
	for _, u := range rewrite.IgnoredNames(f) {
		got = append(got, fmt.Sprint(u.Line, " ", u.Name))
	}
	if !slices.Equal(got, []string{"1 a", "3 b", "3 c"}) {
		t.Errorf("%q", got)
	}
}
