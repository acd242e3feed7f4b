package main

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/restow/restow/rewrite"
)

// Bounds of a SARIF file. GitHub takes 25,000 results a run and shows the first
// 5,000 ("SARIF results exceed one or more limits").
const (
	sarifMost = 25_000
	sarifHome = "https://github.com/restow/restow"
)

// sarifReport is a SARIF log, version 2.1.0 (OASIS, "Static Analysis Results
// Interchange Format"), with the edits of each fix.
type sarifReport struct{ collected }

type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		URI     string      `json:"informationUri"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string           `json:"id"`
		Short sarifText        `json:"shortDescription"`
		Full  sarifText        `json:"fullDescription"`
		URI   string           `json:"helpUri"`
		Props *sarifRulesProps `json:"properties,omitempty"`
	}
	sarifRulesProps struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID    string            `json:"ruleId"`
		RuleIndex int               `json:"ruleIndex"`
		Level     string            `json:"level"`
		Message   sarifText         `json:"message"`
		Locations []sarifLocation   `json:"locations"`
		Prints    map[string]string `json:"partialFingerprints"`
		Fixes     []sarifFix        `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
)

func (r *sarifReport) finish(problems []error, _ summary) error {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "restow", URI: sarifHome, Version: readVersion().Version, Rules: []sarifRule{}}
	inv := sarifInvocation{Successful: true}
	notify := func(level, text string, at ...sarifLocation) {
		inv.Notifications = append(inv.Notifications, sarifNotification{level, sarifText{sarifMessage(text)}, at})
	}
	rules := map[*rewrite.Pass]int{}
	wholes := map[*outcome]bool{}
	for _, is := range r.issues {
		if is.pass == nil {
			inv.Successful = false
			notify("error", is.text, sarifPlace(is, nil))
			continue
		}
		if len(run.Results) == sarifMost {
			notify("warning", fmt.Sprintf("the report has the first %d findings only", sarifMost))
			break
		}
		index, known := rules[is.pass]
		if !known {
			index = len(rules)
			rules[is.pass] = index
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(is.pass))
		}
		res := sarifResult{
			RuleID: is.pass.Name, RuleIndex: index, Message: sarifText{sarifMessage(is.text)},
			Level:     [...]string{note: "note", warning: "warning", failure: "warning"}[is.level],
			Prints:    map[string]string{"restow/v1": is.print},
			Locations: []sarifLocation{sarifPlace(is, sarifLine(is))},
		}
		switch {
		case is.applied && !wholes[is.outcome]:
			// The edits of one change are of the text that the changes before it left.
			// What counts is what all of them make of the file.
			wholes[is.outcome] = true
			res.Fixes = sarifWhole(is.outcome)
		case !is.applied && is.fix != nil:
			res.Fixes = sarifFixOf(is)
		}
		run.Results = append(run.Results, res)
	}
	for _, p := range problems {
		inv.Successful = false
		notify("error", p.Error())
	}
	for _, n := range r.notes {
		notify("note", n)
	}
	run.Invocations = []sarifInvocation{inv}
	return writeJSON(r.a.out, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func sarifRuleOf(p *rewrite.Pass) sarifRule {
	first, rest, _ := strings.Cut(strings.TrimSpace(p.Doc), "\n")
	out := sarifRule{
		ID: p.Name, Short: sarifText{first}, Full: sarifText{strings.TrimSpace(first + "\n" + rest)},
		URI: sarifHome + "/blob/main/docs/passes/" + p.Name + ".md",
	}
	if p.Rule != "" {
		out.Props = &sarifRulesProps{Tags: []string{p.Rule}}
	}
	return out
}

func sarifPlace(is issue, region *sarifRegion) sarifLocation {
	return sarifLocation{sarifPhysical{sarifAt(is.path), region}}
}

// sarifAt is a path as a URI reference. It is relative to the folder that restow
// ran in, or absolute.
func sarifAt(name string) sarifArtifact {
	base := "%SRCROOT%"
	if path.IsAbs(name) {
		base = ""
	}
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	if strings.Contains(parts[0], ":") {
		parts[0] = "./" + parts[0] // no scheme
	}
	return sarifArtifact{strings.Join(parts, "/"), base}
}

var mention = regexp.MustCompile(`(^|[^\pL\pN_])@([\pL\pN])`)

// sarifMessage is text for a message, in which SARIF has links ("Messages with
// embedded links") and where GitHub shows it as a comment, mentions.
func sarifMessage(s string) string {
	s = mention.ReplaceAllString(shorten(visible(s), githubText), `$1\x40$2`)
	if strings.Contains(s, "](") {
		s = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(s)
	}
	return s
}

// sarifLine is the text of an issue's line.
func sarifLine(is issue) *sarifRegion {
	if is.outcome.inline() {
		return &sarifRegion{StartLine: is.line}
	}
	f := is.outcome.text()
	span := f.LineSpan(f.LineStart(is.line))
	line := strings.TrimPrefix(string(f.Bytes(span)), byteOrderMark)
	start := span.End - len(strings.TrimLeft(line, " \t"))
	end := span.End - len(line) + len(strings.TrimRight(line, " \t\r\n"))
	region, ok := regionOf(f.Src, start, max(start, end))
	if !ok {
		return &sarifRegion{StartLine: is.line}
	}
	return &region
}

// sarifWhole is the fix that makes all that the changes of a run make of a file.
func sarifWhole(o *outcome) []sarifFix {
	text := "everything that restow fix changes here: " + count(len(o.res.Changes), "change")
	fix := sarifFix{Description: sarifText{text}}
	if o.inline() || !fix.add(o.source.Path, o.res.Before.Src, o.res.After.Src) {
		return nil
	}
	if o.ignore != nil && !fix.add(o.ignore.path(), o.ignore.before, o.ignore.after) {
		return nil
	}
	return []sarifFix{fix}
}

// sarifFixOf is the fix of a finding, whose edits are of the file as it is on disk.
func sarifFixOf(is issue) []sarifFix {
	o := is.outcome
	f := o.res.After
	if o.inline() || !o.wrote && !slices.Equal(o.res.Before.Src, f.Src) {
		return nil // the edits are of a text that nobody has
	}
	fix := sarifFix{Description: sarifText{sarifMessage(fmt.Sprintf("%s (%s)", is.fix.Title, is.fix.Claim.Safety()))}}
	change := sarifChange{Artifact: sarifAt(is.path)}
	for _, e := range is.fix.Edits {
		if !change.replace(f.Src, e.Start, e.End, e.New) {
			return nil
		}
	}
	if len(change.Replacements) > 0 {
		fix.Changes = append(fix.Changes, change)
	}
	if len(is.fix.Ignore) > 0 {
		dir, _ := contextOf(o.source, o.settings)
		was := o.res.Context.IgnoreFile()
		now := o.res.Context.With(is.fix.Ignore).IgnoreFile()
		if was.Data == nil || !fix.add(path.Join(dir, was.Name), was.Data, now.Data) {
			return nil // a file that is not there has no region
		}
	}
	return []sarifFix{fix}
}
