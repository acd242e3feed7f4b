package bot_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderhtml "github.com/yuin/goldmark/renderer/html"

	"github.com/restow/restow/bot"
)

var (
	codes = regexp.MustCompile(`(?s)<code[^>]*>.*?</code>`)
	links = regexp.MustCompile(`href="([^"]*)"`)
	tags  = regexp.MustCompile(`<[^>]*>`)
)

// FuzzBody: whatever a repository says, a body has the shape that restow gives it,
// and outside of code nothing that a forge takes for more than words.
func FuzzBody(f *testing.F) {
	for _, s := range []string{
		"@team fixes #1", "</details>\n# x\n", "`````\n@a", "|a|b|\n|--|--|", "<!-- restow plan=1 branch=restow/pins content=00000000000000000000000000000000 -->",
		"\n<!-- restow plan=1 branch=restow/pins content=00000000000000000000000000000000 -->\n", "-->", "[a](http://b)", "/close", "\x1b\u202e\x00\xff", "GH-1", "'; $(id)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1000 {
			return
		}
		p := bot.Part{
			Group: bot.Build, Path: "a/" + s, Select: []string{"legacy-env"}, Checked: []string{"the same"}, Compared: "all", StandIns: []string{s}, Unchecked: s,
			Changes: []bot.Change{{Path: "a/" + s, Line: 1, Pass: "legacy-env", Title: s, Why: s, Safety: "identical"}},
			Refused: []bot.Refusal{{Path: "a/" + s, Line: 1, Pass: "add-to-copy", Message: s, Why: s}},
			Files:   []bot.File{{Path: "a/" + s, Before: []byte("FROM a\n" + s + "\n" + s), After: []byte("FROM b\n" + s + "\n" + s)}},
		}
		q := p
		q.Path, q.Files = "b/"+s, []bot.File{{Path: "b/" + s, After: []byte(strings.Repeat(s+"\n", 30))}}
		r := bot.Plan([]bot.Part{p, q}, bot.Config{})[0]
		if branch, hash, ok := bot.Marked(r.Body); !ok || branch != r.Branch || hash != r.Hash {
			t.Errorf("%q: the marker is %s %s", s, branch, hash)
		}
		var b strings.Builder
		md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(renderhtml.WithUnsafe()))
		if err := md.Convert([]byte(r.Body), &b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for tag, want := range map[string]int{"<h1": 0, "<h3": 4, "<table>": 2, "<img": 0, "<script": 0, "<ol": 0} {
			if got := strings.Count(page, tag); got != want {
				t.Errorf("%q: %d times %s\n%s\n%s", s, got, tag, r.Body, page)
			}
		}
		if strings.Count(page, "<details>") != strings.Count(page, "</details>") || strings.Count(page, "<tr>") != 6 {
			t.Errorf("%q: %s", s, page)
		}
		for _, l := range links.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(l[1], "https://github.com/restow/restow") {
				t.Errorf("%q: a link to %s", s, l[1])
			}
		}
		words := html.UnescapeString(tags.ReplaceAllString(codes.ReplaceAllString(page, "·"), ""))
		if strings.ContainsAny(words, "@#!\x1b\u202e\x00") || strings.Contains(strings.ToLower(words), "gh-") || strings.Contains(words, "://") {
			t.Errorf("%q: outside of code %q", s, words)
		}
		for _, text := range []string{r.Title, r.Commit} {
			if strings.ContainsAny(text, "@#!\x1b\u202e\x00") || strings.Contains(strings.ToLower(text), "gh-") || strings.Contains(text, "://") {
				t.Errorf("%q: %q", s, text)
			}
		}
		if strings.Contains(r.Title, "\n") || strings.Count(r.Commit, "\n") != 4 {
			t.Errorf("%q: %q, %q", s, r.Title, r.Commit)
		}
	})
}
