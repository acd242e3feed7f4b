package proof

import (
	"context"
	"strings"
	"testing"
)

func TestSameBuild(t *testing.T) {
	for _, tt := range []struct{ name, before, after string }{
		{"itself", "FROM a\nRUN b\nCOPY . /c\n", "FROM a\nRUN b\nCOPY . /c\n"},
		{"casing", "from a as B\nrun c\nfrom d\ncopy --from=B e f\n", "FROM a AS b\nRUN c\nFROM d\nCOPY --from=b e f\n"},
		{"comments and continuations", "FROM a\n# b\nRUN c \\\n\n# d\ne\n", "FROM a\nRUN c e\n"},
		{"forms of ENV", "FROM a\nENV b c\nENV d e f\n", "FROM a\nENV b=c\nENV d=\"e f\"\n"},
		{"a global ARG expanded", "ARG v=1\nFROM a:$v\n", "FROM a:1\n"},
		{"CMD in between", "FROM a\nCMD [\"b\"]\nRUN c\n", "FROM a\nRUN c\nCMD [\"b\"]\n"},
		{"an unnamed stage that nothing needs", "FROM a\nRUN b\nFROM c\n", "FROM d\nRUN e\nFROM c\n"},
		{"the default platform", "FROM --platform=$TARGETPLATFORM a\n", "FROM a\n"},
		{"tags spelled out", "FROM alpine\n", "FROM docker.io/library/alpine:latest\n"},
		{"a number for a name", "FROM a AS b\nFROM c\nCOPY --from=0 d e\n", "FROM a AS b\nFROM c\nCOPY --from=b d e\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verdict(t, SameBuild(build(t, tt.before), build(t, tt.after)), "")
			verdict(t, SameBuild(build(t, tt.after), build(t, tt.before)), "")
		})
	}
}

