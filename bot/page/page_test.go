package page_test

import (
	"strings"
	"testing"

	"github.com/restow/restow/bot/page"
)

// TestWrite: Markdown is rendered, what is no Markdown is text, and nothing is
// loaded or run.
func TestWrite(t *testing.T) {
	var b strings.Builder
	err := page.Write(&b, "Plans", []page.Entry{{
		Title: "<b>x</b>", Branch: "restow/<i>", Note: "waits", Labels: []string{"<l>"}, Reviewers: []string{"a", "b"},
		Body: "| a |\n|---|\n| `x` |\n\n<details><summary>s</summary>\n\n```diff\n-a\n```\n\n</details>\n",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<h2>&lt;b&gt;x&lt;/b&gt;</h2>", "restow/&lt;i&gt;", `<span class="label">&lt;l&gt;</span>`, "review by a, b", "· waits",
		"<td><code>x</code></td>", "<details><summary>s</summary>", "-a\n", "default-src 'none'",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, never := range []string{"<script", "src=", "http:"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("%q in\n%s", never, b.String())
		}
	}
	b.Reset()
	if err := page.Write(&b, "Plans", nil); err != nil || !strings.Contains(b.String(), "nothing to change") {
		t.Errorf("%v: %s", err, b.String())
	}
}
