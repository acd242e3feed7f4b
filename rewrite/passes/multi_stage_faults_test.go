package passes_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
	"github.com/restow/restow/rewrite/passes"
	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/rewrite/split"
)

const faultless = `FROM golang:1.26-bookworm
ARG UID=1500
ENV STAGE=production
RUN apt-get update && apt-get install -y libsqlite3-dev ffmpeg && rm -rf /var/lib/apt/lists/*
RUN useradd -u ${UID} shop
WORKDIR /app
COPY . .
RUN go build -o bin/orders ./cmd/orders && go build -o /usr/local/bin/migrate ./cmd/migrate
RUN mkdir -p /data && chown shop /data && chown -R shop /app && chmod +x entry.sh
COPY maps /srv/maps
RUN ln -s /srv/maps /maps
LABEL version=1
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGINT
USER shop
HEALTHCHECK CMD curl -f http://localhost:8080/
ENTRYPOINT ["./entry.sh"]
CMD ["-v"]
`

// TestMultiStageFaults takes away from a last stage what it needs, one thing after the
// other: each is missed by its name.
func TestMultiStageFaults(t *testing.T) {
	tree, err := project.New(fstest.MapFS{
		"go.mod":              {Data: []byte("module shop\n\nrequire example.com/a v1.0.0\n")},
		"cmd/orders/main.go":  {Data: []byte("package main\n\n// #cgo LDFLAGS: -lsqlite3\nimport \"C\"\nimport \"os/exec\"\n\nfunc main() { exec.Command(\"ffmpeg\") }\n")},
		"cmd/migrate/main.go": {Data: []byte("package main\n\nfunc main() {}\n")},
		"templates/a.html":    {Data: []byte("a")},
		"config/a.yaml":       {Data: []byte("a")},
		"entry.sh":            {Data: []byte("#!/bin/sh\nmigrate && exec ./bin/orders \"$@\"\n")},
		"maps/a.txt":          {Data: []byte("a")},
	}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	f, err := dockerfile.Parse("Dockerfile", []byte(faultless))
	if err != nil {
		t.Fatal(err)
	}
	plan, why, _ := split.Of(f.Stages[0], tree)
	if plan == nil {
		t.Fatal(why)
	}
	res, err := rewrite.Run(context.Background(), f, []*rewrite.Pass{passes.MultiStage}, rewrite.Options{Facts: rewrite.Facts{Context: tree}, Apply: everything})
	if err != nil || len(res.Changes) != 1 {
		t.Fatal(err, res.Findings)
	}
	build, last, ok := strings.Cut(string(res.After.Src), "\n\nFROM ")
	if !ok {
		t.Fatalf("no last stage in\n%s", res.After.Src)
	}
	missing := func(last string) string {
		g, err := dockerfile.Parse("Dockerfile", []byte(build+"\n\nFROM "+last))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(plan.Missing(f.Stages[0], g.Stages[1]), "; ")
	}
	if got := missing(last); got != "" {
		t.Fatalf("without a fault it misses %s in\n%s", got, last)
	}
	for _, fault := range []struct{ old, new, says string }{
		{"debian:bookworm-slim", "debian:trixie-slim", "FROM debian:bookworm-slim"},
		{"ENV STAGE=production\n", "", "ENV STAGE=production"},
		{"ARG UID=1500\n", "", "ARG UID"},
		{"RUN useradd -u ${UID} shop\n", "", "`useradd -u ${UID} shop`"},
		{" libsqlite3-0", "", "the package libsqlite3-0"},
		{" ffmpeg", "", "the package ffmpeg"},
		{" curl", "", "the package curl"},
		{" ca-certificates", "", "the package ca-certificates"},
		{"COPY --from=build /app/bin /app/bin\n", "", "/app/bin/orders"},
		{"COPY --from=build /usr/local/bin/migrate /usr/local/bin/\n", "", "/usr/local/bin/migrate"},
		{"COPY --from=build /app/templates /app/templates\n", "", "/app/templates/a.html"},
		{"COPY --from=build /app/config /app/config\n", "", "/app/config/a.yaml"},
		{"COPY --from=build /app/entry.sh ", "COPY --from=build /app/maps/a.txt ", "/app/entry.sh"},
		{"COPY --from=build /data /data\n", "", "/data"},
		{"COPY --from=build /srv/maps /srv/maps\n", "", "/srv/maps/a.txt"},
		{"chown shop /app", "true", "`chown shop /app`"},
		{"ln -sf /srv/maps /maps", "true", "`ln -sf /srv/maps /maps`"},
		{"USER shop\n", "", "USER shop"},
		{"WORKDIR /app\n", "", "WORKDIR /app"},
		{"EXPOSE 8080\n", "", "EXPOSE 8080"},
		{"VOLUME /data\n", "", "VOLUME /data"},
		{"STOPSIGNAL SIGINT\n", "", "STOPSIGNAL SIGINT"},
		{"LABEL version=1\n", "", "LABEL version=1"},
		{"HEALTHCHECK CMD curl -f http://localhost:8080/\n", "", "HEALTHCHECK CMD curl -f http://localhost:8080/"},
		{"ENTRYPOINT [\"./entry.sh\"]\n", "", `ENTRYPOINT ["./entry.sh"]`},
		{"CMD [\"-v\"]\n", "", `CMD ["-v"]`},
	} {
		t.Run(fmt.Sprintf("%.40q", fault.says), func(t *testing.T) {
			seeded := strings.Replace(last, fault.old, fault.new, 1)
			if fault.says == "CMD [\"-v\"]" {
				seeded = strings.TrimSuffix(last, fault.old)
			}
			if seeded == last {
				t.Fatalf("there is no %q in\n%s", fault.old, last)
			}
			if got := missing(seeded); !strings.Contains(got, fault.says) {
				t.Errorf("it misses %q, and should miss %q", got, fault.says)
			}
		})
	}
}