// TestSameBuildDiffers are the negative controls: were one of these equal, the
// check would be blind there.
func TestSameBuildDiffers(t *testing.T) {
	pin := func(c string) string { return "@sha256:" + strings.Repeat(c, 64) }
	const graph, config = "graph", "image config"
	for _, tt := range []struct{ name, before, after, want string }{
		{"base, alone", "FROM a\n", "FROM b\n", graph},
		{"base, below a RUN", "FROM a\nRUN c\n", "FROM b\nRUN c\n", graph},
		{"scratch and an image", "FROM scratch\nCOPY . /\n", "FROM a\nCOPY . /\n", ""},
		{"tag", "FROM a:1\n", "FROM a:2\n", graph},
		{"pin or none", "FROM a:1\n", "FROM a:1" + pin("0") + "\n", graph},
		{"another pin", "FROM a:1" + pin("1") + "\n", "FROM a:1" + pin("2") + "\n", graph},
		{"pin of COPY --from", "FROM a\nCOPY --from=b" + pin("1") + " c d\n", "FROM a\nCOPY --from=b" + pin("2") + " c d\n", graph},
		{"platform", "FROM --platform=linux/arm64 a\n", "FROM a\n", ""},
		{"platform of a stage below", "FROM --platform=linux/arm64 a AS b\nFROM c\nCOPY --from=b d e\n", "FROM a AS b\nFROM c\nCOPY --from=b d e\n", ""},
		{"USER", "FROM a\nUSER b\n", "FROM a\nUSER c\n", config},
		{"USER or none", "FROM a\nUSER b\n", "FROM a\n", config},
		{"WORKDIR", "FROM a\nWORKDIR /b\n", "FROM a\nWORKDIR /c\n", config},
		{"ENV", "FROM a\nENV b=c\n", "FROM a\nENV b=d\n", config},
		{"ENV, order", "FROM a\nENV b=c\nENV d=e\n", "FROM a\nENV d=e\nENV b=c\n", config},
		{"ENV, one for two", "FROM a\nENV b=1\nENV b=2 c=$b\n", "FROM a\nENV b=1\nENV b=2\nENV c=$b\n", config},
		{"LABEL", "FROM a\nLABEL b=c\n", "FROM a\nLABEL b=d\n", config},
		{"EXPOSE", "FROM a\nEXPOSE 80\n", "FROM a\nEXPOSE 81\n", config},
		{"EXPOSE, protocol", "FROM a\nEXPOSE 80\n", "FROM a\nEXPOSE 80/udp\n", config},
		{"VOLUME", "FROM a\nVOLUME /b\n", "FROM a\nVOLUME /c\n", config},
		{"CMD", "FROM a\nCMD b\n", "FROM a\nCMD [\"b\"]\n", config},
		{"CMD or the base's", "FROM a\nCMD b\n", "FROM a\n", config},
		{"ENTRYPOINT resets CMD", "FROM a\nENTRYPOINT [\"b\"]\nCMD [\"c\"]\n", "FROM a\nENTRYPOINT [\"b\"]\n", config},
		{"ENTRYPOINT", "FROM a\nENTRYPOINT [\"b\"]\n", "FROM a\nENTRYPOINT [\"c\"]\n", config},
		{"HEALTHCHECK", "FROM a\nHEALTHCHECK CMD b\n", "FROM a\nHEALTHCHECK CMD c\n", config},
		{"HEALTHCHECK, interval", "FROM a\nHEALTHCHECK --interval=5s CMD b\n", "FROM a\nHEALTHCHECK CMD b\n", config},
		{"HEALTHCHECK NONE", "FROM a\nHEALTHCHECK NONE\n", "FROM a\n", config},
		{"STOPSIGNAL", "FROM a\nSTOPSIGNAL 9\n", "FROM a\nSTOPSIGNAL 2\n", config},
		{"SHELL", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\n", "FROM a\n", config},
		{"ONBUILD", "FROM a\nONBUILD RUN b\n", "FROM a\nONBUILD RUN c\n", config},
		{"ONBUILD, case", "FROM a\nONBUILD run b\n", "FROM a\nONBUILD RUN b\n", config},
		{"MAINTAINER", "FROM a\nMAINTAINER b\n", "FROM a\nMAINTAINER c\n", config},
		{"RUN, a blank", "FROM a\nRUN b  c\n", "FROM a\nRUN b c\n", graph},
		{"RUN, JSON", "FROM a\nRUN b\n", "FROM a\nRUN [\"b\"]\n", graph},
		{"RUN, heredoc", "FROM a\nRUN <<e\nb\ne\n", "FROM a\nRUN <<e\nc\ne\n", graph},
		{"RUN, network", "FROM a\nRUN b\n", "FROM a\nRUN --network=none b\n", graph},
		{"RUN, cache mount", "FROM a\nRUN --mount=type=cache,target=/b c\n", "FROM a\nRUN c\n", graph},
		{"RUN, writable bind", "FROM a\nRUN --mount=target=/b c\n", "FROM a\nRUN --mount=target=/b,rw c\n", graph},
		{"RUN, secret", "FROM a\nRUN --mount=type=secret,id=b c\n", "FROM a\nRUN --mount=type=secret,id=d c\n", graph},
		{"COPY, source", "FROM a\nCOPY b c\n", "FROM a\nCOPY d c\n", graph},
		{"COPY, --link", "FROM a\nCOPY b c\n", "FROM a\nCOPY --link b c\n", graph},
		{"COPY, --chown", "FROM a\nCOPY b c\n", "FROM a\nCOPY --chown=1 b c\n", graph},
		{"COPY, --chmod", "FROM a\nCOPY b c\n", "FROM a\nCOPY --chmod=600 b c\n", graph},
		{"COPY, --exclude", "FROM a\nCOPY b c\n", "FROM a\nCOPY --exclude=d b c\n", graph},
		{"COPY, heredoc", "FROM a\nCOPY <<b /c\n1\nb\n", "FROM a\nCOPY <<b /c\n2\nb\n", graph},
		{"ADD or COPY", "FROM a\nADD b c\n", "FROM a\nCOPY b c\n", graph},
		{"ADD, checksum", "FROM a\nADD https://example.com/b /c\n", "FROM a\nADD --checksum=sha256:" + strings.Repeat("1", 64) + " https://example.com/b /c\n", graph},
		{"another stage", "FROM a AS b\nFROM c AS d\nFROM e\nCOPY --from=b f g\n", "FROM a AS b\nFROM c AS d\nFROM e\nCOPY --from=d f g\n", graph},
		{"a named stage that is not last", "FROM a AS b\nRUN c\nFROM d\n", "FROM a AS b\nRUN e\nFROM d\n", "stage b"},
		{"its config alone", "FROM a AS b\nUSER c\nFROM d\n", "FROM a AS b\nUSER e\nFROM d\n", "config of stage b"},
		{"its name", "FROM a AS b\nFROM d\n", "FROM a AS c\nFROM d\n", "stage b is stage c after"},
		{"it is gone", "FROM a AS b\nFROM d\n", "FROM d\n", "2 stages can be a target before, 1 after"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := SameBuild(build(t, tt.before), build(t, tt.after))
			if tt.want == "" && err == nil {
				t.Error("equal")
			}
			if tt.want != "" {
				verdict(t, err, tt.want)
			}
		})
	}
}

