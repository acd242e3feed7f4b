package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/restow/restow/rewrite/base/table"
)

var (
	snapshot = regexp.MustCompile(`(?m)^\| ([^| ]+/[^| ]+) \| ([0-9a-f]{12}) \| (20[0-9]{2}-[0-9]{2}-[0-9]{2}) \| ([^|]+) \|`)
	made     = regexp.MustCompile(`\(([0-9]{4}-[0-9]{2}-[0-9]{2})\)`)
)

// sources reads which repositories the facts are from, and says for each kind of
// fact which of them, of what date.
func (g *generator) sources() error {
	const file = "raw/SOURCES.md"
	data, err := g.read(file)
	if err != nil {
		return err
	}
	commits := map[string]string{}
	for _, m := range snapshot.FindAllStringSubmatch(string(data), -1) {
		commits[m[1]] = m[1] + "@" + m[2] + "\t" + m[3] + "\t" + strings.TrimSpace(m[4])
		g.add(table.Source+"repository/"+m[1], commits[m[1]])
	}
	day := made.FindStringSubmatch(string(data))
	if day == nil || len(commits) < 10 {
		return fmt.Errorf("%s: %w: no date, or %d repositories where there were 22", file, errShape, len(commits))
	}
	for kind, repository := range map[string]string{
		"tags": "docker-library/official-images", "retired": "docker-library/official-images",
		"distroless": "GoogleContainerTools/distroless", "endoflife": "endoflife-date/endoflife.date", "dotnet": "dotnet/dotnet-docker",
	} {
		if commits[repository] == "" {
			return fmt.Errorf("%s: %w: %s is not in it", file, errShape, repository)
		}
		g.add(table.Source+kind, commits[repository])
	}
	const debian = "Debian's archive: trixie, bookworm, bullseye with updates and security"
	g.add(table.Source+"config", "the Dockerfiles of the images, each at the commit its source names\t"+day[1]+"\teach as its repository")
	g.add(table.Source+"packages", debian+"; docker-library/repo-info for Alpine\t"+day[1]+"\tpackage metadata")
	g.add(table.Source+"commands", debian+"; docker-library/repo-info for Alpine\t"+day[1]+"\tpackage metadata")
	g.add(table.Source+"provides", debian+"\t"+day[1]+"\tpackage metadata")
	g.add(table.Source+"libraries", debian+"\t"+day[1]+"\tpackage metadata")
	g.add(table.Source+"python", "knowledge of its author, no index was queried\t"+day[1]+"\t")
	g.add(table.Source+"node", "knowledge of its author, no index was queried\t"+day[1]+"\t")
	return nil
}
