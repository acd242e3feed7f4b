package effect

import (
	"fmt"
	"strings"
	"testing"
)

// TestOf names what single instructions read and write, behind a beginning in
// which the working directory is /top and w is a variable.
func TestOf(t *testing.T) {
	const reads = "ENV *, ARG *, config Env"
	for _, tt := range []struct{ in, reads, writes string }{
		{"ARG v=$w", "ENV w, ARG w", "ARG v, config Env"},
		{"ENV a=1 b=$a", "ENV a, ARG a", "ENV a, ENV b, config Env"},
		{"ENV $w=1", "ENV w, ARG w", "ENV *, config Env"},
		{"ENV a='$w'", "", "ENV a, config Env"},
		{"ENV a=${b:-${c}}", "ENV b, ARG b, ENV c, ARG c", "ENV a, config Env"},
		{"LABEL a=1 \"b\"=$w", "ENV w, ARG w", "config Labels:a, config Labels:b"},
		{"LABEL $w=1", "ENV w, ARG w", "config Labels"},
		{"MAINTAINER $w", "", "config Author"},
		{"EXPOSE 80 $w", "ENV w, ARG w", "config ExposedPorts, config ExposedPorts:80"},
		{"VOLUME /a", "", "config Volumes:/a"},
		{"USER $w", "ENV w, ARG w", "USER"},
		{`SHELL ["/bin/bash", "-c"]`, "", "SHELL"},
		{"CMD a $w", "SHELL", "config Cmd"},
		{`CMD ["a"]`, "", "config Cmd"},
		{`ENTRYPOINT ["a"]`, "", "config Entrypoint, config BaseCmd"},
		{"HEALTHCHECK CMD a", "", "config Healthcheck"},
		{"STOPSIGNAL 9", "", "config StopSignal"},
		{"ONBUILD COPY . $w", "", "config OnBuild"},
		{"WORKDIR /top/b", "USER, folder /top/b", "WORKDIR, /top/b, folder /top/b"},
		{"WORKDIR b", "USER, WORKDIR, folder /top/b", "WORKDIR, /top/b, folder /top/b"},
		{"WORKDIR /", "USER", "WORKDIR"},
		{"COPY go.mod go.sum ./", "context go.mod, context go.sum, WORKDIR, folder /", "/top"},
		{"COPY a*/b ./c/[d]/e /$w", "context *, context c, ENV w, ARG w, folder /", "/7"},
		{"COPY --from=i --chown=u a /top/c", "image i, /etc/passwd, /etc/group, folder /top, folder /top", "/top/c"},
		{"COPY --chown=5:6 a /top/c", "context a, folder /top, folder /top", "/top/c"},
		{"COPY --link a /usr/c/d", "context a", "/usr/c/d, folder /usr, folder /usr/c"},
		{"COPY <<a <<b /top/\n$w\na\n$v\nb", "ENV w, ARG w, ENV v, ARG v, folder /top", "/top/a, /top/b"},
		{"COPY a $x", "context a, ENV x, ARG x, WORKDIR", "any file"},
		{"ADD https://example.com/a b /top/", "network https://example.com/a, context b, folder /", "/top"},
		{"RUN make", "USER, WORKDIR, SHELL, network *, " + reads + ", any file", "any file"},
		{`RUN --network=none ["make"]`, "USER, WORKDIR, " + reads + ", any file", "any file"},
	} {
		s := stageOf(t, "FROM a\nUSER 0\nENV w=7\nWORKDIR /top\n"+tt.in+"\n")
		e := Start(s)
		for _, in := range s.Instructions[:3] {
			e = e.After(in)
		}
		got := Of(s.Instructions[3], e)
		if r, w := places(got.Reads), places(got.Writes); r != tt.reads || w != tt.writes {
			t.Errorf("%s\n reads %s\n  want %s\n writes %s\n   want %s", tt.in, r, tt.reads, w, tt.writes)
		}
	}
}

func places(ps []Place) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

