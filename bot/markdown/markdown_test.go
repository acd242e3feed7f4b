package markdown_test

import (
	stdhtml "html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/restow/restow/bot/markdown"
	"github.com/restow/restow/internal/visible"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"merge 3 RUNs":                   "merge 3 RUNs",
		"`apt-get install` brings `a|b`": "`apt-get install` brings <code>a&#124;b</code>",
		"one ` only":                     "one <code>&#96;</code> only",
		"ask @team and fixes #1":         "ask `@team` and fixes `#1`",
		"closes owner/repo#12, GH-7":     "closes `owner/repo#12, GH-7`",
		"see https://a.b/c or www.d.e":   "see `https://a.b/c` or `www.d.e`",
		"<b>x</b> ![i](u) *a* _b_":       "`<b>x</b> ![i](u) *a* _b_`",
		"/close the :tada: $x$":          "`/close` the `:tada: $x$`",
		"- a\nb":                         "\\- `a\\x0ab`",
		"1. a 2. b":                      "1\\. a 2. b",
		"a\u202eb":                       "`a\\u202eb`",
		"":                               "",
		" ":                              " ",
	} {
		if got := markdown.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"Dockerfile": "`Dockerfile`",
		"a`b":        "<code>a&#96;b</code>",
		` a\|b`:      "<code> a&#92;&#124;b</code>",
		"a\nb":       "`a\\x0ab`",
		"":           "",
	} {
		if got := markdown.Code(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"api/Dockerfile.dev (2 changes), ü": "api/Dockerfile.dev (2 changes), ü",
		"fixes #1, o/r#2, gh-3, GH-4":       `fixes \x231, o/r\x232, gh\x2d3, GH\x2d4`,
		"@a!1~b$c&d^e%f":                    `\x40a\x211\x7eb\x24c\x26d\x5ee\x25f`,
		"see https://x.y/z: it":             `see https\x3a//x.y/z: it`,
		"a\nSigned-off-by: x":               `a\x0aSigned-off-by: x`,
	} {
		if got := markdown.Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFence(t *testing.T) {
	got := markdown.Fence("diff", "+a\r\n+````\n-\x1b[0m")
	if want := "\n`````diff\n+a\n+````\n-\\x1b[0m\n`````\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

var (
	renderer = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	codes    = regexp.MustCompile(`<code>[^<]*</code>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

func render(t *testing.T, md string) string {
	t.Helper()
	var b strings.Builder
	if err := renderer.Convert([]byte(md), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// stranger are texts that mean something to a forge, or try to.
var stranger = []string{
	"@a", "`a` @b `c", "a`|`b", "#1 `` GH-1", "<!-- x", "http://x", "\u202e`", "` `", "`a``b`", "**a**", "| a | b |\n|---|---|",
	"- [ ] x", "\\`@a\\`", "a\\|b", "</details>", "[x]: y", "&commat;a", "&#64;a", "```", "~~~", "$`a`$", "====", "1) x",
}

// FuzzText: rendered as a cell of a table and as a paragraph, text is one cell or
// paragraph of words and code, outside of which nothing could mean something to a
// forge, and says what it said.
func FuzzText(f *testing.F) {
	for _, s := range stranger {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := markdown.Text(s)
		for _, c := range []struct{ before, after string }{
			{"<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>", "</td>\n<td>z</td>\n</tr>\n</tbody>\n</table>\n"},
			{"<p>", "</p>\n"},
		} {
			md := text
			if strings.HasPrefix(c.before, "<t") {
				md = "| a | b |\n|---|---|\n| " + text + " | z |\n"
			} else if strings.TrimSpace(text) == "" {
				continue
			}
			got := render(t, md)
			inner, ok1 := strings.CutPrefix(got, c.before)
			inner, ok2 := strings.CutSuffix(inner, c.after)
			if !ok1 || !ok2 {
				t.Fatalf("%q gives %q, rendered %q", s, md, got)
			}
			plain := stdhtml.UnescapeString(codes.ReplaceAllString(inner, "·"))
			if strings.ContainsAny(plain, "@#!<>$&~*[]{}^%|\n\x1b\u202e") || strings.Contains(plain, "://") || strings.Contains(strings.ToLower(plain), "gh-") {
				t.Errorf("%q gives %q, outside of code %q", s, md, plain)
			}
			said := stdhtml.UnescapeString(tags.ReplaceAllString(inner, ""))
			if got, want := bare(said), bare(visible.Text(s)); got != want {
				t.Errorf("%q says %q, want %q", s, got, want)
			}
		}
	})
}

// bare leaves out what quotes code, and blanks.
func bare(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '`' || unicode.IsSpace(r) }), "")
}

// TestFold: a body stays in its fold.
func TestFold(t *testing.T) {
	for _, s := range append(stranger, "</summary></details>\n\n# x", "\n````\n</details>") {
		got := render(t, markdown.Fold(markdown.CodeHTML(s), markdown.Fence("diff", s))+"\nend\n")
		if strings.Count(got, "<details>") != 1 || strings.Count(got, "</details>") != 1 || strings.Count(got, "<h1") != 0 || !strings.HasSuffix(got, "</code></pre>\n</details>\n<p>end</p>\n") {
			t.Errorf("%q: %s", s, got)
		}
	}
}