// TestDeterminism: a file compiles to the same every time, though BuildKit
// marks its sources with random ids; and its history and date do not count.
func TestDeterminism(t *testing.T) {
	const src = "FROM a AS b\nRUN --mount=target=/c,rw d\nCOPY --link . /e\nFROM b\nADD https://example.com/f /g\nRUN --mount=type=cache,target=/h i\n"
	first := build(t, src)
	for range 5 {
		again := build(t, src)
		verdict(t, SameBuild(first, again), "")
		if first.Targets[0].Root != again.Targets[0].Root || first.Targets[0].Config != again.Targets[0].Config {
			t.Error("differs from itself")
		}
	}
	for _, field := range []string{"history", "created"} {
		if strings.Contains(first.Targets[0].Config, `"`+field+`"`) {
			t.Errorf("the config has %s", field)
		}
	}
}

func TestFrontend(t *testing.T) {
	const other = "names another frontend"
	for _, tt := range []struct{ head, want string }{
		{"", ""},
		{"# syntax=docker/dockerfile\n", ""},
		{"# syntax=docker/dockerfile:1\n", ""},
		{"# syntax=docker/dockerfile:1.7-labs\n", ""},
		{"# syntax=docker.io/docker/dockerfile:1\n", ""},
		{"# syntax=docker/dockerfile:1@sha256:" + strings.Repeat("0", 64) + "\n", ""},
		{"# syntax=docker/dockerfile-upstream:master\n", ""},
		{"# syntax = docker/dockerfile:1 # words\n", ""},
		{"# syntax=docker/dockerfiles\n", other},
		{"# syntax=example.com/docker/dockerfile:1\n", other},
		{"# syntax=dockerfile\n", other},
		{"# syntax=a/b:1\n", other},
		{"# syntax=UPPER\n", other},
		{"#!/usr/bin/env x\n# syntax=a/b:1\n", other}, // which frontend it is, shebang or not
		{"\xef\xbb\xbf# syntax=a/b:1\n", other},
		{"# a comment\n# syntax=a/b:1\n", ""},
	} {
		_, err := Compile(context.Background(), parse(t, tt.head+"FROM a\n"), nil, nil)
		if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q: %v", tt.head, err)
		}
		if ws := Lint(context.Background(), parse(t, tt.head+"from a As b\n")); (len(ws) > 0) != (tt.want == "") {
			t.Errorf("%q: %v", tt.head, ws)
		}
	}
}
