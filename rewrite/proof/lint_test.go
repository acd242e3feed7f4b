package proof

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLint: each of BuildKit's checks that needs neither registry nor build
// context, by rule and line.
func TestLint(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want []string
	}{
		{"FROM a AS Build\n", []string{"StageNameCasing:1"}},
		{"FROM a as b\n", []string{"FromAsCasing:1"}},
		{"FROM a\nRUN b \\\n\n c\n", []string{"NoEmptyContinuation:4"}},
		{"FROM a\nRun b\nRUN c\n", []string{"ConsistentInstructionCasing:2"}},
		{"FROM a AS b\nFROM c AS b\n", []string{"DuplicateStageName:2"}},
		{"FROM a AS scratch\n", []string{"ReservedStageName:1"}},
		{"FROM a\nCMD b\n", []string{"JSONArgsRecommended:2"}},
		{"FROM a\nENTRYPOINT b\n", []string{"JSONArgsRecommended:2"}},
		{"FROM a\nMAINTAINER b\n", []string{"MaintainerDeprecated:2"}},
		{"ARG v=1\nFROM a:${w}\n", []string{"InvalidDefaultArgInFrom:2", "UndefinedArgInFrom:2"}},
		{"FROM a\nWORKDIR b\n", []string{"WorkdirRelativePath:2"}}, // whatever folder the base has
		{"FROM scratch\nWORKDIR b\n", []string{"WorkdirRelativePath:2"}},
		{"FROM a\nCOPY $b /c\n", []string{"UndefinedVar:2"}},
		{"FROM a\nCMD [\"b\"]\nCMD [\"c\"]\n", []string{"MultipleInstructionsDisallowed:2"}},
		{"FROM a\nHEALTHCHECK CMD b\nHEALTHCHECK NONE\n", []string{"MultipleInstructionsDisallowed:2"}},
		{"FROM a\nENV b c\nLABEL d e\n", []string{"LegacyKeyValueFormat:2", "LegacyKeyValueFormat:3"}},
		{"FROM --platform=$TARGETPLATFORM a\n", []string{"RedundantTargetPlatform:1"}},
		{"FROM a\nARG DB_PASSWORD\nENV API_TOKEN=b\n", []string{"SecretsUsedInArgOrEnv:2", "SecretsUsedInArgOrEnv:3"}},
		{"ARG v\nFROM a:$v\n", []string{"InvalidDefaultArgInFrom:2"}},
		{"FROM --platform=linux/amd64 a\n", []string{"FromPlatformFlagConstDisallowed:1"}},
		{"# check=experimental=all\n# who\nARG v=1\nFROM a\n", []string{"InvalidDefinitionDescription:3"}},
		{"FROM a\nEXPOSE 53/UDP\n", []string{"ExposeProtoCasing:2"}},
		{"FROM a\nEXPOSE 80:80\n", []string{"ExposeInvalidFormat:2"}},
		{"FROM a\n# check=skip=JSONArgsRecommended\nCMD b\n", nil},
		{"# check=skip=JSONArgsRecommended\nFROM a\nCMD b\n", nil},
		{"FROM a AS b\nCMD c\nFROM d\n", []string{"JSONArgsRecommended:2"}},
		{"FROM a\nRUN b\n", nil},
		{"FROM a\nCMD b\nEXPOSE x\n", []string{"JSONArgsRecommended:2"}}, // found before BuildKit gave up
	} {
		var got []string
		for _, w := range Lint(context.Background(), parse(t, tt.src)) {
			got = append(got, fmt.Sprintf("%s:%d", w.Rule, w.Line))
			if w.Message == "" || !strings.HasPrefix(w.URL, "https://docs.docker.com/") {
				t.Errorf("%q: %+v", tt.src, w)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.src, got, tt.want)
		}
	}
}

// TestLintDeterminism: in one order, each once.
func TestLintDeterminism(t *testing.T) {
	f := parse(t, "ARG v\nFROM a:$v AS Build\nmaintainer b\nENV c d\nCMD e\nCMD $f $g\nEXPOSE 1:1/TCP 2:2/UDP\nFROM Build as b\nRun c \\\n\n d\nCOPY $x $y /z\n")
	first := Lint(context.Background(), f)
	if len(first) < 8 {
		t.Errorf("%d warnings only", len(first))
	}
	for range 10 {
		if again := Lint(context.Background(), f); !slices.Equal(first, again) {
			t.Fatalf("%v, then %v", first, again)
		}
	}
}

func TestFailsOnWarnings(t *testing.T) {
	for head, want := range map[string]bool{
		"":                                 false,
		"# check=error=true\n":             true,
		"# check=skip=all;error=true\n":    true,
		"# check=error=false\n":            false,
		"# check=skip=all\n":               false,
		"# a\n# check=error=true\n":        false,
		"#!/bin/x\n# check=error=true\n":   true, // BuildKit's own reading, though its parser has it a comment
		"\xef\xbb\xbf# check=error=true\n": true,
	} {
		f := parse(t, head+"from a\nCMD b\n")
		if got := FailsOnWarnings(f); got != want {
			t.Errorf("%q: %v", head, got)
		}
		if _, err := Compile(context.Background(), f, nil, nil); err != nil { // warnings are no matter of the build graph
			t.Errorf("%q: %v", head, err)
		}
	}
}
