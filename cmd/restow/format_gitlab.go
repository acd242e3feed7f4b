package main

import (
	"fmt"
	"strings"
)

// gitlabMost bounds the report: GitLab reads all of it for every merge request.
const gitlabMost = 10_000

// gitlabReport is GitLab's Code Quality report (GitLab: "Code Quality report
// format"): a list of issues, each with a fingerprint by which GitLab tells new
// ones from old ones.
type gitlabReport struct{ collected }

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

func (r *gitlabReport) finish(_ []error, _ summary) error {
	for _, n := range r.notes {
		fmt.Fprintln(r.a.err, visible(n))
	}
	out := []gitlabIssue{}
	for i, is := range r.issues {
		if i == gitlabMost {
			out = append(out, gitlabIssue{
				Description: fmt.Sprintf("%s more are left out of this report", count(len(r.issues)-i, "finding")), CheckName: "restow",
				Fingerprint: digest("left out"), Severity: "info", Location: gitlabLocation{is.path, gitlabLines{is.line}},
			})
			break
		}
		name := "restow"
		if is.pass != nil {
			name = "restow/" + is.pass.Name
		}
		out = append(out, gitlabIssue{
			// GitLab shows the description as text: no Markdown, no HTML is read in it.
			Description: shorten(visible(is.text), githubText), CheckName: name, Fingerprint: is.print,
			Severity: [...]string{note: "info", warning: "minor", failure: "major"}[is.level],
			Location: gitlabLocation{visible(strings.TrimPrefix(is.path, "./")), gitlabLines{is.line}},
		})
	}
	return writeJSON(r.a.out, out)
}
