package proof

import (
	"context"
	"maps"
	"strings"
	"testing"
)

// TestStandIns: a build argument that FROM needs gets a value, and the report
// says which.
func TestStandIns(t *testing.T) {
	zeros := strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, src string
		want      map[string]string
	}{
		{"none needed", "ARG v=1\nFROM a:$v\n", nil},
		{"not used", "ARG v\nFROM a\n", nil},
		{"the whole name", "ARG v\nFROM $v\n", map[string]string{"v": "stand-in"}},
		{"an empty default", "ARG v=\nFROM ${v}\n", map[string]string{"v": "stand-in"}},
		{"a tag", "ARG v\nFROM a:$v\n", map[string]string{"v": "stand-in"}},
		{"a registry", "ARG v\nFROM ${v}/a:1\n", map[string]string{"v": "stand-in"}},
		{"a digest", "ARG v\nFROM a@$v\n", map[string]string{"v": "sha256:" + zeros}},
		{"a digest's hash", "ARG v\nFROM a@sha256:${v}\n", map[string]string{"v": zeros}},
		{"a platform", "ARG v\nFROM --platform=$v a\n", map[string]string{"v": "linux/amd64"}},
		{"two", "ARG v\nARG w\nFROM --platform=$v a:$w\n", map[string]string{"v": "linux/amd64", "w": "stand-in"}},
		{"names that begin alike", "ARG v\nARG vv\nFROM $v/a@${vv}\n", map[string]string{"v": "stand-in", "vv": "sha256:" + zeros}},
		{"a default in FROM", "ARG v\nFROM ${v:-a}\n", nil},
		{"must be set", "ARG v\nFROM ${v:?unset}\n", map[string]string{"v": "stand-in"}},
		{"a stage below", "ARG v\nFROM a AS s\nRUN b\nFROM a:$v\nCOPY --from=s c d\n", map[string]string{"v": "stand-in"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := build(t, tt.src)
			if !maps.Equal(b.StandIns, tt.want) {
				t.Errorf("%v, want %v", b.StandIns, tt.want)
			}
			again, err := Compile(context.Background(), parse(t, tt.src), b.StandIns, nil)
			if err != nil {
				t.Fatal(err)
			}
			verdict(t, SameBuild(b, again), "")
		})
	}
}

// TestDoesNotCompile: what BuildKit refuses, in its words and with the line.
func TestDoesNotCompile(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"a variable nobody declares", "FROM $v\n", "Dockerfile:1: BuildKit: base name ($v) should not be blank"},
		{"one that must be set", "FROM a\nARG v\nENV w=1\nWORKDIR /${v:?set v}\n", "Dockerfile:4: BuildKit: failed to process \"/${v:?set v}\": v: set v"},
		{"the same in FROM", "FROM ${v:?unset}\n", "Dockerfile:1: BuildKit: failed to process"},
		{"an unknown stage by number", "FROM a\nCOPY --from=5 b c\n", "Dockerfile:1: BuildKit: invalid stage index 5"},
		{"a bad platform", "FROM --platform=x/y/z/w a\n", "Dockerfile:1: BuildKit: "},
		{"a bad signal", "FROM a\nSTOPSIGNAL none\n", "Dockerfile:2: BuildKit: "},
		{"a bad port", "FROM a\nEXPOSE x\n", "Dockerfile:2: BuildKit: "},
		{"a circle", "FROM a AS b\nCOPY --from=c d e\nFROM a AS c\nCOPY --from=b d e\n", "BuildKit: circular dependency"},
		{"a bad pin", "FROM a@sha256:12\n", "Dockerfile:1: BuildKit: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Compile(context.Background(), parse(t, tt.src), nil, nil)
			if b != nil {
				t.Error("a build all the same")
			}
			verdict(t, err, tt.want)
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = Compile(ctx, parse(t, "FROM a\n"), nil, nil) // ends in any case
}
