package pin

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/sourcepolicy"
	spb "github.com/moby/buildkit/sourcepolicy/pb"
)

var digests = map[string]string{
	"docker.io/library/python:3.11":      "sha256:" + strings.Repeat("1", 64),
	"docker.io/library/python:3.11-slim": "sha256:" + strings.Repeat("2", 64),
	"localhost:5000/a/b:x":               "sha256:" + strings.Repeat("3", 64),
}

func TestPolicyText(t *testing.T) {
	got, err := Policy(map[string]string{"docker.io/library/python:3.11": digests["docker.io/library/python:3.11"]})
	want := `{
  "version": 1,
  "rules": [
    {
      "action": "CONVERT",
      "selector": {
        "identifier": "docker-image://docker.io/library/python:3.11",
        "match_type": "EXACT"
      },
      "updates": {
        "identifier": "docker-image://docker.io/library/python:3.11@sha256:1111111111111111111111111111111111111111111111111111111111111111"
      }
    }
  ]
}
`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	for range 20 {
		one, err := Policy(digests)
		two, _ := Policy(digests)
		if err != nil || string(one) != string(two) {
			t.Fatal("not the same twice", err)
		}
	}
	if none, err := Policy(nil); err != nil || string(none) != "{\n  \"version\": 1\n}\n" {
		t.Errorf("without images: %s, %v", none, err)
	}
	for ref, digest := range map[string]string{"python:3.11": "sha256:" + strings.Repeat("1", 64), "docker.io/library/python:3.11": "sha256:1", "docker.io/library/python": "sha256:" + strings.Repeat("1", 64), "docker.io/library/python:*": "sha256:" + strings.Repeat("1", 64)} {
		if _, err := Policy(map[string]string{ref: digest}); err == nil {
			t.Errorf("%s %s is accepted", ref, digest)
		}
	}
}

// TestPolicyEngine: BuildKit reads the policy as buildctl does, and converts
// what is named and nothing else.
func TestPolicyEngine(t *testing.T) {
	data, err := Policy(digests)
	if err != nil {
		t.Fatal(err)
	}
	var read spb.Policy
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	engine := sourcepolicy.NewEngine([]*spb.Policy{&read})
	for _, tc := range []struct{ source, want string }{
		{"docker-image://docker.io/library/python:3.11", "docker-image://docker.io/library/python:3.11@" + digests["docker.io/library/python:3.11"]},
		{"docker-image://docker.io/library/python:3.11-slim", "docker-image://docker.io/library/python:3.11-slim@" + digests["docker.io/library/python:3.11-slim"]},
		{"docker-image://localhost:5000/a/b:x", "docker-image://localhost:5000/a/b:x@" + digests["localhost:5000/a/b:x"]},
		{"docker-image://docker.io/library/python:3.12", ""},
		{"docker-image://docker.io/library/python:3x11", ""},
		{"docker-image://docker.io/team/library/python:3.11", ""},
		{"docker-image://docker.io/library/python:3.11@sha256:" + strings.Repeat("9", 64), ""},
		{"oci-layout://docker.io/library/python:3.11", ""},
		{"local://context", ""},
	} {
		op := &pb.SourceOp{Identifier: tc.source}
		changed, err := engine.Evaluate(t.Context(), op)
		want := tc.want
		if want == "" {
			want = tc.source
		}
		if err != nil || changed != (tc.want != "") || op.Identifier != want {
			t.Errorf("%s became %s, %v", tc.source, op.Identifier, err)
		}
	}
}
