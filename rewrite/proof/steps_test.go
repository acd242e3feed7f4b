package proof

import "testing"

func TestSameSteps(t *testing.T) {
	for _, tt := range []struct{ name, before, after string }{
		{"itself", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b\nRUN c\n"},
		{"two", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b && c\n"},
		{"other white space", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b  &&\tc\n"},
		{"three", "FROM a\nRUN b\nRUN c && d\nRUN e\n", "FROM a\nRUN b && c && d && e\n"},
		{"the first two of three", "FROM a\nRUN b\nRUN c\nRUN d\n", "FROM a\nRUN b && c\nRUN d\n"},
		{"the last two of three", "FROM a\nRUN b\nRUN c\nRUN d\n", "FROM a\nRUN b\nRUN c && d\n"},
		{"beside one that is not plain", "FROM a\nRUN b; c\nRUN d\nRUN e\n", "FROM a\nRUN b; c\nRUN d && e\n"},
		{"two pairs", "FROM a\nRUN b\nRUN c\nUSER u\nRUN d\nRUN e\n", "FROM a\nRUN b && c\nUSER u\nRUN d && e\n"},
		{"between ENVs", "FROM a\nENV x=1\nRUN b\nRUN c\nENV y=2\nRUN d\n", "FROM a\nENV x=1\nRUN b && c\nENV y=2\nRUN d\n"},
		{"across a FROM", "FROM a AS x\nRUN b\nRUN c\nFROM x\nRUN d\nRUN e\n", "FROM a AS x\nRUN b && c\nFROM x\nRUN d && e\n"},
		{"over an unnamed stage", "FROM a\nRUN b\nRUN c\nFROM d\nCOPY --from=0 e f\n", "FROM a\nRUN b && c\nFROM d\nCOPY --from=0 e f\n"},
		{"scratch", "FROM scratch\nRUN b\nRUN c\n", "FROM scratch\nRUN b && c\n"},
		{"scratch, three to two", "FROM scratch\nRUN b\nRUN c\nRUN d\n", "FROM scratch\nRUN b\nRUN c && d\n"},
		{"cache mounts", "FROM a\nRUN --mount=type=cache,target=/x b\nRUN --mount=type=cache,target=/x c\n", "FROM a\nRUN --mount=type=cache,target=/x b && c\n"},
		{"bind mounts", "FROM a\nRUN --mount=target=/x b\nRUN --mount=target=/x c\n", "FROM a\nRUN --mount=target=/x b && c\n"},
		{"mounts of a stage", "FROM a AS s\nRUN t\nFROM a\nRUN --mount=from=s,target=/x b\nRUN --mount=from=s,target=/x c\n", "FROM a AS s\nRUN t\nFROM a\nRUN --mount=from=s,target=/x b && c\n"},
		{"bash", "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN b\nRUN c\n", "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN b && c\n"},
		{"apt-get twice", "FROM a\nRUN apt-get update\nRUN apt-get install -y b\n", "FROM a\nRUN apt-get update && apt-get install -y b\n"},
		{"a subshell", "FROM a\nRUN cd x && b\nRUN c\n", "FROM a\nRUN (cd x && b) && c\n"},
		{"a subshell that begins with one", "FROM a\nRUN (b); cd x\nRUN c\n", "FROM a\nRUN ( (b); cd x) && c\n"},
		{"what is last may leak", "FROM a\nRUN b\nRUN cd x && c\n", "FROM a\nRUN b && cd x && c\n"},
		{"braces", "FROM a\nRUN b || c\nRUN d; e;\nRUN f\n", "FROM a\nRUN { b || c; } && { d; e; } && f\n"},
		{"a pipe", "FROM a\nRUN b | c\nRUN d | e\n", "FROM a\nRUN b | c && d | e\n"},
		{"if", "FROM a\nRUN if b; then c; fi\nRUN d\n", "FROM a\nRUN if b; then c; fi && d\n"},
		{"set -e that makes no difference", "FROM a\nRUN set -ex; b && c\nRUN d\n", "FROM a\nRUN (set -ex; b && c) && d\n"},
		{"set -e at the end", "FROM a\nRUN b\nRUN set -ex; c; d\n", "FROM a\nRUN b && { set -ex; c; d; }\n"},
		{"an escaped semicolon", "FROM a\nRUN find x -exec b {} \\;\nRUN c; d\n", "FROM a\nRUN find x -exec b {} \\; && { c; d; }\n"},
		{"heredocs", "FROM a\nRUN <<E\nb\n  c # d\nE\nRUN <<E\ncd e\nf\nE\nRUN <<E\ng\nE\n", "FROM a\nRUN <<E\n{\nb\n  c # d\n} && (\ncd e\nf\n) && {\ng\n}\nE\n"},
		{"merged twice", "FROM a\nRUN b\nRUN cd x && c\nRUN d\n", "FROM a\nRUN (b && cd x && c) && d\n"},
		{"two stages with one chain", "FROM a AS x\nRUN b\nRUN c\nFROM a\nRUN b\nRUN c\nCOPY --from=x d e\n", "FROM a AS x\nRUN b && c\nFROM a\nRUN b && c\nCOPY --from=x d e\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verdict(t, SameSteps(build(t, tt.before), build(t, tt.after)), "")
		})
	}
}

func TestSameStepsDiffers(t *testing.T) {
	const order = "does not run the same commands in the same order"
	for _, tt := range []struct{ name, before, after, want string }{
		{"reordered", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN c && b\n", order},
		{"reordered layers", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN c\nRUN b\n", order},
		{"dropped", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b\n", order},
		{"added", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b && c && d\n", order},
		{"a word changed", "FROM a\nRUN b x\nRUN c\n", "FROM a\nRUN b y && c\n", order},
		{"a quote changed", "FROM a\nRUN b 'x'\nRUN c\n", "FROM a\nRUN b \"x\" && c\n", order},
		{"another base", "FROM a\nRUN b\nRUN c\n", "FROM d\nRUN b && c\n", order},
		{"scratch or not", "FROM scratch\nRUN b\nRUN c\n", "FROM a\nRUN b && c\n", "differ"},
		{"across WORKDIR", "FROM a\nRUN b\nWORKDIR /x\nRUN c\n", "FROM a\nWORKDIR /x\nRUN b && c\n", order},
		{"across ENV", "FROM a\nRUN b\nENV x=1\nRUN c\n", "FROM a\nENV x=1\nRUN b && c\n", order},
		{"across ARG", "FROM a\nRUN b\nARG x=1\nRUN c\n", "FROM a\nARG x=1\nRUN b && c\n", order},
		{"across USER", "FROM a\nRUN b\nUSER x\nRUN c\n", "FROM a\nUSER x\nRUN b && c\n", order},
		{"across COPY", "FROM a\nRUN b\nCOPY x y\nRUN c\n", "FROM a\nCOPY x y\nRUN b && c\n", order},
		{"across SHELL", "FROM a\nRUN b\nSHELL [\"/bin/bash\", \"-c\"]\nRUN c\n", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b && c\n", order},
		{"other mounts", "FROM a\nRUN --mount=type=cache,target=/x b\nRUN c\n", "FROM a\nRUN --mount=type=cache,target=/x b && c\n", order},
		{"mounts of other stages", "FROM a AS s\nFROM b AS t\nFROM a\nRUN --mount=from=s,target=/x b\nRUN --mount=from=t,target=/x c\n", "FROM a AS s\nFROM b AS t\nFROM a\nRUN --mount=from=s,target=/x b && c\n", order},
		{"tmpfs", "FROM a\nRUN --mount=type=tmpfs,target=/x b\nRUN --mount=type=tmpfs,target=/x c\n", "FROM a\nRUN --mount=type=tmpfs,target=/x b && c\n", order},
		{"a writable bind mount", "FROM a\nRUN --mount=target=/x,rw b\nRUN --mount=target=/x,rw c\n", "FROM a\nRUN --mount=target=/x,rw b && c\n", order},
		{"another network", "FROM a\nRUN --network=none b\nRUN c\n", "FROM a\nRUN --network=none b && c\n", order},
		{"cd", "FROM a\nRUN cd x\nRUN c\n", "FROM a\nRUN cd x && c\n", "`cd` changes the shell"},
		{"cd and more", "FROM a\nRUN b && cd x\nRUN c\n", "FROM a\nRUN b && cd x && c\n", "`cd` changes the shell"},
		{"pip twice", "FROM a\nRUN pip install b\nRUN pip install c\n", "FROM a\nRUN pip install b && pip install c\n", "`pip` runs in both"},
		{"pip, and again two later", "FROM a\nRUN pip install b\nRUN d\nRUN pip install c\n", "FROM a\nRUN pip install b && d && pip install c\n", "`pip` runs in both"},
		{"a service", "FROM a\nRUN service b start\nRUN c\n", "FROM a\nRUN service b start && c\n", "leave a process running"},
		{"semicolons", "FROM a\nRUN b; c\nRUN d\n", "FROM a\nRUN b; c && d\n", order},
		{"or", "FROM a\nRUN b || c\nRUN d\n", "FROM a\nRUN b || c && d\n", order},
		{"a semicolon as glue", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b ; c\n", order},
		{"or, in the second", "FROM a\nRUN b\nRUN c || d\n", "FROM a\nRUN b && c || d\n", order},
		{"an or that is lost", "FROM a\nRUN b\nRUN c || d\n", "FROM a\nRUN b && { c; d; }\n", order},
		{"a subshell dropped", "FROM a\nRUN cd x && b\nRUN c\n", "FROM a\nRUN cd x && b && c\n", "`cd` changes the shell"},
		{"braces where a subshell must be", "FROM a\nRUN cd x; b\nRUN c\n", "FROM a\nRUN { cd x; b; } && c\n", "`cd` changes the shell"},
		{"set -e ahead of &&", "FROM a\nRUN set -e; b; c\nRUN d\n", "FROM a\nRUN (set -e; b; c) && d\n", "counts for nothing ahead of &&"},
		{"a shell with -e ahead of &&", "FROM a\nSHELL [\"/bin/sh\", \"-ec\"]\nRUN b; c\nRUN d\n", "FROM a\nSHELL [\"/bin/sh\", \"-ec\"]\nRUN { b; c; } && d\n", "counts for nothing ahead of &&"},
		{"a trap", "FROM a\nRUN trap 'b' EXIT; c\nRUN d\n", "FROM a\nRUN (trap 'b' EXIT; c) && d\n", "waits for the end of its shell"},
		{"heredocs, a subshell dropped", "FROM a\nRUN <<E\ncd b\nE\nRUN <<E\nc\nE\n", "FROM a\nRUN <<E\n{\ncd b\n} && {\nc\n}\nE\n", "`cd` changes the shell"},
		{"heredocs, one after the other", "FROM a\nRUN <<E\nb\nE\nRUN <<E\nc\nE\n", "FROM a\nRUN <<E\nb\nc\nE\n", order},
		{"a process left running", "FROM a\nRUN b & c\nRUN d\n", "FROM a\nRUN { b & c; } && d\n", "leaves a command running"},
		{"a pid", "FROM a\nRUN b\nRUN c $$\n", "FROM a\nRUN b && c $$\n", "depends on what the shell did before"},
		{"a comment swallows the end", "FROM a\nRUN cd x # y\nRUN c\n", "FROM a\nRUN (cd x # y) && c\n", order},
		{"two parentheses in a row", "FROM a\nRUN (b); cd x\nRUN c\n", "FROM a\nRUN ((b); cd x) && c\n", "is not enclosed"},
		{"a program unknown", "FROM a\nRUN $B\nRUN c\n", "FROM a\nRUN ($B) && c\n", "not known before it runs"},
		{"cut apart", "FROM a\nRUN b && c\n", "FROM a\nRUN b\nRUN c\n", "a script changed"},
		{"cut elsewhere", "FROM a\nRUN b && c\nRUN d\n", "FROM a\nRUN b\nRUN c && d\n", "a script changed"},
		{"white space of one layer", "FROM a\nRUN b  && c\n", "FROM a\nRUN b && c\n", "a script changed"},
		{"another shell", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b\nRUN c\n", "FROM a\nRUN b && c\n", "config"},
		{"another shell, the same in the end", "FROM a\nRUN b\nRUN c\nSHELL [\"/bin/bash\", \"-c\"]\n", "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN b && c\n", order},
		{"an unknown shell", "FROM a\nSHELL [\"/bin/zsh\", \"-c\"]\nRUN b\nRUN c\n", "FROM a\nSHELL [\"/bin/zsh\", \"-c\"]\nRUN b && c\n", order},
		{"a login shell", "FROM a\nSHELL [\"/bin/bash\", \"-lc\"]\nRUN b\nRUN c\n", "FROM a\nSHELL [\"/bin/bash\", \"-lc\"]\nRUN b && c\n", order},
		{"JSON form", "FROM a\nRUN [\"b\"]\nRUN [\"c\"]\n", "FROM a\nRUN b && c\n", order},
		{"JSON form of a shell keeps its script", "FROM a\nRUN [\"/bin/sh\", \"-c\", \"b; x\"]\nRUN c\n", "FROM a\nRUN b; x && c\n", order},
		{"the config too", "FROM a\nRUN b\nRUN c\nCMD d\n", "FROM a\nRUN b && c\nCMD e\n", "config"},
		{"a layer that others read", "FROM a AS s\nRUN b\nFROM s\nRUN c\nFROM s AS u\nRUN d\nFROM a\nCOPY --from=s x y\nCOPY --from=u x z\n", "FROM a AS s\nRUN b && c\nFROM s\nFROM s AS u\nRUN d\nFROM a\nCOPY --from=s x y\nCOPY --from=u x z\n", order},
		{"across a stage that is a target", "FROM a AS s\nRUN b\nFROM s\nRUN c\n", "FROM a AS s\nFROM s\nRUN b && c\n", order},
		{"one stage of two", "FROM a AS x\nRUN b\nRUN c\nFROM a\nRUN b\nRUN c\nCOPY --from=x d e\n", "FROM a AS x\nRUN b && c\nFROM a\nRUN b\nRUN c\nCOPY --from=x d e\n", "cannot tell apart"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := SameSteps(build(t, tt.before), build(t, tt.after))
			if err == nil {
				t.Fatal("accepted")
			}
			verdict(t, err, tt.want)
		})
	}
}

func TestSameFiles(t *testing.T) {
	plain := func(src string) bool { return src != "/archive.tar" && src != "/unknown" }
	for _, tt := range []struct{ name, before, after, want string }{
		{"a plain file", "FROM a\nADD b /c\n", "FROM a\nCOPY b /c\n", ""},
		{"the root", "FROM a\nADD . /c\n", "FROM a\nCOPY . /c\n", ""},
		{"two files", "FROM a\nADD b d /c/\n", "FROM a\nCOPY b d /c/\n", ""},
		{"with chown", "FROM a\nADD --chown=1:2 b /c\n", "FROM a\nCOPY --chown=1:2 b /c\n", ""},
		{"with link", "FROM a\nADD --link b /c\n", "FROM a\nCOPY --link b /c\n", ""},
		{"below a RUN, in two stages", "FROM a AS s\nADD b /c\nFROM a\nRUN d\nADD e /f\nCOPY --from=s c g\n", "FROM a AS s\nCOPY b /c\nFROM a\nRUN d\nCOPY e /f\nCOPY --from=s c g\n", ""},
		{"one stays", "FROM a\nADD b /c\nADD archive.tar /d\n", "FROM a\nCOPY b /c\nADD archive.tar /d\n", ""},
		{"an archive", "FROM a\nADD archive.tar /c\n", "FROM a\nCOPY archive.tar /c\n", "more than unpacking"},
		{"an archive beside a file", "FROM a\nADD b archive.tar /c/\n", "FROM a\nCOPY b archive.tar /c/\n", "more than unpacking"},
		{"not known", "FROM a\nADD unknown /c\n", "FROM a\nCOPY unknown /c\n", "more than unpacking"},
		{"the other way", "FROM a\nCOPY archive.tar /c\n", "FROM a\nADD archive.tar /c\n", "more than unpacking"},
		{"another destination", "FROM a\nADD b /c\n", "FROM a\nCOPY b /d\n", "more than unpacking"},
		{"another source", "FROM a\nADD b /c\n", "FROM a\nCOPY d /c\n", "more than unpacking"},
		{"another owner", "FROM a\nADD --chown=1 b /c\n", "FROM a\nCOPY b /c\n", "more than unpacking"},
		{"another mode", "FROM a\nADD --chmod=600 b /c\n", "FROM a\nCOPY b /c\n", "more than unpacking"},
		{"link or not", "FROM a\nADD --link b /c\n", "FROM a\nCOPY b /c\n", "more than unpacking"},
		{"a URL", "FROM a\nADD https://example.com/b /c\n", "FROM a\nCOPY b /c\n", "more than unpacking"},
		{"a URL to unpack", "FROM a\nADD --unpack https://example.com/b /c\n", "FROM a\nADD https://example.com/b /c\n", "more than unpacking"},
		{"another base", "FROM a\nADD b /c\n", "FROM d\nCOPY b /c\n", "more than unpacking"},
		{"the config", "FROM a\nADD b /c\n", "FROM a\nCOPY b /c\nUSER d\n", "config"},
		{"another RUN", "FROM a\nADD b /c\nRUN d\n", "FROM a\nCOPY b /c\nRUN e\n", "more than unpacking"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verdict(t, SameFiles(build(t, tt.before), build(t, tt.after), plain), tt.want)
		})
	}
	// Without anything to vouch for a source, nothing is the same.
	none := func(string) bool { return false }
	if SameFiles(build(t, "FROM a\nADD b /c\n"), build(t, "FROM a\nCOPY b /c\n"), none) == nil {
		t.Error("accepted without a voucher")
	}
	// Unpacking from another stage is no unpacking of the build context.
	var asked []string
	ask := func(src string) bool { asked = append(asked, src); return true }
	_ = SameFiles(build(t, "FROM a\nADD b* ./c/d /e/\n"), build(t, "FROM a\nCOPY b* ./c/d /e/\n"), ask)
	if len(asked) != 2 || asked[0] != "/b*" || asked[1] != "/c/d" {
		t.Errorf("asked about %q", asked)
	}
}