// TestOpaque names why a script is not understood, and the files of one that is.
func TestOpaque(t *testing.T) {
	for _, tt := range []struct{ head, run, why, writes string }{
		{"", "touch /a", "", "/a, folder /a"},
		{"", "touch a && cd /d && mkdir -p b/c > log 2>&1", "", "/top/a, /top/log, /d/log, /top/b/c, /d/b/c"},
		{"", "rm -rf /a/*.txt /a/b*", "", "/a"},
		{"", "ln -s /a /l && touch /l/x", "", "/l, /l/x, /a/x"},
		{"RUN ln -s /a /l", "touch /l/x", "", "/l/x, /a/x"},
		{"RUN for i in a; do ln -s $i; done", "touch /x", "Dockerfile:4 may link folders: ln to a target that only the shell knows", ""},
		{"ENV PATH=/q:$PATH", "touch /a", "", "/a"},
		{"ENV PATH=$w/bin:$PATH", "touch /a", "PATH has a folder that is not known: $w/bin", ""},
		{"ENV LD_PRELOAD=/x.so", "touch /a", "the variable LD_PRELOAD may change what programs do", ""},
		{`SHELL ["/bin/zsh", "-c"]`, "touch /a", "the shell /bin/zsh is not one that restow reads", ""},
		{"", "apt-get update", "apt-get may read and write anything", ""},
		{"", "touch $x", "touch has words that are not understood", ""},
		{"", "$x", "what it runs is known to the shell only", ""},
		{"", "echo *", "", ""},
		{"", "echo $x", "echo may have a word that is a pattern", ""},
		{"", "echo \"$x\" > /f", "", "/f"},
		{"", "echo > $x", "a redirection goes to a file that only the shell knows", ""},
		{"", "while true; do touch /a; done", "it has a loop, a function or another compound command", ""},
		{"", "if test -f /a; then rm /a; else cp /b /c; fi", "", "/a, /c"},
		{"", "touch /a &", "& leaves a command running", ""},
		{"", "PATH=/x touch /a", "it sets PATH", ""},
		{"", "touch ../a", "a file is named by what is above the working directory", ""},
		{"", "cp -l /a /b", "cp -l", ""},
		{"", "cd $x && touch a", "it changes to a folder that only the shell knows", ""},
		{"", "<<E\ntouch /a\nE", "", "/a"},
		{"", "<<E\n#!/usr/bin/python\nE", "its script is run by #!/usr/bin/python", ""},
		{"", `["touch", "/a b"]`, "", "/a b"},
		{"", "--mount=type=cache,target=/c touch /a", "", "/c, /a"},
		{"", "--mount=type=cache,target=$x touch /a", "where it mounts is not known: a variable has no known value", ""},
		{"", "echo \"$(cat /a)\" > /b", "", "/b"},
		{"", "echo \"$(make)\"", "make may read and write anything", ""},
	} {
		src := "FROM a\nUSER 0\nWORKDIR /top\n" + tt.head + "\nRUN " + tt.run + "\n"
		s := stageOf(t, src)
		e := Start(s)
		var got Effect
		for _, in := range s.Instructions {
			got = Of(in, e)
			e = e.After(in)
		}
		if got.Opaque != tt.why {
			t.Errorf("%s: %q, want %q", src, got.Opaque, tt.why)
		}
		for want := range strings.SplitSeq(tt.writes, ", ") {
			if tt.why == "" && want != "" && !strings.Contains(", "+places(got.Writes)+",", ", "+want+",") {
				t.Errorf("%s writes %s, not %s", src, places(got.Writes), want)
			}
		}
	}
}

