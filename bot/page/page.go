// Package page shows Markdown of pull requests as forges do.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// Entry is one pull request.
type Entry struct {
	Title, Branch, Note string
	Labels, Reviewers   []string
	Body                string // Markdown
}

//go:embed page.html.tmpl
var source string

var (
	page = template.Must(template.New("page").Parse(source))
	// The bodies bring HTML along for what folds. Nothing in them comes from
	// strangers but as text; and the page lets nothing run and loads nothing.
	markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
)

// Write writes a page with all entries, which needs nothing else.
func Write(w io.Writer, title string, entries []Entry) error {
	type shown struct {
		Entry
		HTML template.HTML
	}
	var all []shown
	for _, e := range entries {
		var b bytes.Buffer
		if err := markdown.Convert([]byte(e.Body), &b); err != nil {
			return fmt.Errorf("%s: %w", e.Branch, err)
		}
		all = append(all, shown{e, template.HTML(b.String())})
	}
	return page.Execute(w, map[string]any{"Title": title, "Entries": all})
}
