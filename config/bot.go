package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Bot is what a repository wants of the pull requests that restow bot opens. Only
// the file at the top of a repository counts.
type Bot struct {
	Groups    string   // which changes share a pull request: kind, pass, file or one
	Labels    []string // of every pull request
	Reviewers []string // who is asked for a review: names, or team/NAME
	Limit     int      // pull requests that are open at a time, from 1
	Schedule  string   // when to open some, in words of cron; empty for any time
	Automerge string   // a label for pull requests without unsafe changes; empty for none
}

// DefaultBot is what holds where a file says nothing.
var DefaultBot = Bot{Groups: "kind", Limit: 5}

const (
	maxBotNames     = 20
	labelPattern    = `^[^\s,@#<>` + "`" + `\x00-\x1f\x7f][^,@#<>` + "`" + `\x00-\x1f\x7f]{0,49}$`
	reviewerPattern = `^(team/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`
	schedulePattern = `^(@(hourly|daily|weekly|monthly)|[0-9*,/-]+( [0-9*,/A-Za-z-]+){4})$`
)

var (
	botGroups    = []string{"kind", "pass", "file", "one"}
	botKeys      = []string{"groups", "labels", "reviewers", "limit", "schedule", "automerge"}
	labelForm    = regexp.MustCompile(labelPattern)
	reviewerForm = regexp.MustCompile(reviewerPattern)
	scheduleForm = regexp.MustCompile(schedulePattern)
)

const wantBot = "a map with groups, labels, reviewers, limit, schedule and automerge"

// bot reads what the bot is told.
func (d *decoder) bot(n ast.Node) (any, bool) {
	b, before := DefaultBot, len(d.errs)
	form := func(value ast.Node, want string, form *regexp.Regexp, into *string) {
		text, ok := d.text(value, want)
		if ok && !form.MatchString(text) {
			d.fail(startToken(value), "expected %s, found %s", want, quote(text))
		}
		*into = text
	}
	for key, v := range d.entries(n, wantBot, botKeys) {
		value := d.deref(v.Value)
		if value == nil {
			continue
		}
		switch key {
		case "groups":
			text, ok := d.text(value, orList(botGroups))
			if ok && !slices.Contains(botGroups, text) {
				d.fail(startToken(value), "expected %s, found %s%s", orList(botGroups), quote(text), didYouMean(text, botGroups))
			}
			b.Groups = text
		case "labels":
			b.Labels = d.botNames(value, "a label", labelForm)
		case "reviewers":
			b.Reviewers = d.botNames(value, "a user name or team/NAME", reviewerForm)
		case "limit":
			b.Limit, _ = d.number(value, "a whole number", maxNumber)
		case "schedule":
			form(value, "@daily, @weekly or five fields of cron", scheduleForm, &b.Schedule)
		case "automerge":
			form(value, "a label", labelForm, &b.Automerge)
		}
	}
	return b, len(d.errs) == before
}

func (d *decoder) botNames(n ast.Node, want string, form *regexp.Regexp) []string {
	if seq, ok := n.(*ast.SequenceNode); ok && len(seq.Values) > maxBotNames {
		d.fail(seq.Values[maxBotNames].GetToken(), "more than %d names, remove some", maxBotNames)
		return nil
	}
	list, _ := d.list(n, "a list of names", func(tk *token.Token, text string) bool {
		if !form.MatchString(text) {
			d.fail(tk, "expected %s, found %s", want, quote(text))
			return false
		}
		return true
	})
	out, _ := list.([]string)
	return out
}

// clone keeps a caller's changes to itself.
func (b Bot) clone() Bot {
	b.Labels, b.Reviewers = slices.Clone(b.Labels), slices.Clone(b.Reviewers)
	return b
}

// yamlBot writes it so that the reader above reads it back.
func yamlBot(b Bot) string {
	parts := []string{"groups: " + yamlText(b.Groups)}
	if b.Labels != nil {
		parts = append(parts, "labels: "+yamlList(b.Labels))
	}
	if b.Reviewers != nil {
		parts = append(parts, "reviewers: "+yamlList(b.Reviewers))
	}
	parts = append(parts, fmt.Sprintf("limit: %d", b.Limit))
	if b.Schedule != "" {
		parts = append(parts, "schedule: "+yamlText(b.Schedule))
	}
	if b.Automerge != "" {
		parts = append(parts, "automerge: "+yamlText(b.Automerge))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// botSchema fills in the schema of bot.
func botSchema(out *schema) {
	closed := false
	names := func(title, description, pattern string) *schema {
		return &schema{Title: title, Description: description, Type: "array", Items: &schema{Type: "string", Pattern: pattern}, MaxItems: maxBotNames}
	}
	out.Type, out.AdditionalProperties = "object", &closed
	out.Properties = map[string]*schema{
		"groups":    {Title: "groups", Description: "Which changes share a pull request: pins apart from what concerns the build, by pass, by file, or all in one.", Enum: anys(botGroups), Default: DefaultBot.Groups},
		"labels":    names("labels", "Labels of every pull request.", labelPattern),
		"reviewers": names("reviewers", "Who is asked for a review: user names, or team/NAME.", reviewerPattern),
		"limit":     {Title: "limit", Description: "How many pull requests are open at a time.", Type: "integer", Minimum: 1, Maximum: maxNumber, Default: DefaultBot.Limit},
		"schedule":  {Title: "schedule", Description: "When pull requests are opened: @hourly, @daily, @weekly, @monthly or five fields of cron.", Type: "string", Pattern: schedulePattern},
		"automerge": {Title: "automerge", Description: "A label for pull requests none of whose changes is unsafe.", Type: "string", Pattern: labelPattern},
	}
}
