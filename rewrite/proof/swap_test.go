package proof

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestNeighbours swaps two instructions that stand next to each other: which of
// them may change places without changing the build is measured, and written
// down here for whatever relies on it.
func TestNeighbours(t *testing.T) {
	lines := map[string]string{
		"ARG": "ARG v=1", "ENV": "ENV w=2", "LABEL": "LABEL l=3", "USER": "USER u", "WORKDIR": "WORKDIR /d",
		"SHELL": `SHELL ["/bin/bash", "-c"]`, "RUN": "RUN r", "COPY": "COPY s t",
		"EXPOSE": "EXPOSE 80", "CMD": `CMD ["c"]`, "ENTRYPOINT": `ENTRYPOINT ["e"]`, "VOLUME": "VOLUME /o",
		"STOPSIGNAL": "STOPSIGNAL 9", "HEALTHCHECK": "HEALTHCHECK CMD h", "ONBUILD": "ONBUILD RUN x", "MAINTAINER": "MAINTAINER m",
	}
	// Pairs whose order the build graph or the config shows.
	ordered := map[string]string{
		"ARG": "ENV RUN", "ENV": "ARG RUN", "USER": "WORKDIR RUN", "WORKDIR": "USER RUN COPY",
		"SHELL": "RUN", "RUN": "ARG ENV USER WORKDIR SHELL COPY", "COPY": "WORKDIR RUN",
	}
	// CMD and the form of it depend on SHELL only in shell form, which stands above.
	names := slices.Sorted(maps.Keys(lines))
	for _, a := range names {
		for _, b := range names {
			if a == b {
				continue
			}
			const head, tail = "FROM a\nWORKDIR /top\n", "\nRUN after\n"
			err := SameBuild(build(t, head+lines[a]+"\n"+lines[b]+tail), build(t, head+lines[b]+"\n"+lines[a]+tail))
			if want := slices.Contains(strings.Fields(ordered[a]), b); (err != nil) != want {
				t.Errorf("%s and %s change places: %v, want an error: %v", a, b, err, want)
			}
		}
	}
}
