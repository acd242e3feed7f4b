package proof

import (
	"context"
	"strings"
	"testing"
)

func TestSameNames(t *testing.T) {
	renamed := func(repo string) (string, bool) {
		rest, ok := strings.CutPrefix(repo, "docker.io/library/")
		return "r.example.com/hub/" + rest, ok
	}
	pin := "@sha256:" + strings.Repeat("a", 64)
	for _, tt := range []struct{ name, before, after, want string }{
		{"from", "FROM x:1\nRUN a\n", "FROM r.example.com/hub/x:1\nRUN a\n", ""},
		{"untagged", "FROM x\n", "FROM r.example.com/hub/x\n", ""},
		{"pinned", "FROM x:1" + pin + "\n", "FROM r.example.com/hub/x:1" + pin + "\n", ""},
		{"copy", "FROM a.example.com/b\nCOPY --from=x / /\n", "FROM a.example.com/b\nCOPY --from=r.example.com/hub/x / /\n", ""},
		{"another image", "FROM x:1\n", "FROM r.example.com/hub/y:1\n", "more than the names"},
		{"another tag", "FROM x:1\n", "FROM r.example.com/hub/x:2\n", "more than the names"},
		{"another registry", "FROM x:1\n", "FROM q.example.com/hub/x:1\n", "more than the names"},
		{"pin lost", "FROM x:1" + pin + "\n", "FROM r.example.com/hub/x:1\n", "more than the names"},
		{"pin gained", "FROM x:1\n", "FROM r.example.com/hub/x:1" + pin + "\n", "more than the names"},
		{"a command too", "FROM x:1\nRUN a\n", "FROM r.example.com/hub/x:1\nRUN b\n", "more than the names"},
		{"not renamed", "FROM x:1\n", "FROM x:1\n", "more than the names"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			verdict(t, SameNames(context.Background(), build(t, tt.before), build(t, tt.after), renamed), tt.want)
		})
	}
}
