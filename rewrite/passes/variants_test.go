package passes_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/dockerfile"
)

var variants = []string{"bom", "crlf", "final-newline", "escape"}

func (g *golden) checkVariant(p *rewrite.Pass, variant string) error {
	input, want, findings := g.input, g.want, g.findings
	switch variant {
	case "bom":
		input, want = "\ufeff"+input, "\ufeff"+want
	case "crlf":
		input, want = strings.ReplaceAll(input, "\n", "\r\n"), strings.ReplaceAll(want, "\n", "\r\n")
	case "final-newline":
		input, want = strings.TrimSuffix(input, "\n"), strings.TrimSuffix(want, "\n")
	case "escape":
		var ok bool
		if input, ok = backticks(input); !ok {
			return nil // not a case of it
		}
		want, _ = backticks(want)
		findings = oneLineDown(findings)
	}
	return g.check(p, input, want, findings)
}

var continued = regexp.MustCompile(`(?m)\\([ \t]*)$`)

// backticks puts # escape=` above a file and continues its lines so. It is
// false where the file has a directive of its own, or a backslash or backtick
// that is something else than a continuation.
func backticks(src string) (string, bool) {
	f, err := dockerfile.Parse("Dockerfile", []byte(src))
	if err != nil || slices.ContainsFunc(f.Pieces, func(p dockerfile.Piece) bool { return p.Kind == dockerfile.Directive }) {
		return "", false
	}
	out := continued.ReplaceAllString(src, "`$1")
	return "# escape=`\n" + out, !strings.Contains(src, "`") && !strings.Contains(out, `\`)
}

var lineNumber = regexp.MustCompile(`(?m)^\d+|\b(line |Dockerfile:)\d+`)

// oneLineDown moves the line numbers of findings.
func oneLineDown(findings string) string {
	return lineNumber.ReplaceAllStringFunc(findings, func(s string) string {
		i := strings.LastIndexAny(s, " :") + 1
		n, _ := strconv.Atoi(s[i:]) // it is made of digits
		return s[:i] + strconv.Itoa(n+1)
	})
}

// report writes what a run found, in the order of the lines.
func report(res *rewrite.Result) string {
	type entry struct {
		line int
		text string
	}
	var all []entry
	for _, c := range res.Changes {
		all = append(all, entry{c.Line, fmt.Sprintf("%s: %s [%s]", c.Pass.Name, c.Message, c.Fix.Claim.Safety())})
	}
	for _, c := range res.Findings {
		text := fmt.Sprintf("%s: %s", c.Pass.Name, c.Message)
		switch {
		case c.Refused != "":
			text += fmt.Sprintf(" (refused: %s)", c.Refused)
		case c.Fix != nil:
			text += " (not applied)"
		}
		all = append(all, entry{c.Line, text})
	}
	for _, u := range res.Ignores {
		all = append(all, entry{u.Line, fmt.Sprintf("ignore %s: %s", u.Name, u.Why)})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.line, b.line) })
	var out strings.Builder
	for _, e := range all {
		fmt.Fprintf(&out, "%d %s\n", e.line, e.text)
	}
	return out.String()
}

// update writes what the pass makes of the input as what it should.
func (g *golden) update(t *testing.T, p *rewrite.Pass) {
	t.Helper()
	res, err := g.run(g.input, []*rewrite.Pass{p}, everything)
	if err != nil {
		t.Fatal(err)
	}
	g.want, g.findings = string(res.After.Src), report(res)
	files := []txtar.File{{Name: "Dockerfile", Data: []byte(g.input)}}
	if g.want != g.input {
		files = append(files, txtar.File{Name: "want", Data: []byte(g.want)})
	}
	files = append(files, txtar.File{Name: "findings", Data: []byte(g.findings)})
	if g.ignore = ignoreOf(res); g.ignore != "" {
		name, text, _ := strings.Cut(g.ignore, "\n")
		files = append(files, txtar.File{Name: name, Data: []byte(text)})
	}
	for _, f := range g.archive.Files {
		if !slices.Contains([]string{"Dockerfile", "want", "findings"}, f.Name) && !strings.HasPrefix(f.Name, "want.") {
			files = append(files, f)
		}
	}
	g.archive.Files = files
	if err := os.WriteFile(g.path, txtar.Format(g.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
