package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestBot(t *testing.T) {
	s := must(resolveText(t, "bot: {groups: file, labels: [docker, 'good first'], reviewers: [a-b, team/x], limit: 2, schedule: 0 6 * * mon, automerge: auto}"))(t)
	want := Bot{"file", []string{"docker", "good first"}, []string{"a-b", "team/x"}, 2, "0 6 * * mon", "auto"}
	if !reflect.DeepEqual(s.Bot, want) {
		t.Errorf("%+v", s.Bot)
	}
	for _, b := range []Bot{want, DefaultBot, {Groups: "one", Limit: 1, Labels: []string{}}} {
		again := must(resolveText(t, "bot: "+yamlBot(b)))(t)
		if !reflect.DeepEqual(again.Bot, b) {
			t.Errorf("%+v is read back as %+v", b, again.Bot)
		}
	}
	if s := must(resolveText(t, ""))(t); !reflect.DeepEqual(s.Bot, DefaultBot) {
		t.Errorf("by default %+v", s.Bot)
	}
	for text, message := range map[string]string{
		"bot: {group: file}":        `unknown key "group" (did you mean "groups"?)`,
		"bot: {groups: files}":      `expected kind, pass, file or one, found "files" (did you mean "file"?)`,
		"bot: {labels: ['@team']}":  `expected a label, found "@team"`,
		"bot: {reviewers: ['a b']}": `expected a user name or team/NAME, found "a b"`,
		"bot: {limit: 0}":           "expected a whole number from 1 to 64",
		"bot: {schedule: soon}":     "expected @daily, @weekly or five fields of cron",
		"bot: []":                   "expected a map with groups",
		"bot: {labels: [" + strings.Repeat("a,", 21) + "]}": "more than 20 names",
	} {
		if _, err := resolveText(t, text); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: %v, want %s", text, err, message)
		}
	}
}