// TestConflict names what keeps neighbours apart, "" for nothing.
func TestConflict(t *testing.T) {
	for _, tt := range []struct{ head, a, b, want string }{
		{"", "COPY a /app/", "COPY b /app/x", "/app"},
		{"", "COPY a /app/a", "COPY b /app/b", ""},
		{"", "COPY a /bin/a", "COPY b /usr/bin/a", "/bin/a"},
		{"", "COPY a /var/run/a", "COPY b /run/a", "/var/run/a"},
		{"", "COPY a /etc/nginx/", "RUN make", "/etc/nginx"},
		{"WORKDIR /app", "COPY a /app/a", "RUN touch /app/b", ""},
		{"", "COPY a /app/a", "RUN touch /app/b", "folder /app"},
		{"", "COPY a /usr/local/bin/", "RUN touch /tmp/b", "/usr/local/bin"},
		{"", "COPY --link a /app/a", "COPY --link b /app/b", "folder /app"},
		{"", "COPY --link a /app/a", "COPY b /app/b", "folder /app"},
		{"WORKDIR /app", "COPY --link a /app/a", "COPY b /app/b", ""},
		{"", "COPY --link a /app/a", "COPY --link b /opt/b", ""},
		{"WORKDIR /app", "COPY --link a /app/a", "COPY --link --chown=7 b /app/b", "folder /app"},
		{"", "COPY a /etc/passwd", "COPY --chown=u b /c", "/etc/passwd"},
		{"", "COPY a b", "WORKDIR /w", "any file"},
		{"", "COPY a /b", "USER u", ""},
		{"", "USER u", "WORKDIR /w", "USER"},
		{"", "LABEL a=1", "LABEL b=2", ""},
		{"", "LABEL a=1", "LABEL a=2", "config Labels:a"},
		{"", "CMD a", `ENTRYPOINT ["b"]`, ""},
		{"", "CMD a", `SHELL ["/bin/bash", "-c"]`, "SHELL"},
		{"", "CMD a", "RUN make", ""},
		{"", "VOLUME /a", "RUN touch /a/b", ""},
		{"", "ENV a=1", "LABEL b=$a", "ENV a"},
		{"", "ENV a=1", "ENV b=2", "config Env"},
		{"", "ARG a", "RUN make", "ARG a"},
		{"RUN ln -s /app /l", "COPY a /l/x", "COPY b /app/x", "/app/x"},
		{"RUN mklinks; ln -s $a /l", "COPY a /b/x", "COPY b /c/x", "any file"},
		{"", "RUN --mount=type=cache,target=/c touch /c/a", "RUN --mount=type=cache,target=/d touch /d/b", ""},
	} {
		head := "FROM a\nUSER 0\n" + tt.head + "\n"
		if strings.Contains(tt.a, "/c/a") {
			head += "COPY x /c/\nCOPY x /d/\n"
		}
		_, x, y := effects(t, head, tt.a, tt.b)
		p, ok := x.Conflict(y)
		if got := fmt.Sprint(p); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s%s\n%s: %v %v, want %q", head, tt.a, tt.b, p, ok, tt.want)
		}
	}
}

// TestEnv follows a stage on another stage.
func TestEnv(t *testing.T) {
	s := stageOf(t, "ARG g=1\nFROM scratch AS b\nENV a=/x c=\"$a$z\"\nARG z=2\nWORKDIR $a/y\nFROM b\nUSER 5\nENV d='$a'/${a}\nWORKDIR w\nSHELL [\"/bin/bash\", \"-c\"]\nENV a=$z\n")
	e := Start(s)
	if dir, ok := e.Workdir(); dir != "/x/y" || !ok {
		t.Errorf("the stage starts in %q, %v", dir, ok)
	}
	if user, ok := e.User(); user != "" || !ok {
		t.Errorf("the stage starts as %q, %v", user, ok)
	}
	for _, in := range s.Instructions {
		e = e.After(in)
	}
	dir, _ := e.Workdir()
	user, _ := e.User()
	d, _ := e.Var("d")
	_, a := e.Var("a")
	_, c := e.Var("c")
	if got := fmt.Sprintln(dir, user, d, a, c, e.Shell(), e.Args()); got != "/x/y/w 5 $a//x false false [/bin/bash -c] [z]\n" {
		t.Errorf("the stage ends with %s", got)
	}
	if _, ok := Start(stageOf(t, "FROM a\n")).Workdir(); ok {
		t.Error("the working directory of an image is known")
	}
}
