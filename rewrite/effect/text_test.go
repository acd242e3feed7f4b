package effect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/restow/restow/rewrite/dockerfile"
)

func parse(t testing.TB, src string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return f
}

// stageOf is the last stage of a file.
func stageOf(t testing.TB, src string) *dockerfile.Stage {
	t.Helper()
	f := parse(t, src)
	return f.Stages[len(f.Stages)-1]
}

// effects are those of two instructions behind a head that begins a stage, and
// what stands before them.
func effects(t testing.TB, head, a, b string) (Env, Effect, Effect) {
	t.Helper()
	s := stageOf(t, head+a+"\n"+b+"\n")
	n := len(s.Instructions) - 2
	e := Start(s)
	for _, in := range s.Instructions[:n] {
		e = e.After(in)
	}
	x, y := s.Instructions[n], s.Instructions[n+1]
	return e, Of(x, e), Of(y, e.After(x))
}

// literals are instructions of every kind, with variables and without.
var literals = []string{
	"ARG v=1", "ARG v=2", "ARG n", "ARG m=$v", "ARG v=$w", "ARG a=1 b=$a", "ARG PATH=/x",
	"ENV w=2", "ENV w=3", "ENV x=$w", "ENV y=$v z=$x", "ENV v=9", "ENV PATH=/q:$PATH", "ENV e='$w'", "ENV \"k\"=1", "ENV $w=3", "ENV o ${v:-$w}",
	"LABEL l=3", "LABEL l=4", "LABEL k=$v", "LABEL $w=x", "LABEL \"l\"=5", "LABEL a.b=1 a.c='$w'", "LABEL l:x=7",
	"USER u", "USER 5", "USER 5:6", "USER $w",
	"WORKDIR /d", "WORKDIR d", "WORKDIR $w", "WORKDIR /", "WORKDIR /d/e",
	`SHELL ["/bin/bash", "-c"]`, `SHELL ["/bin/sh", "-ec"]`,
	"EXPOSE 80", "EXPOSE 80/tcp", "EXPOSE 81-83", "EXPOSE 80/udp 90", "EXPOSE $w",
	`CMD ["c"]`, "CMD c $w", `CMD ["d"]`, `ENTRYPOINT ["e"]`, "ENTRYPOINT e", `ENTRYPOINT ["f"]`,
	"VOLUME /o", "VOLUME /o /p", `VOLUME ["/r"]`, "VOLUME $w", "VOLUME /d",
	"STOPSIGNAL 9", "STOPSIGNAL 2", "STOPSIGNAL $w",
	"HEALTHCHECK CMD h", "HEALTHCHECK NONE", `HEALTHCHECK --interval=5s CMD ["i"]`,
	"ONBUILD RUN x", "ONBUILD COPY . $w", "MAINTAINER m", "MAINTAINER $w",
	"RUN r", "RUN [\"r\"]", "RUN touch /t", "RUN $w", "RUN --network=none r", "RUN --mount=type=cache,target=/c r", "RUN --mount=target=/c,source=s r",
	"RUN --mount=type=secret,id=b r", "RUN --mount=type=bind,from=i,target=/c r", "RUN --mount=type=cache,target=$w r", "RUN <<h\nr\nh",
	"COPY s t", "COPY s /t", "COPY s $w", "COPY --chown=u s /t", "COPY --chown=5 s /t", "COPY --chown=$w s /u/", "COPY --chmod=600 s /t", "COPY --link s /t",
	"COPY --from=i s /t", "COPY $v /t", "COPY <<h /t\n$w\nh", "COPY <<\"h\" /t\n$w\nh", "COPY a* /z/",
	"ADD s t", "ADD https://example.com/$w /t/", "ADD a.tar /t",
}

// tally counts, for pairs of kinds, how often the pair may be swapped and how
// often Commutes says so.
type tally map[string]*[3]int

func (c tally) Add(a, b string, commutes, same bool) {
	kinds := []string{strings.Fields(a)[0], strings.Fields(b)[0]}
	slices.Sort(kinds)
	n := c[strings.Join(kinds, " ")]
	if n == nil {
		n = &[3]int{}
		c[strings.Join(kinds, " ")] = n
	}
	n[0]++
	if same {
		n[1]++
	}
	if commutes {
		n[2]++
	}
}

// String is the table of the pairs where Commutes says no too often.
func (c tally) String() string {
	var b strings.Builder
	all, total := 0, [3]int{}
	for _, k := range slices.Sorted(maps.Keys(c)) {
		n := c[k]
		for i := range total {
			total[i] += n[i]
		}
		if all++; n[1] != n[2] {
			fmt.Fprintf(&b, "%-24s %5d pairs, %5d may be swapped, %5d of them are allowed to\n", k, n[0], n[1], n[2])
		}
	}
	fmt.Fprintf(&b, "all %d kinds of pairs: %d pairs, %d may be swapped, %d are allowed to", all, total[0], total[1], total[2])
	return b.String()
}
