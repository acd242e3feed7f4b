package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/bot/markdown"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/diff"
)

// Bounds of titles, in characters: GitHub takes 256, GitLab 255.
const (
	maxTitle = 200
	maxPath  = 120
)

// branch is the branch of a group: the same in every run, and a name that every
// forge takes (git-check-ref-format), whatever file a group is named after.
func branch(group string) string {
	path, isFile := strings.CutPrefix(group, FilePrefix)
	if !isFile {
		return "restow/" + slug(group)
	}
	sum := sha256.Sum256([]byte(path)) // of two paths with one slug
	return strings.TrimSuffix("restow/file-"+slug(path), "-") + "-" + hex.EncodeToString(sum[:4])
}

var unsluggish = regexp.MustCompile(`[^a-z0-9]+`)

func slug(s string) string {
	s = strings.Trim(unsluggish.ReplaceAllString(strings.ToLower(s), "-"), "-")
	if len(s) > 60 {
		s = strings.Trim(s[:60], "-")
	}
	return s
}

func (g *group) title(by Grouping) string {
	where := fmt.Sprintf("%d Dockerfiles", len(g.parts))
	if len(g.parts) == 1 {
		where = markdown.Cut(markdown.Plain(g.parts[0].Path), maxPath)
	}
	n := count(len(g.changes), "change")
	text := fmt.Sprintf("Rewrite %s: %s", where, n)
	switch {
	case by == ByPass:
		text = fmt.Sprintf("%s in %s: %s", g.name, where, n)
	case g.name == Pins:
		text = "Pin base images in " + where
	case all(g.changes, rewrite.Identical):
		text += ", the build stays the same"
	}
	return markdown.Cut(text, maxTitle)
}

func all(changes []Change, s rewrite.Safety) bool {
	return !slices.ContainsFunc(changes, func(c Change) bool { return c.Safety != string(s) })
}

// commit is the message of a group's commit. Text in it is nothing but text: what
// names an issue in a commit closes it.
func (g *group) commit(by Grouping) string {
	var b strings.Builder
	b.WriteString(g.title(by) + "\n\n")
	for i, p := range g.parts {
		if i == 50 {
			fmt.Fprintf(&b, "and %s more\n", count(len(g.parts)-i, "Dockerfile"))
			break
		}
		var names []string
		counts := map[string]int{}
		for _, c := range p.Changes {
			if counts[c.Pass]++; counts[c.Pass] == 1 {
				names = append(names, c.Pass)
			}
		}
		for i, n := range names {
			if counts[n] > 1 {
				names[i] = fmt.Sprintf("%s (%d)", n, counts[n])
			}
		}
		fmt.Fprintf(&b, "%s: %s\n", markdown.Plain(markdown.Cut(p.Path, maxPath)), strings.Join(names, ", "))
	}
	return b.String()
}

// hash is that of the lines that go and come, wherever in the files they stand: an
// edit elsewhere does not make another plan of the same changes.
func (g *group) hash() string {
	h := sha256.New()
	part := func(s string) { fmt.Fprintf(h, "%d:", len(s)); io.WriteString(h, s) }
	for _, f := range slices.SortedFunc(slices.Values(g.files), func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		part(f.Path)
		for _, hunk := range diff.Hunks(f.Before, f.After) {
			part(string(f.Before[hunk.Start:hunk.End]))
			part(hunk.New)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

var markerForm = regexp.MustCompile(`(?m)^<!-- restow plan=1 branch=(restow/[a-z0-9-]+) content=([0-9a-f]{32}) -->$`)

func marker(group, hash string) string {
	return fmt.Sprintf("<!-- restow plan=1 branch=%s content=%s -->", branch(group), hash)
}

// Marked finds what the hidden marker of a body says: the branch and the hash of
// the plan that the pull request was made from. The last one counts.
func Marked(body string) (branch, hash string, ok bool) {
	all := markerForm.FindAllStringSubmatch(strings.ReplaceAll(body, "\r\n", "\n"), -1)
	if len(all) == 0 {
		return "", "", false
	}
	last := all[len(all)-1]
	return last[1], last[2], true
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
